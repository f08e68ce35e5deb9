// Stops (ptrace(2), "Stopped tracees"): how a task comes to rest for its tracer. Always by the task itself, between two instructions or at its call;
// `resume.ts` is how it goes on.
import {
  PTRACE_EVENTMSG_SYSCALL_ENTRY, PTRACE_EVENTMSG_SYSCALL_EXIT, PTRACE_EVENT_CLONE, PTRACE_EVENT_EXEC, PTRACE_EVENT_EXIT, PTRACE_EVENT_FORK,
  PTRACE_EVENT_SECCOMP, PTRACE_O_TRACESECCOMP,
  PTRACE_EVENT_STOP, PTRACE_EVENT_VFORK, PTRACE_EVENT_VFORK_DONE, PTRACE_O_TRACESYSGOOD,
} from '../../abi/ptrace.ts';
import { CLONE_PTRACE, CLONE_UNTRACED, CLONE_VFORK } from '../../abi/sched.ts';
import { CLD_TRAPPED, SA_NOCLDSTOP, SIGCHLD, SIGKILL, SIGSTOP, SIGTRAP, SIG_IGN, SI_USER } from '../../abi/signal.ts';
import { refreshPending, sendToProcess, sendToTask } from '../signal/send.ts';
import { bitLo } from '../signal/sets.ts';
import type { SigInfo } from '../signal/state.ts';
import type { Task } from '../task/task.ts';
import { link } from './relation.ts';
import { type StopKind, TraceStop } from './state.ts';

const A0 = 20;
const A7 = 34;

/** Is the option set that asks for this event? The dying stop at their exit only. */
const wants = (t: Task, event: number): boolean =>
  t.traced !== null && (t.traced.options & (1 << event)) !== 0 && (event === PTRACE_EVENT_EXIT || !isDying(t));

/** A fatal signal has come: it ends every stop, and none begins. */
export const isDying = (t: Task): boolean =>
  t.killed || t.process.groupExit >= 0 || ((t.pending.lo | t.process.pending.lo) & bitLo(SIGKILL)) !== 0;

// --- system calls ---------------------------------------------------------------------------------------------------------------------------

/** At the `ecall` of a traced task. 'skip': the tracer has made the number -1, and a0 is the result. */
export function enterTracedCall(t: Task): 'stopped' | 'skip' | 'go on' {
  const traced = t.traced!;
  const { x } = t.kernel.hart;
  const before = traced.call;
  if (before === 'none' && traced.resumed === 'syscall') {
    traced.call = 'stopped at entry';
    const stop = syscallStop(t, 'syscall-enter', PTRACE_EVENTMSG_SYSCALL_ENTRY);
    stop.a0Lo = x[A0]!;
    stop.a0Hi = x[A0 + 1]!;
    return 'stopped';
  }
  traced.call = 'entered';
  return before === 'stopped at entry' && (x[A7]! & x[A7 + 1]!) === -1 ? 'skip' : 'go on';
}

/** A traced task's call is complete, a0 and pc are written. Is the task stopped? */
export function leaveTracedCall(t: Task): boolean {
  const traced = t.traced!;
  traced.call = 'none';
  const { after } = traced;
  traced.after = null;
  if (after !== null) {
    eventStop(t, 'after-call', after.event, after.msg);
    return true;
  }
  return exitOfCall(t);
}

/** The second half of the above: the syscall-exit-stop. */
export function exitOfCall(t: Task): boolean {
  if (t.traced === null || t.traced.resumed !== 'syscall') return false;
  syscallStop(t, 'syscall-exit', PTRACE_EVENTMSG_SYSCALL_EXIT);
  return true;
}

/** The call gives way to a signal: the tracer sees ERESTART* in a0, and may change it. Is the task stopped? */
export function interruptTracedCall(t: Task, code: number): boolean {
  const traced = t.traced!;
  traced.call = 'none';
  if (traced.resumed !== 'syscall') return false;
  const { x } = t.kernel.hart;
  const lo = x[A0]!, hi = x[A0 + 1]!;
  t.kernel.finishSyscall(code);
  const stop = syscallStop(t, 'syscall-exit', PTRACE_EVENTMSG_SYSCALL_EXIT);
  stop.interrupted = code;
  stop.a0Lo = lo;
  stop.a0Hi = hi;
  return true;
}

function syscallStop(t: Task, kind: StopKind, msg: number): TraceStop {
  const traced = t.traced!;
  traced.eventMsg = msg;
  const code = (traced.options & PTRACE_O_TRACESYSGOOD) !== 0 ? SIGTRAP | 0x80 : SIGTRAP;
  return rest(t, new TraceStop(kind, code, ownInfo(t, SIGTRAP, code)));
}

/** SECCOMP_RET_TRACE: PTRACE_EVENT_SECCOMP with the filter's data, pc on the `ecall`. False: no tracer has asked for it. */
export function seccompStop(t: Task, data: number): boolean {
  if (t.traced === null || (t.traced.options & PTRACE_O_TRACESECCOMP) === 0) return false;
  const { x } = t.kernel.hart;
  const lo = x[A0]!, hi = x[A0 + 1]!;
  eventStop(t, 'seccomp', PTRACE_EVENT_SECCOMP, data);
  if (t.traceStop !== null) {
    t.traceStop.a0Lo = lo;
    t.traceStop.a0Hi = hi;
  }
  return true;
}

