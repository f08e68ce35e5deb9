// Leaving: threads, thread groups, and what parents, sessions and waiters hear of it (exit(2), exit_group(2), wait(2)).
import { CLD_EXITED, SIGCHLD, SIG_IGN, SA_NOCLDWAIT, SI_USER } from '../../abi/signal.ts';
import { futexWakeAddr } from '../ipc/futex.ts';
import { releaseFutexes } from '../ipc/futex-exit.ts';
import { releaseTracees, unlink } from '../ptrace/relation.ts';
import { exitStop, restsAtExit, stopsAtExit } from '../ptrace/stop.ts';
import { releaseProcessRing, releaseThreadRing } from '../security/keyrings.ts';
import { leaveDomain } from '../security/landlock/domain.ts';
import { releaseSeccomp } from '../security/seccomp.ts';
import { disown, retarget, sendToProcess } from '../signal/send.ts';
import { closeAll } from '../vfs/close.ts';
import { chargeStretch } from '../time/cpu-time.ts';
import { releaseProcessTimers } from '../time/process-timers.ts';
import { hangUp, hangupIfOrphaned, leaveGroup } from './job-control.ts';
import type { Process } from './process.ts';
import type { Task } from './task.ts';

/**
 * The whole process ends with this wait status. Threads are plain data between two instructions, so the caller tears them all down, but for those
 * whose tracer asked for PTRACE_EVENT_EXIT: they report and die by themselves. Who comes here after the first leaves those that rest there alone.
 */
export function exitGroup(t: Task, status: number): void {
  const p = t.process;
  const first = p.groupExit < 0;
  if (first) p.groupExit = status;
  for (const other of [...p.threads]) {
    if (other === t || (!first && restsAtExit(other))) continue;
    if (stopsAtExit(other)) sendOff(other);
    else exitThread(other);
  }
  if (!exitStop(t, status)) exitThread(t);
}

/** PTRACE_O_TRACEEXIT: a thread that still has to report dies by itself. */
function sendOff(t: Task): void {
  t.signalPending = true;
  t.kernel.wakeForSignal(t, 'kill');
}

/** One thread ends: exit(2). The last one takes the process with it. */
export function exitThread(t: Task): void {
  const p = t.process;
  const k = t.kernel;
  if (t.state === 'Z' || t.state === 'X') return;
  k.detach(t);
  if (t.guarded) releaseSeccomp(t);
  if (t.keyring !== null) releaseThreadRing(t);
  if (t.cred.landlock !== null) leaveDomain(t.cred.landlock);
  t.traceStop = null;
  if (t.tracees !== null) releaseTracees(t);
  t.dropRecord();
  releaseFutexes(t);
  if (t.clearChildTid !== 0 && t.mm !== null && t.mm.users > 1 && k.isActive(t.mm)) {
    if (t.user.storeU32(t.clearChildTid, 0) === 0) futexWakeAddr(t, t.clearChildTid);
  }
  releaseMemory(t);
  if (--t.files.users === 0) closeAll(t);
  t.fs.put();
  if (--t.handlers.refs === 0) t.handlers.actions.length = 0;
  p.threads.delete(t);
  retarget(t);
  if (p.children.size > 0) announceThreadDeath(t);
  if (k.sched.current === t) chargeStretch(t);
  p.deadUtimeNs += t.utimeNs;
  p.deadStimeNs += t.stimeNs;
  k.trace.exit(t);
  if (p.threads.size > 0) {
    leaveThread(t);
    return;
  }
  leaveThread(t);
  p.leader.state = 'Z';
  exitProcess(p, p.groupExit >= 0 ? p.groupExit : t.exitCode);
}

/** A leader stays until its process is waited for, a traced thread until its tracer has seen its end; others vanish. */
function leaveThread(t: Task): void {
  const { leader } = t.process;
  disown(t.pending);
  t.state = t === leader || t.traced !== null ? 'Z' : 'X';
  if (t.state === 'X') t.kernel.pids.tasks.delete(t.tid);
  if (t.traced === null || t === leader) return;
  const { tracer } = t.traced;
  sendToProcess(tracer.process, { signo: SIGCHLD, code: CLD_EXITED, pid: t.tid, uid: t.cred.uid, status: (t.exitCode >> 8) & 0xff });
  tracer.process.childEvents.wake();
}

