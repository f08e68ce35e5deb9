// Disks, their partitions, and the queue between them and a driver. Everything a driver needs to offer is `BlockDriver`; everything above (page caches,
// file systems, /dev) sees `BlockDevice`, the disk as a whole or one of its partitions.
import { EIO, type Errno } from '../../abi/errno.ts';
import { makedev } from '../../abi/stat.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { Bio, IoBatch, OP_DISCARD, OP_FLUSH, OP_WRITE, OP_ZERO, waitForDisk } from './bio.ts';
import { DeviceCache } from './device-cache.ts';
import { RequestWatch } from './request-watch.ts';
import { DeadlineScheduler, type MergeLimits, type Request } from './scheduler.ts';
import { IoStats } from './stats.ts';

/** Linux's blkext: partitions that do not fit into the minors of their disk. */
export const BLOCK_EXT_MAJOR = 259;

/** What a disk can do, as the driver found out. */
export interface DiskLimits extends MergeLimits {
  /** Sectors of one discard or zero request; 0: the disk cannot. */
  readonly maxDiscardSectors: number;
  readonly maxZeroSectors: number;
  readonly logicalBlock: number;
  readonly physicalBlock: number;
  /** Has a write cache that must be flushed. */
  readonly cache: 'write-back' | 'write-through';
}

/** The lower half: moves requests. */
export abstract class BlockDriver {
  /** Starts a request; `disk.ended` comes when it is done, possibly before this returns. 'full': the driver calls `disk.run` when it can take it. */
  abstract start(r: Request): 'started' | 'full';
  /** Requests that have been out for `disk.watch.timeoutNs` once more. By default they may take as long as they like. */
  timedOut(_late: readonly Request[]): void {}
  /** ioctl(2) that only this driver knows; ENOTTY. */
  abstract ioctl(t: Task, device: BlockDevice, cmd: number, arg: number): number | Errno;
  /** Page `page` of the disk was a swap slot and is not needed any more: for disks that hold memory. */
  slotFreed(_page: number): void {}
  /** The last user of the disk has gone. */
  released(_device: BlockDevice): void {}
  /** Of loop devices: the file behind. */
  get backingFile(): string { return ''; }
}

/** A disk: Linux's gendisk. */
export class Disk {
  readonly kernel: Kernel;
  readonly name: string;
  readonly major: number;
  readonly firstMinor: number;
  /** Minors of its own; partitions beyond get numbers of the common major. */
  readonly minors: number;
  readonly driver: BlockDriver;
  readonly limits: DiskLimits;
  isReadOnly: boolean;
  /** The serial number, if the disk has one. */
  serial = '';
  /** Counts disks from boot on (BLKGETDISKSEQ). */
  seq = 0;
  /** The disk as a whole, then its partitions by number. */
  readonly devices = new Map<number, BlockDevice>();
  /** /sys/devices/... of the hardware; '' for what has none (loop). */
  readonly parentPath: string;
  /** False once it was pulled out: whatever is asked of it fails with EIO. */
  isPresent = true;
  readonly watch = new RequestWatch(this);
  private readonly scheduler: DeadlineScheduler;
  private isRunning = false;
  private plugs = 0;

  constructor(kernel: Kernel, driver: BlockDriver, what: {
    name: string; major: number; firstMinor: number; minors: number; sectors: number; limits: DiskLimits; access: 'read-write' | 'read-only'; parentPath?: string;
  }) {
    this.kernel = kernel;
    this.driver = driver;
    this.name = what.name;
    this.major = what.major;
    this.firstMinor = what.firstMinor;
    this.minors = what.minors;
    this.limits = what.limits;
    this.isReadOnly = what.access === 'read-only';
    this.parentPath = what.parentPath ?? '';
    this.scheduler = new DeadlineScheduler(what.limits);
    this.devices.set(0, new BlockDevice(this, 0, 0, what.sectors));
  }

  get whole(): BlockDevice { return this.devices.get(0)!; }

  /** Puts a bio in line; the driver starts unless the queue is plugged. */
  submit(bio: Bio): void {
    const now = this.kernel.now();
    if (this.scheduler.add(bio, now)) this.whole.mergedBios.add(bio);
    this.run();
  }

  /** While plugged, requests gather so that they can join. */
  plug(): void { this.plugs++; }
  unplug(): void {
    this.plugs--;
    this.run();
  }

  /** Gives the driver what it can take. */
  run(): void {
    if (this.isRunning || this.plugs > 0) return;
    this.isRunning = true;
    for (let r = this.scheduler.next(this.kernel.now()); r !== null; r = this.scheduler.next(this.kernel.now())) {
      if (!this.isPresent) {
        this.ended(r, EIO);
      } else if (this.driver.start(r) === 'full') {
        this.scheduler.putBack(r);
        break;
      } else if (!r.hasEnded) {
        this.watch.begin(r);
      }
    }
    this.isRunning = false;
  }

  /** The driver is done with a request. */
  ended(r: Request, status: 0 | Errno): void {
    const now = this.kernel.now();
    r.hasEnded = true;
    this.watch.end(r);
    for (const bio of r.bios) this.account(bio, now);
    for (const bio of r.bios) bio.batch.bioEnded(status);
  }

  /** Pulled out, or its driver gave up: what waits fails, what comes fails. */
  die(): void {
    this.isPresent = false;
    this.run();
  }

