// getrlimit(2), getrusage(2), getpriority(2): linux/resource.h.

import { i64, struct, u64 } from '../lib/struct.ts';
import { Timeval } from './time.ts';


// Limits
export const RLIMIT_CPU = 0;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_DATA = 2;
export const RLIMIT_STACK = 3;
export const RLIMIT_CORE = 4;
export const RLIMIT_RSS = 5;
export const RLIMIT_NPROC = 6;
export const RLIMIT_NOFILE = 7;
export const RLIMIT_MEMLOCK = 8;
export const RLIMIT_AS = 9;
export const RLIMIT_LOCKS = 10;
export const RLIMIT_SIGPENDING = 11;
export const RLIMIT_MSGQUEUE = 12;
export const RLIMIT_NICE = 13;
export const RLIMIT_RTPRIO = 14;
export const RLIMIT_RTTIME = 15;
export const RLIM_NLIMITS = 16;

// All ones; as a JS number it rounds to 2^64 and u64 writes it back as all ones
export const RLIM_INFINITY = 2 ** 64;

// getrusage(2), getpriority(2)
export const RUSAGE_SELF = 0;
export const RUSAGE_CHILDREN = -1;
export const RUSAGE_THREAD = 1;
export const PRIO_PROCESS = 0;
export const PRIO_PGRP = 1;
export const PRIO_USER = 2;
export const PRIO_MIN = -20;
export const PRIO_MAX = 20;

/** getrlimit(2), prlimit(2). */
export const Rlimit = struct('rlimit', { rlim_cur: u64, rlim_max: u64 });
/** getrusage(2), wait4(2). */
export const Rusage = struct('rusage', {
  ru_utime: Timeval, ru_stime: Timeval, ru_maxrss: i64, ru_ixrss: i64, ru_idrss: i64, ru_isrss: i64, ru_minflt: i64, ru_majflt: i64,
  ru_nswap: i64, ru_inblock: i64, ru_oublock: i64, ru_msgsnd: i64, ru_msgrcv: i64, ru_nsignals: i64, ru_nvcsw: i64, ru_nivcsw: i64,
});
