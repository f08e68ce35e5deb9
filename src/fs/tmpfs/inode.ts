// tmpfs inodes: what is common to all, regular files with their pages, symbolic links, and special files.
import { type Errno, type Fallible, EEXIST, ENODATA, ENOSPC, EPERM } from '../../abi/errno.ts';
import { F_ADD_SEALS, F_GET_SEALS, F_SEAL_SEAL } from '../../abi/fcntl.ts';
import { S_IFDIR, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { XATTR_CREATE, XATTR_REPLACE } from '../../abi/xattr.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { ShmemCache } from '../../kernel/mm/shmem.ts';
import { FS_APPEND_FL, FS_IMMUTABLE_FL, FS_NOATIME_FL, FS_NODUMP_FL, FS_VERITY_FL } from '../../abi/ioctl.ts';
import { type BuiltTree, VerityFile } from '../../kernel/integrity/verity-file.ts';
import { CAPABILITY_XATTR } from '../../kernel/security/file-capabilities.ts';
import type { PosixAcl } from '../../kernel/security/posix-acl.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type AttrChange, Inode } from '../../kernel/vfs/inode.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import { RegularFile } from '../../kernel/vfs/regular-file.ts';
import { applyChange } from '../../kernel/vfs/setattr.ts';
import type { TmpfsSuperBlock } from './super.ts';

const SETTABLE = FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL;
/** Per inode, as Linux limits user attributes kept in memory. */
const MAX_XATTRS = 128, MAX_XATTR_BYTES = 128 << 10;

/** The inode is charged to its super block by whoever makes it; `evict` gives the charge back. */
export abstract class TmpInode extends Inode {
  declare readonly sb: TmpfsSuperBlock;
  /** user., trusted. and security. attributes (xattr(7)). */
  xattrs: Map<string, Uint8Array> | null = null;

  constructor(sb: TmpfsSuperBlock, mode: number, uid: number, gid: number) {
    super(sb, sb.nextIno(), mode);
    this.uid = uid;
    this.gid = gid;
    this.atime = this.mtime = this.ctime = sb.kernel.realtime();
  }

  override setattr(t: Task, change: AttrChange): 0 | Errno {
    if (change.size !== undefined) {
      const r = this.resize(t, change.size);
      if (r !== 0) return r;
    }
    applyChange(this, change);
    return 0;
  }
  protected resize(_t: Task, _size: number): 0 | Errno { return 0; }

  override getxattr(_t: Task, name: string): Fallible<Uint8Array> { return this.xattrs?.get(name) ?? ENODATA; }
  override setxattr(_t: Task, name: string, value: Uint8Array, flags: number): 0 | Errno {
    const has = this.xattrs?.has(name) === true;
    if ((flags & XATTR_CREATE) !== 0 && has) return EEXIST;
    if ((flags & XATTR_REPLACE) !== 0 && !has) return ENODATA;
    const xattrs = (this.xattrs ??= new Map());
    let bytes = value.length;
    for (const [other, v] of xattrs) if (other !== name) bytes += v.length;
    if (bytes > MAX_XATTR_BYTES || (!has && xattrs.size >= MAX_XATTRS)) return ENOSPC;
    xattrs.set(name, value);
    if (name === CAPABILITY_XATTR) this.hasFileCaps = true;
    return 0;
  }
  override listxattr(): string[] { return this.xattrs === null ? [] : [...this.xattrs.keys()]; }
  override removexattr(_t: Task, name: string): 0 | Errno {
    if (name === CAPABILITY_XATTR) this.hasFileCaps = false;
    return this.xattrs?.delete(name) === true ? 0 : ENODATA;
  }

  override get hasAcls(): boolean { return true; }
  override setAcls(_t: Task, acl: PosixAcl | null, defaultAcl: PosixAcl | null): 0 {
    this.acl = acl;
    this.defaultAcl = defaultAcl;
    return 0;
  }
  override get settableFlags(): number { return SETTABLE; }
  override setAttrFlags(t: Task, flags: number): 0 {
    this.attrFlags = flags;
    this.ctime = t.kernel.realtime();
    return 0;
  }

  override evict(): void { this.sb.usedInodes--; }
}

export class TmpFile extends TmpInode {
  override pages: ShmemCache;
  /** What its hash tree costs. */
  private verityPages = 0;
  constructor(sb: TmpfsSuperBlock, mode: number, uid: number, gid: number) {
    super(sb, S_IFREG | mode, uid, gid);
    this.pages = new ShmemCache(sb.kernel.frames, this, 0, sb.pages);
  }
  override open(_t: Task, flags: number): OpenFile { return new TmpOpenFile(this, flags); }
  protected override resize(_t: Task, size: number): 0 | Errno {
    if (size < this.size) this.pages.truncate(size);
    else this.size = size;
    return 0;
  }
  override get canVerity(): boolean { return true; }
  override enableVerity(t: Task, salt: Uint8Array, { tree, root }: BuiltTree, signature: Uint8Array): 0 | Errno {
    const { pages } = this.sb, cost = Math.ceil((tree.length + signature.length) / PAGE_SIZE);
    if (pages.usedPages + cost > pages.maxPages) return ENOSPC;
    pages.usedPages += this.verityPages = cost;
    this.verity = new VerityFile(this, tree, root, salt, signature);
    this.attrFlags |= FS_VERITY_FL;
    this.ctime = t.kernel.realtime();
    t.kernel.security.verity.stores.add(this.verity);
    return 0;
  }

  override evict(): void {
    if (this.verity !== null) this.sb.kernel.security.verity.stores.delete(this.verity);
    this.sb.pages.usedPages -= this.verityPages;
    this.pages.destroy();
    super.evict();
  }
}

/** Files of tmpfs know seals (fcntl(2), "File Sealing"), but begin sealed against having any. */
class TmpOpenFile extends RegularFile {
  override fcntl(t: Task, cmd: number, arg: number): number | Errno {
    if (cmd === F_GET_SEALS) return F_SEAL_SEAL;
    return cmd === F_ADD_SEALS ? EPERM : super.fcntl(t, cmd, arg);
  }
}

export class TmpLink extends TmpInode {
  readonly target: string;
  constructor(sb: TmpfsSuperBlock, mode: number, uid: number, gid: number, target: string) {
    super(sb, mode, uid, gid);
    this.target = target;
    this.size = target.length;
  }
  override readlink(): string { return this.target; }
  /** Linux' tmpfs keeps short targets in the inode. */
  override usedBlocks(): number { return this.size < 128 ? 0 : 8; }
}

/** Devices, FIFOs, sockets: opened by the VFS, not by us. */
export class TmpSpecial extends TmpInode {
  constructor(sb: TmpfsSuperBlock, mode: number, uid: number, gid: number, rdev: number) {
    super(sb, mode, uid, gid);
    this.rdev = rdev;
  }
}

export const isDir = (inode: Inode): boolean => (inode.mode & S_IFMT) === S_IFDIR;
