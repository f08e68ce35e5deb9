// Rounding: turns an exact value into binary64 or binary32 under any rounding mode and raises the flags (unprivileged spec, "F", fcsr; IEEE 754-2019, 4.3).
// Invariant: an exact value is (r + e) * 2^scale with r = the double nearest to r + e (ties to even), so r is at most one step from every answer.

export const RNE = 0, RTZ = 1, RDN = 2, RUP = 3, RMM = 4;
/** fflags. */
export const NX = 1, UF = 2, OF = 4, DZ = 8, NV = 16;

const SIGN = 0x80000000 | 0;
const MAX_SINGLE = 0x7f7fffff, INF_SINGLE = 0x7f800000;

/** One value on its way from an operation to a register. Reused: no operation allocates. */
export class Accumulator {
  mode = RNE;
  flags = 0;
  /** The exact value, (r + e) * 2^scale. e = 0 and scale = 0 for zeros, infinities and NaN. */
  r = 0;
  e = 0;
  scale = 0;
  /** The result as two words, after a rounding. */
  lo = 0;
  hi = 0;
  readonly f64 = new Float64Array(1);
  readonly words = new Int32Array(this.f64.buffer);
  readonly f32 = new Float32Array(1);
  readonly word = new Int32Array(this.f32.buffer);

  set(r: number, e: number, scale: number): void {
    this.r = r;
    this.e = e;
    this.scale = scale;
  }
  invalid(): void {
    this.flags |= NV;
    this.set(NaN, 0, 0);
  }
}

/** Rounds to binary64. */
export function roundToDouble(acc: Accumulator): void {
  const { r, e, scale, words } = acc;
  if (r !== r) { acc.hi = 0x7ff80000; acc.lo = 0; return; }
  acc.f64[0] = r;
  let lo = words[0]!, hi = words[1]!;
  if (e === 0 && scale === 0) { acc.hi = hi; acc.lo = lo; return; }

  let biased = (hi >>> 20 & 0x7ff) + scale;
  const sign = hi & SIGN;
  hi &= 0xfffff;
  if (e !== 0) {
    const step = stepFrom(acc, acc.mode === RMM && isTieDouble(acc));
    if (step > 0) {
      lo = lo + 1 | 0;
      if (lo === 0 && ++hi === 0x100000) { hi = 0; biased++; }
    } else if (step < 0) {
      if (lo === 0 && --hi < 0) { hi = 0xfffff; biased--; }
      lo = lo - 1 | 0;
    }
  }
  if (biased > 2046) {
    const toInfinity = overflowsToInfinity(acc, sign);
    acc.hi = sign | (toInfinity ? 0x7ff00000 : 0x7fefffff);
    acc.lo = toInfinity ? 0 : -1;
  } else if (biased < 1) {
    roundToSubnormal(acc);
  } else {
    if (e !== 0) acc.flags |= NX;
    acc.hi = sign | biased << 20 | hi;
    acc.lo = lo;
  }
}

/** Where the result lies from |r|: 0, one step up (1) or one step down (-1) in magnitude. */
function stepFrom(acc: Accumulator, tie: boolean): number {
  const { r, e } = acc;
  const beyond = e < 0 === r < 0;             // |exact| > |r|
  switch (acc.mode) {
    case RTZ: return beyond ? 0 : -1;
    case RDN: return e > 0 ? 0 : r < 0 ? 1 : -1;
    case RUP: return e < 0 ? 0 : r > 0 ? 1 : -1;
    case RMM: return tie && beyond ? 1 : 0;
    default: return 0;
  }
}

/** Whether r + e is half-way between r and the next double outwards. */
function isTieDouble(acc: Accumulator): boolean {
  const words = acc.words;                    // hold r
  const lo = words[0]!, hi = words[1]!;
  words[0] = lo + 1;
  if (words[0] === 0) words[1] = hi + 1;
  return acc.f64[0]! - acc.r === 2 * acc.e;
}

