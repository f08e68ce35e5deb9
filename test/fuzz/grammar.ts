// What a random call looks like: a row of the system call table, arguments by their types and names, structs behind pointers, and now and then something
// that is none of that. The table is the grammar: a call that is added there is fuzzed here.
import * as ioctl from '../../src/abi/ioctl.ts';
import * as loop from '../../src/abi/loop.ts';
import { AT_FDCWD } from '../../src/abi/fcntl.ts';
import { CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_FILES, CLONE_FS, CLONE_PARENT_SETTID, CLONE_PIDFD, CLONE_SIGHAND, CLONE_THREAD, CLONE_VFORK, CLONE_VM } from '../../src/abi/sched.ts';
import * as seccomp from '../../src/abi/seccomp.ts';
import * as socket from '../../src/abi/socket.ts';
import * as userfaultfd from '../../src/abi/userfaultfd.ts';
import { SYSCALL_NUMBERS, type SyscallName } from '../../src/abi/syscall-numbers.ts';
import type { Fields, Struct } from '../../src/lib/struct.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Arg, Syscall } from '../../src/kernel/syscall/define.ts';
import { syscalls } from '../../src/kernel/syscall/table.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { setWords, type Action, type Store } from './action.ts';
import { Dice } from './dice.ts';
import { CODE, EDGE, PAGE, POOL, READ_ONLY, STACKS } from './layout.ts';
import { instructions } from './noise.ts';
import { TOUCHES } from './program.ts';
import { Resources } from './resources.ts';
import { Structs, type Paper } from './structs.ts';

const numbers = (module: object, pattern: RegExp): number[] => Object.entries(module).filter(([k, v]) => typeof v === 'number' && pattern.test(k)).map(([, v]) => v as number);
const REQUESTS = [...numbers(ioctl, /./), ...numbers(loop, /^LOOP_[SGC]/), ...numbers(userfaultfd, /^UFFDIO_(?!.*MODE)/), ...numbers(seccomp, /IOCTL/), ...numbers(socket, /^SIOC/)];
const OPTIONS = numbers(socket, /^(SO|TCP|IP|IPV6)_/);
const CLONES = [17, 17, 17, 0, CLONE_VM | CLONE_VFORK | 17, CLONE_FILES | 17, CLONE_FS | 17, CLONE_PIDFD | 17, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | 17,
  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID];
const FILE_SYSTEMS = ['tmpfs', 'proc', 'sysfs', 'devtmpfs', 'devpts', 'overlay', 'ext2', ''];
const ATTRIBUTES = ['user.a', 'user.__proto__', 'trusted.b', 'security.capability', 'system.posix_acl_access', 'system.posix_acl_default', 'user.', 'x', `user.${'n'.repeat(250)}`];
const KEY_TYPES = ['user', 'logon', 'keyring', 'asymmetric', '.hidden'];

/** Calls that would say little: they end, stop or wait for ever; made one time in so many. 0: never. */
const SELDOM: Readonly<Partial<Record<SyscallName, number>>> = {
  exit: 60, exit_group: 60, reboot: 0, kill: 6, tkill: 6, tgkill: 6, execve: 8, execveat: 8, rt_sigsuspend: 10, ppoll: 3, pselect6: 3, nanosleep: 6, clock_nanosleep: 6, munmap: 3, clone: 2,
  clone3: 2, mlockall: 4, vhangup: 10, prlimit64: 3, setrlimit: 3, clock_settime: 6, settimeofday: 6, swapoff: 4, seccomp: 3, ptrace: 2,
} as Partial<Record<SyscallName, number>>;

interface Row { readonly nr: number; readonly call: Syscall }
const ROWS: readonly Row[] = syscalls.flatMap((call, nr) => (call === undefined ? [] : [{ nr, call }]));

export interface GrammarOptions {
  readonly seed: number;
  readonly threads: number;
}

export class Grammar implements Paper {
  private readonly dice: Dice;
  private readonly there: Resources;
  private readonly structs: Structs;
  private readonly threads: number;
  /** What this round likes: the rest of the table is called less often. */
  private readonly favourites: readonly Row[];
  private stores: Store[] = [];

  constructor(kernel: Kernel, { seed, threads }: GrammarOptions) {
    this.dice = new Dice(seed);
    this.there = new Resources(kernel, this.dice);
    this.structs = new Structs(this.dice, this.there, this);
    this.threads = threads;
    this.favourites = Array.from({ length: 24 }, () => this.dice.pick(ROWS));
  }

  next(t: Task, task: number): Action {
    const { dice } = this;
    this.stores = [];
    if (dice.oneIn(8)) return this.touch(t, task);
    if (dice.oneIn(this.threads > 1 ? 12 : 60)) return this.bare(task, SYSCALL_NUMBERS.sched_yield);
    if (dice.oneIn(60)) return this.bare(task, dice.oneIn(2) ? dice.below(460) : dice.word());
    const { nr, call } = this.row();
    const args = new Int32Array(12);
    call.args.forEach((arg, i) => setWords(args, i, this.argument(t, call, arg, i)));
    for (let i = call.args.length; i < 6; i++) setWords(args, i, dice.oneIn(8) ? dice.edge() : 0);
    return { task, what: nr, args, stores: this.stores };
  }

