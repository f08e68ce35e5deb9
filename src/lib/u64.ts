// 64-bit integers as two 32-bit words. JS numbers carry addresses, sizes and times (exact to 2^53); what must keep every bit (masks, opaque
// values, register contents) stays a pair of words and is handled by the helpers below, without BigInt.

const WORD = 2 ** 32;

/** An unsigned 64-bit word at `at`, rounded beyond 2^53. */
export function readU64(data: DataView, at: number): number {
  return data.getUint32(at + 4, true) * WORD + data.getUint32(at, true);
}

/** A signed 64-bit word at `at`, rounded beyond 2^53. */
export function readI64(data: DataView, at: number): number {
  return data.getInt32(at + 4, true) * WORD + data.getUint32(at, true);
}

/** Writes an integer below 2^64; negative ones as two's complement. */
export function writeU64(data: DataView, at: number, value: number): void {
  data.setUint32(at, value, true);
  data.setUint32(at + 4, Math.floor(value / WORD), true);
}

/** The number that two words make, unsigned. */
export const fromWords = (lo: number, hi: number): number => (hi >>> 0) * WORD + (lo >>> 0);
/** The number that two words make, signed. */
export const fromWordsSigned = (lo: number, hi: number): number => (hi | 0) * WORD + (lo >>> 0);
/** The low word of a number, unsigned. */
export const lowWord = (value: number): number => value >>> 0;
/** The high word of a number, unsigned; of two's complement for negative ones. */
export const highWord = (value: number): number => Math.floor(value / WORD) >>> 0;

/** The high word of the sum of two pairs; its low word is (aLo + bLo) >>> 0. */
export function addHigh(aLo: number, aHi: number, bLo: number, bHi: number): number {
  const carry = (aLo >>> 0) + (bLo >>> 0) >= WORD ? 1 : 0;
  return (aHi + bHi + carry) >>> 0;
}

/** -1, 0 or 1 as the first pair is below, equal to or above the second, unsigned. */
export function compareWords(aLo: number, aHi: number, bLo: number, bHi: number): -1 | 0 | 1 {
  if (aHi >>> 0 !== bHi >>> 0) return aHi >>> 0 < bHi >>> 0 ? -1 : 1;
  if (aLo >>> 0 !== bLo >>> 0) return aLo >>> 0 < bLo >>> 0 ? -1 : 1;
  return 0;
}

/** Hexadecimal without prefix and without leading zeros; pass `digits` to pad. */
export function wordsToHex(lo: number, hi: number, digits = 1): string {
  const high = (hi >>> 0).toString(16);
  const low = (lo >>> 0).toString(16);
  return (hi === 0 ? low : high + low.padStart(8, '0')).padStart(digits, '0');
}

/** Unsigned decimal, every digit exact: long division by 10^7 over 16-bit limbs. */
export function wordsToDecimal(lo: number, hi: number): string {
  const limbs = [hi >>> 16, hi & 0xffff, lo >>> 16, lo & 0xffff];
  let out = '';
  for (;;) {
    let rest = 0;
    let left = 0;
    for (let i = 0; i < 4; i++) {
      const part = rest * 0x10000 + (limbs[i] as number);
      limbs[i] = Math.floor(part / 1e7);
      rest = part % 1e7;
      left |= limbs[i] as number;
    }
    if (left === 0) return rest + out;
    out = String(rest).padStart(7, '0') + out;
  }
}
