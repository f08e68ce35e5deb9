// Pipes (pipe(7)): one byte queue between the read and the write ends. Both ends wait on one queue: while the pipe is empty only readers
// sleep, while it is full only writers do. Writes of up to PIPE_BUF bytes are atomic; O_DIRECT keeps the borders of writes ("packet mode").
import { type Errno, type Fallible, EAGAIN, EBUSY, EFAULT, EINVAL, ENFILE, ENOTTY, EPERM, EPIPE } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from '../../abi/capability.ts';
import { F_GETPIPE_SZ, F_SETPIPE_SZ, O_DIRECT, O_RDONLY, O_WRONLY } from '../../abi/fcntl.ts';
import { FIONREAD } from '../../abi/ioctl.ts';
import { PIPE_BUF } from '../../abi/limits.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import { S_IFIFO } from '../../abi/stat.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { UserCounts } from '../task/user-counts.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import type { Inode } from '../vfs/inode.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';
import { ByteQueue } from './byte-queue.ts';

export const PIPE_DEFAULT_SIZE = 65536;
/** What is left for who has too many (pipe(7), pipe-user-pages-soft). */
const PIPE_LEAST_SIZE = 2 * PAGE_SIZE;
/** /proc/sys/fs/pipe-max-size: what F_SETPIPE_SZ grants without CAP_SYS_RESOURCE. */
export const PIPE_MAX_SIZE = 1 << 20;

const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM;

/** The two ends of a fresh pipe (pipe2(2)); `flags`: O_NONBLOCK and O_DIRECT. */
export function createPipe(t: Task, flags: number): Fallible<{ reader: PipeFile; writer: PipeFile }> {
  const pipe = makePipe(t);
  if (pipe === null) return ENFILE;
  const inode = anonInode(t.kernel, S_IFIFO | 0o600);
  inode.ipc = pipe; // opening /proc/PID/fd/N again leads to the same pipe
  return { reader: new PipeFile(inode, flags | O_RDONLY, pipe), writer: new PipeFile(inode, flags | O_WRONLY, pipe) };
}

/** A pipe that counts against its maker's limits (pipe(7), "/proc files"); null: it has too many. */
export function makePipe(t: Task): Pipe | null {
  const { limits } = t.kernel.users, user = t.kernel.users.of(t.cred.uid);
  const isBounded = !mayExceed(t);
  const size = isBounded && exceeds(user.pipePages + PIPE_DEFAULT_SIZE / PAGE_SIZE, limits.pipePagesSoft) ? PIPE_LEAST_SIZE : PIPE_DEFAULT_SIZE;
  return isBounded && exceeds(user.pipePages + size / PAGE_SIZE, limits.pipePagesHard) ? null : new Pipe(t, user, size);
}

const mayExceed = (t: Task): boolean => t.cred.has(CAP_SYS_RESOURCE) || t.cred.has(CAP_SYS_ADMIN);
const exceeds = (pages: number, limit: number): boolean => limit !== 0 && pages > limit;

export class Pipe {
  readonly data: ByteQueue;
  /** Whose pages its capacity is. */
  private readonly user: UserCounts;
  readonly waiters = new WaitQueue();
  /** Open read and write ends; an end open for both counts twice. */
  readers = 0;
  writers = 0;
  /** How many ends were ever opened: FIFO opens wait for these to move (ipc/fifo.ts). */
  readerOpens = 0;
  writerOpens = 0;
  /** Only while packets are inside: lengths of what lies in `data`, positive for packets, negative for plain stretches. */
  packets: number[] | null = null;

  /**
   * Where the first bytes came from, while they are the first: vmsplice(2) lends pages, so that what is written there before they are used counts. libfuse
   * writes the length of its answer there when it knows it.
   */
  lent: { readonly mm: AddressSpace; readonly addr: number; readonly length: number } | null = null;

  constructor(t: Task, user: UserCounts, size: number) {
    this.data = new ByteQueue(t.kernel.ipc.buffers, size);
    this.user = user;
    user.pipePages += size / PAGE_SIZE;
  }

  /** Nobody has it open any more. */
  dispose(): void {
    this.user.pipePages -= this.data.capacity / PAGE_SIZE;
    this.data.clear();
    this.packets = null;
  }

  /** A write of up to PIPE_BUF bytes would succeed. */
  get hasRoom(): boolean { return this.data.free >= PIPE_BUF && !this.slotsUsed(); }

  /** A pipe has one slot a page, and every packet takes one of its own. */
  slotsUsed(): boolean { return this.packets !== null && this.packets.length >= this.data.capacity / PIPE_BUF; }

  read(io: IoBuffer): number | Errno {
    if (io.remaining === 0) return 0;
    if (this.data.length === 0) return this.writers === 0 ? 0 : EAGAIN;
    const hadRoom = this.hasRoom;
    this.lent = null;
    const n = this.packets === null ? this.data.drain(io, io.remaining) : this.readSegment(io, this.packets);
    if (!hadRoom && this.hasRoom) this.waiters.wake(WRITABLE);
    return n;
  }

  write(io: IoBuffer, packetMode: 'packets' | 'stream'): number | Errno {
    const n = io.remaining, free = this.data.free;
    if (n === 0) return 0;
    if (this.readers === 0) return EPIPE;
    if (n <= PIPE_BUF ? free < n : free === 0) return EAGAIN;
    const segments = packetMode === 'packets' || this.packets !== null;
    const done = segments ? this.writeSegments(io, packetMode) : this.data.fill(io, Math.min(n, free));
    if (!segments && n <= PIPE_BUF && done > 0 && done < n) { // atomic: all of it or nothing, also where its memory ends half way
      this.data.retract(done);
      return EFAULT;
    }
    if (done > 0) this.waiters.wake(READABLE);
    return done;
  }

