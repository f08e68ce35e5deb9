// One mounted instance of a file system, and the registry entry of its type.
import { EINVAL, type Errno, type Fallible } from '../../abi/errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Credentials } from '../security/credentials.ts';
import type { Task } from '../task/task.ts';
import { Dentry } from './dentry.ts';
import { DentryCache, forgetTree } from './dentry-cache.ts';
import type { Inode } from './inode.ts';
import { inodeUnmounted } from './notify.ts';

/** statfs(2) figures, in blocks of `bsize`. */
export interface FsStats { type: number; bsize: number; blocks: number; bfree: number; bavail: number; files: number; ffree: number; namelen: number }

export abstract class SuperBlock {
  readonly kernel: Kernel;
  /** st_dev of its files. */
  readonly dev: number;
  /** As in /proc/filesystems and /proc/mounts: 'tmpfs', 'proc', 'overlay'. */
  readonly fsType: string;
  /** First column of /proc/mounts. */
  source: string;
  /** The dentry of its root directory. */
  root!: Dentry;
  /** MS_RDONLY and the like for the whole file system. */
  flags = 0;
  /** False where names can change behind our back: dentries are revalidated (`Inode.refresh` of the parent's child) on each walk. */
  cachesNames = true;
  /** False where a name that is not there can never be made: creating answers ENOENT, as in procfs. */
  canCreate = true;
  /** The server behind it decides who may do what (FUSE without default_permissions): modes and owners are not looked at here. */
  serverDecides = false;
  /** Modes and owners are a server's answers, and good for a while only: they are asked for again before they decide. */
  attributesExpire = false;
  /** Not everybody may come in; then `admits` says who. */
  isPrivate = false;
  readonly dentries = new DentryCache();
  /** Mounts that show it, and other users (an overlay's layers). The last `put` ends it. */
  users = 0;

  /** `dev`: of the block device it lies on; else a number of its own. */
  constructor(kernel: Kernel, fsType: string, source: string, dev = kernel.nextDev()) {
    this.kernel = kernel;
    this.dev = dev;
    this.fsType = fsType;
    this.source = source;
  }
  /** Makes the dentry of the root directory; held for the life of the super block. */
  setRoot(inode: Inode): void { this.root = new Dentry(this, '/', null, inode).get(); }
  get(): this { this.users++; return this; }
  put(): void {
    if (--this.users > 0) return;
    if (this.kernel.mounts.inotify.watches !== 0) this.tellWatchers(this.root);
    forgetTree(this.root);
    this.unmount();
    this.root.unlinked = true;
    this.root.put();
  }
  /** Its server gets modes as they were asked for, and applies the umask itself (FUSE_DONT_MASK). */
  get appliesUmask(): boolean { return false; }
  /** Asked while `isPrivate`. */
  admits(_cred: Credentials): boolean { return true; }
  /** umount2(2) with MNT_FORCE: whoever waits for its server gets an error. */
  cut(): void {}
  abstract statfs(t: Task): Fallible<FsStats>;
  /** Options as /proc/mounts shows them after ro/rw, with a leading comma or empty. */
  showOptions(): string { return ''; }
  sync(_t: Task): 0 | Errno { return 0; }
  /** MS_REMOUNT turns writing on or off, or the machine is about to be switched off ('read-only'): what the file system keeps about that goes to the disk. */
  setAccess(t: Task, _access: 'read-write' | 'read-only'): 0 | Errno { return this.sync(t); }
  /** MS_REMOUNT with an option string. Default: there are no options. */
  reconfigure(_t: Task, data: string): 0 | Errno { return data === '' ? 0 : EINVAL; }
  /** The last user is gone and no name is cached; the root inode goes after this. */
  unmount(): void {}

  private tellWatchers(d: Dentry): void {
    if (d.inode !== null && d.inode.marks !== null) inodeUnmounted(d.inode);
    if (d.children !== null) for (const child of d.children.values()) this.tellWatchers(child);
  }
}

/** A row of /proc/filesystems; instances live in `kernel.filesystems`. */
export abstract class FileSystemType {
  abstract readonly name: string;
  /** /proc/filesystems says `nodev` for those without a block device. */
  readonly nodev: boolean = true;
  /** `NAME.anything` names it, too (FS_HAS_SUBTYPE). */
  readonly hasSubtypes: boolean = false;
  /** mount(2): data is the option string, `subtype` what follows the dot. */
  abstract mount(t: Task, source: string, flags: number, data: string, subtype?: string): Fallible<SuperBlock>;
}
