// timer_create(2) and its family, getitimer(2), setitimer(2), timerfd_create(2) and its family.
import { type Errno, type Fallible, EAGAIN, EINVAL, EOPNOTSUPP, isErr } from '../../abi/errno.ts';
import { TFD_CLOEXEC, TFD_NONBLOCK, TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET } from '../../abi/eventfd.ts';
import { RLIMIT_SIGPENDING } from '../../abi/resource.ts';
import { NSIG, SIGALRM, SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID, Sigevent } from '../../abi/signal.ts';
import {
  CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_REALTIME, CLOCK_TAI, CLOCK_THREAD_CPUTIME_ID, ITIMER_PROF, ITIMER_REAL,
  ITIMER_VIRTUAL, Itimerspec, Itimerval, TIMER_ABSTIME,
} from '../../abi/time.ts';
import type { Task } from '../task/task.ts';
import type { DeadlineKind, IntervalTimer, TimerClock } from '../time/interval-timer.ts';
import { itimersOf, type ItimerKind, type Itimers } from '../time/itimers.ts';
import { addTimer, deleteTimer, findTimer, type PosixTimer, type TimerEvent } from '../time/posix-timers.ts';
import { TimerFile } from '../time/timerfd.ts';
import { fd, flags, inStruct, int, oneOf, outStruct, ptr, syscall } from './define.ts';
import { installFile } from './eventfd.ts';
import { NS_PER_SEC } from './ipc-time.ts';

const CLOCKS = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_BOOTTIME, CLOCK_TAI };
const KINDS = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
const NO_ALARMS = 'no alarm clocks';
const spec = Itimerspec.view();
const val = Itimerval.view();

/** timer_create(2). */
export const sys_timer_create = syscall({
  name: 'timer_create',
  args: [oneOf('clockid', CLOCKS), inStruct('sevp', Sigevent), ptr('timerid')],
  gaps: NO_ALARMS,
  run(t, clockId, sevp, timerid) {
    const clock = clockOf(clockId);
    if (isErr(clock)) return clock;
    const event = loadEvent(t, sevp);
    if (isErr(event)) return event;
    const p = t.process;
    if (t.kernel.users.of(t.cred.uid).signals >= p.rlimits[RLIMIT_SIGPENDING]!.soft) return EAGAIN;
    const timer = addTimer(p, clockId, clock, clock === 'monotonic' ? null : t, event.notify < 0 ? { ...event, notify: SIGEV_SIGNAL, valueLo: p.nextTimerId } : event);
    const e = t.user.storeU32(timerid, timer.id);
    if (e !== 0) deleteTimer(timer);
    return e;
  },
});

function clockOf(clockId: number): TimerClock | Errno {
  switch (clockId) {
    case CLOCK_REALTIME: case CLOCK_MONOTONIC: case CLOCK_BOOTTIME: case CLOCK_TAI: return 'monotonic';
    case CLOCK_PROCESS_CPUTIME_ID: return 'process-cpu';
    case CLOCK_THREAD_CPUTIME_ID: return 'thread-cpu';
    default: return clockId >= 0 && clockId < 12 ? EOPNOTSUPP : EINVAL;
  }
}

/** notify -1: there was no sigevent, so SIGALRM with the timer's id as value. */
function loadEvent(t: Task, sevp: number): Fallible<TimerEvent> {
  if (sevp === 0) return { notify: -1, signo: SIGALRM, valueLo: 0, valueHi: 0, thread: null };
  const s = Sigevent.view();
  const e = t.user.copyIn(sevp, s.bytes);
  if (e !== 0) return e;
  const { sigev_notify: notify, sigev_signo: signo } = s;
  if (notify !== SIGEV_NONE && notify !== SIGEV_SIGNAL && notify !== SIGEV_THREAD && notify !== SIGEV_THREAD_ID) return EINVAL;
  if (notify !== SIGEV_NONE && (signo < 1 || signo > NSIG)) return EINVAL;
  const thread = notify === SIGEV_THREAD_ID ? t.kernel.pids.tasks.get(s.sigev_notify_thread_id) : null;
  if (thread === undefined || (thread !== null && thread.process !== t.process)) return EINVAL;
  return { notify, signo, valueLo: s.sigev_value_lo, valueHi: s.sigev_value_hi, thread };
}

