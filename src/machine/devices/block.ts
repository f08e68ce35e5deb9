// virtio block device (virtio 1.2, 5.2): reads, writes, flush, discard, write zeroes and identification of a disk of the host. Requests are served in
// the order they came; one whose back end answers EAGAIN waits, and those behind it, until the host says that it is ready. The driver is not trusted:
// sizes and ranges are checked against the disk before the back end sees them.
import { EAGAIN } from '../../abi/errno.ts';
import { type DiskBackend, type DiskListener, SECTOR } from '../../host/host.ts';
import type { Ram } from '../machine.ts';
import {
  BLK_CFG_BLK_SIZE, BLK_CFG_BYTES, BLK_CFG_CAPACITY, BLK_CFG_DISCARD_ALIGNMENT, BLK_CFG_MAX_DISCARD_SECTORS, BLK_CFG_MAX_DISCARD_SEG,
  BLK_CFG_MAX_WRITE_ZEROES_SECTORS, BLK_CFG_MAX_WRITE_ZEROES_SEG, BLK_CFG_SEG_MAX, BLK_CFG_TOPOLOGY, BLK_CFG_WRITE_ZEROES_MAY_UNMAP, BLK_CFG_WRITEBACK,
  BLK_F_BLK_SIZE, BLK_F_CONFIG_WCE, BLK_F_DISCARD, BLK_F_FLUSH, BLK_F_RO, BLK_F_SEG_MAX, BLK_F_TOPOLOGY, BLK_F_WRITE_ZEROES, BLK_HEADER_BYTES,
  BLK_ID_BYTES, BLK_RANGE_BYTES, BLK_S_IOERR, BLK_S_OK, BLK_S_UNSUPP, BLK_T_DISCARD, BLK_T_FLUSH, BLK_T_GET_ID, BLK_T_IN, BLK_T_OUT,
  BLK_T_WRITE_ZEROES, ID_BLOCK,
} from '../registers.ts';
import type { IrqLine } from './mmio-bus.ts';
import { VirtioDevice } from './virtio/mmio.ts';
import { Chain } from './virtio/queue.ts';

const QUEUE_SIZE = 128;
const SEG_MAX = 126;
/** Sectors of one discard or write-zeroes range, and ranges in one request. */
const RANGE_SECTORS = 1 << 22, RANGES = 16;
const FEATURES = BLK_F_SEG_MAX | BLK_F_BLK_SIZE | BLK_F_FLUSH | BLK_F_TOPOLOGY | BLK_F_CONFIG_WCE | BLK_F_DISCARD | BLK_F_WRITE_ZEROES;
/** The back end will be asked again. */
const LATER = -1;

export class VirtioBlock extends VirtioDevice implements DiskListener {
  readonly #disk: DiskBackend;
  readonly #id: string;
  readonly #chain = new Chain();
  readonly #header = new DataView(new ArrayBuffer(BLK_HEADER_BYTES));
  /** Bytes of the first request that are done already: where to go on after EAGAIN. */
  #progress = 0;
  #written = 0;
  #isWaiting = false;

  /** `id`: the serial number that the guest sees, at most 20 bytes. */
  constructor(ram: Ram, irq: IrqLine, disk: DiskBackend, id: string) {
    const features = disk.access === 'read-only' ? (FEATURES & ~(BLK_F_DISCARD | BLK_F_WRITE_ZEROES)) | BLK_F_RO : FEATURES;
    super(ram, irq, { id: ID_BLOCK, features, queueSizes: [QUEUE_SIZE], configBytes: BLK_CFG_BYTES });
    this.#disk = disk;
    this.#id = id.slice(0, BLK_ID_BYTES);
    this.#describe();
    disk.attach(this);
  }

