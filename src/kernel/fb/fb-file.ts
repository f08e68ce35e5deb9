// /dev/fbN (Documentation/fb/framebuffer.rst): the screen's memory as a file that is read, written and mapped. After the display has gone everything answers ENODEV.
import { EFBIG, EINVAL, ENODEV, ENOSPC, type Errno } from '../../abi/errno.ts';
import { SEEK_CUR, SEEK_END, SEEK_SET } from '../../abi/fcntl.ts';
import type { Vma } from '../mm/vma.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import { type IoBuffer, LimitedBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';
import { fbIoctl } from './fb-ioctl.ts';
import type { FrameBuffer } from './frame-buffer.ts';

export class FbFile extends OpenFile {
  private readonly screen: FrameBuffer;
  constructor(inode: Inode, flags: number, screen: FrameBuffer) {
    super(inode, flags);
    this.screen = screen;
  }

  override get isSeekable(): boolean { return true; }

  override read(t: Task, io: IoBuffer, pos: number): number | Errno {
    return this.screen.isGone ? ENODEV : this.screen.pages.read(t, io, pos);
  }

  /** A write that reaches beyond the end is short; one that begins there has no room. */
  override write(t: Task, io: IoBuffer, pos: number): number | Errno {
    const { isGone, bytes, pages } = this.screen;
    if (isGone) return ENODEV;
    if (pos > bytes) return EFBIG;
    if (io.remaining === 0) return 0;
    if (pos === bytes) return io.remaining > bytes ? EFBIG : ENOSPC;
    const n = pages.write(t, new LimitedBuffer(io, bytes - pos), pos);
    if (n > 0) this.writeEnd = pos + n;
    return n;
  }

  /** From the end is from 0: the node has no size. */
  override seek(_t: Task, offset: number, whence: number): number | Errno {
    if (whence !== SEEK_SET && whence !== SEEK_CUR && whence !== SEEK_END) return EINVAL;
    const to = whence === SEEK_CUR ? this.pos + offset : offset;
    if (to < 0) return EINVAL;
    this.pos = to;
    return to;
  }

  override mmap(_t: Task, vma: Vma): 0 | Errno {
    if (this.screen.isGone) return ENODEV;
    if (vma.offset + vma.length > this.screen.bytes) return EINVAL;
    vma.pages = this.screen.pages;
    return 0;
  }

  override fsync(): 0 | Errno {
    this.screen.flush();
    return 0;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno { return this.screen.isGone ? ENODEV : fbIoctl(t, this.screen, cmd, arg); }
}
