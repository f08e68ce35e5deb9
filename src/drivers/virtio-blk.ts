// Driver of the virtio block device (virtio 1.2, 5.2): /dev/vda and so on. Each request that is out has a slot: its header, a range for discards, the
// status byte and, where the device knows indirect descriptors, the table. Frames of the page cache travel in place. The device is not trusted: what it
// says about itself is bounded, a status that means nothing is EIO.
import { EIO, ENODEV, ENOMEM, ENOTTY, EOPNOTSUPP, type Errno, isErr } from '../abi/errno.ts';
import { type BlockOp, OP_DISCARD, OP_FLUSH, OP_READ, OP_WRITE, OP_ZERO } from '../kernel/block/bio.ts';
import { BlockDriver, Disk, type DiskLimits } from '../kernel/block/disk.ts';
import type { Request } from '../kernel/block/scheduler.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import { latin1Decode } from '../lib/utf8.ts';
import { PAGE_SIZE } from '../machine/machine.ts';
import {
  BLK_CFG_BLK_SIZE, BLK_CFG_CAPACITY, BLK_CFG_MAX_DISCARD_SECTORS, BLK_CFG_MAX_WRITE_ZEROES_SECTORS, BLK_CFG_SEG_MAX, BLK_CFG_TOPOLOGY, BLK_F_BLK_SIZE,
  BLK_F_DISCARD, BLK_F_FLUSH, BLK_F_RO, BLK_F_SEG_MAX, BLK_F_TOPOLOGY, BLK_F_WRITE_ZEROES, BLK_HEADER_BYTES, BLK_ID_BYTES, BLK_RANGE_BYTES, BLK_S_OK,
  BLK_S_UNSUPP, BLK_T_DISCARD, BLK_T_FLUSH, BLK_T_GET_ID, BLK_T_IN, BLK_T_OUT, BLK_T_WRITE_ZEROES, DESC_F_NEXT, DESC_F_WRITE, DESC_SIZE, F_INDIRECT_DESC,
} from '../machine/registers.ts';
import { VirtioDriverState, type VirtioMmio } from './virtio/device.ts';
import type { VirtQueue } from './virtio/queue.ts';

/** Linux's "virtblk" takes a free major, usually this one. Each disk has sixteen minors. */
const MAJOR = 254, MINORS = 16, MAX_DISKS = 256;
const QUEUE_SIZE = 128, SLOTS = 16, SLOT_ORDER = 3;
const SLOT_BYTES = (PAGE_SIZE << SLOT_ORDER) / SLOTS;
/** In a slot: header, discard range, status, table. */
const RANGE_AT = BLK_HEADER_BYTES, STATUS_AT = RANGE_AT + BLK_RANGE_BYTES, TABLE_AT = STATUS_AT + 16;
const TABLE_ENTRIES = (SLOT_BYTES - TABLE_AT) / DESC_SIZE;
const MAX_SECTORS = 2048;
const WANTED = BLK_F_SEG_MAX | BLK_F_RO | BLK_F_BLK_SIZE | BLK_F_FLUSH | BLK_F_TOPOLOGY | BLK_F_DISCARD | BLK_F_WRITE_ZEROES | F_INDIRECT_DESC;
const TYPE_OF: Readonly<Record<BlockOp, number>> = {
  [OP_READ]: BLK_T_IN, [OP_WRITE]: BLK_T_OUT, [OP_DISCARD]: BLK_T_DISCARD, [OP_ZERO]: BLK_T_WRITE_ZEROES, [OP_FLUSH]: BLK_T_FLUSH,
};
const UNMAP = 1;

/** Takes the device into service: a disk more in the kernel's block layer. */
export function startVirtioBlock(device: PlatformDevice, virtio: VirtioMmio): VirtioBlock | Errno {
  const r = virtio.start(WANTED);
  if (r !== 0) return r;
  const number = freeNumber(device);
  if (number < 0) return virtio.give(ENODEV);
  const queue = virtio.queue(0, QUEUE_SIZE);
  if (isErr(queue)) return virtio.give(queue);
  const slots = device.allocDma(SLOT_ORDER);
  if (slots < 0) return virtio.give(ENOMEM);
  const state = new VirtioBlock(device, virtio, queue, slots, number);
  device.connect(state);
  virtio.ready();
  state.announce();
  return state;
}

/** vda, ..., vdz, vdaa: the lowest that is free. */
function freeNumber(device: PlatformDevice): number {
  for (let n = 0; n < MAX_DISKS; n++) if (!device.kernel.block.disks.has(`vd${letters(n)}`)) return n;
  return -1;
}

const letters = (n: number): string => (n < 26 ? String.fromCharCode(97 + n) : letters(Math.floor(n / 26) - 1) + letters(n % 26));

