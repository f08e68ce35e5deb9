// Where a sealed image comes from: the files of its directory, read through FUSE. Nothing that comes from there is believed before it was hashed: the
// seal by the root hash of the mount, the index and the tree by the seal, every block of data by the tree (verity.rst). BLOCKED works as in fs/fuse.
import { EIO, EINVAL, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { FUSE_LOOKUP, FUSE_OPEN, FUSE_READ, FUSE_ROOT_ID, FuseEntryOut, FuseOpenIn, FuseOpenOut, FuseReadIn } from '../../abi/fuse.ts';
import type { FuseTransport } from '../../kernel/device/fuse-transport.ts';
import { Verity, type VerityWhere } from '../../kernel/integrity/verity.ts';
import type { Task } from '../../kernel/task/task.ts';
import { TREE_BLOCK, TreeVerifier } from '../../lib/hash-tree.ts';
import { damage, ImageIndex } from '../../lib/image-index.ts';
import { fromHex, isTreeHeader, MAX_SEAL, parseSeal, type Seal, SEAL_FILE, TREE_FILE, TREE_START } from '../../lib/image-seal.ts';
import { Sha256, sha256, toHex } from '../../lib/sha256.ts';
import { latin1Decode } from '../../lib/utf8.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { FuseConnection, RESULT } from '../fuse/connection.ts';
import { shakeHands } from '../fuse/handshake.ts';

/** A file of the image directory, open. */
interface Handle { readonly nodeid: number; readonly fh: number }

export class SealedSource {
  readonly connection: FuseConnection;
  readonly name: string;
  private readonly verity: Verity;
  private data!: Handle;
  private tree!: Handle;
  private verifier!: TreeVerifier;

  constructor(transport: FuseTransport, verity: Verity) {
    this.connection = new FuseConnection(transport);
    this.name = `sealed:${transport.tag}`;
    this.verity = verity;
  }

  /** Opens the image whose seal has the hash `rootHash`: its index. */
  start(t: Task, rootHash: string): Fallible<ImageIndex> {
    const r = shakeHands(t, this.connection);
    if (r !== 0) return r;
    const seal = this.readSeal(t, rootHash);
    if (isErr(seal)) return seal;
    const index = this.readIndex(t, seal);
    if (isErr(index)) return index;
    const data = this.open(t, 'data'), tree = isErr(data) ? data : this.open(t, TREE_FILE);
    if (isErr(data)) return data;
    if (isErr(tree)) return tree;
    const header = this.read(t, tree, 0);
    if (isErr(header)) return header;
    if (!isTreeHeader(seal, header)) return this.corrupt(t, 'header');
    this.data = data;
    this.tree = tree;
    this.verifier = new TreeVerifier(seal.dataBlocks, fromHex(seal.salt), fromHex(seal.dataRoot));
    return index;
  }

  /** Fills frames with the blocks of data from `block` on, each of them checked. */
  fill(t: Task, block: number, pfns: readonly number[]): 0 | Errno {
    for (let i = 0; i < pfns.length; i++) {
      const r = this.prepare(t, block + i);
      if (r !== 0) return r;
    }
    const length = pfns.length * PAGE_SIZE;
    const r = this.request(this.data, block * PAGE_SIZE, length);
    const n = this.connection.transfer(t, FUSE_READ, this.data.nodeid, r, { pfns, offset: 0, length }, 'in');
    if (isErr(n)) return n;
    const { u8 } = t.kernel.machine.ram;
    for (let i = 0; i < pfns.length; i++) {
      const at = pfns[i]! * PAGE_SIZE;
      if (n < (i + 1) * PAGE_SIZE) u8.fill(0, at + Math.max(0, n - i * PAGE_SIZE), at + PAGE_SIZE);
      if (!this.verifier.check(block + i, u8, at)) return this.verity.corrupt(t, this.name, 'data', block + i);
      this.verity.verified++;
    }
    return 0;
  }

  /** One block of data, checked. Valid until the next call. */
  block(t: Task, block: number): Fallible<Uint8Array> {
    const r = this.prepare(t, block);
    if (r !== 0) return r;
    const bytes = this.read(t, this.data, block * TREE_BLOCK);
    if (isErr(bytes)) return bytes;
    if (!this.verifier.check(block, bytes)) return this.verity.corrupt(t, this.name, 'data', block);
    this.verity.verified++;
    return bytes;
  }

  /** Is what lies in memory at `at` still block `block`? Its tree blocks are here since it was read. */
  isBlock(block: number, bytes: Uint8Array, at: number): boolean { return this.verifier.check(block, bytes, at); }

  /** Brings the tree blocks above a data block in. */
  private prepare(t: Task, block: number): 0 | Errno {
    const { verifier } = this;
    for (let n = verifier.needs(block); n >= 0; n = verifier.needs(block)) {
      const bytes = this.read(t, this.tree, (TREE_START + n) * TREE_BLOCK);
      if (isErr(bytes)) return bytes;
      if (!verifier.accept(n, bytes)) return this.verity.corrupt(t, this.name, 'tree', n);
      this.verity.verified++;
    }
    return 0;
  }

  private readSeal(t: Task, rootHash: string): Fallible<Seal> {
    const file = this.open(t, SEAL_FILE);
    if (isErr(file)) return file;
    const bytes = this.read(t, file, 0);
    if (isErr(bytes)) return bytes;
    const end = bytes.indexOf(0);
    const text = latin1Decode(bytes, 0, end < 0 || end > MAX_SEAL ? MAX_SEAL : end);
    if (toHex(sha256(bytes, 0, text.length)) !== rootHash) return this.verity.corrupt(t, this.name, 'seal', 0);
    return parseSeal(text) ?? EINVAL;
  }

  private readIndex(t: Task, seal: Seal): Fallible<ImageIndex> {
    const file = this.open(t, 'index');
    if (isErr(file)) return file;
    const bytes = new Uint8Array(seal.indexBytes);
    const hash = new Sha256();
    for (let at = 0; at < bytes.length; at += TREE_BLOCK) {
      const part = this.read(t, file, at);
      if (isErr(part)) return part;
      const n = Math.min(TREE_BLOCK, bytes.length - at);
      bytes.set(n === TREE_BLOCK ? part : part.subarray(0, n), at);
    }
    if (toHex(hash.update(bytes).digest()) !== seal.indexHash) return this.corrupt(t, 'index');
    return damage(bytes) === null ? new ImageIndex(bytes) : EINVAL;
  }

  private corrupt(t: Task, where: VerityWhere): Errno { return this.verity.corrupt(t, this.name, where, 0); }

  private open(t: Task, name: string): Fallible<Handle> {
    const { connection } = this;
    const found = connection.call(t, FUSE_LOOKUP, FUSE_ROOT_ID, connection.names(0, name));
    if (found < FuseEntryOut.size) return found < 0 ? (found as Errno) : EIO;
    const { nodeid } = connection.in.entry;
    connection.out.open.zero();
    const n = connection.call(t, FUSE_OPEN, nodeid, FuseOpenIn.size);
    if (n < FuseOpenOut.size) return n < 0 ? (n as Errno) : EIO;
    return { nodeid, fh: connection.in.open.at(RESULT).fh };
  }

  /** A block of a file, unchecked; zeros behind its end. Valid until the next call. */
  private read(t: Task, file: Handle, offset: number): Fallible<Uint8Array> {
    const { connection } = this;
    const n = connection.call(t, FUSE_READ, file.nodeid, this.request(file, offset, TREE_BLOCK));
    if (isErr(n)) return n;
    connection.reply.fill(0, RESULT + Math.min(n, TREE_BLOCK), RESULT + TREE_BLOCK);
    return connection.reply.subarray(RESULT, RESULT + TREE_BLOCK);
  }

  /** The arguments of a FUSE_READ: their length. */
  private request(file: Handle, offset: number, length: number): number {
    const r = this.connection.out.read.zero();
    r.fh = file.fh;
    r.off = offset;
    r.size = length;
    return FuseReadIn.size;
  }
}
