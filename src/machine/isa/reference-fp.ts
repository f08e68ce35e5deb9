// The reference model of F and D arithmetic, for tests only: a finite value is sign * m * 2^e with BigInt m, computed exactly and rounded once, straight
// from the definitions (unprivileged spec "F", "D"; IEEE 754-2019). Slow and obvious; shares no code with fpu/, so that the two can accuse each other.

/** A register-sized result (64 bits, singles NaN-boxed, integers sign-extended) and the flags it raises (NV 16, DZ 8, OF 4, UF 2, NX 1). */
export interface FpResult { readonly result: bigint; readonly flags: number }

interface Format { readonly width: number; readonly fraction: number; readonly bias: number }
const S: Format = { width: 32, fraction: 23, bias: 127 };
const D: Format = { width: 64, fraction: 52, bias: 1023 };

type Value =
  | { readonly kind: 'nan'; readonly signaling: boolean; readonly negative: boolean }
  | { readonly kind: 'inf'; readonly negative: boolean }
  | { readonly kind: 'finite'; readonly negative: boolean; readonly m: bigint; readonly e: number };
type Finite = Extract<Value, { kind: 'finite' }>;

const NV = 16, DZ = 8, OF = 4, UF = 2, NX = 1;
const NAN: Value = { kind: 'nan', signaling: false, negative: false };
const mask = (bits: number) => (1n << BigInt(bits)) - 1n;
const signBit = (f: Format) => 1n << BigInt(f.width - 1);
const exponentMask = (f: Format) => mask(f.width - 1 - f.fraction) << BigInt(f.fraction);

function bitLength(m: bigint): number {
  const hex = m.toString(16);
  return 4 * hex.length + 28 - Math.clz32(parseInt(hex[0]!, 16));
}

/**
 * Executes the op (a mnemonic such as 'fmadd.d') on 64-bit register contents. `rm` is a rounding mode 0 to 4 (dynamic already resolved). The sources are
 * x or f registers as the instruction says.
 */
export function refFp(op: string, a: bigint, b: bigint, c: bigint, rm: number): FpResult {
  const [name, first, second] = op.split('.') as [string, string, string?];
  if (name === 'fmv') return move(first, second!, a);
  if (name === 'fcvt') return convert(first, second!, a, rm);
  const f = first === 's' ? S : D;
  const [x, y, z] = [unbox(f, a), unbox(f, b), unbox(f, c)];
  switch (name) {
    case 'fsgnj': return box(f, x & ~signBit(f) | y & signBit(f), 0);
    case 'fsgnjn': return box(f, x & ~signBit(f) | ~y & signBit(f), 0);
    case 'fsgnjx': return box(f, x ^ y & signBit(f), 0);
    case 'fclass': return { result: classify(f, x), flags: 0 };
    case 'fmin': case 'fmax': return minMax(f, name, x, y);
    case 'feq': case 'flt': case 'fle': return compare(f, name, x, y);
    default: return arithmetic(f, name, decode(f, x), decode(f, y), decode(f, z), rm);
  }
}

function move(to: string, from: string, a: bigint): FpResult {
  if (to === 'x') return { result: from === 'w' ? BigInt.asUintN(64, BigInt.asIntN(32, a)) : a, flags: 0 };
  return box(to === 'w' ? S : D, a & mask(to === 'w' ? 32 : 64), 0);
}

function convert(to: string, from: string, a: bigint, rm: number): FpResult {
  const target = to === 's' ? S : to === 'd' ? D : null;
  const source = from === 's' ? S : from === 'd' ? D : null;
  if (source !== null && target !== null) {
    const v = decode(source, unbox(source, a));
    return v.kind === 'nan' ? notANumber(target, v.signaling ? NV : 0) : round(target, v, rm);
  }
  if (target !== null) {
    const n = from === 'w' ? BigInt.asIntN(32, a) : from === 'wu' ? BigInt.asUintN(32, a) : from === 'l' ? BigInt.asIntN(64, a) : a;
    return round(target, { kind: 'finite', negative: n < 0n, m: n < 0n ? -n : n, e: 0 }, rm);
  }
  return toInteger(to, decode(source!, unbox(source!, a)), rm);
}

function toInteger(to: string, v: Value, rm: number): FpResult {
  const bits = to.startsWith('w') ? 32 : 64, unsigned = to.endsWith('u');
  const lowest = unsigned ? 0n : -(1n << BigInt(bits - 1)), highest = mask(unsigned ? bits : bits - 1);
  const registerOf = (n: bigint) => BigInt.asUintN(64, BigInt.asIntN(bits, n));
  if (v.kind === 'nan') return { result: registerOf(highest), flags: NV };
  if (v.kind === 'inf') return { result: registerOf(v.negative ? lowest : highest), flags: NV };
  const { q, exact } = roundShift(v.m, v.e, v.negative, rm);
  const n = v.negative ? -q : q;
  if (n < lowest || n > highest) return { result: registerOf(n < lowest ? lowest : highest), flags: NV };
  return { result: registerOf(n), flags: exact ? 0 : NX };
}

