// Register sets of a stopped tracee (PTRACE_GETREGSET, PTRACE_SETREGSET): NT_PRSTATUS is struct user_regs_struct, NT_PRFPREG f0..f31 and fcsr.
import { type Errno, EINVAL } from '../../abi/errno.ts';
import { NT_PRFPREG, NT_PRSTATUS } from '../../abi/elf.ts';
import { UserRegs } from '../../abi/signal.ts';
import { CTX_F, CTX_FCSR, CTX_PC, CTX_X } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';

const FP_BYTES = 256;
const FP_SIZE = FP_BYTES + 8;

/** Bytes of a register set, or EINVAL for one that this hart does not have. */
export function regsetSize(type: number): number | Errno {
  if (type === NT_PRSTATUS) return UserRegs.size;
  return type === NT_PRFPREG ? FP_SIZE : EINVAL;
}

/** The set as the tracer sees it, `regsetSize` bytes. */
export function readRegset(t: Task, type: number): Uint8Array {
  const { context } = t;
  if (type === NT_PRFPREG) {
    const out = new Uint8Array(FP_SIZE);
    out.set(context.subarray(CTX_F, CTX_F + FP_BYTES));
    out.set(context.subarray(CTX_FCSR, CTX_FCSR + 4), FP_BYTES);
    return out;
  }
  const out = context.slice(CTX_X, CTX_X + UserRegs.size); // pc stands where x0 would be
  out.set(context.subarray(CTX_PC, CTX_PC + 8));
  movePc(out, pcOffset(t));
  return out;
}

/** Replaces the first `bytes.length` bytes of the set. */
export function writeRegset(t: Task, type: number, bytes: Uint8Array): void {
  const { context } = t;
  if (type === NT_PRFPREG) {
    context.set(bytes.subarray(0, FP_BYTES), CTX_F);
    if (bytes.length > FP_BYTES) context[CTX_FCSR] = bytes[FP_BYTES]!;
    return;
  }
  const pc = bytes.slice(0, 8);
  movePc(pc, -pcOffset(t));
  pc[0]! &= ~1;
  if (pc.some((b, i) => b !== context[CTX_PC + i])) leaveCall(t);
  context.set(pc, CTX_PC);
  context.set(bytes.subarray(8), CTX_X + 8);
}

/** Inside a call Linux shows the pc behind the `ecall`; ours still is on it. */
function pcOffset(t: Task): number {
  const kind = t.traceStop?.kind;
  return kind === 'syscall-enter' || kind === 'seccomp' || kind === 'in-call' ? 4 : 0;
}

/** A tracee that is sent elsewhere does not repeat the call it was in. */
function leaveCall(t: Task): void {
  const stop = t.traceStop;
  if (stop === null || pcOffset(t) !== 0) return;
  t.dropRecord();
  t.syscallNr = -1;
  stop.interrupted = 0;
}

function movePc(regs: Uint8Array, by: number): void {
  const d = new DataView(regs.buffer, regs.byteOffset);
  const lo = d.getUint32(0, true) + by;
  d.setUint32(0, lo, true);
  if (lo < 0 || lo >= 2 ** 32) d.setUint32(4, d.getUint32(4, true) + Math.sign(by), true);
}
