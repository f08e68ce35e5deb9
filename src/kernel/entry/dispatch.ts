// From `ecall` to handler and back: decoding by the row's argument types, the result into a0, and what BLOCKED and ERESTART* mean.
import { BLOCKED, EINTR, ENOSYS, type Errno } from '../../abi/errno.ts';
import type { EcallHandler } from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import { enterTracedCall, interruptTracedCall, leaveTracedCall } from '../ptrace/stop.ts';
import { guardCall } from '../security/guard.ts';
import { restoreMask } from '../signal/deliver.ts';
import { AS_I32, AS_I64, AS_U32, type Syscall } from '../syscall/define.ts';
import { syscalls } from '../syscall/table.ts';
import { exchange } from '../vfs/fd-pins.ts';

const A0 = 20;
const A7 = 34;
const ERESTART_FIRST = -512;
/** What a call costs, in instructions, and how many bytes it moves for the price of one. Large results that are not counts are addresses. */
const CALL_WORK = 100, BYTES_PER_WORK = 8, FEW_BYTES = 4096, MOST_BYTES = 0x7fff_ffff;
const GO_ON = 0;
const UNWIND = 1;

export class Dispatcher implements EcallHandler {
  readonly kernel: Kernel;
  private readonly x: Int32Array;
  /** ERESTART* of the call that has just been interrupted, for signal delivery; 0 = none. */
  interrupted: Errno | 0 = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.x = kernel.hart.x;
    kernel.fdArguments = Uint8Array.from(syscalls, call => call?.args.reduce((bits, arg, i) => (arg.kind === 'fd' || arg.kind === 'dirfd' ? bits | (1 << i) : bits), 0) ?? 0);
  }

  /** A call that was parked, again. Other threads may have given its descriptors to other files meanwhile: it goes on with its own. */
  again(t: Kernel['current']): number {
    const pins = t.restart!.files;
    if (pins === null) return this.ecall();
    const now = exchange(t, pins, pins.map(p => p.file));
    try {
      return this.ecall();
    } finally {
      exchange(t, pins, now);
    }
  }

  /** One system call of the current task. */
  ecall(): number {
    const k = this.kernel;
    const t = k.current;
    const x = this.x;
    if (t.traced !== null) {
      const what = enterTracedCall(t);
      if (what !== 'go on') return what === 'stopped' ? UNWIND : this.skip(t);
    }
    const nr = x[A7]!;
    const call = x[A7 + 1] === nr >> 31 ? syscalls[nr] : undefined;
    t.syscallNr = nr;
    if (k.trace.tracer !== null) k.trace.tracer.enter(t, nr);
    const fate = t.guarded && !t.callPassed ? guardCall(t, nr) : 'runs';
    if (fate === 'left') return this.left(t);
    const runs = fate === 'runs';
    if (runs) t.callPassed = true;
    const r = !runs ? t.verdict : call === undefined ? this.unknown(nr) : invoke(call, t, x);
    k.work += r > FEW_BYTES && r <= MOST_BYTES ? CALL_WORK + Math.floor(r / BYTES_PER_WORK) : CALL_WORK;
    if (k.work >= k.workLimit) k.hart.limitBudget(0);

    if (r <= ERESTART_FIRST && fate !== 'answered') {
      if (r === BLOCKED) return this.park();
      t.callPassed = false;
      if (t.traced === null || !interruptTracedCall(t, r)) this.interrupted = r as Errno;
      return UNWIND;
    }
    t.syscallNr = -1;
    if (t.restart !== null) t.dropRecord();
    t.callPassed = false;
    k.trace.note(t.tid, nr, r);
    if (k.trace.tracer !== null) k.trace.tracer.leave(t, nr, r);
    if (runs && call?.setsRegisters === true && r === 0) {
      if (t.traced !== null) leaveTracedCall(t);
      return UNWIND;
    }
    k.finishSyscall(r);
    // A call that has completed puts its temporary mask back before signals are looked at; an interrupted one leaves that to the handler's frame.
    if (t.savedMask !== null && (r !== EINTR || !t.signalPending)) restoreMask(t);
    if (t.traced !== null && leaveTracedCall(t)) return UNWIND;
    return t.signalPending || k.sched.needResched ? UNWIND : GO_ON;
  }

  /** The tracer has taken the call away: a0 is the result already. */
  private skip(t: Kernel['current']): number {
    const x = this.x;
    const lo = x[A0]!, hi = x[A0 + 1]!;
    this.kernel.finishSyscall(0);
    x[A0] = lo;
    x[A0 + 1] = hi;
    leaveTracedCall(t);
    return UNWIND;
  }

  /** The call did not run: the task is dead, has a signal instead, or has stopped for its tracer with pc still on the `ecall`. */
  private left(t: Kernel['current']): number {
    t.dropRecord();
    if (t.traceStop?.kind === 'seccomp') return UNWIND;
    t.syscallNr = -1;
    if (t.traced !== null && t.state === 'R') leaveTracedCall(t);
    return UNWIND;
  }

  private park(): number {
    const t = this.kernel.current;
    if (t.state === 'R') {
      t.state = t.parkState;
      t.parkState = 'S';
      t.voluntarySwitches++;
      t.record().replayed = 0;
    }
    return UNWIND;
  }

  private unknown(nr: number): Errno {
    const { unknownCalls } = this.kernel;
    unknownCalls.set(nr, (unknownCalls.get(nr) ?? 0) + 1);
    return ENOSYS;
  }
}

function invoke(call: Syscall, t: Kernel['current'], x: Int32Array): number {
  const { args } = call;
  const n = args.length;
  return call.run(
    t,
    n > 0 ? decode(x, A0, args[0]!.as) : 0,
    n > 1 ? decode(x, A0 + 2, args[1]!.as) : 0,
    n > 2 ? decode(x, A0 + 4, args[2]!.as) : 0,
    n > 3 ? decode(x, A0 + 6, args[3]!.as) : 0,
    n > 4 ? decode(x, A0 + 8, args[4]!.as) : 0,
    n > 5 ? decode(x, A0 + 10, args[5]!.as) : 0,
  );
}

/** An argument register as a number, truncated as the C type of the parameter would be. */
export function decode(x: Int32Array, word: number, as: number): number {
  const lo = x[word]!;
  if (as === AS_I32) return lo;
  if (as === AS_U32) return lo >>> 0;
  const hi = x[word + 1]!;
  return (as === AS_I64 ? hi : hi >>> 0) * 4294967296 + (lo >>> 0);
}
