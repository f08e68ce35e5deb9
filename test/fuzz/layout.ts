// The memory that every fuzzed process begins with, and how it comes to be: the first calls of its first task.
import { AT_FDCWD, O_CREAT, O_NONBLOCK, O_RDWR } from '../../src/abi/fcntl.ts';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../src/abi/mman.ts';
import { PR_SET_NO_NEW_PRIVS } from '../../src/abi/prctl.ts';
import { RLIMIT_AS, RLIMIT_FSIZE, RLIMIT_NPROC } from '../../src/abi/resource.ts';
import { CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD, CLONE_VM } from '../../src/abi/sched.ts';
import { SA_NODEFER, SA_ONSTACK, SIGALRM, SIGBUS, SIGFPE, SIGHUP, SIGILL, SIGPIPE, SIGSEGV, SIGSYS, SIGTRAP, SIGUSR1 } from '../../src/abi/signal.ts';
import { S_IFIFO } from '../../src/abi/stat.ts';
import { SYSCALL_NUMBERS, type SyscallName } from '../../src/abi/syscall-numbers.ts';
import { setWords, type Action, type Store } from './action.ts';
import { LOOP } from './program.ts';

export const PAGE = 4096;
const RW = PROT_READ | PROT_WRITE, PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS, SHARED = MAP_SHARED | MAP_ANONYMOUS;

/** Where structs go; what children and their parents see alike; what cannot be written; a page with nothing behind it; code; stacks. */
export const POOL = { at: 0x2000_0000, pages: 64, prot: RW, flags: PRIVATE };
export const COMMON = { at: 0x2100_0000, pages: 16, prot: RW, flags: SHARED };
export const READ_ONLY = { at: 0x2200_0000, pages: 1, prot: PROT_READ, flags: PRIVATE };
export const EDGE = { at: 0x2300_0000, pages: 2, prot: RW, flags: PRIVATE };
export const CODE = { at: 0x2400_0000, pages: 4, prot: RW | PROT_EXEC, flags: PRIVATE };
export const STACKS = { at: 0x2500_0000, pages: 64, prot: RW, flags: PRIVATE };
export const AREAS = [POOL, COMMON, READ_ONLY, EDGE, CODE, STACKS];

/** Names in the working directory; see `prologue` for what they are. */
export const NAMES = ['f', 'd', 'd/x', 'loop', 'link', 'fifo', 'sock', 'new', 'd/new'];

const THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
const text = (s: string): Uint8Array => Uint8Array.from(`${s}\0`, c => c.charCodeAt(0));

function action(task: number, name: SyscallName, args: readonly number[], stores: readonly Store[] = []): Action {
  const words = new Int32Array(12);
  args.forEach((n, i) => setWords(words, i, n));
  return { task, what: SYSCALL_NUMBERS[name], args: words, stores };
}

/** The memory: after execve it has to be made again. */
export const ground = (task: number): Action[] => AREAS.map(a => action(task, 'mmap', [a.at, a.pages * PAGE, a.prot, a.flags | MAP_FIXED, -1, 0]));

/** What the first task of a process does before it does anything else; `threads` of it then go on. */
export function prologue(task: number, threads: number): Action[] {
  const out = ground(task);
  const call = (name: SyscallName, args: readonly number[], stores: readonly Store[] = []): void => { out.push(action(task, name, args, stores)); };
  const path = (name: string, at = POOL.at): Store => ({ at, bytes: text(name) });
  const handler = new Uint8Array(24);
  new DataView(handler.buffer).setUint32(0, LOOP, true);
  new DataView(handler.buffer).setUint32(8, (SA_NODEFER | SA_ONSTACK) >>> 0, true);
  for (const s of [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS, SIGALRM, SIGPIPE, SIGHUP, SIGUSR1]) call('rt_sigaction', [s, POOL.at, 0, 8], [{ at: POOL.at, bytes: handler }]);
  const limit = (n: number): Store => ({ at: POOL.at, bytes: new Uint8Array(new Uint32Array([n, 0, n, 0]).buffer) });
  call('prlimit64', [0, RLIMIT_NPROC, POOL.at, 0], [limit(24)]);
  call('prlimit64', [0, RLIMIT_AS, POOL.at, 0], [limit(1 << 30)]);
  call('prlimit64', [0, RLIMIT_FSIZE, POOL.at, 0], [limit(4 << 20)]);
  call('openat', [AT_FDCWD, POOL.at, O_RDWR | O_CREAT, 0o666], [path('f')]);
  call('write', [0, POOL.at, 100]);
  call('mkdirat', [AT_FDCWD, POOL.at, 0o777], [path('d')]);
  call('openat', [AT_FDCWD, POOL.at, 0, 0], [path('d')]);
  call('openat', [AT_FDCWD, POOL.at, O_RDWR | O_CREAT, 0o666], [path('d/x')]);
  call('symlinkat', [POOL.at, AT_FDCWD, POOL.at + 64], [path('loop'), path('loop', POOL.at + 64)]);
  call('symlinkat', [POOL.at, AT_FDCWD, POOL.at + 64], [path('f'), path('link', POOL.at + 64)]);
  call('mknodat', [AT_FDCWD, POOL.at, S_IFIFO | 0o666, 0], [path('fifo')]);
  call('pipe2', [POOL.at, 0]);
  call('socketpair', [1, 1, 0, POOL.at]);
  for (const [family, type] of [[1, 1], [1, 2], [2, 1], [2, 2], [16, 3]] as const) call('socket', [family, type | O_NONBLOCK, 0]);
  // Somebody listens at an abstract name and at a port, and somebody has called there.
  for (const [fd, family, type, address] of [[10, 1, 1, [1, 0, 0, 97]], [12, 2, 1, [2, 0, 8, 1, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]]] as const) {
    const at: Store = { at: POOL.at, bytes: Uint8Array.from(address) };
    call('bind', [fd, POOL.at, address.length], [at]);
    call('listen', [fd, 3]);
    call('socket', [family, type | O_NONBLOCK, 0]);
    call('connect', [fd === 10 ? 15 : 16, POOL.at, address.length], [at]);
  }
  call('timer_create', [1, 0, POOL.at]);
  call('userfaultfd', [1 | O_NONBLOCK]);
  call('mq_open', [POOL.at, O_RDWR | O_CREAT | O_NONBLOCK, 0o666, 0], [path('q')]);
  call('pidfd_open', [1, 0]);
  call('eventfd2', [3, O_NONBLOCK]);
  call('epoll_create1', [0]);
  call('timerfd_create', [1, O_NONBLOCK]);
  call('memfd_create', [POOL.at, 2], [path('m')]);
  call('inotify_init1', [O_NONBLOCK]);
  call('openat', [AT_FDCWD, POOL.at, O_RDWR | O_NONBLOCK, 0], [path('/dev/ptmx')]);
  call('setitimer', [0, POOL.at, 0], [{ at: POOL.at, bytes: new Uint8Array(new Uint32Array([0, 0, 5000, 0, 0, 0, 20_000, 0]).buffer) }]);
  if (task % 2 === 0) call('prctl', [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]);
  for (let i = 1; i < threads; i++) call('clone', [THREAD, STACKS.at + (4 * i + 4) * PAGE, 0, 0, 0]);
  return out;
}
