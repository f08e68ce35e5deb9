// fs-verity (Documentation/filesystems/fsverity.rst): a file whose contents are fixed for good. A Merkle tree is built over it once; from then on nobody can
// write to it, a page that comes in (from a disk, from swap) is hashed, and the file's digest can be asked for at once.
import {
  EACCES, EEXIST, EFBIG, EINVAL, EIO, EISDIR, EMSGSIZE, ENODATA, ENOPKG, ENOTTY, EOVERFLOW, EPERM, type Errno, ETXTBSY, type Fallible, isErr,
} from '../../abi/errno.ts';
import {
  FS_VERITY_HASH_ALG_SHA256, FS_VERITY_HASH_ALG_SHA512, FS_VERITY_METADATA_TYPE_DESCRIPTOR, FS_VERITY_METADATA_TYPE_MERKLE_TREE,
  FS_VERITY_METADATA_TYPE_SIGNATURE, FsverityDescriptor, FsverityDigest, FsverityEnableArg, FsverityReadMetadataArg,
} from '../../abi/fsverity.ts';
import { isDirectory, isRegular } from '../../abi/stat.ts';
import { TREE_BLOCK, TreeBuilder, TreeVerifier } from '../../lib/hash-tree.ts';
import { sha256, SHA256_BYTES } from '../../lib/sha256.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { inodePermission, MAY_WRITE, mayWriteThrough } from '../security/access.ts';
import type { Task } from '../task/task.ts';
import { pathOf } from '../vfs/anon-inode.ts';
import { isAppendOnly } from '../vfs/attr-flags.ts';
import type { Inode } from '../vfs/inode.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { VerifiedStore } from './verity.ts';

/** FS_VERITY_MAX_SIGNATURE_SIZE, and the longest salt. */
const MAX_SIGNATURE = 16_128, MAX_SALT = 32;
/** Salts are padded to whole blocks of the hash function. */
const SALT_PAD = 64;

/** What protects one inode. */
export class VerityFile extends VerifiedStore {
  private readonly inode: Inode;
  readonly descriptor: Uint8Array;
  readonly tree: Uint8Array;
  readonly signature: Uint8Array;
  /** SHA-256 of the descriptor: what `fsverity measure` prints. */
  readonly digest: Uint8Array;
  private readonly verifier: TreeVerifier;

  constructor(inode: Inode, tree: Uint8Array, root: Uint8Array, salt: Uint8Array, signature: Uint8Array) {
    super();
    this.inode = inode;
    this.tree = tree;
    this.signature = signature;
    this.descriptor = describe(inode.size, root, salt);
    this.digest = sha256(this.descriptor);
    this.verifier = new TreeVerifier(Math.ceil(inode.size / TREE_BLOCK), padded(salt), root);
  }

  /** A page has come in at `at` of `bytes`: EIO if it is not what it was when the file was protected. */
  check(t: Task, index: number, bytes: Uint8Array, at: number): 0 | Errno {
    const { verity } = t.kernel.security;
    if (!this.isRight(index, bytes, at)) return verity.corrupt(t, this.name, 'data', index);
    verity.verified++;
    return 0;
  }

  override recheck(t: Task): number {
    const { u8 } = t.kernel.machine.ram;
    let wrong = 0;
    for (const [index, pfn] of this.inode.pages!.cachedPages()) {
      if (index * PAGE_SIZE >= this.inode.size || this.isRight(index, u8, pfn * PAGE_SIZE)) continue;
      wrong++;
      t.kernel.security.verity.corrupt(t, this.name, 'memory', index);
    }
    return wrong;
  }

  private isRight(index: number, bytes: Uint8Array, at: number): boolean {
    const { verifier } = this;
    for (let n = verifier.needs(index); n >= 0; n = verifier.needs(index)) if (!verifier.accept(n, this.tree, n * TREE_BLOCK)) return false;
    return verifier.check(index, bytes, at);
  }

  private get name(): string { return `fs-verity:${this.inode.sb.fsType}:${this.inode.ino}`; }
}

/** FS_IOC_ENABLE_VERITY: reads the whole file, then protects it. A file that is larger than RAM answers EFBIG: its tree is kept in memory. */
export function enableVerity(t: Task, file: OpenFile, arg: number): 0 | Errno {
  const { inode } = file;
  const a = FsverityEnableArg.view();
  const salt = new Uint8Array(MAX_SALT);
  const r = t.user.copyIn(arg, a.bytes) || checkRequest(a) || t.user.copyIn(a.salt_ptr, salt, 0, a.salt_size);
  if (r !== 0) return r;
  const signature = new Uint8Array(a.sig_size);
  const may = (a.sig_size === 0 ? 0 : t.user.copyIn(a.sig_ptr, signature)) || mayEnable(t, file);
  if (may !== 0) return may;
  const algorithm = a.hash_algorithm;
  if (algorithm !== FS_VERITY_HASH_ALG_SHA256) return algorithm === FS_VERITY_HASH_ALG_SHA512 ? ENOPKG : EINVAL;
  if (a.block_size !== TREE_BLOCK) return EINVAL;
  const built = buildTree(t, inode, padded(salt.subarray(0, a.salt_size)));
  if (isErr(built)) return built;
  return inode.enableVerity(t, salt.slice(0, a.salt_size), built, signature);
}

