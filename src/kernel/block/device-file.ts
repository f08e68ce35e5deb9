// Open block devices: /dev/vda and its like (ioctl_list(2), linux/fs.h). Reads and writes go through the device's page cache; O_EXCL claims the device.
import {
  BLOCKED, EACCES, EBADF, EBUSY, EINVAL, EIO, ENOSPC, ENOTDIR, ENXIO, EOPNOTSUPP, EROFS, type Errno, type Fallible,
} from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { O_DIRECT, O_DSYNC, O_EXCL, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET } from '../../abi/fcntl.ts';
import {
  BLKALIGNOFF, BLKBSZGET, BLKBSZSET, BLKDISCARD, BLKDISCARDZEROES, BLKFLSBUF, BLKGETDISKSEQ, BLKGETSIZE, BLKGETSIZE64, BLKIOMIN, BLKIOOPT, BLKPBSZGET,
  BLKRAGET, BLKRASET, BLKROGET, BLKROSET, BLKROTATIONAL, BLKRRPART, BLKSECTGET, BLKSSZGET, BLKZEROOUT,
} from '../../abi/ioctl.ts';
import type { SwapStore } from '../mm/swap-area.ts';
import type { Vma } from '../mm/vma.ts';
import type { Task } from '../task/task.ts';
import { DeviceDriver } from '../vfs/devices.ts';
import type { Inode } from '../vfs/inode.ts';
import { type IoBuffer, LimitedBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';
import { OP_DISCARD, OP_FLUSH, OP_ZERO } from './bio.ts';
import type { BlockLayer } from './block-layer.ts';
import type { BlockDevice } from './disk.ts';
import { DiskSwap } from './swap-store.ts';

/** linux/hdreg.h: the geometry that no disk has had for decades. */
const HDIO_GETGEO = 0x301;

/** Behind every block major. */
export class BlockNodes extends DeviceDriver {
  private readonly layer: BlockLayer;
  constructor(layer: BlockLayer) {
    super();
    this.layer = layer;
  }
  override open(_t: Task, inode: Inode, flags: number): Fallible<OpenFile> {
    const device = this.layer.find(inode.rdev);
    if (device === null) return ENXIO;
    const file = new BlockFile(inode, flags, device);
    if (file.isWritable && device.isReadOnly) return drop(file, EROFS);
    if ((flags & O_EXCL) !== 0 && !device.claim(file)) return drop(file, EBUSY);
    return file;
  }
}

function drop(file: BlockFile, error: Errno): Errno {
  file.put();
  return error;
}

/** fsync(2) of a device: its dirty pages, then its cache. */
export function syncDevice(t: Task, device: BlockDevice): 0 | Errno {
  const r = device.pages.sync(t);
  if (r !== 0 || device.disk.limits.cache === 'write-through') return r;
  return device.disk.isPresent ? device.command(t, OP_FLUSH, 0, 0) : EIO;
}

export class BlockFile extends OpenFile {
  readonly device: BlockDevice;

  constructor(inode: Inode, flags: number, device: BlockDevice) {
    super(inode, flags);
    this.device = device;
    device.acquire();
  }

  override get isSeekable(): boolean { return true; }

  override read(t: Task, io: IoBuffer, pos: number): number | Errno {
    if (!this.device.disk.isPresent) return EIO;
    if ((this.flags & O_DIRECT) !== 0 && (pos | io.remaining) % 512 !== 0) return EINVAL;
    return this.device.pages.read(t, io, pos);
  }

  override write(t: Task, io: IoBuffer, pos: number): number | Errno {
    const { device } = this;
    if (!device.disk.isPresent) return EIO;
    if (device.isReadOnly) return EACCES;
    const room = device.bytes - pos;
    if (io.remaining === 0) return 0;
    if (room <= 0) return ENOSPC;
    if ((this.flags & O_DIRECT) !== 0 && (pos | io.remaining) % 512 !== 0) return EINVAL;
    const written = t.restart?.data instanceof Written ? t.restart.data.count : 0;
    const n = written > 0 ? written : device.pages.write(t, io.remaining <= room ? io : new LimitedBuffer(io, room), pos);
    if (n <= 0) return n;
    if ((this.flags & (O_DSYNC | O_DIRECT)) !== 0) {
      const r = device.pages.sync(t, Math.floor(pos / 4096), Math.ceil((pos + n) / 4096));
      if (r === BLOCKED) t.record().data = new Written(n);
      if (r !== 0) return r;
    }
    this.writeEnd = pos + n;
    return n;
  }

  override seek(_t: Task, offset: number, whence: number): number | Errno {
    const { bytes } = this.device;
    let to: number;
    switch (whence) {
      case SEEK_SET: to = offset; break;
      case SEEK_CUR: to = this.pos + offset; break;
      case SEEK_END: to = bytes + offset; break;
      case SEEK_DATA: case SEEK_HOLE:
        if (offset < 0 || offset >= bytes) return ENXIO;
        to = whence === SEEK_DATA ? offset : bytes;
        break;
      default: return EINVAL;
    }
    if (to < 0 || to > Number.MAX_SAFE_INTEGER) return EINVAL;
    this.pos = to;
    return to;
  }

  override mmap(_t: Task, vma: Vma): 0 {
    vma.pages = this.device.pages;
    return 0;
  }

  override fsync(t: Task): 0 | Errno { return syncDevice(t, this.device); }
  override swapStore(_t: Task, pages: number): Fallible<SwapStore> {
    const swap = new DiskSwap(this.device);
    return pages > swap.pages ? EINVAL : swap;
  }
  override fallocate(): Errno { return this.isWritable ? EOPNOTSUPP : EBADF; }
  override readdir(): Errno { return ENOTDIR; }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    const { device } = this;
    const { disk } = device;
    switch (cmd) {
      case BLKGETSIZE: return t.user.storeI64(arg, device.sectors);
      case BLKGETSIZE64: return t.user.storeI64(arg, device.bytes);
      case BLKSSZGET: return t.user.storeU32(arg, disk.limits.logicalBlock);
      case BLKPBSZGET: case BLKIOMIN: return t.user.storeU32(arg, disk.limits.physicalBlock);
      case BLKIOOPT: case BLKALIGNOFF: case BLKDISCARDZEROES: return t.user.storeU32(arg, 0);
      case BLKROTATIONAL: return t.user.copyOut(arg, new Uint8Array(2));
      case BLKSECTGET: return t.user.copyOut(arg, Uint8Array.of(disk.limits.maxSectors & 255, Math.min(255, disk.limits.maxSectors >> 8)));
      case BLKBSZGET: return t.user.storeU32(arg, 4096);
      case BLKRAGET: return t.user.storeI64(arg, 256);
      case BLKGETDISKSEQ: return t.user.storeI64(arg, disk.seq);
      case BLKROGET: return t.user.storeU32(arg, device.isReadOnly ? 1 : 0);
      case HDIO_GETGEO: return this.geometry(t, arg);
      default: return this.change(t, cmd, arg);
    }
  }

  private change(t: Task, cmd: number, arg: number): number | Errno {
    const { device } = this;
    const isAdmin = t.cred.has(CAP_SYS_ADMIN);
    switch (cmd) {
      case BLKRASET: case BLKBSZSET: return isAdmin ? 0 : EACCES;
      case BLKFLSBUF: {
        if (!isAdmin) return EACCES;
        const r = syncDevice(t, device);
        if (r === 0) device.pages.invalidate();
        return r;
      }
      case BLKROSET: {
        if (!isAdmin) return EACCES;
        const r = t.user.loadI32(arg);
        if (r === 0) device.disk.isReadOnly = t.user.value !== 0;
        return r;
      }
      case BLKRRPART: return !isAdmin ? EACCES : device.partition !== 0 ? EINVAL : t.kernel.block.rescan(t, device.disk);
      case BLKDISCARD: case BLKZEROOUT: return this.range(t, cmd, arg);
      default: return device.disk.driver.ioctl(t, device, cmd, arg);
    }
  }

  /** uint64_t range[2]: start and length in bytes. What is cached of the range is forgotten. */
  private range(t: Task, cmd: typeof BLKDISCARD | typeof BLKZEROOUT, arg: number): 0 | Errno {
    const { device } = this;
    if (!this.isWritable) return EBADF;
    const a = t.user.loadU64(arg);
    if (a !== 0) return a;
    const start = t.user.value;
    const b = t.user.loadU64(arg + 8);
    if (b !== 0) return b;
    const length = t.user.value;
    if (start % 512 !== 0 || length % 512 !== 0 || start + length > device.bytes) return EINVAL;
    const most = cmd === BLKDISCARD ? device.disk.limits.maxDiscardSectors : device.disk.limits.maxZeroSectors;
    if (most === 0) return EOPNOTSUPP;
    if (length === 0) return 0;
    const first = Math.floor(start / 4096), end = Math.ceil((start + length) / 4096);
    const r = device.pages.sync(t, first, end);
    if (r !== 0) return r;
    const done = device.command(t, cmd === BLKDISCARD ? OP_DISCARD : OP_ZERO, start / 512, length / 512);
    if (done === 0) device.pages.punchHole(start, start + length);
    return done;
  }

  /** struct hd_geometry: u8 heads, u8 sectors, u16 cylinders, unsigned long start. */
  private geometry(t: Task, arg: number): 0 | Errno {
    const bytes = new Uint8Array(16);
    const v = new DataView(bytes.buffer);
    v.setUint8(0, 16);
    v.setUint8(1, 63);
    v.setUint16(2, Math.min(65535, Math.floor(this.device.sectors / (16 * 63))), true);
    v.setUint32(8, this.device.start % 2 ** 32, true);
    v.setUint32(12, Math.floor(this.device.start / 2 ** 32), true);
    return t.user.copyOut(arg, bytes);
  }

  override release(): void {
    const { device } = this;
    device.unclaim(this);
    device.release(this.inode.sb.kernel.current);
  }
}

/** The copying of an O_SYNC write is done; only the waiting is left. */
class Written {
  readonly count: number;
  constructor(count: number) { this.count = count; }
}
