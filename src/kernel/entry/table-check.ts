// Self-audit of code: the table of system calls and the classes through which every decision passes are what they were when they were loaded. Rows and
// table are frozen as well; the hash of their text says in a report which kernel this was.
import { Sha256, toHex } from '../../lib/sha256.ts';
import { utf8Encode } from '../../lib/utf8.ts';
import { AuditCheck } from '../integrity/self-audit.ts';
import type { Kernel } from '../kernel.ts';
import { AddressSpace } from '../mm/address-space.ts';
import { PageTable } from '../mm/page-table.ts';
import { UserMemory } from '../mm/user.ts';
import { Security } from '../security/security.ts';
import { Task } from '../task/task.ts';
import type { Syscall } from '../syscall/define.ts';
import { syscalls } from '../syscall/table.ts';

const ROWS: readonly (Syscall | undefined)[] = [...syscalls];
const HANDLERS = ROWS.map(r => r?.run);
const CLASSES = [AddressSpace, PageTable, UserMemory, Security, Task].map(c => ({ name: c.name, prototype: c.prototype as object, members: Object.getOwnPropertyDescriptors(c.prototype) as Members }));
type Members = Readonly<Record<string, PropertyDescriptor>>;

export class TableCheck extends AuditCheck {
  override readonly name = 'tables';
  private print = '';

  override findings(k: Kernel): string[] {
    const out: string[] = [];
    if (!Object.isFrozen(syscalls) || syscalls.length !== ROWS.length) out.push('the table of system calls can be written to');
    for (let nr = 0; nr < ROWS.length; nr++) {
      const row = syscalls[nr];
      if (row !== ROWS[nr] || row?.run !== HANDLERS[nr]) out.push(`system call ${nr} is not the one that was loaded`);
      else if (row !== undefined && !Object.isFrozen(row)) out.push(`the row of system call ${nr} can be written to`);
    }
    for (const { name, prototype, members } of CLASSES) if (!isUnchanged(prototype, members)) out.push(`class ${name} was changed`);
    const { modules, asked } = k.security;
    if (![modules, asked, ...Object.values(asked)].every(Object.isFrozen)) out.push('the list of security modules can be written to');
    const print = fingerprint();
    if (this.print !== '' && print !== this.print) out.push(`the hash of the table was ${this.print}, is ${print}`);
    this.print = print;
    return out;
  }
}

function isUnchanged(prototype: object, members: Members): boolean {
  const now = Object.getOwnPropertyDescriptors(prototype) as Members;
  const names = Reflect.ownKeys(now) as string[];
  return names.length === Reflect.ownKeys(members).length && names.every(n => now[n]!.value === members[n]?.value && now[n]!.get === members[n]?.get && now[n]!.set === members[n]?.set);
}

/** SHA-256 over numbers, names and the text of the handlers. */
function fingerprint(): string {
  const hash = new Sha256();
  for (const [nr, row] of syscalls.entries()) if (row !== undefined) hash.update(utf8Encode(`${nr} ${row.name} ${row.args.map(a => `${a.name}:${a.as}`).join(',')} ${row.run.toString()}\n`));
  return toHex(hash.digest());
}
