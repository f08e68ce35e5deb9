// The system bus above RAM: device register windows by physical address. Accesses to holes read 0, write nothing, and are counted.
import type { Bus } from '../machine.ts';

/** A device as the bus sees it: 32-bit registers at byte offsets. */
export interface MmioDevice {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

/** An interrupt line from a device to the controller; level-triggered. */
export interface IrqLine { set(level: boolean): void }

interface Window { readonly base: number; readonly end: number; readonly device: MmioDevice }

export class MmioBus implements Bus {
  readonly #windows: Window[] = [];
  #last: Window | undefined;
  /** Accesses that no device answered. */
  strayAccesses = 0;

  map(base: number, size: number, device: MmioDevice): void { this.#windows.push({ base, end: base + size, device }); }

  read32(paddr: number): number {
    const w = this.#find(paddr);
    return w === undefined ? 0 : w.device.read32(paddr - w.base) >>> 0;
  }

  write32(paddr: number, value: number): void {
    const w = this.#find(paddr);
    if (w !== undefined) w.device.write32(paddr - w.base, value >>> 0);
  }

  #find(paddr: number): Window | undefined {
    let w = this.#last;
    if (w !== undefined && paddr >= w.base && paddr < w.end) return w;
    w = paddr % 4 === 0 ? this.#windows.find(x => paddr >= x.base && paddr < x.end) : undefined;
    if (w === undefined) this.strayAccesses++;
    else this.#last = w;
    return w;
  }
}
