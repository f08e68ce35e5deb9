// Cached pages of a file of a sealed image. A big file begins on a block of the pack, so its pages are blocks and are checked where they lie; a small one
// shares a block with others and is copied out of it after the check.
import { type Errno, isErr } from '../../abi/errno.ts';
import { KIND_FILE } from '../../kernel/mm/frame-kinds.ts';
import type { Frames } from '../../kernel/mm/frames.ts';
import { PageCache } from '../../kernel/mm/page-cache.ts';
import type { Task } from '../../kernel/task/task.ts';
import { sha256, toHex } from '../../lib/sha256.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { SealedInode } from './inode.ts';

const READ_AHEAD_PAGES = 32;

export class SealedPageCache extends PageCache {
  declare readonly inode: SealedInode;
  private readonly offset: number;
  /** SHA-256 of pages that are not blocks: small files, the last page of big ones. */
  private readonly partial = new Map<number, Uint8Array>();

  /** `offset`: where the file begins in the pack. */
  constructor(frames: Frames, inode: SealedInode, offset: number) {
    super(frames, inode, KIND_FILE);
    this.offset = offset;
    this.readAheadMax = READ_AHEAD_PAGES;
  }

  protected override fill(t: Task, index: number, pfns: readonly number[]): 0 | Errno {
    const { u8 } = this.frames.ram;
    if (this.offset % PAGE_SIZE === 0) {
      const r = this.inode.sb.image.fill(t, this.offset / PAGE_SIZE + index, pfns);
      const end = (index + pfns.length) * PAGE_SIZE;
      if (r !== 0 || end <= this.size) return r;
      const last = pfns.at(-1)! * PAGE_SIZE;
      u8.fill(0, last + this.size % PAGE_SIZE, last + PAGE_SIZE);
      this.remember(end / PAGE_SIZE - 1, u8, last);
      return 0;
    }
    for (let i = 0; i < pfns.length; i++) {
      const r = this.assemble(t, index + i, u8, pfns[i]! * PAGE_SIZE);
      if (r !== 0) return r;
      this.remember(index + i, u8, pfns[i]! * PAGE_SIZE);
    }
    return 0;
  }

  /** Nothing here can become dirty: the file system is read-only. */
  protected override writeBack(): 0 { return 0; }

  /** How many pages in memory are not what the image says; each is reported. */
  recheck(t: Task): number {
    const { u8 } = this.frames.ram;
    const { sb, ino } = this.inode;
    let wrong = 0;
    for (const [index, pfn] of this.cachedPages()) {
      const at = pfn * PAGE_SIZE;
      const digest = this.partial.get(index);
      if (digest === undefined ? sb.image.isBlock(this.offset / PAGE_SIZE + index, u8, at) : toHex(digest) === toHex(sha256(u8, at, at + PAGE_SIZE))) continue;
      wrong++;
      sb.kernel.security.verity.corrupt(t, `${sb.image.name}:${ino}`, 'memory', index);
    }
    return wrong;
  }

  private remember(index: number, bytes: Uint8Array, at: number): void { this.partial.set(index, sha256(bytes, at, at + PAGE_SIZE)); }

  /** Page `index` of the file out of the one or two blocks where its bytes are, to `out` at `to`. */
  private assemble(t: Task, index: number, out: Uint8Array, to: number): 0 | Errno {
    const { image } = this.inode.sb;
    const from = this.offset + index * PAGE_SIZE, end = Math.min(from + PAGE_SIZE, this.offset + this.size);
    out.fill(0, to, to + PAGE_SIZE);
    for (let at = from; at < end;) {
      const block = Math.floor(at / PAGE_SIZE), next = Math.min(end, (block + 1) * PAGE_SIZE);
      const bytes = image.block(t, block);
      if (isErr(bytes)) return bytes;
      out.set(bytes.subarray(at - block * PAGE_SIZE, next - block * PAGE_SIZE), to + at - from);
      at = next;
    }
    return 0;
  }
}
