// FUSE file systems (fuse(4)) as mounted from a transport: `virtiofs` for a virtio-fs device, whose tag is the mount's source. If the server says
// that its answers hold for ever (read-only images) names are cached like any local file system's, else they are asked for again after a while.
import { EINVAL, EIO, ENOENT, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { FUSE_GETATTR, FUSE_LOOKUP, FUSE_ROOT_ID, FUSE_STATFS, type FuseAttr, FuseAttrOut, FuseEntryOut, FuseGetattrIn, FuseStatfsOut } from '../../abi/fuse.ts';
import { MS_RDONLY } from '../../abi/mount.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import { FUSE_SUPER_MAGIC } from '../../abi/statfs.ts';
import type { FuseExchange, FuseTransport } from '../../kernel/device/fuse-transport.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { MAX_FILE_SIZE } from '../../kernel/vfs/setattr.ts';
import { FileSystemType, type FsStats, SuperBlock } from '../../kernel/vfs/super-block.ts';
import type { ViewOf } from '../../lib/struct.ts';
import { FuseConnection } from './connection.ts';
import { shakeHands } from './handshake.ts';
import { FuseInode } from './inode.ts';

/** Answers that are good for longer than this (seconds) are good for ever. */
const FOREVER = 2 ** 31;

/** `mount -t virtiofs TAG DIR`. */
export class VirtioFsType extends FileSystemType {
  override readonly name = 'virtiofs';
  private readonly transports: ReadonlyMap<string, FuseTransport>;

  /** `transports`: what the drivers have found, by tag. */
  constructor(transports: ReadonlyMap<string, FuseTransport>) {
    super();
    this.transports = transports;
  }

  override mount(t: Task, source: string, flags: number, _data: string): Fallible<SuperBlock> {
    const transport = this.transports.get(source);
    return transport === undefined ? EINVAL : mountFuse(t, this.name, source, transport, flags);
  }
}

/** A super block over a transport: FUSE_INIT, then the root's attributes. */
export function mountFuse(t: Task, fsType: string, source: string, transport: FuseTransport, flags: number): Fallible<FuseSuperBlock> {
  const connection = new FuseConnection(transport);
  const r = shakeHands(t, connection);
  if (r !== 0) return r;
  const sb = new FuseSuperBlock(t.kernel, fsType, source, connection, flags);
  const ready = sb.start(t);
  return ready === 0 ? sb : ready;
}

export class FuseSuperBlock extends SuperBlock {
  readonly connection: FuseConnection;
  /** Inodes in memory by node id. */
  readonly inodes = new Map<number, FuseInode>();

  constructor(kernel: Kernel, fsType: string, source: string, connection: FuseConnection, flags: number) {
    super(kernel, fsType, source);
    this.connection = connection;
    this.flags |= flags & MS_RDONLY;
  }

  start(t: Task): 0 | Errno {
    const root = new FuseInode(this, FUSE_ROOT_ID, S_IFDIR);
    const { connection } = this;
    connection.out.getattr.zero();
    const n = connection.call(t, FUSE_GETATTR, FUSE_ROOT_ID, FuseGetattrIn.size);
    if (n < FuseAttrOut.size) return n < 0 ? (n as Errno) : EIO;
    const a = connection.in.attr;
    if (!isPlausible(a.attr) || (a.attr.mode & S_IFMT) !== S_IFDIR) return EIO;
    root.take(a.attr, a.attr_valid, a.attr_valid_nsec);
    this.cachesNames = a.attr_valid > FOREVER;
    this.inodes.set(FUSE_ROOT_ID, root);
    this.setRoot(root);
    return 0;
  }

  /** Asks for a name. */
  lookup(t: Task, dir: FuseInode, name: string): Fallible<FuseInode> {
    return this.entry(this.connection.call(t, FUSE_LOOKUP, dir.nodeid, this.connection.names(0, name)));
  }

  /** The inode of an entry reply of `n` bytes, which counts as one lookup. */
  entry(n: number): Fallible<FuseInode> {
    if (n < FuseEntryOut.size) return isErr(n) ? n : EIO;
    return this.inodeOf(this.connection.in.entry);
  }

  inodeOf(e: ViewOf<typeof FuseEntryOut>): Fallible<FuseInode> {
    const { nodeid } = e;
    if (nodeid === 0 && this.connection.isLate) return ENOENT;       // how a server says it together with how long that holds
    if (nodeid === 0 || nodeid > Number.MAX_SAFE_INTEGER || !isPlausible(e.attr)) return EIO;
    let inode = this.inodes.get(nodeid);
    if (inode !== undefined && ((inode.mode ^ e.attr.mode) & S_IFMT) !== 0) inode = undefined; // the id means something else now
    if (inode === undefined) {
      inode = new FuseInode(this, nodeid, e.attr.mode);
      this.inodes.set(nodeid, inode);
    }
    if (this.connection.isFresh) inode.lookups++;
    inode.namedUntil = this.expiry(e.entry_valid, e.entry_valid_nsec);
    inode.take(e.attr, e.attr_valid, e.attr_valid_nsec);
    return inode;
  }

  /** A file closes while the call that has opened it runs again: its handle is kept for that (an answer like any other, which nobody has taken yet). */
  takesBack(source: FuseExchange | null): boolean {
    if (source === null) return false;
    const record = this.kernel.current.restart;
    if (record === null || !record.replies.includes(source)) return false;
    source.isTaken = false;
    return true;
  }

  /** When answers of that validity expire, on the monotonic clock. */
  expiry(seconds: number, nsec: number): number {
    return seconds > FOREVER ? Infinity : this.kernel.now() + seconds * 1e9 + nsec;
  }

  override statfs(t: Task): Fallible<FsStats> {
    const n = this.connection.call(t, FUSE_STATFS, FUSE_ROOT_ID, 0);
    if (n < FuseStatfsOut.size) return n < 0 ? (n as Errno) : EIO;
    const { bsize, blocks, bfree, bavail, files, ffree, namelen } = this.connection.in.statfs;
    return { type: FUSE_SUPER_MAGIC, bsize, blocks, bfree, bavail, files, ffree, namelen };
  }

  override sync(t: Task): 0 | Errno {
    for (const inode of this.inodes.values()) {
      const r = inode.pages?.sync(t) ?? 0;
      if (r !== 0) return r;
    }
    return 0;
  }

  override unmount(): void { this.connection.close(this.kernel.frames); }
  override cut(): void { this.connection.transport.disconnect(); }
}

export type Attr = ViewOf<typeof FuseAttr>;

const TYPES = new Set([S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK]);

/** Attributes that some file could have. */
export const isPlausible = (a: Attr): boolean => TYPES.has(a.mode & S_IFMT) && a.size <= MAX_FILE_SIZE;
