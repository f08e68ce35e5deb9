// Cached pages of a FUSE file. Pages come by FUSE_READ, up to 128 KiB at once, straight into their frames; pages that mappings made dirty go by FUSE_WRITE.
import { EIO, type Errno, isErr } from '../../abi/errno.ts';
import { FUSE_READ, FUSE_WRITE, FuseReadIn, FuseWriteIn, FuseWriteOut } from '../../abi/fuse.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { KIND_FILE } from '../../kernel/mm/frame-kinds.ts';
import type { Frames } from '../../kernel/mm/frames.ts';
import { PageCache } from '../../kernel/mm/page-cache.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { FuseInode } from './inode.ts';

const READ_AHEAD_PAGES = 32;

export class FusePageCache extends PageCache {
  declare readonly inode: FuseInode;

  constructor(frames: Frames, inode: FuseInode) {
    super(frames, inode, KIND_FILE);
    this.readAheadMax = READ_AHEAD_PAGES;
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
    return 0;
  }

  protected override writeBack(t: Task, index: number, pfn: number): 0 | Errno {
    const length = Math.min(PAGE_SIZE, this.size - index * PAGE_SIZE);
    if (length <= 0) return 0;
    const n = this.send(t, [pfn], 0, length, index * PAGE_SIZE);
    return n < 0 ? (n as Errno) : n === length ? 0 : EIO;
  }

  /** FUSE_WRITE of bytes that lie in frames: how many the server took. */
  send(t: Task, pfns: readonly number[], offset: number, length: number, pos: number): number {
    const { connection } = this.inode.sb;
    const file = this.inode.writer();
    if (file === null) return EIO;
    const w = connection.out.write.zero();
    w.fh = file.fh;
    w.off = pos;
    w.size = length;
    const n = connection.transfer(t, FUSE_WRITE, this.inode.nodeid, FuseWriteIn.size, { pfns, offset, length }, 'out');
    if (isErr(n)) return n;
    return n < FuseWriteOut.size ? EIO : Math.min(connection.in.write.size, length);
  }

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
