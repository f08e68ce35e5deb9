// Choices of the fuzzer: the same seed, the same choices.
import { Rng } from '../../src/lib/rng.ts';

/** Numbers at which something changes. Infinity stands for the largest signed one. */
const EDGES = [0, 1, 2, 3, 7, 8, 16, 63, 64, 127, 255, 256, 4095, 4096, 4097, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000, 0x3f_ffff_f000,
  0x40_0000_0000, Infinity, -Infinity, -0x8000_0000, -4096, -1, -2, -100];

export class Dice {
  private readonly rng: Rng;
  constructor(seed: number) { this.rng = new Rng(seed); }

  below(n: number): number { return this.rng.below(n); }
  /** One time in `n`. */
  oneIn(n: number): boolean { return this.rng.below(n) === 0; }
  pick<T>(from: readonly T[]): T { return from[this.rng.below(from.length)]!; }
  word(): number { return this.rng.next(); }
  edge(): number {
    const e = this.pick(EDGES);
    return e === -Infinity ? -(2 ** 63) : e;
  }
  /** Mostly small, sometimes a power of two, an edge or noise. */
  number(): number {
    switch (this.below(8)) {
      case 0: case 1: case 2: return this.below(8);
      case 3: case 4: return this.below(100);
      case 5: return 2 ** this.below(64);
      case 6: return this.edge();
      default: return this.word() * (this.oneIn(2) ? 1 : 2 ** 20);
    }
  }
  /** Some of these bits; now and then any. */
  bits(values: readonly number[]): number {
    if (this.oneIn(30)) return this.word();
    let bits = 0n;
    if (values.length > 0) for (let i = this.pick([0, 0, 1, 1, 1, 2, 2, 3]); i > 0; i--) bits |= BigInt(this.pick(values));
    return Number(BigInt.asUintN(64, bits));
  }
  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    this.rng.fillBytes(out);
    return out;
  }
}
