// The registers of a task that is not running, as numbers: for /proc/PID/syscall, dumps and debuggers.
import { CTX_PC, CTX_X } from '../../machine/machine.ts';
import { readU64 } from '../../lib/u64.ts';
import type { Task } from './task.ts';

/** Register `n` (0 to 31); exact below 2^53. Stale while the task is in the hart. */
export const savedRegister = (t: Task, n: number): number => read(t, CTX_X + 8 * n);
export const savedPc = (t: Task): number => read(t, CTX_PC);

/** Register `n` with all its bits: `0x` and hexadecimal digits without leading zeros, as %#lx prints (but 0 is `0x0`). */
export function savedRegisterHex(t: Task, n: number): string {
  const view = contextView(t);
  const lo = view.getUint32(CTX_X + 8 * n, true), hi = view.getUint32(CTX_X + 8 * n + 4, true);
  return `0x${hi === 0 ? lo.toString(16) : hi.toString(16) + lo.toString(16).padStart(8, '0')}`;
}

function read(t: Task, at: number): number {
  return readU64(contextView(t), at);
}

const contextView = (t: Task): DataView => new DataView(t.context.buffer, t.context.byteOffset, t.context.byteLength);
