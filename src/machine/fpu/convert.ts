// Conversions between doubles (of either format's value) and integers (unprivileged spec, "F", "Single-Precision Floating-Point Conversion": the table of
// valid ranges; out of range and NaN saturate with NV only).
import { type Accumulator, NV, NX, RDN, RMM, RNE, RTZ, RUP } from './rounding.ts';

/** The integer types of fcvt, in the order of their op numbers: w, wu, l, lu. */
const LOWEST = [-(2 ** 31), 0, -(2 ** 63), 0];
const BEYOND = [2 ** 31, 2 ** 32, 2 ** 63, 2 ** 64];
const LOWEST_HI = [-1, 0, 0x80000000 | 0, 0];
const LOWEST_LO = [0x80000000 | 0, 0, 0, 0];
const HIGHEST_HI = [0, -1, 0x7fffffff, -1]; // wu: 2^32 - 1 sign-extended, as every 32-bit result is
const HIGHEST_LO = [0x7fffffff, -1, -1, -1];

/** x to integer type `type` (0 w, 1 wu, 2 l, 3 lu) in acc.hi, acc.lo. */
export function toInteger(acc: Accumulator, x: number, type: number): void {
  const n = roundToIntegral(x, acc.mode);
  if (n < LOWEST[type]!) {
    acc.flags |= NV;
    acc.hi = LOWEST_HI[type]!;
    acc.lo = LOWEST_LO[type]!;
  } else if (!(n < BEYOND[type]!)) {          // NaN too
    acc.flags |= NV;
    acc.hi = HIGHEST_HI[type]!;
    acc.lo = HIGHEST_LO[type]!;
  } else {
    if (n !== x) acc.flags |= NX;
    const hi = Math.floor(n / 2 ** 32);
    acc.lo = n - hi * 2 ** 32 | 0;
    acc.hi = type < 2 ? acc.lo >> 31 : hi | 0;
  }
}

function roundToIntegral(x: number, mode: number): number {
  if (!(Math.abs(x) < 2 ** 52)) return x;     // integers, infinities, NaN
  switch (mode) {
    case RNE: return x < 0 ? x - 2 ** 52 + 2 ** 52 : x + 2 ** 52 - 2 ** 52;
    case RTZ: return Math.trunc(x);
    case RDN: return Math.floor(x);
    case RUP: return Math.ceil(x);
    case RMM: {
      const t = Math.trunc(x);
      return Math.abs(x - t) < 0.5 ? t : t + Math.sign(x);
    }
    default: return NaN;
  }
}

/** The integer hi:lo of type `type` as an exact value. */
export function fromInteger(acc: Accumulator, hi: number, lo: number, type: number): void {
  const low = lo >>> 0;
  switch (type) {
    case 0: acc.set(lo, 0, 0); return;
    case 1: acc.set(low, 0, 0); return;
    default: {
      const high = (type === 2 ? hi : hi >>> 0) * 2 ** 32, sum = high + low;
      acc.set(sum, low - (sum - high), 0);
    }
  }
}
