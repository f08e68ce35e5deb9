// Open directories: read() answers EISDIR, lseek() moves the getdents64 cursor. File systems subclass and list their entries.
import { type Errno, EINVAL, EISDIR } from '../../abi/errno.ts';
import { SEEK_CUR, SEEK_SET } from '../../abi/fcntl.ts';
import { DT_DIR } from '../../abi/dirent.ts';
import type { Task } from '../task/task.ts';
import { type DirSink, OpenFile } from './open-file.ts';

export abstract class DirFile extends OpenFile {
  override get isSeekable(): boolean { return true; }
  override read(): Errno { return EISDIR; }
  abstract override readdir(t: Task, sink: DirSink): 0 | Errno;
  override fsync(_t: Task, _what: 'data' | 'all'): 0 | Errno { return 0; }

  /** Cursors are opaque: only what getdents64 has told (d_off) and 0 are good targets. */
  override seek(_t: Task, offset: number, whence: number): number | Errno {
    const to = whence === SEEK_SET ? offset : whence === SEEK_CUR ? this.pos + offset : -1;
    if (to < 0) return EINVAL;
    this.pos = to;
    return to;
  }

  /** '.' at cursor 0 and '..' at 1; entries start at 2. False if the reader is full. */
  protected emitDots(sink: DirSink): boolean {
    if (this.pos === 0) {
      if (!sink.emit('.', this.inode.ino, DT_DIR, 1)) return false;
      this.pos = 1;
    }
    if (this.pos === 1) {
      const parent = this.path?.dentry.parent?.inode ?? this.inode;
      if (!sink.emit('..', parent.ino, DT_DIR, 2)) return false;
      this.pos = 2;
    }
    return true;
  }
}