/** The zombie is buried: its numbers become free. */
export function reap(p: Process): void {
  const k = p.kernel;
  p.leader.state = 'X';
  if (p.leader.traced !== null) unlink(p.leader);
  p.parent?.children.delete(p);
  leaveGroup(p);
  k.pids.processes.delete(p.pid);
  k.pids.tasks.delete(p.leader.tid);
}

/** exec and exit: leave the address space, and let a vfork parent go on. */
export function releaseMemory(t: Task): void {
  if (t.mm !== null) {
    t.process.maxRssPages = Math.max(t.process.maxRssPages, t.mm.rssPeakPages);
    const { mm } = t;
    t.mm = null;
    mm.put();
  }
  const parent = t.vforkParent;
  t.vforkParent = null;
  if (parent !== null) t.kernel.wakeTask(parent);
}

function exitProcess(p: Process, status: number): void {
  const k = p.kernel;
  releaseProcessTimers(p);
  disown(p.pending);
  k.ipc.semaphores.undo(p);
  k.security.yama.forget(p);
  releaseProcessRing(p.leader);
  k.security.keys.release(p.sessionKeyring);
  p.sessionKeyring = null;
  const { session } = p;
  if (session.leader === p) {
    if (session.tty !== null) session.tty.disassociate(p, 'exit');
    else if (session.oldForeground !== null) hangUp(session.oldForeground);
    session.oldForeground = null;
    session.leader = null;
  }
  reparentChildren(p);
  p.exe?.put();
  p.exe = null;
  p.exitStatus = status;
  // Only the loss of a link to another group of the session orphans a group; one that was orphaned before is left alone.
  if (p.parent!.group !== p.group && p.parent!.session === session) hangupIfOrphaned(p.group, p);
  p.exitEvents.wake();
  k.processExited(p);
  announce(p);
}

/** Children go to the nearest subreaper, else to init; those whose group loses its last link to this session may be orphaned. */
function reparentChildren(p: Process): void {
  const heir = findReaper(p);
  for (const child of [...p.children]) {
    p.children.delete(child);
    child.parent = heir;
    heir.children.add(child);
    child.exitSignal = SIGCHLD;
    child.forkedBy = heir.leader;
    if (child.isZombie) announce(child);
    else if (child.group !== p.group) hangupIfOrphaned(child.group, p);
  }
}

/** PR_SET_PDEATHSIG: the parent that dies is the thread that forked; its other children go on as children of the process. */
function announceThreadDeath(t: Task): void {
  const p = t.process;
  for (const child of p.children) {
    if (child.forkedBy !== t) continue;
    for (const th of child.threads) if (th.pdeathsig !== 0) sendToProcess(child, { signo: th.pdeathsig, code: SI_USER, pid: p.pid, uid: t.cred.uid });
    for (const heir of p.threads) {
      child.forkedBy = heir;
      break;
    }
  }
}

function findReaper(p: Process): Process {
  for (let q = p.parent; q !== null; q = q.parent) if (q.childSubreaper && !q.isZombie) return q;
  return p.kernel.init;
}

/** SIGCHLD to the parent, or burial at once where nobody will ask (SIG_IGN, SA_NOCLDWAIT, init). */
export function announce(p: Process): void {
  const parent = p.parent!;
  const k = p.kernel;
  const tracer = p.leader.traced?.tracer.process;
  if (tracer !== undefined && tracer !== parent) { // the tracer first; its wait(2) brings us here again
    sendToProcess(tracer, { signo: SIGCHLD, code: CLD_EXITED, pid: p.pid, uid: p.leader.cred.uid, status: (p.exitStatus >> 8) & 0xff });
    return tracer.childEvents.wake();
  }
  const action = parent.leader.handlers.actions[SIGCHLD];
  const unwanted = parent === k.init || (p.exitSignal === SIGCHLD && action !== undefined && (action.handler === SIG_IGN || (action.flags & SA_NOCLDWAIT) !== 0));
  k.notifyParent(p, 'exited');
  if (unwanted) {
    reap(p);
    parent.childEvents.wake();
  }
}
