// Block I/O as data: a bio is one contiguous range of sectors and the memory it goes to or comes from; a batch is what somebody waits for. Frames are
// held while the device may use them, whatever happens to the task that asked.
import { BLOCKED, type Errno } from '../../abi/errno.ts';
import { PAGE_SHIFT } from '../../machine/machine.ts';
import type { Frames } from '../mm/frames.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';

/** Operations, small integers because queues and statistics are indexed by them. */
export const OP_READ = 0, OP_WRITE = 1, OP_DISCARD = 2, OP_ZERO = 3, OP_FLUSH = 4;
export type BlockOp = 0 | 1 | 2 | 3 | 4;

export const SECTOR_SHIFT = 9;
export const SECTOR_SIZE = 512;

/** I/O on a range of sectors. Physical addresses and lengths of the memory parts, each whole sectors inside one frame or a run of frames. */
export class Bio {
  readonly op: BlockOp;
  /** First sector; of the partition until it is submitted, of the disk from then on. */
  sector: number;
  readonly sectors: number;
  readonly addrs: readonly number[];
  readonly lengths: readonly number[];
  readonly batch: IoBatch;
  /** Monotonic time of submission, for statistics. */
  startNs = 0;

  constructor(op: BlockOp, sector: number, sectors: number, addrs: readonly number[], lengths: readonly number[], batch: IoBatch) {
    this.op = op;
    this.sector = sector;
    this.sectors = sectors;
    this.addrs = addrs;
    this.lengths = lengths;
    this.batch = batch;
    batch.pending++;
  }
}

/** Bios that are waited for together. */
export class IoBatch {
  pending = 0;
  /** The first failure. */
  status: 0 | Errno = 0;
  readonly waiters = new WaitQueue();
  private readonly frames: Frames;
  private held: number[] = [];

  constructor(frames: Frames) { this.frames = frames; }

  get isDone(): boolean { return this.pending === 0; }

  /** The device may use this frame until the batch is done. */
  hold(pfn: number): void {
    this.frames.get(pfn);
    this.held.push(pfn);
  }

  bioEnded(status: 0 | Errno): void {
    if (this.status === 0) this.status = status;
    if (--this.pending > 0) return;
    for (const pfn of this.held) this.frames.put(pfn);
    this.held = [];
    this.finished();
    this.waiters.wake();
  }

  /** All bios have ended. */
  protected finished(): void {}
}

/** Parks `t` until `queue` wakes it, as one waits for a disk: only SIGKILL disturbs. */
export function waitForDisk(t: Task, queue: WaitQueue): Errno {
  queue.add(t);
  t.parkedOn.push(queue);
  t.parkState = 'D';
  t.waitReason = 'io_schedule';
  return BLOCKED;
}

/** Collects pieces of memory and sectors, and makes as few bios of them as their neighbourhood allows. */
export class BioBuilder {
  private readonly op: BlockOp;
  private readonly batch: IoBatch;
  private readonly limits: { readonly maxSectors: number; readonly maxSegments: number };
  readonly bios: Bio[] = [];
  private start = -1;
  private next = -1;
  private addrs: number[] = [];
  private lengths: number[] = [];

  constructor(op: typeof OP_READ | typeof OP_WRITE, batch: IoBatch, limits: { readonly maxSectors: number; readonly maxSegments: number }) {
    this.op = op;
    this.batch = batch;
    this.limits = limits;
  }

  add(sector: number, addr: number, bytes: number): void {
    const sectors = bytes >> SECTOR_SHIFT;
    const { maxSectors, maxSegments } = this.limits;
    if (sector !== this.next || this.next + sectors - this.start > maxSectors || this.addrs.length >= maxSegments) this.cut(sector);
    this.batch.hold(addr >>> PAGE_SHIFT);
    const last = this.addrs.length - 1;
    if (last >= 0 && addr === this.addrs[last]! + this.lengths[last]!) {
      this.lengths[last]! += bytes;
    } else {
      this.addrs.push(addr);
      this.lengths.push(bytes);
    }
    this.next += sectors;
  }

  finish(): readonly Bio[] {
    this.cut(-1);
    return this.bios;
  }

  private cut(sector: number): void {
    if (this.addrs.length > 0) this.bios.push(new Bio(this.op, this.start, this.next - this.start, this.addrs, this.lengths, this.batch));
    this.addrs = [];
    this.lengths = [];
    this.start = this.next = sector;
  }
}