  /** One packet, what does not fit into the reader's buffer is lost; or what there is of a plain stretch. */
  private readSegment(io: IoBuffer, packets: number[]): number | Errno {
    const length = packets[0]!;
    const n = this.data.drain(io, Math.min(io.remaining, Math.abs(length)));
    if (n < 0) return n;
    if (length > 0) this.data.skip(length - n);
    if (length > 0 || n === -length) packets.shift();
    else packets[0] = length + n;
    if (packets.length === 0) this.packets = null;
    return n;
  }

  private writeSegments(io: IoBuffer, packetMode: 'packets' | 'stream'): number | Errno {
    const packets = (this.packets ??= this.data.length > 0 ? [-this.data.length] : []);
    let total = 0;
    while (io.remaining > 0) {
      const want = packetMode === 'packets' ? Math.min(io.remaining, PIPE_BUF) : Math.min(io.remaining, this.data.free);
      if (want === 0 || want > this.data.free || this.slotsUsed()) break;
      const n = this.data.fill(io, want);
      if (n < 0) return total > 0 ? total : n;
      const last = packets.length - 1;
      if (packetMode === 'packets') packets.push(n);
      else if (last >= 0 && packets[last]! < 0) packets[last]! -= n;
      else packets.push(-n);
      total += n;
      if (n < want) break;
    }
    return total > 0 ? total : EAGAIN;
  }

  /** splice(2), tee(2): copies up to `n` of the oldest bytes and keeps them. */
  peek(io: IoBuffer, n: number): number | Errno { return this.data.peek(io, n, 0); }

  /** splice(2): `n` bytes that were peeked are used. */
  consume(n: number): void {
    this.lent = null;
    const hadRoom = this.hasRoom;
    this.data.skip(n);
    for (let left = n; this.packets !== null && left > 0;) {
      const length = Math.abs(this.packets[0]!), used = Math.min(left, length);
      left -= used;
      if (used === length) this.packets.shift();
      else this.packets[0] = Math.sign(this.packets[0]!) * (length - used);
      if (this.packets.length === 0) this.packets = null;
    }
    if (!hadRoom && this.hasRoom) this.waiters.wake(WRITABLE);
  }

  /** fcntl(2) F_SETPIPE_SZ: rounded up to a power-of-two number of pages. The size set. */
  resize(t: Task, bytes: number): number | Errno {
    if (bytes > 0x8000_0000 || bytes < 0) return EINVAL;
    let size = PIPE_BUF;
    while (size < bytes) size *= 2;
    const { limits } = t.kernel.users, grew = size > this.data.capacity;
    if (grew && size > PIPE_MAX_SIZE && !t.cred.has(CAP_SYS_RESOURCE)) return EPERM;
    const pages = (size - this.data.capacity) / PAGE_SIZE, all = this.user.pipePages + pages;
    if (grew && (exceeds(all, limits.pipePagesSoft) || exceeds(all, limits.pipePagesHard)) && !mayExceed(t)) return EPERM;
    if (size < this.data.length) return EBUSY;
    this.user.pipePages = all;
    this.data.capacity = size;
    if (grew) this.waiters.wake(WRITABLE);
    return size;
  }
}

/** One end of a pipe or FIFO. */
export class PipeFile extends OpenFile {
  readonly pipe: Pipe;
  /** pipe.writerOpens when this end was opened: a FIFO reports no hang-up before its first writer. */
  private readonly opensSeen: number;

  constructor(inode: Inode, flags: number, pipe: Pipe) {
    super(inode, flags);
    this.pipe = pipe;
    this.opensSeen = pipe.writers > 0 ? -1 : pipe.writerOpens;
    if (this.isReadable) { pipe.readers++; pipe.readerOpens++; }
    if (this.isWritable) { pipe.writers++; pipe.writerOpens++; }
  }

  override get anonName(): string { return `pipe:[${this.inode.ino}]`; }
  override get waiters(): WaitQueue { return this.pipe.waiters; }

  override read(_t: Task, io: IoBuffer): number | Errno { return this.pipe.read(io); }
  override write(_t: Task, io: IoBuffer): number | Errno {
    return this.pipe.write(io, (this.flags & O_DIRECT) !== 0 ? 'packets' : 'stream');
  }

  override poll(): number {
    const p = this.pipe;
    let events = 0;
    if (this.isReadable) {
      if (p.data.length > 0) events |= READABLE;
      if (p.writers === 0 && p.writerOpens !== this.opensSeen) events |= POLLHUP;
    }
    if (this.isWritable) {
      if (p.hasRoom) events |= WRITABLE;
      if (p.readers === 0) events |= POLLERR;
    }
    return events;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    return cmd === FIONREAD ? t.user.storeU32(arg, this.pipe.data.length) : ENOTTY;
  }

  override fcntl(t: Task, cmd: number, arg: number): number | Errno {
    switch (cmd) {
      case F_GETPIPE_SZ: return this.pipe.data.capacity;
      case F_SETPIPE_SZ: return this.pipe.resize(t, arg);
      default: return super.fcntl(t, cmd, arg);
    }
  }

  override release(): void {
    const p = this.pipe;
    if (this.isReadable) p.readers--;
    if (this.isWritable) p.writers--;
    if (p.readers === 0 && p.writers === 0) {
      p.dispose();
      this.inode.ipc = null;
    } else if (p.readers === 0 || p.writers === 0) {
      p.waiters.wake(READABLE | WRITABLE | POLLERR | POLLHUP);
    }
  }
}