  answered(a: Action, result: number): void {
    if (typeof a.what === 'number') this.there.answered(syscalls[a.what]?.name ?? '', result);
  }

  /** Somewhere in the pool; sometimes so that only its beginning is there, or where nothing can be put. */
  put(bytes: Uint8Array): number {
    const { dice } = this;
    const kind = dice.below(80);
    if (kind === 0) return READ_ONLY.at + dice.below(PAGE);
    if (kind === 1) return dice.edge();
    const at = kind < 4 ? EDGE.at + EDGE.pages * PAGE - dice.below(bytes.length + 1)
      : POOL.at + dice.below(POOL.pages * PAGE - 8192 - bytes.length - 8 & ~7) + (kind === 5 ? dice.below(8) : 0);
    this.stores.push({ at: kind < 4 ? at : at - (kind === 5 ? 0 : at % 8), bytes });
    return this.stores.at(-1)!.at;
  }

  private row(): Row {
    const { dice } = this;
    for (;;) {
      const row = dice.oneIn(2) ? dice.pick(this.favourites) : dice.pick(ROWS);
      const seldom = SELDOM[row.call.name as SyscallName] ?? 1;
      if (seldom !== 0 && dice.oneIn(seldom)) return row;
    }
  }

  /** Reads, writes and jumps of the program itself. */
  private touch(t: Task, task: number): Action {
    const { dice } = this;
    const what = dice.pick(TOUCHES);
    const args = new Int32Array(12);
    if (what === 'jump') {
      const at = CODE.at + dice.below(CODE.pages * PAGE / 4 - 32) * 4;
      if (dice.oneIn(2)) this.stores.push({ at, bytes: instructions(dice, 8 + dice.below(24)) });
      setWords(args, 0, dice.oneIn(6) ? this.there.address(t) : at);
    } else {
      const a = this.there.address(t);
      setWords(args, 0, dice.oneIn(4) || Math.abs(a) > 2 ** 48 ? a : a - a % 8);
      setWords(args, 1, dice.number());
    }
    return { task, what, args, stores: this.stores };
  }

  private bare(task: number, nr: number): Action {
    const args = new Int32Array(12);
    for (let i = 0; i < 6; i++) setWords(args, i, this.dice.number());
    return { task, what: nr, args, stores: [] };
  }

  private argument(t: Task, { name: call, args }: Syscall, arg: Arg, i: number): number {
    const { dice, there } = this;
    if (dice.oneIn(32)) return dice.edge();
    switch (arg.kind) {
      case 'fd': return there.fd(t, `${call}.${arg.name}`);
      case 'dirfd': return dice.oneIn(4) ? there.fd(t, 'getdents64.fd') : AT_FDCWD;
      case 'pid': return there.tid(t);
      case 'signal': return dice.oneIn(2) ? 10 : dice.below(66);
      case 'mode': return /access/.test(call) ? dice.below(8) : dice.oneIn(2) ? 0o777 : dice.below(0o200000);
      case 'flags': return arg.name === 'flags' && call === 'clone' ? dice.pick(CLONES) : this.flags(call, arg);
      case 'one-of': return dice.oneIn(16) ? dice.number() : dice.pick(Object.values(arg.names!));
      case 'path': return this.put(text(call.startsWith('exec') && !dice.oneIn(3) ? '/bin/fuzz' : there.path(t)));
      case 'string': return this.put(text(this.string(call, arg.name)));
      case 'strings': return this.strings(t);
      case 'iovec': return this.put(this.structs.bytes(t, call, this.structs.behind('iov', 'iov'), 1 + dice.below(5)));
      case 'sockaddr': return this.put(this.structs.sockaddr(t));
      case 'sigset': return this.put(dice.oneIn(3) ? new Uint8Array(8) : dice.bytes(8).map(b => b & 0x22));
      case 'in-struct': case 'out-struct': return dice.oneIn(8) ? 0 : this.put(this.structs.bytes(t, call, arg.struct!, 1));
      case 'in-buffer': return this.put(dice.bytes(dice.below(200)));
      case 'out-buffer': case 'out-ints': return dice.oneIn(6) ? there.address(t) : POOL.at + (POOL.pages - 2) * PAGE + dice.below(PAGE);
      case 'ptr': return this.pointer(t, call, arg.name);
      default: return this.number(t, call, arg, args, i);
    }
  }

  private flags(call: string, arg: Arg): number {
    const { dice } = this;
    const bits = dice.bits(Object.values(arg.names!));
    // Families of values that are not bits: one of the first, then perhaps more.
    if (/^(socket|socketpair)$/.test(call)) return dice.pick([1, 1, 2, 5]) | (bits & 0o4004000);
    if (/^(sem|shm|msg)get$/.test(call)) return bits | 0o600 | dice.below(64);
    return call === 'mmap' && !dice.oneIn(6) ? bits & ~0x1000_0000 : bits;
  }

