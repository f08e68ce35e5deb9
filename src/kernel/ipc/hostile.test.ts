// Random and hostile arguments to every call of ipc, net and timers: nothing throws, and nothing is left over once all files are closed.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Rng } from '../../lib/rng.ts';
import * as epoll from '../syscall/epoll.ts';
import * as eventfd from '../syscall/eventfd.ts';
import * as futex from '../syscall/futex.ts';
import * as mqueue from '../syscall/ipc-mqueue.ts';
import * as msg from '../syscall/ipc-msg.ts';
import * as pipe from '../syscall/ipc-pipe.ts';
import * as sem from '../syscall/ipc-sem.ts';
import * as poll from '../syscall/poll.ts';
import * as signalfd from '../syscall/signalfd.ts';
import * as socketCreate from '../syscall/socket-create.ts';
import * as socketOptions from '../syscall/socket-options.ts';
import * as socketTransfer from '../syscall/socket-transfer.ts';
import * as splice from '../syscall/splice.ts';
import * as timer from '../syscall/timer.ts';
import { AF_INET, AF_UNIX, SCM_RIGHTS, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_SEQPACKET, SOCK_STREAM, SOL_SOCKET, SO_PASSCRED } from '../../abi/socket.ts';
import { AS_I32, AS_I64, AS_U32, type Syscall } from '../syscall/define.ts';
import type { Task } from '../task/task.ts';
import { releaseProcessTimers } from '../time/process-timers.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { call, FakeKernel } from './test-util.ts';

const rows = [epoll, eventfd, futex, mqueue, msg, pipe, sem, poll, signalfd, socketCreate, socketOptions, socketTransfer, splice, timer]
  .flatMap(m => Object.entries(m)).filter(([name]) => name.startsWith('sys_')).map(([, row]) => row as Syscall);
const CALLS = 30_000;
const ODD = [0, 1, 2, 3, 4, 7, 8, 16, 100, 0x800, 0x80000, -1, 0x7fff_ffff, 0x8000_0000, 2 ** 40, 2 ** 63, 2 ** 64 - 4096];

/** Prepared structures, out of reach of `scribble`. */
const UNIX_NAMES = 0x8000, INET = 0x8100, MSG = 0x8200, IOV = 0x8300, CONTROL = 0x8400, EVENT = 0x8500, SPEC = 0x8600, TEXT = 0x9000;

function prepare(k: FakeKernel, rng: Rng): void {
  const u = k.user;
  for (let i = 0; i < 3; i++) {
    u.storeU16(UNIX_NAMES + 16 * i, AF_UNIX);
    u.write(UNIX_NAMES + 16 * i + 2, `\0n${i}`);
    u.storeU16(INET + 16 * i, AF_INET);
    u.bytes.set([4, 210 + i, 127, 0, 0, 1], INET + 16 * i + 2);
  }
  u.storeI64(MSG + 16, IOV);
  u.storeI64(MSG + 24, 2);
  u.storeI64(MSG + 32, CONTROL);
  u.storeI64(MSG + 40, rng.below(4) * 8);
  u.storeI64(IOV, TEXT);
  u.storeI64(IOV + 8, rng.below(3000));
  u.storeI64(IOV + 16, TEXT);
  u.storeI64(IOV + 24, rng.below(7000));
  [24, 0, SOL_SOCKET, SCM_RIGHTS, rng.below(30), rng.below(30)].forEach((w, i) => u.storeU32(CONTROL + 4 * i, w));
  u.storeU32(EVENT, [1, 5, 0x8000_0001, 0x4000_0001, 0][rng.below(5)]!);
  [0, rng.below(3) * 300_000, 0, rng.below(3) * 500_000].forEach((n, i) => u.storeI64(SPEC + 8 * i, n));
}

/** A call that a program might make. */
function plausible(rng: Rng, t: Task): void {
  const fd = rng.below(40), other = rng.below(40), nonblock = SOCK_NONBLOCK * rng.below(2);
  const [address, length] = rng.below(2) === 0 ? [UNIX_NAMES + 16 * rng.below(3), 5] : [INET + 16 * rng.below(3), 16];
  const type = [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET][rng.below(3)]!;
  switch (rng.below(16)) {
    case 0: call(t, socketCreate.sys_socket, rng.below(2) === 0 ? AF_UNIX : AF_INET, type | nonblock, 0); break;
    case 1: call(t, socketCreate.sys_socketpair, AF_UNIX, type | nonblock, 0, TEXT); break;
    case 2: call(t, socketCreate.sys_bind, fd, address, length); break;
    case 3: call(t, socketCreate.sys_listen, fd, rng.below(3)); break;
    case 4: case 5: call(t, socketCreate.sys_connect, fd, address, length); break;
    case 6: call(t, socketCreate.sys_accept4, fd, 0, 0, nonblock); break;
    case 7: case 8: call(t, socketTransfer.sys_sendmsg, fd, MSG, 0x4000); break;
    case 9: case 10: call(t, socketTransfer.sys_recvmsg, fd, MSG, rng.below(2) * 2 + rng.below(2) * 0x40); break;
    case 11: call(t, socketTransfer.sys_sendto, fd, TEXT, rng.below(50_000), 0x4000, address, length); break;
    case 12: call(t, socketCreate.sys_shutdown, fd, rng.below(3)); break;
    case 13: call(t, epoll.sys_epoll_ctl, fd, 1 + rng.below(3), other, EVENT); break;
    case 14: call(t, epoll.sys_epoll_pwait, fd, TEXT, 8, rng.below(3) - 1, 0, 8); break;
    case 15: call(t, socketOptions.sys_setsockopt, fd, SOL_SOCKET, SO_PASSCRED, EVENT, 4); break;
  }
}

