// Open file descriptions (open(2)): what a descriptor points to. Files try and never sleep: EAGAIN means "park on `waiters`, then ask again".
import { type Errno, type Fallible, EBADF, EINVAL, ENODEV, ENOTDIR, ENOTTY, EOPNOTSUPP, ESPIPE } from '../../abi/errno.ts';
import { F_GETPIPE_SZ, F_SETPIPE_SZ, type LOCK_EX, type LOCK_SH } from '../../abi/fcntl.ts';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import type { Task } from '../task/task.ts';
import type { SwapStore } from '../mm/swap-area.ts';
import type { Vma } from '../mm/vma.ts';
import type { WaitQueue } from '../sched/wait-queue.ts';
import type { EpollItem } from '../ipc/epoll.ts';
import { IN_CLOSE_NOWRITE, IN_CLOSE_WRITE } from '../../abi/eventfd.ts';
import type { AsyncNotifier, FileOwner } from './async-notify.ts';
import { notifyPath } from './notify.ts';
import type { Inode } from './inode.ts';
import type { IoBuffer } from './io-buffer.ts';
import { conflictingLock, dropFileLocks, flock, type LockedRange, type LockOwner, setRecordLock } from './locks.ts';
import type { Path } from './mount.ts';

/** Receives directory entries; answers false when the reader's buffer is full (the entry was not taken). */
export abstract class DirSink {
  abstract emit(name: string, ino: number, type: number, nextPos: number): boolean;
}

export abstract class OpenFile {
  /** O_* status flags and access mode; FD_CLOEXEC belongs to the descriptor, not to us. */
  flags: number;
  pos = 0;
  /** How many descriptors, mappings and in-flight messages refer to this description. */
  refs = 1;
  /** Where it was opened; null for pipes, sockets and other anonymous files. */
  path: Path | null = null;
  inode: Inode;
  /** F_SETOWN, F_SETSIG. */
  owner: FileOwner | null = null;
  ownerSignal = 0;
  /** While O_ASYNC is set on a file that can become ready. */
  notifier: AsyncNotifier | null = null;
  /** Counted in inode.writers. */
  countsAsWriter = false;
  /** IMA wants to know when it goes. */
  isMeasured = false;
  /** LANDLOCK_ACCESS_FS_*: what the opener's Landlock domain leaves of the rights that are asked for at use. */
  landlockRights = -1;
  /** Registrations with epoll instances: they end with the description (epoll(7), Q6). */
  epollItems: EpollItem[] | null = null;

  constructor(inode: Inode, flags: number) {
    this.inode = inode.get();
    this.flags = flags;
  }

  /** The access mode plus one is a bit set: 1 to read, 2 to write. Mode 3 is neither (open(2), "File access mode"). */
  get isReadable(): boolean { return ((this.flags + 1) & 1) !== 0; }
  get isWritable(): boolean { return ((this.flags + 1) & 2) !== 0; }
  /** True if the file has an offset that lseek moves and read/write without an explicit one use. */
  get isSeekable(): boolean { return false; }
  /** Each read and each write is one message, whole or not at all: splice(2) does not cut it (/dev/fuse). */
  get isMessages(): boolean { return false; }
  /** What readlink of /proc/PID/fd/N shows for anonymous files: 'pipe:[7]', 'anon_inode:[eventpoll]', ... */
  get anonName(): string { return 'anon_inode:[file]'; }

  /** Where to wait for readiness; null = always ready, never blocks. */
  get waiters(): WaitQueue | null { return null; }
  /** POLL* bits that are true now. */
  poll(_t: Task): number { return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM; }