function overflowsToInfinity(acc: Accumulator, sign: number): boolean {
  acc.flags |= OF | NX;
  return acc.mode === RNE || acc.mode === RMM || acc.mode === (sign < 0 ? RDN : RUP);
}

/** Rounds below 2^-1022, once more from the exact value: the significand as an integer, shifted right. Tiny, so UF when inexact. */
function roundToSubnormal(acc: Accumulator): void {
  acc.f64[0] = acc.r;
  const hi = acc.words[1]!, sign = hi & SIGN;
  const shift = Math.min(1 - (hi >>> 20 & 0x7ff) - acc.scale, 60);
  let significand = (hi & 0xfffff | 0x100000) * 2 ** 32 + (acc.words[0]! >>> 0);
  const sticky = acc.e !== 0;
  if (sticky && acc.e < 0 !== acc.r < 0) significand -= 1; // exact = significand + a fraction

  let q = Math.floor(significand / 2 ** shift);
  const rest = significand - q * 2 ** shift, half = 2 ** (shift - 1);
  if (rest !== 0 || sticky) {
    acc.flags |= UF | NX;
    const tie = rest === half && !sticky;
    const up = acc.mode === RNE ? rest >= half && !(tie && q % 2 === 0)
      : acc.mode === RMM ? rest >= half : acc.mode === (sign < 0 ? RDN : RUP);
    if (up) q += 1;
  }
  acc.hi = sign | Math.floor(q / 2 ** 32);
  acc.lo = q | 0;
}

/** Rounds to binary32, NaN-boxed. */
export function roundToSingle(acc: Accumulator): void {
  const { f32, word } = acc;
  acc.hi = -1;
  if (acc.r !== acc.r) { acc.lo = 0x7fc00000; return; }
  const v = oddDouble(acc);
  f32[0] = v;
  const nearest = f32[0]!, bits = word[0]!;
  acc.lo = bits;
  if (nearest === v) return;

  const sign = bits & SIGN;
  acc.r = v;                                  // of both only the signs count from here: nearest may be 0 or infinite
  acc.e = v - nearest;
  word[0] = bits + 1;
  const tie = v - nearest === (f32[0]! - nearest) / 2;
  const magnitude = (bits & 0x7fffffff) + stepFrom(acc, tie);
  if (magnitude >= INF_SINGLE || Math.abs(v) >= 2 ** 128) {
    acc.lo = sign | (overflowsToInfinity(acc, sign) ? INF_SINGLE : MAX_SINGLE);
    return;
  }
  acc.flags |= NX;
  acc.lo = sign | magnitude;
  if (Math.abs(v) < 2 ** -126 && !(magnitude === 0x00800000 && roundsToNormal(acc, Math.abs(v)))) acc.flags |= UF;
}

/** Tininess is judged after rounding with unbounded exponent: does a value just below 2^-126 reach it with 24 bits? */
function roundsToNormal(acc: Accumulator, magnitude: number): boolean {
  const nearest = acc.mode === RNE || acc.mode === RMM;
  return nearest ? magnitude >= 2 ** -126 - 2 ** -151 : magnitude > 2 ** -126 - 2 ** -150;
}

/** (r + e) * 2^scale as one double that rounds to 24 bits as the exact value does. */
function oddDouble(acc: Accumulator): number {
  const odd = toOdd(acc, acc.r, acc.e);
  return acc.scale === 0 ? odd : odd * 2 ** acc.scale;
}

/**
 * r + e (r the nearest double) rounded to odd: r itself if e is 0, else the neighbour whose significand is odd. Rounding that again, to fewer bits,
 * gives what rounding the exact value would (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
 */
export function toOdd(acc: Accumulator, r: number, e: number): number {
  const { f64, words } = acc;
  if (e === 0) return r;
  f64[0] = r;
  const lo = words[0]!;
  if ((lo & 1) !== 0) return r;
  if (e < 0 === r < 0) {
    words[0] = lo + 1;
  } else {
    if (lo === 0) words[1] = words[1]! - 1;
    words[0] = lo - 1;
  }
  return f64[0]!;
}
