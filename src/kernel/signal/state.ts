// Signal state: dispositions shared by CLONE_SIGHAND, and queues of pending signals per task and per process (signal(7)).

import type { UserCounts } from '../task/user-counts.ts';

/** siginfo_t as data; which fields count depends on code (sigaction(2)). */
export interface SigInfo {
  signo: number; code: number; errno?: number;
  pid?: number; uid?: number; status?: number; utime?: number; stime?: number;
  /** si_addr of faults. */
  addr?: number;
  /** si_syscall of SIGSYS. */
  call?: number;
  /** sigval of sigqueue and timers: two words. */
  valueLo?: number; valueHi?: number;
  timerId?: number; overrun?: number;
  /** A timer's: there was room for it since timer_create(2). */
  isPrepaid?: true;
  band?: number; fd?: number;
}

/** One entry of the disposition table (rt_sigaction(2)). handler: 0 = SIG_DFL, 1 = SIG_IGN, else a user address. */
export interface SigAction { handler: number; flags: number; maskLo: number; maskHi: number }

export class SignalHandlers {
  readonly actions: SigAction[];
  refs = 1;
  constructor(actions?: SigAction[]) {
    this.actions = actions ?? Array.from({ length: 65 }, () => ({ handler: 0, flags: 0, maskLo: 0, maskHi: 0 }));
  }
}

/** Pending signals: a bit set for quick tests, and the queued infos in order (real-time signals queue, standard ones do not). */
export class SignalQueue {
  lo = 0;
  hi = 0;
  readonly infos: SigInfo[] = [];
  /** In whom each of these is counted (RLIMIT_SIGPENDING); null: in nobody. */
  readonly owners: (UserCounts | null)[] = [];
}
