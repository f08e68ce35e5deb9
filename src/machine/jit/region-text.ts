// A translated region for people: its function as text, every guest instruction in front of what became of it.
import { CTX_ADDRESS, CTX_EXIT, CTX_FUEL, CTX_OP, CTX_RESERVED, CTX_RESERVED_VALUE, CTX_SPACE, CTX_TLB } from '../hart/context.ts';
import { textOf } from '../isa/disassemble.ts';
import { F_NAMES, X_NAMES } from '../isa/registers.ts';
import { CTX_F, CTX_FCSR, CTX_PC, CTX_X } from '../machine.ts';
import { ModuleSource } from '../wasm/module-text.ts';
import type { TranslatedFunction, TranslatedModule } from './observer.ts';

const FIELDS = new Map([
  ...X_NAMES.map((name, i) => [CTX_X + i * 8, name] as const), ...F_NAMES.map((name, i) => [CTX_F + i * 8, name] as const),
  [CTX_PC, 'pc'], [CTX_FCSR, 'fcsr'], [CTX_TLB, 'tlb'], [CTX_FUEL, 'fuel'], [CTX_SPACE, 'space'], [CTX_ADDRESS, 'address'], [CTX_RESERVED, 'reserved'],
  [CTX_RESERVED_VALUE, 'reserved value'], [CTX_OP, 'op'], [CTX_EXIT, 'exit'],
]);

/** What a word of the hart's context is called. */
export const contextField = (at: number): string | undefined => FIELDS.get(at);

/** `(func …)`. `base` is where the hart's context is; `page` the virtual address of the entry's page, 0 for relative addresses. */
export function regionText(module: TranslatedModule, f: TranslatedFunction, base: number, page = 0): string {
  const insns = new Map(f.region.blocks.flatMap(b => b.insns.map(i => [i.at, i] as const)));
  const comments: { behind: number; text: string }[] = [];
  for (let i = 0; i < f.marks.length; i += 2) {
    const at = f.marks[i + 1]!, insn = insns.get(at);
    if (insn !== undefined) comments.push({ behind: f.marks[i]!, text: `${(page + at).toString(16)}: ${textOf(insn, page + at)}` });
  }
  return new ModuleSource(module.bytes).text(f.name, { locals: f.locals, address: at => contextField(at - base), comments });
}
