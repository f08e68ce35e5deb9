// Open regular files over FUSE: reads come from the page cache, writes go through to the server at once and then into the pages that are cached. With
// FOPEN_DIRECT_IO nothing is cached. What a server may not be able to do (flush, fallocate, lseek, copy, ioctl) is asked for until it says ENOSYS.
import { BLOCKED, EBADF, EFBIG, EIO, ENODEV, ENOMEM, ENOSYS, ENOTTY, EOPNOTSUPP, ESPIPE, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { type LOCK_EX, type LOCK_SH, O_APPEND, O_DIRECT, SEEK_DATA, SEEK_END, SEEK_HOLE } from '../../abi/fcntl.ts';
import {
  FOPEN_DIRECT_IO, FOPEN_NOFLUSH, FOPEN_NONSEEKABLE, FOPEN_STREAM, FUSE_COPY_FILE_RANGE, FUSE_FALLOCATE, FUSE_FLOCK_LOCKS, FUSE_FLUSH, FUSE_LSEEK, FUSE_POSIX_LOCKS, FUSE_READ,
  FUSE_RELEASE, FUSE_RELEASE_FLOCK_UNLOCK,
  FuseCopyFileRangeIn, FuseFallocateIn, FuseFlushIn, FuseLseekIn, FuseLseekOut, FuseReadIn, FuseReleaseIn, FuseWriteOut,
} from '../../abi/fuse.ts';
import { CAP_FSETID } from '../../abi/capability.ts';
import { MAP_SHARED } from '../../abi/mman.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { FuseExchange } from '../../kernel/device/fuse-transport.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import { withoutSetIds } from '../../kernel/security/access.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import type { LockedRange, LockOwner } from '../../kernel/vfs/locks.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import { RegularFile } from '../../kernel/vfs/regular-file.ts';
import { fileSizeLimit, MAX_FILE_SIZE } from '../../kernel/vfs/setattr.ts';
import { BOUNCE_PAGES } from './connection.ts';
import type { FuseInode } from './inode.ts';
import { controlServer } from './ioctl.ts';
import { flockAtServer, setAtServer, testAtServer } from './locks.ts';
import { dropProgress, keepProgress, progressOf } from './progress.ts';

/** What FUSE_OPEN or FUSE_CREATE has brought. `source`: the recorded answer it came from; `release`: the server keeps something for it. */
export interface Handle { readonly fh: number; readonly openFlags: number; readonly source: FuseExchange | null; readonly release: boolean }

export class FuseFile extends RegularFile {
  declare readonly inode: FuseInode;
  readonly handle: Handle;
  /** Whose locks they are, where the server keeps them: this description's number, once it has asked for one. */
  private lockId = 0;
  private hasFlocked = false;
  /** Position of files that have none. */
  private streamPos = 0;

  constructor(inode: FuseInode, flags: number, handle: Handle) {
    super(inode, flags);
    this.handle = handle;
    inode.handles.add(this);
  }

  /** The server's name for it. */
  get fh(): number { return this.handle.fh; }
  private get isStream(): boolean { return (this.handle.openFlags & (FOPEN_NONSEEKABLE | FOPEN_STREAM)) !== 0; }
  private get isDirect(): boolean { return (this.handle.openFlags & FOPEN_DIRECT_IO) !== 0; }
  private get isLate(): boolean { return this.inode.sb.connection.isLate; }
  override get isSeekable(): boolean { return !this.isStream; }

  override read(t: Task, io: IoBuffer, start: number): number | Errno {
    if (!this.isLate) return super.read(t, io, start);
    const pos = this.isStream ? this.streamPos : start;
    const r = this.isDirect || (this.flags & O_DIRECT) !== 0 ? this.readDirect(t, io, pos) : this.inode.refreshSize(t) || this.inode.pages!.read(t, io, pos);
    if (r !== BLOCKED) this.inode.wasRead = true;
    if (this.isStream && r > 0) this.streamPos += r;
    return r;
  }

  /** FUSE_READ after FUSE_READ until one is short; what has arrived stays with the caller while the next is on its way. */
  private readDirect(t: Task, io: IoBuffer, start: number): number | Errno {
    const { frames } = t.kernel;
    const { connection } = this.inode.sb;
    const before = progressOf(t, this);
    const wanted = io.remaining;
    let done = before?.done ?? 0, result = 0;
    io.skip(done);
    const first = connection.takeBounce(frames);
    if (first < 0) return ENOMEM;
    const pfns = Array.from({ length: BOUNCE_PAGES }, (_, i) => first + i);
    while (done < wanted) {
      const length = Math.min(wanted - done, BOUNCE_PAGES * PAGE_SIZE, connection.maxRead);
      result = this.readInto(t, pfns, length, start + done);
      if (result > 0) result = io.put(frames.ram.u8, first * PAGE_SIZE, result);
      if (result <= 0) break;
      done += result;
      if (result < length) break;
    }
    connection.releaseBounce(frames, first);
    if (result === BLOCKED) {
      io.rewind(done);
      if (done > 0) keepProgress(t, this, start, done);
      return BLOCKED;
    }
    if (before !== null) dropProgress(t, before);
    return done > 0 ? done : result;
  }

  private readInto(t: Task, pfns: readonly number[], length: number, pos: number): number {
    const { connection } = this.inode.sb;
    const r = connection.out.read.zero();
    r.fh = this.fh;
    r.off = pos;
    r.size = length;
    r.flags = this.flags;
    return connection.transfer(t, FUSE_READ, this.inode.nodeid, FuseReadIn.size, { pfns, offset: 0, length }, 'in');
  }

  override write(t: Task, io: IoBuffer, start: number): number | Errno {
    const { inode } = this;
    const before = progressOf(t, this);
    if (io.remaining === 0) return 0;
    if (this.isLate && before === null && (this.flags & O_APPEND) !== 0) {
      const r = inode.refreshSize(t);
      if (r !== 0) return r;
    }
    const pos = before?.pos ?? ((this.flags & O_APPEND) !== 0 ? inode.size : this.isStream ? this.streamPos : start);
    const room = Math.min(MAX_FILE_SIZE, fileSizeLimit(t)) - pos;
    if (room <= 0) return EFBIG;
    const n = this.writeThrough(t, io, pos, Math.min(room, io.remaining), before?.done ?? 0);
    if (n === BLOCKED) return n;
    if (before !== null) dropProgress(t, before);
    if (n <= 0) return n;
    this.writeEnd = pos + n;
    if (this.isStream) this.streamPos = pos + n;
    inode.wrote(t, pos + n);
    if ((inode.mode & 0o6000) !== 0 && !t.cred.has(CAP_FSETID)) inode.mode = withoutSetIds(inode.mode);
    return n;
  }

  private writeThrough(t: Task, io: IoBuffer, pos: number, wanted: number, before: number): number | Errno {
    const { frames } = t.kernel;
    const { connection } = this.inode.sb;
    const first = connection.takeBounce(frames);
    if (first < 0) return ENOMEM;
    const pfns = Array.from({ length: BOUNCE_PAGES }, (_, i) => first + i);
    let done = before, result = 0;
    io.skip(done);
    while (done < wanted) {
      const chunk = Math.min(wanted - done, BOUNCE_PAGES * PAGE_SIZE, connection.maxWrite);
      const got = io.take(frames.ram.u8, first * PAGE_SIZE, chunk);
      result = got > 0 ? this.send(t, io, pfns, got, pos + done) : got;
      if (result <= 0) break;
      done += result;
      if (result < chunk) break;
    }
    connection.releaseBounce(frames, first);
    if (result === BLOCKED) {
      io.rewind(done);
      if (done > 0) keepProgress(t, this, pos, done);
      return BLOCKED;
    }
    return done > 0 ? done : result === 0 ? EIO : result;
  }

  /** One FUSE_WRITE; what the server did not take stays with the caller. */
  private send(t: Task, io: IoBuffer, pfns: readonly number[], length: number, pos: number): number {
    const pages = this.inode.pages!;
    const n = pages.send(t, this, pfns, 0, length, pos);
    if (n < length) io.rewind(length - Math.max(0, n));
    if (n > 0) pages.update(pos, pfns[0]! * PAGE_SIZE, n);
    return n;
  }

  override mmap(t: Task, vma: Vma): 0 | Errno {
    if (!this.isLate) return super.mmap(t, vma);
    if (this.isDirect && (vma.flags & MAP_SHARED) !== 0) return ENODEV;
    vma.pages = this.inode.pages;
    return 0;
  }

  override seek(t: Task, offset: number, whence: number): number | Errno {
    if (!this.isLate) return super.seek(t, offset, whence);
    if (this.isStream) return ESPIPE;
    if (whence === SEEK_DATA || whence === SEEK_HOLE) return this.seekHole(t, offset, whence);
    const r = whence === SEEK_END ? this.inode.refreshSize(t) : 0;
    return r === 0 ? super.seek(t, offset, whence) : r;
  }

  /** The server knows its holes; if it does not, all is data. */
  private seekHole(t: Task, offset: number, whence: number): number | Errno {
    const { connection } = this.inode.sb;
    const l = connection.out.lseek.zero();
    l.fh = this.fh;
    l.off = offset;
    l.whence = whence;
    const n = connection.tryCall(t, FUSE_LSEEK, this.inode.nodeid, FuseLseekIn.size);
    if (n === ENOSYS) return this.inode.refreshSize(t) || super.seek(t, offset, whence);
    if (n < FuseLseekOut.size) return n < 0 ? (n as Errno) : EIO;
    this.pos = connection.in.lseek.off;
    return this.pos;
  }

  /** A device's server is not asked (FUSE_FALLOCATE): only what a size change can do is offered there. */
  override fallocate(t: Task, mode: number, offset: number, length: number): 0 | Errno {
    const { inode } = this;
    const { connection } = inode.sb;
    if (!connection.isLate) {
      if (mode !== 0) return EOPNOTSUPP;
      return offset + length > inode.size ? inode.setattr(t, { size: offset + length }) : 0;
    }
    if (!this.isWritable) return EBADF;
    const synced = inode.pages!.sync(t);
    if (synced !== 0) return synced;
    const f = connection.out.fallocate.zero();
    f.fh = this.fh;
    f.off = offset;
    f.length = length;
    f.mode = mode;
    const n = connection.tryCall(t, FUSE_FALLOCATE, inode.nodeid, FuseFallocateIn.size);
    if (n < 0) return n === ENOSYS ? EOPNOTSUPP : (n as Errno);
    inode.allocated(t, mode, offset, length);
    return 0;
  }

  override copyRange(t: Task, pos: number, to: OpenFile, toPos: number, length: number): number | Errno {
    if (!this.isLate || !(to instanceof FuseFile)) return EOPNOTSUPP;
    const { inode } = this;
    const { connection } = inode.sb;
    const synced = inode.pages!.sync(t) || to.inode.pages!.sync(t);
    if (synced !== 0) return synced;
    const c = connection.out.copy.zero();
    c.fh_in = this.fh;
    c.off_in = pos;
    c.nodeid_out = to.inode.nodeid;
    c.fh_out = to.fh;
    c.off_out = toPos;
    c.len = length;
    const n = connection.tryCall(t, FUSE_COPY_FILE_RANGE, inode.nodeid, FuseCopyFileRangeIn.size);
    if (n < FuseWriteOut.size) return n === ENOSYS ? EOPNOTSUPP : n < 0 ? (n as Errno) : EIO;
    const done = Math.min(connection.in.write.size, length);
    to.inode.pages!.invalidate(Math.floor(toPos / PAGE_SIZE), Math.ceil((toPos + done) / PAGE_SIZE));
    to.inode.wrote(t, toPos + done);
    return done;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    const r = super.ioctl(t, cmd, arg);
    return r === ENOTTY && this.isLate ? controlServer(t, this.inode, this.fh, cmd, arg) : r;
  }

  /** close(2): what mappings made dirty goes out now, so that errors can be told; then the server says what it thinks of it. */
  override flush(t: Task): 0 | Errno {
    const { pages } = this.inode;
    const r = pages!.dirtyCount > 0 || pages!.writesOut > 0 ? pages!.sync(t) : 0;
    if (isErr(r) || !this.wantsFlush) return isErr(r) ? r : 0;
    const { connection } = this.inode.sb;
    this.flushRequest(t);
    const n = connection.tryCall(t, FUSE_FLUSH, this.inode.nodeid, FuseFlushIn.size);
    return n >= 0 || n === ENOSYS ? 0 : (n as Errno);
  }

  override flushUnattended(t: Task): void {
    if (!this.isLate) {
      this.flush(t);
    } else if (this.wantsFlush && !this.inode.sb.connection.missing.has(FUSE_FLUSH)) {
      this.flushRequest(t);
      this.inode.sb.connection.post(FUSE_FLUSH, this.inode.nodeid, FuseFlushIn.size);
    }
  }

  private get wantsFlush(): boolean { return this.isLate && (this.handle.openFlags & FOPEN_NOFLUSH) === 0; }

  // --- locks ---------------------------------------------------------------------------------------------------------------------------

  override flock(t: Task, type: typeof LOCK_SH | typeof LOCK_EX | 0, how: 'wait' | 'try'): 0 | Errno {
    if (!this.isLate || !this.inode.sb.connection.has(FUSE_FLOCK_LOCKS)) return super.flock(t, type, how);
    this.hasFlocked = true;
    return flockAtServer(t, this, this.ownerId(t, this), type, how);
  }
  override testLock(t: Task, owner: LockOwner, type: number, start: number, end: number): Fallible<LockedRange | null> {
    return this.locksAtServer ? testAtServer(t, this, this.ownerId(t, owner), type, start, end) : super.testLock(t, owner, type, start, end);
  }
  override setLock(t: Task, owner: LockOwner, type: number, start: number, end: number, pid: number, how: 'wait' | 'try'): 0 | Errno {
    return this.locksAtServer ? setAtServer(t, this, this.ownerId(t, owner), type, start, end, how) : super.setLock(t, owner, type, start, end, pid, how);
  }
  private get locksAtServer(): boolean { return this.isLate && this.inode.sb.connection.has(FUSE_POSIX_LOCKS); }

  /** Processes by their number, descriptions by one beyond all of those. */
  private ownerId(t: Task, owner: LockOwner): number {
    if (owner !== this) return t.process.pid;
    if (this.lockId === 0) this.lockId = this.inode.sb.connection.newLockOwner();
    return this.lockId;
  }

  /** `lock_owner`: whose locks end with this descriptor. */
  private flushRequest(t: Task): void {
    const f = this.inode.sb.connection.out.flush.zero();
    f.fh = this.fh;
    f.lock_owner = t.process.pid;
  }

  override release(): void {
    const { inode } = this;
    if (this.isLate) {
      inode.pages!.startWrites();
      inode.pages!.whenWritten(this);
      return;
    }
    if (this.isWritable && inode.pages!.dirtyCount > 0) inode.pages!.sync(inode.sb.kernel.current);
    this.letGo();
  }

  /** The server hears that nobody has it open. */
  letGo(): void {
    const { inode, handle } = this;
    inode.handles.delete(this);
    if (!handle.release || inode.sb.takesBack(handle.source)) return;
    const r = inode.sb.connection.out.release.zero();
    r.fh = handle.fh;
    r.flags = this.flags;
    if (this.hasFlocked) {
      r.release_flags = FUSE_RELEASE_FLOCK_UNLOCK;
      r.lock_owner = this.lockId;
    }
    inode.sb.connection.post(FUSE_RELEASE, inode.nodeid, FuseReleaseIn.size);
  }
}
