// Setting CLOCK_REALTIME moves what waits for an instant on it, and nothing else; TFD_TIMER_CANCEL_ON_SET (timerfd_create(2)).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, ECANCELED } from '../../abi/errno.ts';
import { TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET } from '../../abi/eventfd.ts';
import { POLLIN } from '../../abi/poll.ts';
import { CLOCK_MONOTONIC, CLOCK_REALTIME, TIMER_ABSTIME } from '../../abi/time.ts';
import { call, FakeKernel } from '../ipc/test-util.ts';
import { sys_clock_nanosleep, sys_clock_settime } from '../syscall/time.ts';
import { sys_timer_create, sys_timer_gettime, sys_timer_settime, sys_timerfd_create, sys_timerfd_settime } from '../syscall/timer.ts';
import type { Task } from '../task/task.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';

const MS = 1e6, S = 1e9;
const TIMES = 64, OUT = 128;
/** itimerspec { 0, value }, and the timespec at its end. */
function at(k: FakeKernel, ns: number): number {
  [0, ns].forEach((v, i) => {
    k.user.storeI64(TIMES + 16 * i, Math.floor(v / S));
    k.user.storeI64(TIMES + 16 * i + 8, v % S);
  });
  return TIMES;
}
/** A machine where CLOCK_REALTIME reads 1000 s. */
function world(): { k: FakeKernel; t: Task; set: (ns: number) => void } {
  const k = new FakeKernel(), t = k.spawn();
  const set = (ns: number): void => assert.equal(call(t, sys_clock_settime, CLOCK_REALTIME, at(k, ns) + 16), 0);
  set(1000 * S);
  return { k, t, set };
}
const read = (file: OpenFile, t: Task): number => file.read(t, new KernelBuffer(new Uint8Array(8)), 0);

test('an absolute sleep on CLOCK_REALTIME ends when the clock says so, relative and monotonic ones do not care', () => {
  for (const [clock, flags, value, moves] of [
    [CLOCK_REALTIME, TIMER_ABSTIME, 1010 * S, true], [CLOCK_REALTIME, 0, 10 * S, false], [CLOCK_MONOTONIC, TIMER_ABSTIME, 10 * S + MS, false],
  ] as const) {
    const { k, t, set } = world();
    const other = k.spawn();
    assert.equal(call(other, sys_clock_nanosleep, clock, flags, at(k, value) + 16, 0), 'parked');
    k.current = t;
    set(1004 * S);
    k.advance(6 * S);
    assert.equal(other.state, moves ? 'R' : 'S');
    if (moves) assert.equal(call(other, sys_clock_nanosleep, clock, flags, at(k, value) + 16, 0), 0);
    k.advance(4 * S);
    assert.equal(other.state, 'R');
  }
});

test('an absolute sleep gets longer when the clock is put back', () => {
  const { k, t, set } = world();
  const other = k.spawn();
  call(other, sys_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, at(k, 1010 * S) + 16, 0);
  k.current = t;
  set(990 * S);
  k.advance(19 * S);
  assert.equal(other.state, 'S');
  k.advance(1 * S);
  assert.equal(other.state, 'R');
});

test('POSIX timers and timerfds on CLOCK_REALTIME move with it if they were set to an instant', () => {
  const { k, t, set } = world();
  const ids = [1, 0].map(absolute => {
    assert.equal(call(t, sys_timer_create, CLOCK_REALTIME, 0, OUT), 0);
    const id = k.user.u32(OUT);
    assert.equal(call(t, sys_timer_settime, id, absolute, at(k, absolute ? 1010 * S : 10 * S), 0), 0);
    return id;
  });
  const fd = call(t, sys_timerfd_create, CLOCK_REALTIME, 0) as number, file = t.files.get(fd) as OpenFile;
  assert.equal(call(t, sys_timerfd_settime, fd, TFD_TIMER_ABSTIME, at(k, 1010 * S), 0), 0);
  set(1004 * S);
  const left = (id: number): number => {
    call(t, sys_timer_gettime, id, OUT);
    return k.user.u32(OUT + 16);
  };
  assert.deepEqual(ids.map(left), [6, 10]);
  k.advance(6 * S - 1);
  assert.equal(file.poll(t), 0);
  k.advance(1);
  assert.equal(file.poll(t), POLLIN);
  assert.equal(read(file, t), 8);
  assert.deepEqual(ids.map(left), [0, 4]);
});

test('TFD_TIMER_CANCEL_ON_SET: readable when the clock is set, ECANCELED once, and the timer goes on', () => {
  const { k, t, set } = world();
  const fd = call(t, sys_timerfd_create, CLOCK_REALTIME, 0) as number, file = t.files.get(fd) as OpenFile;
  const arm = (flags: number, ns: number): unknown => call(t, sys_timerfd_settime, fd, flags, at(k, ns), 0);
  const both = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
  arm(both, 1010 * S);
  set(1001 * S);
  assert.equal(file.poll(t), POLLIN);
  assert.equal(read(file, t), ECANCELED);
  assert.equal(read(file, t), EAGAIN);
  k.advance(9 * S);
  assert.equal(read(file, t), 8);
  // Nobody has read: timerfd_settime tells, and arms.
  arm(both, 1020 * S);
  set(1011 * S);
  assert.equal(arm(both, 1020 * S), ECANCELED);
  assert.equal(read(file, t), EAGAIN);
  k.advance(9 * S);
  assert.equal(read(file, t), 8);
  // Without the flag, or relative, it is not told.
  arm(TFD_TIMER_ABSTIME, 1030 * S);
  set(1021 * S);
  assert.equal(read(file, t), EAGAIN);
  arm(TFD_TIMER_CANCEL_ON_SET, 9 * S);
  set(1022 * S);
  assert.equal(read(file, t), EAGAIN);
  t.files.remove(fd);
  file.put();
  assert.equal(k.clock.followers.size, 0);
});