  /** The back end has been asked, and has not answered yet. */
  get isWaiting(): boolean { return this.#isWaiting; }

  /** The back end can go on. */
  ready(): void {
    if (this.isLive) this.notified(0);
  }

  protected override onReset(): void {
    this.#progress = this.#written = 0;
    this.#isWaiting = false;
  }

  /** Bit 0 of `writeback`: a cache that needs flushing, or write-through. */
  protected override configWritten(offset: number, value: number): void {
    if (offset === BLK_CFG_WRITEBACK) this.config.setUint8(BLK_CFG_WRITEBACK, value & 1);
  }

  protected override notified(index: number): void {
    const c = this.#chain;
    while (this.peek(index, c)) {
      const status = this.#serve(c);
      this.#isWaiting = status === LATER;
      if (status === LATER) return;
      this.queues[index]!.take();
      this.done(index, c, this.#answer(c, status));
      this.#progress = this.#written = 0;
    }
  }

  /** The status byte is the last writable one (5.2.6). */
  #answer(c: Chain, status: number): number {
    if (c.writeBytes === 0) {
      this.fail();
      return 0;
    }
    const last = c.writeAddr.length - 1;
    let i = last;
    while (c.writeLength[i] === 0) i--;
    this.ram.u8[c.writeAddr[i]! + c.writeLength[i]! - 1] = status;
    return Math.min(this.#written, c.writeBytes - 1) + 1;
  }

  #serve(c: Chain): number {
    const head = this.#header;
    if (c.copyFrom(this.ram, new Uint8Array(head.buffer)) < BLK_HEADER_BYTES) return BLK_S_IOERR;
    const offset = (head.getUint32(12, true) * 2 ** 32 + head.getUint32(8, true)) * SECTOR;
    switch (head.getUint32(0, true)) {
      case BLK_T_IN: return this.#transfer(offset, c.writeAddr, c.writeLength, 0, c.writeBytes - 1, 'in');
      case BLK_T_OUT: return this.#disk.access === 'read-only' ? BLK_S_IOERR : this.#write(c, offset);
      case BLK_T_FLUSH: return this.#status(this.#disk.flush());
      case BLK_T_GET_ID: return this.#identify(c);
      case BLK_T_DISCARD: return this.#ranges(c, 'discard');
      case BLK_T_WRITE_ZEROES: return this.#ranges(c, 'zero');
      default: return BLK_S_UNSUPP;
    }
  }

  #write(c: Chain, offset: number): number {
    const r = this.#transfer(offset, c.readAddr, c.readLength, BLK_HEADER_BYTES, c.readBytes - BLK_HEADER_BYTES, 'out');
    return r === BLK_S_OK && this.config.getUint8(BLK_CFG_WRITEBACK) === 0 ? this.#status(this.#disk.flush()) : r;
  }

  /** `bytes` between the disk at `offset` and the parts, whose first `skip` bytes are not data. A part need not be whole sectors; neighbours are joined then. */
  #transfer(offset: number, addrs: readonly number[], lengths: readonly number[], skip: number, bytes: number, direction: 'in' | 'out'): number {
    if (bytes < 0 || bytes % SECTOR !== 0 || offset + bytes > this.#disk.size) return BLK_S_IOERR;
    const { u8 } = this.ram;
    if (!aligned(addrs, lengths, skip, bytes)) return this.#bounced(offset, addrs, lengths, skip, bytes, direction);
    let at = 0, before = skip;
    for (let i = 0; i < addrs.length && at < bytes; i++) {
      const n = Math.min(lengths[i]! - before, bytes - at);
      if (n <= 0) { before -= lengths[i]!; continue; }
      if (at >= this.#progress) {
        const part = u8.subarray(addrs[i]! + before, addrs[i]! + before + n);
        const r = direction === 'in' ? this.#disk.read(offset + at, part) : this.#disk.write(offset + at, part);
        if (r !== 0) return this.#status(r);
        this.#progress = at + n;
      }
      before = 0;
      at += n;
    }
    this.#written = direction === 'in' ? bytes : 0;
    return BLK_S_OK;
  }

