// The pages of a block device itself: what reads and writes of /dev/vda see, and the buffers that hold a file system's metadata. A file system dirties
// single blocks; then only their sectors are written, because the rest of the page may be a file's, newer on the disk than here.
import { ENOMEM, type Errno } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { KIND_FILE } from '../mm/frame-kinds.ts';
import type { Frames } from '../mm/frames.ts';
import type { Task } from '../task/task.ts';
import { SECTOR_SIZE } from './bio.ts';
import { BlockCache, type PagePlan } from './block-cache.ts';
import type { BlockDevice } from './disk.ts';

const SECTORS = PAGE_SIZE / SECTOR_SIZE;
const WHOLE = 2 ** SECTORS - 1;

export class DeviceCache extends BlockCache {
  /** Dirty sectors, a bit each, of dirty pages that are not dirty as a whole. */
  private readonly parts = new Map<number, number>();

  constructor(frames: Frames, device: BlockDevice) { super(frames, null, device); }

  override get size(): number { return this.device.bytes; }

  override markDirty(index: number): void {
    this.parts.delete(index);
    super.markDirty(index);
  }

  /** Only these sectors (a bit each) of the page are newer than the disk. */
  markPart(index: number, mask: number): void {
    const known = this.dirty.has(index) ? this.parts.get(index) ?? WHOLE : 0;
    super.markDirty(index);
    if ((known | mask) === WHOLE) this.parts.delete(index);
    else this.parts.set(index, known | mask);
  }

  /** These sectors mean nothing any more: they are not written. */
  forgetPart(index: number, mask: number): void {
    if (!this.dirty.has(index)) return;
    const left = (this.parts.get(index) ?? WHOLE) & ~mask;
    if (left !== 0) {
      this.parts.set(index, left);
      return;
    }
    this.parts.delete(index);
    this.markClean(index);
  }

  /** A page whose old contents nobody needs: the frame, zeros if it was not here; ENOMEM. */
  blankPage(index: number): number | Errno {
    const known = this.index.get(index);
    if (known >= 0) return known;
    const pfn = this.frames.alloc(KIND_FILE);
    if (pfn < 0) return ENOMEM;
    this.insert(index, pfn);
    return pfn;
  }

  protected override plan(_t: Task, index: number, into: PagePlan, purpose: 'read' | 'write'): 0 {
    const at = index * PAGE_SIZE;
    const bytes = Math.min(PAGE_SIZE, this.size - at);
    const mask = purpose === 'write' ? this.parts.get(index) ?? WHOLE : WHOLE;
    if (purpose === 'write') this.parts.delete(index);
    if (mask === WHOLE) {
      if (bytes > 0) into.add(0, bytes, at / SECTOR_SIZE);
      return 0;
    }
    for (let s = 0; s < SECTORS && s * SECTOR_SIZE < bytes; s++) if ((mask & (1 << s)) !== 0) into.add(s * SECTOR_SIZE, SECTOR_SIZE, at / SECTOR_SIZE + s);
    return 0;
  }
}
