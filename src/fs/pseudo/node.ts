// File systems whose files are made up when somebody looks (procfs, sysfs): texts made on reading, directories listed on reading, links.
// Nothing here is cached: names come and go with what they stand for, so every walk asks refresh().
import { type Errno, type Fallible, EINVAL, EIO, EPERM, isErr } from '../../abi/errno.ts';
import { O_ACCMODE } from '../../abi/fcntl.ts';
import { POLLERR, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import { SEEK_CUR, SEEK_SET } from '../../abi/fcntl.ts';
import { S_IFDIR } from '../../abi/stat.ts';
import { direntType } from '../../abi/dirent.ts';
import { latin1Decode, latin1Encode } from '../../lib/utf8.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type AttrChange, Inode } from '../../kernel/vfs/inode.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import { type DirSink, OpenFile } from '../../kernel/vfs/open-file.ts';
import type { SuperBlock } from '../../kernel/vfs/super-block.ts';

/** An inode made when its name is looked up, with the time of that moment. */
export abstract class PseudoInode extends Inode {
  constructor(sb: SuperBlock, ino: number, mode: number) {
    super(sb, ino, mode);
    this.atime = this.mtime = this.ctime = sb.kernel.realtime();
  }
  /** Truncation is what O_TRUNC does before a write, and means nothing; owner and mode are not for changing. */
  override setattr(_t: Task, change: AttrChange): 0 | Errno {
    return change.mode !== undefined || change.uid !== undefined || change.gid !== undefined ? EPERM : 0;
  }
  /** 0 while the name still stands for this object. Each class must say. */
  abstract override refresh(t: Task): 0 | Errno;
}

/** A file with generated contents. */
export abstract class TextInode extends PseudoInode {
  abstract show(t: Task): Fallible<string>;
  store(_t: Task, _text: string): 0 | Errno { return EIO; }
  /** May it be opened at all, beyond the mode? */
  guard(_t: Task): 0 | Errno { return 0; }
  /** A number that changes when there is news for poll(2); -1: always readable, no news. */
  version(_t: Task): number { return -1; }

  override open(t: Task, flags: number): Fallible<OpenFile> {
    const denied = this.guard(t);
    return denied !== 0 ? denied : new TextFile(this, flags, this.version(t));
  }
}

/** Largest write taken at once; sysctls and comm are far shorter. */
const MAX_WRITE = 65536;

/** The text is made by the read at position 0 and kept for the following ones, so that one pass sees one state (Linux: seq_file). */
class TextFile extends OpenFile {
  private bytes: Uint8Array | null = null;
  private seen: number;

  constructor(inode: TextInode, flags: number, version: number) {
    super(inode, flags);
    this.seen = version;
  }

  override get isSeekable(): boolean { return true; }

  override read(t: Task, io: IoBuffer, pos: number): number | Errno {
    if (pos === 0 || this.bytes === null) {
      const inode = this.inode as TextInode;
      const text = inode.show(t);
      if (isErr(text)) return text;
      this.bytes = latin1Encode(text);
      this.seen = inode.version(t);
    }
    const n = Math.min(io.remaining, this.bytes.length - pos);
    return n <= 0 ? 0 : io.put(this.bytes, pos, n);
  }

  override write(t: Task, io: IoBuffer, pos: number): number | Errno {
    const bytes = new Uint8Array(Math.min(io.remaining, MAX_WRITE));
    const n = io.take(bytes, 0, bytes.length);
    if (isErr(n)) return n;
    const r = (this.inode as TextInode).store(t, latin1Decode(bytes, 0, n));
    if (r !== 0) return r;
    this.writeEnd = pos + n;
    return n;
  }

  override seek(_t: Task, offset: number, whence: number): number | Errno {
    if (whence !== SEEK_SET && whence !== SEEK_CUR) return EINVAL;
    const to = whence === SEEK_CUR ? this.pos + offset : offset;
    if (to < 0) return EINVAL;
    this.pos = to;
    return to;
  }

  override poll(t: Task): number {
    const version = (this.inode as TextInode).version(t);
    const news = version !== this.seen ? POLLERR | POLLPRI : 0;
    return POLLIN | POLLRDNORM | news | ((this.flags & O_ACCMODE) !== 0 ? POLLOUT | POLLWRNORM : 0);
  }
}

/** A name as getdents64(2) reports it; `pos` orders the directory and survives changes between two calls. */
export interface Listed { readonly name: string; readonly ino: number; readonly mode: number; readonly pos: number }
/** First position behind '.' and '..'. */
export const FIRST_POS = 2;

/** A directory. */
export abstract class DirInode extends PseudoInode {
  constructor(sb: SuperBlock, ino: number, permissions: number) {
    super(sb, ino, S_IFDIR | permissions);
    this.nlink = 2;
  }
  /** Names in ascending order of `pos`. */
  abstract list(t: Task): Fallible<readonly Listed[]>;
  override open(_t: Task, flags: number): Fallible<OpenFile> { return new DirFile(this, flags); }
}

class DirFile extends OpenFile {
  override get isSeekable(): boolean { return true; }

  override seek(_t: Task, offset: number, whence: number): number | Errno {
    const to = whence === SEEK_CUR ? this.pos + offset : offset;
    if ((whence !== SEEK_SET && whence !== SEEK_CUR) || to < 0) return EINVAL;
    this.pos = to;
    return to;
  }

  override readdir(t: Task, sink: DirSink): 0 | Errno {
    const names = (this.inode as DirInode).list(t);
    if (isErr(names)) return names;
    const parent = this.path?.dentry.parent?.inode ?? this.inode;
    if (this.pos === 0 && !this.emit(sink, '.', this.inode.ino, this.inode.mode, 1)) return 0;
    if (this.pos === 1 && !this.emit(sink, '..', parent.ino, parent.mode, FIRST_POS)) return 0;
    for (const { name, ino, mode, pos } of names) {
      if (pos >= this.pos && !this.emit(sink, name, ino, mode, pos + 1)) return 0;
    }
    return 0;
  }

  private emit(sink: DirSink, name: string, ino: number, mode: number, next: number): boolean {
    if (!sink.emit(name, ino, direntType(mode), next)) return false;
    this.pos = next;
    return true;
  }
}
