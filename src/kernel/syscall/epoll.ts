// epoll_create1(2), epoll_ctl(2), epoll_wait(2) in its riscv64 forms epoll_pwait and epoll_pwait2.
import { type Errno, type Fallible, EBADF, EINTR, EINVAL, EPERM, isErr } from '../../abi/errno.ts';
import { O_PATH } from '../../abi/fcntl.ts';
import {
  EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLWAKEUP, EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL,
  EPOLL_CTL_MOD, EpollEvent,
} from '../../abi/poll.ts';
import { EpollFile, EpollSink } from '../ipc/epoll.ts';
import { setTemporaryMask } from '../signal/deliver.ts';
import { SIGSET_SIZE } from '../../abi/signal.ts';
import type { Task } from '../task/task.ts';
import { fd, flags, inStruct, int, oneOf, ptr, sigset, size, syscall } from './define.ts';
import { installFile } from './eventfd.ts';
import { callDeadline } from './ipc-time.ts';

const EVENT_SIZE = EpollEvent.size;
const MAX_EVENTS = Math.floor(0x7fff_ffff / EVENT_SIZE);
/** What may come with EPOLLEXCLUSIVE (epoll_ctl(2)). */
const WITH_EXCLUSIVE = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

/** epoll_create1(2). */
export const sys_epoll_create1 = syscall({
  name: 'epoll_create1',
  args: [flags('flags', { EPOLL_CLOEXEC })],
  run(t, flags) {
    if ((flags & ~EPOLL_CLOEXEC) !== 0) return EINVAL;
    return installFile(t, new EpollFile(t), (flags & EPOLL_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
  },
});

/** epoll_ctl(2). */
export const sys_epoll_ctl = syscall({
  name: 'epoll_ctl',
  args: [fd('epfd'), oneOf('op', { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD }), fd('fd'), inStruct('event', EpollEvent)],
  gaps: 'EPOLLWAKEUP has no effect',
  run(t, epfd, op, fd, addr) {
    let events = 0, lo = 0, hi = 0;
    if (op !== EPOLL_CTL_DEL) {
      const e = loadEvent(t, addr);
      if (e !== 0) return e;
      ({ events, lo, hi } = loaded);
    }
    const epoll = t.files.get(epfd);
    if (isErr(epoll)) return epoll;
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if ((file.flags & O_PATH) !== 0) return EBADF;
    if (file.waiters === null) return EPERM;
    if (file === epoll || !(epoll instanceof EpollFile)) return EINVAL;
    if ((events & EPOLLEXCLUSIVE) !== 0 && (op === EPOLL_CTL_MOD || file instanceof EpollFile || (events & ~WITH_EXCLUSIVE) !== 0)) return EINVAL;
    switch (op) {
      case EPOLL_CTL_ADD: return epoll.add(t, file, fd, events, lo, hi);
      case EPOLL_CTL_MOD: return epoll.modify(t, file, fd, events, lo, hi);
      case EPOLL_CTL_DEL: return epoll.delete(file, fd);
      default: return EINVAL;
    }
  },
});


/** epoll_pwait(2): timeout in milliseconds, negative for none. */
export const sys_epoll_pwait = syscall({
  name: 'epoll_pwait',
  args: [fd('epfd'), ptr('events'), int('maxevents'), int('timeout'), sigset('sigmask'), size('sigsetsize')],
  run(t, epfd, events, maxevents, timeout, sigmask, sigsetsize) {
    const set = t.restart?.deadlineNs ?? Infinity;
    const deadline = timeout < 0 || set !== Infinity ? set : t.kernel.now() + timeout * 1_000_000;
    return wait(t, epfd, events, maxevents, deadline, sigmask, sigsetsize);
  },
});

/** epoll_pwait2(2): timeout as timespec, null for none. */
export const sys_epoll_pwait2 = syscall({
  name: 'epoll_pwait2',
  args: [fd('epfd'), ptr('events'), int('maxevents'), ptr('timeout'), sigset('sigmask'), size('sigsetsize')],
  run(t, epfd, events, maxevents, timeout, sigmask, sigsetsize) {
    const deadline = callDeadline(t, timeout, 'relative');
    return deadline < 0 ? deadline : wait(t, epfd, events, maxevents, deadline, sigmask, sigsetsize);
  },
});

function wait(t: Task, epfd: number, events: number, maxevents: number, deadlineNs: number, sigmask: number, sigsetsize: number): number {
  const masked = sigmask === 0 ? 0 : temporaryMask(t, sigmask, sigsetsize);
  if (masked !== 0) return masked;
  if (maxevents <= 0 || maxevents > MAX_EVENTS) return EINVAL;
  const epoll = getEpoll(t, epfd);
  if (isErr(epoll)) return epoll;

  sink.task = t;
  sink.addr = events;
  const n = epoll.collect(t, maxevents, sink);
  sink.task = null;
  if (n !== 0) return n;
  if (deadlineNs <= t.kernel.now()) return 0;
  if (t.signalPending) return EINTR; // never restarted, SA_RESTART or not (signal(7))
  return t.waitOnUntil(epoll.waiters, deadlineNs, 'epoll', 0);
}

/** For pselect, ppoll and epoll_pwait: waits with the signal mask at `addr`. */
export function temporaryMask(t: Task, addr: number, sigsetsize: number): 0 | Errno {
  if (sigsetsize !== SIGSET_SIZE) return EINVAL;
  const e = t.user.loadU64(addr);
  if (e !== 0) return e;
  setTemporaryMask(t, t.user.lo, t.user.hi);
  return 0;
}

function getEpoll(t: Task, epfd: number): Fallible<EpollFile> {
  const file = t.files.get(epfd);
  if (isErr(file)) return file;
  return file instanceof EpollFile ? file : EINVAL;
}

const loaded = { events: 0, lo: 0, hi: 0 };

function loadEvent(t: Task, addr: number): 0 | Errno {
  const e = t.user.loadU32(addr);
  if (e !== 0) return e;
  loaded.events = t.user.value;
  const f = t.user.loadU64(addr + EpollEvent.offsets.data);
  loaded.lo = t.user.lo;
  loaded.hi = t.user.hi;
  return f;
}

/** Writes struct epoll_event after struct epoll_event to user memory. */
class UserEvents extends EpollSink {
  task: Task | null = null;
  addr = 0;
  override event(index: number, events: number, dataLo: number, dataHi: number): 0 | Errno {
    const at = this.addr + index * EVENT_SIZE;
    const user = this.task!.user;
    const e = user.storeU32(at, events);
    return e !== 0 ? e : user.storeWords(at + EpollEvent.offsets.data, dataLo, dataHi);
  }
}
const sink = new UserEvents();
