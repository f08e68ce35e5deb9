// Front of the virtio block device: /dev/vda and so on in the kernel's block layer. The core (core/virtio-blk.ts) moves requests, a slot for each; here
// they are kept until they have ended, so that a core that was started again gets them once more: reads, writes, flushes, discards may be done twice.
import { EIO, ENODEV, ENOTTY, type Errno, isErr } from '../abi/errno.ts';
import { type BlockOp, OP_DISCARD, OP_FLUSH, OP_READ, OP_WRITE, OP_ZERO } from '../kernel/block/bio.ts';
import { BlockDriver, Disk, type DiskLimits } from '../kernel/block/disk.ts';
import type { Request } from '../kernel/block/scheduler.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import { BLK_T_DISCARD, BLK_T_FLUSH, BLK_T_IN, BLK_T_OUT, BLK_T_WRITE_ZEROES } from '../machine/registers.ts';
import type { DevicePort, DriverCore } from './core/core.ts';
import {
  BLK_DONE, BLK_GET_ID, BLK_INFO, BLK_INFO_BLOCK, BLK_INFO_DISCARD, BLK_INFO_FLUSH, BLK_INFO_PHYSICAL_EXP, BLK_INFO_READ_ONLY, BLK_INFO_SECTORS,
  BLK_INFO_SEGMENTS, BLK_INFO_ZERO, BLK_SLOTS, BLK_SUBMIT, VirtioBlkCore,
} from './core/virtio-blk.ts';
import { DriverFront } from './placement/front.ts';
import { NO_CORE } from './placement/link.ts';

/** Linux's "virtblk" takes a free major, usually this one. Each disk has sixteen minors. */
const MAJOR = 254, MINORS = 16, MAX_DISKS = 256;
/** So often in a row may a request be out for too long, with nothing answered in between, before the disk is given up. */
export const MAX_SILENCES = 3;
const MAX_SECTORS = 2048, MAX_SEGMENTS = 250;
const TYPE_OF: Readonly<Record<BlockOp, number>> = {
  [OP_READ]: BLK_T_IN, [OP_WRITE]: BLK_T_OUT, [OP_DISCARD]: BLK_T_DISCARD, [OP_ZERO]: BLK_T_WRITE_ZEROES, [OP_FLUSH]: BLK_T_FLUSH,
};

/** Takes the device into service: a disk more in the kernel's block layer. */
export function startVirtioBlock(device: PlatformDevice): VirtioBlock | Errno {
  const number = freeNumber(device);
  if (number < 0) return ENODEV;
  const front = new VirtioBlock(device);
  const r = front.link.start();
  if (r !== 0) return r;
  const { kernel } = device;
  const disk = front.openDisk(number);
  if (isErr(disk)) return disk;
  kernel.log.add(6, kernel.now(), `virtio_blk ${device.name}: [${disk.name}] ${disk.whole.sectors} 512-byte logical blocks (${Math.floor(disk.whole.bytes / 2 ** 20)} MiB)`);
  kernel.block.registerMajor(MAJOR, 'virtblk');
  kernel.block.add(disk, 'partitions');
  return front;
}

/** vda, ..., vdz, vdaa: the lowest that is free. */
function freeNumber(device: PlatformDevice): number {
  for (let n = 0; n < MAX_DISKS; n++) if (!device.kernel.block.disks.has(`vd${letters(n)}`)) return n;
  return -1;
}

const letters = (n: number): string => (n < 26 ? String.fromCharCode(97 + n) : letters(Math.floor(n / 26) - 1) + letters(n % 26));

export class VirtioBlock extends DriverFront {
  override readonly name = 'virtio-blk';
  /** Null until the device has said what it is. */
  disk: Disk | null = null;
  private readonly free: number[] = Array.from({ length: BLK_SLOTS }, (_, i) => BLK_SLOTS - 1 - i);
  private readonly out: (Request | null)[] = new Array<Request | null>(BLK_SLOTS).fill(null);
  /** How often in a row something was late. */
  private silences = 0;
  /** Per slot: DMA addresses of the parts of its request, in order. */
  private readonly mapped: number[][] = Array.from({ length: BLK_SLOTS }, () => []);

  override createCore(port: DevicePort): DriverCore { return new VirtioBlkCore(port); }

  openDisk(number: number): Disk | Errno {
    const { device, link } = this;
    if (link.call(BLK_INFO, 0, 0, 0, 0) < 0) return EIO;
    const { args } = link;
    const sectors = Math.min(args[BLK_INFO_SECTORS]!, 2 ** 40);
    const disk = new Disk(device.kernel, new Front(this), {
      name: `vd${letters(number)}`, major: MAJOR, firstMinor: number * MINORS, minors: MINORS, sectors, limits: limitsFrom(args),
      access: args[BLK_INFO_READ_ONLY] === 1 ? 'read-only' : 'read-write', parentPath: `${device.sysPath}/${device.child?.name ?? 'virtio'}`,
    });
    this.disk = disk;
    disk.serial = this.readId();
    return disk;
  }

  start(r: Request): 'started' | 'full' {
    const slot = this.free.pop();
    if (slot === undefined) return 'full';
    this.out[slot] = r;
    if (this.submit(slot, r)) return 'started';
    this.release(slot, r, EIO);
    return 'full';
  }

