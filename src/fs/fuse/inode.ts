// FUSE inodes: a node id of the server, its attributes for as long as the server said they hold, and cached pages for regular files.
import { BLOCKED, EACCES, EINVAL, EIO, ENOENT, ENOSYS, EPERM, ERESTARTSYS, ESTALE, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { FALLOC_FL_KEEP_SIZE, O_ACCMODE, O_CREAT, O_EXCL, O_NOCTTY, O_RDWR, O_TRUNC } from '../../abi/fcntl.ts';
import {
  FATTR_ATIME, FATTR_CTIME, FATTR_FH, FATTR_GID, FATTR_MODE, FATTR_MTIME, FATTR_SIZE, FATTR_UID, FOPEN_KEEP_CACHE,
  FUSE_ACCESS, FUSE_ATOMIC_O_TRUNC, FUSE_AUTO_INVAL_DATA, FUSE_CREATE, FUSE_EXPLICIT_INVAL_DATA, FUSE_FSYNC, FUSE_FSYNCDIR, FUSE_GETATTR, FUSE_LINK, FUSE_LOOKUP,
  FUSE_MKDIR, FUSE_MKNOD, FUSE_NO_OPEN_SUPPORT, FUSE_NO_OPENDIR_SUPPORT, FUSE_OPEN, FUSE_OPENDIR, FUSE_RENAME, FUSE_READLINK, FUSE_RENAME2, FUSE_RMDIR, FUSE_ROOT_ID, FUSE_SETATTR, FUSE_SYMLINK, FUSE_UNLINK,
  FuseAccessIn, FuseAttrOut, FuseCreateIn, FuseEntryOut, FuseFsyncIn, FuseGetattrIn, FuseLinkIn, FuseMkdirIn, FuseMknodIn, FuseOpenIn, FuseOpenOut, FuseReleaseIn, FuseRename2In, FUSE_RELEASE,
  FuseSetattrIn,
} from '../../abi/fuse.ts';
import { S_IFDIR, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import { latin1Decode } from '../../lib/utf8.ts';
import { ownerForNew } from '../../kernel/security/access.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type AttrChange, Inode } from '../../kernel/vfs/inode.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import { CREATED_OPEN, RESULT } from './connection.ts';
import { FuseDirFile } from './dir-file.ts';
import { FuseFile, type Handle } from './file.ts';
import { FusePageCache } from './page-cache.ts';
import { type Attr, type FuseSuperBlock, isPlausible } from './super.ts';
import { getAttribute, listAttributes, removeAttribute, setAttribute } from './xattr.ts';

export class FuseInode extends Inode {
  declare readonly sb: FuseSuperBlock;
  readonly nodeid: number;
  /** References that the server counts; given back when the inode goes. */
  lookups = 0;
  /** Until then (monotonic ns) the attributes are believed. */
  validUntil = 0;
  /** Until then the names that lead here are believed, where the server is a process. */
  namedUntil = 0;
  /** A directory in which a name was looked for since it was last listed; something whose attributes came with a list, and that nobody has asked for yet. */
  isLookedInto = false;
  wasListed = false;
  /** Open descriptions of a regular file: page faults and write-back go through one of them. */
  readonly handles = new Set<FuseFile>();
  override pages: FusePageCache | null = null;
  private blocks = 0;
  private blksize = 4096;
  /** We have written since the server last told the times: that they differ now means nothing. */
  private wroteSelf = false;
  /** A process has been read from, and keeps its own time of access. */
  wasRead = false;
  /** A directory that we have removed. */
  private isRemoved = false;
  /** The handle that FUSE_CREATE brought, for the open that follows. */
  private created: Handle | null = null;

  constructor(sb: FuseSuperBlock, nodeid: number, mode: number) {
    super(sb, nodeid, mode);
    this.nodeid = nodeid;
    if ((mode & S_IFMT) === S_IFREG) this.pages = new FusePageCache(sb.kernel.frames, this);
  }

  // --- attributes ----------------------------------------------------------------------------------------------------------------------

  /** The server's attributes. A file that changed behind our back loses its cached pages. */
  take(a: Attr, seconds: number, nsec: number): void {
    const { mtime, mtimensec, size } = a;
    const moved = this.mtime.sec !== mtime || this.mtime.nsec !== mtimensec;
    const changed = this.size !== size || (moved && !this.wroteSelf);
    this.wroteSelf = this.wasRead = false;
    this.validUntil = this.sb.expiry(seconds, nsec);
    if (changed && this.pages !== null && this.pages.pageCount > 0) this.forgetPages(size);
    this.ino = a.ino;
    this.mode = a.mode;
    // Some servers do not count the links of directories; one that lives has some.
    this.nlink = a.nlink === 0 && !this.isRemoved && (a.mode & S_IFMT) === S_IFDIR ? 1 : a.nlink;
    this.uid = a.uid;
    this.gid = a.gid;
    this.rdev = a.rdev;
    this.size = size;
    this.blocks = a.blocks;
    this.blksize = a.blksize;
    this.atime = { sec: a.atime, nsec: a.atimensec };
    this.ctime = { sec: a.ctime, nsec: a.ctimensec };
    if (moved) this.mtime = { sec: mtime, nsec: mtimensec };
  }

  /** Cached pages of a file that is another one now. A server may want to say itself when contents have changed (FUSE_EXPLICIT_INVAL_DATA). */
  private forgetPages(size: number): void {
    const { connection } = this.sb;
    const tellsItself = connection.isLate && (connection.has(FUSE_EXPLICIT_INVAL_DATA) || !connection.has(FUSE_AUTO_INVAL_DATA));
    if (!tellsItself) this.pages!.changedBehind(size);
    else if (size < this.size) this.pages!.truncate(size);
  }

  /** Bytes up to `end` have gone to the server: blocks and times are its to say from now on. */
  wrote(t: Task, end: number): void {
    if (end > this.size) this.size = end;
    this.mtime = this.ctime = t.kernel.realtime();
    this.validUntil = 0;
    this.wroteSelf = true;
  }

  /** Asks again when the answer has expired. ESTALE: the server does not know the node any more, and nobody has it open. */
  override refresh(t: Task): 0 | Errno {
    if (this.sb.isPrivate && !this.sb.admits(t.cred)) return EACCES;
    return this.sb.kernel.now() < this.validUntil && !this.wasRead ? 0 : this.getattr(t);
  }

  /** The same for readers and writers, who do not look at the time of access. */
  refreshSize(t: Task): 0 | Errno { return this.sb.kernel.now() < this.validUntil ? 0 : this.getattr(t); }

  private getattr(t: Task): 0 | Errno {
    const { connection } = this.sb;
    connection.out.getattr.zero();
    const n = connection.call(t, FUSE_GETATTR, this.nodeid, FuseGetattrIn.size);
    const r = this.attributes(n);
    if ((r !== ENOENT && r !== ESTALE) || connection.isLate) return r;
    if (this.handles.size === 0) return ESTALE;
    this.nlink = 0;
    return 0;
  }

  /** A process is asked for the name again once it has expired; the answer brings attributes along. */
  override revalidate(t: Task, parent: Inode, name: string): 0 | Errno {
    if (!this.sb.connection.isLate) return super.revalidate(t, parent, name);
    if (this.sb.kernel.now() < this.namedUntil) {
      if (this.wasListed) (parent as FuseInode).isLookedInto = true;
      this.wasListed = false;
      return 0;
    }
    const { connection } = this.sb;
    const found = this.sb.entry(connection.call(t, FUSE_LOOKUP, (parent as FuseInode).nodeid, connection.names(0, name)));
    if (found === this || found === BLOCKED || found === ERESTARTSYS) return found === this ? 0 : found as Errno;
    if (!isErr(found)) found.get().put();      // another file: it is asked for again under its own name
    return ENOENT;
  }

  override askAccess(t: Task, mask: number): 0 | Errno {
    const { connection } = this.sb;
    connection.out.access.zero().mask = mask;
    const n = connection.tryCall(t, FUSE_ACCESS, this.nodeid, FuseAccessIn.size);
    return n >= 0 || n === ENOSYS ? 0 : (n as Errno);
  }

  override setattr(t: Task, change: AttrChange): 0 | Errno {
    const { connection } = this.sb;
    // What a change of the size does to times is for a process to say, and ctime always.
    const ownTimes = connection.isLate && change.size !== undefined;
    const s = connection.out.setattr.zero();
    let valid = 0;
    if (change.mode !== undefined) { valid |= FATTR_MODE; s.mode = change.mode; }
    if (change.uid !== undefined) { valid |= FATTR_UID; s.uid = change.uid; }
    if (change.gid !== undefined) { valid |= FATTR_GID; s.gid = change.gid; }
    if (change.size !== undefined) {
      valid |= FATTR_SIZE;
      s.size = change.size;
      const writer = this.writer();
      if (writer !== null) { valid |= FATTR_FH; s.fh = writer.fh; }
    }
    if (change.atime !== undefined) { valid |= FATTR_ATIME; s.atime = change.atime.sec; s.atimensec = change.atime.nsec; }
    if (change.mtime !== undefined && !ownTimes) { valid |= FATTR_MTIME; s.mtime = change.mtime.sec; s.mtimensec = change.mtime.nsec; }
    if (change.ctime !== undefined && !connection.isLate) { valid |= FATTR_CTIME; s.ctime = change.ctime.sec; s.ctimensec = change.ctime.nsec; }
    s.valid = valid;
    const n = connection.call(t, FUSE_SETATTR, this.nodeid, FuseSetattrIn.size);
    if (n >= 0 && change.size !== undefined && this.pages !== null) this.pages.truncate(change.size);
    return this.attributes(n);
  }

  private attributes(n: number): 0 | Errno {
    if (n < FuseAttrOut.size) return n < 0 ? (n as Errno) : EIO;
    const a = this.sb.connection.in.attr;
    if (!isPlausible(a.attr) || ((a.attr.mode ^ this.mode) & S_IFMT) !== 0) return EIO;
    this.take(a.attr, a.attr_valid, a.attr_valid_nsec);
    return 0;
  }

  override usedBlocks(): number { return this.blocks; }
  override blockSize(): number { return this.blksize; }

  // --- names ---------------------------------------------------------------------------------------------------------------------------

  override lookup(t: Task, name: string): Fallible<Inode> {
    this.isLookedInto = true;
    return this.sb.lookup(t, this, name);
  }

  override readlink(t: Task): Fallible<string> {
    const { connection } = this.sb;
    const n = connection.call(t, FUSE_READLINK, this.nodeid, 0);
    return isErr(n) ? n : latin1Decode(connection.reply, RESULT, RESULT + n);
  }

  override create(t: Task, name: string, mode: number, flags?: number): Fallible<Inode> {
    const { connection } = this.sb;
    if (connection.isLate && (flags === undefined || connection.missing.has(FUSE_CREATE))) return this.mknod(t, name, mode, 0);
    const owner = ownerForNew(t.cred, this, mode);
    const c = connection.out.create.zero();
    c.flags = connection.isLate ? flags! & ~O_NOCTTY : O_RDWR | O_CREAT | O_EXCL;
    c.mode = owner.mode;
    c.umask = t.fs?.umask ?? 0;
    const n = connection.call(t, FUSE_CREATE, this.nodeid, connection.names(FuseCreateIn.size, name), owner.gid);
    if (n === ENOSYS && connection.isLate) {
      connection.missing.add(FUSE_CREATE);
      return this.mknod(t, name, mode, 0);
    }
    if (n < FuseEntryOut.size + FuseOpenOut.size) return n < 0 ? (n as Errno) : EIO;
    const { fh, open_flags } = connection.in.open.at(CREATED_OPEN);
    const inode = this.made(n);
    if (!isErr(inode)) (inode as FuseInode).created = { fh, openFlags: open_flags, source: null, release: true };
    return inode;
  }

  override mknod(t: Task, name: string, mode: number, rdev: number): Fallible<Inode> {
    const { connection } = this.sb;
    const owner = ownerForNew(t.cred, this, mode);
    const m = connection.out.mknod.zero();
    m.mode = owner.mode;
    m.rdev = rdev;
    m.umask = t.fs?.umask ?? 0;
    return this.made(connection.call(t, FUSE_MKNOD, this.nodeid, connection.names(FuseMknodIn.size, name), owner.gid));
  }

  override mkdir(t: Task, name: string, mode: number): Fallible<Inode> {
    const { connection } = this.sb;
    const owner = ownerForNew(t.cred, this, mode | S_IFDIR);
    const m = connection.out.mkdir.zero();
    m.mode = owner.mode & ~S_IFMT;
    m.umask = t.fs?.umask ?? 0;
    return this.made(connection.call(t, FUSE_MKDIR, this.nodeid, connection.names(FuseMkdirIn.size, name), owner.gid));
  }

  override symlink(t: Task, name: string, target: string): Fallible<Inode> {
    const { connection } = this.sb;
    const owner = ownerForNew(t.cred, this, 0o777);
    return this.made(connection.call(t, FUSE_SYMLINK, this.nodeid, connection.names(0, name, target), owner.gid));
  }

  override link(t: Task, name: string, inode: Inode): Fallible<0 | Inode> {
    const { connection } = this.sb;
    connection.out.link.oldnodeid = (inode as FuseInode).nodeid;
    const r = this.made(connection.call(t, FUSE_LINK, this.nodeid, connection.names(FuseLinkIn.size, name)));
    (inode as FuseInode).validUntil = 0;
    return r === inode ? 0 : r;
  }

  override unlink(t: Task, name: string, inode: Inode): 0 | Errno { return this.removed(t, FUSE_UNLINK, name, inode); }
  override rmdir(t: Task, name: string, inode: Inode): 0 | Errno { return this.removed(t, FUSE_RMDIR, name, inode); }

  override rename(t: Task, name: string, newDir: Inode, newName: string, flags: number): 0 | Errno {
    const { connection } = this.sb;
    const r = connection.out.rename.zero();
    r.newdir = (newDir as FuseInode).nodeid;
    r.flags = flags;
    // A server that knows only the old request gets that, and its first word is the same (fuse_rename_in).
    const plain = connection.isLate && flags === 0;
    const n = connection.call(t, plain ? FUSE_RENAME : FUSE_RENAME2, this.nodeid, connection.names(plain ? 8 : FuseRename2In.size, name, newName));
    if (isErr(n)) return n === ENOSYS && !plain ? EINVAL : n;
    this.validUntil = (newDir as FuseInode).validUntil = 0;
    return 0;
  }

  /** A new entry of this directory. */
  private made(n: number): Fallible<Inode> {
    this.validUntil = 0;
    return this.sb.entry(n);
  }

  private removed(t: Task, opcode: typeof FUSE_UNLINK | typeof FUSE_RMDIR, name: string, inode: Inode): 0 | Errno {
    const { connection } = this.sb;
    const n = connection.call(t, opcode, this.nodeid, connection.names(0, name));
    if (isErr(n)) return n;
    this.validUntil = 0;
    inode.nlink = opcode === FUSE_RMDIR ? 0 : Math.max(0, inode.nlink - 1);
    if (opcode === FUSE_RMDIR) (inode as FuseInode).isRemoved = true;
    (inode as FuseInode).validUntil = 0;
    inode.ctime = t.kernel.realtime();
    return 0;
  }

  // --- contents ------------------------------------------------------------------------------------------------------------------------

  override open(t: Task, flags: number): Fallible<OpenFile> {
    const isDir = (this.mode & S_IFMT) === S_IFDIR;
    if (!isDir && this.pages === null) return EPERM;
    const { created } = this;
    this.created = null;
    const handle = created ?? (this.sb.connection.isLate ? this.openAtProcess(t, isDir, flags) : this.openAtDevice(t, isDir, flags));
    if (isErr(handle)) return handle;
    return isDir ? new FuseDirFile(this, flags, handle) : new FuseFile(this, flags, handle);
  }

  private openAtDevice(t: Task, isDir: boolean, flags: number): Fallible<Handle> {
    const { connection } = this.sb;
    connection.out.open.zero().flags = flags & O_ACCMODE;
    const n = connection.call(t, isDir ? FUSE_OPENDIR : FUSE_OPEN, this.nodeid, FuseOpenIn.size);
    if (n < FuseOpenOut.size) return n < 0 ? (n as Errno) : EIO;
    return { fh: connection.in.open.at(RESULT).fh, openFlags: 0, source: connection.source, release: true };
  }

  /** A process decides what is kept in the cache, and cuts the file itself if it has said that it can. */
  private openAtProcess(t: Task, isDir: boolean, flags: number): Fallible<Handle> {
    const { connection } = this.sb;
    const opcode = isDir ? FUSE_OPENDIR : FUSE_OPEN;
    const cuts = (flags & O_TRUNC) !== 0 && !isDir, byServer = connection.has(FUSE_ATOMIC_O_TRUNC);
    if (connection.missing.has(opcode)) return NO_HANDLE;
    if (cuts && !byServer && this.size > 0) {
      const r = this.setattr(t, { size: 0 });
      if (r !== 0) return r;
    }
    connection.out.open.zero().flags = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | (byServer ? 0 : O_TRUNC));
    const n = connection.call(t, opcode, this.nodeid, FuseOpenIn.size);
    if (n === ENOSYS && connection.has(isDir ? FUSE_NO_OPENDIR_SUPPORT : FUSE_NO_OPEN_SUPPORT)) {
      connection.missing.add(opcode);
      return NO_HANDLE;
    }
    if (n < FuseOpenOut.size) return n < 0 ? (n as Errno) : EIO;
    const { fh, open_flags } = connection.in.open.at(RESULT);
    if (connection.isFresh && !isDir) {
      if ((open_flags & FOPEN_KEEP_CACHE) === 0) this.pages!.invalidate();
      if (cuts && byServer) {
        this.pages!.truncate(0);
        this.validUntil = 0;
      }
    }
    return { fh, openFlags: open_flags, source: connection.source, release: true };
  }

  /** An open description to read through, or null. */
  reader(): FuseFile | null {
    for (const f of this.handles) if (f.isReadable) return f;
    return null;
  }
  writer(): FuseFile | null {
    for (const f of this.handles) if (f.isWritable) return f;
    return null;
  }

  override fsync(t: Task, what: 'data' | 'all'): 0 | Errno {
    const synced = this.pages?.sync(t) ?? 0;
    if (synced !== 0) return synced;
    const { connection } = this.sb;
    const file = this.writer() ?? (connection.isLate ? this.reader() : null);
    return file === null ? 0 : this.syncHandle(t, FUSE_FSYNC, file.fh, what);
  }

  /** FUSE_FSYNC, FUSE_FSYNCDIR: servers that keep nothing back need not know them. */
  syncHandle(t: Task, opcode: typeof FUSE_FSYNC | typeof FUSE_FSYNCDIR, fh: number, what: 'data' | 'all'): 0 | Errno {
    const { connection } = this.sb;
    const f = connection.out.fsync.zero();
    f.fh = fh;
    f.fsync_flags = what === 'data' ? 1 : 0;
    const n = connection.isLate ? connection.tryCall(t, opcode, this.nodeid, FuseFsyncIn.size) : connection.call(t, opcode, this.nodeid, FuseFsyncIn.size);
    return n >= 0 || (n === ENOSYS && connection.isLate) ? 0 : (n as Errno);
  }

  /** The server has carried out a fallocate(2). */
  allocated(t: Task, mode: number, offset: number, length: number): void {
    if (mode === 0 || mode === FALLOC_FL_KEEP_SIZE) {
      if (mode === 0 && offset + length > this.size) this.size = offset + length;
    } else {
      this.pages!.punchHole(offset, Math.min(offset + length, Math.max(offset, this.size)));
      this.pages!.invalidate();
    }
    this.wrote(t, 0);
  }

  override getxattr(t: Task, name: string): Fallible<Uint8Array> { return this.sb.connection.isLate ? getAttribute(t, this, name) : super.getxattr(t, name); }
  override listxattr(t: Task): Fallible<string[]> { return this.sb.connection.isLate ? listAttributes(t, this) : super.listxattr(t); }
  override removexattr(t: Task, name: string): 0 | Errno { return this.sb.connection.isLate ? removeAttribute(t, this, name) : super.removexattr(t, name); }
  override setxattr(t: Task, name: string, value: Uint8Array, flags: number): 0 | Errno {
    return this.sb.connection.isLate ? setAttribute(t, this, name, value, flags) : super.setxattr(t, name, value, flags);
  }

  override evict(): void {
    const { created, sb, nodeid } = this;
    if (created !== null) {
      sb.connection.out.release.zero().fh = created.fh;
      sb.connection.post(FUSE_RELEASE, nodeid, FuseReleaseIn.size);
    }
    this.pages?.destroy();
    if (sb.inodes.get(nodeid) === this) sb.inodes.delete(nodeid);
    if (nodeid !== FUSE_ROOT_ID && this.lookups > 0) sb.connection.forget(nodeid, this.lookups);
  }
}

/** Of servers that need no handles. */
const NO_HANDLE: Handle = { fh: 0, openFlags: FOPEN_KEEP_CACHE, source: null, release: false };