/** timer_settime(2). */
export const sys_timer_settime = syscall({
  name: 'timer_settime',
  args: [int('timerid'), flags('flags', { TIMER_ABSTIME }), inStruct('new_value', Itimerspec), outStruct('old_value', Itimerspec)],
  gaps: NO_ALARMS,
  run(t, timerid, flags, newValue, oldValue) {
    const timer = findTimer(t.process, timerid);
    if (timer === null || newValue === 0) return EINVAL;
    const e = loadSpec(t, newValue);
    if (e !== 0) return e;
    const kind = (flags & TIMER_ABSTIME) !== 0 ? 'absolute' : 'relative';
    const deadline = firstExpiry(t, timer.clockId, timer, kind);
    const interval = wanted.interval;
    const f = oldValue === 0 ? 0 : storeSpec(t, oldValue, timer);
    if (f !== 0) return f;
    setTimer(timer, deadline, interval, deadlineKind(timer.clockId, kind));
    return 0;
  },
});

/** timer_gettime(2). */
export const sys_timer_gettime = syscall({
  name: 'timer_gettime',
  args: [int('timerid'), outStruct('curr_value', Itimerspec)],
  run: (t, timerid, at) => withTimer(t, timerid, timer => storeSpec(t, at, timer)),
});

/** timer_getoverrun(2). */
export const sys_timer_getoverrun = syscall({
  name: 'timer_getoverrun',
  args: [int('timerid')],
  run: (t, timerid) => withTimer(t, timerid, timer => timer.overrun),
});

/** timer_delete(2). */
export const sys_timer_delete = syscall({
  name: 'timer_delete',
  args: [int('timerid')],
  run: (t, timerid) => withTimer(t, timerid, timer => {
    deleteTimer(timer);
    return 0;
  }),
});

function withTimer(t: Task, id: number, act: (timer: PosixTimer) => number): number {
  const timer = findTimer(t.process, id);
  return timer === null ? EINVAL : act(timer);
}

/** What loadSpec found: seconds and nanoseconds of it_value, the period in ns. */
const wanted = { sec: 0, nsec: 0, interval: 0 };

function loadSpec(t: Task, addr: number): 0 | Errno {
  const e = t.user.copyIn(addr, spec.bytes);
  if (e !== 0) return e;
  const { it_value: v, it_interval: i } = spec;
  if (v.tv_sec < 0 || v.tv_nsec < 0 || v.tv_nsec >= NS_PER_SEC || i.tv_sec < 0 || i.tv_nsec < 0 || i.tv_nsec >= NS_PER_SEC) return EINVAL;
  wanted.sec = v.tv_sec;
  wanted.nsec = v.tv_nsec;
  wanted.interval = i.tv_sec * NS_PER_SEC + i.tv_nsec;
  return 0;
}

/** it_value as a deadline on the timer's clock; Infinity: disarm. */
function firstExpiry(t: Task, clockId: number, timer: IntervalTimer, kind: 'absolute' | 'relative'): number {
  const { sec, nsec } = wanted;
  if (sec === 0 && nsec === 0) return Infinity;
  if (kind === 'relative') return timer.time() + sec * NS_PER_SEC + nsec;
  return clockId === CLOCK_REALTIME || clockId === CLOCK_TAI ? t.kernel.clock.monotonicAt(sec, nsec) : sec * NS_PER_SEC + nsec;
}

/** Only instants of CLOCK_REALTIME move when it is set. */
function deadlineKind(clockId: number, kind: 'absolute' | 'relative'): DeadlineKind {
  return kind === 'absolute' && (clockId === CLOCK_REALTIME || clockId === CLOCK_TAI) ? 'realtime' : 'fixed';
}

function setTimer(timer: IntervalTimer, deadlineNs: number, intervalNs: number, kind: DeadlineKind = 'fixed'): void {
  if (deadlineNs === Infinity) {
    timer.disarm();
    timer.intervalNs = intervalNs;
  } else {
    timer.arm(deadlineNs, intervalNs, kind);
  }
}

function storeSpec(t: Task, addr: number, timer: IntervalTimer): 0 | Errno {
  const left = timer.leftNs();
  spec.it_interval.tv_sec = Math.floor(timer.intervalNs / NS_PER_SEC);
  spec.it_interval.tv_nsec = timer.intervalNs % NS_PER_SEC;
  spec.it_value.tv_sec = Math.floor(left / NS_PER_SEC);
  spec.it_value.tv_nsec = Math.floor(left % NS_PER_SEC);
  return t.user.copyOut(addr, spec.bytes);
}

/** getitimer(2). */
export const sys_getitimer = syscall({
  name: 'getitimer',
  args: [oneOf('which', KINDS), outStruct('curr_value', Itimerval)],
  run: (t, which, at) => (which < ITIMER_REAL || which > ITIMER_PROF ? EINVAL : storeItimer(t, which as ItimerKind, at)),
});