  /** Gives the request of a slot to the core. False: no room. Without a core it waits for the next one. */
  private submit(slot: number, r: Request): boolean {
    const { link } = this;
    if (link.state === 'up' && !this.map(slot, r)) return false;
    const answer = link.call(BLK_SUBMIT, slot, TYPE_OF[r.op], r.op === OP_FLUSH ? 0 : r.sector, r.sectors);
    return answer === 0 || answer === NO_CORE;
  }

  override event(kind: number, slot: number, status: number): void {
    const r = kind === BLK_DONE ? this.out[slot] ?? null : null;
    if (r === null) return;
    this.silences = 0;
    this.release(slot, r, status);
    this.disk!.ended(r, status === 0 ? 0 : status < 0 ? status as Errno : EIO);
    this.disk!.run();
  }

  /**
   * The device has not answered these in time. It is reset, and what was out is sent once more; whose request was late twice gets EIO. (Linux' driver has no
   * such handler and waits for ever; this is what its NVMe and SCSI drivers do, with fewer tries.)
   */
  timedOut(late: readonly Request[]): void {
    const { link, disk } = this;
    if (link.state !== 'up') return;          // all of them will be sent again
    if (++this.silences < MAX_SILENCES) link.failed('a request was not answered in time');
    else link.giveUp('after it has not answered for long');
    for (const r of late) {
      const slot = ++r.timeouts > 1 ? this.out.indexOf(r) : -1;
      if (slot < 0) continue;
      this.release(slot, r, EIO);
      disk!.ended(r, EIO);
    }
  }

  /** The same requests again, in the slots they had. */
  override restarted(): 0 | Errno {
    const { link, disk } = this;
    if (disk === null) return 0;
    if (link.call(BLK_INFO, 0, 0, 0, 0) < 0) return 0;      // it failed again, and will be back
    if (link.args[BLK_INFO_SECTORS] !== disk.whole.sectors) return ENODEV;
    for (const [slot, r] of this.out.entries()) {
      if (r === null) continue;
      this.mapped[slot]!.length = 0;
      if (!this.submit(slot, r)) return EIO;
      if (!r.hasEnded) disk.watch.begin(r);
    }
    disk.run();
    return 0;
  }

  /** What is out will not be answered. */
  override gone(): void {
    const { disk } = this;
    if (disk === null) return;
    this.device.kernel.block.remove(disk);
    for (const [slot, r] of this.out.entries()) {
      if (r === null) continue;
      this.out[slot] = null;
      disk.ended(r, EIO);
    }
  }

  // --- memory of requests --------------------------------------------------------------------------------------------------------------

  private map(slot: number, r: Request): boolean {
    const { link } = this;
    const { args } = link;
    const addrs = this.mapped[slot]!;
    const direction = r.op === OP_READ ? 'in' : 'out';
    let n = 0;
    for (const bio of r.bios) {
      for (let i = 0; i < bio.addrs.length; i++) {
        const addr = link.map(bio.addrs[i]!, bio.lengths[i]!, direction);
        if (addr < 0) return false;
        addrs.push(addr);
        args[1 + 2 * n] = addr;
        args[2 + 2 * n] = bio.lengths[i]!;
        n++;
      }
    }
    args[0] = n;
    return true;
  }

  /** The device is done with it. What it has written counts when it was to read, and could. */
  private release(slot: number, r: Request, status: number): void {
    const { link } = this;
    const addrs = this.mapped[slot]!;
    const isRead = r.op === OP_READ && status === 0;
    let n = 0;
    for (const bio of r.bios) {
      for (let i = 0; i < bio.addrs.length && n < addrs.length; i++) {
        const length = bio.lengths[i]!;
        link.unmap(addrs[n++]!, length, bio.addrs[i]!, isRead ? length : 0);
      }
    }
    addrs.length = 0;
    this.out[slot] = null;
    this.free.push(slot);
  }

  private readId(): string {
    const { link } = this;
    const n = Math.max(0, link.call(BLK_GET_ID, 0, 0, 0, 0));
    return String.fromCharCode(...link.args.subarray(0, Math.min(n, 20)));
  }
}

/** The device is not trusted, nor its core: what they say is bounded. */
function limitsFrom(args: Float64Array): DiskLimits {
  const block = args[BLK_INFO_BLOCK]!;
  const logicalBlock = [512, 1024, 2048, 4096].includes(block) ? block : 512;
  return {
    maxSectors: MAX_SECTORS, maxSegments: Math.max(1, Math.min(args[BLK_INFO_SEGMENTS]!, MAX_SEGMENTS)), logicalBlock,
    physicalBlock: logicalBlock * 2 ** Math.min(args[BLK_INFO_PHYSICAL_EXP]!, 7), maxDiscardSectors: args[BLK_INFO_DISCARD]!, maxZeroSectors: args[BLK_INFO_ZERO]!,
    cache: args[BLK_INFO_FLUSH] === 1 ? 'write-back' : 'write-through',
  };
}

/** What the block layer calls. */
class Front extends BlockDriver {
  private readonly state: VirtioBlock;
  constructor(state: VirtioBlock) {
    super();
    this.state = state;
  }
  override start(r: Request): 'started' | 'full' { return this.state.start(r); }
  override timedOut(late: readonly Request[]): void { this.state.timedOut(late); }
  override ioctl(): Errno { return ENOTTY; }
}
