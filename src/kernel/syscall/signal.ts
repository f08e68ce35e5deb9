// Signals: kill(2), tgkill(2), rt_sigaction(2), rt_sigprocmask(2), rt_sigsuspend(2), rt_sigtimedwait(2), sigaltstack(2), rt_sigreturn(2), ...
import {
  BLOCKED, EAGAIN, EBADF, EFAULT, EINTR, EINVAL, EPERM, ERESTARTNOHAND, ESRCH, type Errno, isErr,
} from '../../abi/errno.ts';
import {
  SA_EXPOSE_TAGBITS, SA_NOCLDSTOP, SA_NOCLDWAIT, SA_NODEFER, SA_ONSTACK, SA_RESETHAND, SA_RESTART, SA_SIGINFO, SIGCHLD, SIGCONT, SIGINFO_SIZE,
  SIGKILL, SIGSEGV, SIGSET_SIZE, SIGSTOP, SIG_BLOCK, SIG_IGN, SIG_SETMASK, SIG_UNBLOCK, SI_TKILL, SI_USER, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK,
  Sigaction, StackT,
} from '../../abi/signal.ts';
import { CAP_KILL } from '../../abi/capability.ts';
import { dropIgnored, setTemporaryMask } from '../signal/deliver.ts';
import { onAltStack, popFrame, setAltStack } from '../signal/frame.ts';
import { dequeue, forceSignal, kernelSignal, sendToProcess, sendToTask, setSigmask } from '../signal/send.ts';
import { defaultAction } from '../signal/sets.ts';
import { decodeSigInfo, encodeSigInfo } from '../signal/siginfo.ts';
import { PidFile } from '../task/pidfd.ts';
import type { SigInfo } from '../signal/state.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import { fd, hex, inStruct, oneOf, outStruct, pid, ptr, signal, sigset, size, syscall } from './define.ts';
import { callDeadline } from './ipc-time.ts';

const SA_KNOWN = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND | SA_EXPOSE_TAGBITS;

/** kill(2). */
export const sys_kill = syscall({
  name: 'kill', args: [pid('pid'), signal('sig')],
  run(t, who, sig) {
    if (sig < 0 || sig > 64) return EINVAL;
    const info: SigInfo = { signo: sig, code: SI_USER, pid: t.process.pid, uid: t.cred.uid };
    const { pids } = t.kernel;
    if (who > 0) {
      const p = pids.tasks.get(who)?.process ?? pids.processes.get(who);
      return p === undefined ? ESRCH : signalProcess(t, p, info);
    }
    if (who === -1) return signalEverybody(t, info);
    if (who === -2147483648) return ESRCH;
    const group = who === 0 ? t.process.group : pids.groups.get(-who);
    return group === undefined ? ESRCH : signalMany(t, [...group.members], info);
  },
});

/** kill(-1): everybody but init and the caller; those that may not be signalled do not count as an error. */
function signalEverybody(t: Task, info: SigInfo): 0 | Errno {
  let result: 0 | Errno = ESRCH;
  for (const p of t.kernel.pids.processes.values()) {
    if (p.pid === 1 || p === t.process) continue;
    const r = signalProcess(t, p, { ...info });
    if (r !== EPERM || result === ESRCH) result = r === EPERM ? 0 : r;
  }
  return result;
}

function signalMany(t: Task, targets: Process[], info: SigInfo): 0 | Errno {
  let result: 0 | Errno = ESRCH;
  for (const p of targets) {
    const r = signalProcess(t, p, { ...info });
    if (r === 0 || result === ESRCH) result = result === 0 ? 0 : r;
  }
  return result;
}

function signalProcess(t: Task, p: Process, info: SigInfo): 0 | Errno {
  if (!maySignal(t, p.leader, info.signo)) return EPERM;
  return info.signo === 0 ? 0 : sendToProcess(p, info);
}

/** kill(2), "permission": same real or effective user, CAP_KILL, or SIGCONT within the session. */
function maySignal(t: Task, target: Task, sig: number): boolean {
  const c = t.cred, o = target.cred;
  const mine = t.process === target.process || c.has(CAP_KILL) || c.euid === o.suid || c.euid === o.uid || c.uid === o.suid || c.uid === o.uid
    || (sig === SIGCONT && t.process.session === target.process.session);
  return mine && t.kernel.security.signal(t, target.process) === 0;
}

function signalThread(t: Task, tgid: number, tid: number, info: SigInfo): 0 | Errno {
  const target = t.kernel.pids.tasks.get(tid);
  if (target === undefined || target.state === 'X' || (tgid > 0 && target.process.pid !== tgid)) return ESRCH;
  if (!maySignal(t, target, info.signo)) return EPERM;
  if (info.signo === 0 || target.state === 'Z') return 0;
  return sendToTask(target, info);
}

