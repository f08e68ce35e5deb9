// A call that sleeps goes on with the files it began with, whatever other threads make of their numbers meanwhile (close(2), "Multithreaded processes and
// close()"). Calls run again from their registers, so the file that a number loses is kept for the sleeper, and put back under it while its call runs.
import { CTX_X } from '../../machine/machine.ts';
import { isErr } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from './open-file.ts';

/** Which argument registers are descriptors, a bit each, by call number; from the system call table. */
export type FdArguments = Uint8Array;

export interface FdPin { readonly fd: number; readonly file: OpenFile }

/** `fd` of the table that `t` shares is about to be closed or replaced. */
export function keepForSleepers(t: Task, fd: number): void {
  const file = t.files.get(fd);
  if (isErr(file)) return;
  for (const other of t.kernel.pids.tasks.values()) {
    if (other === t || other.files !== t.files || other.restart === null || other.syscallNr < 0 || !names(other, fd)) continue;
    const pins = (other.restart.files ??= []);
    if (!pins.some(p => p.fd === fd)) pins.push({ fd, file: file.get() });
  }
}

/** Is `fd` among the arguments of the call that `t` sleeps in? */
function names(t: Task, fd: number): boolean {
  const which = t.kernel.fdArguments[t.syscallNr] ?? 0;
  const { context } = t;
  for (let i = 0; which >> i !== 0; i++) {
    const at = CTX_X + 8 * (10 + i);
    if ((which & (1 << i)) !== 0 && (context[at]! | (context[at + 1]! << 8) | (context[at + 2]! << 16) | (context[at + 3]! << 24)) === fd) return true;
  }
  return false;
}

/** The numbers lead where they did when the call began; answers what they lead to now, for the second half of the exchange. */
export function exchange(t: Task, pins: readonly FdPin[], files: readonly (OpenFile | null)[]): (OpenFile | null)[] {
  return pins.map(({ fd }, i) => t.files.exchange(fd, files[i]!));
}
