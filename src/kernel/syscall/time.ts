// Clocks and sleeping: clock_gettime(2), clock_nanosleep(2), gettimeofday(2), clock_settime(2).
import { BLOCKED, EFAULT, EINVAL, EOPNOTSUPP, EPERM, ERESTART_RESTARTBLOCK, type Errno, isErr } from '../../abi/errno.ts';
import { CAP_SYS_TIME } from '../../abi/capability.ts';
import * as time from '../../abi/time.ts';
import { setRealtime } from '../time/clock-set.ts';
import { processCpuNs, taskCpuNs } from '../time/cpu-time.ts';
import type { Task } from '../task/task.ts';
import { flags, inStruct, oneOf, outStruct, syscall } from './define.ts';
import { callDeadline, NS_PER_SEC } from './ipc-time.ts';

const { CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW, CLOCK_PROCESS_CPUTIME_ID, CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM, CLOCK_REALTIME_COARSE, CLOCK_TAI, CLOCK_THREAD_CPUTIME_ID, TIMER_ABSTIME, Timespec, Timeval, Timezone } = time;
const CLOCKS = Object.fromEntries(Object.entries(time).filter(([k]) => k.startsWith('CLOCK_'))) as Record<string, number>;

interface Reading { sec: number; nsec: number }
const fromNs = (ns: number): Reading => ({ sec: Math.floor(ns / NS_PER_SEC), nsec: ns % NS_PER_SEC });

/** The time on a clock; negative ids name CPU clocks of other processes and threads (clock_getcpuclockid(3)). */
export function readClock(t: Task, id: number): Reading | Errno {
  switch (id) {
    case CLOCK_REALTIME: case CLOCK_REALTIME_COARSE: case CLOCK_REALTIME_ALARM: case CLOCK_TAI: return t.kernel.realtime();
    case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_COARSE: case CLOCK_MONOTONIC_RAW: case CLOCK_BOOTTIME: case CLOCK_BOOTTIME_ALARM: return fromNs(t.kernel.now());
    case CLOCK_PROCESS_CPUTIME_ID: return cpuOf(t, 'process');
    case CLOCK_THREAD_CPUTIME_ID: return cpuOf(t, 'thread');
    default: return id < 0 ? dynamicClock(t, id) : EINVAL;
  }
}

function cpuOf(t: Task, what: 'process' | 'thread'): Reading {
  const { user, system } = what === 'process' ? processCpuNs(t.process) : taskCpuNs(t);
  return fromNs(Math.floor(user + system));
}

/** Bits of a dynamic clock id: ~pid << 3 | per-thread << 2 | kind (2: sched). */
function dynamicClock(t: Task, id: number): Reading | Errno {
  const pid = ~(id >> 3);
  const perThread = (id & 4) !== 0;
  if ((id & 3) === 3) return EINVAL;
  const target = pid === 0 ? t : t.kernel.pids.tasks.get(pid);
  if (target === undefined || (perThread && target.process !== t.process)) return EINVAL;
  return cpuOf(target, perThread ? 'thread' : 'process');
}

function store(t: Task, at: number, r: Reading): 0 | Errno {
  const e = t.user.storeI64(at, r.sec);
  return isErr(e) ? e : t.user.storeI64(at + 8, r.nsec);
}

export const sys_clock_gettime = syscall({
  name: 'clock_gettime', args: [oneOf('clockid', CLOCKS), outStruct('tp', Timespec)],
  gaps: 'CLOCK_TAI equals CLOCK_REALTIME; the machine is never suspended, so CLOCK_BOOTTIME equals CLOCK_MONOTONIC',
  run(t, id, at) {
    const r = readClock(t, id);
    return isErr(r) ? r : store(t, at, r);
  },
});

export const sys_clock_getres = syscall({
  name: 'clock_getres', args: [oneOf('clockid', CLOCKS), outStruct('res', Timespec)],
  run(t, id, at) {
    const r = readClock(t, id);
    if (isErr(r)) return r;
    const coarse = id === CLOCK_REALTIME_COARSE || id === CLOCK_MONOTONIC_COARSE;
    return at === 0 ? 0 : store(t, at, { sec: 0, nsec: coarse ? 4_000_000 : 1 });
  },
});

