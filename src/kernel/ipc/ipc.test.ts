// Pipes, FIFOs, eventfds, epoll, poll and futexes through their system calls, on a kernel without a machine.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { EAGAIN, EBUSY, EINTR, EINVAL, ELOOP, ENXIO, EPIPE, ERESTARTNOHAND, ETIMEDOUT, isErr } from '../../abi/errno.ts';
import { O_DIRECT, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from '../../abi/fcntl.ts';
import { EFD_SEMAPHORE } from '../../abi/eventfd.ts';
import {
  FUTEX_CMP_REQUEUE, FUTEX_LOCK_PI, FUTEX_OWNER_DIED, FUTEX_UNLOCK_PI, FUTEX_WAIT, FUTEX_WAITERS, FUTEX_WAIT_BITSET, FUTEX_WAKE, FUTEX_WAKE_BITSET,
} from '../../abi/futex.ts';
import { EPOLLET, EPOLLIN, EPOLLONESHOT, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT } from '../../abi/poll.ts';
import { S_IFIFO } from '../../abi/stat.ts';
import { sys_epoll_create1, sys_epoll_ctl, sys_epoll_pwait } from '../syscall/epoll.ts';
import { sys_eventfd2 } from '../syscall/eventfd.ts';
import { sys_futex } from '../syscall/futex.ts';
import { sys_pipe2 } from '../syscall/ipc-pipe.ts';
import { sys_ppoll, sys_pselect6 } from '../syscall/poll.ts';
import type { Task } from '../task/task.ts';
import { Inode } from '../vfs/inode.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { openFifo } from './fifo.ts';
import { releaseFutexes } from './futex-exit.ts';
import type { PipeFile } from './pipe.ts';
import { call, FakeKernel } from './test-util.ts';

const MS = 1_000_000;
class NamedPipe extends Inode {}
const file = (t: Task, fd: number): OpenFile => t.files.get(fd) as OpenFile;
const write = (t: Task, f: OpenFile, s: string | number): number =>
  f.write(t, new KernelBuffer(typeof s === 'number' ? new Uint8Array(s) : new TextEncoder().encode(s)), 0);
function read(t: Task, f: OpenFile, n: number): string | number {
  const io = new KernelBuffer(new Uint8Array(n));
  const r = f.read(t, io, 0);
  return r < 0 ? r : new TextDecoder().decode(io.bytes.subarray(0, r));
}
function pipe(t: Task, flags = 0): [PipeFile, PipeFile] {
  assert.equal(call(t, sys_pipe2, 16, flags), 0);
  const u = (t.kernel as unknown as FakeKernel).user;
  return [file(t, u.u32(16)) as PipeFile, file(t, u.u32(20)) as PipeFile];
}

const wait = (t: Task, addr: number, val: number): number | 'parked' => call(t, sys_futex, addr, FUTEX_WAIT, val, 0);

test('pipe: bytes in order, end of file, broken pipe', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [r, w] = pipe(t);
  assert.equal(read(t, r, 10), EAGAIN);
  assert.equal(write(t, w, 'hello '), 6);
  assert.equal(write(t, w, 'world'), 5);
  assert.equal(read(t, r, 8), 'hello wo');
  assert.equal(read(t, r, 8), 'rld');
  assert.equal(w.poll(), POLLOUT | 0x100);
  w.put();
  assert.equal(read(t, r, 8), '');
  assert.equal(r.poll(), POLLHUP);
  const [r2, w2] = pipe(t);
  r2.put();
  assert.equal(write(t, w2, 'x'), EPIPE);
  assert.equal(w2.poll() & POLLERR, POLLERR);
});

test('pipe: writes up to PIPE_BUF are atomic, larger ones partial; capacity by F_SETPIPE_SZ', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [r, w] = pipe(t);
  assert.equal(write(t, w, 65530), 65530);
  assert.equal(write(t, w, 10), EAGAIN);
  assert.equal(w.poll(), 0);
  assert.equal(write(t, w, 5000), 6);
  read(t, r, 4095);
  assert.equal(w.poll(), 0);
  read(t, r, 1);
  assert.equal(w.poll() & POLLOUT, POLLOUT);
  assert.equal(w.pipe.resize(t, 4096), EBUSY);
  assert.equal(w.pipe.resize(t, 70000), 131072);
  assert.equal(write(t, w, 100000), 131072 - 61440);
});

test('pipe: random sizes arrive unharmed across the wrap', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [r, w] = pipe(t);
  let sent = 0, got = 0;
  for (let i = 0; i < 3000; i++) {
    const src = new Uint8Array((i * 7919) % 9000);
    for (let j = 0; j < src.length; j++) src[j] = (sent + j) % 251;
    const n = w.write(t, new KernelBuffer(src));
    if (n > 0) sent += n;
    const io = new KernelBuffer(new Uint8Array((i * 104729) % 9001));
    const m = r.read(t, io);
    for (let j = 0; j < m; j++) assert.equal(io.bytes[j], (got + j) % 251);
    if (m > 0) got += m;
  }
  assert.ok(got > 1_000_000);
});

