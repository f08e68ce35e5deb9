// Pseudo-random test operands, repeatable from a seed: uniform bits would almost never meet the corner cases, so half of the values come from a list of them.
import type { Instruction } from '../../src/machine/isa/table.ts';
import { extract, insert } from '../../src/machine/isa/encoding.ts';

/** xorshift32. */
export class Random {
  #s: number;
  constructor(seed: number) { this.#s = seed | 0 || 1; }
  u32(): number {
    let s = this.#s;
    s ^= s << 13; s ^= s >>> 17; s ^= s << 5;
    this.#s = s;
    return s >>> 0;
  }
  below(n: number): number { return this.u32() % n; }
  u64(): bigint { return BigInt(this.u32()) << 32n | BigInt(this.u32()); }

  /** An operand: corner case, small number, power of two neighbourhood, or anything. */
  operand(): bigint {
    switch (this.below(6)) {
      case 0: return BigInt.asUintN(64, CORNERS[this.below(CORNERS.length)]!);
      case 1: return BigInt.asUintN(64, BigInt(this.below(64)) - 32n);
      case 2: return BigInt.asUintN(64, (1n << BigInt(this.below(64))) + BigInt(this.below(3)) - 1n);
      case 3: return BigInt.asUintN(64, BigInt.asIntN(32, this.u64()));
      default: return this.u64();
    }
  }

  /** An operand for floating point: specials of both formats, boxed and badly boxed singles. */
  floatOperand(): bigint {
    const box = 0xffffffff00000000n;
    switch (this.below(5)) {
      case 0: return FLOATS[this.below(FLOATS.length)]! ^ BigInt(this.below(2)) << 63n;
      case 1: return box | (BigInt(SINGLES[this.below(SINGLES.length)]!) ^ BigInt(this.below(2)) << 31n);
      case 2: return box | BigInt(this.u32());
      case 3: return BigInt(1000 + this.below(50)) << 52n | this.u64() >> 12n;
      default: return this.u64();
    }
  }

  /** A random word of the row; registers are drawn from `registers`. */
  word(insn: Instruction, registers: readonly number[]): number {
    let word = insn.encoding.match | this.u32() & ~insn.encoding.mask;
    for (const [name, field] of Object.entries(insn.encoding.fields)) {
      if (!/^r[ds]/.test(name)) continue;
      word = word & ~insert(field, 31) | insert(field, registers[this.below(registers.length)]!);
    }
    const { rm } = insn.encoding.fields;
    if (rm !== undefined && [5, 6].includes(extract(rm, word))) word |= insert(rm, 7);
    return word >>> 0;
  }
}

const CORNERS = [0n, 1n, -1n, 2n, -2n, 0x7fffffffn, 0x80000000n, 0xffffffffn, -0x80000000n, 1n << 63n, (1n << 63n) - 1n, 0x00ff00ff00ff00ffn, 0x0100000000000001n];
const FLOATS = [0n, 1n, 0x3ff0000000000000n, 0x7ff0000000000000n, 0x7ff8000000000000n, 0x7ff0000000000001n, 0x0010000000000000n, 0x000fffffffffffffn,
  0x7fefffffffffffffn, 0x4340000000000000n, 0x43e0000000000000n, 0x43f0000000000000n, 0x41dfffffffc00000n, 0x41e0000000000000n, 0x3fe0000000000000n, 0x3ff8000000000000n];
const SINGLES = [0, 1, 0x3f800000, 0x7f800000, 0x7fc00000, 0x7f800001, 0x00800000, 0x007fffff, 0x7f7fffff, 0x4b000000, 0x4f000000, 0x5f000000, 0x3f000000, 0x3fc00000];