export const sys_clock_settime = syscall({
  name: 'clock_settime', args: [oneOf('clockid', CLOCKS), inStruct('tp', Timespec)],
  run(t, id, at) {
    if (id !== CLOCK_REALTIME) return EINVAL;
    const ts = Timespec.view();
    const r = t.user.copyIn(at, ts.bytes);
    if (isErr(r)) return r;
    if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= NS_PER_SEC) return EINVAL;
    if (!t.cred.has(CAP_SYS_TIME)) return EPERM;
    setRealtime(t.kernel, ts.tv_sec, ts.tv_nsec);
    return 0;
  },
});

export const sys_gettimeofday = syscall({
  name: 'gettimeofday', args: [outStruct('tv', Timeval), outStruct('tz', Timezone)],
  run(t, tv, tz) {
    const now = t.kernel.realtime();
    if (tv !== 0 && isErr(store(t, tv, { sec: now.sec, nsec: Math.floor(now.nsec / 1000) }))) return EFAULT;
    return tz === 0 ? 0 : t.user.storeI64(tz, 0);
  },
});

export const sys_settimeofday = syscall({
  name: 'settimeofday', args: [inStruct('tv', Timeval), inStruct('tz', Timezone)],
  gaps: 'the kernel time zone is not kept: tz is ignored',
  run(t, tv) {
    if (!t.cred.has(CAP_SYS_TIME)) return EPERM;
    if (tv === 0) return 0;
    const v = Timeval.view();
    const r = t.user.copyIn(tv, v.bytes);
    if (isErr(r)) return r;
    if (v.tv_sec < 0 || v.tv_usec < 0 || v.tv_usec >= 1e6) return EINVAL;
    setRealtime(t.kernel, v.tv_sec, v.tv_usec * 1000);
    return 0;
  },
});

/** Sleeps until the deadline; interrupted relative sleeps store what is left. */
function sleep(t: Task, at: number, rem: number, kind: 'relative' | 'monotonic' | 'realtime'): number {
  const deadline = callDeadline(t, at, kind);
  if (isErr(deadline)) return deadline;
  if (deadline <= t.kernel.now()) return 0;
  const r = t.waitOnUntil(null, deadline, 'hrtimer_nanosleep', 0);
  if (r === BLOCKED || r === 0) return r;
  if (rem !== 0 && kind === 'relative') {
    const left = fromNs(Math.max(0, deadline - t.kernel.now()));
    if (isErr(store(t, rem, left))) return EFAULT;
  }
  t.record().deadlineNs = deadline;
  return ERESTART_RESTARTBLOCK;
}

export const sys_nanosleep = syscall({
  name: 'nanosleep', args: [inStruct('req', Timespec), outStruct('rem', Timespec)],
  run: (t, req, rem) => (req === 0 ? EFAULT : sleep(t, req, rem, 'relative')),
});

export const sys_clock_nanosleep = syscall({
  name: 'clock_nanosleep', args: [oneOf('clockid', CLOCKS), flags('flags', { TIMER_ABSTIME }), inStruct('req', Timespec), outStruct('rem', Timespec)],
  gaps: 'CPU-time clocks answer EOPNOTSUPP',
  run(t, id, f, req, rem) {
    if (id === CLOCK_THREAD_CPUTIME_ID || id === CLOCK_PROCESS_CPUTIME_ID || id < 0) return EOPNOTSUPP;
    const known = readClock(t, id);
    if (isErr(known)) return known;
    if (req === 0) return EFAULT;
    const real = id === CLOCK_REALTIME || id === CLOCK_TAI || id === CLOCK_REALTIME_ALARM;
    return sleep(t, req, rem, (f & TIMER_ABSTIME) === 0 ? 'relative' : real ? 'realtime' : 'monotonic');
  },
});
