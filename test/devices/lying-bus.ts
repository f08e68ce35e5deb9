// Between kernel and board: a virtio device that lies about what it has used, interrupts for nothing, and asks for resets, every `odds` times. One that is
// `deaf` does not hear of what is put into its queues, at times or for so many times in a row. Of a `victim` the core is killed now and then instead, at any
// access to the device: what the supervisor does with a worker, for cores that are in the kernel.
import type { CoreLink } from '../../src/drivers/placement/link.ts';
import type { Rng } from '../../src/lib/rng.ts';
import type { Board } from '../../src/machine/board.ts';
import type { Bus, DmaMemory, Machine } from '../../src/machine/machine.ts';
import {
  INTERRUPT_CONFIG, INTERRUPT_USED, MMIO_INTERRUPT_STATUS, MMIO_QUEUE_DEVICE_LOW, MMIO_QUEUE_NOTIFY, MMIO_QUEUE_NUM, MMIO_QUEUE_SEL, MMIO_STATUS, STATUS_NEEDS_RESET,
} from '../../src/machine/registers.ts';

export class LyingBus implements Bus {
  /** 0: it tells the truth. */
  odds = 0;
  lies = 0;
  /** Notifications that it will not hear; 'at times': now and then one, but not that of the same request again. */
  deaf: number | 'at times' = 0;
  private attentive = 0;
  /** Answers that it says are shorter than they are. */
  miscounts = 0;
  victim: CoreLink | null = null;
  private readonly board: Board;
  private readonly rng: Rng;
  /** Its window. */
  private readonly base: number;
  private memory: DmaMemory;
  /** Used rings by queue. */
  private readonly rings = new Map<number, number>();
  private readonly sizes = new Map<number, number>();
  private selected = 0;

  constructor(board: Board, rng: Rng, base: number) {
    this.board = board;
    this.rng = rng;
    this.base = base;
    this.memory = board.ram;
  }

  machine(): Machine {
    const { board } = this;
    return {
      ram: board.ram, harts: board.harts, clock: board.clock, dtb: board.dtb, isolates: board.isolates, bus: this,
      get interruptPending() { return board.interruptPending; },
      get hostOwes() { return board.hostOwes; },
      iommu: {
        attach: (base, memory) => {
          if (base === this.base && memory !== null) this.memory = memory;
          board.attach(base, memory);
        },
      },
    };
  }

  private lie(): boolean {
    if (this.odds === 0 || this.rng.below(this.odds) > 0) return false;
    this.lies++;
    return true;
  }

  read32(paddr: number): number {
    this.kill();
    const value = this.board.bus.read32(paddr);
    if (paddr === this.base + MMIO_INTERRUPT_STATUS && this.lie()) return value | [INTERRUPT_USED, INTERRUPT_CONFIG, 0xffff_fffc][this.rng.below(3)]!;
    return paddr === this.base + MMIO_STATUS && this.lie() ? value | STATUS_NEEDS_RESET : value;
  }

  write32(paddr: number, value: number): void {
    this.kill();
    if (paddr === this.base + MMIO_QUEUE_NOTIFY && this.isDeaf()) return;
    this.board.bus.write32(paddr, value);
    if (paddr === this.base + MMIO_QUEUE_SEL) this.selected = value;
    if (paddr === this.base + MMIO_QUEUE_DEVICE_LOW) this.rings.set(this.selected, value);
    if (paddr === this.base + MMIO_QUEUE_NUM) this.sizes.set(this.selected, value);
    if (paddr === this.base + MMIO_QUEUE_NOTIFY && this.miscounts > 0) this.miscount(value);
    if (paddr === this.base + MMIO_QUEUE_NOTIFY && this.lie()) this.scribble(this.rings.get(value)!);
  }

  private kill(): void {
    if (this.victim !== null && this.rng.below(64) === 0 && this.lie()) this.victim.broken('killed');
  }

  private isDeaf(): boolean {
    if (this.deaf === 'at times') {
      if (--this.attentive > 0 || this.rng.below(8) > 0 || !this.lie()) return false;
      this.attentive = 64;
      return true;
    }
    if (this.deaf === 0) return false;
    this.deaf--;
    return true;
  }

  /** The last used element. */
  private miscount(queue: number): void {
    this.miscounts--;
    const { memory: { u16, u32 } } = this, ring = this.rings.get(queue)!;
    const last = (u16[(ring + 2) >>> 1]! - 1) & (this.sizes.get(queue)! - 1);
    u32[((ring + 4) >>> 2) + 2 * last + 1]! -= 100;
  }

  /** Into the used ring: an index that jumps, elements that name something else or nothing. */
  private scribble(ring: number): void {
    const { rng, memory: { u16, u32 } } = this;
    if (rng.below(3) === 0) u16[(ring + 2) >>> 1] = rng.next();
    for (let i = rng.below(8); i >= 0; i--) u32[(ring + 4 + 4 * rng.below(2 * 128)) >>> 2] = rng.below(2) === 0 ? rng.next() : rng.below(128);
  }
}
