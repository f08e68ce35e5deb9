// Inodes: one object per file of a file system. File systems subclass Inode and override what they support; the defaults answer as Linux
// does for an operation that a file system lacks. Permission checks are the VFS' business (path walk and system calls), not the inode's.
import { type Errno, type Fallible, EINVAL, ENOENT, ENOTDIR, ENOTTY, EOPNOTSUPP, EPERM, ENXIO } from '../../abi/errno.ts';
import type { ImaState } from '../integrity/ima-state.ts';
import type { BuiltTree, VerityFile } from '../integrity/verity-file.ts';
import type { PosixAcl } from '../security/posix-acl.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import type { PageCache } from '../mm/page-cache.ts';
import type { OpenFile } from './open-file.ts';
import type { Path } from './mount.ts';
import type { SuperBlock } from './super-block.ts';

/** A point of CLOCK_REALTIME: exact seconds and nanoseconds. */
export interface Timestamp { sec: number; nsec: number }

/** What setattr may change; absent = leave. `size` is truncate. */
export interface AttrChange {
  mode?: number; uid?: number; gid?: number; size?: number;
  atime?: Timestamp; mtime?: Timestamp; ctime?: Timestamp;
}

/** inode(7). `mode` holds type and permission bits. Names are binary strings (one char per byte). */
export abstract class Inode {
  readonly sb: SuperBlock;
  ino: number;
  mode: number;
  uid = 0;
  gid = 0;
  nlink = 1;
  /** Device number of character and block specials: major << 8 | minor in Linux' 64-bit encoding (makedev). */
  rdev = 0;
  size = 0;
  atime: Timestamp = { sec: 0, nsec: 0 };
  mtime: Timestamp = { sec: 0, nsec: 0 };
  ctime: Timestamp = { sec: 0, nsec: 0 };
  /** Cached contents of regular files; null where the file has none (proc, devices). */
  pages: PageCache | null = null;
  /** POSIX and OFD record locks, flock: managed by vfs/locks.ts. */
  locks: object | null = null;
  /** Named FIFO or bound socket behind this inode: managed by ipc/. */
  ipc: object | null = null;
  /** inotify marks: managed by vfs/inotify.ts. */
  marks: object | null = null;
  /** Descriptions open for writing: such a file cannot be executed (ETXTBSY, execve(2)). */
  writers = 0;
  /** It is swapped to (Linux: S_SWAPFILE): writing and cutting answer ETXTBSY, its names stay (EPERM). */
  isSwapFile = false;
  /** Made by O_TMPFILE without O_EXCL: linkat(2) may give it a name though it has none. */
  isLinkable = false;

  /** POSIX access control lists (acl(5)); their group bits are the mode's. null: the mode says it all. */
  acl: PosixAcl | null = null;
  defaultAcl: PosixAcl | null = null;
  /** FS_*_FL of chattr(1). */
  attrFlags = 0;
  /** How many Landlock rulesets have a rule for it: on the way to the root most inodes have none, and need not be looked for. */
  landlockRules = 0;
  /** fs-verity: contents are fixed and checked; null: they are not. */
  verity: VerityFile | null = null;
  /** What IMA remembers of it; null: nothing. */
  ima: ImaState | null = null;
  /** There is a security.capability attribute. */
  hasFileCaps = false;

  constructor(sb: SuperBlock, ino: number, mode: number) {
    this.sb = sb;
    this.ino = ino;
    this.mode = mode;
  }

  // --- directories -------------------------------------------------------------------------------------------------------------------
  /** The child, or ENOENT. May answer BLOCKED where the answer has to travel (FUSE). */
  lookup(_t: Task, _name: string): Fallible<Inode> { return ENOTDIR; }
  /** `flags`: O_* of the open(2) that makes it; absent for mknod(2). */
  create(_t: Task, _name: string, _mode: number, _flags?: number): Fallible<Inode> { return EPERM; }
  mknod(_t: Task, _name: string, _mode: number, _rdev: number): Fallible<Inode> { return EPERM; }
  mkdir(_t: Task, _name: string, _mode: number): Fallible<Inode> { return EPERM; }
  symlink(_t: Task, _name: string, _target: string): Fallible<Inode> { return EPERM; }
  /** An inode: the new name leads to that one, though it is the same file (servers that know files by name). */
  link(_t: Task, _name: string, _inode: Inode): Fallible<0 | Inode> { return EPERM; }
  unlink(_t: Task, _name: string, _inode: Inode): 0 | Errno { return EPERM; }
  rmdir(_t: Task, _name: string, _inode: Inode): 0 | Errno { return EPERM; }
  /** renameat2(2): `flags` are RENAME_*. Target existence rules were checked by the VFS. */
  rename(_t: Task, _name: string, _newDir: Inode, _newName: string, _flags: number): 0 | Errno { return EPERM; }
  /** An unnamed regular file (O_TMPFILE). */
  tmpfile(_t: Task, _mode: number): Fallible<Inode> { return EOPNOTSUPP; }

