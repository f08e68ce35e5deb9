// Loop devices (loop(4)): disks whose sectors are a file's bytes. A worker of each device reads and writes the file, because the file may have to wait for
// a disk itself. /dev/loop-control makes and finds free ones.
import { EBADF, EBUSY, EEXIST, EINVAL, EIO, ENODEV, ENOSYS, ENOTTY, ENXIO, EOPNOTSUPP, type Errno, type Fallible, isErr, BLOCKED } from '../abi/errno.ts';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE } from '../abi/fcntl.ts';
import {
  LO_FLAGS_AUTOCLEAR, LO_FLAGS_PARTSCAN, LO_FLAGS_READ_ONLY, LOOP_CHANGE_FD, LOOP_CLR_FD, LOOP_CONFIGURE, LOOP_CTL_ADD, LOOP_CTL_GET_FREE, LOOP_CTL_REMOVE,
  LOOP_GET_STATUS64, LOOP_SET_BLOCK_SIZE, LOOP_SET_CAPACITY, LOOP_SET_DIRECT_IO, LOOP_SET_FD, LOOP_SET_STATUS64, LoopConfig, LoopInfo64,
} from '../abi/loop.ts';
import { isRegular } from '../abi/stat.ts';
import { OP_DISCARD, OP_FLUSH, OP_READ, OP_WRITE } from '../kernel/block/bio.ts';
import { BlockFile } from '../kernel/block/device-file.ts';
import { type BlockDevice, BlockDriver, Disk } from '../kernel/block/disk.ts';
import type { Request } from '../kernel/block/scheduler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Task } from '../kernel/task/task.ts';
import { Work, Worker } from '../kernel/task/worker.ts';
import { DeviceDriver } from '../kernel/vfs/devices.ts';
import { renderFile } from '../kernel/vfs/d-path.ts';
import type { Inode } from '../kernel/vfs/inode.ts';
import { KernelBuffer } from '../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../kernel/vfs/open-file.ts';
import { latin1Into, cString } from '../lib/utf8.ts';

const MAJOR = 7, DEVICES = 8, MAX_DEVICES = 256;
const MISC_MAJOR = 10, CONTROL_MINOR = 237;
const ZEROS = new Uint8Array(65536);

/** Registers /dev/loop-control and the first eight devices. */
export function registerLoopDevices(kernel: Kernel): void {
  kernel.block.registerMajor(MAJOR, 'loop');
  const control = new LoopControl(kernel);
  for (let n = 0; n < DEVICES; n++) control.add(n);
  kernel.devices.register('character', MISC_MAJOR, CONTROL_MINOR, 1, 'misc', control);
  kernel.devices.addNode('loop-control', 'character', MISC_MAJOR, CONTROL_MINOR, 0o660, { uid: 0, gid: 6 });
}

class LoopControl extends DeviceDriver {
  private readonly kernel: Kernel;
  readonly loops = new Map<number, Loop>();
  constructor(kernel: Kernel) {
    super();
    this.kernel = kernel;
  }
  open(_t: Task, inode: Inode, flags: number): Fallible<OpenFile> { return new ControlFile(inode, flags, this); }

  add(n: number): number | Errno {
    if (this.loops.has(n)) return EEXIST;
    if (n < 0 || n >= MAX_DEVICES) return EINVAL;
    const loop = new Loop(this.kernel, n);
    this.loops.set(n, loop);
    this.kernel.block.add(loop.disk, 'no table');
    return n;
  }

  remove(n: number): number | Errno {
    const loop = this.loops.get(n);
    if (loop === undefined) return ENODEV;
    if (loop.file !== null || loop.disk.whole.openers > 0) return EBUSY;
    this.kernel.block.remove(loop.disk);
    this.loops.delete(n);
    return n;
  }

  /** The lowest that has no file, made if all have one. */
  free(): number | Errno {
    let n = 0;
    while (this.loops.get(n)?.file) n++;
    return this.loops.has(n) ? n : this.add(n);
  }
}

class ControlFile extends OpenFile {
  private readonly control: LoopControl;
  constructor(inode: Inode, flags: number, control: LoopControl) {
    super(inode, flags);
    this.control = control;
  }
  override ioctl(_t: Task, cmd: number, arg: number): number | Errno {
    switch (cmd) {
      case LOOP_CTL_GET_FREE: return this.control.free();
      case LOOP_CTL_ADD: return (arg | 0) < 0 ? this.control.free() : this.control.add(arg);
      case LOOP_CTL_REMOVE: return this.control.remove(arg);
      default: return ENOSYS;
    }
  }
}