/** The device's interrupt side; `disk` is what the block layer sees. */
export class VirtioBlock extends VirtioDriverState {
  readonly disk: Disk;
  private readonly device: PlatformDevice;
  private readonly queue: VirtQueue;
  private readonly slots: number;
  private readonly free: number[] = Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i);
  private readonly out: (Request | null)[] = new Array<Request | null>(SLOTS).fill(null);
  private readonly isIndirect: boolean;
  private isReaping = false;

  constructor(device: PlatformDevice, virtio: VirtioMmio, queue: VirtQueue, slots: number, number: number) {
    super(virtio);
    this.device = device;
    this.queue = queue;
    this.slots = slots;
    this.isIndirect = (virtio.features & F_INDIRECT_DESC) !== 0;
    this.disk = new Disk(device.kernel, new Front(this), {
      name: `vd${letters(number)}`, major: MAJOR, firstMinor: number * MINORS, minors: MINORS, sectors: capacity(virtio), limits: this.limits(),
      access: (virtio.features & BLK_F_RO) !== 0 ? 'read-only' : 'read-write', parentPath: `${device.sysPath}/${device.child?.name ?? 'virtio'}`,
    });
  }

  announce(): void {
    const { kernel } = this.device;
    const { name, whole } = this.disk;
    this.disk.serial = this.readId();
    kernel.log.add(6, kernel.now(), `virtio_blk ${this.device.name}: [${name}] ${whole.sectors} 512-byte logical blocks (${Math.floor(whole.bytes / 2 ** 20)} MiB)`);
    kernel.block.registerMajor(MAJOR, 'virtblk');
    kernel.block.add(this.disk, 'partitions');
  }

  /** What is out will not be answered. */
  override removed(): void {
    this.virtio.reset();
    this.device.kernel.block.remove(this.disk);
    for (const [slot, r] of this.out.entries()) {
      this.out[slot] = null;
      if (r !== null) this.disk.ended(r, EIO);
    }
  }

  start(r: Request): 'started' | 'full' {
    const parts = r.segments + (r.op === OP_DISCARD || r.op === OP_ZERO ? 3 : 2);
    if (this.free.length === 0 || this.queue.freeCount < (this.isIndirect ? 1 : parts)) return 'full';
    const slot = this.free.pop()!;
    this.out[slot] = r;
    this.describe(r, slot, parts);
    this.queue.submit(slot);
    this.queue.interrupts('off');
    this.queue.notify();
    this.reap();
    this.queue.interrupts('on');
    this.reap();
    return 'started';
  }

  protected override used(): void {
    this.reap();
    this.disk.run();
  }

  /** Requests that ended. Those who hear of it may submit more, which ends up here again: once is enough. */
  private reap(): void {
    if (this.isReaping) return;
    this.isReaping = true;
    for (let slot = this.queue.poll(); slot >= 0; slot = this.queue.poll()) {
      const r = this.out[slot];
      this.free.push(slot);
      this.out[slot] = null;
      if (r === null || r === undefined) continue;
      const status = this.device.kernel.machine.ram.u8[this.slots + slot * SLOT_BYTES + STATUS_AT]!;
      this.disk.ended(r, status === BLK_S_OK ? 0 : status === BLK_S_UNSUPP ? EOPNOTSUPP : EIO);
    }
    this.isReaping = false;
  }

  // --- descriptors ---------------------------------------------------------------------------------------------------------------------

  private describe(r: Request, slot: number, parts: number): void {
    const { ram } = this.device.kernel.machine;
    const at = this.slots + slot * SLOT_BYTES;
    const ranged = r.op === OP_DISCARD || r.op === OP_ZERO;
    const sector = ranged || r.op === OP_FLUSH ? 0 : r.sector;
    ram.u32.set([TYPE_OF[r.op], 0, sector % 2 ** 32, Math.floor(sector / 2 ** 32)], at >>> 2);
    ram.u8[at + STATUS_AT] = 0xff;
    if (ranged) ram.u32.set([r.sector % 2 ** 32, Math.floor(r.sector / 2 ** 32), r.sectors, r.op === OP_ZERO ? UNMAP : 0], (at + RANGE_AT) >>> 2);
    const data = r.op === OP_READ ? 'in' : 'out';
    const list = new PartList(this.isIndirect ? null : this.queue, ram.u16, ram.u32, at + TABLE_AT, parts);
    list.add(at, BLK_HEADER_BYTES, 'out');
    if (ranged) list.add(at + RANGE_AT, BLK_RANGE_BYTES, 'out');
    for (const bio of r.bios) for (let i = 0; i < bio.addrs.length; i++) list.add(bio.addrs[i]!, bio.lengths[i]!, data);
    list.add(at + STATUS_AT, 1, 'in');
    if (this.isIndirect) this.queue.addTable(at + TABLE_AT, parts, (r.op === OP_READ ? r.sectors * 512 : 0) + 1);
  }

  /** VIRTIO_BLK_T_GET_ID; '' if the device does not answer at once. */
  private readId(): string {
    const { ram } = this.device.kernel.machine;
    const slot = this.free.pop()!;
    const at = this.slots + slot * SLOT_BYTES;
    ram.u32.set([BLK_T_GET_ID, 0, 0, 0], at >>> 2);
    ram.u8.fill(0, at + TABLE_AT, at + TABLE_AT + BLK_ID_BYTES);
    this.queue.add(at, BLK_HEADER_BYTES, 'out');
    this.queue.add(at + TABLE_AT, BLK_ID_BYTES, 'in');
    this.queue.add(at + STATUS_AT, 1, 'in');
    this.queue.submit(slot);
    this.queue.interrupts('off');
    this.queue.notify();
    this.reap();
    this.queue.interrupts('on');
    if (!this.free.includes(slot) || ram.u8[at + STATUS_AT] !== BLK_S_OK) return '';
    return latin1Decode(ram.u8, at + TABLE_AT, at + TABLE_AT + BLK_ID_BYTES).replace(/\0.*$/s, '');
  }

  private limits(): DiskLimits {
    const { virtio } = this;
    const has = (bit: number): boolean => (virtio.features & bit) !== 0;
    const room = this.isIndirect ? TABLE_ENTRIES : this.queue.size;
    const offered = has(BLK_F_SEG_MAX) ? virtio.config32(BLK_CFG_SEG_MAX) : 1;
    const block = has(BLK_F_BLK_SIZE) ? virtio.config32(BLK_CFG_BLK_SIZE) : 512;
    const logicalBlock = [512, 1024, 2048, 4096].includes(block) ? block : 512;
    const exponent = has(BLK_F_TOPOLOGY) ? Math.min(virtio.configBytes(BLK_CFG_TOPOLOGY, 4)[0]!, 7) : 0;
    return {
      maxSectors: MAX_SECTORS, maxSegments: Math.max(1, Math.min(offered, room - 2)), logicalBlock, physicalBlock: logicalBlock << exponent,
      maxDiscardSectors: has(BLK_F_DISCARD) ? virtio.config32(BLK_CFG_MAX_DISCARD_SECTORS) : 0,
      maxZeroSectors: has(BLK_F_WRITE_ZEROES) ? virtio.config32(BLK_CFG_MAX_WRITE_ZEROES_SECTORS) : 0,
      cache: has(BLK_F_FLUSH) ? 'write-back' : 'write-through',
    };
  }
}

