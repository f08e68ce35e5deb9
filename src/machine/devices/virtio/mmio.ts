// virtio over MMIO (virtio 1.2, 4.2): the register window, feature negotiation, status and interrupts that all device types share.
// A device type is a subclass: it says what it is, and acts when a queue is notified. Requests that can be answered at once have been answered
// when the notifying store returns.
import type { Ram } from '../../machine.ts';
import {
  F_EVENT_IDX, F_INDIRECT_DESC, F_VERSION_1, INTERRUPT_CONFIG, INTERRUPT_USED, MMIO_CONFIG, MMIO_CONFIG_GENERATION, MMIO_DEVICE_FEATURES,
  MMIO_DEVICE_FEATURES_SEL, MMIO_DEVICE_ID, MMIO_DRIVER_FEATURES, MMIO_DRIVER_FEATURES_SEL, MMIO_INTERRUPT_ACK, MMIO_INTERRUPT_STATUS,
  MMIO_MAGIC_VALUE, MMIO_QUEUE_DESC_HIGH, MMIO_QUEUE_DESC_LOW, MMIO_QUEUE_DEVICE_HIGH, MMIO_QUEUE_DEVICE_LOW, MMIO_QUEUE_DRIVER_HIGH,
  MMIO_QUEUE_DRIVER_LOW, MMIO_QUEUE_NOTIFY, MMIO_QUEUE_NUM, MMIO_QUEUE_NUM_MAX, MMIO_QUEUE_READY, MMIO_QUEUE_SEL, MMIO_SHM_BASE_HIGH,
  MMIO_SHM_BASE_LOW, MMIO_SHM_LEN_HIGH, MMIO_SHM_LEN_LOW, MMIO_STATUS, MMIO_VENDOR_ID, MMIO_VERSION, STATUS_DRIVER_OK, STATUS_FEATURES_OK,
  STATUS_NEEDS_RESET, VIRTIO_MAGIC,
} from '../../registers.ts';
import type { IrqLine, MmioDevice } from '../mmio-bus.ts';
import { type Chain, DeviceQueue } from './queue.ts';

const VENDOR = 0x6b73_7063;

export abstract class VirtioDevice implements MmioDevice {
  protected readonly ram: Ram;
  /** Those that the driver has set up, or begun to: a console could have two thousand. */
  protected readonly queues: (DeviceQueue | undefined)[] = [];
  readonly #sizes: readonly number[];
  readonly deviceId: number;
  readonly #irq: IrqLine;
  readonly #offered: readonly [number, number];
  readonly #accepted = new Uint32Array(2);
  #featureSel = 0;
  #driverSel = 0;
  #queueSel = 0;
  #status = 0;
  #interrupt = 0;
  #generation = 0;
  /** Configuration space (4.2.2.2); a multiple of four bytes. */
  protected readonly config: DataView;

  constructor(ram: Ram, irq: IrqLine, what: { id: number; features: number; queueSizes: readonly number[]; configBytes: number }) {
    this.ram = ram;
    this.#irq = irq;
    this.deviceId = what.id;
    this.#offered = [what.features | F_INDIRECT_DESC | F_EVENT_IDX, F_VERSION_1];
    this.#sizes = what.queueSizes;
    this.config = new DataView(new ArrayBuffer(Math.ceil(what.configBytes / 4) * 4));
  }

  /** The driver has put something into queue `index`. Only called while the driver may use the device. */
  protected abstract notified(index: number): void;
  /** Back to the state after power-on. */
  protected onReset(): void {}
  /** The driver has finished its set-up. */
  protected onReady(): void {}
  /** A store into configuration space. */
  protected configWritten(_offset: number, _value: number): void {}

