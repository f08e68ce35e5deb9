// Words to rows. The candidates of a word share opcode and funct3 (16-bit: quadrant and funct3); the one with the most literal bits wins.
import { type Encoding, extract } from './encoding.ts';
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
  if ((word & 3) !== 3) return decodeCompressed(word & 0xffff, out);
  out.length = 4;
  out.compressed = null;
  const rows = buckets[bucket(word)]!;
  for (let i = 0; i < rows.length; i++) {
    const insn = rows[i]!, { encoding } = insn;
    if ((word & encoding.mask) >>> 0 !== encoding.match) continue;
    out.insn = insn;
    out.rd = word >>> 7 & 31 & encoding.rd;
    out.rs1 = word >>> 15 & 31 & encoding.rs1;
    out.rs2 = word >>> 20 & 31 & encoding.rs2;
    out.rs3 = word >>> 27 & encoding.rs3;
    out.rm = word >>> 12 & 7 & encoding.rm;
    out.imm = encoding.fields.imm === undefined ? 0 : extract(encoding.fields.imm, word);
    return true;
  }
  out.insn = null;
  out.rd = out.rs1 = out.rs2 = out.rs3 = out.rm = out.imm = 0;
  return false;
}

/** There are few 16-bit words, and programs use few of those: each is decoded once. Word -> place in `known` + 1; the first there is illegal. */
const places = new Uint16Array(65536);
const known: Decoded[] = [new Decoded()];

function decodeCompressed(word: number, out: Decoded): boolean {
  out.length = 2;
  let place = places[word]!;
  if (place === 0) {
    const d = new Decoded();
    place = places[word] = findCompressed(word, d) ? known.push(d) : 1;
  }
  const d = known[place - 1]!;
  out.rs3 = out.rm = 0;
  out.rd = d.rd;
  out.rs1 = d.rs1;
  out.rs2 = d.rs2;
  out.imm = d.imm;
  out.insn = d.insn;
  out.compressed = d.compressed;
  return d.insn !== null;
}

function findCompressed(word: number, out: Decoded): boolean {
  for (const c of compressedBuckets[compressedBucket(word)]!) {
    if ((word & c.encoding.mask) !== c.encoding.match) continue;
    out.rd = out.rs1 = out.rs2 = out.imm = 0;
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

/** The fields of `out` are zero. */
function fill(encoding: Encoding, word: number, out: Decoded): void {
  const { present } = encoding;
  for (let i = 0; i < present.length; i++) {
    const { name, field } = present[i]!, v = extract(field, word);
    switch (name) {
      case 'rd': out.rd = v; break;
      case 'rs1': out.rs1 = v; break;
      case 'rs2': out.rs2 = v; break;
      case 'rs3': out.rs3 = v; break;
      case 'rm': out.rm = v; break;
      case 'imm': out.imm = v; break;
    }
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