/** setitimer(2). A null new_value disarms, as on Linux. */
export const sys_setitimer = syscall({
  name: 'setitimer',
  args: [oneOf('which', KINDS), inStruct('new_value', Itimerval), outStruct('old_value', Itimerval)],
  run(t, which, newValue, oldValue) {
    val.zero();
    const e = newValue === 0 ? 0 : t.user.copyIn(newValue, val.bytes);
    if (e !== 0) return e;
    const { it_value: v, it_interval: i } = val;
    if (which < ITIMER_REAL || which > ITIMER_PROF || isOdd(v) || isOdd(i)) return EINVAL;
    const first = v.tv_sec * NS_PER_SEC + v.tv_usec * 1000, interval = i.tv_sec * NS_PER_SEC + i.tv_usec * 1000;
    const f = oldValue === 0 ? 0 : storeItimer(t, which as ItimerKind, oldValue);
    if (f !== 0) return f;
    const timer = itimersOf(t.process).get(which as ItimerKind);
    setTimer(timer, first === 0 ? Infinity : timer.time() + first, interval);
    return 0;
  },
});

const isOdd = (v: { tv_sec: number; tv_usec: number }): boolean => v.tv_sec < 0 || v.tv_usec < 0 || v.tv_usec >= 1_000_000;

function storeItimer(t: Task, which: ItimerKind, addr: number): 0 | Errno {
  const timer = (t.process.itimers as Itimers | null)?.get(which);
  const out = Itimerval.view();
  if (timer !== undefined) {
    // Rounded up: an armed timer never shows as zero.
    const left = Math.ceil(timer.leftNs() / 1000), interval = Math.floor(timer.intervalNs / 1000);
    out.it_value.tv_sec = Math.floor(left / 1_000_000);
    out.it_value.tv_usec = left % 1_000_000;
    out.it_interval.tv_sec = Math.floor(interval / 1_000_000);
    out.it_interval.tv_usec = interval % 1_000_000;
  }
  return t.user.copyOut(addr, out.bytes);
}

/** timerfd_create(2). */
export const sys_timerfd_create = syscall({
  name: 'timerfd_create',
  args: [oneOf('clockid', { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME }), flags('flags', { TFD_CLOEXEC, TFD_NONBLOCK })],
  gaps: NO_ALARMS,
  run(t, clockId, flags) {
    if ((flags & ~(TFD_CLOEXEC | TFD_NONBLOCK)) !== 0) return EINVAL;
    if (clockId !== CLOCK_REALTIME && clockId !== CLOCK_MONOTONIC && clockId !== CLOCK_BOOTTIME) return EINVAL;
    return installFile(t, new TimerFile(t, clockId, flags & TFD_NONBLOCK), (flags & TFD_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
  },
});

/** timerfd_settime(2). */
export const sys_timerfd_settime = syscall({
  name: 'timerfd_settime',
  args: [fd('fd'), flags('flags', { TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET }), inStruct('new_value', Itimerspec), outStruct('old_value', Itimerspec)],
  run(t, fd, flags, newValue, oldValue) {
    if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) !== 0) return EINVAL;
    const e = loadSpec(t, newValue);
    if (e !== 0) return e;
    const file = getTimerFile(t, fd);
    if (isErr(file)) return file;
    const kind = (flags & TFD_TIMER_ABSTIME) !== 0 ? 'absolute' : 'relative';
    const deadline = firstExpiry(t, file.clockId, file.timer, kind);
    const interval = wanted.interval;
    const f = oldValue === 0 ? 0 : storeSpec(t, oldValue, file.timer);
    if (f !== 0) return f;
    const follows = deadlineKind(file.clockId, kind);
    return file.set(deadline, interval, follows, follows === 'realtime' && (flags & TFD_TIMER_CANCEL_ON_SET) !== 0 ? 'cancel' : 'go on');
  },
});

/** timerfd_gettime(2). */
export const sys_timerfd_gettime = syscall({
  name: 'timerfd_gettime',
  args: [fd('fd'), outStruct('curr_value', Itimerspec)],
  run(t, fd, at) {
    const file = getTimerFile(t, fd);
    return isErr(file) ? file : storeSpec(t, at, file.timer);
  },
});

function getTimerFile(t: Task, fd: number): Fallible<TimerFile> {
  const file = t.files.get(fd);
  if (isErr(file)) return file;
  return file instanceof TimerFile ? file : EINVAL;
}
