// Sending signals (kill(2), signal(7)): queueing, the side effects of SIGCONT and stop signals at generation, and waking whoever can take them.
import { SIGCHLD, SIGCONT, NSIG, SIGKILL, SIGSEGV, SIG_DFL, SIG_IGN, SI_KERNEL, SI_USER, SIGRTMIN } from '../../abi/signal.ts';
import { RLIMIT_SIGPENDING } from '../../abi/resource.ts';
import { EAGAIN, type Errno } from '../../abi/errno.ts';
import { POLLIN } from '../../abi/poll.ts';
import type { Process, ProcessGroup } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import type { UserCounts } from '../task/user-counts.ts';
import { bitHi, bitLo, defaultAction, FAULT_SIGNALS, inSet, STOP_SIGNALS, UNMASKABLE } from './sets.ts';
import type { SigInfo, SignalQueue } from './state.ts';

/** A signal for one thread (tgkill, faults, SIGPIPE). EAGAIN: the real-time queue is full (RLIMIT_SIGPENDING). */
export function sendToTask(t: Task, info: SigInfo): 0 | Errno {
  return send(t.process, t, t.pending, info);
}

/** A signal for the process: any thread that does not block it takes it. */
export function sendToProcess(p: Process, info: SigInfo): 0 | Errno {
  return send(p, null, p.pending, info);
}

/** To every member of a process group (kill(-pgid), the terminal's ^C). Returns how many there were. */
export function sendToGroup(g: ProcessGroup, info: SigInfo): number {
  const members = [...g.members];
  for (const p of members) sendToProcess(p, { ...info });
  return members.length;
}

/** Kernel-made signal without further data. */
export const kernelSignal = (signo: number): SigInfo => ({ signo, code: SI_KERNEL });

/** A synchronous fault: cannot be blocked or ignored away; if it is, the default action is restored first (force_sig). */
export function forceSignal(t: Task, info: SigInfo): void {
  const action = t.handlers.actions[info.signo]!;
  const blocked = inSet(t.sigmaskLo, t.sigmaskHi, info.signo);
  if (blocked || action.handler === SIG_IGN) {
    action.handler = SIG_DFL;
    t.sigmaskLo &= ~bitLo(info.signo);
    t.sigmaskHi &= ~bitHi(info.signo);
  }
  sendToTask(t, info);
}

/** A signal could not be delivered; one that is SIGSEGV itself is never tried again (force_sigsegv). */
export function forceSegv(t: Task, delivering: number): void {
  if (delivering === SIGSEGV) t.handlers.actions[SIGSEGV]!.handler = SIG_DFL;
  forceSignal(t, kernelSignal(SIGSEGV));
}

/** Its process is stopping; a tracee whose tracer has let it go on does not take part. */
export const hasToStop = (t: Task): boolean => t.process.stopPending && t.traced?.stopSeen !== true;

/** Recomputes whether `t` has something to do before it returns to user mode. */
export function refreshPending(t: Task): void {
  const lo = (t.pending.lo | t.process.pending.lo) & ~(t.sigmaskLo & ~UNMASKABLE);
  const hi = (t.pending.hi | t.process.pending.hi) & ~t.sigmaskHi;
  t.signalPending = lo !== 0 || hi !== 0 || t.process.groupExit >= 0 || hasToStop(t) || t.killed || t.traced?.trapPending === true;
}

/** Sets the blocked set (SIGKILL and SIGSTOP stay out) and notices what became deliverable, here or in another thread. */
export function setSigmask(t: Task, lo: number, hi: number): void {
  const newLo = lo & ~UNMASKABLE & ~t.sigmaskLo, newHi = hi & ~t.sigmaskHi;
  t.sigmaskLo = lo & ~UNMASKABLE;
  t.sigmaskHi = hi;
  refreshPending(t);
  const { pending } = t.process;
  if (((pending.lo & newLo) | (pending.hi & newHi)) !== 0) retarget(t);
}

/** `t` blocks signals of its process, or leaves it: threads that can take what is pending are told, for only one was woken when it came. */
export function retarget(t: Task): void {
  const { pending, threads } = t.process;
  if ((pending.lo | pending.hi) === 0) return;
  for (const other of threads) {
    if (other === t || other.signalPending) continue;
    refreshPending(other);
    if (other.signalPending) t.kernel.wakeForSignal(other, 'signal');
  }
}