test('pipe: O_DIRECT keeps packets, mixed with plain writes', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [r, w] = pipe(t, O_DIRECT | O_NONBLOCK);
  write(t, w, 'abc');
  write(t, w, 'defgh');
  assert.equal(read(t, r, 100), 'abc');
  assert.equal(read(t, r, 2), 'de'); // the rest of the packet is lost
  w.flags &= ~O_DIRECT;
  write(t, w, '12');
  w.flags |= O_DIRECT;
  write(t, w, 'P');
  w.flags &= ~O_DIRECT;
  write(t, w, '34');
  write(t, w, '56');
  assert.equal(read(t, r, 100), '12');
  assert.equal(read(t, r, 100), 'P');
  assert.equal(read(t, r, 3), '345');
  assert.equal(read(t, r, 3), '6');
  assert.equal(read(t, r, 3), EAGAIN);
  w.flags |= O_DIRECT;
  for (let i = 0; i < 16; i++) assert.equal(write(t, w, 'x'), 1);
  assert.equal(write(t, w, 'x'), EAGAIN);
  assert.equal(w.poll(), 0);
});

test('fifo: open waits for the partner, interrupted openers leave no trace', () => {
  const k = new FakeKernel(), a = k.spawn(), b = k.spawn();
  const inode = new NamedPipe(a.kernel.mounts.pipes, 1, S_IFIFO | 0o600);
  const open = { name: 'open', args: [], run: (t: Task, flags: number) => { const f = openFifo(t, inode, flags); if (isErr(f)) return f; t.files.set(0, f, 'keep'); return 0; } };
  assert.equal(call(b, open, O_WRONLY | O_NONBLOCK), ENXIO);
  assert.equal(call(a, open, O_RDONLY), 'parked');
  assert.equal(call(b, open, O_WRONLY), 0);
  assert.equal(write(b, file(b, 0), 'early'), 5);
  b.files.remove(0);
  assert.equal(a.state, 'R');
  assert.equal(call(a, open, O_RDONLY), 0);
  assert.equal(read(a, file(a, 0), 9), 'early');
  const c = k.spawn(), d = k.spawn();
  const other = new NamedPipe(a.kernel.mounts.pipes, 1, S_IFIFO | 0o600);
  const open2 = { ...open, run: (t: Task, flags: number) => { const f = openFifo(t, other, flags); if (isErr(f)) return f; t.files.set(0, f, 'keep'); return 0; } };
  assert.equal(call(c, open2, O_WRONLY), 'parked');
  c.signalPending = true;
  k.wakeTask(c);
  assert.ok((call(c, open2, O_WRONLY) as number) < 0);
  assert.equal(other.ipc, null);
  assert.equal(call(d, open2, O_RDWR), 0);
});

test('fifo: an opener that is sent elsewhere while it waits leaves nothing, one that is refused makes nothing', () => {
  const k = new FakeKernel(), t = k.spawn();
  const inode = new NamedPipe(t.kernel.mounts.pipes, 1, S_IFIFO | 0o600);
  assert.ok(isErr(openFifo(t, inode, O_WRONLY)));
  assert.equal(k.users.total, 16);
  t.dropRecord(); // PTRACE_SETREGS to another pc
  t.unpark();
  assert.equal(openFifo(t, inode, O_WRONLY | O_NONBLOCK), ENXIO);
  assert.deepEqual([inode.ipc, k.users.total], [null, 0]);
});

test('eventfd: 64-bit sums, semaphore, overflow', () => {
  const k = new FakeKernel(), t = k.spawn();
  const e = file(t, call(t, sys_eventfd2, 3, 0) as number);
  const words = new Uint32Array(2);
  const io = (): KernelBuffer => new KernelBuffer(new Uint8Array(words.buffer));
  words.set([0xffff_ffff, 1]);
  assert.equal(e.write(t, io(), 0), 8);
  words.set([0xffff_fffe, 0xffff_fffe]);
  assert.equal(e.write(t, io(), 0), EAGAIN);
  assert.equal(e.read(t, io(), 0), 8);
  assert.deepEqual([...words], [2, 2]);
  assert.equal(e.read(t, io(), 0), EAGAIN);
  const s = file(t, call(t, sys_eventfd2, 2, EFD_SEMAPHORE) as number);
  assert.equal(s.read(t, io(), 0), 8);
  assert.deepEqual([...words], [1, 0]);
  assert.equal(s.read(t, io(), 0), 8);
  assert.equal(s.read(t, io(), 0), EAGAIN);
  words.set([0xffff_ffff, 0xffff_ffff]);
  assert.equal(s.write(t, io(), 0), EINVAL);
});

