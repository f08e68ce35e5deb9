// The registers of a task that is not running, as numbers: for /proc/PID/syscall, dumps and debuggers.
import { CTX_PC, CTX_X } from '../../machine/machine.ts';
import { readU64 } from '../../lib/u64.ts';
import type { Task } from './task.ts';

/** Register `n` (0 to 31); exact below 2^53. Stale while the task is in the hart. */
export const savedRegister = (t: Task, n: number): number => read(t, CTX_X + 8 * n);
export const savedPc = (t: Task): number => read(t, CTX_PC);

function read(t: Task, at: number): number {
  return readU64(new DataView(t.context.buffer, t.context.byteOffset, t.context.byteLength), at);
}
