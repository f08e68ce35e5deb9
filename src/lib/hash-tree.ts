// Merkle trees over blocks of 4 KiB with SHA-256, in the one shape that dm-verity (Documentation/admin-guide/device-mapper/verity.rst) and fs-verity
// (Documentation/filesystems/fsverity.rst) share: a tree block holds 128 hashes, zeros behind the last; levels are stored the topmost first; the root
// hash is that of the only topmost block, or of the only data block. They differ in the salt that goes in front of every block.
import { Sha256, SHA256_BYTES } from './sha256.ts';

export const TREE_BLOCK = 4096;
const HASHES = TREE_BLOCK / SHA256_BYTES;

/** Where the levels of a tree over `dataBlocks` blocks lie. Level 0 has the hashes of the data. */
export class TreeShape {
  readonly dataBlocks: number;
  /** Number of the first block of each level in the stored tree, and how many blocks it has. */
  readonly first: readonly number[];
  readonly counts: readonly number[];
  /** Blocks of the stored tree. */
  readonly blocks: number;

  constructor(dataBlocks: number) {
    this.dataBlocks = dataBlocks;
    const counts: number[] = [];
    for (let n = dataBlocks; n > 1;) counts.push(n = Math.ceil(n / HASHES));
    const first = counts.map(() => 0);
    let at = 0;
    for (let l = counts.length - 1; l >= 0; l--) {
      first[l] = at;
      at += counts[l]!;
    }
    this.counts = counts;
    this.first = first;
    this.blocks = at;
  }
}

/** Makes a tree: data blocks are added in order, then the levels above them are computed. */
export class TreeBuilder {
  private readonly shape: TreeShape;
  private readonly salt: Uint8Array;
  private readonly hash = new Sha256();
  private readonly tree: Uint8Array<ArrayBuffer>;
  /** Nothing is hashed to zeros. */
  private readonly root = new Uint8Array(SHA256_BYTES);
  private added = 0;

  constructor(dataBlocks: number, salt: Uint8Array) {
    this.shape = new TreeShape(dataBlocks);
    this.salt = salt;
    this.tree = new Uint8Array(this.shape.blocks * TREE_BLOCK);
  }

  /** The block of data at `at`. */
  add(bytes: Uint8Array, at = 0): void {
    const { tree, shape } = this;
    if (shape.counts.length === 0) this.digest(bytes, at, this.root, 0);
    else this.digest(bytes, at, tree, shape.first[0]! * TREE_BLOCK + this.added++ * SHA256_BYTES);
  }

  finish(): { readonly tree: Uint8Array<ArrayBuffer>; readonly root: Uint8Array } {
    const { tree, shape: { first, counts }, root } = this;
    for (let l = 0; l < counts.length; l++) {
      const isTop = l === counts.length - 1;
      for (let i = 0; i < counts[l]!; i++) {
        this.digest(tree, (first[l]! + i) * TREE_BLOCK, isTop ? root : tree, isTop ? 0 : first[l + 1]! * TREE_BLOCK + i * SHA256_BYTES);
      }
    }
    return { tree, root };
  }

  private digest(bytes: Uint8Array, at: number, out: Uint8Array, to: number): void {
    this.hash.reset().update(this.salt).update(bytes, at, at + TREE_BLOCK).digest(out, to);
  }
}

/**
 * Judges blocks by a root hash. Tree blocks come from wherever they are kept, which is not trusted: `needs` names the next one that is missing for a
 * data block, `accept` takes it if it is the right one. What was accepted is kept, so that a block of data usually costs one hash.
 */
export class TreeVerifier {
  readonly shape: TreeShape;
  private readonly salt: Uint8Array;
  private readonly root: Uint8Array;
  private readonly hash = new Sha256();
  private readonly known = new Map<number, Uint8Array>();
  private readonly digest = new Uint8Array(SHA256_BYTES);

  constructor(dataBlocks: number, salt: Uint8Array, root: Uint8Array) {
    this.shape = new TreeShape(dataBlocks);
    this.salt = salt;
    this.root = root;
  }

  /** The tree block to be accepted next before data block `n` can be checked; -1: all are here. */
  needs(n: number): number {
    const { first } = this.shape;
    let missing = -1;
    for (let l = 0, i = n; l < first.length; l++) {
      i = Math.floor(i / HASHES);
      if (this.known.has(first[l]! + i)) break;
      missing = first[l]! + i;
    }
    return missing;
  }

  /** Takes tree block `n`, which `needs` has named, if its hash is the one above it. */
  accept(n: number, bytes: Uint8Array, at = 0): boolean {
    const { first } = this.shape;
    const l = first.findIndex(f => f <= n);
    if (!this.isRight(bytes, at, l + 1, n - first[l]!)) return false;
    this.known.set(n, bytes.slice(at, at + TREE_BLOCK));
    return true;
  }

  /** Is this data block `n`? All tree blocks that it needs must have been accepted. */
  check(n: number, bytes: Uint8Array, at = 0): boolean {
    return n < this.shape.dataBlocks && this.isRight(bytes, at, 0, n);
  }

  /** Compares with hash `i` of `level`; the level above the topmost is the root hash. */
  private isRight(bytes: Uint8Array, at: number, level: number, i: number): boolean {
    const { digest, shape: { first } } = this;
    this.hash.reset().update(this.salt).update(bytes, at, at + TREE_BLOCK).digest(digest);
    const isTop = level >= first.length;
    const expected = isTop ? this.root : this.known.get(first[level]! + Math.floor(i / HASHES));
    const from = isTop ? 0 : i % HASHES * SHA256_BYTES;
    if (expected === undefined) return false;
    for (let b = 0; b < SHA256_BYTES; b++) if (digest[b] !== expected[from + b]) return false;
    return true;
  }
}
