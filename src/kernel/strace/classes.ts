// The classes of `strace -e %class`, decided by the typed arguments of a call where they say it, by name otherwise (strace(1), "Filtering").
import { SYSCALL_NUMBERS, type SyscallName } from '../../abi/syscall-numbers.ts';
import { syscalls } from '../syscall/table.ts';

/** The classes that exist, for error messages. */
export const CLASSES = ['file', 'desc', 'process', 'network', 'signal', 'memory', 'ipc', 'creds', 'clock'] as const;

const BY_NAME: Readonly<Record<string, RegExp>> = {
  process: /^(clone3?|execve(at)?|exit|exit_group|wait4|waitid|kill|tkill|tgkill|pidfd_.*|rt_sigqueueinfo|unshare)$/,
  network: /^(socket|socketpair|bind|listen|accept4?|connect|get(sock|peer)name|(send|recv)(to|from|msg|mmsg)|(set|get)sockopt|shutdown)$/,
  signal: /^(rt_sig.*|sigaltstack|kill|tkill|tgkill|signalfd4|pidfd_send_signal|rt_tgsigqueueinfo)$/,
  memory: /^(mmap|munmap|mprotect|mremap|brk|madvise|mincore|msync|m(un)?lock.*|memfd_create|process_madvise|mbind|remap_file_pages|riscv_flush_icache)$/,
  ipc: /^(sem|msg|shm).*$/,
  creds: /^((set|get)(re|res|fs|e)?[ug]id|(set|get)groups|cap(get|set)|prctl)$/,
  clock: /^(clock_.*|gettimeofday|settimeofday|adjtimex)$/,
};

/** Is call `name` in class `cls`? */
export function classOf(cls: string, name: string): boolean {
  const args = syscalls[SYSCALL_NUMBERS[name as SyscallName]]?.args ?? [];
  if (cls === 'file') return args.some(a => a.kind === 'path');
  if (cls === 'desc') return args.some(a => a.kind === 'fd' || a.kind === 'dirfd') || /^(epoll|eventfd|pipe2|ppoll|pselect6|signalfd|timerfd|memfd)/.test(name);
  return BY_NAME[cls]?.test(name) ?? false;
}