  // --- all kinds ---------------------------------------------------------------------------------------------------------------------
  readlink(_t: Task): Fallible<string> { return EINVAL; }
  /** Magic links (/proc/PID/fd/N, exe, cwd): the object itself instead of a text to walk; null = an ordinary symlink. */
  followMagic(_t: Task): Fallible<Path> | null { return null; }
  /** A fresh open file description; `flags` are O_*. Character devices, FIFOs and sockets are routed by vfs/open.ts before this is asked. */
  open(_t: Task, _flags: number): Fallible<OpenFile> { return ENXIO; }
  /** FIFOs behind which a driver stands: a description from there. null: an ordinary FIFO. */
  openFifo(_t: Task, _flags: number): Fallible<OpenFile> | null { return null; }
  /** The process this file stands for: /proc/PID directories, where pidfd_send_signal(2) takes them for pidfds. */
  get processBehind(): Process | null { return null; }
  /** Brings the fields of this object up to date with what lies behind it (network, host directory). */
  refresh(_t: Task): 0 | Errno { return 0; }
  /** Where names change behind our back: does `name` in `parent` still lead here? 0, BLOCKED; anything else: it does not. */
  revalidate(t: Task, _parent: Inode, _name: string): 0 | Errno {
    const r = this.refresh(t);
    return r === 0 && this.nlink === 0 ? ENOENT : r;   // no links left: removed behind our back, alive only for who has it open
  }
  /** access(2), chdir(2): the answer of a server that decides about permissions itself (`SuperBlock.serverDecides`). `mask`: MAY_*. */
  askAccess(_t: Task, _mask: number): 0 | Errno { return 0; }
  setattr(_t: Task, _change: AttrChange): 0 | Errno { return EPERM; }
  getxattr(_t: Task, _name: string): Fallible<Uint8Array> { return EOPNOTSUPP; }
  setxattr(_t: Task, _name: string, _value: Uint8Array, _flags: number): 0 | Errno { return EOPNOTSUPP; }
  listxattr(_t: Task): Fallible<string[]> { return []; }
  removexattr(_t: Task, _name: string): 0 | Errno { return EOPNOTSUPP; }
  /** Can it have access control lists? Then `setAcls` keeps them; checks and the mode are the VFS' business. */
  get hasAcls(): boolean { return false; }
  setAcls(_t: Task, _acl: PosixAcl | null, _defaultAcl: PosixAcl | null): 0 | Errno { return EOPNOTSUPP; }
  /** The FS_*_FL that FS_IOC_SETFLAGS may set; 0: the file system has none. */
  get settableFlags(): number { return 0; }
  setAttrFlags(_t: Task, _flags: number): 0 | Errno { return ENOTTY; }
  /** Does the file system know fs-verity? Then `enableVerity` keeps what was computed. */
  get canVerity(): boolean { return false; }
  enableVerity(_t: Task, _salt: Uint8Array, _built: BuiltTree, _signature: Uint8Array): 0 | Errno { return ENOTTY; }
  ioctl(_t: Task, _cmd: number, _arg: number): number | Errno { return ENOTTY; }
  fsync(_t: Task, _what: 'data' | 'all'): 0 | Errno { return 0; }
  /** st_blocks: 512-byte units in use. */
  usedBlocks(): number { return this.pages === null ? 0 : this.pages.pageCount * 8; }
  /** st_blksize. */
  blockSize(): number { return 4096; }
  /** The last link and the last user are gone. */
  evict(): void {}

  // --- life ---------------------------------------------------------------------------------------------------------------------------
  /** Dentries, open files and mappings that hold this inode in memory. */
  refs = 0;
  get(): this { this.refs++; return this; }
  put(): void {
    if (--this.refs > 0) return;
    if (this.ima !== null) this.sb.kernel.security.ima.forget(this);
    this.evict();
  }
}