function arithmetic(f: Format, name: string, a: Value, b: Value, c: Value, rm: number): FpResult {
  const nan = (...operands: Value[]) => operands.some(v => v.kind === 'nan');
  const flagsOf = (...operands: Value[]) => (operands.some(v => v.kind === 'nan' && v.signaling) ? NV : 0);
  switch (name) {
    case 'fadd': case 'fsub':
      return nan(a, b) ? notANumber(f, flagsOf(a, b)) : addValues(f, a, name === 'fsub' ? negate(b) : b, rm);
    case 'fmul': {
      if (nan(a, b)) return notANumber(f, flagsOf(a, b));
      const p = product(a, b);
      return p.kind === 'nan' ? notANumber(f, NV) : round(f, p, rm);
    }
    case 'fdiv': return nan(a, b) ? notANumber(f, flagsOf(a, b)) : quotient(f, a, b, rm);
    case 'fsqrt': return nan(a) ? notANumber(f, flagsOf(a)) : root(f, a, rm);
    case 'fmadd': case 'fmsub': case 'fnmsub': case 'fnmadd': {
      const p = product(name.startsWith('fn') ? negate(a) : a, b), addend = name === 'fmsub' || name === 'fnmadd' ? negate(c) : c;
      const invalid = p.kind === 'nan' && !nan(a, b);
      if (p.kind === 'nan' || nan(c)) return notANumber(f, flagsOf(a, b, c) | (invalid ? NV : 0));
      return addValues(f, p, addend, rm);
    }
    default: throw new Error(`refFp: no operation ${name}`);
  }
}

/** Exact; NaN for 0 * infinity. */
function product(a: Value, b: Value): Value {
  if (a.kind === 'nan' || b.kind === 'nan') return NAN;
  const negative = a.negative !== b.negative;
  if (a.kind === 'finite' && b.kind === 'finite') return { kind: 'finite', negative, m: a.m * b.m, e: a.e + b.e };
  const zero = a.kind === 'finite' && a.m === 0n || b.kind === 'finite' && b.m === 0n;
  return zero ? NAN : { kind: 'inf', negative };
}

function addValues(f: Format, a: Value, b: Value, rm: number): FpResult {
  if (a.kind === 'inf' || b.kind === 'inf') {
    if (a.kind === 'inf' && b.kind === 'inf' && a.negative !== b.negative) return notANumber(f, NV);
    return round(f, a.kind === 'inf' ? a : b, rm);
  }
  const [x, y] = [a as Finite, b as Finite];
  const e = Math.min(x.e, y.e);
  const signed = (v: Finite) => (v.negative ? -v.m : v.m) << BigInt(v.e - e);
  const sum = signed(x) + signed(y);
  if (sum === 0n) return round(f, { kind: 'finite', negative: x.negative === y.negative && x.m === 0n && y.m === 0n ? x.negative : rm === 2, m: 0n, e: 0 }, rm);
  return round(f, { kind: 'finite', negative: sum < 0n, m: sum < 0n ? -sum : sum, e }, rm);
}

function quotient(f: Format, a: Value, b: Value, rm: number): FpResult {
  const negative = (a as Finite).negative !== (b as Finite).negative;
  if (a.kind === 'inf') return b.kind === 'inf' ? notANumber(f, NV) : round(f, { kind: 'inf', negative }, rm);
  if (b.kind === 'inf') return round(f, { kind: 'finite', negative, m: 0n, e: 0 }, rm);
  const [x, y] = [a as Finite, b as Finite];
  if (y.m === 0n) {
    if (x.m === 0n) return notANumber(f, NV);
    return { ...round(f, { kind: 'inf', negative }, rm), flags: DZ };
  }
  // 200 bits of quotient and one more bit that says whether something is left: no format's boundary can fall in between.
  const m = x.m << 200n, q = m / y.m;
  return round(f, { kind: 'finite', negative, m: q << 1n | (q * y.m === m ? 0n : 1n), e: x.e - y.e - 201 }, rm);
}

function root(f: Format, a: Value, rm: number): FpResult {
  const v = a as Exclude<Value, { kind: 'nan' }>;
  if (v.negative && !(v.kind === 'finite' && v.m === 0n)) return notANumber(f, NV);
  if (v.kind === 'inf' || v.m === 0n) return round(f, v, rm);
  const odd = v.e & 1, m = v.m << BigInt(200 + odd);
  let s = 1n << BigInt((bitLength(m) >> 1) + 1);
  for (let next = s; ; s = next) {             // Newton from above: falls until it is the floor of the root
    next = s + m / s >> 1n;
    if (next >= s) break;
  }
  return round(f, { kind: 'finite', negative: false, m: s << 1n | (s * s === m ? 0n : 1n), e: (v.e - odd - 200) / 2 - 1 }, rm);
}

