// `kspace image seal` and `verify`: a Merkle tree over an image's data in the format of dm-verity (veritysetup(8) can check it), a short text that names tree
// and index by their hashes (lib/image-seal.ts), and an ed25519 signature of that text.
import { createHash, createPrivateKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATA_FILE, INDEX_FILE } from '../host/node/image-fs.ts';
import { openSealedImage, readSeal, type SealDemand } from '../host/node/sealed-image.ts';
import { TREE_BLOCK, TreeBuilder } from '../lib/hash-tree.ts';
import type { ImageIndex } from '../lib/image-index.ts';
import { formatSeal, fromHex, type Seal, SEAL_FILE, SIGNATURE_FILE, TREE_FILE, treeHeader } from '../lib/image-seal.ts';
import { toHex } from '../lib/sha256.ts';
import { UserError } from '../host/user-error.ts';
import { ImageError } from './store.ts';

const SALT_BYTES = 32, CHUNK_BLOCKS = 256;

export interface SealRequest {
  /** The image's directory. */
  readonly dir: string;
  /** A PEM file with an ed25519 private key; undefined: the seal is not signed. */
  readonly keyFile: string | undefined;
  /** Hexadecimal; random unless given. */
  readonly salt?: string;
}

/** Seals an image anew: its root hash. */
export function sealImage({ dir, keyFile, salt = randomBytes(SALT_BYTES).toString('hex') }: SealRequest): string {
  const key = keyFile === undefined ? null : privateKey(keyFile);
  const { tree, root, blocks } = hashData(join(dir, DATA_FILE), fromHex(salt));
  const index = readFileSync(join(dir, INDEX_FILE));
  const indexHash = createHash('sha256').update(index).digest('hex');
  const seal: Seal = { indexHash, indexBytes: index.length, dataRoot: toHex(root), dataBlocks: blocks, salt };
  const text = formatSeal(seal);
  replace(dir, TREE_FILE, Buffer.concat([treeHeader(seal), tree]));
  if (key === null) rmSync(join(dir, SIGNATURE_FILE), { force: true });
  else replace(dir, SIGNATURE_FILE, sign(null, Buffer.from(text), key));
  replace(dir, SEAL_FILE, Buffer.from(text));
  return createHash('sha256').update(text).digest('hex');
}

/** What is wrong with a sealed image, a line for each damage; an empty list: every bit is as it was sealed. */
export function verifyImage(dir: string, demand: SealDemand): { rootHash: string; damage: string[] } {
  const { rootHash } = readSeal(dir, demand);
  let image;
  try {
    image = openSealedImage(dir, demand);
  } catch (e) {
    if (!(e instanceof UserError)) throw e;
    return { rootHash, damage: [e.message] };
  }
  const damage: string[] = [];
  const { pack, seal, index } = image;
  if (pack.size !== seal.dataBlocks * TREE_BLOCK) damage.push(`its data has ${pack.size} bytes where ${seal.dataBlocks * TREE_BLOCK} were sealed`);
  for (let n = 0; n < seal.dataBlocks; n++) {
    const seen = pack.look(n);
    if (seen === 'bad tree') { damage.push(`data block ${n} cannot be checked: the tree above it is damaged`); break; }
    if (seen === 'bad data') damage.push(`data block ${n} is damaged${affected(index, n)}`);
  }
  image.close();
  return { rootHash, damage };
}

function privateKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is no ed25519 key');
    return key;
  } catch (e) {
    throw new ImageError(`the key ${file} cannot be used: ${(e as Error).message} (openssl genpkey -algorithm ed25519 -out FILE makes one)`);
  }
}

function hashData(path: string, salt: Uint8Array): { tree: Uint8Array; root: Uint8Array; blocks: number } {
  const fd = openSync(path, 'r');
  try {
    const blocks = Math.ceil(fstatSync(fd).size / TREE_BLOCK);
    const builder = new TreeBuilder(blocks, salt);
    const chunk = new Uint8Array(CHUNK_BLOCKS * TREE_BLOCK);
    for (let n = 0; n < blocks; n++) {
      const at = n % CHUNK_BLOCKS * TREE_BLOCK;
      if (at === 0) chunk.fill(0, readFully(fd, chunk, n * TREE_BLOCK));
      builder.add(chunk, at);
    }
    return { ...builder.finish(), blocks };
  } finally {
    closeSync(fd);
  }
}

function readFully(fd: number, into: Uint8Array, offset: number): number {
  let done = 0;
  for (let n = -1; n !== 0 && done < into.length; done += n) n = readSync(fd, into, done, into.length - done, offset + done);
  return done;
}

/** Which files lie in a block. */
function affected(index: ImageIndex, block: number): string {
  const names: string[] = [];
  const from = block * TREE_BLOCK;
  for (let i = 0; i < index.entryNode.length && names.length < 3; i++) {
    const node = index.entryNode[i]!;
    if ((index.mode[node]! & 0o170000) !== 0o100000 || index.size[node] === 0) continue;
    if (index.offset[node]! < from + TREE_BLOCK && index.offset[node]! + index.size[node]! > from) names.push(index.nameOf(i));
  }
  return names.length === 0 ? '' : `: ${names.join(', ')}`;
}

/** A reader sees the old file or the new one. */
function replace(dir: string, name: string, bytes: Uint8Array): void {
  const temporary = join(dir, `.${name}-${process.pid}`);
  writeFileSync(temporary, bytes);
  renameSync(temporary, join(dir, name));
}

/** Is there a seal? For lists. */
export const isSealed = (dir: string): boolean => statSync(join(dir, SEAL_FILE), { throwIfNoEntry: false }) !== undefined;
