// Delivery: what happens to pending signals on the way back to user mode (signal(7)), and what becomes of an interrupted system call.
import { EINTR, ERESTARTNOINTR, ERESTARTSYS, type Errno } from '../../abi/errno.ts';
import { RLIMIT_CORE } from '../../abi/resource.ts';
import { SA_NODEFER, SA_RESETHAND, SA_RESTART, SIGKILL, SIGSTOP, SIG_DFL, SIG_IGN } from '../../abi/signal.ts';
import { groupStop, signalStop, trapStop } from '../ptrace/stop.ts';
import { exitGroup } from '../task/exit.ts';
import { isOrphaned } from '../task/job-control.ts';
import { abortSection } from '../task/rseq.ts';
import type { Task } from '../task/task.ts';
import { pushFrame } from './frame.ts';
import { bitHi, bitLo, defaultAction } from './sets.ts';
import { dequeue, dequeueFault, discard, forceSegv, hasToStop, refreshPending, setSigmask } from './send.ts';
import type { SigAction, SigInfo } from './state.ts';

const STATUS_CORE = 0x80;

/**
 * Handles pending signals of the current task. `interrupted`: the ERESTART* code of the system call on whose `ecall` pc still stands, or 0.
 * `injected`: a signal that the tracer has seen already (ptrace(2)). Afterwards the task may be dead or stopped (state), inside a handler, or about to repeat the call: leaving pc and a0 alone repeats it.
 */
export function deliverSignals(t: Task, interrupted: Errno | 0, injected: SigInfo | null = null): void {
  if (interrupted !== 0) t.kernel.trace.interrupted(t, interrupted);
  for (;;) {
    if (t.killed || t.process.groupExit >= 0) return exitGroup(t, Math.max(t.process.groupExit, 0) || SIGKILL);
    const info = injected ?? next(t);
    if (t.traced !== null && injected === null && isTracersTurn(t, info, interrupted)) return;
    injected = null;
    if (info === null) break;
    t.kernel.trace.signal(t, info);
    const action = t.handlers.actions[info.signo]!;
    if (action.handler === SIG_IGN) continue;
    if (action.handler !== SIG_DFL) {
      handle(t, action, info, interrupted);
      if (!t.signalPending) return;
      interrupted = 0;
      continue; // more handlers stack up on top, as on Linux
    }
    switch (defaultAction(info.signo)) {
      case 'ignore': continue;
      case 'stop':
        if (info.signo !== SIGSTOP && isOrphaned(t.process.group)) continue;
        t.process.stopSignal = info.signo;
        t.process.stopPending = true;
        t.process.stopReported = false;
        t.process.continueReported = true;
        if (t.traced !== null) t.traced.stopSeen = false;
        for (const other of t.process.threads) if (other !== t) {
          other.signalPending = true;
          if (other.traced !== null) other.traced.stopSeen = false;
          t.kernel.wakeForSignal(other, 'signal');
        }
        continue;
      case 'terminate': return exitGroup(t, info.signo);
      case 'core': return exitGroup(t, info.signo | (t.process.rlimits[RLIMIT_CORE]!.soft > 0 && t.process.dumpable === 1 ? STATUS_CORE : 0));
    }
  }
  restoreMask(t);
  refreshPending(t);
  if (hasToStop(t)) stop(t, interrupted);
}

/** What a tracee reports before anything is delivered: PTRACE_EVENT_STOP, then the signal, unless that is SIGKILL. True: it is stopped now. */
function isTracersTurn(t: Task, info: SigInfo | null, interrupted: Errno | 0): boolean {
  if (info !== null && info.signo !== SIGKILL) signalStop(t, info, interrupted);
  else if (info === null && t.traced!.trapPending) trapStop(t, interrupted);
  else return false;
  return true;
}

/** Puts back the mask that ppoll, pselect, sigsuspend or epoll_pwait replaced for their duration. */
export function restoreMask(t: Task): void {
  const saved = t.savedMask;
  if (saved === null) return;
  t.savedMask = null;
  setSigmask(t, saved.lo, saved.hi);
}

/** For the calls above: the mask while they wait. On a re-run the original mask is already saved. */
export function setTemporaryMask(t: Task, lo: number, hi: number): void {
  t.savedMask ??= { lo: t.sigmaskLo, hi: t.sigmaskHi };
  setSigmask(t, lo, hi);
}

function next(t: Task): SigInfo | null {
  const kill = dequeue(t, bitLo(SIGKILL), 0);
  if (kill !== null) return kill;
  if (hasToStop(t) || t.traced?.trapPending === true) return null;
  return dequeueFault(t, ~t.sigmaskLo) ?? dequeue(t, ~t.sigmaskLo, ~t.sigmaskHi);
}

function handle(t: Task, action: SigAction, info: SigInfo, interrupted: Errno | 0): void {
  if (interrupted !== 0) {
    const repeat = interrupted === ERESTARTNOINTR || (interrupted === ERESTARTSYS && (action.flags & SA_RESTART) !== 0);
    if (!repeat) t.kernel.finishSyscall(EINTR);
    t.syscallNr = -1;
    t.dropRecord(); // a repeated call starts over: the handler may make calls of its own
  }
  abortSection(t, info.signo);
  if (pushFrame(t, action, info) !== 0) return forceSegv(t, info.signo);
  t.savedMask = null;
  let lo = t.sigmaskLo | action.maskLo, hi = t.sigmaskHi | action.maskHi;
  if ((action.flags & SA_NODEFER) === 0) {
    lo |= bitLo(info.signo);
    hi |= bitHi(info.signo);
  }
  if ((action.flags & SA_RESETHAND) !== 0) action.handler = SIG_DFL;
  setSigmask(t, lo, hi);
}

/** The thread stops; the last one of its process tells the parent. */
function stop(t: Task, interrupted: Errno | 0): void {
  if (t.traced !== null) groupStop(t, interrupted);
  else t.state = 'T';
  for (const other of t.process.threads) if (other.state !== 'T' && other.state !== 't' && other.state !== 'Z') return;
  t.kernel.notifyParent(t.process, 'stopped');
}

/** An ignored disposition drops what is pending (sigaction(2)). */
export function dropIgnored(t: Task, sig: number): void {
  for (const th of t.process.threads) discard(th.pending, bitLo(sig), bitHi(sig));
  discard(t.process.pending, bitLo(sig), bitHi(sig));
}
