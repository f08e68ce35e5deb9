// All disks of the machine: what drivers register, /dev and /proc show, and mount(2) finds by number. Partition tables are read by a worker, so that a
// disk whose host answers late delays nobody.
import { BLOCKED, EBUSY, EIO, type Errno, isErr } from '../../abi/errno.ts';
import { major, minor } from '../../abi/stat.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { toBinary } from '../../lib/utf8.ts';
import type { UeventAction } from '../device/uevent.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { Work, Worker } from '../task/worker.ts';
import { BLOCK_EXT_MAJOR, BlockDevice, type Disk } from './disk.ts';
import { BlockNodes } from './device-file.ts';
import { type PartitionEntry, readPartitions, SectorSource } from './partitions.ts';

/** Part of the kernel: `kernel.block`. */
export class BlockLayer {
  private readonly kernel: Kernel;
  readonly disks = new Map<string, Disk>();
  private readonly byNumber = new Map<number, BlockDevice>();
  private readonly majors = new Set<number>();
  private readonly nodes: BlockNodes;
  private worker: Worker | null = null;
  private seq = 0;
  private extended = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.nodes = new BlockNodes(this);
  }

  /** A major number and its name in /proc/devices. */
  registerMajor(major: number, name: string): void {
    if (this.majors.has(major)) return;
    this.majors.add(major);
    this.kernel.devices.register('block', major, 0, 2 ** 20, name, this.nodes);
  }

  /** The disk is there: node, partitions. 'no table': the driver's disks are not looked at (loop without partscan). */
  add(disk: Disk, table: 'partitions' | 'no table'): void {
    disk.seq = ++this.seq;
    this.disks.set(disk.name, disk);
    this.show(disk.whole);
    if (table === 'partitions') this.scan(disk);
  }

  /** Looks for partitions, in the background. */
  scan(disk: Disk): void { this.inBackground(new Scan(this, disk)); }

  /** Its size is another one. */
  changed(d: BlockDevice): void { this.tell('change', d); }

  nextExtendedMinor(): number {
    this.registerMajor(BLOCK_EXT_MAJOR, 'blkext');
    return this.extended++;
  }

  /** Pulled out or given up: names go at once, users get errors from now on. */
  remove(disk: Disk): void {
    disk.die();
    for (const d of [...disk.devices.values()].reverse()) this.hide(d);
    this.disks.delete(disk.name);
  }

  find(rdev: number): BlockDevice | null { return this.byNumber.get(rdev) ?? null; }

  *devices(): Iterable<BlockDevice> { for (const disk of this.disks.values()) yield* disk.devices.values(); }

  inBackground(work: Work): void { (this.worker ??= new Worker(this.kernel, 'kblockd')).add(work); }

  /** BLKRRPART: the table is read again. EBUSY while a partition is in use. */
  rescan(t: Task, disk: Disk): 0 | Errno {
    for (const d of disk.devices.values()) if (d.partition !== 0 && (d.openers > 0 || d.holder !== null)) return EBUSY;
    const synced = disk.whole.pages.sync(t);
    if (synced !== 0) return synced;
    disk.whole.pages.invalidate();
    const found = readPartitions(new CachedSectors(t, disk.whole));
    if (typeof found === 'number') return found as Errno;
    this.setPartitions(disk, found);
    return 0;
  }

  setPartitions(disk: Disk, found: readonly PartitionEntry[]): void {
    for (const d of [...disk.devices.values()]) {
      if (d.partition === 0) continue;
      this.hide(d);
      disk.devices.delete(d.partition);
    }
    for (const e of found) {
      const d = new BlockDevice(disk, e.number, e.start, e.sectors);
      d.uuid = e.uuid;
      d.label = e.label;
      disk.devices.set(e.number, d);
      this.show(d);
    }
    if (found.length > 0) this.kernel.log.add(6, this.kernel.now(), ` ${disk.name}: ${found.map(e => disk.devices.get(e.number)!.name).join(' ')}`);
  }

  private show(d: BlockDevice): void {
    this.byNumber.set(d.rdev, d);
    this.kernel.devices.addNode(d.name, 'block', major(d.rdev), minor(d.rdev), 0o660, { uid: 0, gid: 6 });
    this.tell('add', d);
  }

  /** A uevent about a disk or partition. */
  tell(action: UeventAction, d: BlockDevice): void { this.kernel.uevents.emit(action, d.sysPath, 'block', ueventLines(d)); }

  private hide(d: BlockDevice): void {
    if (this.byNumber.get(d.rdev) !== d) return;
    this.byNumber.delete(d.rdev);
    this.tell('remove', d);
    this.kernel.devices.removeNode(d.name);
  }
}

/** What a uevent of a disk or partition says, and its file `uevent`. */
export function ueventLines(d: BlockDevice): string[] {
  const lines = [`MAJOR=${major(d.rdev)}`, `MINOR=${minor(d.rdev)}`, `DEVNAME=${d.name}`, `DEVTYPE=${d.partition === 0 ? 'disk' : 'partition'}`, `DISKSEQ=${d.disk.seq}`];
  if (d.partition !== 0) lines.push(`PARTN=${d.partition}`);
  if (d.uuid !== '') lines.push(`PARTUUID=${d.uuid}`);
  if (d.label !== '') lines.push(`PARTNAME=${toBinary(d.label)}`);
  return lines;
}

/** Reads the table of a new disk. */
class Scan extends Work {
  private readonly layer: BlockLayer;
  private readonly disk: Disk;
  constructor(layer: BlockLayer, disk: Disk) {
    super();
    this.layer = layer;
    this.disk = disk;
  }
  step(t: Task): 0 | Errno {
    const found = readPartitions(new CachedSectors(t, this.disk.whole));
    if (found === BLOCKED) return BLOCKED;
    if (typeof found !== 'number') this.layer.setPartitions(this.disk, found);
    return 0;
  }
}

/** Sectors through the disk's page cache. */
class CachedSectors extends SectorSource {
  private readonly t: Task;
  private readonly device: BlockDevice;
  constructor(t: Task, device: BlockDevice) {
    super();
    this.t = t;
    this.device = device;
  }
  get sectors(): number { return this.device.sectors; }
  read(sector: number, count: number): Uint8Array | number {
    if (sector + count > this.sectors) return EIO;
    const { pages } = this.device;
    const out = new Uint8Array(count * 512);
    for (let done = 0; done < out.length;) {
      const at = sector * 512 + done;
      const pfn = pages.getPage(this.t, Math.floor(at / PAGE_SIZE));
      if (isErr(pfn)) return pfn;
      const n = Math.min(PAGE_SIZE - at % PAGE_SIZE, out.length - done), from = pfn * PAGE_SIZE + at % PAGE_SIZE;
      out.set(pages.frames.ram.u8.subarray(from, from + n), done);
      done += n;
    }
    return out;
  }
}
