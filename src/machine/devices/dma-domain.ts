// What one device reaches: its domain of the IOMMU. Device models see it as their RAM; DMA addresses are indexes into it, and its end is their end.
import { type DmaMemory, NO_MEMORY, type Ram } from '../machine.ts';

export class DmaDomain implements Ram {
  readonly firstFreePfn = 0;
  size: number;
  u8: Uint8Array;
  u16: Uint16Array;
  i32: Int32Array;
  u32: Uint32Array;
  f64: Float64Array;

  /** All of RAM, to begin with. */
  constructor(ram: Ram) {
    ({ size: this.size, u8: this.u8, u16: this.u16, i32: this.i32, u32: this.u32, f64: this.f64 } = ram);
  }

  /** From now on it is `memory`, or nothing. */
  attach(memory: DmaMemory | null): void {
    ({ size: this.size, u8: this.u8, u16: this.u16, i32: this.i32, u32: this.u32, f64: this.f64 } = memory ?? NO_MEMORY);
  }
}
