// Who traces whom (ptrace(2), "Attaching and detaching"): PTRACE_TRACEME, ATTACH, SEIZE, DETACH, and what a tracer's end means.
import { type Errno, EPERM, ESRCH } from '../../abi/errno.ts';
import { CAP_SYS_PTRACE } from '../../abi/capability.ts';
import { PTRACE_O_EXITKILL } from '../../abi/ptrace.ts';
import { SIGKILL, SIGSTOP } from '../../abi/signal.ts';
import { kernelSignal, refreshPending, sendToProcess, sendToTask } from '../signal/send.ts';
import { announce } from '../task/exit.ts';
import type { Task } from '../task/task.ts';
import { Traced } from './state.ts';
import { adoptStopped } from './stop.ts';

/** PTRACE_MODE_ATTACH_REALCREDS (ptrace(2), "Ptrace access mode checking"): ids and capabilities, then the security modules. */
export const mayAttach = (t: Task, of: Task): boolean => mayLook(t, of, 'attach');
/** PTRACE_MODE_READ_REALCREDS: for what only looks, or hints. */
export const mayRead = (t: Task, of: Task): boolean => mayLook(t, of, 'read');

function mayLook(t: Task, of: Task, mode: 'attach' | 'read'): boolean {
  if (t.process === of.process) return true;
  return (t.cred.has(CAP_SYS_PTRACE) || hasIdsOf(t, of)) && t.kernel.security.ptraceAccess(t, of, mode) === 0;
}

function hasIdsOf(t: Task, of: Task): boolean {
  const { uid, gid } = t.cred;
  const o = of.cred;
  const sameIds = uid === o.uid && uid === o.euid && uid === o.suid && gid === o.gid && gid === o.egid && gid === o.sgid;
  return sameIds && of.process.dumpable === 1 && hasCapsOf(t, of);
}

/** Whoever has fewer capabilities than another may not look into it, nor change how it is scheduled (capabilities(7), CAP_SYS_NICE). */
export function hasCapsOf(t: Task, of: Task): boolean {
  const [lo, hi] = t.cred.caps.permitted;
  const [wantLo, wantHi] = of.cred.caps.permitted;
  return (wantLo & ~lo) === 0 && (wantHi & ~hi) === 0;
}

/** PTRACE_TRACEME: the parent becomes the tracer; the child has agreed, so only what it may do more than the parent counts. */
export function traceMe(t: Task): 0 | Errno {
  const { parent, forkedBy } = t.process;
  if (t.traced !== null || parent === null || parent === t.kernel.init) return EPERM;
  const tracer = forkedBy !== null && forkedBy.process === parent ? forkedBy : parent.leader;
  if (!hasCapsOf(tracer, t) && !tracer.cred.has(CAP_SYS_PTRACE)) return EPERM;
  const denied = t.kernel.security.ptraceTraceme(t, tracer);
  if (denied !== 0) return denied;
  link(t, tracer, 'attached', 0, t.cred.has(CAP_SYS_PTRACE));
  return 0;
}

/** PTRACE_ATTACH sends SIGSTOP; PTRACE_SEIZE lets the tracee run. One that is stopped already is the tracer's at once. */
export function attach(t: Task, tid: number, mode: Traced['mode'], options: number): 0 | Errno {
  const other = t.kernel.pids.tasks.get(tid);
  if (other === undefined) return ESRCH;
  if (other.process === t.process || other.process === t.kernel.init || !mayAttach(t, other)) return EPERM;
  if (other.state === 'Z' || other.state === 'X' || other.traced !== null) return EPERM;
  link(other, t, mode, options, t.cred.has(CAP_SYS_PTRACE));
  if (other.state === 'T') adoptStopped(other);
  if (mode === 'attached') sendToTask(other, kernelSignal(SIGSTOP));
  return 0;
}

/** PTRACE_DETACH of a stopped tracee; `sig` is delivered as PTRACE_CONT would. */
export function detach(t: Task, sig: number): void {
  unlink(t);
  if (t.traceStop !== null) t.traceStop.inject = sig;
  if (t.state === 't') t.kernel.resumeStopped(t);
}

export function link(t: Task, tracer: Task, mode: Traced['mode'], options: number, isPrivileged: boolean): void {
  t.traced = new Traced(tracer, mode, options, isPrivileged);
  (tracer.tracees ??= new Set()).add(t);
}

/** The relation is over; a stop that the task is in ends when it is resumed. */
export function unlink(t: Task): void {
  t.traced?.tracer.tracees?.delete(t);
  t.traced = null;
  refreshPending(t);
}

/** A tracer ends: its tracees go on by themselves, or die with it (PTRACE_O_EXITKILL). The dead ones are no longer kept for it. */
export function releaseTracees(tracer: Task): void {
  for (const t of [...tracer.tracees!]) {
    const kills = (t.traced!.options & PTRACE_O_EXITKILL) !== 0;
    if (t.state === 'Z') {
      buryTracee(t);
      continue;
    }
    detach(t, t.traceStop?.kind === 'signal' ? t.traceStop.code : 0);
    if (kills) sendToProcess(t.process, kernelSignal(SIGKILL));
  }
}

/** A dead tracee that its tracer has seen: a thread vanishes, a process becomes its real parent's to wait for. */
export function buryTracee(t: Task): void {
  const { process: p, kernel } = t;
  unlink(t);
  if (t !== p.leader) {
    t.state = 'X';
    kernel.pids.tasks.delete(t.tid);
  } else if (p.isZombie) {
    announce(p);
  }
}
