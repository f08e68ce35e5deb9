// /dev/fuse (fuse(4)): a server reads requests from it and writes answers to it, each a message of its own. A description serves nothing until it is named in
// mount(2) (`fd=`), or until FUSE_DEV_IOC_CLONE makes it another entrance to the connection of one that was.
import { BLOCKED, EAGAIN, EBADF, EINVAL, EIO, ENODEV, ENOENT, ENOSYS, ENOTTY, EPERM, E2BIG, EFAULT, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { FUSE_DEV_IOC_CLONE, FUSE_MIN_READ_BUFFER, FUSE_SETXATTR, FuseOutHeader, FuseWriteIn, FuseInHeader } from '../../abi/fuse.ts';
import { POLLERR, POLLOUT, POLLWRNORM } from '../../abi/poll.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { WaitQueue } from '../../kernel/sched/wait-queue.ts';
import type { Task } from '../../kernel/task/task.ts';
import { DeviceDriver } from '../../kernel/vfs/devices.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../../kernel/vfs/open-file.ts';
import { type DaemonRequest, type DaemonTransport, INTERRUPT_BIT } from './daemon.ts';
import { notified } from './notify.ts';
import type { FuseSuperBlock } from './super.ts';

const OUT = FuseOutHeader.size;

export class FuseDriver extends DeviceDriver {
  override open(_t: Task, inode: Inode, flags: number): Fallible<OpenFile> { return new FuseDevFile(inode, flags); }
}

export class FuseDevFile extends OpenFile {
  private transport: DaemonTransport | null = null;
  /** The file system that is served; null while mount(2) is not over. */
  sb: FuseSuperBlock | null = null;
  /** Where poll(2) waits until mount(2) is over. */
  private readonly idle = new WaitQueue();

  override get waiters(): WaitQueue { return this.transport?.readers ?? this.idle; }
  override get isMessages(): boolean { return true; }

  /** mount(2): this description serves `transport` from now on. EINVAL: it serves another one. */
  serve(transport: DaemonTransport, sb: FuseSuperBlock): 0 | Errno {
    if (this.transport !== null) return EINVAL;
    this.transport = transport;
    this.sb = sb;
    transport.attach();
    return 0;
  }

  override read(_t: Task, io: IoBuffer): number | Errno {
    const { transport } = this;
    if (transport === null) return EPERM;
    if (io.remaining < Math.max(FUSE_MIN_READ_BUFFER, FuseInHeader.size + FuseWriteIn.size + (this.sb?.connection.maxWrite ?? 0))) return EINVAL;
    for (;;) {
      const q = transport.next();
      if (q === null) return transport.isConnected ? EAGAIN : transport.readError;
      if (q.length > io.remaining) {
        transport.refuse(q, q.opcode === FUSE_SETXATTR ? E2BIG : EIO);
        continue;
      }
      const n = this.hand(io, q);
      if (n === EFAULT) transport.refuse(q, EIO);
      else if (n > 0) transport.taken(q, this);
      return n;
    }
  }

  /** Copies a request to the server, all of it or nothing. */
  private hand(io: IoBuffer, q: DaemonRequest): number | Errno {
    const r = putAll(io, q.bytes, 0, q.bytes.length);
    if (r !== 0) return r;
    if (q.pages === null || q.direction === 'in') return q.length;
    const { pfns, offset, length } = q.pages;
    const { u8 } = this.inode.sb.kernel.frames.ram;
    for (let done = 0; done < length;) {
      const at = offset + done;
      const n = Math.min(PAGE_SIZE - at % PAGE_SIZE, length - done);
      const s = putAll(io, u8, pfns[Math.floor(at / PAGE_SIZE)]! * PAGE_SIZE + at % PAGE_SIZE, n);
      if (s !== 0) {
        if (s === BLOCKED) io.rewind(q.bytes.length + done);
        return s;
      }
      done += n;
    }
    return q.length;
  }

  override write(_t: Task, io: IoBuffer): number | Errno {
    const { transport } = this;
    if (transport === null) return EPERM;
    const length = io.remaining;
    if (length < OUT) return EINVAL;
    const bytes = new Uint8Array(OUT);
    const r = takeAll(io, bytes, 0, OUT);
    if (r !== 0) return r;
    const { len, error, unique } = FuseOutHeader.view(bytes);
    if (len !== length) return EINVAL;
    if (unique === 0) return this.notify(io, error, length);
    if (error <= -512 || error > 0) return EINVAL;
    if (unique % 2 === INTERRUPT_BIT) return this.interruptAnswered(unique - INTERRUPT_BIT, error, length);
    const q = transport.awaiting(unique, this);
    if (q === null) return ENOENT;
    const s = error !== 0 && length !== OUT ? EINVAL : this.answer(io, q, bytes, length);
    if (s !== 0 && s !== BLOCKED) transport.spoiled(q);
    return s || length;
  }

  private answer(io: IoBuffer, q: DaemonRequest, head: Uint8Array, length: number): 0 | Errno {
    const pinned = q.direction === 'in' && q.pages !== null ? q.exchange!.pinned : null;
    if (pinned === null) {
      const reply = new Uint8Array(length);
      reply.set(head);
      const r = takeAll(io, reply, OUT, length - OUT);
      if (r !== 0) return r === BLOCKED ? undo(io, OUT, r) : r;
      this.transport!.answered(q, reply, length);
      return 0;
    }
    if (length - OUT > q.pages!.length) return EINVAL;
    const { u8 } = this.inode.sb.kernel.frames.ram;
    for (let done = 0; done < length - OUT;) {
      const n = Math.min(PAGE_SIZE, length - OUT - done);
      const r = pinned.length === 0 ? 0 : takeAll(io, u8, pinned[done / PAGE_SIZE]! * PAGE_SIZE, n);
      if (r !== 0) return r === BLOCKED ? undo(io, OUT + done, r) : r;
      done += n;
    }
    this.transport!.answered(q, head, length);
    return 0;
  }

  private interruptAnswered(unique: number, error: number, length: number): number | Errno {
    if (error === EAGAIN) this.transport!.interruptAnswered(unique, 'again');
    else if (error === ENOSYS) this.transport!.interruptAnswered(unique, 'never');
    else return EINVAL;
    return length;
  }

  /** A message that nobody asked for: `code` is FUSE_NOTIFY_*. */
  private notify(io: IoBuffer, code: number, length: number): number | Errno {
    const { sb } = this;
    if (sb === null || !this.transport!.isConnected) return ENODEV;
    const body = new Uint8Array(length - OUT);
    const r = takeAll(io, body, 0, body.length);
    if (r !== 0) return r === BLOCKED ? undo(io, OUT, r) : r;
    return notified(sb, code, body) || length;
  }

  override poll(): number {
    if (this.transport === null) return POLLERR;
    return POLLOUT | POLLWRNORM | this.transport.poll();
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    if (cmd !== FUSE_DEV_IOC_CLONE) return ENOTTY;
    const r = t.user.loadI32(arg);
    if (r !== 0) return r;
    const other = t.files.get(t.user.value);
    if (isErr(other)) return EBADF;
    if (!(other instanceof FuseDevFile)) return EINVAL;
    if (other.transport === null) return EPERM;
    if (this.transport !== null) return EINVAL;
    return this.serve(other.transport, other.sb!);
  }

  override release(): void { this.transport?.detach(this); }
}

/** All bytes, or nothing: EFAULT, BLOCKED. */
function putAll(io: IoBuffer, from: Uint8Array, at: number, length: number): 0 | Errno {
  for (let done = 0; done < length;) {
    const n = io.put(from, at + done, length - done);
    if (n <= 0) return n === BLOCKED ? undo(io, done, BLOCKED) : EFAULT;
    done += n;
  }
  return 0;
}

function takeAll(io: IoBuffer, to: Uint8Array, at: number, length: number): 0 | Errno {
  for (let done = 0; done < length;) {
    const n = io.take(to, at + done, length - done);
    if (n <= 0) return n === BLOCKED ? undo(io, done, BLOCKED) : EFAULT;
    done += n;
  }
  return 0;
}

function undo(io: IoBuffer, done: number, r: Errno): Errno {
  io.rewind(done);
  return r;
}
