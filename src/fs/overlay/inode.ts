// Overlay inodes: what a name of the merged tree stands for. The attributes are those of the topmost real inode ("real": the upper one if there is
// one, else the lower), mirrored after each change. The first change to something that is only below copies it up.
import { type Errno, type Fallible, EROFS, isErr } from '../../abi/errno.ts';
import { O_ACCMODE, O_CREAT, O_EXCL, O_NOCTTY, O_RDONLY, O_TRUNC } from '../../abi/fcntl.ts';
import { isDirectory, isRegular } from '../../abi/stat.ts';
import type { BuiltTree } from '../../kernel/integrity/verity-file.ts';
import { modeAfterWrite } from '../../kernel/security/access.ts';
import type { PosixAcl } from '../../kernel/security/posix-acl.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type AttrChange, Inode } from '../../kernel/vfs/inode.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import { copyUp } from './copy-up.ts';
import type { OverlayDir } from './dir.ts';
import { OverlayFile } from './file.ts';
import type { OverlaySuperBlock } from './super.ts';

/** Attributes of this prefix are the overlay's own and are not shown. */
export const PRIVATE_XATTR = 'trusted.overlay.';

export class OverlayInode extends Inode {
  declare readonly sb: OverlaySuperBlock;
  upper: Inode | null;
  /** Directories: all of that name below, topmost first. Others: at most one. */
  readonly lowers: readonly Inode[];
  /** Where its name is, for copying up; null for the root and for files without a name. Held. */
  parent: OverlayDir | null;
  name: string;
  /** Its name is gone: what is copied up now stays nameless. */
  removed = false;

  constructor(sb: OverlaySuperBlock, parent: OverlayDir | null, name: string, upper: Inode | null, lowers: readonly Inode[]) {
    super(sb, 0, (upper ?? lowers[0]!).mode);
    this.parent = parent?.get() as OverlayDir ?? null;
    this.name = name;
    this.upper = upper?.get() ?? null;
    this.lowers = lowers;
    for (const l of lowers) l.get();
    this.ino = sb.inoOf(upper, lowers[0] ?? null);
    if (upper !== null) sb.byUpper.set(upper, this);
    this.mirror();
  }

  /** Whose bytes and attributes count. */
  get real(): Inode { return this.upper ?? this.lowers[0]!; }

  /** Takes over the attributes of the real inode. A merged directory has link count 1: "do not count". */
  mirror(): void {
    const { real } = this;
    this.mode = real.mode;
    this.uid = real.uid;
    this.gid = real.gid;
    this.rdev = real.rdev;
    this.size = real.size;
    this.atime = real.atime;
    this.mtime = real.mtime;
    this.ctime = real.ctime;
    this.pages = real.pages;
    this.acl = real.acl;
    this.defaultAcl = real.defaultAcl;
    this.attrFlags = real.attrFlags;
    this.verity = real.verity;
    this.hasFileCaps = real.hasFileCaps;
    this.nlink = this.removed && (this.upper === null || isDirectory(real.mode)) ? 0
      : isDirectory(real.mode) && this.upper !== null && this.lowers.length > 0 ? 1 : real.nlink;
  }

  override refresh(t: Task): 0 | Errno {
    const r = this.real.refresh(t);
    if (r === 0) this.mirror();
    return r;
  }

  override open(t: Task, flags: number): Fallible<OpenFile> {
    const writes = (flags & O_ACCMODE) !== O_RDONLY || (flags & O_TRUNC) !== 0;
    if (writes && this.upper === null) {
      const truncates = (flags & O_TRUNC) !== 0;
      const r = this.raise(t, truncates ? 0 : Infinity);
      if (r !== 0) return r;
      if (truncates) this.changed(t);
    }
    const real = this.real.open(t, flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC));
    return isErr(real) ? real : new OverlayFile(this, flags, real);
  }

  override readlink(t: Task): Fallible<string> { return this.real.readlink(t); }

  override setattr(t: Task, change: AttrChange): 0 | Errno {
    const r = this.raise(t, change.size ?? Infinity) || this.upper!.setattr(t, change);
    if (r === 0) this.mirror();
    return r;
  }

  override getxattr(t: Task, name: string): Fallible<Uint8Array> { return this.real.getxattr(t, name); }
  override setxattr(t: Task, name: string, value: Uint8Array, flags: number): 0 | Errno {
    const r = this.raise(t, Infinity) || this.upper!.setxattr(t, name, value, flags);
    if (r === 0) this.hasFileCaps = this.upper!.hasFileCaps;
    return r;
  }
  override listxattr(t: Task): Fallible<string[]> {
    const names = this.real.listxattr(t);
    return isErr(names) ? names : names.filter(n => !n.startsWith(PRIVATE_XATTR));
  }
  /** Looks first: removing what is not there must not copy a file up. */
  override removexattr(t: Task, name: string): 0 | Errno {
    const there = this.real.getxattr(t, name);
    if (isErr(there)) return there;
    const r = this.raise(t, Infinity) || this.upper!.removexattr(t, name);
    if (r === 0) this.hasFileCaps = this.upper!.hasFileCaps;
    return r;
  }

  override get hasAcls(): boolean { return this.sb.upperRoot?.hasAcls === true; }
  override setAcls(t: Task, acl: PosixAcl | null, defaultAcl: PosixAcl | null): 0 | Errno {
    const r = this.raise(t, Infinity) || this.upper!.setAcls(t, acl, defaultAcl);
    if (r === 0) this.mirror();
    return r;
  }
  override get settableFlags(): number { return this.sb.upperRoot?.settableFlags ?? 0; }
  override setAttrFlags(t: Task, flags: number): 0 | Errno {
    const r = this.raise(t, Infinity) || this.upper!.setAttrFlags(t, flags);
    if (r === 0) this.mirror();
    return r;
  }

  override get canVerity(): boolean { return isRegular(this.mode) && this.sb.upperRoot !== null && (this.upper?.canVerity ?? true); }
  override enableVerity(t: Task, salt: Uint8Array, built: BuiltTree, signature: Uint8Array): 0 | Errno {
    const r = this.raise(t, Infinity) || this.upper!.enableVerity(t, salt, built, signature);
    if (r === 0) this.mirror();
    return r;
  }

  override usedBlocks(): number { return this.real.usedBlocks(); }
  override blockSize(): number { return this.real.blockSize(); }

  /** Makes sure that it is in the upper layer; at most `size` bytes of data are taken along. */
  raise(t: Task, size: number): 0 | Errno {
    if (this.upper !== null) return 0;
    return this.sb.upperRoot === null ? EROFS : copyUp(t, this, size);
  }

  override evict(): void {
    this.parent?.forget(this);
    if (this.upper !== null) {
      if (this.upper.nlink === 0) this.sb.origins.delete(this.upper.ino);
      this.sb.byUpper.delete(this.upper);
      this.upper.put();
    }
    for (const l of this.lowers) l.put();
    this.parent?.put();
  }

  private changed(t: Task): void {
    const now = t.kernel.realtime();
    this.upper!.setattr(t, { mtime: now, ctime: now, mode: modeAfterWrite(t.cred, this.mode) });
    this.mirror();
  }
}
