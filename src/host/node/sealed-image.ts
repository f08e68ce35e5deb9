// The directory of a sealed image (lib/image-seal.ts) on the host: its seal, the signature of it, and the image's blocks, each checked when it is read.
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import { EIO } from '../../abi/errno.ts';
import { TREE_BLOCK, TreeVerifier } from '../../lib/hash-tree.ts';
import type { ImageIndex } from '../../lib/image-index.ts';
import { fromHex, isTreeHeader, parseSeal, type Seal, SEAL_FILE, SIGNATURE_FILE, TREE_FILE, TREE_START } from '../../lib/image-seal.ts';
import { ImageFs, type Pack } from '../image-fs.ts';
import { BadImage, openIndex } from '../image-index.ts';
import { DATA_FILE, INDEX_FILE } from './image-fs.ts';

/** What a seal must be like; without anything, any seal that fits its image will do. */
export interface SealDemand {
  /** SHA-256 of the seal, hexadecimal. */
  readonly rootHash?: string | undefined;
  /** A PEM file with the ed25519 key that has signed it (the private one will do, too). */
  readonly keyFile?: string | undefined;
}

export interface SealedImage { readonly fs: ImageFs; readonly index: ImageIndex; readonly pack: SealedPack; readonly seal: Seal; readonly rootHash: string; close(): void }

/** Opens a sealed image: seal, signature and index are checked now, data when it is read. Throws BadImage. */
export function openSealedImage(dir: string, demand: SealDemand): SealedImage {
  const { seal, rootHash } = readSeal(dir, demand);
  const bytes = readFileSync(join(dir, INDEX_FILE));
  if (bytes.length !== seal.indexBytes || createHash('sha256').update(bytes).digest('hex') !== seal.indexHash) throw new BadImage('its index is not the one that was sealed');
  const index = openIndex(new Uint8Array(bytes));
  const pack = new SealedPack(dir, seal);
  if (!pack.hasHeader(seal)) {
    pack.close();
    throw new BadImage('its tree does not begin as it was sealed');
  }
  return { fs: new ImageFs(index, pack), index, pack, seal, rootHash, close: () => pack.close() };
}

/** The seal of an image that satisfies `demand`. Throws BadImage. */
export function readSeal(dir: string, { rootHash, keyFile }: SealDemand): { seal: Seal; rootHash: string } {
  if (!existsSync(join(dir, SEAL_FILE))) throw new BadImage('it is not sealed (kspace image seal)');
  const text = readFileSync(join(dir, SEAL_FILE));
  const hash = createHash('sha256').update(text).digest('hex');
  if (rootHash !== undefined && rootHash !== hash) throw new BadImage(`its root hash is ${hash}, not ${rootHash}`);
  if (keyFile !== undefined) {
    if (!existsSync(join(dir, SIGNATURE_FILE))) throw new BadImage('its seal is not signed');
    if (!isSignedBy(text, readFileSync(join(dir, SIGNATURE_FILE)), keyFile)) throw new BadImage(`its seal is not signed with the key of ${keyFile}`);
  }
  const seal = parseSeal(text.toString('latin1'));
  if (seal === null) throw new BadImage('its seal cannot be understood');
  return { seal, rootHash: hash };
}

function isSignedBy(text: Uint8Array, signature: Uint8Array, keyFile: string): boolean {
  try {
    const key = createPublicKey(readFileSync(keyFile));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is no ed25519 key');
    return verify(null, text, key, signature);
  } catch (e) {
    throw new BadImage(`the key ${keyFile} cannot be used: ${(e as Error).message}`);
  }
}

/** The contents of an image, checked block by block: EIO for what is not what was sealed. */
export class SealedPack implements Pack {
  readonly #data: number;
  readonly #tree: number;
  readonly #verifier: TreeVerifier;
  readonly #block = new Uint8Array(TREE_BLOCK);

  constructor(dir: string, seal: Seal) {
    this.#data = openSync(join(dir, DATA_FILE), 'r');
    this.#tree = openSync(join(dir, TREE_FILE), 'r');
    this.#verifier = new TreeVerifier(seal.dataBlocks, fromHex(seal.salt), fromHex(seal.dataRoot));
  }

  /** Is the block in front of the tree as it must be? */
  hasHeader(seal: Seal): boolean { return this.#read(this.#tree, 0) && isTreeHeader(seal, this.#block); }

  /** Bytes of the pack on the disk. */
  get size(): number { return fstatSync(this.#data).size; }

  readAt(into: Uint8Array, offset: number): number {
    for (let done = 0; done < into.length;) {
      const at = offset + done, block = Math.floor(at / TREE_BLOCK);
      if (this.look(block) !== 'good') return EIO;
      const part = this.#block.subarray(at - block * TREE_BLOCK);
      into.set(part.subarray(0, into.length - done), done);
      done += part.length;
    }
    return into.length;
  }

  /** Reads a block and says what is wrong with it, or with the tree above it. */
  look(block: number): 'good' | 'bad data' | 'bad tree' {
    const verifier = this.#verifier;
    for (let n = verifier.needs(block); n >= 0; n = verifier.needs(block)) {
      if (!this.#read(this.#tree, TREE_START + n) || !verifier.accept(n, this.#block)) return 'bad tree';
    }
    return this.#read(this.#data, block) && verifier.check(block, this.#block) ? 'good' : 'bad data';
  }

  close(): void {
    closeSync(this.#data);
    closeSync(this.#tree);
  }

  /** A block of a file; zeros behind the end. */
  #read(fd: number, block: number): boolean {
    try {
      this.#block.fill(0, readSync(fd, this.#block, 0, TREE_BLOCK, block * TREE_BLOCK));
      return true;
    } catch {
      return false;
    }
  }
}
