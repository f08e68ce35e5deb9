// Words to rows. The candidates of a word share opcode and funct3 (16-bit: quadrant and funct3); the one with the most literal bits wins.
import { type Encoding, extract, FIELD_NAMES } from './encoding.ts';
import { COMPRESSED, type CompressedInstruction, type Instruction, INSTRUCTIONS } from './table.ts';

/** A decoded instruction. One object is filled again and again: decoding allocates nothing. */
export class Decoded {
  insn: Instruction | null = null;
  /** The 16-bit spelling, if it was one. */
  compressed: CompressedInstruction | null = null;
  length: 2 | 4 = 4;
  rd = 0;
  rs1 = 0;
  rs2 = 0;
  rs3 = 0;
  rm = 0;
  imm = 0;
}

/** Fills `out` from the instruction that starts with `word` (the upper half does not count for a 16-bit one). False: illegal. */
export function decode(word: number, out: Decoded): boolean {
  out.compressed = null;
  out.insn = null;
  out.rd = out.rs1 = out.rs2 = out.rs3 = out.rm = out.imm = 0;
  if ((word & 3) !== 3) return decodeCompressed(word & 0xffff, out);
  out.length = 4;
  for (const insn of buckets[bucket(word)]!) {
    const { encoding } = insn;
    if ((word & encoding.mask) >>> 0 !== encoding.match) continue;
    out.insn = insn;
    fill(encoding, word, out);
    return true;
  }
  return false;
}

function decodeCompressed(word: number, out: Decoded): boolean {
  out.length = 2;
  for (const c of compressedBuckets[compressedBucket(word)]!) {
    if ((word & c.encoding.mask) !== c.encoding.match) continue;
    fill(c.encoding, word, out);
    if (isReserved(c, out)) continue;
    for (const key in c.row.with) {
      const v = c.row.with[key]!;
      out[key as 'rd'] = typeof v === 'number' ? v : out[v];
    }
    out.insn = c.target;
    out.compressed = c;
    return true;
  }
  return false;
}

function fill(encoding: Encoding, word: number, out: Decoded): void {
  for (const name of FIELD_NAMES) {
    const field = encoding.fields[name];
    out[name] = field === undefined ? 0 : extract(field, word);
  }
}

function isReserved(c: CompressedInstruction, d: Decoded): boolean {
  for (const key in c.row.not) if (c.row.not[key]!.includes(d[key as 'rd'])) return true;
  return false;
}

const bucket = (word: number): number => (word >>> 2 & 31) << 3 | word >>> 12 & 7;
const compressedBucket = (word: number): number => (word & 3) << 3 | word >>> 13;

const buckets = fillBuckets(INSTRUCTIONS, 256, bucket, 0x707c);
const compressedBuckets = fillBuckets(COMPRESSED, 32, compressedBucket, 0xe003);

/** A row stands in every bucket that its literal bits within `keyMask` allow. */
function fillBuckets<T extends { readonly encoding: Encoding }>(rows: readonly T[], count: number, keyOf: (word: number) => number, keyMask: number): readonly (readonly T[])[] {
  const out: T[][] = Array.from({ length: count }, () => []);
  const sorted = [...rows].sort((a, b) => ones(b.encoding.mask) - ones(a.encoding.mask));
  for (const row of sorted) {
    const free = keyMask & ~row.encoding.mask;
    for (let sub = free; ; sub = sub - 1 & free) {
      out[keyOf(row.encoding.match | sub)]!.push(row);
      if (sub === 0) break;
    }
  }
  return out;
}

function ones(n: number): number {
  let count = 0;
  for (let v = n >>> 0; v !== 0; v = (v & v - 1) >>> 0) count++;
  return count;
}