export const sys_tkill = syscall({
  name: 'tkill', args: [pid('tid'), signal('sig')],
  run(t, tid, sig) {
    if (sig < 0 || sig > 64 || tid <= 0) return EINVAL;
    return signalThread(t, 0, tid, { signo: sig, code: SI_TKILL, pid: t.process.pid, uid: t.cred.uid });
  },
});

export const sys_tgkill = syscall({
  name: 'tgkill', args: [pid('tgid'), pid('tid'), signal('sig')],
  run(t, tgid, tid, sig) {
    if (sig < 0 || sig > 64 || tid <= 0 || tgid <= 0) return EINVAL;
    return signalThread(t, tgid, tid, { signo: sig, code: SI_TKILL, pid: t.process.pid, uid: t.cred.uid });
  },
});

/** rt_sigqueueinfo(2) and kin: user space may only claim what could not be mistaken for the kernel's own. */
function userInfo(t: Task, at: number, sig: number, toSelf: boolean): SigInfo | Errno {
  const bytes = new Uint8Array(SIGINFO_SIZE);
  const r = t.user.copyIn(at, bytes);
  if (isErr(r)) return r;
  const info = decodeSigInfo(bytes, 0);
  info.signo = sig;
  if ((info.code >= 0 || info.code === SI_TKILL) && !toSelf) return EPERM;
  return sig < 0 || sig > 64 ? EINVAL : info;
}

export const sys_rt_sigqueueinfo = syscall({
  name: 'rt_sigqueueinfo', args: [pid('tgid'), signal('sig'), ptr('info')],
  run(t, tgid, sig, at) {
    const info = userInfo(t, at, sig, tgid === t.process.pid);
    if (isErr(info)) return info;
    const p = t.kernel.pids.processes.get(tgid);
    return p === undefined ? ESRCH : signalProcess(t, p, info);
  },
});

export const sys_rt_tgsigqueueinfo = syscall({
  name: 'rt_tgsigqueueinfo', args: [pid('tgid'), pid('tid'), signal('sig'), ptr('info')],
  run(t, tgid, tid, sig, at) {
    if (tgid <= 0 || tid <= 0) return EINVAL;
    const info = userInfo(t, at, sig, tid === t.tid);
    return isErr(info) ? info : signalThread(t, tgid, tid, info);
  },
});

/** pidfd_send_signal(2). */
export const sys_pidfd_send_signal = syscall({
  name: 'pidfd_send_signal', args: [fd('pidfd'), signal('sig'), ptr('info'), hex('flags')],
  gaps: 'PIDFD_SIGNAL_THREAD and PIDFD_SIGNAL_PROCESS_GROUP answer EINVAL',
  run(t, n, sig, at, f) {
    if (f !== 0 || sig < 0 || sig > 64) return EINVAL;
    const file = t.files.get(n);
    if (isErr(file)) return file;
    const p = file instanceof PidFile ? file.process : file.inode.processBehind;
    if (p === null) return EBADF;
    if (p.exitStatus >= 0 && t.kernel.pids.processes.get(p.pid) !== p) return ESRCH;
    const info = at === 0 ? { signo: sig, code: SI_USER, pid: t.process.pid, uid: t.cred.uid } : userInfo(t, at, sig, p === t.process);
    return isErr(info) ? info : signalProcess(t, p, info);
  },
});

/** rt_sigaction(2). */
export const sys_rt_sigaction = syscall({
  name: 'rt_sigaction', args: [signal('signum'), inStruct('act', Sigaction), outStruct('oldact', Sigaction), size('sigsetsize')],
  run(t, sig, act, old, setSize) {
    if (setSize !== SIGSET_SIZE || sig < 1 || sig > 64) return EINVAL;
    if (act !== 0 && (sig === SIGKILL || sig === SIGSTOP)) return EINVAL;
    const view = Sigaction.view();
    if (act !== 0) {
      const r = t.user.copyIn(act, view.bytes);
      if (isErr(r)) return r;
    }
    const next = { handler: view.sa_handler, flags: (view.sa_flags & SA_KNOWN) | 0, maskLo: view.sa_mask_lo, maskHi: view.sa_mask_hi };
    const action = t.handlers.actions[sig]!;
    if (old !== 0) {
      view.sa_handler = action.handler;
      view.sa_flags = action.flags >>> 0;
      view.sa_mask_lo = action.maskLo;
      view.sa_mask_hi = action.maskHi;
      const r = t.user.copyOut(old, view.bytes);
      if (isErr(r)) return r;
    }
    if (act === 0) return 0;
    const UNMASKED = (1 << (SIGKILL - 1)) | (1 << (SIGSTOP - 1));
    next.maskLo &= ~UNMASKED;
    t.handlers.actions[sig] = next;
    if (next.handler === SIG_IGN || (next.handler === 0 && defaultAction(sig) === 'ignore' && sig !== SIGCHLD)) dropIgnored(t, sig);
    return 0;
  },
});

