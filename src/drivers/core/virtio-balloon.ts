// Core of the virtio memory balloon (virtio 1.2, 5.5): lists of page numbers to the device, its wishes and questions the other way.
import { EBUSY, EINVAL, ENOMEM, type Errno, isErr } from '../../abi/errno.ts';
import {
  BALLOON_CFG_ACTUAL, BALLOON_CFG_NUM_PAGES, BALLOON_DEFLATE, BALLOON_F_DEFLATE_ON_OOM, BALLOON_F_STATS_VQ, BALLOON_INFLATE, BALLOON_PFN_BYTES, BALLOON_STAT_BYTES, BALLOON_STATS,
  BALLOON_STATS_NAMES, MMIO_CONFIG,
} from '../../machine/registers.ts';
import { VirtioCore } from './virtio.ts';
import type { VirtQueue } from './virtqueue.ts';

/** wanted(): the pages that the device wants now, and in args[0] whether they may be taken back without asking when memory is out. */
export const BALLOON_WANTED = 0;
/** move(queue, count): the pages in `args` go in (BALLOON_INFLATE) or come out (BALLOON_DEFLATE); BALLOON_MOVED tells when the device knows. */
export const BALLOON_MOVE = 1;
/** actual(pages): what is in. */
export const BALLOON_TELL_ACTUAL = 2;
/** stats(count): tag and value of each statistic in `args`, for when the device asks. */
export const BALLOON_TELL_STATS = 3;

/** Events: the device may want another number; pages have moved; it asks for statistics. */
export const BALLOON_CHANGED = 0, BALLOON_MOVED = 1, BALLOON_ASKED = 2;

/** Pages of one operation. */
export const BALLOON_MAX = 256;
const MAX_STATS = 16;
const STATS_AT = BALLOON_MAX * BALLOON_PFN_BYTES;

export class VirtioBalloonCore extends VirtioCore {
  private readonly moves: (VirtQueue | null)[] = [null, null];
  private stats: VirtQueue | null = null;
  private buffers = 0;
  private isMoving = false;
  private isTold = false;

  override start(): 0 | Errno {
    const { virtio, port } = this;
    const r = virtio.start(BALLOON_F_STATS_VQ | BALLOON_F_DEFLATE_ON_OOM);
    if (r !== 0) return r;
    for (const index of [BALLOON_INFLATE, BALLOON_DEFLATE]) {
      const queue = virtio.queue(index, 8);
      if (isErr(queue)) return virtio.give(queue);
      this.moves[index] = queue;
    }
    if ((virtio.features & BALLOON_F_STATS_VQ) !== 0) {
      const queue = virtio.queue(BALLOON_STATS, 8);
      if (isErr(queue)) return virtio.give(queue);
      this.stats = queue;
    }
    this.buffers = port.allocDma(0);
    if (this.buffers < 0) return virtio.give(ENOMEM);
    virtio.ready();
    return 0;
  }

  override call(op: typeof BALLOON_WANTED | typeof BALLOON_MOVE | typeof BALLOON_TELL_ACTUAL | typeof BALLOON_TELL_STATS, a: number, b: number): number {
    const { port, virtio } = this;
    switch (op) {
      case BALLOON_WANTED:
        port.args[0] = (virtio.features & BALLOON_F_DEFLATE_ON_OOM) !== 0 ? 1 : 0;
        return virtio.config32(BALLOON_CFG_NUM_PAGES);
      case BALLOON_MOVE: return this.move(a, b);
      case BALLOON_TELL_ACTUAL:
        port.write32(MMIO_CONFIG + BALLOON_CFG_ACTUAL, a);
        return 0;
      case BALLOON_TELL_STATS: return this.tell(a);
    }
  }

  protected override configChanged(): void { this.port.event(BALLOON_CHANGED, 0, 0, 0, 0); }

  protected override used(): void {
    const { port, moves, stats } = this;
    let bad = 0;
    for (const queue of moves) {
      if (queue!.poll() >= 0) {
        this.isMoving = false;
        port.event(BALLOON_MOVED, 0, 0, 0, 0);
      }
      bad += queue!.badUsed;
    }
    if (stats !== null && stats.poll() >= 0) {
      this.isTold = false;
      port.event(BALLOON_ASKED, 0, 0, 0, 0);
    }
    if (bad + (stats?.badUsed ?? 0) > 0) port.broken('the device used what it was not given');
  }

  private move(index: number, count: number): number {
    const queue = index === BALLOON_INFLATE || index === BALLOON_DEFLATE ? this.moves[index]! : null;
    if (queue === null || !(count > 0 && count <= BALLOON_MAX)) return EINVAL;
    if (this.isMoving) return EBUSY;
    const { args, memory: { u32 } } = this.port;
    for (let i = 0; i < count; i++) u32[(this.buffers >>> 2) + i] = args[i]!;
    queue.add(this.buffers, count * BALLOON_PFN_BYTES, 'out');
    queue.submit(0);
    this.isMoving = true;
    queue.interrupts('off');
    queue.notify();
    this.used();
    queue.interrupts('on');
    this.used();
    return 0;
  }

  /** One buffer goes to and fro: the device keeps it until it wants fresh numbers (5.5.6.3). */
  private tell(count: number): number {
    const { stats, port: { args, memory } } = this;
    if (stats === null) return 0;
    if (this.isTold || count > MAX_STATS || count > BALLOON_STATS_NAMES.length) return EINVAL;
    let at = this.buffers + STATS_AT;
    for (let i = 0; i < count; i++, at += BALLOON_STAT_BYTES) {
      const tag = args[2 * i]!, value = args[2 * i + 1]!;
      memory.u16[at >>> 1] = tag;
      for (let half = 0, rest = value; half < 4; half++, rest = Math.floor(rest / 65_536)) memory.u16[(at >>> 1) + 1 + half] = rest % 65_536;
    }
    stats.add(this.buffers + STATS_AT, count * BALLOON_STAT_BYTES, 'out');
    stats.submit(0);
    this.isTold = true;
    stats.notify();
    return 0;
  }
}
