// Core of the virtio block device (virtio 1.2, 5.2). Each request that is out has a slot: its header, a range for discards, the status byte and, where
// the device knows indirect descriptors, the table. Data goes where the front says. The device is not trusted: what it says about itself is bounded, a
// used element that names nothing and a request that ends without a status are its ruin.
import { EAGAIN, EIO, ENOMEM, EOPNOTSUPP, type Errno, isErr } from '../../abi/errno.ts';
import {
  BLK_CFG_BLK_SIZE, BLK_CFG_CAPACITY, BLK_CFG_MAX_DISCARD_SECTORS, BLK_CFG_MAX_WRITE_ZEROES_SECTORS, BLK_CFG_SEG_MAX, BLK_CFG_TOPOLOGY, BLK_F_BLK_SIZE,
  BLK_F_DISCARD, BLK_F_FLUSH, BLK_F_RO, BLK_F_SEG_MAX, BLK_F_TOPOLOGY, BLK_F_WRITE_ZEROES, BLK_HEADER_BYTES, BLK_ID_BYTES, BLK_RANGE_BYTES, BLK_S_OK,
  BLK_S_UNSUPP, BLK_T_DISCARD, BLK_T_GET_ID, BLK_T_IN, BLK_T_WRITE_ZEROES, DESC_F_NEXT, DESC_F_WRITE, DESC_SIZE, F_INDIRECT_DESC,
} from '../../machine/registers.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { VirtioCore } from './virtio.ts';
import type { VirtQueue } from './virtqueue.ts';

/** info(): what the device is, into `args` at the BLK_INFO_* words. */
export const BLK_INFO = 0;
/** submit(slot, type, sector, sectors): data parts in `args`: their number, then address and length of each. EAGAIN: no room; BLK_DONE comes later. */
export const BLK_SUBMIT = 1;
/** id(): the serial number, a byte a word of `args`; its length. */
export const BLK_GET_ID = 2;
/** Event (slot, 0 or errno): the request has ended. */
export const BLK_DONE = 0;
export const BLK_INFO_SECTORS = 0, BLK_INFO_BLOCK = 1, BLK_INFO_PHYSICAL_EXP = 2, BLK_INFO_SEGMENTS = 3, BLK_INFO_DISCARD = 4, BLK_INFO_ZERO = 5,
  BLK_INFO_READ_ONLY = 6, BLK_INFO_FLUSH = 7;
/** Requests that can be out. */
export const BLK_SLOTS = 16;

const QUEUE_SIZE = 128, SLOT_ORDER = 3;
/** The last slot is for GET_ID. */
const SLOT_COUNT = BLK_SLOTS + 1, ID_SLOT = BLK_SLOTS;
const SLOT_BYTES = Math.floor((PAGE_SIZE << SLOT_ORDER) / SLOT_COUNT / DESC_SIZE) * DESC_SIZE;
/** In a slot: header, discard range, status, table. */
const RANGE_AT = BLK_HEADER_BYTES, STATUS_AT = RANGE_AT + BLK_RANGE_BYTES, TABLE_AT = STATUS_AT + 16;
const TABLE_ENTRIES = (SLOT_BYTES - TABLE_AT) / DESC_SIZE;
const WANTED = BLK_F_SEG_MAX | BLK_F_RO | BLK_F_BLK_SIZE | BLK_F_FLUSH | BLK_F_TOPOLOGY | BLK_F_DISCARD | BLK_F_WRITE_ZEROES | F_INDIRECT_DESC;
const UNMAP = 1, NO_STATUS = 0xff;

export class VirtioBlkCore extends VirtioCore {
  private queue: VirtQueue | null = null;
  private slots = 0;
  private isIndirect = false;
  private readonly isOut = new Uint8Array(SLOT_COUNT);
  /** The indirect table under construction. */
  private tableAt = 0;
  private tableLeft = 0;

