// Going on after a stop: what the tracer decides (PTRACE_CONT and its kin), and what the task then does first, by itself.
import { type Errno, EIO, ENOSYS, ERESTARTNOHAND, ERESTARTNOINTR, ERESTARTSYS, ERESTART_RESTARTBLOCK } from '../../abi/errno.ts';
import { PTRACE_EVENT_STOP } from '../../abi/ptrace.ts';
import { SI_USER } from '../../abi/signal.ts';
import { CTX_PC } from '../../machine/machine.ts';
import { deliverSignals } from '../signal/deliver.ts';
import { refreshPending, sendToTask } from '../signal/send.ts';
import { inSet } from '../signal/sets.ts';
import type { SigInfo } from '../signal/state.ts';
import type { Task } from '../task/task.ts';
import type { TraceStop } from './state.ts';
import { exitOfCall, isDying } from './stop.ts';

const A0 = 20;
const A7 = 34;
const PC = CTX_PC >> 2;
const RESTARTS: ReadonlySet<number> = new Set([ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK]);

/** The tracer lets a stopped tracee go on. */
export function resume(t: Task, sig: number, how: 'cont' | 'syscall'): 0 | Errno {
  if (sig < 0 || sig > 64) return EIO;
  t.traced!.resumed = how;
  t.traceStop!.inject = sig;
  t.kernel.resumeStopped(t);
  return 0;
}

/** PTRACE_LISTEN: a group-stop goes on, and the next event of job control is reported. */
export function listen(t: Task): 0 | Errno {
  const stop = t.traceStop!;
  if (t.traced!.mode !== 'seized' || stop.code >> 8 !== PTRACE_EVENT_STOP) return EIO;
  if (t.traced!.trapPending) t.kernel.resumeStopped(t);
  else stop.listening = true;
  return 0;
}

/** PTRACE_INTERRUPT: a running tracee comes to a stop; a listening one reports again. */
export function interrupt(t: Task): 0 | Errno {
  if (t.traced!.mode !== 'seized') return EIO;
  trap(t);
  return 0;
}

/** Asks for a PTRACE_EVENT_STOP as soon as possible. */
export function trap(t: Task): void {
  t.traced!.trapPending = true;
  if (t.state === 't') {
    if (t.traceStop?.listening === true) t.kernel.resumeStopped(t);
    return;
  }
  refreshPending(t);
  t.kernel.wakeForSignal(t, 'signal');
}

/** The first thing a task does when it runs after a stop. It may be stopped again afterwards, or dead. */
export function goOn(t: Task): void {
  const stop = t.traceStop!;
  t.traceStop = null;
  if (isDying(t)) return deliverSignals(t, 0);
  switch (stop.kind) {
    case 'syscall-enter':
      answerSkipped(t, stop);
      if (stop.inject !== 0) sendInjected(t, stop);
      return;
    case 'seccomp':
      answerSkipped(t, stop);
      return;
    case 'in-call':
      return;
    case 'after-call':
      if (!exitOfCall(t) && t.signalPending) deliverSignals(t, 0);
      return;
    case 'syscall-exit': {
      if (stop.inject !== 0) sendInjected(t, stop);
      const interrupted = stop.interrupted === 0 ? 0 : rewind(t, stop);
      if (interrupted !== 0 || t.signalPending) deliverSignals(t, interrupted);
      return;
    }
    case 'signal': return deliverSignals(t, stop.interrupted as Errno | 0, injected(t, stop));
    case 'group':
    case 'trap': return deliverSignals(t, stop.interrupted as Errno | 0);
  }
}

/** A call whose number the tracer has made -1 gives the a0 it has put there, else ENOSYS. */
function answerSkipped(t: Task, stop: TraceStop): void {
  const { x } = t.kernel.hart;
  if ((x[A7]! & x[A7 + 1]!) !== -1 || x[A0] !== stop.a0Lo || x[A0 + 1] !== stop.a0Hi) return;
  x[A0] = ENOSYS;
  x[A0 + 1] = -1;
}

/** An interrupted call whose ERESTART* the tracer has left in a0 stands on its `ecall` again. */
function rewind(t: Task, stop: TraceStop): Errno | 0 {
  const { x } = t.kernel.hart;
  const code = x[A0]!;
  if (x[A0 + 1] !== -1 || !RESTARTS.has(code)) return 0;
  x[A0] = stop.a0Lo;
  x[A0 + 1] = stop.a0Hi;
  if (x[PC]! >>> 0 < 4) x[PC + 1] = (x[PC + 1]! - 1) | 0;
  x[PC] = (x[PC]! - 4) | 0;
  return code as Errno;
}

/** The signal that is delivered instead of the one that stopped the task; null: none. A blocked one waits in the queue. */
function injected(t: Task, stop: TraceStop): SigInfo | null {
  const sig = stop.inject;
  if (sig === 0) return null;
  const info = stop.info!.signo === sig ? stop.info! : fromTracer(t, sig);
  if (!inSet(t.sigmaskLo, t.sigmaskHi, sig)) return info;
  sendToTask(t, info);
  return null;
}

/** After a stop at a system call the signal is an ordinary one, which may stop the task for its tracer again. */
function sendInjected(t: Task, stop: TraceStop): void { sendToTask(t, fromTracer(t, stop.inject)); }

function fromTracer(t: Task, signo: number): SigInfo {
  const tracer = t.traced?.tracer;
  return { signo, code: SI_USER, pid: tracer?.process.pid ?? 0, uid: tracer?.cred.uid ?? 0 };
}