/** What the block layer calls. */
class Front extends BlockDriver {
  private readonly state: VirtioBlock;
  constructor(state: VirtioBlock) {
    super();
    this.state = state;
  }
  override start(r: Request): 'started' | 'full' { return this.state.start(r); }
  override ioctl(): Errno { return ENOTTY; }
}

/** Descriptors of one request, in the ring's table or in one of its own. */
class PartList {
  private readonly queue: VirtQueue | null;
  private readonly u16: Uint16Array;
  private readonly u32: Uint32Array;
  private readonly table: number;
  private readonly count: number;
  private i = 0;

  constructor(queue: VirtQueue | null, u16: Uint16Array, u32: Uint32Array, table: number, count: number) {
    this.queue = queue;
    this.u16 = u16;
    this.u32 = u32;
    this.table = table;
    this.count = count;
  }

  add(addr: number, length: number, direction: 'in' | 'out'): void {
    if (this.queue !== null) return this.queue.add(addr, length, direction);
    const at = this.table + this.i * DESC_SIZE;
    this.i++;
    const isLast = this.i === this.count;
    this.u32[at >>> 2] = addr;
    this.u32[(at + 4) >>> 2] = 0;
    this.u32[(at + 8) >>> 2] = length;
    this.u16[(at + 12) >>> 1] = (direction === 'in' ? DESC_F_WRITE : 0) | (isLast ? 0 : DESC_F_NEXT);
    this.u16[(at + 14) >>> 1] = isLast ? 0 : this.i;
  }
}

/** Sectors; a claim beyond what numbers hold exactly is cut. */
function capacity(virtio: VirtioMmio): number {
  const sectors = virtio.config32(BLK_CFG_CAPACITY + 4) * 2 ** 32 + virtio.config32(BLK_CFG_CAPACITY);
  return Math.min(sectors, 2 ** 40);
}