/** Takes the next pending signal that is in the given set (sigtimedwait, signalfd, delivery): the thread's own first. */
export function dequeue(t: Task, wantLo: number, wantHi: number): SigInfo | null {
  const info = take(t.pending, wantLo, wantHi) ?? take(t.process.pending, wantLo, wantHi);
  if (info !== null) refreshPending(t);
  return info;
}

/** Synchronous faults that the kernel has found come before everything else: their context must be the instruction, not another handler. */
export function dequeueFault(t: Task, wantLo: number): SigInfo | null {
  const lo = t.pending.lo & FAULT_SIGNALS & wantLo;
  if (lo === 0) return null;
  const { infos } = t.pending;
  for (const i of infos) if (i.code > SI_USER && inSet(lo, 0, i.signo)) return dequeue(t, bitLo(i.signo), 0);
  return null;
}

/** All pending infos of these signals vanish (SIGCONT discards stops, SIG_IGN discards the signal). */
export function discard(q: SignalQueue, lo: number, hi: number): void {
  if (((q.lo & lo) | (q.hi & hi)) === 0) return;
  q.lo &= ~lo;
  q.hi &= ~hi;
  for (let i = q.infos.length - 1; i >= 0; i--) if (inSet(lo, hi, q.infos[i]!.signo)) remove(q, i);
}

/** Whoever had these pending is gone: they count no more, though /proc may still show them. */
export function disown(q: SignalQueue): void {
  for (let i = 0; i < q.owners.length; i++) {
    const owner = q.owners[i];
    if (owner !== null) owner!.signals--;
    q.owners[i] = null;
  }
}

function remove(q: SignalQueue, at: number): void {
  q.infos.splice(at, 1);
  const [owner] = q.owners.splice(at, 1);
  if (owner !== null) owner!.signals--;
}

function send(p: Process, target: Task | null, queue: SignalQueue, info: SigInfo): 0 | Errno {
  const sig = info.signo;
  if (sig === 0 || p.threads.size === 0) return 0; // dying or dead
  if (sig === SIGCONT) {
    forEachQueue(p, q => discard(q, STOP_SIGNALS, 0));
    continueProcess(p);
  } else if (sig <= 32 && (STOP_SIGNALS & bitLo(sig)) !== 0) {
    forEachQueue(p, q => discard(q, bitLo(SIGCONT), 0));
  }
  if (isIgnored(p, target, sig)) return 0;
  const isPending = inSet(queue.lo, queue.hi, sig);
  if (sig < SIGRTMIN && isPending) return wakeFor(p, target, sig); // standard signals do not queue
  const owner = ownerOf(p, target, info);
  if (owner !== null && (sig >= SIGRTMIN || info.code < 0) && owner.signals >= p.rlimits[RLIMIT_SIGPENDING]!.soft) {
    if (sig >= SIGRTMIN && info.code !== SI_USER) return EAGAIN;
    // kill(2) never fails for that: one instance is enough, and nobody knows from whom.
    if (!isPending) enqueue(queue, { signo: sig, code: SI_USER, pid: 0, uid: 0 }, null);
  } else enqueue(queue, info, owner);
  return wakeFor(p, target, sig);
}

function enqueue(queue: SignalQueue, info: SigInfo, owner: UserCounts | null): void {
  queue.lo |= bitLo(info.signo);
  queue.hi |= bitHi(info.signo);
  queue.infos.push(info);
  queue.owners.push(owner);
  if (owner !== null) owner.signals++;
}

/** The real user of the receiver, unless nothing is kept: SIGKILL has no siginfo, a timer's is counted since timer_create(2), and the dead keep nothing. */
function ownerOf(p: Process, target: Task | null, { signo, isPrepaid }: SigInfo): UserCounts | null {
  const t = target ?? p.leader;
  if (signo === SIGKILL || isPrepaid === true || (target !== null && (t.state === 'Z' || t.state === 'X'))) return null;
  return p.kernel.users.of(t.cred.uid);
}

/** An ignored signal is dropped at generation unless somebody blocks it (sigwait may want it) or traces the task. */
function isIgnored(p: Process, target: Task | null, sig: number): boolean {
  const t = target ?? p.leader;
  if (inSet(t.sigmaskLo, t.sigmaskHi, sig) || t.traced !== null) return false;
  const handler = t.handlers.actions[sig]!.handler;
  if (sig === SIGKILL) return p.pid === 1;
  if (p.pid === 1 && handler === SIG_DFL && sig !== SIGCHLD) return true; // init gets only what it asked for
  return handler === SIG_IGN || (handler === SIG_DFL && defaultAction(sig) === 'ignore');
}

