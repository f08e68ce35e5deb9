// A machine with one flat address space and no kernel: what benchmarks and tests of the bare hart run on.
import { type Engine, probeEngine } from '../engine.ts';
import { type Clock, PTE_A, PTE_D, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X } from '../machine.ts';
import { createRam, type RamImpl } from '../ram.ts';
import { createHart, type HartImpl } from './hart.ts';

const RWX = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D;

/** A machine with one address space and a frame allocator that only counts up. */
export class FlatMachine {
  readonly ram: RamImpl;
  readonly hart: HartImpl;
  readonly root: number;
  #next: number;

  constructor(ramBytes = 64 << 20, clock: Clock = { monotonicNs: () => 0 }, engine: Engine = probeEngine()) {
    this.ram = createRam(ramBytes);
    this.hart = createHart(this.ram, clock, engine);
    this.#next = this.ram.firstFreePfn;
    this.root = this.frame();
    this.hart.activate(this.root);
  }

  frame(): number { return this.#next++; }

  /** Maps one page; answers its frame. Neither A nor D has to be preset: the walk sets them. */
  map(vaddr: number, flags: number = RWX, pfn: number = this.frame(), root: number = this.root): number {
    const { u32 } = this.ram;
    let table = root;
    for (const shift of [30, 21]) {
      const at = table * 1024 + (Math.floor(vaddr / 2 ** shift) & 511) * 2;
      if (u32[at] === 0) u32[at] = this.frame() << 10 | PTE_V;
      table = u32[at]! >>> 10;
    }
    u32[table * 1024 + (Math.floor(vaddr / 4096) & 511) * 2] = (pfn << 10 | flags) >>> 0;
    return pfn;
  }

  /** Maps zeroed pages over [start, end). */
  mapRange(start: number, end: number, flags: number = RWX): void {
    for (let va = Math.floor(start / 4096) * 4096; va < end; va += 4096) if (this.hart.mmu.translate(va, 0) < 0) this.map(va, flags);
  }

  write(vaddr: number, bytes: Uint8Array): void {
    bytes.forEach((b, i) => { this.ram.u8[this.hart.mmu.translate(vaddr + i, 1)] = b; });
  }

  /** Loads a static ELF64 file; answers its entry point. */
  loadElf(file: Uint8Array): number {
    const v = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const phoff = Number(v.getBigUint64(32, true)), phnum = v.getUint16(56, true);
    for (let i = 0; i < phnum; i++) {
      const ph = phoff + i * 56;
      if (v.getUint32(ph, true) !== 1) continue;
      const [offset, vaddr, , filesz, memsz] = [8, 16, 24, 32, 40].map(at => Number(v.getBigUint64(ph + at, true))) as [number, number, number, number, number];
      this.mapRange(vaddr, vaddr + memsz);
      this.write(vaddr, file.subarray(offset, offset + filesz));
    }
    return Number(v.getBigUint64(24, true));
  }

  setX(r: number, v: number): void {
    this.hart.x[r * 2] = v;
    this.hart.x[r * 2 + 1] = Math.floor(v / 2 ** 32);
  }
  getX(r: number): number { return this.hart.x[r * 2 + 1]! * 2 ** 32 + (this.hart.x[r * 2]! >>> 0); }
  setPc(v: number): void { this.hart.x[128] = v; this.hart.x[129] = Math.floor(v / 2 ** 32); }
  getPc(): number { return this.hart.x[129]! * 2 ** 32 + (this.hart.x[128]! >>> 0); }
}