  private account(bio: Bio, now: number): void {
    const merged = this.whole.mergedBios.delete(bio);
    for (const d of this.devices.values()) {
      if (d.partition !== 0 && (bio.sector < d.start || bio.sector >= d.start + d.sectors)) continue;
      if (d.stats.inFlight === 0) continue;
      if (merged) d.stats.merged(bio.op, bio.sectors, bio.startNs, now);
      else d.stats.ended(bio.op, bio.sectors, bio.startNs, now);
    }
  }
}

/** A disk or a partition: a range of sectors with a page cache, what /dev/vda and /dev/vda1 are. */
export class BlockDevice {
  readonly disk: Disk;
  /** Device number. */
  readonly rdev: number;
  /** 0: the whole disk. */
  readonly partition: number;
  readonly start: number;
  sectors: number;
  readonly pages: DeviceCache;
  readonly stats = new IoStats();
  /** Bios that joined the request of another. */
  readonly mergedBios = new Set<Bio>();
  /** Who has claimed it for himself: a mounted file system, an O_EXCL description, a swap area. Identity only. */
  holder: object | null = null;
  openers = 0;
  /** GPT: unique id and name of the partition. */
  uuid = '';
  label = '';

  constructor(disk: Disk, partition: number, start: number, sectors: number) {
    this.disk = disk;
    this.partition = partition;
    this.rdev = partition < disk.minors ? makedev(disk.major, disk.firstMinor + partition) : makedev(BLOCK_EXT_MAJOR, disk.kernel.block.nextExtendedMinor());
    this.start = start;
    this.sectors = sectors;
    this.pages = new DeviceCache(disk.kernel.frames, this);
  }

  get name(): string {
    const { name } = this.disk;
    return this.partition === 0 ? name : `${name}${/\d$/.test(name) ? 'p' : ''}${this.partition}`;
  }
  /** Below /sys. */
  get sysPath(): string {
    const { disk } = this;
    const home = `${disk.parentPath === '' ? 'devices/virtual' : disk.parentPath}/block/${disk.name}`;
    return this.partition === 0 ? home : `${home}/${this.name}`;
  }
  get bytes(): number { return this.sectors * 512; }
  get isReadOnly(): boolean { return this.disk.isReadOnly; }

  /** Bios of one batch, together. Beyond the end: EIO. */
  submit(bios: readonly Bio[]): void {
    const { disk } = this;
    const now = disk.kernel.now();
    disk.plug();
    for (const bio of bios) {
      const r = this.refuses(bio);
      bio.startNs = now;
      if (r !== 0) {
        bio.batch.bioEnded(r);
        continue;
      }
      bio.sector += this.start;
      this.stats.started(now);
      if (this.partition !== 0) disk.whole.stats.started(now);
      disk.submit(bio);
    }
    disk.unplug();
  }

  /** An operation without data. BLOCKED: under way, and the call that comes again gets its result. */
  command(t: Task, op: typeof OP_FLUSH | typeof OP_DISCARD | typeof OP_ZERO, sector: number, sectors: number): 0 | Errno {
    const known = t.restart?.data instanceof Commands ? t.restart.data.batches.get(this) : undefined;
    const batch = known ?? this.startCommand(op, sector, sectors);
    if (batch.isDone) return batch.status;
    if (known === undefined) {
      const record = t.record();
      if (!(record.data instanceof Commands)) record.data = new Commands();
      (record.data as Commands).batches.set(this, batch);
    }
    return waitForDisk(t, batch.waiters);
  }

  private startCommand(op: typeof OP_FLUSH | typeof OP_DISCARD | typeof OP_ZERO, sector: number, sectors: number): IoBatch {
    const batch = new IoBatch(this.disk.kernel.frames);
    const { maxDiscardSectors, maxZeroSectors } = this.disk.limits;
    const most = op === OP_DISCARD ? maxDiscardSectors : op === OP_ZERO ? maxZeroSectors : Infinity;
    const bios: Bio[] = [];
    const end = sector + sectors;
    for (let at = sector; at < end || bios.length === 0; at += most) bios.push(new Bio(op, at, Math.min(most, end - at), [], [], batch));
    this.submit(bios);
    return batch;
  }

  /** Takes the device for `holder` alone. False: somebody else has it, or part of it. */
  claim(holder: object): boolean {
    for (const d of this.disk.devices.values()) {
      if (d.holder !== null && d.holder !== holder && (d === this || d.partition === 0 || this.partition === 0)) return false;
    }
    this.holder = holder;
    return true;
  }
  /** Somebody uses it: an open description, a mounted file system. */
  acquire(): void { this.openers++; }
  /** The last user goes: what is dirty goes out, as on Linux. */
  release(t: Task): void {
    if (--this.openers > 0) return;
    this.pages.startWrites(t);
    this.disk.driver.released(this);
  }

  unclaim(holder: object): void { if (this.holder === holder) this.holder = null; }

  private refuses(bio: Bio): 0 | Errno {
    if (!this.disk.isPresent) return EIO;
    if (bio.sector + bio.sectors > this.sectors) return EIO;
    return this.isReadOnly && (bio.op === OP_WRITE || bio.op === OP_DISCARD || bio.op === OP_ZERO) ? EIO : 0;
  }
}

/** Commands that a parked system call has under way, or has had. */
class Commands { readonly batches = new Map<BlockDevice, IoBatch>(); }