  /** Transfers into `io` from position `pos` (ignored by streams). Bytes moved, 0 at end of file, EAGAIN if there is nothing yet. Does not touch `this.pos`. */
  read(_t: Task, _io: IoBuffer, _pos: number): number | Errno { return EINVAL; }
  /** Transfers from `io` to position `pos`. Bytes taken (may be short), EAGAIN if nothing fits now. O_APPEND is honoured here; `this.pos` is set by the caller to `writeEnd` if seekable. */
  write(_t: Task, _io: IoBuffer, _pos: number): number | Errno { return EINVAL; }
  /** Position behind the last write of this description, for O_APPEND. */
  writeEnd = 0;
  /** lseek(2). Default: streams. */
  seek(_t: Task, _offset: number, _whence: number): number | Errno { return ESPIPE; }
  /** getdents64(2): from `this.pos` on; implementations advance `this.pos` past each entry that was taken. */
  readdir(_t: Task, _sink: DirSink): 0 | Errno { return ENOTDIR; }
  ioctl(_t: Task, _cmd: number, _arg: number): number | Errno { return ENOTTY; }
  /** fcntl(2) commands that only some files know: F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS. */
  fcntl(_t: Task, cmd: number, _arg: number): number | Errno { return cmd === F_SETPIPE_SZ || cmd === F_GETPIPE_SZ ? EBADF : EINVAL; }
  /** How long a blocking read or write waits, in ns: SO_RCVTIMEO and SO_SNDTIMEO of sockets. */
  patienceNs(_what: 'read' | 'write'): number { return Infinity; }
  /** Does EPIPE come with SIGPIPE? Not from datagram sockets. */
  get raisesSigpipe(): boolean { return true; }
  /** Prepares a mapping: may set vma.pages (a PageCache) or answer ENODEV. */
  mmap(_t: Task, _vma: Vma): 0 | Errno { return ENODEV; }
  truncate(_t: Task, _size: number): 0 | Errno { return EINVAL; }
  fallocate(_t: Task, _mode: number, _offset: number, _length: number): 0 | Errno { return EBADF; }
  fsync(t: Task, what: 'data' | 'all'): 0 | Errno { return this.inode.fsync(t, what); }
  /** flock(2) and record locks (F_GETLK, F_SETLK, F_SETLKW): the kernel keeps them, unless a server does. */
  flock(t: Task, type: typeof LOCK_SH | typeof LOCK_EX | 0, how: 'wait' | 'try'): 0 | Errno { return flock(t, this, type, how); }
  testLock(_t: Task, owner: LockOwner, type: number, start: number, end: number): Fallible<LockedRange | null> { return conflictingLock(this.inode, owner, type, start, end); }
  setLock(t: Task, owner: LockOwner, type: number, start: number, end: number, pid: number, how: 'wait' | 'try'): 0 | Errno {
    return setRecordLock(t, this.inode, owner, type, start, end, pid, how);
  }
  /** copy_file_range(2) within one file system, where that can do it by itself: bytes copied. EOPNOTSUPP: it is done by reading and writing. */
  copyRange(_t: Task, _pos: number, _to: OpenFile, _toPos: number, _length: number): number | Errno { return EOPNOTSUPP; }
  /** Its first `pages` pages as a place to swap to (swapon(2)). EINVAL: it is none, it is shorter, or has holes; BLOCKED. */
  swapStore(_t: Task, _pages: number): Fallible<SwapStore> { return EINVAL; }
  /** A descriptor to it was closed (close(2) of each; NFS-like flush, POSIX locks are dropped by the caller). */
  flush(_t: Task): 0 | Errno { return 0; }
  /** The same where nobody can wait for it or hear of failures: dup2(2), exec, the end of a process. */
  flushUnattended(t: Task): void { this.flush(t); }
  /** The session of `t`, its leader, takes this terminal as its own (TIOCSCTTY); nothing for other files. */
  becomeControlling(_t: Task): void {}
  /** The last reference is gone. Must not fail, must not block. */
  release(): void {}
  /** fcntl F_SETFL changed O_NONBLOCK, O_APPEND, O_ASYNC, ... */
  setFlags(flags: number): Fallible<0> { this.flags = flags; return 0; }

  get(): this { this.refs++; return this; }
  put(): void {
    if (--this.refs > 0) return;
    if (this.epollItems !== null) for (const item of this.epollItems.slice()) item.drop();
    this.notifier?.stop();
    this.release();
    const { inode, path } = this;
    if (inode.locks !== null) dropFileLocks(this);
    if (this.countsAsWriter) inode.writers--;
    if (this.isMeasured) inode.sb.kernel.security.ima.released(inode.sb.kernel.current, this);
    if (path !== null) {
      if (inode.sb.kernel.mounts.inotify.watches !== 0) notifyPath(inode.sb.kernel.current, path, this.isWritable ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
      path.put();
    }
    inode.put();
  }
}