  #bounced(offset: number, addrs: readonly number[], lengths: readonly number[], skip: number, bytes: number, direction: 'in' | 'out'): number {
    const buffer = new Uint8Array(bytes);
    const { u8 } = this.ram;
    if (direction === 'in') {
      const r = this.#disk.read(offset, buffer);
      if (r !== 0) return this.#status(r);
    }
    let at = 0, before = skip;
    for (let i = 0; i < addrs.length && at < bytes; i++) {
      const n = Math.min(lengths[i]! - before, bytes - at);
      if (n <= 0) { before -= lengths[i]!; continue; }
      const from = addrs[i]! + before;
      if (direction === 'in') u8.set(buffer.subarray(at, at + n), from);
      else buffer.set(u8.subarray(from, from + n), at);
      before = 0;
      at += n;
    }
    this.#written = direction === 'in' ? bytes : 0;
    return direction === 'in' ? BLK_S_OK : this.#status(this.#disk.write(offset, buffer));
  }

  #identify(c: Chain): number {
    if (c.writeBytes - 1 < BLK_ID_BYTES) return BLK_S_IOERR;
    const bytes = new Uint8Array(BLK_ID_BYTES);
    for (let i = 0; i < this.#id.length; i++) bytes[i] = this.#id.charCodeAt(i);
    this.#written = c.copyTo(this.ram, bytes);
    return BLK_S_OK;
  }

  /** Discard and write zeroes (5.2.6): all ranges are checked before the first is touched. */
  #ranges(c: Chain, what: 'discard' | 'zero'): number {
    const bytes = new Uint8Array(Math.min(c.readBytes, BLK_HEADER_BYTES + RANGES * BLK_RANGE_BYTES + 1));
    const length = c.copyFrom(this.ram, bytes) - BLK_HEADER_BYTES;
    if (this.#disk.access === 'read-only' || length <= 0 || length % BLK_RANGE_BYTES !== 0) return BLK_S_IOERR;
    const view = new DataView(bytes.buffer, BLK_HEADER_BYTES);
    for (let at = 0; at < length; at += BLK_RANGE_BYTES) {
      const count = view.getUint32(at + 8, true), flags = view.getUint32(at + 12, true);
      if (count > RANGE_SECTORS || (offsetAt(view, at) + count * SECTOR) > this.#disk.size) return BLK_S_IOERR;
      if (flags > (what === 'zero' ? 1 : 0)) return BLK_S_UNSUPP;
    }
    for (let at = 0; at < length; at += BLK_RANGE_BYTES) {
      if (at < this.#progress) continue;
      const [offset, count] = [offsetAt(view, at), view.getUint32(at + 8, true) * SECTOR];
      const r = what === 'discard' ? this.#disk.discard(offset, count) : this.#disk.zero(offset, count, view.getUint32(at + 12, true) === 1 ? 'free' : 'keep');
      if (r !== 0) return this.#status(r);
      this.#progress = at + BLK_RANGE_BYTES;
    }
    return BLK_S_OK;
  }

  #status(r: number): number { return r === EAGAIN ? LATER : r === 0 ? BLK_S_OK : BLK_S_IOERR; }

  #describe(): void {
    const { config } = this;
    const sectors = this.#disk.size / SECTOR;
    config.setUint32(BLK_CFG_CAPACITY, sectors % 2 ** 32, true);
    config.setUint32(BLK_CFG_CAPACITY + 4, Math.floor(sectors / 2 ** 32), true);
    config.setUint32(BLK_CFG_SEG_MAX, SEG_MAX, true);
    config.setUint32(BLK_CFG_BLK_SIZE, SECTOR, true);
    config.setUint8(BLK_CFG_TOPOLOGY, 3);
    config.setUint16(BLK_CFG_TOPOLOGY + 2, 1, true);
    config.setUint8(BLK_CFG_WRITEBACK, 1);
    if (this.#disk.access === 'read-only') return;
    config.setUint32(BLK_CFG_MAX_DISCARD_SECTORS, RANGE_SECTORS, true);
    config.setUint32(BLK_CFG_MAX_DISCARD_SEG, RANGES, true);
    config.setUint32(BLK_CFG_DISCARD_ALIGNMENT, 4096 / SECTOR, true);
    config.setUint32(BLK_CFG_MAX_WRITE_ZEROES_SECTORS, RANGE_SECTORS, true);
    config.setUint32(BLK_CFG_MAX_WRITE_ZEROES_SEG, RANGES, true);
    config.setUint8(BLK_CFG_WRITE_ZEROES_MAY_UNMAP, 1);
  }
}

const offsetAt = (view: DataView, at: number): number => (view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true)) * SECTOR;

/** Do all parts of the data begin and end on sectors? The driver decides how it cuts a buffer up (2.7.4.3: no assumptions on framing). */
function aligned(addrs: readonly number[], lengths: readonly number[], skip: number, bytes: number): boolean {
  let at = 0, before = skip;
  for (let i = 0; i < addrs.length && at < bytes; i++) {
    const n = Math.min(lengths[i]! - before, bytes - at);
    if (n <= 0) { before -= lengths[i]!; continue; }
    if (n % SECTOR !== 0) return false;
    before = 0;
    at += n;
  }
  return true;
}