/** One device. */
export class Loop extends BlockDriver {
  readonly number: number;
  readonly disk: Disk;
  file: OpenFile | null = null;
  private offset = 0;
  private sizeLimit = 0;
  private flags = 0;
  private name = '';
  private readonly kernel: Kernel;
  private worker: Worker | null = null;

  constructor(kernel: Kernel, number: number) {
    super();
    this.kernel = kernel;
    this.number = number;
    const limits = {
      maxSectors: 2560, maxSegments: 128, maxDiscardSectors: 2 ** 22, maxZeroSectors: 2 ** 22, logicalBlock: 512, physicalBlock: 512, cache: 'write-back' as const,
    };
    this.disk = new Disk(kernel, this, { name: `loop${number}`, major: MAJOR, firstMinor: number, minors: 1, sectors: 0, limits, access: 'read-write' });
  }

  override start(r: Request): 'started' {
    if (this.file === null) this.disk.ended(r, EIO);
    else (this.worker ??= new Worker(this.kernel, `loop${this.number}`)).add(new LoopRequest(this, r));
    return 'started';
  }

  override ioctl(t: Task, _device: BlockDevice, cmd: number, arg: number): number | Errno {
    switch (cmd) {
      case LOOP_SET_FD: return this.attach(t, arg, LoopInfo64.view());
      case LOOP_CONFIGURE: return this.configure(t, arg);
      case LOOP_CLR_FD: case LOOP_GET_STATUS64: case LOOP_SET_STATUS64: case LOOP_SET_CAPACITY: case LOOP_SET_BLOCK_SIZE: case LOOP_SET_DIRECT_IO: case LOOP_CHANGE_FD:
        return this.file === null ? ENXIO : this.change(t, cmd, arg);
      default: return ENOTTY;
    }
  }

  private change(t: Task, cmd: number, arg: number): number | Errno {
    switch (cmd) {
      case LOOP_CLR_FD: return this.clear(t);
      case LOOP_GET_STATUS64: return t.user.copyOut(arg, this.info().bytes);
      case LOOP_SET_STATUS64: {
        const info = LoopInfo64.view();
        const r = t.user.copyIn(arg, info.bytes) || this.disk.whole.pages.sync(t);
        return r !== 0 ? r : this.adopt(info);
      }
      case LOOP_SET_CAPACITY: return this.resize();
      case LOOP_SET_BLOCK_SIZE: return arg === 512 ? 0 : EINVAL;
      case LOOP_SET_DIRECT_IO: return arg === 0 ? 0 : EINVAL;
      default: return EINVAL;
    }
  }

  private configure(t: Task, arg: number): 0 | Errno {
    const c = LoopConfig.view();
    const r = t.user.copyIn(arg, c.bytes);
    if (r !== 0) return r;
    if (c.block_size !== 0 && c.block_size !== 512) return EINVAL;
    const done = this.attach(t, c.fd, c.info);
    if (done === 0 && (this.flags & LO_FLAGS_PARTSCAN) !== 0) this.kernel.block.scan(this.disk);
    return done;
  }

  private attach(t: Task, fd: number, info: ReturnType<typeof LoopInfo64.view>): 0 | Errno {
    if (this.file !== null) return EBUSY;
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if (file instanceof BlockFile && file.device.disk === this.disk) return EBADF;
    if (!(file instanceof BlockFile) && !isRegular(file.inode.mode)) return EINVAL;
    this.file = file.get();
    this.name = renderFile(file, t.fs.root);
    this.disk.isReadOnly = !file.isWritable;
    const r = this.adopt(info);
    if (r === 0) return 0;
    this.detach();
    return r;
  }

  /** Offset, limit, flags and name as LOOP_SET_STATUS64 gives them. */
  private adopt(info: ReturnType<typeof LoopInfo64.view>): 0 | Errno {
    if (info.lo_encrypt_type !== 0) return EINVAL;
    this.offset = info.lo_offset;
    this.sizeLimit = info.lo_sizelimit;
    this.flags = info.lo_flags & (LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN);
    if ((info.lo_flags & LO_FLAGS_READ_ONLY) !== 0) this.disk.isReadOnly = true;
    const given = cString(info.lo_file_name);
    if (given !== '') this.name = given;
    return this.resize();
  }

  private resize(): 0 {
    const bytes = this.file instanceof BlockFile ? this.file.device.bytes : this.file!.inode.size;
    const room = Math.max(0, bytes - this.offset);
    this.setSectors(Math.floor((this.sizeLimit > 0 ? Math.min(room, this.sizeLimit) : room) / 512));
    return 0;
  }

