// Self-audit of a hardened realm: everything is still fixed, and the few properties that kept their attributes have their values.
import { AuditCheck } from '../../kernel/integrity/self-audit.ts';
import { intrinsics } from './intrinsics.ts';
import { KEPT } from './realm.ts';

/** As they were when this file was loaded. */
const VALUES = intrinsics().typedArrays.map(o => KEPT.map(key => Object.getOwnPropertyDescriptor(o, key)?.value as unknown));

export class RealmCheck extends AuditCheck {
  override readonly name = 'realm';
  override findings(): string[] {
    const all = intrinsics(), out: string[] = [];
    for (const o of all.objects) if (o !== Error && !all.typedArrays.includes(o) && !Object.isFrozen(o)) out.push(`${nameOf(o)} can be changed`);
    for (const [i, o] of all.typedArrays.entries()) {
      if (Object.isExtensible(o)) out.push(`${nameOf(o)} can be changed`);
      for (const [j, key] of KEPT.entries()) if (Object.getOwnPropertyDescriptor(o, key)?.value !== VALUES[i]![j]) out.push(`${nameOf(o)}: ${String(key)} was changed`);
    }
    for (const name of all.names) if (Object.getOwnPropertyDescriptor(globalThis, name)?.configurable !== false) out.push(`the name ${name} can be changed`);
    return out;
  }
}

function nameOf(o: object): string {
  const { name } = typeof o === 'function' ? o : (o as { constructor?: { name?: string } }).constructor ?? {};
  return typeof o === 'function' ? String(name) : `${name ?? 'an iterator'}.prototype`;
}