/** rt_sigprocmask(2). */
export const sys_rt_sigprocmask = syscall({
  name: 'rt_sigprocmask', args: [oneOf('how', { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK }), sigset('set'), ptr('oldset'), size('sigsetsize')],
  run(t, how, set, old, setSize) {
    if (setSize !== SIGSET_SIZE) return EINVAL;
    const oldLo = t.sigmaskLo, oldHi = t.sigmaskHi;
    if (set !== 0) {
      const r = t.user.loadU64(set);
      if (isErr(r)) return r;
      const { lo, hi } = t.user;
      switch (how) {
        case SIG_BLOCK: setSigmask(t, oldLo | lo, oldHi | hi); break;
        case SIG_UNBLOCK: setSigmask(t, oldLo & ~lo, oldHi & ~hi); break;
        case SIG_SETMASK: setSigmask(t, lo, hi); break;
        default: return EINVAL;
      }
    }
    return old === 0 ? 0 : t.user.storeWords(old, oldLo, oldHi);
  },
});

export const sys_rt_sigpending = syscall({
  name: 'rt_sigpending', args: [ptr('set'), size('sigsetsize')],
  run(t, set, setSize) {
    if (setSize > SIGSET_SIZE) return EINVAL;
    const lo = (t.pending.lo | t.process.pending.lo) & t.sigmaskLo, hi = (t.pending.hi | t.process.pending.hi) & t.sigmaskHi;
    const bytes = new Uint8Array(new Int32Array([lo, hi]).buffer);
    return t.user.copyOut(set, bytes, 0, setSize);
  },
});

/** sigsuspend(2): sleeps until a handler has run. */
export const sys_rt_sigsuspend = syscall({
  name: 'rt_sigsuspend', args: [sigset('mask'), size('sigsetsize')],
  run(t, set, setSize) {
    if (setSize !== SIGSET_SIZE) return EINVAL;
    const r = t.user.loadU64(set);
    if (isErr(r)) return r;
    setTemporaryMask(t, t.user.lo, t.user.hi);
    if (t.signalPending) return ERESTARTNOHAND;
    t.waitReason = 'sigsuspend';
    return BLOCKED;
  },
});

/** rt_sigtimedwait(2). */
export const sys_rt_sigtimedwait = syscall({
  name: 'rt_sigtimedwait', args: [sigset('set'), ptr('info'), ptr('timeout'), size('sigsetsize')],
  run(t, set, at, timeout, setSize) {
    if (setSize !== SIGSET_SIZE) return EINVAL;
    const r = t.user.loadU64(set);
    if (isErr(r)) return r;
    const UNMASKED = (1 << (SIGKILL - 1)) | (1 << (SIGSTOP - 1));
    const lo = t.user.lo & ~UNMASKED, { hi } = t.user;
    const deadline = callDeadline(t, timeout, 'relative');
    if (deadline < 0) return deadline;
    const info = dequeue(t, lo, hi);
    if (info !== null) return storeInfo(t, at, info);
    const queue = (t.signalWaiters ??= new WaitQueue());
    const w = t.waitOnUntil(queue, deadline, 'sigtimedwait', EAGAIN);
    return w === BLOCKED || w === EAGAIN ? w : EINTR;
  },
});

function storeInfo(t: Task, at: number, info: SigInfo): number {
  if (at !== 0) {
    const bytes = new Uint8Array(SIGINFO_SIZE);
    encodeSigInfo(info, bytes, 0);
    if (isErr(t.user.copyOut(at, bytes))) return EFAULT;
  }
  return info.signo;
}

/** sigaltstack(2). */
export const sys_sigaltstack = syscall({
  name: 'sigaltstack', args: [inStruct('ss', StackT), outStruct('old_ss', StackT)],
  run(t, ss, old) {
    const x = t.kernel.hart.x;
    const active = onAltStack(t, (x[5]! >>> 0) * 2 ** 32 + (x[4]! >>> 0));
    const view = StackT.view();
    const { sp, size: length, flags: kept } = t.altStack;
    if (ss !== 0) {
      const r = t.user.copyIn(ss, view.bytes);
      if (isErr(r)) return r;
      if (active) return EPERM;
      const set = setAltStack(t, view.ss_sp, view.ss_size, view.ss_flags);
      if (isErr(set)) return set;
    }
    if (old === 0) return 0;
    view.zero();
    view.ss_sp = sp;
    view.ss_size = length;
    view.ss_flags = (length === 0 ? SS_DISABLE : active ? SS_ONSTACK : 0) | (kept & SS_AUTODISARM);
    return t.user.copyOut(old, view.bytes);
  },
});

/** rt_sigreturn(2): never returns to its caller. */
export const sys_rt_sigreturn = syscall({
  name: 'rt_sigreturn', args: [], setsRegisters: true,
  run(t) {
    const bad = popFrame(t);
    if (!isErr(bad)) return 0;
    forceSignal(t, kernelSignal(SIGSEGV));
    return 0;
  },
});

