// The LZ4 block format (github.com/lz4/lz4, doc/lz4_Block_format.md): sequences of literals and matches. A greedy coder with a hash of four bytes for
// inputs up to 64 KiB, made for pages of memory, and a decoder that trusts nobody.

const MIN_MATCH = 4;
/** The last five bytes are literals, and no match begins in the last twelve. */
const LAST_LITERALS = 5, MATCH_LIMIT = 12;
const HASH_BITS = 12;
const FAILED = -1;

/** Holds the table, so that nothing is allocated per call. */
export class Lz4 {
  /** Position + base of the last occurrence of a hash; entries below `base` are of earlier inputs. */
  private readonly table = new Int32Array(1 << HASH_BITS);
  private base = 1;

  /** Codes src[from, to) into `dst`, at most `dst.length` bytes; how many, or -1 if that is not enough. */
  compress(src: Uint8Array, from: number, to: number, dst: Uint8Array): number {
    const { table } = this;
    this.renew(to - from);
    const { base } = this;
    this.base += to - from;                   // also if this input turns out not to fit
    const last = to - MATCH_LIMIT, end = to - LAST_LITERALS;
    let at = from, anchor = from, out = 0, misses = 0;
    while (at <= last) {
      const word = read32(src, at);
      const h = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
      const seen = table[h]! - base + from;
      table[h] = at - from + base;
      if (seen < from || read32(src, seen) !== word) {
        at += 1 + (misses++ >> 6);            // what does not compress is passed over ever faster
        continue;
      }
      misses = 0;
      let length = MIN_MATCH;
      while (at + length < end && src[at + length] === src[seen + length]) length++;
      out = putSequence(src, anchor, at, at - seen, length, dst, out);
      if (out < 0) return FAILED;
      at += length;
      anchor = at;
    }
    return putLiterals(src, anchor, to, dst, out, 0);
  }

  /** Positions must stay distinguishable from those of earlier inputs. */
  private renew(length: number): void {
    if (this.base + length < 2 ** 31 - 1) return;
    this.table.fill(0);
    this.base = 1;
  }
}

/** Decodes src[from, to) into dst[at, end); the number of bytes, or -1 for what is no LZ4 block or does not fit. */
export function decompress(src: Uint8Array, from: number, to: number, dst: Uint8Array, at: number, end: number): number {
  let i = from, o = at;
  while (i < to) {
    const token = src[i++]!;
    let literals = token >>> 4;
    if (literals === 15) for (let more = 255; more === 255; literals += more) { if (i >= to) return FAILED; more = src[i++]!; }
    if (literals > to - i || literals > end - o) return FAILED;
    for (let k = 0; k < literals; k++) dst[o++] = src[i++]!;
    if (i >= to) return o - at;
    if (to - i < 2) return FAILED;
    const offset = src[i]! | (src[i + 1]! << 8);
    i += 2;
    let length = (token & 15) + MIN_MATCH;
    if ((token & 15) === 15) for (let more = 255; more === 255; length += more) { if (i >= to) return FAILED; more = src[i++]!; }
    if (offset === 0 || offset > o - at || length > end - o) return FAILED;
    for (let k = 0; k < length; k++, o++) dst[o] = dst[o - offset]!;
  }
  return o - at;
}

function read32(b: Uint8Array, at: number): number { return b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24); }

/** Literals src[anchor, at), then a match; where it ends in `dst`, or -1. */
function putSequence(src: Uint8Array, anchor: number, at: number, offset: number, length: number, dst: Uint8Array, start: number): number {
  const rest = length - MIN_MATCH;
  let out = putLiterals(src, anchor, at, dst, start, Math.min(rest, 15));
  if (out < 0 || out + 3 + Math.floor(rest / 255) > dst.length) return FAILED;
  dst[out++] = offset & 255;
  dst[out++] = offset >>> 8;
  return rest >= 15 ? putLength(dst, out, rest - 15) : out;
}

/** The token, whose low half is `matchCode`, and the literals. */
function putLiterals(src: Uint8Array, anchor: number, at: number, dst: Uint8Array, start: number, matchCode: number): number {
  const count = at - anchor;
  if (start + 2 + Math.floor(count / 255) + count > dst.length) return FAILED;
  let out = start;
  dst[out++] = (Math.min(count, 15) << 4) | matchCode;
  if (count >= 15) out = putLength(dst, out, count - 15);
  for (let i = anchor; i < at; i++) dst[out++] = src[i]!;
  return out;
}

function putLength(dst: Uint8Array, start: number, length: number): number {
  let out = start, rest = length;
  for (; rest >= 255; rest -= 255) dst[out++] = 255;
  dst[out++] = rest;
  return out;
}