  override start(): 0 | Errno {
    const { virtio, port } = this;
    const r = virtio.start(WANTED);
    if (r !== 0) return r;
    const queue = virtio.queue(0, QUEUE_SIZE);
    if (isErr(queue)) return virtio.give(queue);
    this.slots = port.allocDma(SLOT_ORDER);
    if (this.slots < 0) return virtio.give(ENOMEM);
    this.queue = queue;
    this.isIndirect = (virtio.features & F_INDIRECT_DESC) !== 0;
    virtio.ready();
    return 0;
  }

  override call(op: typeof BLK_INFO | typeof BLK_SUBMIT | typeof BLK_GET_ID, slot: number, type: number, sector: number, sectors: number): number {
    switch (op) {
      case BLK_INFO: return this.info();
      case BLK_SUBMIT: return this.submit(slot, type, sector, sectors);
      case BLK_GET_ID: return this.readId();
    }
  }

  protected override used(): void { this.reap(); }

  private reap(): void {
    const queue = this.queue!;
    const { memory } = this.port;
    for (let slot = queue.poll(); slot >= 0; slot = queue.poll()) {
      this.isOut[slot] = 0;
      if (slot === ID_SLOT) continue;
      const status = memory.u8[this.slots + slot * SLOT_BYTES + STATUS_AT]!;
      if (status === NO_STATUS) return this.port.broken('a request ended without a status');
      this.port.event(BLK_DONE, slot, status === BLK_S_OK ? 0 : status === BLK_S_UNSUPP ? EOPNOTSUPP : EIO, 0, 0);
    }
    if (queue.badUsed > 0) this.port.broken('the device used what it was not given');
  }

  // --- requests ------------------------------------------------------------------------------------------------------------------------

  private submit(slot: number, type: number, sector: number, sectors: number): number {
    const queue = this.queue!;
    const { args } = this.port;
    const data = args[0]!;
    const isRanged = type === BLK_T_DISCARD || type === BLK_T_WRITE_ZEROES;
    const parts = data + (isRanged ? 3 : 2);
    if (queue.freeCount < (this.isIndirect ? 1 : parts)) return EAGAIN;
    const at = this.slots + slot * SLOT_BYTES;
    this.header(at, type, isRanged ? 0 : sector);
    this.tableAt = at + TABLE_AT;
    this.tableLeft = parts;
    this.part(at, BLK_HEADER_BYTES, 'out');
    if (isRanged) this.range(at + RANGE_AT, sector, sectors, type === BLK_T_WRITE_ZEROES ? UNMAP : 0);
    const direction = type === BLK_T_IN ? 'in' : 'out';
    for (let i = 0; i < data; i++) this.part(args[1 + 2 * i]!, args[2 + 2 * i]!, direction);
    this.part(at + STATUS_AT, 1, 'in');
    if (this.isIndirect) queue.addTable(at + TABLE_AT, parts, (type === BLK_T_IN ? sectors * 512 : 0) + 1);
    this.isOut[slot] = 1;
    this.send(slot);
    return 0;
  }

  private send(slot: number): void {
    const queue = this.queue!;
    queue.submit(slot);
    queue.interrupts('off');
    queue.notify();
    this.reap();
    queue.interrupts('on');
    this.reap();
  }

  private header(at: number, type: number, sector: number): void {
    const { u8, u32 } = this.port.memory;
    const w = at >>> 2;
    u32[w] = type;
    u32[w + 1] = 0;
    u32[w + 2] = sector % 2 ** 32;
    u32[w + 3] = Math.floor(sector / 2 ** 32);
    u8[at + STATUS_AT] = NO_STATUS;
  }

  private range(at: number, sector: number, sectors: number, flags: number): void {
    const { u32 } = this.port.memory;
    const w = at >>> 2;
    u32[w] = sector % 2 ** 32;
    u32[w + 1] = Math.floor(sector / 2 ** 32);
    u32[w + 2] = sectors;
    u32[w + 3] = flags;
    this.part(at, BLK_RANGE_BYTES, 'out');
  }

