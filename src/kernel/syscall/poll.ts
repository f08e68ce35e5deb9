// ppoll(2) and pselect6(2): waiting for one of many files. Each run looks at all of them and, if none is ready, parks on all their queues.
import { EBADF, EINVAL, ERESTARTNOHAND, isErr, BLOCKED, type Errno } from '../../abi/errno.ts';
import { O_PATH } from '../../abi/fcntl.ts';
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM, POLLWRBAND, POLLWRNORM, Pollfd } from '../../abi/poll.ts';
import { RLIMIT_NOFILE } from '../../abi/resource.ts';
import type { Task } from '../task/task.ts';
import { int, ptr, sigset, size, syscall, uint } from './define.ts';
import { temporaryMask } from './epoll.ts';
import { callDeadline, storeTimeLeft } from './ipc-time.ts';

const POLLFD_SIZE = Pollfd.size;
/** Which poll events make select(2) report readable, writable, exceptional. */
const READ_SET = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR;
const WRITE_SET = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR;
const EXCEPT_SET = POLLPRI;

let scratch = new Int32Array(64);
let scratchBytes = new Uint8Array(scratch.buffer);

/** ppoll(2); the time left is stored back, as Linux does. */
export const sys_ppoll = syscall({
  name: 'ppoll',
  args: [ptr('fds'), uint('nfds'), ptr('tmo_p'), sigset('sigmask'), size('sigsetsize')],
  run(t, fds, nfds, timeout, sigmask, sigsetsize) {
    const deadline = callDeadline(t, timeout, 'relative');
    if (deadline < 0) return deadline;
    const masked = sigmask === 0 ? 0 : temporaryMask(t, sigmask, sigsetsize);
    if (masked !== 0) return masked;
    const result = poll(t, fds, nfds, deadline);
    if (result !== BLOCKED && timeout !== 0) storeTimeLeft(t, timeout, deadline);
    return result;
  },
});

function poll(t: Task, fds: number, nfds: number, deadlineNs: number): number {
  if (nfds > t.process.rlimits[RLIMIT_NOFILE]!.soft) return EINVAL;
  reserve(nfds * 2);
  const e = t.user.copyIn(fds, scratchBytes, 0, nfds * POLLFD_SIZE);
  if (e !== 0) return e;
  let ready = 0;
  for (let i = 0; i < nfds; i++) {
    const fd = scratch[2 * i]!, events = scratch[2 * i + 1]! & 0xffff;
    const revents = fd < 0 ? 0 : eventsOf(t, fd, events);
    scratch[2 * i + 1] = events | (revents << 16);
    if (revents !== 0) ready++;
  }
  if (ready === 0) {
    if (deadlineNs > t.kernel.now()) return park(t, nfds, deadlineNs);
  }
  for (let i = 0; i < nfds; i++) {
    const f = t.user.storeU16(fds + i * POLLFD_SIZE + Pollfd.offsets.revents, scratch[2 * i + 1]! >>> 16);
    if (f !== 0) return f;
  }
  return ready;
}

function eventsOf(t: Task, fd: number, events: number): number {
  const file = t.files.get(fd);
  if (isErr(file) || (file.flags & O_PATH) !== 0) return POLLNVAL;
  return file.poll(t) & (events | POLLERR | POLLHUP) & 0xffff;
}

/** Sleeps on all files named in `scratch`. */
function park(t: Task, nfds: number, deadlineNs: number): Errno | 0 {
  if (t.signalPending) return ERESTARTNOHAND;
  for (let i = 0; i < nfds; i++) {
    const fd = scratch[2 * i]!;
    const file = fd < 0 ? EBADF : t.files.get(fd);
    if (!isErr(file) && file.waiters !== null) t.alsoWaitOn(file.waiters);
  }
  return t.waitOnUntil(null, deadlineNs, 'poll', 0);
}