/** m * 2^e as an integer, rounded. */
function roundShift(m: bigint, e: number, negative: boolean, rm: number): { q: bigint; exact: boolean } {
  if (e >= 0) return { q: m << BigInt(e), exact: true };
  const shift = BigInt(-e), q = m >> shift, rest = m - (q << shift);
  if (rest === 0n) return { q, exact: true };
  const twice = rest << 1n, one = 1n << shift;
  const up = [twice > one || twice === one && (q & 1n) === 1n, false, negative, !negative, twice >= one][rm]!;
  return { q: up ? q + 1n : q, exact: false };
}

/** Encodes a value that is not NaN. Tininess is detected after rounding, as if the exponent had no bounds. */
function round(f: Format, v: Value, rm: number): FpResult {
  if (v.kind === 'nan') throw new Error('refFp: NaN reached round');
  const sign = v.negative ? signBit(f) : 0n;
  if (v.kind === 'inf') return box(f, sign | exponentMask(f), 0);
  if (v.m === 0n) return box(f, sign, 0);

  const precision = f.fraction + 1, smallest = 1 - f.bias - f.fraction;
  const ideal = v.e + bitLength(v.m) - precision; // exponent of the last place, unbounded
  const unbounded = roundShift(v.m, v.e - ideal, v.negative, rm);
  const tiny = ideal + bitLength(unbounded.q) <= 1 - f.bias;
  const place = Math.max(ideal, smallest);
  const { q, exact } = roundShift(v.m, v.e - place, v.negative, rm);
  // q counts units of the last place; adding it to the exponent field lets a carry move up by itself.
  const encoded = (BigInt(place - smallest) << BigInt(f.fraction)) + q;
  if (encoded >= exponentMask(f)) {
    const toInfinity = [true, false, v.negative, !v.negative, true][rm]!;
    return box(f, sign | (toInfinity ? exponentMask(f) : exponentMask(f) - 1n), OF | NX);
  }
  return box(f, sign | encoded, exact ? 0 : tiny ? UF | NX : NX);
}

function minMax(f: Format, name: string, x: bigint, y: bigint): FpResult {
  const [a, b] = [decode(f, x), decode(f, y)];
  const flags = a.kind === 'nan' && a.signaling || b.kind === 'nan' && b.signaling ? NV : 0;
  if (a.kind === 'nan' && b.kind === 'nan') return notANumber(f, flags);
  if (a.kind === 'nan') return box(f, y, flags);
  if (b.kind === 'nan') return box(f, x, flags);
  return box(f, order(f, x) < order(f, y) === (name === 'fmin') ? x : y, flags);
}

function compare(f: Format, name: string, x: bigint, y: bigint): FpResult {
  const [a, b] = [decode(f, x), decode(f, y)];
  if (a.kind === 'nan' || b.kind === 'nan') {
    const signaling = a.kind === 'nan' && a.signaling || b.kind === 'nan' && b.signaling;
    return { result: 0n, flags: name !== 'feq' || signaling ? NV : 0 };
  }
  const isZero = (v: bigint) => (v & ~signBit(f)) === 0n;
  const equal = x === y || isZero(x) && isZero(y), less = !equal && order(f, x) < order(f, y);
  return { result: (name === 'feq' ? equal : name === 'flt' ? less : less || equal) ? 1n : 0n, flags: 0 };
}

/** A total order on non-NaN encodings, -0 below +0. */
const order = (f: Format, x: bigint) => ((x & signBit(f)) === 0n ? x : -1n - (x & ~signBit(f)));

function classify(f: Format, x: bigint): bigint {
  const v = decode(f, x);
  if (v.kind === 'nan') return v.signaling ? 1n << 8n : 1n << 9n;
  if (v.kind === 'inf') return v.negative ? 1n : 1n << 7n;
  const subnormal = (x & exponentMask(f)) === 0n;
  if (v.m === 0n) return v.negative ? 1n << 3n : 1n << 4n;
  if (subnormal) return v.negative ? 1n << 2n : 1n << 5n;
  return v.negative ? 1n << 1n : 1n << 6n;
}

const negate = (v: Value): Value => ({ ...v, negative: !v.negative });
const quietNan = (f: Format) => exponentMask(f) | 1n << BigInt(f.fraction - 1);
const notANumber = (f: Format, flags: number) => box(f, quietNan(f), flags);
const unbox = (f: Format, x: bigint) => (f === D ? x : x >> 32n === mask(32) ? x & mask(32) : quietNan(S));
const box = (f: Format, x: bigint, flags: number): FpResult => ({ result: f === D ? x : mask(32) << 32n | x, flags });

function decode(f: Format, x: bigint): Value {
  const negative = (x & signBit(f)) !== 0n, exponent = Number((x & exponentMask(f)) >> BigInt(f.fraction)), fraction = x & mask(f.fraction);
  if (exponent === Number(exponentMask(f) >> BigInt(f.fraction))) {
    if (fraction === 0n) return { kind: 'inf', negative };
    return { kind: 'nan', signaling: (fraction >> BigInt(f.fraction - 1)) === 0n, negative };
  }
  const m = exponent === 0 ? fraction : fraction | 1n << BigInt(f.fraction);
  return { kind: 'finite', negative, m, e: Math.max(exponent, 1) - f.bias - f.fraction };
}