  /** A descriptor of the request, in the ring's table or in one of its own. */
  private part(addr: number, length: number, direction: 'in' | 'out'): void {
    if (!this.isIndirect) return this.queue!.add(addr, length, direction);
    const { u16, u32 } = this.port.memory;
    const at = this.tableAt;
    this.tableAt += DESC_SIZE;
    const isLast = --this.tableLeft === 0;
    u32[at >>> 2] = addr;
    u32[(at + 4) >>> 2] = 0;
    u32[(at + 8) >>> 2] = length;
    u16[(at + 12) >>> 1] = (direction === 'in' ? DESC_F_WRITE : 0) | (isLast ? 0 : DESC_F_NEXT);
    u16[(at + 14) >>> 1] = isLast ? 0 : (at + DESC_SIZE - TABLE_AT - this.slots) % SLOT_BYTES / DESC_SIZE;
  }

  // --- what the device is --------------------------------------------------------------------------------------------------------------

  private info(): number {
    const { virtio } = this;
    const { args } = this.port;
    const has = (bit: number): boolean => (virtio.features & bit) !== 0;
    const room = this.isIndirect ? TABLE_ENTRIES : this.queue!.size;
    const offered = has(BLK_F_SEG_MAX) ? virtio.config32(BLK_CFG_SEG_MAX) : 1;
    args[BLK_INFO_SECTORS] = virtio.config32(BLK_CFG_CAPACITY + 4) * 2 ** 32 + virtio.config32(BLK_CFG_CAPACITY);
    args[BLK_INFO_BLOCK] = has(BLK_F_BLK_SIZE) ? virtio.config32(BLK_CFG_BLK_SIZE) : 512;
    args[BLK_INFO_PHYSICAL_EXP] = has(BLK_F_TOPOLOGY) ? virtio.configBytes(BLK_CFG_TOPOLOGY, 4)[0]! : 0;
    args[BLK_INFO_SEGMENTS] = Math.max(1, Math.min(offered, room - 2));
    args[BLK_INFO_DISCARD] = has(BLK_F_DISCARD) ? virtio.config32(BLK_CFG_MAX_DISCARD_SECTORS) : 0;
    args[BLK_INFO_ZERO] = has(BLK_F_WRITE_ZEROES) ? virtio.config32(BLK_CFG_MAX_WRITE_ZEROES_SECTORS) : 0;
    args[BLK_INFO_READ_ONLY] = has(BLK_F_RO) ? 1 : 0;
    args[BLK_INFO_FLUSH] = has(BLK_F_FLUSH) ? 1 : 0;
    return 0;
  }

  /** VIRTIO_BLK_T_GET_ID; nothing if the device does not answer at once. */
  private readId(): number {
    const { memory, args } = this.port;
    const queue = this.queue!;
    if (this.isOut[ID_SLOT] === 1 || queue.freeCount < 3) return 0;
    const at = this.slots + ID_SLOT * SLOT_BYTES;
    this.header(at, BLK_T_GET_ID, 0);
    memory.u8.fill(0, at + TABLE_AT, at + TABLE_AT + BLK_ID_BYTES);
    queue.add(at, BLK_HEADER_BYTES, 'out');
    queue.add(at + TABLE_AT, BLK_ID_BYTES, 'in');
    queue.add(at + STATUS_AT, 1, 'in');
    this.isOut[ID_SLOT] = 1;
    this.send(ID_SLOT);
    if (this.isOut[ID_SLOT] as number === 1 || memory.u8[at + STATUS_AT] !== BLK_S_OK) return 0;
    let n = 0;
    for (; n < BLK_ID_BYTES && memory.u8[at + TABLE_AT + n] !== 0; n++) args[n] = memory.u8[at + TABLE_AT + n]!;
    return n;
  }
}