  private info(): ReturnType<typeof LoopInfo64.view> {
    const i = LoopInfo64.view();
    const { inode } = this.file!;
    i.lo_device = inode.sb.dev;
    i.lo_inode = inode.ino;
    i.lo_rdevice = inode.rdev;
    i.lo_offset = this.offset;
    i.lo_sizelimit = this.sizeLimit;
    i.lo_number = this.number;
    i.lo_flags = this.flags | (this.disk.isReadOnly ? LO_FLAGS_READ_ONLY : 0);
    latin1Into(this.name.slice(0, 63), i.lo_file_name);
    return i;
  }

  /** The file behind it, for /sys. */
  override get backingFile(): string { return this.file === null ? '' : this.name; }

  /** LOOP_CLR_FD: at once, or when the last user goes. */
  private clear(t: Task): 0 | Errno {
    const { whole } = this.disk;
    if (whole.openers > 1 || whole.holder !== null) {
      this.flags |= LO_FLAGS_AUTOCLEAR;
      return 0;
    }
    const r = whole.pages.sync(t);
    if (r === BLOCKED) return r;
    this.detach();
    return 0;
  }

  override released(): void {
    if (this.file !== null && (this.flags & LO_FLAGS_AUTOCLEAR) !== 0) (this.worker ??= new Worker(this.kernel, `loop${this.number}`)).add(new Detach(this));
  }

  detach(): void {
    this.kernel.block.setPartitions(this.disk, []);
    this.setSectors(0);
    this.file?.put();
    this.file = null;
    this.offset = this.sizeLimit = this.flags = 0;
    this.name = '';
    this.disk.isReadOnly = false;
  }

  private setSectors(sectors: number): void {
    const { whole } = this.disk;
    if (whole.sectors > 0) whole.pages.punchHole(0, Math.ceil(whole.bytes / 4096) * 4096);
    whole.sectors = sectors;
    this.kernel.block.changed(whole);
  }

  /** Where sector `s` lies in the file. */
  positionOf(s: number): number { return this.offset + s * 512; }
}

/** One request; it is done again from its start when the file had to wait, which does no harm. */
class LoopRequest extends Work {
  private readonly loop: Loop;
  private readonly request: Request;
  constructor(loop: Loop, request: Request) {
    super();
    this.loop = loop;
    this.request = request;
  }

  step(t: Task): 0 | Errno {
    const status = this.loop.file === null ? EIO : this.serve(t, this.loop.file);
    if (status === BLOCKED) return BLOCKED;
    this.loop.disk.ended(this.request, status);
    return 0;
  }

  private serve(t: Task, file: OpenFile): 0 | Errno {
    const { op } = this.request;
    if (op === OP_READ || op === OP_WRITE) return this.transfer(t, file, op);
    if (op === OP_FLUSH) return file.fsync(t, 'data');
    const { sector, sectors } = this.request;
    const r = file.fallocate(t, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, this.loop.positionOf(sector), sectors * 512);
    return r === EOPNOTSUPP && op !== OP_DISCARD ? this.writeZeros(t, file) : r;
  }

  private transfer(t: Task, file: OpenFile, op: typeof OP_READ | typeof OP_WRITE): 0 | Errno {
    const { u8 } = t.kernel.machine.ram;
    let pos = this.loop.positionOf(this.request.sector);
    for (const bio of this.request.bios) {
      for (let i = 0; i < bio.addrs.length; i++) {
        const addr = bio.addrs[i]!, length = bio.lengths[i]!;
        const bytes = u8.subarray(addr, addr + length);
        const n = op === OP_READ ? file.read(t, new KernelBuffer(bytes), pos) : file.write(t, new KernelBuffer(bytes), pos);
        if (isErr(n)) return n;
        if (n < length && op === OP_WRITE) return EIO;
        if (n < length) bytes.fill(0, n);              // the file was cut
        pos += length;
      }
    }
    return 0;
  }

  private writeZeros(t: Task, file: OpenFile): 0 | Errno {
    const start = this.loop.positionOf(this.request.sector), end = start + this.request.sectors * 512;
    for (let pos = start; pos < end;) {
      const n = file.write(t, new KernelBuffer(ZEROS.subarray(0, Math.min(ZEROS.length, end - pos))), pos);
      if (n <= 0) return n === 0 ? EIO : n as Errno;
      pos += n;
    }
    return 0;
  }
}

/** Autoclear, after everything that was written. */
class Detach extends Work {
  private readonly loop: Loop;
  constructor(loop: Loop) {
    super();
    this.loop = loop;
  }
  step(t: Task): 0 | Errno {
    const { whole } = this.loop.disk;
    if (whole.openers > 0 || this.loop.file === null) return 0;
    if (whole.pages.dirtyCount > 0) whole.pages.startWrites(t);
    this.loop.detach();
    return 0;
  }
}
