// The memory of a screen: pages that programs read, write and map, made when first touched. The first store to a page since it was last sent marks it; sending
// takes the right to write from every mapping, so that the next store is seen again (Linux: fb_defio).
import { FRAME_DIRTY } from '../mm/frame-kinds.ts';
import { ShmemCache } from '../mm/shmem.ts';
import type { FrameBuffer } from './frame-buffer.ts';

export class FbPages extends ShmemCache {
  private readonly screen: FrameBuffer;

  constructor(screen: FrameBuffer, bytes: number) {
    super(screen.kernel.frames, null, bytes);
    this.screen = screen;
    this.hold();
  }

  override get tracksDirty(): boolean { return true; }
  /** What is shown is not swapped out. */
  override get staysInMemory(): boolean { return true; }

  override markDirty(index: number): void {
    const pfn = this.index.get(index);
    if (pfn < 0 || (this.frames.flags[pfn]! & FRAME_DIRTY) !== 0) return;
    this.frames.flags[pfn]! |= FRAME_DIRTY;
    this.dirty.add(index);
    this.screen.touched();
  }

  /** msync(2), fsync(2): what was drawn is on the screen. */
  override sync(): 0 {
    this.screen.flush();
    return 0;
  }

  protected override markClean(index: number): void {
    if (!this.dirty.delete(index)) return;
    const pfn = this.index.get(index);
    if (pfn >= 0) this.frames.flags[pfn]! &= ~FRAME_DIRTY;
  }

  /** Page numbers that were written to since the last time, to `damage`. */
  collect(damage: Set<number>): void {
    for (const index of this.dirty) {
      for (const v of this.mappings) v.mm.writeProtect(v, index);
      this.markClean(index);
      damage.add(index);
    }
  }
}