// --- events ---------------------------------------------------------------------------------------------------------------------------------

/** clone(2) has made `child`: does it get the same tracer, and does the parent stop now (its call goes on afterwards)? */
export function traceNewTask(t: Task, child: Task, flags: number, exitSignal: number): boolean {
  const traced = t.traced!;
  const kind = (flags & CLONE_VFORK) !== 0 ? PTRACE_EVENT_VFORK : exitSignal !== SIGCHLD ? PTRACE_EVENT_CLONE : PTRACE_EVENT_FORK;
  const stops = (flags & CLONE_UNTRACED) === 0 && wants(t, kind);
  if (!stops && (flags & CLONE_PTRACE) === 0) return false;
  link(child, traced.tracer, traced.mode, traced.options, traced.isPrivileged);
  if (traced.mode === 'seized') child.traced!.trapPending = true;
  else sendToTask(child, { signo: SIGSTOP, code: SI_USER, pid: 0, uid: 0 });
  refreshPending(child);
  if (stops) eventStop(t, 'in-call', kind, child.tid);
  return stops;
}

/** A vfork parent goes on; true: it stops first. */
export function vforkDone(t: Task, tid: number): boolean {
  if (!wants(t, PTRACE_EVENT_VFORK_DONE)) return false;
  eventStop(t, 'in-call', PTRACE_EVENT_VFORK_DONE, tid);
  return true;
}

/** execve(2) has succeeded: an event when the call ends, or the plain SIGTRAP of a tracer that did not ask for events. */
export function traceExec(t: Task, oldTid: number): void {
  const traced = t.traced!;
  if (wants(t, PTRACE_EVENT_EXEC)) traced.after = { event: PTRACE_EVENT_EXEC, msg: oldTid };
  else if (traced.mode === 'attached') sendToTask(t, { signo: SIGTRAP, code: SI_USER, pid: t.process.pid, uid: t.cred.uid });
}

/** Will the task stop once more before it dies? */
export const stopsAtExit = (t: Task): boolean => wants(t, PTRACE_EVENT_EXIT) && !t.traced!.exitSeen && t.state !== 'Z' && t.state !== 'X';

/** Does the task rest in its PTRACE_EVENT_EXIT? */
export const restsAtExit = (t: Task): boolean => t.traceStop !== null && t.traceStop.code >> 8 === PTRACE_EVENT_EXIT;

/** PTRACE_EVENT_EXIT: true if the current task rests now; it dies when it goes on. */
export function exitStop(t: Task, status: number): boolean {
  if (!stopsAtExit(t) || t.kernel.current !== t) return false;
  t.traced!.exitSeen = true;
  eventStop(t, 'in-call', PTRACE_EVENT_EXIT, status);
  return true;
}

function eventStop(t: Task, kind: StopKind, event: number, msg: number): void {
  t.traced!.eventMsg = msg;
  if (t.restart !== null) t.restart.replayed = 0;
  const code = SIGTRAP | (event << 8);
  rest(t, new TraceStop(kind, code, ownInfo(t, SIGTRAP, code)));
}

// --- signals --------------------------------------------------------------------------------------------------------------------------------

/** Signal-delivery-stop: the tracer decides what becomes of the signal. */
export function signalStop(t: Task, info: SigInfo, interrupted: number): void {
  rest(t, new TraceStop('signal', info.signo, info, interrupted));
}

/** Group-stop: for a seized task an event, for another one recognised by its missing siginfo. */
export function groupStop(t: Task, interrupted: number): void {
  const traced = t.traced!;
  traced.stopSeen = true;
  const { stopSignal } = t.process;
  const code = traced.mode === 'seized' ? stopSignal | (PTRACE_EVENT_STOP << 8) : stopSignal;
  rest(t, new TraceStop('group', code, traced.mode === 'seized' ? ownInfo(t, stopSignal, code) : null, interrupted));
}

/** PTRACE_EVENT_STOP: after PTRACE_INTERRUPT, at birth, and when a group-stop begins or ends. */
export function trapStop(t: Task, interrupted: number): void {
  const traced = t.traced!;
  traced.trapPending = false;
  if (t.process.stopPending) return groupStop(t, interrupted);
  const code = SIGTRAP | (PTRACE_EVENT_STOP << 8);
  rest(t, new TraceStop('trap', code, ownInfo(t, SIGTRAP, code), interrupted));
}

/** A job-control stop found in place at the time of attaching becomes the tracer's. */
export function adoptStopped(t: Task): void { groupStop(t, 0); }

const ownInfo = (t: Task, signo: number, code: number): SigInfo => ({ signo, code, pid: t.tid, uid: t.cred.uid });

function rest(t: Task, stop: TraceStop): TraceStop {
  if (isDying(t) && stop.code >> 8 !== PTRACE_EVENT_EXIT) return stop; // nobody sees it: the task is on its way to its end
  t.traceStop = stop;
  t.state = 't';
  const { tracer } = t.traced!;
  const action = tracer.handlers.actions[SIGCHLD];
  if (action !== undefined && action.handler !== SIG_IGN && (action.flags & SA_NOCLDSTOP) === 0) {
    sendToProcess(tracer.process, { signo: SIGCHLD, code: CLD_TRAPPED, pid: t.tid, uid: t.cred.uid, status: stop.code & 0x7f });
  }
  tracer.process.childEvents.wake();
  return stop;
}