function wakeFor(p: Process, target: Task | null, sig: number): 0 {
  if (sig === SIGKILL) {
    for (const t of p.threads) {
      t.signalPending = true;
      p.kernel.wakeForSignal(t, 'kill');
    }
    return 0;
  }
  const taker = target ?? chooseThread(p, sig);
  if (taker !== null) {
    refreshPending(taker);
    if (taker.signalPending) p.kernel.wakeForSignal(taker, taker.state === 'D' && isDoomed(taker) ? 'kill' : 'signal');
  }
  for (const t of p.threads) t.signalWaiters?.wake(POLLIN); // signalfd, sigtimedwait
  return 0;
}

/**
 * Will `t` die before it sees user mode again (Linux: fatal_signal_pending)? A signal that ends by default is as good as SIGKILL, unless a tracer
 * may want to see it, or a core is to be dumped first.
 */
export function isDoomed(t: Task): boolean {
  if (t.killed || t.process.groupExit >= 0) return true;
  const lo = (t.pending.lo | t.process.pending.lo) & ~(t.sigmaskLo & ~UNMASKABLE), hi = (t.pending.hi | t.process.pending.hi) & ~t.sigmaskHi;
  if (inSet(lo, hi, SIGKILL)) return true;
  if ((lo | hi) === 0 || t.traced !== null) return false;
  for (let sig = 1; sig <= NSIG; sig++) {
    if (inSet(lo, hi, sig) && t.handlers.actions[sig]!.handler === SIG_DFL && defaultAction(sig) === 'terminate') return true;
  }
  return false;
}

/** The thread that takes a process-directed signal: the leader or any that does not block it, best one without other signals to handle. */
function chooseThread(p: Process, sig: number): Task | null {
  const wants = (t: Task): boolean => !inSet(t.sigmaskLo, t.sigmaskHi, sig) && t.state !== 'Z' && t.state !== 'X';
  if (wants(p.leader) && !p.leader.signalPending) return p.leader;
  let busy: Task | null = null;
  for (const t of p.threads) {
    if (!wants(t)) continue;
    if (!t.signalPending) return t;
    busy ??= t;
  }
  return busy;
}

function forEachQueue(p: Process, f: (q: SignalQueue) => void): void {
  f(p.pending);
  for (const t of p.threads) f(t.pending);
}

/** SIGCONT at generation: a stopped process goes on, and its parent may hear of it (WCONTINUED). */
function continueProcess(p: Process): void {
  p.stopPending = false;
  if (p.stopSignal === 0) return;
  p.stopSignal = 0;
  p.continueReported = false;
  p.stopReported = true;
  for (const t of p.threads) {
    if (t.traced !== null) continued(t);
    else if (t.state === 'T') p.kernel.resumeStopped(t);
  }
  p.kernel.notifyParent(p, 'continued');
}

/** A tracee stays in its stop; one under PTRACE_SEIZE reports that the group-stop is over (ptrace(2), "Group-stop"). */
function continued(t: Task): void {
  const traced = t.traced!;
  traced.stopSeen = false;
  if (traced.mode !== 'seized') return;
  traced.trapPending = true;
  if (t.traceStop?.listening === true) t.kernel.resumeStopped(t);
}

function take(q: SignalQueue, lo: number, hi: number): SigInfo | null {
  if (((q.lo & lo) | (q.hi & hi)) === 0) return null;
  const at = bestIndex(q, lo, hi);
  const info = q.infos[at]!;
  remove(q, at);
  const sig = info.signo;
  if (!q.infos.some(i => i.signo === sig)) {
    q.lo &= ~bitLo(sig);
    q.hi &= ~bitHi(sig);
  }
  return info;
}

/** The lowest number; real-time signals of one number in order of arrival. */
function bestIndex(q: SignalQueue, lo: number, hi: number): number {
  let best = -1;
  for (let i = 0; i < q.infos.length; i++) {
    const sig = q.infos[i]!.signo;
    if (!inSet(lo, hi, sig)) continue;
    if (best < 0 || sig < q.infos[best]!.signo) best = i;
  }
  return best;
}
