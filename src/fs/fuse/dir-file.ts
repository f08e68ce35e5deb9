// Open directories over FUSE: entries come in replies of 8 KiB, with attributes or without; cursors are the server's (d_off).
import { EIO, type Errno } from '../../abi/errno.ts';
import { FUSE_DIRENTPLUS_ENTRY, FUSE_FSYNCDIR, FUSE_READDIR, FUSE_READDIRPLUS, FUSE_RELEASEDIR, FuseDirent, FuseReadIn, FuseReleaseIn } from '../../abi/fuse.ts';
import { latin1Decode } from '../../lib/utf8.ts';
import type { Task } from '../../kernel/task/task.ts';
import { DirFile } from '../../kernel/vfs/dir-file.ts';
import type { DirSink } from '../../kernel/vfs/open-file.ts';
import { DIR_BYTES, RESULT } from './connection.ts';
import { learnEntry, wantsPlus } from './dir-plus.ts';
import type { Handle } from './file.ts';
import type { FuseInode } from './inode.ts';
import { controlServer } from './ioctl.ts';

export class FuseDirFile extends DirFile {
  declare readonly inode: FuseInode;
  private readonly handle: Handle;

  constructor(inode: FuseInode, flags: number, handle: Handle) {
    super(inode, flags);
    this.handle = handle;
  }

  private get fh(): number { return this.handle.fh; }

  override fsync(t: Task, what: 'data' | 'all'): 0 | Errno {
    return this.inode.sb.connection.isLate ? this.inode.syncHandle(t, FUSE_FSYNCDIR, this.fh, what) : 0;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    return this.inode.sb.connection.isLate ? controlServer(t, this.inode, this.fh, cmd, arg) : super.ioctl(t, cmd, arg);
  }

  override readdir(t: Task, sink: DirSink): 0 | Errno {
    const { inode, inode: { sb: { connection } }, path } = this;
    for (;;) {
      const plus = path !== null && wantsPlus(inode, this.pos);
      const r = connection.out.read.zero();
      r.fh = this.fh;
      r.off = this.pos;
      r.size = DIR_BYTES;
      const n = connection.call(t, plus ? FUSE_READDIRPLUS : FUSE_READDIR, inode.nodeid, FuseReadIn.size);
      if (n < 0) return n as Errno;
      if (plus) inode.isLookedInto = false;      // not before: the call that runs again asks the same
      if (n === 0) return 0;
      const taken = this.emit(sink, n, plus ? FUSE_DIRENTPLUS_ENTRY : 0);
      if (taken !== 'all') return taken === 'broken' ? EIO : 0;
    }
  }

  /** `before`: bytes of attributes in front of each entry. All entries of a reply with attributes are learned, taken or not: the server has counted them. */
  private emit(sink: DirSink, bytes: number, before: number): 'all' | 'full' | 'broken' {
    const { inode, inode: { sb: { connection } } } = this;
    const end = RESULT + bytes;
    let at = RESULT, isFull = false;
    while (at + before + FuseDirent.size <= end) {
      const { ino, off, namelen, type } = connection.in.dirent.at(at + before);
      const name = at + before + FuseDirent.size;
      if (namelen === 0 || namelen > 255) return 'broken';
      if (name + namelen > end) break;      // a server may cut its list anywhere: the rest comes with the next reply
      const text = latin1Decode(connection.reply, name, name + namelen);
      if (text.includes('/') || text.includes('\0')) return 'broken';
      if (before > 0) learnEntry(inode, this.path!.dentry, text, at);
      isFull ||= !sink.emit(text, ino, type, off);
      if (isFull && before === 0) return 'full';
      if (!isFull) this.pos = off;
      at = name + Math.ceil(namelen / 8) * 8;
    }
    return isFull ? 'full' : at === RESULT ? 'broken' : 'all';
  }

  override release(): void {
    const { connection } = this.inode.sb;
    if (!this.handle.release || this.inode.sb.takesBack(this.handle.source)) return;
    const r = connection.out.release.zero();
    r.fh = this.fh;
    r.flags = connection.isLate ? this.flags : 0;
    connection.post(FUSE_RELEASEDIR, this.inode.nodeid, FuseReleaseIn.size);
  }
}
