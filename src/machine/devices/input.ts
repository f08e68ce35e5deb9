// virtio input device (virtio 1.2, 5.8): events of one keyboard, mouse or tablet in evdev's encoding, and LEDs the other way. What the device can do is data
// (input-kinds.ts). Events wait here until the driver has given buffers; an update (up to SYN_REPORT) that finds no room is dropped as a whole.
import { EV_LED, EV_SYN, SYN_REPORT } from '../../abi/input.ts';
import type { Ram } from '../machine.ts';
import {
  ID_INPUT, INPUT_CFG_ABS_INFO, INPUT_CFG_BYTES, INPUT_CFG_DATA, INPUT_CFG_EV_BITS, INPUT_CFG_ID_DEVIDS, INPUT_CFG_ID_NAME, INPUT_CFG_ID_SERIAL, INPUT_CFG_PROP_BITS,
  INPUT_CFG_SELECT, INPUT_EVENT_BYTES, INPUT_EVENTS, INPUT_STATUS,
} from '../registers.ts';
import { bitmapOf, type InputDescription } from './input-kinds.ts';
import type { IrqLine } from './mmio-bus.ts';
import { VirtioDevice } from './virtio/mmio.ts';
import { Chain } from './virtio/queue.ts';

const QUEUE_SIZE = 64;
/** Events kept for a driver that is behind. */
const MAX_WAITING = 1024;
const DATA_BYTES = INPUT_CFG_BYTES - INPUT_CFG_DATA;

export class VirtioInput extends VirtioDevice {
  readonly description: InputDescription;
  /** Codes of the LEDs that the driver has switched on. */
  readonly leds = new Set<number>();
  /** Updates that found no room. */
  dropped = 0;
  readonly #chain = new Chain();
  readonly #bytes = new Uint8Array(INPUT_EVENT_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  /** Complete updates, three numbers an event. */
  #waiting: number[] = [];
  /** The update that is being told. */
  #update: number[] = [];

  constructor(ram: Ram, irq: IrqLine, description: InputDescription) {
    super(ram, irq, { id: ID_INPUT, features: 0, queueSizes: [QUEUE_SIZE, QUEUE_SIZE], configBytes: INPUT_CFG_BYTES });
    this.description = description;
  }

  /** Something happened at the device; EV_SYN with SYN_REPORT ends an update. False: it has no such event. */
  send(type: number, code: number, value: number): boolean {
    if (type !== EV_SYN && this.description.events.get(type)?.includes(code) !== true) return false;
    this.#update.push(type, code, value);
    if (type === EV_SYN && code === SYN_REPORT) this.#endUpdate();
    return true;
  }

  #endUpdate(): void {
    const update = this.#update;
    this.#update = [];
    if (this.#waiting.length + update.length > 3 * MAX_WAITING) {
      this.dropped++;
      return;
    }
    this.#waiting.push(...update);
    this.#deliver();
  }

  protected override notified(index: number): void {
    if (index === INPUT_EVENTS) this.#deliver();
    else this.#takeStatus();
  }

  protected override onReset(): void {
    this.#waiting.length = 0;
    this.leds.clear();
    this.#select(0, 0);
  }

  #deliver(): void {
    const c = this.#chain;
    let next = 0;
    while (next < this.#waiting.length && this.isLive && this.next(INPUT_EVENTS, c)) {
      if (c.writeBytes < INPUT_EVENT_BYTES) {
        this.fail();
        break;
      }
      this.#view.setUint16(0, this.#waiting[next++]!, true);
      this.#view.setUint16(2, this.#waiting[next++]!, true);
      this.#view.setInt32(4, this.#waiting[next++]!, true);
      this.done(INPUT_EVENTS, c, c.copyTo(this.ram, this.#bytes));
    }
    this.#waiting.splice(0, next);
  }

  #takeStatus(): void {
    const c = this.#chain;
    while (this.isLive && this.next(INPUT_STATUS, c)) {
      const n = c.copyFrom(this.ram, this.#bytes);
      this.done(INPUT_STATUS, c, 0);
      if (n < INPUT_EVENT_BYTES) return this.fail();
      const type = this.#view.getUint16(0, true), code = this.#view.getUint16(2, true);
      if (type !== EV_LED || this.description.events.get(EV_LED)?.includes(code) !== true) continue;
      if (this.#view.getInt32(4, true) !== 0) this.leds.add(code);
      else this.leds.delete(code);
    }
  }

  // --- configuration (5.8.4) -------------------------------------------------------------------------------------------------------------

  protected override configWritten(offset: number, value: number): void {
    if (offset === INPUT_CFG_SELECT) this.#select(value & 0xff, value >>> 8 & 0xff);
  }

  /** What is asked for appears in the data bytes; size 0: there is no such thing. */
  #select(select: number, subsel: number): void {
    const data = this.#answer(select, subsel).subarray(0, DATA_BYTES);
    this.config.setUint32(INPUT_CFG_SELECT, select | subsel << 8 | data.length << 16, true);
    const window = new Uint8Array(this.config.buffer, INPUT_CFG_DATA, DATA_BYTES);
    window.fill(0);
    window.set(data);
  }

  #answer(select: number, subsel: number): Uint8Array {
    const { name, serial, ids, properties, events, axes } = this.description;
    switch (select) {
      case INPUT_CFG_ID_NAME: return text(name);
      case INPUT_CFG_ID_SERIAL: return text(serial);
      case INPUT_CFG_ID_DEVIDS: return new Uint8Array(Uint16Array.of(ids.bustype, ids.vendor, ids.product, ids.version).buffer);
      case INPUT_CFG_PROP_BITS: return bitmapOf(properties);
      case INPUT_CFG_EV_BITS: return bitmapOf(events.get(subsel) ?? []);
      case INPUT_CFG_ABS_INFO: {
        const axis = axes.get(subsel);
        return axis === undefined ? new Uint8Array(0) : new Uint8Array(Int32Array.of(axis.minimum, axis.maximum, axis.fuzz, axis.flat, axis.resolution).buffer);
      }
      default: return new Uint8Array(0);
    }
  }
}

const text = (s: string): Uint8Array => Uint8Array.from(s, c => c.charCodeAt(0));
