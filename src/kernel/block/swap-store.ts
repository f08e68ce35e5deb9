// Swapping to what lies on a disk: pages are read and written without the page cache. Disks that answer at once cost no waiting; others park the
// reader, and keep the frames that are written until they are done. Here the disk or the partition itself; files: swap-file.ts.
import { BLOCKED, EBUSY, type Errno } from '../../abi/errno.ts';
import { PAGE_SHIFT, PAGE_SIZE } from '../../machine/machine.ts';
import type { Frames } from '../mm/frames.ts';
import { type SwapArea, SwapStore } from '../mm/swap-area.ts';
import type { Task } from '../task/task.ts';
import { Bio, IoBatch, OP_READ, OP_WRITE, SECTOR_SHIFT, waitForDisk } from './bio.ts';
import type { BlockDevice } from './disk.ts';

const SECTORS_PER_PAGE = 1 << (PAGE_SHIFT - SECTOR_SHIFT);

/** Says where its pages lie; reading and writing are here. */
export abstract class BlockSwap extends SwapStore {
  protected readonly device: BlockDevice;
  private readonly frames: Frames;
  private area: SwapArea | null = null;
  /** Reads under way, and what became of those that ended, by page. */
  private readonly reads = new Map<number, ReadBatch>();

  constructor(device: BlockDevice) {
    super();
    this.device = device;
    this.frames = device.disk.kernel.frames;
  }

  /** The operation on a page, in memory at the physical address `addr`. The batch holds the frame. */
  protected abstract bios(op: typeof OP_READ | typeof OP_WRITE, page: number, addr: number, batch: IoBatch): readonly Bio[];

  override open(area: SwapArea): 0 | Errno {
    this.area = area;
    return 0;
  }

  /** A fault that parks gets its bytes when it comes again, into whatever frame it brings then. */
  override read(t: Task, page: number, pfn: number): 0 | Errno {
    let batch = this.reads.get(page);
    if (batch === undefined) {
      batch = new ReadBatch(this.frames, pfn);
      this.submit(OP_READ, page, pfn, batch);
    }
    if (!batch.isDone) {
      this.reads.set(page, batch);
      return waitForDisk(t, batch.waiters);
    }
    this.reads.delete(page);
    if (batch.pfn !== pfn) this.frames.copy(batch.pfn, pfn);
    batch.release();
    return batch.status;
  }

  override write(page: number, pfn: number): 0 | Errno {
    const batch = new WriteOut(this.frames, this.area!, page, pfn);
    this.submit(OP_WRITE, page, pfn, batch);
    if (batch.isDone) return batch.status;
    batch.isLate = true;
    return BLOCKED;
  }

  /** Whoever asked for the page has gone. */
  override discard(page: number): void {
    this.reads.get(page)?.release();
    this.reads.delete(page);
  }

  private submit(op: typeof OP_READ | typeof OP_WRITE, page: number, pfn: number, batch: IoBatch): void {
    this.device.submit(this.bios(op, page, pfn * PAGE_SIZE, batch));
  }
}

/** A disk or a partition: a page is eight sectors. */
export class DiskSwap extends BlockSwap {
  override get pages(): number { return Math.floor(this.device.sectors / SECTORS_PER_PAGE); }

  override open(area: SwapArea): 0 | Errno { return this.device.claim(this) ? super.open(area) : EBUSY; }
  override close(): void { this.device.unclaim(this); }

  /** A disk in memory gives the page's memory back (Linux: swap_slot_free_notify); others are not bothered. */
  override discard(page: number): void {
    super.discard(page);
    this.device.disk.driver.slotFreed(this.device.start / SECTORS_PER_PAGE + page);
  }

  protected override bios(op: typeof OP_READ | typeof OP_WRITE, page: number, addr: number, batch: IoBatch): readonly Bio[] {
    batch.hold(addr >>> PAGE_SHIFT);
    return [new Bio(op, page * SECTORS_PER_PAGE, SECTORS_PER_PAGE, [addr], [PAGE_SIZE], batch)];
  }
}

/** Keeps the frame until the reader has come for it: the frame of a parked fault is given back meanwhile. */
class ReadBatch extends IoBatch {
  readonly pfn: number;
  private readonly memory: Frames;
  constructor(frames: Frames, pfn: number) {
    super(frames);
    this.memory = frames;
    this.pfn = pfn;
    frames.get(pfn);
  }
  release(): void { this.memory.put(this.pfn); }
}

class WriteOut extends IoBatch {
  private readonly memory: Frames;
  private readonly area: SwapArea;
  private readonly page: number;
  private readonly pfn: number;
  /** Reclaim has gone on without waiting. */
  isLate = false;

  constructor(frames: Frames, area: SwapArea, page: number, pfn: number) {
    super(frames);
    this.memory = frames;
    this.area = area;
    this.page = page;
    this.pfn = pfn;
  }

  protected override finished(): void {
    if (this.isLate) this.memory.swap.written(this.area.base + this.page, this.pfn, this.status);
  }
}
