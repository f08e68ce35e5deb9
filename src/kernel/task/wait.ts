// wait4(2) and waitid(2): one search over the children that match, one way to consume an event.
import { type Errno, ECHILD, ERESTARTSYS, isErr } from '../../abi/errno.ts';
import { CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, SIGCHLD, SIGCONT } from '../../abi/signal.ts';
import { WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WSTOPPED, __WALL, __WCLONE, __WNOTHREAD } from '../../abi/wait.ts';
import { processCpuNs } from '../time/cpu-time.ts';
import { buryTracee } from '../ptrace/relation.ts';
import { traceeEvent } from '../ptrace/wait.ts';
import { reap } from './exit.ts';
import type { Process } from './process.ts';
import type { Task } from './task.ts';

/** Which children: all, one pid, a process group. */
export type WaitTarget = { kind: 'all' } | { kind: 'pid'; pid: number } | { kind: 'group'; pgid: number };

/** What was found; `status` in wait(2) encoding. */
export interface WaitEvent { pid: number; uid: number; status: number; code: number; siStatus: number; utimeNs: number; stimeNs: number; maxRssPages: number }

/** The next event, null with WNOHANG if there is none yet, ECHILD, or parked. */
export function waitForChild(t: Task, target: WaitTarget, options: number): WaitEvent | null | Errno {
  let candidates = 0;
  for (const thread of t.process.threads) {
    if (thread.tracees === null || ((options & __WNOTHREAD) !== 0 && thread !== t)) continue;
    for (const tracee of thread.tracees) {
      if (!isTarget(tracee.process, tracee.tid, target)) continue;
      candidates++;
      const event = tracersEvent(t, tracee, options);
      if (event !== null) return event;
    }
  }
  for (const child of t.process.children) {
    if (!matches(child, target, options) || ((options & __WNOTHREAD) !== 0 && child.forkedBy !== t)) continue;
    const tracer = child.leader.traced?.tracer.process;
    if (tracer === t.process) continue;
    // The dead neither stop nor go on: who waits for nothing else waits in vain.
    if (child.isZombie && tracer === undefined && (options & WEXITED) === 0) continue;
    candidates++;
    if (tracer !== undefined && child.isZombie) continue; // its tracer waits first (ptrace(2), "Death under ptrace")
    const event = eventOf(t, child, options);
    if (event !== null) return event;
  }
  if (candidates === 0) return ECHILD;
  if ((options & WNOHANG) !== 0) return null;
  const r = t.waitOn(t.process.childEvents, 'do_wait');
  return isErr(r) ? r : ERESTARTSYS;
}

function matches(child: Process, target: WaitTarget, options: number): boolean {
  if (!isTarget(child, child.pid, target)) return false;
  if ((options & __WALL) !== 0) return true;
  return ((options & __WCLONE) !== 0) === (child.exitSignal !== SIGCHLD);
}

function isTarget(p: Process, id: number, target: WaitTarget): boolean {
  if (target.kind === 'pid') return id === target.pid;
  return target.kind === 'all' || p.group.id === target.pgid;
}

/** A tracee shows its stops whatever the options say, and its end before the real parent may see it. */
function tracersEvent(t: Task, tracee: Task, options: number): WaitEvent | null {
  const found = traceeEvent(tracee, options);
  if (found === null) return null;
  const p = tracee.process;
  const event = { ...describe(p, found.status, found.code, found.siStatus), pid: tracee.tid, uid: tracee.cred.uid };
  if ((options & WNOWAIT) !== 0) return event;
  if (found.kind === 'stop') {
    tracee.traceStop!.reported = true;
  } else if (tracee === p.leader && p.parent === t.process) {
    account(t.process, p);
    reap(p);
  } else {
    buryTracee(tracee);
  }
  return event;
}

function eventOf(t: Task, child: Process, options: number): WaitEvent | null {
  const peek = (options & WNOWAIT) !== 0;
  if (child.isZombie) {
    if ((options & WEXITED) === 0) return null;
    const event = describe(child, child.exitStatus, ...exitCode(child.exitStatus));
    if (!peek) {
      account(t.process, child);
      reap(child);
    }
    return event;
  }
  if (child.stopSignal !== 0 && !child.stopReported && (options & WSTOPPED) !== 0 && allStopped(child)) {
    const event = describe(child, (child.stopSignal << 8) | 0x7f, CLD_STOPPED, child.stopSignal);
    if (!peek) child.stopReported = true;
    return event;
  }
  if (!child.continueReported && child.stopSignal === 0 && (options & WCONTINUED) !== 0) {
    if (!peek) child.continueReported = true;
    return describe(child, 0xffff, CLD_CONTINUED, SIGCONT);
  }
  return null;
}

function allStopped(p: Process): boolean {
  for (const t of p.threads) if (t.state !== 'T' && t.state !== 't') return false;
  return true;
}

function exitCode(status: number): [number, number] {
  const sig = status & 0x7f;
  if (sig === 0) return [CLD_EXITED, (status >> 8) & 0xff];
  return [status & 0x80 ? CLD_DUMPED : CLD_KILLED, sig];
}

function describe(p: Process, status: number, code: number, siStatus: number): WaitEvent {
  const { user, system } = processCpuNs(p);
  return {
    pid: p.pid, uid: p.leader.cred.uid, status, code, siStatus, utimeNs: user + p.childUtimeNs, stimeNs: system + p.childStimeNs,
    maxRssPages: Math.max(p.maxRssPages, p.childMaxRssPages),
  };
}

/** A waited-for child's times become the parent's (getrusage(2), RUSAGE_CHILDREN). */
function account(parent: Process, child: Process): void {
  const { user, system } = processCpuNs(child);
  parent.childUtimeNs += user + child.childUtimeNs;
  parent.childStimeNs += system + child.childStimeNs;
  parent.childMaxRssPages = Math.max(parent.childMaxRssPages, child.maxRssPages, child.childMaxRssPages);
}
