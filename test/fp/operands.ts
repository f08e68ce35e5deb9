// Operands that hurt: special values of both formats, their neighbours, half-way cases, the edges of range, related pairs. For tests; deterministic.

const BOX = 0xffffffff00000000n;
const S_SPECIAL = [
  0x00000000n, 0x00000001n, 0x00000002n, 0x00400000n, 0x007fffffn, 0x00800000n, 0x00800001n, 0x00ffffffn, 0x01000000n, 0x0c800000n, 0x33000000n, 0x33800000n,
  0x34000000n, 0x3effffffn, 0x3f000000n, 0x3f000001n, 0x3f7fffffn, 0x3f800000n, 0x3f800001n, 0x3fc00000n, 0x40000000n, 0x40200000n, 0x40400000n, 0x4affffffn,
  0x4b000000n, 0x4b7fffffn, 0x4effffffn, 0x4f000000n, 0x4f7fffffn, 0x4f800000n, 0x5effffffn, 0x5f000000n, 0x5f7fffffn, 0x5f800000n, 0x7e800000n, 0x7effffffn,
  0x7f000000n, 0x7f7ffffen, 0x7f7fffffn, 0x7f800000n, 0x7f800001n, 0x7fa00000n, 0x7fc00000n, 0x7fc01234n, 0x7fffffffn,
];
const D_SPECIAL = [
  0x0000000000000000n, 0x0000000000000001n, 0x0000000000000002n, 0x0008000000000000n, 0x000fffffffffffffn, 0x0010000000000000n, 0x0010000000000001n,
  0x001fffffffffffffn, 0x0020000000000000n, 0x0350000000000000n, 0x1e60000000000000n, 0x369fffffffffffffn, 0x36a0000000000000n, 0x380fffffe0000000n,
  0x380fffffefffffffn, 0x380ffffff0000000n, 0x380fffffffffffffn, 0x3810000000000000n, 0x3ca0000000000000n, 0x3cb0000000000000n, 0x3fdfffffffffffffn,
  0x3fe0000000000000n, 0x3fe0000000000001n, 0x3fefffffffffffffn, 0x3ff0000000000000n, 0x3ff0000000000001n, 0x3ff8000000000000n, 0x4000000000000000n,
  0x4004000000000000n, 0x41dfffffffc00000n, 0x41dfffffffe00000n, 0x41e0000000000000n, 0x41efffffffe00000n, 0x41effffffff00000n, 0x41f0000000000000n,
  0x432fffffffffffffn, 0x4330000000000000n, 0x433fffffffffffffn, 0x43dfffffffffffffn, 0x43e0000000000000n, 0x43efffffffffffffn, 0x43f0000000000000n,
  0x47efffffe0000000n, 0x47efffffefffffffn, 0x47effffff0000000n, 0x47f0000000000000n, 0x5fe0000000000000n, 0x7fd0000000000000n, 0x7fe0000000000000n,
  0x7feffffffffffffen, 0x7fefffffffffffffn, 0x7ff0000000000000n, 0x7ff0000000000001n, 0x7ff4000000000000n, 0x7ff8000000000000n, 0x7ff8000000001234n,
  0x7fffffffffffffffn,
];
const INTEGERS = [0n, 1n, 2n, 0x00ffffffn, 0x01000001n, 0x01000003n, 0x7fffffbfn, 0x7fffffc0n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n,
  0x20000000000001n, 0x20000000000003n, 0x4000008000000000n, 0x4000008000000001n, 0x7ffffffffffffdffn, 0x7ffffffffffffe00n, 0x7fffffffffffffffn,
  0x8000000000000000n, 0xfffffffffffffbffn, 0xfffffffffffffc00n, 0xffffffff00000000n, 0xffffffffffffffffn, 0xffffffff80000000n];

