// The index of an image: every inode and directory entry of a root file system in one buffer, read through typed arrays without decoding.
// Opening it costs the same whatever it holds; names stay bytes until somebody asks. Little-endian. Contents live in a separate
// pack, page-aligned, at `offset[node]`. `encodeIndex` in image-tree.ts writes what this file reads.

/** First bytes of an index: 'KSPACEIX'. */
export const INDEX_MAGIC = [0x4b, 0x53, 0x50, 0x41, 0x43, 0x45, 0x49, 0x58];
export const INDEX_VERSION = 2;

/** Header words (32-bit): magic takes 0 and 1; the pack's length is a float64 at word 8; sections begin at byte HEADER_BYTES. */
export const HEADER_BYTES = 64;
export const H_VERSION = 2, H_CHECKSUM = 3, H_NODES = 4, H_ENTRIES = 5, H_STRINGS = 6, H_BYTES = 7, H_PACK_F64 = 4;

/** Node columns: float64 ones come first, then 32-bit ones, then the entries' columns, then the strings. */
export const F64_COLUMNS = 3, U32_COLUMNS = 9;

/** A read-only view of an index that has no `damage`. Node 0 is the root directory. */
export class ImageIndex {
  readonly nodes: number;
  /** Length that the pack must have. */
  readonly packBytes: number;
  /** Bytes of content; for a symbolic link the target's length; for a directory the sum of nothing: 0. */
  readonly size: Float64Array;
  /** Regular file: position in the pack. Symbolic link: position of the target in `strings`. */
  readonly offset: Float64Array;
  readonly mtimeSec: Float64Array;
  readonly mtimeNsec: Uint32Array;
  readonly mode: Uint32Array;
  readonly uid: Uint32Array;
  readonly gid: Uint32Array;
  readonly rdev: Uint32Array;
  readonly nlink: Uint32Array;
  readonly parent: Uint32Array;
  /** A directory's entries are firstEntry … firstEntry + entryCount - 1, sorted by name bytes. */
  readonly firstEntry: Uint32Array;
  readonly entryCount: Uint32Array;
  readonly entryNode: Uint32Array;
  /** One more than there are entries: name i is strings[nameStart[i]] … strings[nameStart[i + 1] - 1]. */
  readonly nameStart: Uint32Array;
  readonly strings: Uint8Array;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, HEADER_BYTES / 4);
    const n = this.nodes = words[H_NODES]!;
    const entries = words[H_ENTRIES]!;
    this.packBytes = new Float64Array(bytes.buffer, bytes.byteOffset, 8)[H_PACK_F64]!;
    const layout = columnOffsets(n, entries);
    const f64 = (i: number) => new Float64Array(bytes.buffer, bytes.byteOffset + layout.f64 + i * n * 8, n);
    const u32 = (i: number) => new Uint32Array(bytes.buffer, bytes.byteOffset + layout.u32 + i * n * 4, n);
    this.size = f64(0); this.offset = f64(1); this.mtimeSec = f64(2);
    this.mtimeNsec = u32(0); this.mode = u32(1); this.uid = u32(2); this.gid = u32(3); this.rdev = u32(4);
    this.nlink = u32(5); this.parent = u32(6); this.firstEntry = u32(7); this.entryCount = u32(8);
    this.entryNode = new Uint32Array(bytes.buffer, bytes.byteOffset + layout.entries, entries);
    this.nameStart = new Uint32Array(bytes.buffer, bytes.byteOffset + layout.entries + entries * 4, entries + 1);
    this.strings = bytes.subarray(layout.strings, layout.strings + words[H_STRINGS]!);
  }

  /** The node called `name` (a byte string) in directory `dir`, or -1. Binary search over the bytes. */
  lookup(dir: number, name: string): number {
    let lo = this.firstEntry[dir]!;
    let hi = lo + this.entryCount[dir]! - 1;
    while (lo <= hi) {
      const mid = (lo + hi) >>> 1;
      const order = this.#compare(mid, name);
      if (order === 0) return this.entryNode[mid]!;
      if (order < 0) lo = mid + 1; else hi = mid - 1;
    }
    return -1;
  }

  /** The name of entry `i` as a byte string. */
  nameOf(i: number): string {
    return byteString(this.strings, this.nameStart[i]!, this.nameStart[i + 1]!);
  }

  /** The target of symbolic link `node` as bytes. */
  target(node: number): Uint8Array {
    const at = this.offset[node]!;
    return this.strings.subarray(at, at + this.size[node]!);
  }

  #compare(entry: number, name: string): number {
    const start = this.nameStart[entry]!;
    const length = this.nameStart[entry + 1]! - start;
    const common = Math.min(length, name.length);
    for (let i = 0; i < common; i++) {
      const d = this.strings[start + i]! - name.charCodeAt(i);
      if (d !== 0) return d;
    }
    return length - name.length;
  }
}

/** Byte offsets of the sections for `n` nodes and `m` entries; the writer and the reader share it. */
export function columnOffsets(n: number, m: number): { f64: number; u32: number; entries: number; strings: number } {
  const f64 = HEADER_BYTES;
  const u32 = f64 + F64_COLUMNS * n * 8;
  const entries = u32 + U32_COLUMNS * n * 4;
  return { f64, u32, entries, strings: entries + m * 4 + (m + 1) * 4 };
}

/** More words than this are sampled evenly: the sum is on the way of every start, when JavaScript is still slow. */
const SUMMED_WORDS = 4096;

/** Catches truncated and damaged files, not malice: a rotating 32-bit sum over words behind the checksum (the length is a multiple of 4). */
export function checksum(words: Uint32Array): number {
  const step = Math.ceil(words.length / SUMMED_WORDS);
  let sum = 0x6b737061;
  for (let i = H_CHECKSUM + 1; i < words.length; i += step) sum = Math.imul((sum << 5 | sum >>> 27) ^ words[i]!, 0x9e3779b1);
  return sum >>> 0;
}

/** Why these bytes are no index, in words for the user; null: they are one. */
export function damage(bytes: Uint8Array): string | null {
  if (bytes.length < HEADER_BYTES || INDEX_MAGIC.some((b, i) => bytes[i] !== b)) return 'this is no image index';
  if (bytes.length % 4 !== 0) return 'the index is truncated';
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  if (words[H_VERSION] !== INDEX_VERSION) return `the index has format ${words[H_VERSION]}, this kspace reads format ${INDEX_VERSION}`;
  if (words[H_BYTES] !== bytes.length) return 'the index is truncated';
  if (words[H_CHECKSUM] !== checksum(words)) return 'the index is damaged (checksum mismatch)';
  return columnOffsets(words[H_NODES]!, words[H_ENTRIES]!).strings + words[H_STRINGS]! > bytes.length ? 'the index is shorter than it says' : null;
}

function byteString(bytes: Uint8Array, start: number, end: number): string {
  let s = '';
  for (let i = start; i < end; i++) s += String.fromCharCode(bytes[i]!);
  return s;
}