/** As the dispatcher would decode it. */
function decoded(n: number, as: number): number {
  if (as === AS_I32) return n | 0;
  if (as === AS_U32) return n >>> 0;
  if (as === AS_I64) return n >= 2 ** 63 ? n - 2 ** 64 : n;
  return n < 0 ? n + 2 ** 64 : n;
}

function argument(rng: Rng, kind: string): number {
  const r = rng.below(10);
  if (kind === 'fd' && r < 8) return rng.below(24);
  if ((kind === 'flags' || kind === 'one-of') && r < 7) return [0, 1, 2, 3, 10, 0x40, 0x800, 0x80000, 0x80800][rng.below(9)]!;
  if (r < 3) return rng.below(64) * 8;
  if (r < 6) return rng.below(8);
  return ODD[rng.below(ODD.length)]!;
}

test('hostile: random calls neither throw nor leak', () => {
  const rng = new Rng(20260722);
  const k = new FakeKernel();
  prepare(k, rng);
  const tasks = [k.spawn(), k.spawn(1000), k.spawn()];
  for (const t of tasks) t.sigmaskLo = t.sigmaskHi = -1;
  for (let i = 0; i < CALLS; i++) {
    const t = tasks[rng.below(tasks.length)]!;
    if (rng.below(8) === 0) scribble(k, rng);
    if (t.state === 'S') wake(t);
    if (rng.below(2) === 0) {
      if (rng.below(16) === 0) prepare(k, rng);
      plausible(rng, t);
      if (rng.below(10) === 0) close(t, rng.below(40));
      continue;
    }
    const row = rows[rng.below(rows.length)]!;
    const args = row.args.map(a => decoded(argument(rng, a.kind), a.as));
    try {
      call(t, row, ...args);
    } catch (e) {
      throw new Error(`${row.name}(${args.join(', ')})`, { cause: e });
    }
    if (rng.below(20) === 0) useSomething(rng, t);
    if (rng.below(50) === 0) k.advance(rng.below(2_000_000));
    while (t.files.size > 200) close(t, t.files.size - 1);
  }
  for (const t of tasks) {
    if (t.state === 'S') wake(t);
    while (t.files.size > 0) close(t, t.files.size - 1);
    releaseProcessTimers(t.process);
    k.ipc.semaphores.undo(t.process);
  }
  for (const q of [...k.ipc.queues.all()]) q.dropAll(tasks[0]!);
  for (const q of k.ipc.mqueues.values()) assert.equal(q.waiters.isEmpty, true);
  assert.deepEqual(
    [k.ipc.futexes.size, k.net.unix.all.size, k.net.unix.abstract.size, k.net.unix.inFlight.size, [...k.net.tcp.all()].length, [...k.net.udp.all()].length,
      k.timers.nextDeadline, k.ipc.buffers.used],
    [0, 0, 0, 0, 0, 0, Infinity, 0]);
});

function scribble(k: FakeKernel, rng: Rng): void {
  const at = rng.below(512);
  for (let i = 0; i < 24; i++) k.user.bytes[at + i] = rng.below(3) === 0 ? rng.below(256) : rng.below(12) === 0 ? 255 : rng.below(2);
}

/** A signal makes the call give up. */
function wake(t: Task): void {
  t.kernel.wakeTask(t);
  t.restart = null;
  t.savedMask = null;
}

function useSomething(rng: Rng, t: Task): void {
  const file = t.files.get(rng.below(24));
  if (typeof file === 'number') return;
  const io = new KernelBuffer(new Uint8Array(rng.below(9000)));
  if (rng.below(2) === 0 && file.isReadable) file.read(t, io, 0);
  else if (file.isWritable) file.write(t, io, 0);
  if (rng.below(3) === 0) close(t, rng.below(24));
}

function close(t: Task, fd: number): void {
  const file = t.files.remove(fd);
  if (typeof file === 'number') return;
  (file as OpenFile).flush(t);
  (file as OpenFile).put();
}
