// virtio memory balloon (virtio 1.2, 5.5): the host says how many pages it wants, the driver names pages that it does not use meanwhile, and tells statistics when
// asked. What is in the balloon is counted page by page: a driver that names a page twice, or one that is none, breaks the rules.
import type { Ram } from '../machine.ts';
import {
  BALLOON_CFG_ACTUAL, BALLOON_CFG_BYTES, BALLOON_CFG_NUM_PAGES, BALLOON_F_DEFLATE_ON_OOM, BALLOON_F_STATS_VQ, BALLOON_INFLATE, BALLOON_PFN_BYTES,
  BALLOON_STAT_BYTES, BALLOON_STATS, BALLOON_STATS_NAMES, ID_BALLOON,
} from '../registers.ts';
import type { IrqLine } from './mmio-bus.ts';
import { VirtioDevice } from './virtio/mmio.ts';
import { Chain } from './virtio/queue.ts';

/** Page numbers and statistics that one request may hold. */
const MAX_PFNS = 4096;
const MAX_STATS = 64;

/** Amounts in bytes, events as counts; what the driver does not tell is missing. */
export type BalloonStats = { readonly [name in typeof BALLOON_STATS_NAMES[number]]?: number };

export class VirtioBalloon extends VirtioDevice {
  /** Pages that are in the balloon. */
  pages = 0;
  /** What the driver told last. */
  stats: BalloonStats = {};
  /** How often it did. */
  statsCount = 0;
  readonly #in: Uint8Array;
  readonly #frames: number;
  readonly #chain = new Chain();
  /** The driver's buffer for statistics, kept until they are wanted. */
  #heldStats: Chain | null = null;

  /** `frames`: of the machine's memory, whose numbers the driver names; `ram` is what requests lie in. `rule`: may the driver take pages back when memory is out? */
  constructor(ram: Ram, irq: IrqLine, frames: number, rule: 'deflate on oom' | 'strict') {
    const features = BALLOON_F_STATS_VQ | (rule === 'strict' ? 0 : BALLOON_F_DEFLATE_ON_OOM);
    super(ram, irq, { id: ID_BALLOON, features, queueSizes: [128, 128, 16], configBytes: BALLOON_CFG_BYTES });
    this.#frames = frames;
    this.#in = new Uint8Array(Math.ceil(frames / 8));
  }

  /** Pages that the host wants. */
  get target(): number { return this.config.getUint32(BALLOON_CFG_NUM_PAGES, true); }
  set target(pages: number) {
    this.config.setUint32(BALLOON_CFG_NUM_PAGES, Math.min(pages, this.#frames), true);
    this.configChanged();
  }

  /** Pages that the driver says it has given. */
  get actual(): number { return this.config.getUint32(BALLOON_CFG_ACTUAL, true); }

  /** Asks the driver for fresh statistics: `statsCount` moves on when they have come. False: it does not tell any now. */
  askStats(): boolean {
    const c = this.#heldStats;
    if (c === null || !this.isLive) return false;
    this.#heldStats = null;
    this.done(BALLOON_STATS, c, 0);
    return true;
  }

  protected override notified(index: number): void {
    if (index === BALLOON_STATS) return this.#takeStats();
    const c = this.#chain;
    while (this.isLive && this.next(index, c)) {
      if (!this.#takePages(c, index === BALLOON_INFLATE ? 1 : 0)) return this.fail();
      this.done(index, c, 0);
    }
  }

  protected override onReset(): void {
    this.#in.fill(0);
    this.pages = 0;
    this.#heldStats = null;
    this.config.setUint32(BALLOON_CFG_ACTUAL, 0, true);
  }

  protected override configWritten(offset: number, value: number): void {
    if (offset === BALLOON_CFG_ACTUAL) this.config.setUint32(BALLOON_CFG_ACTUAL, value, true);
  }

  /** le32 page numbers; each changes its side, or nothing is right any more. */
  #takePages(c: Chain, side: 0 | 1): boolean {
    const count = c.readBytes / BALLOON_PFN_BYTES;
    if (count % 1 !== 0 || count > MAX_PFNS) return false;
    const bytes = new Uint8Array(c.readBytes);
    c.copyFrom(this.ram, bytes);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < count; i++) {
      const pfn = view.getUint32(i * BALLOON_PFN_BYTES, true);
      if (pfn >= this.#frames || (this.#in[pfn >>> 3]! >>> (pfn & 7) & 1) === side) return false;
      this.#in[pfn >>> 3]! ^= 1 << (pfn & 7);
      this.pages += side === 1 ? 1 : -1;
    }
    return true;
  }

  #takeStats(): void {
    const c = new Chain();
    if (!this.next(BALLOON_STATS, c)) return;
    // One buffer goes to and fro (5.5.6.3).
    if (this.#heldStats !== null) return this.fail();
    this.#heldStats = c;
    const bytes = new Uint8Array(Math.min(c.readBytes, MAX_STATS * BALLOON_STAT_BYTES));
    const n = c.copyFrom(this.ram, bytes);
    const view = new DataView(bytes.buffer);
    const stats: { [name in typeof BALLOON_STATS_NAMES[number]]?: number } = {};
    for (let at = 0; at + BALLOON_STAT_BYTES <= n; at += BALLOON_STAT_BYTES) {
      const name = BALLOON_STATS_NAMES[view.getUint16(at, true)];
      if (name !== undefined) stats[name] = view.getUint32(at + 2, true) + view.getUint32(at + 6, true) * 2 ** 32;
    }
    this.stats = stats;
    this.statsCount++;
  }
}
