// Cached pages of a FUSE file. Pages come by FUSE_READ, up to 128 KiB at once, straight into their frames; pages that mappings made dirty go by FUSE_WRITE.
// A server that is a process gets copies of dirty pages, which are clean from then on: `writesOut` counts what it has not confirmed.
import { EIO, ENOMEM, type Errno, isErr } from '../../abi/errno.ts';
import { FUSE_READ, FUSE_WRITE, FUSE_WRITE_CACHE, FuseOutHeader, FuseReadIn, FuseWriteIn, FuseWriteOut } from '../../abi/fuse.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { FuseExchange } from '../../kernel/device/fuse-transport.ts';
import { KIND_FILE } from '../../kernel/mm/frame-kinds.ts';
import type { Frames } from '../../kernel/mm/frames.ts';
import { PageCache } from '../../kernel/mm/page-cache.ts';
import { WaitQueue } from '../../kernel/sched/wait-queue.ts';
import type { Task } from '../../kernel/task/task.ts';
import { park } from './connection.ts';
import type { FuseFile } from './file.ts';
import type { FuseInode } from './inode.ts';

const READ_AHEAD_PAGES = 32;
/** Pages of one FUSE_WRITE of dirty ones. */
const WRITE_PAGES = 16;

export class FusePageCache extends PageCache {
  declare readonly inode: FuseInode;
  /** Copies of dirty pages that the server has not confirmed. */
  writesOut = 0;
  private readonly settled = new WaitQueue();
  /** Of writes that nobody was waiting for: told once, to the next who asks. */
  private writeError: 0 | Errno = 0;
  /** Files that are closed as far as anybody knows; the server hears of it when their writes are over. */
  private readonly closing: FuseFile[] = [];

  constructor(frames: Frames, inode: FuseInode) {
    super(frames, inode, KIND_FILE);
    this.readAheadMax = Math.max(1, Math.min(READ_AHEAD_PAGES, Math.floor(inode.sb.connection.maxRead / PAGE_SIZE)));
  }

  protected override fill(t: Task, index: number, pfns: readonly number[]): 0 | Errno {
    const { connection } = this.inode.sb;
    const file = this.inode.reader() ?? this.inode.writer();
    if (file === null) return EIO;
    const length = pfns.length * PAGE_SIZE;
    const r = connection.out.read.zero();
    r.fh = file.fh;
    r.off = index * PAGE_SIZE;
    r.size = length;
    const n = connection.transfer(t, FUSE_READ, this.inode.nodeid, FuseReadIn.size, { pfns, offset: 0, length }, 'in');
    if (isErr(n)) return n;
    this.zeroBehind(pfns, Math.min(n, length));
    if (connection.isLate && n < length && index * PAGE_SIZE + n < this.size && this.dirtyCount === 0) this.size = index * PAGE_SIZE + n;   // shorter than it said
    return 0;
  }

  protected override writeBack(t: Task, index: number, pfn: number): 0 | Errno {
    const length = Math.min(PAGE_SIZE, this.size - index * PAGE_SIZE);
    if (length <= 0) return 0;
    const file = this.inode.writer();
    if (file === null) return EIO;
    const n = this.send(t, file, [pfn], 0, length, index * PAGE_SIZE);
    return n < 0 ? (n as Errno) : n === length ? 0 : EIO;
  }

  /** FUSE_WRITE of bytes that lie in frames: how many the server took. */
  send(t: Task, file: FuseFile, pfns: readonly number[], offset: number, length: number, pos: number): number {
    const { connection } = this.inode.sb;
    const w = connection.out.write.zero();
    w.fh = file.fh;
    w.off = pos;
    w.size = length;
    w.flags = connection.isLate ? file.flags : 0;
    const n = connection.transfer(t, FUSE_WRITE, this.inode.nodeid, FuseWriteIn.size, { pfns, offset, length }, 'out');
    if (isErr(n)) return n;
    return n < FuseWriteOut.size ? EIO : Math.min(connection.in.write.size, length);
  }

  // --- dirty pages for a process ---------------------------------------------------------------------------------------------------------------

  override sync(t: Task, first = 0, end = Infinity): 0 | Errno {
    if (!this.inode.sb.connection.isLate) return super.sync(t, first, end);
    this.startWrites(first, end);
    if (this.writesOut > 0) return park(t, this.settled, 'D');
    const r = this.writeError;
    this.writeError = 0;
    return r;
  }

  /** Sends copies of the dirty pages in [first, end). They count as clean: what is stored from now on makes them dirty again. */
  startWrites(first = 0, end = Infinity): void {
    if (this.dirty.size === 0) return;
    const indices = [...this.dirty].filter(i => i >= first && i < end).sort((a, b) => a - b);
    for (let i = 0; i < indices.length;) {
      let n = 1;
      while (n < WRITE_PAGES && indices[i + n] === indices[i]! + n) n++;
      this.writeRun(indices[i]!, n);
      i += n;
    }
  }

