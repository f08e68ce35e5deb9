// Hart and reference model side by side: the same code, the same registers, the same data; then every bit is compared.
import assert from 'node:assert/strict';
import { decode, Decoded } from '../../src/machine/isa/decode.ts';
import { disassemble } from '../../src/machine/isa/disassemble.ts';
import type { Random } from './random.ts';
import { Reference } from '../../src/machine/isa/reference.ts';
import { CTX_F, CTX_FCSR, CTX_PC, TRAP_BREAKPOINT, TRAP_BUDGET, TRAP_FETCH_FAULT } from '../../src/machine/machine.ts';
import { FlatMachine } from '../../src/machine/hart/flat.ts';

export const CODE = 0x10000, CODE_PAGES = 4, DATA = 0x20000, DATA_PAGES = 3;
const C_EBREAK = 0x9002;

export class Twin {
  readonly m = new FlatMachine(16 << 20);
  readonly data = new Uint8Array(DATA_PAGES * 4096);
  readonly ref: Reference;
  readonly #d = new Decoded();
  readonly #v: DataView;
  readonly #words = new Map<number, number>();

  constructor() {
    this.m.mapRange(CODE, CODE + CODE_PAGES * 4096);
    this.m.mapRange(DATA, DATA + DATA_PAGES * 4096);
    this.#v = new DataView(this.m.ram.memory.buffer);
    const view = new DataView(this.data.buffer);
    const at = (addr: bigint): number => Number(addr) - DATA;
    this.ref = new Reference({
      read: (addr, n) => { let v = 0n; for (let i = n - 1; i >= 0; i--) v = v << 8n | BigInt(view.getUint8(at(addr) + i)); return v; },
      write: (addr, n, v) => { for (let i = 0; i < n; i++) view.setUint8(at(addr) + i, Number(v >> BigInt(8 * i) & 255n)); },
    });
  }

  /** Writes instructions at `pc` with an ebreak behind them; the rest of the code pages is ebreaks. */
  code(pc: number, words: readonly number[]): void {
    const { ram, hart } = this.m;
    for (let i = 0; i < CODE_PAGES; i++) {
      const host = hart.mmu.translate(CODE + i * 4096, 0);
      ram.u16.fill(C_EBREAK, host >>> 1, host + 4096 >>> 1);
      hart.invalidateCode(host >>> 12);
    }
    this.#words.clear();
    let at = pc;
    for (const w of words) {
      this.#words.set(at, w);
      this.#put(at, w & 0xffff);
      if ((w & 3) === 3) this.#put(at + 2, w >>> 16);
      at += (w & 3) === 3 ? 4 : 2;
    }
  }

  #put(va: number, half: number): void { this.m.ram.u16[this.m.hart.mmu.translate(va, 0) >>> 1] = half; }

  randomize(r: Random): void {
    for (let i = 0; i < this.data.length; i++) this.data[i] = r.u32();
    this.m.write(DATA, this.data);
  }

  setX(i: number, v: bigint): void {
    if (i === 0) return;
    this.ref.x[i] = v;
    this.#v.setBigUint64(this.m.hart.base + 8 * i, v, true);
  }
  setF(i: number, v: bigint): void {
    this.ref.f[i] = v;
    this.#v.setBigUint64(this.m.hart.base + CTX_F + 8 * i, v, true);
  }
  setFcsr(v: number): void {
    this.ref.fcsr = v;
    this.m.ram.u32[this.m.hart.base + CTX_FCSR >>> 2] = v;
  }

  /** Runs both from `pc` to the next ebreak, to unmapped code, or to the first jump after `budget` instructions, and compares all state. */
  run(pc: number, budget = 10_000): void {
    const { ref, m } = this;
    m.setPc(pc);
    const trap = m.hart.run(budget);
    assert.ok(trap === TRAP_BREAKPOINT || trap === TRAP_FETCH_FAULT || trap === TRAP_BUDGET && budget <= 2, `trap ${trap} at ${m.getPc().toString(16)}: ${this.#text(m.getPc())}`);
    ref.pcNow = BigInt(pc);
    const trace: string[] = [];
    for (let n = 0; n < budget; n++) {
      const at = Number(ref.pcNow), w = this.#words.get(at);
      if (w === undefined || w === C_EBREAK || !decode(w, this.#d)) break;
      trace.push(disassemble(w, at));
      ref.execute(this.#d);
    }
    this.#compare(trace.slice(-12).join('; '));
  }

  compareData(what: string): void {
    for (let p = 0; p < DATA_PAGES; p++) {
      const host = this.m.hart.mmu.translate(DATA + p * 4096, 0);
      assert.deepEqual(this.m.ram.u8.subarray(host, host + 4096), this.data.subarray(p * 4096, p * 4096 + 4096), what);
    }
  }

  #compare(what: string): void {
    const { ref, m } = this, { base } = m.hart;
    for (let i = 0; i < 32; i++) {
      const x = this.#v.getBigUint64(base + 8 * i, true), f = this.#v.getBigUint64(base + CTX_F + 8 * i, true);
      if (x !== ref.x[i]) assert.fail(`x${i} is ${x.toString(16)}, should be ${ref.x[i]!.toString(16)} after ${what}`);
      if (f !== ref.f[i]) assert.fail(`f${i} is ${f.toString(16)}, should be ${ref.f[i]!.toString(16)} after ${what}`);
    }
    assert.equal(this.#v.getBigUint64(base + CTX_PC, true), ref.pcNow, `pc after ${what}`);
    assert.equal(m.ram.u32[base + CTX_FCSR >>> 2], ref.fcsr, `fcsr after ${what}`);
  }

  #text(pc: number): string { return disassemble(this.#words.get(pc) ?? 0, pc); }
}