/** Calls back with operand triples for an op. */
export class OperandSource {
  #state: bigint;
  constructor(seed: number) { this.#state = BigInt(seed) * 0x9e3779b97f4a7c15n & 0xffffffffffffffffn; }

  forEach(name: string, arity: number, rounds: number, visit: (a: bigint, b: bigint, c: bigint) => void): void {
    const from = name.split('.').at(-1)!;
    if (/^(w|wu|l|lu|x)$/.test(from)) {
      for (const a of INTEGERS) visit(a, 0n, 0n);
      for (let i = 0; i < rounds; i++) visit(this.bits() >> BigInt(this.below(64)), 0n, 0n);
      return;
    }
    const width = from === 's' || from === 'w' ? 32 : 64;
    const special = width === 32 ? S_SPECIAL.flatMap(v => [v | BOX, v | BOX | 0x80000000n]) : D_SPECIAL.flatMap(v => [v, v | 1n << 63n]);
    if (arity === 1) for (const a of special) visit(a, 0n, 0n);
    if (arity === 2) for (const a of special) for (const b of special) visit(a, b, 0n);
    for (let i = 0; i < rounds; i++) {
      const a = this.operand(width, special), b = this.related(width, special, a), c = this.related(width, special, a);
      visit(a, b, arity === 3 && this.below(4) === 0 ? this.#nearProduct(width, a, b) : c);
    }
  }

  bits(): bigint {                            // splitmix64
    this.#state = this.#state + 0x9e3779b97f4a7c15n & 0xffffffffffffffffn;
    let z = this.#state;
    z = (z ^ z >> 30n) * 0xbf58476d1ce4e5b9n & 0xffffffffffffffffn;
    z = (z ^ z >> 27n) * 0x94d049bb133111ebn & 0xffffffffffffffffn;
    return z ^ z >> 31n;
  }

  below(n: number): number { return Number(this.bits() % BigInt(n)); }

  /** One value: special, near a special one, or random with a significand of long runs and an exponent anywhere or in the middle. */
  operand(width: number, special: readonly bigint[]): bigint {
    const fraction = width === 32 ? 23n : 52n, all = width === 32 ? 0xffn : 0x7ffn;
    const pick = this.below(16);
    if (pick === 0) return special[this.below(special.length)]!;
    if (pick === 1) return this.#boxed(width, special[this.below(special.length)]! + BigInt(this.below(9)) - 4n);
    if (pick === 2 && width === 32) return this.bits(); // mostly not NaN-boxed
    let m = this.bits() & (1n << fraction) - 1n;
    const shape = this.below(6);
    if (shape === 0) m = m >> BigInt(this.below(Number(fraction)));
    if (shape === 1) m = m >> BigInt(this.below(Number(fraction))) << BigInt(this.below(Number(fraction))) & (1n << fraction) - 1n;
    if (shape === 2) m ^= m >> 1n | (1n << BigInt(this.below(Number(fraction)))) - 1n;
    if (shape === 3) m = 1n << BigInt(this.below(Number(fraction)));
    const range = this.below(4), bias = all >> 1n;
    let e = this.bits() & all;
    if (range === 0) e = bias + BigInt(this.below(9)) - 4n;
    if (range === 1) e = bias + BigInt(this.below(129)) - 64n;
    if (range === 2) e = this.below(2) === 0 ? BigInt(this.below(60)) : all - BigInt(this.below(60));
    if (e < 0n) e = 0n;
    if (e > all) e = all;
    return this.#boxed(width, (this.bits() & 1n) << BigInt(width - 1) | e << fraction | m);
  }

  /** Sometimes an operand of its own, sometimes one with an exponent near that of `a`, sometimes nearly a or -a. */
  related(width: number, special: readonly bigint[], a: bigint): bigint {
    const pick = this.below(8), fraction = width === 32 ? 23n : 52n;
    if (pick === 0) return this.#boxed(width, a ^ (this.bits() & 1n) << BigInt(width - 1) ^ BigInt(this.below(4)));
    const v = this.operand(width, special);
    if (pick > 3) return v;
    const e = (a >> fraction & (width === 32 ? 0xffn : 0x7ffn)) + BigInt(this.below(2 * Number(fraction) + 9)) - fraction - 4n;
    const all = width === 32 ? 0xffn : 0x7ffn;
    if (e < 0n || e >= all) return v;
    return this.#boxed(width, v & ~(all << fraction) | e << fraction);
  }

  /** An addend that nearly cancels a * b. */
  #nearProduct(width: number, a: bigint, b: bigint): bigint {
    const wide = new BigUint64Array(1), double = new Float64Array(wide.buffer), narrow = new Uint32Array(wide.buffer), single = new Float32Array(wide.buffer);
    const value = (v: bigint) => { wide[0] = v; return width === 32 ? single[0]! : double[0]!; };
    const p = value(a) * value(b);
    if (width === 32) { single[0] = -p; return this.#boxed(32, BigInt(narrow[0]!) ^ BigInt(this.below(4))); }
    double[0] = -p;
    return wide[0]! ^ BigInt(this.below(4));
  }

  #boxed(width: number, v: bigint): bigint { return width === 32 ? v & 0xffffffffn | BOX : v & 0xffffffffffffffffn; }
}
