// Memory devices, major 1 (null(4), zero(4), full(4), random(4), kmsg): no hardware behind them.
import { type Errno, type Fallible, EAGAIN, EINVAL, ENOSPC, ENXIO, EPERM, EPIPE } from '../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../abi/capability.ts';
import { SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_SET } from '../abi/fcntl.ts';
import { MAP_SHARED } from '../abi/mman.ts';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../abi/poll.ts';
import { minor } from '../abi/stat.ts';
import { latin1Decode, latin1Encode } from '../lib/utf8.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { ShmemCache } from '../kernel/mm/shmem.ts';
import type { Vma } from '../kernel/mm/vma.ts';
import type { Task } from '../kernel/task/task.ts';
import type { LogLevel } from '../kernel/trace/log.ts';
import { DeviceDriver } from '../kernel/vfs/devices.ts';
import type { Inode } from '../kernel/vfs/inode.ts';
import type { IoBuffer } from '../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../kernel/vfs/open-file.ts';

const NULL = 3, ZERO = 5, FULL = 7, RANDOM = 8, URANDOM = 9, KMSG = 11;

// linux/random.h, random(4)
const RNDGETENTCNT = 0x8004_5200, RNDADDTOENTCNT = 0x4004_5201, RNDADDENTROPY = 0x4008_5203;
const RNDZAPENTCNT = 0x5204, RNDCLEARPOOL = 0x5206, RNDRESEEDCRNG = 0x5207;

/** Registers the driver and its nodes. */
export function registerMemoryDevices(kernel: Kernel): void {
  kernel.devices.register('character', 1, 0, 16, 'mem', new MemoryDriver());
  for (const [name, minor, mode] of [
    ['null', NULL, 0o666], ['zero', ZERO, 0o666], ['full', FULL, 0o666], ['random', RANDOM, 0o666], ['urandom', URANDOM, 0o666], ['kmsg', KMSG, 0o644],
  ] as const) kernel.devices.addNode(name, 'character', 1, minor, mode);
}

class MemoryDriver extends DeviceDriver {
  open(t: Task, inode: Inode, flags: number): Fallible<OpenFile> {
    switch (minor(inode.rdev)) {
      case NULL: return new NullFile(inode, flags);
      case ZERO: return new ZeroFile(inode, flags);
      case FULL: return new FullFile(inode, flags);
      case RANDOM: case URANDOM: return new RandomFile(inode, flags);
      case KMSG: return new KmsgFile(inode, flags, t.kernel);
      default: return ENXIO;
    }
  }
}

/** Positions mean nothing to these devices, but programs seek in them: lseek answers 0. */
abstract class MemoryFile extends OpenFile {
  override seek(_t: Task, _offset: number, whence: number): number | Errno {
    return whence === SEEK_SET || whence === SEEK_CUR || whence === SEEK_END ? 0 : EINVAL;
  }
}

class NullFile extends MemoryFile {
  override read(): number { return 0; }
  override write(_t: Task, io: IoBuffer): number { return io.remaining; }
}

class ZeroFile extends MemoryFile {
  override read(_t: Task, io: IoBuffer): number | Errno { return io.putZeros(io.remaining); }
  override write(_t: Task, io: IoBuffer): number { return io.remaining; }
  /** A private mapping is plain zero memory (zero(4), mmap(2)); a shared one is an anonymous object of its own. */
  override mmap(t: Task, vma: Vma): 0 {
    if ((vma.flags & MAP_SHARED) !== 0) vma.pages = new ShmemCache(t.kernel.frames, null, vma.length);
    return 0;
  }
}

class FullFile extends ZeroFile {
  override write(): Errno { return ENOSPC; }
}

class RandomFile extends MemoryFile {
  override read(t: Task, io: IoBuffer): number | Errno {
    const chunk = new Uint8Array(Math.min(io.remaining, 4096));
    let total = 0;
    while (io.remaining > 0) {
      const n = Math.min(chunk.length, io.remaining);
      t.kernel.random.fillBytes(chunk);
      const put = io.put(chunk, 0, n);
      if (put < 0) return total > 0 ? total : put;
      total += put;
      if (put < n) break;
    }
    return total;
  }
  /** What is written is not trusted to be random; accepting it is what random(4) promises. */
  override write(_t: Task, io: IoBuffer): number { return io.remaining; }
  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    switch (cmd) {
      case RNDGETENTCNT: return t.user.storeU32(arg, 256);
      case RNDADDTOENTCNT: case RNDADDENTROPY: case RNDZAPENTCNT: case RNDCLEARPOOL: case RNDRESEEDCRNG:
        return t.cred.has(CAP_SYS_ADMIN) ? 0 : EPERM;
      default: return EINVAL;
    }
  }
}

/** One record a read: `priority,sequence,microseconds,-;text`. Writing adds a record. */
class KmsgFile extends OpenFile {
  private readonly kernel: Kernel;
  private next: number;
  constructor(inode: Inode, flags: number, kernel: Kernel) {
    super(inode, flags);
    this.kernel = kernel;
    this.next = kernel.log.lines[0]?.seq ?? kernel.log.nextSeq;
  }

  override read(_t: Task, io: IoBuffer): number | Errno {
    const { lines } = this.kernel.log;
    const first = lines[0]?.seq ?? this.next;
    if (this.next < first) {
      this.next = first;
      return EPIPE;
    }
    const line = lines[this.next - first];
    if (line === undefined) return EAGAIN;
    const bytes = latin1Encode(`${line.level},${line.seq},${Math.floor(line.timeNs / 1000)},-;${line.text}\n`);
    if (bytes.length > io.remaining) return EINVAL;
    const n = io.put(bytes, 0, bytes.length);
    if (n > 0) this.next++;
    return n;
  }

  override write(_t: Task, io: IoBuffer): number | Errno {
    const bytes = new Uint8Array(Math.min(io.remaining, 1024));
    const n = io.take(bytes, 0, bytes.length);
    if (n < 0) return n;
    const text = latin1Decode(bytes, 0, n).replace(/\n$/, '');
    const level = /^<(\d+)>/.exec(text);
    const kernel = this.kernel;
    kernel.log.add((level === null ? 4 : Number(level[1]) & 7) as LogLevel, kernel.now(), level === null ? text : text.slice(level[0].length));
    return n;
  }

  override seek(_t: Task, offset: number, whence: number): number | Errno {
    if (offset !== 0) return EINVAL;
    const { log } = this.kernel;
    if (whence === SEEK_SET || whence === SEEK_DATA) this.next = log.lines[0]?.seq ?? log.nextSeq;
    else if (whence === SEEK_END) this.next = log.nextSeq;
    else return EINVAL;
    return 0;
  }

  override poll(): number {
    return POLLOUT | POLLWRNORM | (this.next < this.kernel.log.nextSeq ? POLLIN | POLLRDNORM : 0);
  }
}
