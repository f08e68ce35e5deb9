// ptrace(2): linux/ptrace.h.

import { i32, pad, struct, u32, u64 } from '../lib/struct.ts';

// Requests
export const PTRACE_TRACEME = 0;
export const PTRACE_PEEKTEXT = 1;
export const PTRACE_PEEKDATA = 2;
export const PTRACE_PEEKUSR = 3;
export const PTRACE_POKETEXT = 4;
export const PTRACE_POKEDATA = 5;
export const PTRACE_POKEUSR = 6;
export const PTRACE_CONT = 7;
export const PTRACE_KILL = 8;
export const PTRACE_SINGLESTEP = 9;
export const PTRACE_ATTACH = 16;
export const PTRACE_DETACH = 17;
export const PTRACE_SYSCALL = 24;
export const PTRACE_SETOPTIONS = 16896;
export const PTRACE_GETEVENTMSG = 16897;
export const PTRACE_GETSIGINFO = 16898;
export const PTRACE_SETSIGINFO = 16899;
export const PTRACE_GETREGSET = 16900;
export const PTRACE_SETREGSET = 16901;
export const PTRACE_SEIZE = 16902;
export const PTRACE_INTERRUPT = 16903;
export const PTRACE_LISTEN = 16904;
export const PTRACE_PEEKSIGINFO = 16905;
export const PTRACE_GETSIGMASK = 16906;
export const PTRACE_SETSIGMASK = 16907;
export const PTRACE_GET_SYSCALL_INFO = 16910;
export const PTRACE_GET_RSEQ_CONFIGURATION = 16911;

export const PTRACE_PEEKSIGINFO_SHARED = 0x1;
export const PTRACE_SYSCALL_INFO_NONE = 0;
export const PTRACE_SYSCALL_INFO_ENTRY = 1;
export const PTRACE_SYSCALL_INFO_EXIT = 2;
export const PTRACE_SYSCALL_INFO_SECCOMP = 3;
export const PTRACE_EVENTMSG_SYSCALL_ENTRY = 1;
export const PTRACE_EVENTMSG_SYSCALL_EXIT = 2;

// Options and events
export const PTRACE_O_SUSPEND_SECCOMP = 0x200000;
export const PTRACE_O_TRACESYSGOOD = 0x1;
export const PTRACE_O_TRACEFORK = 0x2;
export const PTRACE_O_TRACEVFORK = 0x4;
export const PTRACE_O_TRACECLONE = 0x8;
export const PTRACE_O_TRACEEXEC = 0x10;
export const PTRACE_O_TRACEVFORKDONE = 0x20;
export const PTRACE_O_TRACEEXIT = 0x40;
export const PTRACE_O_TRACESECCOMP = 0x80;
export const PTRACE_O_EXITKILL = 0x100000;
export const PTRACE_EVENT_FORK = 0x1;
export const PTRACE_EVENT_VFORK = 0x2;
export const PTRACE_EVENT_CLONE = 0x3;
export const PTRACE_EVENT_EXEC = 0x4;
export const PTRACE_EVENT_VFORK_DONE = 0x5;
export const PTRACE_EVENT_EXIT = 0x6;
export const PTRACE_EVENT_SECCOMP = 0x7;
export const PTRACE_EVENT_STOP = 0x80;

/** PTRACE_PEEKSIGINFO. */
export const PtracePeeksiginfoArgs = struct('ptrace_peeksiginfo_args', { off: u64, flags: u32, nr: i32 });
/** PTRACE_GET_RSEQ_CONFIGURATION. */
export const PtraceRseqConfiguration = struct('ptrace_rseq_configuration', {
  rseq_abi_pointer: u64, rseq_abi_size: u32, signature: u32, flags: u32, _pad: pad(4),
});
