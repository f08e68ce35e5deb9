// Sizes as people write them.

const UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Bytes of a number, or of '64M', '1.5G', '4096k'. Throws RangeError for anything else. */
export function parseSize(size: number | string): number {
  if (typeof size === 'number') return size;
  const m = /^(\d+(?:\.\d+)?)\s*([bkmg]?)(?:i?b)?$/i.exec(size.trim());
  if (m === null) throw new RangeError(`not a size: ${size}`);
  return Math.floor(Number(m[1]) * UNITS[m[2]!.toUpperCase()]!);
}
