// Memory with a name or without: the pages of tmpfs files, memfds, shared anonymous mappings and SysV segments (Linux: mm/shmem.c).
// There is nothing behind these pages: a page that is not here is zeros, and a page that is here cannot be reclaimed.
import { type Errno, ENOSPC, EPERM } from '../../abi/errno.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_WRITE } from '../../abi/fcntl.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import { type IoBuffer, LimitedBuffer } from '../vfs/io-buffer.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { KIND_SHMEM } from './frame-kinds.ts';
import type { Frames } from './frames.ts';
import { PageCache } from './page-cache.ts';
import type { Vma } from './vma.ts';

/** How many pages a file system may hold (tmpfs size=); shared by all its files. */
export class ShmemQuota {
  usedPages = 0;
  /** Infinity: no limit but memory. */
  maxPages: number;
  constructor(maxPages: number) { this.maxPages = maxPages; }
}

export class ShmemCache extends PageCache {
  private readonly quota: ShmemQuota | null;
  /** Of objects without an inode. */
  private ownSize: number;
  /** Mappings and SysV segments that hold an object without an inode. */
  private holders = 0;
  /** F_SEAL_* (fcntl(2), "File Sealing"). */
  seals = 0;
  /** Pages that are promised for the whole object (Committed_AS). */
  private readonly promised: number;

  /** With `inode`, the size is the inode's and the pages live until destroy(). Without, `size` counts and they live while something holds them. */
  constructor(frames: Frames, inode: Inode | null, size = 0, quota: ShmemQuota | null = null, commit: 'as used' | 'at once' = 'as used') {
    super(frames, inode, KIND_SHMEM);
    this.ownSize = size;
    this.quota = quota;
    this.promised = commit === 'at once' ? Math.ceil(size / PAGE_SIZE) : 0;
    frames.committedPages += this.promised;
  }

  override get size(): number { return this.inode === null ? this.ownSize : this.inode.size; }
  protected override set size(bytes: number) {
    if (this.inode === null) this.ownSize = bytes;
    else this.inode.size = bytes;
  }

  override write(t: Task, io: IoBuffer, pos: number): number | Errno {
    if ((this.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) return EPERM;
    if ((this.seals & F_SEAL_GROW) === 0 || pos + io.remaining <= this.size) return super.write(t, io, pos);
    // Page by page, as Linux writes: the first page that would reach beyond the end is refused.
    const room = this.size - this.size % PAGE_SIZE - pos;
    return room <= 0 ? EPERM : super.write(t, new LimitedBuffer(io, room), pos);
  }

  hold(): void { this.holders++; }
  release(): void {
    if (--this.holders > 0 || this.inode !== null) return;
    this.frames.committedPages -= this.promised;
    this.destroy();
  }
  override addMapping(v: Vma): void {
    super.addMapping(v);
    this.hold();
  }
  override removeMapping(v: Vma): void {
    super.removeMapping(v);
    this.release();
  }

  // Never asked: there is nothing to fill from or to write back to.
  protected override fill(): 0 { return 0; }
  protected override writeBack(): 0 { return 0; }

  protected override charge(count: number): 0 | Errno {
    const q = this.quota;
    if (q === null) return 0;
    if (q.usedPages + count > q.maxPages) return ENOSPC;
    q.usedPages += count;
    return 0;
  }
  protected override uncharge(count: number): void {
    if (this.quota !== null) this.quota.usedPages -= count;
  }
}
