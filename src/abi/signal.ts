// Signals: numbers, actions and codes of signal(7) and sigaction(2). asm-generic/signal.h, asm-generic/siginfo.h.

import { aligned, bytes, i16, i32, i64, pad, ptr, raw64, struct, u32, u64 } from '../lib/struct.ts';


// Numbers
export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGQUIT = 3;
export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGABRT = 6;
export const SIGIOT = 6;
export const SIGBUS = 7;
export const SIGFPE = 8;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGSEGV = 11;
export const SIGUSR2 = 12;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;
export const SIGSTKFLT = 16;
export const SIGCHLD = 17;
export const SIGCONT = 18;
export const SIGSTOP = 19;
export const SIGTSTP = 20;
export const SIGTTIN = 21;
export const SIGTTOU = 22;
export const SIGURG = 23;
export const SIGXCPU = 24;
export const SIGXFSZ = 25;
export const SIGVTALRM = 26;
export const SIGPROF = 27;
export const SIGWINCH = 28;
export const SIGIO = 29;
export const SIGPOLL = 29;
export const SIGPWR = 30;
export const SIGSYS = 31;
export const SIGRTMIN = 32;
export const SIGRTMAX = 64;

// Dispositions and sigprocmask(2)
export const SIG_DFL = 0;
export const SIG_IGN = 1;
export const SIG_BLOCK = 0;
export const SIG_UNBLOCK = 1;
export const SIG_SETMASK = 2;

// sigaction(2) flags; riscv has no SA_RESTORER, the return goes through the vDSO
export const SA_NOCLDSTOP = 0x1;
export const SA_NOCLDWAIT = 0x2;
export const SA_SIGINFO = 0x4;
export const SA_UNSUPPORTED = 0x400;
export const SA_EXPOSE_TAGBITS = 0x800;
export const SA_ONSTACK = 0x8000000;
export const SA_RESTART = 0x10000000;
export const SA_NODEFER = 0x40000000;
export const SA_RESETHAND = 0x80000000;

// sigaltstack(2)
export const SS_ONSTACK = 0x1;
export const SS_DISABLE = 0x2;
export const SS_AUTODISARM = 0x80000000;
export const MINSIGSTKSZ = 0x800;
export const SIGSTKSZ = 0x2000;

// si_code: who sent it
export const SI_USER = 0;
export const SI_KERNEL = 128;
export const SI_QUEUE = -1;
export const SI_TIMER = -2;
export const SI_MESGQ = -3;
export const SI_ASYNCIO = -4;
export const SI_SIGIO = -5;
export const SI_TKILL = -6;
export const SI_DETHREAD = -7;
export const SI_ASYNCNL = -60;

// si_code: which fault
export const ILL_ILLOPC = 1;
export const ILL_ILLOPN = 2;
export const ILL_ILLADR = 3;
export const ILL_ILLTRP = 4;
export const ILL_PRVOPC = 5;
export const ILL_PRVREG = 6;
export const ILL_COPROC = 7;
export const ILL_BADSTK = 8;
export const FPE_INTDIV = 1;
export const FPE_INTOVF = 2;
export const FPE_FLTDIV = 3;
export const FPE_FLTOVF = 4;
export const FPE_FLTUND = 5;
export const FPE_FLTRES = 6;
export const FPE_FLTINV = 7;
export const FPE_FLTSUB = 8;
export const SEGV_MAPERR = 1;
export const SEGV_ACCERR = 2;
export const SEGV_BNDERR = 3;
export const SEGV_PKUERR = 4;
export const BUS_ADRALN = 1;
export const BUS_ADRERR = 2;
export const BUS_OBJERR = 3;
export const BUS_MCEERR_AR = 4;
export const BUS_MCEERR_AO = 5;
export const TRAP_BRKPT = 1;
export const TRAP_TRACE = 2;
export const TRAP_BRANCH = 3;
export const TRAP_HWBKPT = 4;

// si_code: SIGCHLD, SIGPOLL, SIGSYS
export const CLD_EXITED = 1;
export const CLD_KILLED = 2;
export const CLD_DUMPED = 3;
export const CLD_TRAPPED = 4;
export const CLD_STOPPED = 5;
export const CLD_CONTINUED = 6;
export const POLL_IN = 1;
export const POLL_OUT = 2;
export const POLL_MSG = 3;
export const POLL_ERR = 4;
export const POLL_PRI = 5;
export const POLL_HUP = 6;
export const SYS_SECCOMP = 1;
export const SYS_USER_DISPATCH = 2;