/** pselect6(2): the last argument points to { sigset pointer, size }; the time left is stored back. */
export const sys_pselect6 = syscall({
  name: 'pselect6',
  args: [int('nfds'), ptr('readfds'), ptr('writefds'), ptr('exceptfds'), ptr('timeout'), ptr('sigmask')],
  run(t, nfds, readfds, writefds, exceptfds, timeout, sigmask) {
    const deadline = callDeadline(t, timeout, 'relative');
    if (deadline < 0) return deadline;
    const masked = sigmask === 0 ? 0 : packedMask(t, sigmask);
    if (masked !== 0) return masked;
    const result = select(t, nfds, readfds, writefds, exceptfds, deadline);
    if (result !== BLOCKED && timeout !== 0) storeTimeLeft(t, timeout, deadline);
    return result;
  },
});

function packedMask(t: Task, pack: number): 0 | Errno {
  const e = t.user.loadU64(pack);
  if (e !== 0) return e;
  const addr = t.user.value;
  const f = t.user.loadU64(pack + 8);
  if (f !== 0) return f;
  return addr === 0 ? 0 : temporaryMask(t, addr, t.user.value);
}

/** `scratch` holds the three sets asked for, and behind them the three results. */
function select(t: Task, nfds: number, readfds: number, writefds: number, exceptfds: number, deadlineNs: number): number {
  if (nfds < 0) return EINVAL;
  const n = Math.min(nfds, Math.max(64, t.files.size));
  const words = 2 * Math.ceil(n / 64), bytes = words * 4;
  reserve(words * 6);
  scratch.fill(0, 0, words * 6);
  const sets = [readfds, writefds, exceptfds];
  for (let s = 0; s < 3; s++) {
    const e = sets[s] === 0 ? 0 : t.user.copyIn(sets[s]!, scratchBytes, s * bytes, bytes);
    if (e !== 0) return e;
  }
  const ready = lookAtSets(t, n, words);
  if (ready < 0) return ready;
  if (ready === 0 && deadlineNs > t.kernel.now()) return parkOnSets(t, n, words, deadlineNs);
  for (let s = 0; s < 3; s++) {
    const e = sets[s] === 0 ? 0 : t.user.copyOut(sets[s]!, scratchBytes, (s + 3) * bytes, bytes);
    if (e !== 0) return e;
  }
  return ready;
}

/** Fills in the results; how many bits, or EBADF. */
function lookAtSets(t: Task, n: number, words: number): number | Errno {
  let ready = 0;
  for (let fd = 0; fd < n; fd++) {
    const w = fd >> 5, bit = 1 << (fd & 31);
    const wanted = wantedAt(w, bit, words);
    if (wanted === 0) continue;
    const file = t.files.get(fd);
    if (isErr(file)) return EBADF;
    const events = file.poll(t) & wanted;
    ready += mark(3 * words + w, bit, events & wanted & READ_SET, (scratch[w]! & bit) !== 0);
    ready += mark(4 * words + w, bit, events & WRITE_SET, (scratch[words + w]! & bit) !== 0);
    ready += mark(5 * words + w, bit, events & EXCEPT_SET, (scratch[2 * words + w]! & bit) !== 0);
  }
  return ready;
}

function wantedAt(w: number, bit: number, words: number): number {
  return ((scratch[w]! & bit) !== 0 ? READ_SET : 0) | ((scratch[words + w]! & bit) !== 0 ? WRITE_SET : 0)
    | ((scratch[2 * words + w]! & bit) !== 0 ? EXCEPT_SET : 0);
}

function mark(word: number, bit: number, events: number, asked: boolean): 0 | 1 {
  if (!asked || events === 0) return 0;
  scratch[word]! |= bit;
  return 1;
}

function parkOnSets(t: Task, n: number, words: number, deadlineNs: number): Errno | 0 {
  if (t.signalPending) return ERESTARTNOHAND;
  for (let fd = 0; fd < n; fd++) {
    if (wantedAt(fd >> 5, 1 << (fd & 31), words) === 0) continue;
    const file = t.files.get(fd);
    if (!isErr(file) && file.waiters !== null) t.alsoWaitOn(file.waiters);
  }
  return t.waitOnUntil(null, deadlineNs, 'select', 0);
}

function reserve(words: number): void {
  if (words <= scratch.length) return;
  scratch = new Int32Array(words);
  scratchBytes = new Uint8Array(scratch.buffer);
}
