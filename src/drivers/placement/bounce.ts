// Pages between the kernel's memory and an isolated driver's (Linux: swiotlb): runs of pages, the lowest that fit. Full is no error: the front asks again
// when something has come back.
import { PAGE_SHIFT, PAGE_SIZE } from '../../machine/machine.ts';

export class BouncePages {
  private readonly start: number;
  private readonly isUsed: Uint8Array;
  /** All pages below are in use. */
  private lowest = 0;

  /** Pages from `start` to `end`, DMA addresses. */
  constructor(start: number, end: number) {
    this.start = start;
    this.isUsed = new Uint8Array((end - start) >>> PAGE_SHIFT);
  }

  /** Room for `length` bytes that lie in their first page as `paddr` lies in its own: a DMA address, or -1. */
  take(paddr: number, length: number): number {
    const inPage = paddr & (PAGE_SIZE - 1);
    const count = (inPage + length + PAGE_SIZE - 1) >>> PAGE_SHIFT;
    const { isUsed } = this;
    for (let first = this.lowest, run = 0, i = first; i < isUsed.length; i++) {
      if (isUsed[i] === 1) {
        run = 0;
        first = i + 1;
      } else if (++run === count) {
        isUsed.fill(1, first, i + 1);
        if (first === this.lowest) this.lowest = i + 1;
        return this.start + first * PAGE_SIZE + inPage;
      }
    }
    return -1;
  }

  give(addr: number, length: number): void {
    const first = (addr - this.start) >>> PAGE_SHIFT;
    this.isUsed.fill(0, first, (addr - this.start + length + PAGE_SIZE - 1) >>> PAGE_SHIFT);
    if (first < this.lowest) this.lowest = first;
  }
}
