// Signal frames: what a handler finds on its stack (struct rt_sigframe: siginfo_t, struct ucontext) and rt_sigreturn(2), its inverse.
import { type Errno, EFAULT, EINVAL, ENOMEM, isErr } from '../../abi/errno.ts';
import { RtSigframe, SA_ONSTACK, Ucontext, FpState, Sigcontext } from '../../abi/signal.ts';
import { MINSIGSTKSZ, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK } from '../../abi/signal.ts';
import { CTX_F, CTX_FCSR, CTX_PC, CTX_X } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { setSigmask } from './send.ts';
import { encodeSigInfo } from './siginfo.ts';
import type { SigAction, SigInfo } from './state.ts';

const UC = RtSigframe.offsets.uc;
const MCONTEXT = UC + Ucontext.offsets.uc_mcontext;
const FP = MCONTEXT + Sigcontext.offsets.sc_fpregs;
const FCSR = FP + FpState.offsets.fcsr;
const REG_RA = 1, REG_SP = 2, REG_A0 = 10, REG_A1 = 11, REG_A2 = 12;

const frame = new Uint8Array(RtSigframe.size);
const words = new Int32Array(frame.buffer);
const uc = Ucontext.view(frame, UC);

/** Builds the frame of `info` and points the registers at the handler. EFAULT: the stack is not writable (SIGSEGV for the task). */
export function pushFrame(t: Task, action: SigAction, info: SigInfo): 0 | Errno {
  const { hart } = t.kernel;
  const x = hart.x;
  const oldSp = (x[2 * REG_SP + 1]! >>> 0) * 2 ** 32 + (x[2 * REG_SP]! >>> 0);
  const sp = frameAddress(t, action, oldSp);
  if (sp < 0) return EFAULT;

  frame.fill(0);
  encodeSigInfo(info, frame, 0);
  uc.uc_stack.ss_sp = t.altStack.sp;
  uc.uc_stack.ss_size = t.altStack.size;
  uc.uc_stack.ss_flags = t.altStack.flags;
  uc.uc_sigmask_lo = t.savedMask?.lo ?? t.sigmaskLo;
  uc.uc_sigmask_hi = t.savedMask?.hi ?? t.sigmaskHi;
  saveRegisters(t);
  const fault = t.user.copyOut(sp, frame);
  if (isErr(fault)) return EFAULT;

  if ((t.altStack.flags & SS_AUTODISARM) !== 0) t.altStack = { sp: 0, size: 0, flags: SS_DISABLE };
  setRegister(x, REG_RA, t.mm!.sigreturnAddr);
  setRegister(x, REG_SP, sp);
  setRegister(x, REG_A0, info.signo);
  setRegister(x, REG_A1, sp);
  setRegister(x, REG_A2, sp + UC);
  setRegister(x, CTX_PC / 8, action.handler);
  return 0;
}

/** rt_sigreturn(2): registers, mask and alternate stack as the frame at sp says. */
export function popFrame(t: Task): 0 | Errno {
  const { hart, machine } = t.kernel;
  const x = hart.x;
  const sp = (x[2 * REG_SP + 1]! >>> 0) * 2 ** 32 + (x[2 * REG_SP]! >>> 0);
  const fault = t.user.copyIn(sp, frame);
  if (isErr(fault)) return fault;
  const sc = MCONTEXT >> 2;
  x[CTX_PC >> 2] = words[sc]! & ~1;
  x[(CTX_PC >> 2) + 1] = words[sc + 1]!;
  for (let i = 2; i < 64; i++) x[(CTX_X >> 2) + i] = words[sc + i]!;
  machine.ram.u8.set(frame.subarray(FP, FP + 256), hart.base + CTX_F);
  x[CTX_FCSR >> 2] = words[FCSR >> 2]! & 0xff;
  const { ss_sp, ss_size, ss_flags } = uc.uc_stack;
  if (!onAltStack(t, (x[2 * REG_SP + 1]! >>> 0) * 2 ** 32 + (x[2 * REG_SP]! >>> 0))) setAltStack(t, ss_sp, ss_size, ss_flags);
  setSigmask(t, uc.uc_sigmask_lo, uc.uc_sigmask_hi);
  return 0;
}

/** Is `sp` on the alternate stack (sigaltstack(2))? */
export function onAltStack(t: Task, sp: number): boolean {
  const { sp: base, size, flags } = t.altStack;
  return (flags & (SS_DISABLE | SS_AUTODISARM)) === 0 && sp > base && sp - base <= size;
}

/** sigaltstack(2), the checks of a new stack; sigreturn ignores what they say. */
export function setAltStack(t: Task, sp: number, size: number, flags: number): 0 | Errno {
  const mode = flags & ~SS_AUTODISARM;
  if (mode !== 0 && mode !== SS_DISABLE && mode !== SS_ONSTACK) return EINVAL;
  if (mode === SS_DISABLE) t.altStack = { sp: 0, size: 0, flags };
  else if (size < MINSIGSTKSZ) return ENOMEM;
  else t.altStack = { sp, size, flags };
  return 0;
}

function frameAddress(t: Task, action: SigAction, oldSp: number): number {
  const { sp: base, size, flags } = t.altStack;
  let sp = oldSp;
  const nested = onAltStack(t, oldSp);
  if ((action.flags & SA_ONSTACK) !== 0 && (flags & SS_DISABLE) === 0 && !nested) sp = base + size;
  sp = Math.floor((sp - RtSigframe.size) / 16) * 16;
  // A handler on the alternate stack must not run off its end into other memory.
  if (nested && sp <= base) return -1;
  return sp;
}

function saveRegisters(t: Task): void {
  const { hart, machine } = t.kernel;
  const sc = MCONTEXT >> 2;
  words[sc] = hart.x[CTX_PC >> 2]!;
  words[sc + 1] = hart.x[(CTX_PC >> 2) + 1]!;
  for (let i = 2; i < 64; i++) words[sc + i] = hart.x[(CTX_X >> 2) + i]!;
  frame.set(machine.ram.u8.subarray(hart.base + CTX_F, hart.base + CTX_F + 256), FP);
  words[FCSR >> 2] = hart.x[CTX_FCSR >> 2]!;
}

function setRegister(x: Int32Array, i: number, value: number): void {
  x[2 * i] = value | 0;
  x[2 * i + 1] = Math.floor(value / 2 ** 32);
}