  private pointer(t: Task, call: string, name: string): number {
    const { dice, there } = this;
    if (/^u?addr2?$|^shmaddr$|^start$|address$/.test(name)) return call.startsWith('futex') ? there.word() : there.page(t);
    if (call === 'clone' && name === 'stack') return dice.oneIn(4) ? 0 : STACKS.at + (1 + dice.below(STACKS.pages)) * PAGE;
    if (/futex|robust/.test(call) && /uaddr/.test(name)) return there.word();
    if (name.startsWith('off')) return dice.oneIn(3) ? this.put(new Uint8Array(8)) : 0;
    switch (dice.below(8)) {
      case 0: return 0;
      case 1: return there.address(t);
      case 2: return this.put(dice.bytes(8 * (1 + dice.below(16))).map(b => (b < 128 ? 0 : b & 7)));
      default: return this.put(this.structs.bytes(t, call, this.structs.behind(call, name), 1 + dice.below(3)));
    }
  }

  private number(t: Task, call: string, arg: Arg, args: readonly Arg[], i: number): number {
    const { dice, there } = this;
    const { name, kind } = arg;
    if (dice.oneIn(20)) return dice.number();
    if (/setsize/.test(name) || args[i - 1]?.kind === 'sigset') return 8;
    if (call === 'ioctl') return name === 'request' ? dice.pick(REQUESTS) : this.pointer(t, call, name);
    if (/flags|^op$/.test(name)) return dice.oneIn(5) ? dice.number() : 0;
    if (/^(sem|shm|msq)id$/.test(name)) return there.sysvId();
    if (/key/.test(call) && kind === 'long') return dice.oneIn(3) ? this.put(text(this.string(call, 'description'))) : there.keySerial();
    if (/key/.test(call) && name === 'ringid') return there.keySerial();
    if (name === 'key') return dice.below(4);
    if (name === 'optname') return dice.pick(OPTIONS);
    if (/timerid|^wd$|semnum/.test(name)) return dice.below(4);
    if (/^[rsef]?s?[ug]id$|owner|group/.test(name)) return dice.pick([0, 1000, 1000, -1, 65_534, 1001]);
    if (/timeout/.test(name)) return dice.below(12) - 1;
    if (/protocol|how|last|first/.test(name)) return dice.below(8);
    if (name === 'pgoff') return dice.below(16);
    const previous = args[i - 1];
    if (previous?.struct !== undefined) return previous.struct.size;
    if (previous?.kind === 'sockaddr') return dice.pick([3, 6, 11, 16, 28, 110, 2, 12]);
    if (previous?.kind === 'ptr' && /^(size|usize|len)$/.test(name) && !/^(m|get_mem|process_|remap)/.test(call)) return (this.structs.behind(call, previous.name) as Struct<Fields>).size;
    if (previous?.kind === 'in-buffer' || previous?.kind === 'out-buffer') return dice.oneIn(6) ? dice.below(20_000) : dice.below(300);
    if (/^(len|length|old_size|new_size|size)$/.test(name)) return dice.oneIn(12) ? PAGE * 256 * (1 + dice.below(16)) : dice.oneIn(3) ? dice.below(40_000) : PAGE * (1 + dice.below(12));
    if (/count|cnt|vlen|maxevents|^n/.test(name)) return dice.below(6);
    if (/offset|^pos/.test(name)) return dice.oneIn(2) ? 0 : dice.oneIn(3) ? dice.number() : PAGE * dice.below(8);
    if (kind === 'hex') return dice.oneIn(3) ? this.pointer(t, call, name) : dice.oneIn(2) ? there.tid(t) : dice.number();
    return dice.number();
  }

  private string(call: string, name: string): string {
    const { dice } = this;
    if (name === 'filesystemtype') return dice.pick(FILE_SYSTEMS);
    if (/xattr/.test(call)) return dice.pick(ATTRIBUTES);
    if (name === 'type') return dice.pick(KEY_TYPES);
    if (call.startsWith('mq_')) return dice.pick(['q', 'r', '/q', '', '..']);
    return dice.pick(['a', 'desc', '__proto__', '', 'constructor', 'x'.repeat(100)]);
  }

  /** argv or envp. */
  private strings(t: Task): number {
    const { dice } = this;
    if (dice.oneIn(10)) return this.there.address(t);
    const pointers = new DataView(new ArrayBuffer(8 * 6));
    for (let i = dice.below(5) - 1; i >= 0; i--) pointers.setUint32(8 * i, this.put(text('argument')), true);
    return this.put(new Uint8Array(pointers.buffer));
  }
}

const text = (s: string): Uint8Array => Uint8Array.from(`${s}\0`, c => c.charCodeAt(0));
