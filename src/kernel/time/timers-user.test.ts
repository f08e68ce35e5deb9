// Timers of user space: timerfd, POSIX timers, itimers, and signalfd to see what they send.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { EAGAIN, EINVAL } from '../../abi/errno.ts';
import { SignalfdSiginfo, TFD_TIMER_ABSTIME } from '../../abi/eventfd.ts';
import { POLLIN } from '../../abi/poll.ts';
import { SIGALRM, SIGEV_SIGNAL, SIGPROF, SIGUSR1, SI_TIMER } from '../../abi/signal.ts';
import { CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, ITIMER_PROF, ITIMER_REAL } from '../../abi/time.ts';
import { call, FakeKernel } from '../ipc/test-util.ts';
import { sys_signalfd4 } from '../syscall/signalfd.ts';
import {
  sys_getitimer, sys_setitimer, sys_timer_create, sys_timer_delete, sys_timer_getoverrun, sys_timer_gettime, sys_timer_settime, sys_timerfd_create,
  sys_timerfd_gettime, sys_timerfd_settime,
} from '../syscall/timer.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { releaseProcessTimers } from './process-timers.ts';

const MS = 1_000_000;
const io = (): KernelBuffer => new KernelBuffer(new Uint8Array(8));
function spec(k: FakeKernel, at: number, valueNs: number, intervalNs: number): void {
  [intervalNs, valueNs].forEach((ns, i) => {
    k.user.storeI64(at + 16 * i, Math.floor(ns / 1e9));
    k.user.storeI64(at + 16 * i + 8, ns % 1e9);
  });
}

test('timerfd: counts expirations, wakes, tells the time left, absolute times in the past fire at once', () => {
  const k = new FakeKernel(), t = k.spawn();
  const fd = call(t, sys_timerfd_create, CLOCK_MONOTONIC, 0) as number;
  const file = t.files.get(fd) as OpenFile;
  spec(k, 64, 10 * MS, 4 * MS);
  assert.equal(call(t, sys_timerfd_settime, fd, 0, 64, 0), 0);
  assert.equal(file.read(t, io(), 0), EAGAIN);
  assert.equal(t.waitOn(file.waiters!), -600);
  t.state = 'S';
  k.advance(3 * MS);
  call(t, sys_timerfd_gettime, fd, 128);
  assert.equal(k.user.u32(128 + 24), 7 * MS);
  k.advance(7 * MS);
  assert.equal(t.state, 'R');
  assert.equal(file.poll(t), POLLIN);
  k.nowNs += 9 * MS; // two more, before the trap loop looks at its timers
  const got = io();
  assert.equal(file.read(t, got, 0), 8);
  assert.equal(got.bytes[0], 3);
  spec(k, 64, 1 * MS, 0);
  call(t, sys_timerfd_settime, fd, TFD_TIMER_ABSTIME, 64, 0);
  assert.equal(file.poll(t), POLLIN);
  spec(k, 64, 0, 0);
  call(t, sys_timerfd_settime, fd, 0, 64, 0);
  assert.equal(file.poll(t), 0);
  spec(k, 64, 1 * MS, 0);
  call(t, sys_timerfd_settime, fd, 0, 64, 0);
  t.files.remove(fd);
  file.put();
  assert.equal(k.timers.nextDeadline, Infinity);
});

test('POSIX timers: siginfo, overruns while pending, deletion', () => {
  const k = new FakeKernel(), t = k.spawn(), u = k.user;
  t.sigmaskLo = -1;
  u.storeWords(64, 0xabc, 0);
  u.storeU32(72, SIGUSR1);
  u.storeU32(76, SIGEV_SIGNAL);
  assert.equal(call(t, sys_timer_create, CLOCK_MONOTONIC, 64, 256), 0);
  const id = u.u32(256);
  spec(k, 128, 5 * MS, 5 * MS);
  assert.equal(call(t, sys_timer_settime, id, 0, 128, 0), 0);
  k.advance(5 * MS);
  k.advance(5 * MS);
  k.advance(11 * MS);
  u.storeWords(300, 1 << (SIGUSR1 - 1), 0);
  const fd = call(t, sys_signalfd4, -1, 300, 8, 0) as number;
  const got = new KernelBuffer(new Uint8Array(256));
  assert.equal((t.files.get(fd) as OpenFile).read(t, got, 0), SignalfdSiginfo.size);
  const info = SignalfdSiginfo.view(got.bytes);
  assert.deepEqual([info.ssi_signo, info.ssi_code, info.ssi_overrun, info.ssi_int], [SIGUSR1, SI_TIMER, 3, 0xabc]);
  assert.equal(call(t, sys_timer_getoverrun, id), 3);
  call(t, sys_timer_gettime, id, 128);
  assert.equal(u.u32(152), 4 * MS);
  assert.equal(call(t, sys_timer_delete, id), 0);
  assert.equal(call(t, sys_timer_delete, id), EINVAL);
  assert.equal(k.timers.nextDeadline, Infinity);
});

test('itimers: SIGALRM by real time, SIGPROF by CPU time; exit disarms', () => {
  const k = new FakeKernel(), t = k.spawn(), u = k.user;
  t.sigmaskLo = -1;
  const itimer = (which: number, us: number, every: number): void => {
    [0, every, 0, us].forEach((v, i) => u.storeI64(64 + 8 * i, v));
    assert.equal(call(t, sys_setitimer, which, 64, 0), 0);
  };
  itimer(ITIMER_REAL, 3000, 0);
  k.advance(1 * MS);
  call(t, sys_getitimer, ITIMER_REAL, 128);
  assert.equal(u.u32(152), 2000);
  k.advance(2 * MS);
  assert.deepEqual(t.process.pending.infos.map(i => i.signo), [SIGALRM]);
  itimer(ITIMER_PROF, 5000, 5000);
  k.advance(20 * MS);
  assert.equal(t.process.pending.infos.length, 1);
  t.utimeNs += 6 * MS;
  k.advance(5 * MS);
  assert.deepEqual(t.process.pending.infos.map(i => i.signo), [SIGALRM, SIGPROF]);
  assert.equal(call(t, sys_timer_create, CLOCK_PROCESS_CPUTIME_ID, 0, 256), 0);
  spec(k, 128, 5 * MS, 0);
  call(t, sys_timer_settime, u.u32(256), 0, 128, 0);
  releaseProcessTimers(t.process);
  assert.equal(k.timers.nextDeadline, Infinity);
});
