// The seal of an image: a short text that names the index by its hash and the data by the root of a Merkle tree (dm-verity's; lib/hash-tree.ts). Its own
// SHA-256 is the image's root hash: who knows that, or trusts the signature over this text, can tell every bit of the image from any other.
//   kspace-seal 1
//   index sha256:HEX bytes=N
//   data verity:HEX blocks=N salt=HEX

import { TREE_BLOCK } from './hash-tree.ts';
import { writeU64 } from './u64.ts';
import { latin1Encode } from './utf8.ts';

/** What a seal says. */
export interface Seal {
  readonly indexHash: string;
  readonly indexBytes: number;
  readonly dataRoot: string;
  readonly dataBlocks: number;
  /** Goes in front of every block that is hashed. */
  readonly salt: string;
}

/** Files of a sealed image, beside `index` and `data`: the text, an ed25519 signature of it, and the tree behind dm-verity's superblock. */
export const SEAL_FILE = 'seal', SIGNATURE_FILE = 'seal.sig', TREE_FILE = 'data.verity';
/** Blocks of 4096 bytes in front of the tree: the superblock's. */
export const TREE_START = 1;
/** A seal is not longer. */
export const MAX_SEAL = 1024;

export const formatSeal = (s: Seal): string =>
  `kspace-seal 1\nindex sha256:${s.indexHash} bytes=${s.indexBytes}\ndata verity:${s.dataRoot} blocks=${s.dataBlocks} salt=${s.salt}\n`;

/** null: this is no seal, or one of a later kspace. */
export function parseSeal(text: string): Seal | null {
  const m = /^kspace-seal 1\nindex sha256:([0-9a-f]{64}) bytes=(\d{1,10})\ndata verity:([0-9a-f]{64}) blocks=(\d{1,10}) salt=((?:[0-9a-f]{2}){0,256})\n$/.exec(text);
  return m === null ? null : { indexHash: m[1]!, indexBytes: Number(m[2]), dataRoot: m[3]!, dataBlocks: Number(m[4]), salt: m[5]! };
}

/** The block in front of the tree: what veritysetup(8) finds at the start of a hash device (struct verity_sb). All of it follows from the seal. */
export function treeHeader({ dataRoot, dataBlocks, salt }: Seal): Uint8Array {
  const bytes = new Uint8Array(TREE_BLOCK), view = new DataView(bytes.buffer);
  bytes.set(latin1Encode('verity\0\0'), 0);
  view.setUint32(8, 1, true);                 // version
  view.setUint32(12, 1, true);                // salt in front
  bytes.set(fromHex(dataRoot).subarray(0, 16), 16); // uuid: repeatable, and different for different data
  bytes.set(latin1Encode('sha256'), 32);
  view.setUint32(64, TREE_BLOCK, true);
  view.setUint32(68, TREE_BLOCK, true);
  writeU64(view, 72, dataBlocks);
  view.setUint16(80, salt.length / 2, true);
  bytes.set(fromHex(salt), 88);
  return bytes;
}

/** Is this the block in front of the tree, bit for bit? */
export function isTreeHeader(seal: Seal, bytes: Uint8Array): boolean {
  const expected = treeHeader(seal);
  return bytes.length === expected.length && expected.every((b, i) => bytes[i] === b);
}

/** The bytes that hexadecimal digits stand for. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(text.length >> 1);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}
