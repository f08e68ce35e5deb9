// Open regular files over a page cache: the second stop in the life of a read(). Everything a file system needs to serve files whose bytes are
// in `inode.pages`: read, write, lseek with SEEK_DATA/SEEK_HOLE, mmap, truncate, fallocate, and the times (inode(7), mount(2) relatime).
import { type Errno, EBADF, EFBIG, EINVAL, ENODEV, ENOSPC, ENOTTY, ENXIO, EOPNOTSUPP, ETXTBSY } from '../../abi/errno.ts';
import {
  FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_UNSHARE_RANGE, FALLOC_FL_ZERO_RANGE,
  O_APPEND, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET,
} from '../../abi/fcntl.ts';
import { FIGETBSZ, FIONREAD } from '../../abi/ioctl.ts';
import type { Vma } from '../mm/vma.ts';
import { modeAfterWrite } from '../security/access.ts';
import { dropCapabilities } from '../security/file-capabilities.ts';
import type { Task } from '../task/task.ts';
import { touchAtime } from './atime.ts';
import { type IoBuffer, LimitedBuffer } from './io-buffer.ts';
import { OpenFile } from './open-file.ts';
import { changeSize, fileSizeLimit, MAX_FILE_SIZE } from './setattr.ts';

export class RegularFile extends OpenFile {
  override get isSeekable(): boolean { return true; }

  override read(t: Task, io: IoBuffer, pos: number): number | Errno {
    const n = this.inode.pages!.read(t, io, pos);
    if (n > 0) touchAtime(this);
    return n;
  }

  override write(t: Task, io: IoBuffer, start: number): number | Errno {
    const { inode } = this;
    const pos = (this.flags & O_APPEND) !== 0 ? inode.size : start;
    if (inode.isSwapFile) return ETXTBSY;
    if (io.remaining === 0) return 0;
    const room = Math.min(MAX_FILE_SIZE, fileSizeLimit(t)) - pos;
    if (room <= 0) return EFBIG;
    const n = io.remaining <= room ? inode.pages!.write(t, io, pos) : inode.pages!.write(t, new LimitedBuffer(io, room), pos);
    if (n <= 0) return n;
    this.writeEnd = pos + n;
    inode.mtime = inode.ctime = t.kernel.realtime();
    if ((inode.mode & 0o6000) !== 0) inode.mode = modeAfterWrite(t.cred, inode.mode);
    if (inode.hasFileCaps) dropCapabilities(t, inode);
    return n;
  }

  override seek(_t: Task, offset: number, whence: number): number | Errno {
    const { inode } = this;
    let to: number;
    switch (whence) {
      case SEEK_SET: to = offset; break;
      case SEEK_CUR: to = this.pos + offset; break;
      case SEEK_END: to = inode.size + offset; break;
      case SEEK_DATA:
      case SEEK_HOLE:
        if (offset < 0 || offset >= inode.size) return ENXIO;
        to = whence === SEEK_DATA ? inode.pages!.nextData(offset) : inode.pages!.nextHole(offset);
        if (to < 0) return to;
        break;
      default: return EINVAL;
    }
    if (to < 0 || to > Number.MAX_SAFE_INTEGER) return EINVAL;
    this.pos = to;
    return to;
  }

  override mmap(_t: Task, vma: Vma): 0 | Errno {
    if (this.inode.pages === null) return ENODEV;
    vma.pages = this.inode.pages;
    touchAtime(this);
    return 0;
  }

  override truncate(t: Task, size: number): 0 | Errno {
    return this.isWritable ? changeSize(t, this.path, this.inode, size) : EINVAL;
  }

  /** fallocate(2): allocation, holes and zeroing; what would move data is not offered by a page cache alone. */
  override fallocate(t: Task, mode: number, offset: number, length: number): 0 | Errno {
    if (!this.isWritable) return EBADF;
    if ((mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE)) !== 0) return EOPNOTSUPP;
    if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) return EOPNOTSUPP;
    const { inode } = this;
    const pages = inode.pages!;
    const end = offset + length;
    if (end > MAX_FILE_SIZE) return EFBIG;
    const grows = (mode & FALLOC_FL_KEEP_SIZE) === 0 && end > inode.size;
    if (grows && end > fileSizeLimit(t)) return EFBIG;
    if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0) {
      if (mode !== (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)) return EOPNOTSUPP;
      pages.punchHole(offset, Math.min(end, Math.max(inode.size, offset)));
    } else {
      if ((mode & FALLOC_FL_ZERO_RANGE) !== 0 && offset < inode.size) pages.punchHole(offset, Math.min(end, inode.size));
      if (length / 4096 > t.kernel.frames.total) return ENOSPC;
      const r = pages.allocate(t, offset, end);
      if (r !== 0) {
        if (end > inode.size) pages.punchHole(Math.max(offset, inode.size), end);    // what was made beyond the end goes again
        return r;
      }
    }
    const now = t.kernel.realtime();
    return inode.setattr(t, grows ? { size: end, mtime: now, ctime: now } : { mtime: now, ctime: now });
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    if (cmd === FIONREAD) return t.user.storeU32(arg, Math.max(0, this.inode.size - this.pos));
    if (cmd === FIGETBSZ) return t.user.storeU32(arg, 4096);
    return ENOTTY;
  }
}