  private writeRun(index: number, pages: number): void {
    const { connection } = this.inode.sb;
    const file = this.inode.writer();
    const length = Math.min(pages * PAGE_SIZE, this.size - index * PAGE_SIZE);
    const data = new Uint8Array(Math.max(0, length));
    for (let i = 0; i < pages; i++) {
      for (const v of this.mappings) v.mm.writeProtect(v, index + i);
      const from = this.peek(index + i) * PAGE_SIZE, n = Math.min(PAGE_SIZE, length - i * PAGE_SIZE);
      if (n > 0) data.set(this.frames.ram.u8.subarray(from, from + n), i * PAGE_SIZE);
      this.markClean(index + i);
    }
    if (length <= 0) return;
    if (file === null) {
      this.writeError = EIO;
      return;
    }
    const w = connection.out.write.zero();
    w.fh = file.fh;
    w.off = index * PAGE_SIZE;
    w.size = length;
    w.write_flags = FUSE_WRITE_CACHE;
    w.flags = file.flags;
    if (this.writesOut++ === 0) this.inode.get();
    connection.postTo(new WriteOut(this, length), FUSE_WRITE, this.inode.nodeid, connection.bytes(FuseWriteIn.size, data));
  }

  /** The server's answer to one of them. */
  confirmed(error: 0 | Errno): void {
    if (error !== 0) this.writeError = error;
    this.inode.validUntil = 0;
    if (--this.writesOut > 0) return;
    for (const file of this.closing.splice(0)) file.letGo();
    this.settled.wake();
    this.inode.put();
  }

  /** The last reference to `file` is gone. */
  whenWritten(file: FuseFile): void {
    if (this.writesOut > 0) this.closing.push(file);
    else file.letGo();
  }

  // --- what others did to the file -------------------------------------------------------------------------------------------------------------

  /** Bytes of `from` (physical) were written to the file at `pos`: cached pages follow. */
  update(pos: number, from: number, length: number): void {
    const { u8 } = this.frames.ram;
    let done = 0;
    while (done < length) {
      const at = pos + done;
      const offset = at % PAGE_SIZE;
      const n = Math.min(PAGE_SIZE - offset, length - done);
      const pfn = this.peek(Math.floor(at / PAGE_SIZE));
      if (pfn >= 0) {
        u8.copyWithin(pfn * PAGE_SIZE + offset, from + done, from + done + n);
        this.frames.wrote(pfn);
      }
      done += n;
    }
  }

  /** FUSE_NOTIFY_STORE: the server's newest contents. Pages that are not cached enter the cache if all of them is given. */
  storeClean(pos: number, bytes: Uint8Array): 0 | Errno {
    if (pos + bytes.length > this.size) this.size = pos + bytes.length;
    const { u8 } = this.frames.ram;
    for (let done = 0; done < bytes.length;) {
      const index = Math.floor((pos + done) / PAGE_SIZE), offset = (pos + done) % PAGE_SIZE;
      const n = Math.min(PAGE_SIZE - offset, bytes.length - done);
      let pfn = this.peek(index);
      if (pfn < 0 && offset === 0 && (n === PAGE_SIZE || pos + done + n >= this.size)) {
        pfn = this.frames.alloc(KIND_FILE);
        if (pfn < 0) return ENOMEM;
        this.insert(index, pfn);
      }
      if (pfn >= 0) {
        u8.set(bytes.subarray(done, done + n), pfn * PAGE_SIZE + offset);
        this.frames.wrote(pfn);
      }
      done += n;
    }
    return 0;
  }

  /** FUSE_NOTIFY_RETRIEVE: what is cached from `pos` on, up to the first page that is not. */
  cachedBytes(pos: number, most: number): Uint8Array {
    const end = Math.min(this.size, pos + most);
    const out = new Uint8Array(Math.max(0, end - pos));
    for (let at = pos; at < end;) {
      const pfn = this.peek(Math.floor(at / PAGE_SIZE)), offset = at % PAGE_SIZE;
      if (pfn < 0) return out.subarray(0, at - pos);
      const n = Math.min(PAGE_SIZE - offset, end - at);
      out.set(this.frames.ram.u8.subarray(pfn * PAGE_SIZE + offset, pfn * PAGE_SIZE + offset + n), at - pos);
      at += n;
    }
    return out;
  }

  /** The file is another one now (somebody else wrote it): what is clean and unmapped is read again. */
  changedBehind(size: number): void {
    if (size < this.size) this.truncate(size);
    this.invalidate();
  }

  private zeroBehind(pfns: readonly number[], valid: number): void {
    const { u8 } = this.frames.ram;
    for (let i = Math.floor(valid / PAGE_SIZE); i < pfns.length; i++) {
      u8.fill(0, pfns[i]! * PAGE_SIZE + Math.max(0, valid - i * PAGE_SIZE), (pfns[i]! + 1) * PAGE_SIZE);
    }
  }
}

/** A copy of dirty pages on its way. */
class WriteOut extends FuseExchange {
  private readonly cache: FusePageCache;
  private readonly length: number;

  constructor(cache: FusePageCache, length: number) {
    super(0);
    this.cache = cache;
    this.length = length;
  }

  override finish(replyLength: number): void {
    if (replyLength < FuseOutHeader.size) return this.cache.confirmed(EIO);
    const { error } = FuseOutHeader.view(this.reply);
    const isWhole = error === 0 && replyLength >= FuseOutHeader.size + FuseWriteOut.size && FuseWriteOut.view(this.reply, FuseOutHeader.size).size === this.length;
    this.cache.confirmed(error < 0 ? (error as Errno) : isWhole ? 0 : EIO);
  }
}
