// Restartable sequences (rseq(2)): a thread that was interrupted inside a critical section goes on at the section's abort handler, so that what
// it has read of per-CPU data is never stale. Called before a task that lost the hart, or gets a signal, returns to user mode.
import { type Errno, EFAULT, EINVAL, isErr } from '../../abi/errno.ts';
import { Rseq, RseqCs } from '../../abi/futex.ts';
import { CTX_PC } from '../../machine/machine.ts';
import { TASK_SIZE } from '../mm/layout.ts';
import { forceSegv } from '../signal/send.ts';
import type { Task } from './task.ts';

const section = RseqCs.view();
const PC = CTX_PC >> 2;

/** Leaves the critical section that `t` is in, before signal `delivering` is delivered (0: none). A section that makes no sense is a fault of the program: SIGSEGV. */
export function abortSection(t: Task, delivering = 0): void {
  if (t.rseqAddr !== 0 && isErr(abort(t))) forceSegv(t, delivering);
}

function abort(t: Task): 0 | Errno {
  const at = t.rseqAddr + Rseq.offsets.rseq_cs;
  const r = t.user.loadU64(at);
  if (isErr(r)) return r;
  const cs = t.user.value;
  if (cs === 0) return 0;
  const c = t.user.copyIn(cs, section.bytes);
  if (isErr(c)) return c;

  const { start_ip: start, abort_ip: abortIp } = section;
  const length = (section.post_commit_offset_hi >>> 0) * 2 ** 32 + (section.post_commit_offset_lo >>> 0);
  if (section.version !== 0 || start >= TASK_SIZE || abortIp >= TASK_SIZE || start + length >= TASK_SIZE) return EINVAL;
  if (abortIp >= start && abortIp < start + length) return EINVAL;
  const s = t.user.loadU32(abortIp - 4);
  if (isErr(s)) return s;
  if (t.user.value !== t.rseqSig) return EINVAL;
  const cleared = t.user.storeI64(at, 0);
  if (isErr(cleared)) return EFAULT;

  const { x } = t.kernel.hart;
  const pc = (x[PC]! >>> 0) + (x[PC + 1]! >>> 0) * 2 ** 32;
  if (pc < start || pc >= start + length) return 0;
  x[PC] = abortIp | 0;
  x[PC + 1] = Math.floor(abortIp / 2 ** 32);
  return 0;
}