test('ppoll: parks on all files, wakes, times out, stores the time left; bad descriptors are POLLNVAL', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [r, w] = pipe(t);
  const u = k.user;
  const set = (i: number, fd: number, events: number): void => { u.storeU32(64 + 8 * i, fd); u.storeU16(68 + 8 * i, events); u.storeU16(70 + 8 * i, 0); };
  set(0, 0, POLLIN);
  set(1, -1, POLLIN);
  u.storeI64(256, 0);
  u.storeI64(264, 50 * MS);
  assert.equal(call(t, sys_ppoll, 64, 2, 256, 0, 8), 'parked');
  k.advance(20 * MS);
  assert.equal(t.state, 'S');
  write(t, w, 'x');
  assert.equal(t.state, 'R');
  assert.equal(r.waiters.isEmpty, true);
  assert.equal(call(t, sys_ppoll, 64, 2, 256, 0, 8), 1);
  assert.equal(u.bytes[70], POLLIN);
  assert.equal(u.u32(264), 30 * MS);
  read(t, r, 1);
  assert.equal(call(t, sys_ppoll, 64, 2, 256, 0, 8), 'parked');
  k.advance(31 * MS);
  assert.equal(call(t, sys_ppoll, 64, 2, 256, 0, 8), 0);
  set(0, 77, POLLIN);
  assert.equal(call(t, sys_ppoll, 64, 1, 0, 0, 8), 1);
  assert.equal(u.bytes[70], POLLNVAL);
  assert.equal(call(t, sys_ppoll, 64, 0, 0, 0, 8), 'parked');
  t.signalPending = true;
  k.wakeTask(t);
  assert.equal(call(t, sys_ppoll, 64, 0, 0, 0, 8), ERESTARTNOHAND);
});

test('pselect6: three sets, results in place', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [, w] = pipe(t);
  const u = k.user;
  u.storeU32(64, 0b01);
  u.storeU32(128, 0b10);
  assert.equal(call(t, sys_pselect6, 2, 64, 128, 0, 0, 0), 1);
  assert.deepEqual([u.u32(64), u.u32(128)], [0, 2]);
  write(t, w, 'x');
  u.storeU32(64, 0b01);
  assert.equal(call(t, sys_pselect6, 2, 64, 128, 0, 0, 0), 2);
  u.storeU32(64, 0b100);
  assert.equal(call(t, sys_pselect6, 3, 64, 0, 0, 0, 0), -9);
});

test('epoll: level, edge, one-shot, removal with the file, nesting', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [r, w] = pipe(t);
  const u = k.user;
  const ep = call(t, sys_epoll_create1, 0) as number;
  const ctl = (op: number, events: number): number | 'parked' => { u.storeU32(64, events); u.storeWords(72, 7, 9); return call(t, sys_epoll_ctl, ep, op, 0, 64); };
  const wait = (): number | 'parked' => call(t, sys_epoll_pwait, ep, 512, 8, -1, 0, 8);
  assert.equal(ctl(EPOLL_CTL_ADD, EPOLLIN), 0);
  assert.equal(ctl(EPOLL_CTL_ADD, EPOLLIN), -17);
  assert.equal(wait(), 'parked');
  write(t, w, 'ab');
  assert.equal(t.state, 'R');
  assert.equal(wait(), 1);
  assert.deepEqual([u.u32(512), u.u32(520), u.u32(524)], [EPOLLIN, 7, 9]);
  assert.equal(wait(), 1); // still readable
  read(t, r, 2);
  assert.equal(call(t, sys_epoll_pwait, ep, 512, 8, 0, 0, 8), 0);

  assert.equal(ctl(EPOLL_CTL_MOD, EPOLLIN | EPOLLET), 0);
  write(t, w, 'ab');
  assert.equal(wait(), 1);
  assert.equal(wait(), 'parked');
  write(t, w, 'c');
  assert.equal(wait(), 1);

  assert.equal(ctl(EPOLL_CTL_MOD, EPOLLIN | EPOLLONESHOT), 0);
  assert.equal(wait(), 1);
  assert.equal(wait(), 'parked');
  t.signalPending = true;
  k.wakeTask(t);
  assert.equal(wait(), EINTR);
  t.signalPending = false;
  assert.equal(ctl(EPOLL_CTL_MOD, EPOLLIN), 0);
  assert.equal(wait(), 1);

  const outer = call(t, sys_epoll_create1, 0) as number;
  u.storeU32(64, EPOLLIN);
  assert.equal(call(t, sys_epoll_ctl, outer, EPOLL_CTL_ADD, ep, 64), 0);
  assert.equal(call(t, sys_epoll_ctl, ep, EPOLL_CTL_ADD, outer, 64), ELOOP);
  assert.equal(call(t, sys_epoll_pwait, outer, 512, 8, 0, 0, 8), 1);
  t.files.remove(0);
  r.put();
  assert.equal(call(t, sys_epoll_pwait, outer, 512, 8, 0, 0, 8), 0);
  assert.equal(r.waiters.isEmpty, true);
  assert.equal(call(t, sys_epoll_ctl, ep, EPOLL_CTL_DEL, 1, 64), -2);
});