/** Version, reserved fields and lengths of the request. */
function checkRequest(a: ReturnType<typeof FsverityEnableArg.view>): 0 | Errno {
  if (a.version !== 1 || a.__reserved1 !== 0) return EINVAL;
  for (let i = 0; i < a.__reserved2.length; i++) if (a.__reserved2.get(i) !== 0) return EINVAL;
  if (a.block_size === 0 || (a.block_size & (a.block_size - 1)) !== 0) return EINVAL;
  return a.salt_size > MAX_SALT || a.sig_size > MAX_SIGNATURE ? EMSGSIZE : 0;
}

/** Who may write to the file may protect it, while nobody has it open for writing. */
function mayEnable(t: Task, file: OpenFile): 0 | Errno {
  const { inode } = file;
  const denied = inodePermission(t.cred, inode, MAY_WRITE);
  if (denied !== 0) return denied;
  if (isAppendOnly(inode)) return EPERM;
  if (isDirectory(inode.mode)) return EISDIR;
  if (!isRegular(inode.mode)) return EINVAL;
  if (!inode.canVerity) return ENOTTY;
  const ro = mayWriteThrough(pathOf(file).mount, inode);
  if (ro !== 0) return ro;
  if (inode.writers > 0) return ETXTBSY;
  if (inode.verity !== null) return EEXIST;
  return file.isReadable ? 0 : EACCES;
}

/** Result of hashing a file. */
export interface BuiltTree { readonly tree: Uint8Array; readonly root: Uint8Array }

function buildTree(t: Task, inode: Inode, salt: Uint8Array): Fallible<BuiltTree> {
  const blocks = Math.ceil(inode.size / TREE_BLOCK);
  if (blocks > t.kernel.frames.total) return EFBIG;
  const builder = new TreeBuilder(blocks, salt);
  const page = new Uint8Array(TREE_BLOCK);
  const buffer = new KernelBuffer(page);
  for (let n = 0; n < blocks; n++) {
    page.fill(0);
    buffer.rewind(TREE_BLOCK - buffer.remaining);
    const r = inode.pages!.read(t, buffer, n * TREE_BLOCK);
    if (isErr(r)) return r;
    if (r < Math.min(TREE_BLOCK, inode.size - n * TREE_BLOCK)) return EIO;
    builder.add(page);
  }
  return builder.finish();
}

/** FS_IOC_MEASURE_VERITY. */
export function measureVerity(t: Task, inode: Inode, arg: number): 0 | Errno {
  if (inode.verity === null) return inode.canVerity ? ENODATA : ENOTTY;
  const d = FsverityDigest.view();
  const r = t.user.copyIn(arg, d.bytes);
  if (r !== 0) return r;
  if (d.digest_size < SHA256_BYTES) return EOVERFLOW;
  d.digest_algorithm = FS_VERITY_HASH_ALG_SHA256;
  d.digest_size = SHA256_BYTES;
  return t.user.copyOut(arg, d.bytes) || t.user.copyOut(arg + FsverityDigest.size, inode.verity.digest);
}

/** FS_IOC_READ_VERITY_METADATA: bytes copied. */
export function readVerityMetadata(t: Task, inode: Inode, arg: number): number | Errno {
  if (inode.verity === null) return inode.canVerity ? ENODATA : ENOTTY;
  const a = FsverityReadMetadataArg.view();
  const r = t.user.copyIn(arg, a.bytes);
  if (r !== 0) return r;
  if (a.__reserved !== 0) return EINVAL;
  const from = metadata(inode.verity, a.metadata_type);
  if (isErr(from)) return from;
  const n = Math.min(a.length, 0x7fff_ffff, from.length - a.off);
  if (n <= 0) return 0;
  return t.user.copyOut(a.buf_ptr, from, a.off, n) || n;
}

function metadata(v: VerityFile, type: number): Fallible<Uint8Array> {
  switch (type) {
    case FS_VERITY_METADATA_TYPE_MERKLE_TREE: return v.tree;
    case FS_VERITY_METADATA_TYPE_DESCRIPTOR: return v.descriptor;
    case FS_VERITY_METADATA_TYPE_SIGNATURE: return v.signature.length === 0 ? ENODATA : v.signature;
    default: return EINVAL;
  }
}

function describe(size: number, root: Uint8Array, salt: Uint8Array): Uint8Array {
  const d = FsverityDescriptor.view();
  d.version = 1;
  d.hash_algorithm = FS_VERITY_HASH_ALG_SHA256;
  d.log_blocksize = Math.log2(TREE_BLOCK);
  d.salt_size = salt.length;
  d.data_size = size;
  d.root_hash.set(root);
  d.salt.set(salt);
  return d.bytes;
}

function padded(salt: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(salt.length / SALT_PAD) * SALT_PAD);
  out.set(salt);
  return out;
}
