// FUSE inodes: a node id of the server, its attributes for as long as the server said they hold, and cached pages for regular files.
import { EIO, ENOENT, EPERM, ESTALE, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { O_ACCMODE, O_CREAT, O_EXCL, O_RDWR } from '../../abi/fcntl.ts';
import {
  FATTR_ATIME, FATTR_CTIME, FATTR_FH, FATTR_GID, FATTR_MODE, FATTR_MTIME, FATTR_SIZE, FATTR_UID, FUSE_CREATE, FUSE_FSYNC, FUSE_GETATTR, FUSE_LINK,
  FUSE_MKDIR, FUSE_MKNOD, FUSE_OPEN, FUSE_OPENDIR, FUSE_READLINK, FUSE_RENAME2, FUSE_RMDIR, FUSE_ROOT_ID, FUSE_SETATTR, FUSE_SYMLINK, FUSE_UNLINK,
  FuseAttrOut, FuseCreateIn, FuseEntryOut, FuseFsyncIn, FuseGetattrIn, FuseLinkIn, FuseMkdirIn, FuseMknodIn, FuseOpenIn, FuseOpenOut, FuseRename2In,
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
import { FuseFile } from './file.ts';
import { FusePageCache } from './page-cache.ts';
import { type Attr, type FuseSuperBlock, isPlausible } from './super.ts';

export class FuseInode extends Inode {
  declare readonly sb: FuseSuperBlock;
  readonly nodeid: number;
  /** References that the server counts; given back when the inode goes. */
  lookups = 0;
  /** Until then (monotonic ns) the attributes are believed. */
  validUntil = 0;
  /** Open descriptions of a regular file: page faults and write-back go through one of them. */
  readonly handles = new Set<FuseFile>();
  override pages: FusePageCache | null = null;
  private blocks = 0;
  private blksize = 4096;
  /** We have written since the server last told the times: that they differ now means nothing. */
  private wroteSelf = false;
  /** The handle that FUSE_CREATE brought, for the open that follows; -1: none. */
  private created = -1;

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
    this.wroteSelf = false;
    this.validUntil = this.sb.expiry(seconds, nsec);
    if (changed && this.pages !== null && this.pages.pageCount > 0) this.pages.changedBehind(size);
    this.ino = a.ino;
    this.mode = a.mode;
    this.nlink = a.nlink;
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

  /** Bytes up to `end` have gone to the server: blocks and times are its to say from now on. */
  wrote(t: Task, end: number): void {
    if (end > this.size) this.size = end;
    this.mtime = this.ctime = t.kernel.realtime();
    this.validUntil = 0;
    this.wroteSelf = true;
  }

  /** Asks again when the answer has expired. ESTALE: the server does not know the node any more, and nobody has it open. */
  override refresh(t: Task): 0 | Errno {
    if (this.sb.kernel.now() < this.validUntil) return 0;
    const { connection } = this.sb;
    connection.out.getattr.zero();
    const n = connection.call(t, FUSE_GETATTR, this.nodeid, FuseGetattrIn.size);
    const r = this.attributes(n);
    if (r !== ENOENT && r !== ESTALE) return r;
    if (this.handles.size === 0) return ESTALE;
    this.nlink = 0;
    return 0;
  }

  override setattr(t: Task, change: AttrChange): 0 | Errno {
    const { connection } = this.sb;
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
    if (change.mtime !== undefined) { valid |= FATTR_MTIME; s.mtime = change.mtime.sec; s.mtimensec = change.mtime.nsec; }
    if (change.ctime !== undefined) { valid |= FATTR_CTIME; s.ctime = change.ctime.sec; s.ctimensec = change.ctime.nsec; }
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

  override lookup(t: Task, name: string): Fallible<Inode> { return this.sb.lookup(t, this, name); }

  override readlink(t: Task): Fallible<string> {
    const { connection } = this.sb;
    const n = connection.call(t, FUSE_READLINK, this.nodeid, 0);
    return isErr(n) ? n : latin1Decode(connection.reply, RESULT, RESULT + n);
  }

  override create(t: Task, name: string, mode: number): Fallible<Inode> {
    const { connection } = this.sb;
    const owner = ownerForNew(t.cred, this, mode);
    const c = connection.out.create.zero();
    c.flags = O_RDWR | O_CREAT | O_EXCL;
    c.mode = owner.mode;
    const n = connection.call(t, FUSE_CREATE, this.nodeid, connection.names(FuseCreateIn.size, name), owner.gid);
    if (n < FuseEntryOut.size + FuseOpenOut.size) return n < 0 ? (n as Errno) : EIO;
    const { fh } = connection.in.open.at(CREATED_OPEN);
    const inode = this.made(n);
    if (!isErr(inode)) (inode as FuseInode).created = fh;
    return inode;
  }

  override mknod(t: Task, name: string, mode: number, rdev: number): Fallible<Inode> {
    const { connection } = this.sb;
    const owner = ownerForNew(t.cred, this, mode);
    const m = connection.out.mknod.zero();
    m.mode = owner.mode;
    m.rdev = rdev;
    return this.made(connection.call(t, FUSE_MKNOD, this.nodeid, connection.names(FuseMknodIn.size, name), owner.gid));
  }

  override mkdir(t: Task, name: string, mode: number): Fallible<Inode> {
    const { connection } = this.sb;
    const owner = ownerForNew(t.cred, this, mode | S_IFDIR);
    connection.out.mkdir.zero().mode = owner.mode & ~S_IFMT;
    return this.made(connection.call(t, FUSE_MKDIR, this.nodeid, connection.names(FuseMkdirIn.size, name), owner.gid));
  }

  override symlink(t: Task, name: string, target: string): Fallible<Inode> {
    const { connection } = this.sb;
    const owner = ownerForNew(t.cred, this, 0o777);
    return this.made(connection.call(t, FUSE_SYMLINK, this.nodeid, connection.names(0, name, target), owner.gid));
  }

  override link(t: Task, name: string, inode: Inode): 0 | Errno {
    const { connection } = this.sb;
    connection.out.link.oldnodeid = (inode as FuseInode).nodeid;
    const r = this.made(connection.call(t, FUSE_LINK, this.nodeid, connection.names(FuseLinkIn.size, name)));
    return isErr(r) ? r : 0;
  }

  override unlink(t: Task, name: string, inode: Inode): 0 | Errno { return this.removed(t, FUSE_UNLINK, name, inode); }
  override rmdir(t: Task, name: string, inode: Inode): 0 | Errno { return this.removed(t, FUSE_RMDIR, name, inode); }

  override rename(t: Task, name: string, newDir: Inode, newName: string, flags: number): 0 | Errno {
    const { connection } = this.sb;
    const r = connection.out.rename.zero();
    r.newdir = (newDir as FuseInode).nodeid;
    r.flags = flags;
    const n = connection.call(t, FUSE_RENAME2, this.nodeid, connection.names(FuseRename2In.size, name, newName));
    if (isErr(n)) return n;
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
    inode.ctime = t.kernel.realtime();
    return 0;
  }

  // --- contents ------------------------------------------------------------------------------------------------------------------------

  override open(t: Task, flags: number): Fallible<OpenFile> {
    const { connection } = this.sb;
    const isDir = (this.mode & S_IFMT) === S_IFDIR;
    if (!isDir && this.pages === null) return EPERM;
    if (this.created >= 0) {
      const fh = this.created;
      this.created = -1;
      return new FuseFile(this, flags, fh);
    }
    connection.out.open.zero().flags = flags & O_ACCMODE;
    const n = connection.call(t, isDir ? FUSE_OPENDIR : FUSE_OPEN, this.nodeid, FuseOpenIn.size);
    if (n < FuseOpenOut.size) return n < 0 ? (n as Errno) : EIO;
    const { fh } = connection.in.open.at(RESULT);
    return isDir ? new FuseDirFile(this, flags, fh) : new FuseFile(this, flags, fh);
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
    const file = this.writer();
    if (file === null) return 0;
    const f = this.sb.connection.out.fsync.zero();
    f.fh = file.fh;
    f.fsync_flags = what === 'data' ? 1 : 0;
    const n = this.sb.connection.call(t, FUSE_FSYNC, this.nodeid, FuseFsyncIn.size);
    return n < 0 ? (n as Errno) : 0;
  }

  override evict(): void {
    this.pages?.destroy();
    if (this.sb.inodes.get(this.nodeid) === this) this.sb.inodes.delete(this.nodeid);
    if (this.nodeid !== FUSE_ROOT_ID && this.lookups > 0) this.sb.connection.forget(this.nodeid, this.lookups);
  }
}
