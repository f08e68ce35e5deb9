// Clocks and timers: clock_gettime(2), timer_create(2), getitimer(2), adjtimex(2). linux/time.h, linux/timex.h.

import { i32, i64, pad, struct, u32 } from '../lib/struct.ts';


// Clocks
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const CLOCK_PROCESS_CPUTIME_ID = 2;
export const CLOCK_THREAD_CPUTIME_ID = 3;
export const CLOCK_MONOTONIC_RAW = 4;
export const CLOCK_REALTIME_COARSE = 5;
export const CLOCK_MONOTONIC_COARSE = 6;
export const CLOCK_BOOTTIME = 7;
export const CLOCK_REALTIME_ALARM = 8;
export const CLOCK_BOOTTIME_ALARM = 9;
export const CLOCK_TAI = 11;

// Timers
export const TIMER_ABSTIME = 1;
export const ITIMER_REAL = 0;
export const ITIMER_VIRTUAL = 1;
export const ITIMER_PROF = 2;

// utimensat(2); libc names
export const UTIME_NOW = 0x3fffffff;
export const UTIME_OMIT = 0x3ffffffe;

// adjtimex(2)
export const ADJ_OFFSET = 0x1;
export const ADJ_FREQUENCY = 0x2;
export const ADJ_MAXERROR = 0x4;
export const ADJ_ESTERROR = 0x8;
export const ADJ_STATUS = 0x10;
export const ADJ_TIMECONST = 0x20;
export const ADJ_TAI = 0x80;
export const ADJ_SETOFFSET = 0x100;
export const ADJ_MICRO = 0x1000;
export const ADJ_NANO = 0x2000;
export const ADJ_TICK = 0x4000;
export const ADJ_OFFSET_SINGLESHOT = 0x8001;
export const ADJ_OFFSET_SS_READ = 0xa001;
export const STA_PLL = 0x1;
export const STA_UNSYNC = 0x40;
export const STA_NANO = 0x2000;
export const TIME_OK = 0x0;
export const TIME_ERROR = 0x5;

/** Nanosecond time: clock_gettime(2), nanosleep(2), ppoll(2) and everything since. */
export const Timespec = struct('__kernel_timespec', { tv_sec: i64, tv_nsec: i64 });
/** Microsecond time: gettimeofday(2), getitimer(2), SO_RCVTIMEO. */
export const Timeval = struct('timeval', { tv_sec: i64, tv_usec: i64 });
export const Timezone = struct('timezone', { tz_minuteswest: i32, tz_dsttime: i32 });
/** timer_settime(2), timerfd_settime(2). */
export const Itimerspec = struct('__kernel_itimerspec', { it_interval: Timespec, it_value: Timespec });
/** setitimer(2). */
export const Itimerval = struct('itimerval', { it_interval: Timeval, it_value: Timeval });
/** times(2); in ticks of USER_HZ. */
export const Tms = struct('tms', { tms_utime: i64, tms_stime: i64, tms_cutime: i64, tms_cstime: i64 });
/** adjtimex(2). */
export const Timex = struct('timex', {
  modes: u32, _pad0: pad(4), offset: i64, freq: i64, maxerror: i64, esterror: i64, status: i32, _pad1: pad(4), constant: i64, precision: i64,
  tolerance: i64, time: Timeval, tick: i64, ppsfreq: i64, jitter: i64, shift: i32, _pad2: pad(4), stabil: i64, jitcnt: i64, calcnt: i64,
  errcnt: i64, stbcnt: i64, tai: i32, _pad3: pad(44),
});
/** Ticks a second that user space sees: times(2), /proc/PID/stat, AT_CLKTCK. */
export const USER_HZ = 100;