  /** The driver is up and the device is well. */
  protected get isLive(): boolean { return (this.#status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) === STATUS_DRIVER_OK; }
  /** Feature bits 0-31 agreed on. */
  protected get features(): number { return this.#accepted[0]!; }

  /** The next request of a queue; false when there is none. A driver that breaks the rules is told so here. */
  protected next(index: number, chain: Chain): boolean {
    const q = this.queues[index];
    if (q?.pop(chain) === true) return true;
    if (q?.broken === true) this.fail();
    return false;
  }

  protected peek(index: number, chain: Chain): boolean {
    const q = this.queues[index];
    if (q?.peek(chain) === true) return true;
    if (q?.broken === true) this.fail();
    return false;
  }

  /** Answers a request. */
  protected done(index: number, chain: Chain, written: number): void {
    if (this.queues[index]!.push(chain.head, written)) this.#raise(INTERRUPT_USED);
  }

  protected configChanged(): void {
    this.#generation = (this.#generation + 1) >>> 0;
    if (this.isLive) this.#raise(INTERRUPT_CONFIG);
  }

  /** DEVICE_NEEDS_RESET (2.1.2): the driver did what no driver may. */
  protected fail(): void {
    if ((this.#status & STATUS_NEEDS_RESET) !== 0) return;
    this.#status |= STATUS_NEEDS_RESET;
    this.#raise(INTERRUPT_CONFIG);
  }

  #raise(cause: number): void {
    this.#interrupt |= cause;
    this.#irq.set(true);
  }

  read32(offset: number): number {
    if (offset >= MMIO_CONFIG) return offset - MMIO_CONFIG + 4 <= this.config.byteLength ? this.config.getUint32(offset - MMIO_CONFIG, true) : 0;
    switch (offset) {
      case MMIO_MAGIC_VALUE: return VIRTIO_MAGIC;
      case MMIO_VERSION: return 2;
      case MMIO_DEVICE_ID: return this.deviceId;
      case MMIO_VENDOR_ID: return VENDOR;
      case MMIO_DEVICE_FEATURES: return this.#offered[this.#featureSel] ?? 0;
      case MMIO_QUEUE_NUM_MAX: return this.#sizes[this.#queueSel] ?? 0;
      case MMIO_QUEUE_READY: return this.queues[this.#queueSel]?.ready === true ? 1 : 0;
      case MMIO_INTERRUPT_STATUS: return this.#interrupt;
      case MMIO_STATUS: return this.#status;
      case MMIO_SHM_LEN_LOW: case MMIO_SHM_LEN_HIGH: case MMIO_SHM_BASE_LOW: case MMIO_SHM_BASE_HIGH: return 0xffff_ffff;
      case MMIO_CONFIG_GENERATION: return this.#generation;
      default: return 0;
    }
  }

  write32(offset: number, value: number): void {
    if (offset === MMIO_QUEUE_NOTIFY) {
      if (this.isLive && value < this.#sizes.length) this.notified(value);
      return;
    }
    if (offset >= MMIO_CONFIG) return this.configWritten(offset - MMIO_CONFIG, value);
    switch (offset) {
      case MMIO_DEVICE_FEATURES_SEL: this.#featureSel = value; return;
      case MMIO_DRIVER_FEATURES_SEL: this.#driverSel = value; return;
      case MMIO_DRIVER_FEATURES: if (this.#driverSel < 2 && (this.#status & STATUS_FEATURES_OK) === 0) this.#accepted[this.#driverSel] = value; return;
      case MMIO_QUEUE_SEL: this.#queueSel = value; return;
      case MMIO_INTERRUPT_ACK:
        this.#interrupt &= ~value;
        if (this.#interrupt === 0) this.#irq.set(false);
        return;
      case MMIO_STATUS: return this.#setStatus(value);
      default: return this.#setUpQueue(offset, value);
    }
  }

  #setUpQueue(offset: number, value: number): void {
    const size = this.#sizes[this.#queueSel];
    if (size === undefined) return;
    const q = this.queues[this.#queueSel] ??= this.#queue(size);
    if (offset === MMIO_QUEUE_READY && value === 0) q.ready = false;
    if (q.ready) return;
    switch (offset) {
      case MMIO_QUEUE_NUM: q.size = value; return;
      case MMIO_QUEUE_READY: if (value === 1 && !q.enable()) this.fail(); return;
      case MMIO_QUEUE_DESC_LOW: q.desc = withLow(q.desc, value); return;
      case MMIO_QUEUE_DESC_HIGH: q.desc = withHigh(q.desc, value); return;
      case MMIO_QUEUE_DRIVER_LOW: q.avail = withLow(q.avail, value); return;
      case MMIO_QUEUE_DRIVER_HIGH: q.avail = withHigh(q.avail, value); return;
      case MMIO_QUEUE_DEVICE_LOW: q.used = withLow(q.used, value); return;
      case MMIO_QUEUE_DEVICE_HIGH: q.used = withHigh(q.used, value); return;
      default:
    }
  }

  #queue(size: number): DeviceQueue {
    const q = new DeviceQueue(this.ram, size);
    q.eventIdx = (this.#status & STATUS_DRIVER_OK) !== 0 && (this.features & F_EVENT_IDX) !== 0;
    return q;
  }

  #setStatus(value: number): void {
    if (value === 0) return this.#reset();
    const added = value & ~this.#status;
    let status = value | (this.#status & STATUS_NEEDS_RESET);
    if ((added & STATUS_FEATURES_OK) !== 0 && !this.#featuresAcceptable()) status &= ~STATUS_FEATURES_OK;
    if ((status & STATUS_FEATURES_OK) === 0) status &= ~STATUS_DRIVER_OK;
    this.#status = status;
    if ((added & status & STATUS_DRIVER_OK) === 0) return;
    const eventIdx = (this.features & F_EVENT_IDX) !== 0;
    for (const q of this.queues) if (q !== undefined) q.eventIdx = eventIdx;
    this.onReady();
  }

  #featuresAcceptable(): boolean {
    const [lo, hi] = this.#accepted as unknown as [number, number];
    return (lo & ~this.#offered[0]) === 0 && hi === F_VERSION_1;
  }

  #reset(): void {
    for (const q of this.queues) q?.reset();
    this.#accepted.fill(0);
    this.#status = this.#interrupt = 0;
    this.#featureSel = this.#driverSel = this.#queueSel = 0;
    this.#irq.set(false);
    this.onReset();
  }
}

const withLow = (addr: number, low: number): number => Math.floor(addr / 2 ** 32) * 2 ** 32 + low;
const withHigh = (addr: number, high: number): number => high * 2 ** 32 + (addr >>> 0);
