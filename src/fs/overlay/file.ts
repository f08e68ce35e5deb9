// Open files of an overlay: every operation goes to an open file of the real inode. A file opened for reading while it was below follows it up.
import { type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { O_ACCMODE, O_RDONLY } from '../../abi/fcntl.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import type { Task } from '../../kernel/task/task.ts';
import { touchAtime } from '../../kernel/vfs/atime.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../../kernel/vfs/open-file.ts';
import { changeSize } from '../../kernel/vfs/setattr.ts';
import type { OverlayInode } from './inode.ts';

export class OverlayFile extends OpenFile {
  declare inode: OverlayInode;
  private real: OpenFile;

  /** Takes over the caller's reference to `real`. */
  constructor(inode: OverlayInode, flags: number, real: OpenFile) {
    super(inode, flags);
    this.real = real;
  }

  override get isSeekable(): boolean { return this.real.isSeekable; }

  override read(t: Task, io: IoBuffer, pos: number): number | Errno {
    const real = this.current(t);
    if (isErr(real)) return real;
    const n = real.read(t, io, pos);
    const { inode } = this;
    if (n > 0 && inode.upper !== null) {
      touchAtime(this);
      inode.upper.atime = inode.atime;
    }
    return n;
  }

  override write(t: Task, io: IoBuffer, pos: number): number | Errno {
    const n = this.real.write(t, io, pos);
    this.writeEnd = this.real.writeEnd;
    if (n > 0) this.inode.mirror();
    return n;
  }

  override seek(t: Task, offset: number, whence: number): number | Errno {
    const real = this.current(t);
    if (isErr(real)) return real;
    real.pos = this.pos;
    const to = real.seek(t, offset, whence);
    if (to >= 0) this.pos = to;
    return to;
  }

  /** The pages of the real file: programs of a read-only image share one copy between all containers. */
  override mmap(t: Task, vma: Vma): 0 | Errno {
    const real = this.current(t);
    return isErr(real) ? real : real.mmap(t, vma);
  }

  override truncate(t: Task, size: number): 0 | Errno { return changeSize(t, this.path, this.inode, size); }

  override fallocate(t: Task, mode: number, offset: number, length: number): 0 | Errno {
    const r = this.real.fallocate(t, mode, offset, length);
    this.inode.mirror();
    return r;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    this.real.pos = this.pos;
    return this.real.ioctl(t, cmd, arg);
  }
  override fcntl(t: Task, cmd: number, arg: number): number | Errno { return this.real.fcntl(t, cmd, arg); }
  override fsync(t: Task, what: 'data' | 'all'): 0 | Errno { return this.real.fsync(t, what); }
  override flush(t: Task): 0 | Errno { return this.real.flush(t); }
  override flushUnattended(t: Task): void { this.real.flushUnattended(t); }
  override setFlags(flags: number): Fallible<0> {
    this.flags = flags;
    return this.real.setFlags((this.real.flags & O_ACCMODE) | (flags & ~O_ACCMODE));
  }
  override release(): void { this.real.put(); }

  /** The open file below, opened again if its inode has been copied up since. */
  private current(t: Task): Fallible<OpenFile> {
    if (this.real.inode === this.inode.real) return this.real;
    const above = this.inode.real.open(t, (this.flags & ~O_ACCMODE) | O_RDONLY);
    if (isErr(above)) return above;
    this.real.put();
    this.real = above;
    return above;
  }
}