test('futex: wait, wake, bitsets, requeue, timeouts; the table empties', () => {
  const k = new FakeKernel(), a = k.spawn(), b = k.spawn(), c = k.spawn();
  const u = k.user;
  assert.equal(wait(a, 64, 1), EAGAIN);
  assert.equal(wait(a, 66, 0), EINVAL);
  assert.equal(wait(a, 64, 0), 'parked');
  assert.equal(wait(b, 64, 0), 'parked');
  assert.equal(call(c, sys_futex, 64, FUTEX_WAKE, 1), 1);
  assert.deepEqual([a.state, b.state], ['R', 'S']);
  u.storeU32(64, 5); // the woken one does not look at the word again
  assert.equal(wait(a, 64, 0), 0);
  k.wakeTask(b); // for no reason: the value has changed meanwhile
  assert.equal(wait(b, 64, 0), EAGAIN);
  assert.equal(call(c, sys_futex, 64, FUTEX_WAKE, 1), 0);

  assert.equal(call(a, sys_futex, 64, FUTEX_WAIT_BITSET, 5, 0, 0, 0b01), 'parked');
  assert.equal(call(b, sys_futex, 64, FUTEX_WAIT_BITSET, 5, 0, 0, 0b10), 'parked');
  assert.equal(call(c, sys_futex, 64, FUTEX_WAKE_BITSET, 9, 0, 0, 0b10), 1);
  assert.deepEqual([a.state, b.state], ['S', 'R']);
  call(b, sys_futex, 64, FUTEX_WAIT_BITSET, 5, 0, 0, 0b10);
  assert.equal(wait(b, 64, 5), 'parked');
  assert.equal(call(c, sys_futex, 64, FUTEX_CMP_REQUEUE, 1, 1, 128, 5), 2);
  assert.deepEqual([a.state, b.state], ['R', 'S']);
  call(a, sys_futex, 64, FUTEX_WAIT_BITSET, 5, 0, 0, 0b01);
  assert.equal(call(c, sys_futex, 64, FUTEX_WAKE, 9), 0);
  assert.equal(call(c, sys_futex, 128, FUTEX_WAKE, 9), 1);
  assert.equal(wait(b, 64, 5), 0);

  u.storeI64(256, 0);
  u.storeI64(264, 5 * MS);
  assert.equal(call(a, sys_futex, 64, FUTEX_WAIT, 5, 256), 'parked');
  k.advance(4 * MS);
  assert.equal(a.state, 'S');
  k.advance(1 * MS);
  u.storeU32(64, 6);
  assert.equal(call(a, sys_futex, 64, FUTEX_WAIT, 5, 256), ETIMEDOUT);
  assert.equal(k.ipc.futexes.size, 0);
});

test('futex: PI locks are handed over; robust lists free what the dead hold', () => {
  const k = new FakeKernel(), a = k.spawn(), b = k.spawn();
  const u = k.user;
  assert.equal(call(a, sys_futex, 64, FUTEX_LOCK_PI), 0);
  assert.equal(u.u32(64), a.tid);
  assert.equal(call(b, sys_futex, 64, FUTEX_LOCK_PI), 'parked');
  assert.equal(u.u32(64), (a.tid | FUTEX_WAITERS) >>> 0);
  assert.equal(call(a, sys_futex, 64, FUTEX_UNLOCK_PI), 0);
  assert.equal(u.u32(64), (b.tid | FUTEX_WAITERS) >>> 0);
  assert.equal(call(b, sys_futex, 64, FUTEX_LOCK_PI), 0);

  // list head at 512: next = 600 (lock word at 600 - 8)
  u.storeI64(512, 600);
  u.storeI64(520, -8);
  u.storeI64(528, 0);
  u.storeI64(600, 512);
  u.storeU32(592, (b.tid | FUTEX_WAITERS) >>> 0);
  assert.equal(call(a, sys_futex, 592, FUTEX_WAIT, (b.tid | FUTEX_WAITERS) >>> 0, 0), 'parked');
  b.robustList = 512;
  releaseFutexes(b);
  assert.equal(u.u32(592), (FUTEX_WAITERS | FUTEX_OWNER_DIED) >>> 0);
  assert.equal(a.state, 'R');
});