// sigevent
export const SIGEV_SIGNAL = 0;
export const SIGEV_NONE = 1;
export const SIGEV_THREAD = 2;
export const SIGEV_THREAD_ID = 4;

/** Signals are 1..64; a set is two words, bit n-1 for signal n. */
export const NSIG = 64;
/** Bytes of the kernel's sigset_t: rt_sigprocmask(2) and friends answer EINVAL for another sigsetsize. */
export const SIGSET_SIZE = 8;

/** rt_sigaction(2), the kernel's struct: no restorer on riscv. */
export const Sigaction = struct('sigaction', { sa_handler: ptr, sa_flags: u64, sa_mask: raw64 });
/** sigaltstack(2). */
export const StackT = struct('stack_t', { ss_sp: ptr, ss_flags: i32, _pad: pad(4), ss_size: u64 });

const head = { si_signo: i32, si_errno: i32, si_code: i32, _pad: pad(4) } as const;
const tail = <N extends number>(size: N) => pad(size, 8);
/** kill(2), tgkill(2). */
export const SiginfoKill = struct('siginfo_t', { ...head, si_pid: i32, si_uid: u32, _tail: tail(104) });
/** timer_create(2). */
export const SiginfoTimer = struct('siginfo_t', { ...head, si_tid: i32, si_overrun: i32, si_value: raw64, _tail: tail(96) });
/** rt_sigqueueinfo(2). */
export const SiginfoQueue = struct('siginfo_t', { ...head, si_pid: i32, si_uid: u32, si_value: raw64, _tail: tail(96) });
/** SIGCHLD; times in clock ticks of 10 ms. */
export const SiginfoChild = struct('siginfo_t', { ...head, si_pid: i32, si_uid: u32, si_status: i32, si_utime: i64, si_stime: i64, _tail: tail(80) });
/** SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP. */
export const SiginfoFault = struct('siginfo_t', { ...head, si_addr: ptr, si_addr_lsb: i16, _tail: tail(96) });
/** SIGIO. */
export const SiginfoPoll = struct('siginfo_t', { ...head, si_band: i64, si_fd: i32, _tail: tail(96) });
/** SIGSYS. */
export const SiginfoSys = struct('siginfo_t', { ...head, si_call_addr: ptr, si_syscall: i32, si_arch: u32, _tail: tail(96) });
/** Bytes of a siginfo_t, whatever the kind. */
export const SIGINFO_SIZE = SiginfoKill.size;

/** timer_create(2), mq_notify(3). */
export const Sigevent = struct('sigevent_t', { sigev_value: raw64, sigev_signo: i32, sigev_notify: i32, sigev_notify_thread_id: i32, _tail: pad(44) });

/** struct user_regs_struct: pc, then x1..x31, as sigcontext, ptrace and core dumps have them. */
export const UserRegs = struct('user_regs_struct', {
  pc: raw64, ra: raw64, sp: raw64, gp: raw64, tp: raw64, t0: raw64, t1: raw64, t2: raw64, s0: raw64, s1: raw64,
  a0: raw64, a1: raw64, a2: raw64, a3: raw64, a4: raw64, a5: raw64, a6: raw64, a7: raw64,
  s2: raw64, s3: raw64, s4: raw64, s5: raw64, s6: raw64, s7: raw64, s8: raw64, s9: raw64, s10: raw64, s11: raw64,
  t3: raw64, t4: raw64, t5: raw64, t6: raw64,
});
/** union __riscv_fp_state in its D form: f0..f31 as 256 bytes, then fcsr; the rest must be zero. */
export const FpState = struct('union __riscv_fp_state', { f: aligned(bytes(256), 16), fcsr: u32, _reserved: pad(268) });
/** struct sigcontext. */
export const Sigcontext = struct('sigcontext', { sc_regs: UserRegs, sc_fpregs: FpState });
/** struct ucontext, the third argument of an SA_SIGINFO handler. */
export const Ucontext = struct('ucontext', {
  uc_flags: u64, uc_link: ptr, uc_stack: StackT, uc_sigmask: raw64, _unused: pad(120), uc_mcontext: Sigcontext,
});
/** What rt_sigreturn(2) finds at sp: siginfo_t, then struct ucontext. */
export const RtSigframe = struct('rt_sigframe', { info: SiginfoKill, uc: Ucontext });
