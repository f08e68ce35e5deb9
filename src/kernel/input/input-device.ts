// An input device as the kernel sees it (Linux: drivers/input/input.c): what it can do, the state its events lead to, repeating keys. Events of the driver and of
// programs that write come in one by one; what changes nothing is dropped, the rest goes to the readers as packets that end with SYN_REPORT.
import {
  ABS_CNT, EV_ABS, EV_CNT, EV_KEY, EV_LED, EV_MSC, EV_REL, EV_REP, EV_SND, EV_SW, EV_SYN, INPUT_PROP_CNT, KEY_CNT, LED_CNT, MSC_CNT, REL_CNT, REP_DELAY, REP_PERIOD, SND_CNT,
  SW_CNT, SYN_REPORT,
} from '../../abi/input.ts';
import { hasBit, setBit } from '../../lib/bits.ts';
import type { Kernel } from '../kernel.ts';
import { TimerTarget } from '../time/timers.ts';
import type { EvdevFile } from './evdev-file.ts';

/** Codes that each event type has at most; types that are not here have no bitmap. */
export const CODE_COUNTS: Readonly<Record<number, number>> = {
  [EV_SYN]: EV_CNT, [EV_KEY]: KEY_CNT, [EV_REL]: REL_CNT, [EV_ABS]: ABS_CNT, [EV_MSC]: MSC_CNT, [EV_SW]: SW_CNT, [EV_LED]: LED_CNT, [EV_SND]: SND_CNT,
};
/** Multi-touch axes have no state of their own without slots. */
const ABS_MT_FIRST = 0x2f;
/** Defaults of repeating keys in milliseconds. */
const REPEAT_DELAY = 250, REPEAT_PERIOD = 33;
/** Events of one packet before it is cut: the driver's device is not trusted to end it. */
const MAX_PACKET = 256;

/** Bytes of a bitmap of `bits` bits, in whole longs as Linux has them. */
export const bitmapBytes = (bits: number): number => Math.ceil(bits / 64) * 8;

export interface InputIds { readonly bustype: number; readonly vendor: number; readonly product: number; readonly version: number }

export interface AbsInfo { value: number; minimum: number; maximum: number; fuzz: number; flat: number; resolution: number }

/** The driver's end: events that go to the device (LEDs). */
export abstract class InputDriver {
  abstract send(type: number, code: number, value: number): void;
}

export class InputDevice {
  readonly kernel: Kernel;
  readonly driver: InputDriver;
  readonly name: string;
  readonly phys: string;
  readonly uniq: string;
  readonly ids: InputIds;
  /** Below /sys: the device that it belongs to. */
  readonly parentPath: string;
  readonly properties = new Uint8Array(bitmapBytes(INPUT_PROP_CNT));
  /** What it can do: codes by type, and under EV_SYN the types. */
  readonly codes = new Map<number, Uint8Array>([[EV_SYN, new Uint8Array(bitmapBytes(EV_CNT))]]);
  readonly abs = new Map<number, AbsInfo>();
  /** What is on: keys, LEDs, sounds, switches by type. */
  readonly state = new Map<number, Uint8Array>([EV_KEY, EV_LED, EV_SND, EV_SW].map(type => [type, new Uint8Array(bitmapBytes(CODE_COUNTS[type]!))]));
  /** REP_DELAY and REP_PERIOD. */
  readonly repeat = new Int32Array([REPEAT_DELAY, REPEAT_PERIOD]);
  readonly readers = new Set<EvdevFile>();
  /** The only reader that hears of events (EVIOCGRAB). */
  grabbedBy: EvdevFile | null = null;
  isGone = false;
  /** inputN and eventN; given by the layer. */
  number = -1;
  minor = -1;
  /** The packet under construction: type, code, value. */
  private readonly packet: number[] = [];
  /** The value of the event that was accepted last, without noise. */
  private filtered = 0;
  private repeatingKey = -1;
  private repeatTimer = 0;

  constructor(kernel: Kernel, driver: InputDriver, what: { name: string; phys: string; uniq: string; ids: InputIds; parentPath: string }) {
    this.kernel = kernel;
    this.driver = driver;
    this.name = what.name;
    this.phys = what.phys;
    this.uniq = what.uniq;
    this.ids = what.ids;
    this.parentPath = what.parentPath;
    setBit(this.codes.get(EV_SYN)!, EV_SYN, true);
  }

  /** `codes`: a bitmap as the device tells it; more than the type has is cut off. */
  addCodes(type: number, codes: Uint8Array): void {
    setBit(this.codes.get(EV_SYN)!, type, true);
    const count = CODE_COUNTS[type];
    if (count === undefined) return;
    const map = new Uint8Array(bitmapBytes(count));
    for (let n = 0; n < count; n++) if (hasBit(codes, n)) setBit(map, n, true);
    this.codes.set(type, map);
  }

  can(type: number, code: number): boolean { return type !== EV_SYN && this.codes.has(type) && hasBit(this.codes.get(type)!, code); }
  has(type: number): boolean { return hasBit(this.codes.get(EV_SYN)!, type); }

  /** Something happened, or a program says so. */
  event(type: number, code: number, value: number): void {
    if (this.isGone) return;
    if (type === EV_SYN) {
      if (code === SYN_REPORT) this.endPacket(value);
      else this.packet.push(type, code, value);
    } else if (this.accepts(type, code, value)) {
      this.packet.push(type, code, this.filtered);
      if (type === EV_KEY && value !== 2) this.keyChanged(code, value);
    }
    if (this.packet.length >= 3 * MAX_PACKET) this.endPacket(1);
  }

  /** The device is pulled out: its keys go up, its readers hear of it. */
  gone(): void {
    if (this.isGone) return;
    this.releaseKeys();
    this.isGone = true;
    for (const reader of this.readers) reader.hangUp();
  }

  /** Whatever is pressed goes up. */
  releaseKeys(): void {
    const keys = this.state.get(EV_KEY)!;
    for (let code = 0; code < KEY_CNT; code++) if (hasBit(keys, code)) this.event(EV_KEY, code, 0);
    this.event(EV_SYN, SYN_REPORT, 1);
    this.stopRepeat();
  }

  /** Does it change anything? State is brought up to date; LEDs and sounds go to the device as well. */
  private accepts(type: number, code: number, value: number): boolean {
    this.filtered = value;
    switch (type) {
      case EV_KEY: return this.can(type, code) && (value === 2 || this.toggles(type, code, value));
      case EV_SW: return this.can(type, code) && this.toggles(type, code, value);
      case EV_REL: return this.can(type, code) && value !== 0;
      case EV_ABS: return this.can(type, code) && this.moves(code, value);
      case EV_MSC: return this.can(type, code);
      case EV_LED: case EV_SND:
        if (!this.can(type, code) || !this.toggles(type, code, value)) return false;
        this.driver.send(type, code, value);
        return true;
      case EV_REP:
        if (!this.has(EV_REP) || code > REP_PERIOD || value < 0 || this.repeat[code] === value) return false;
        this.repeat[code] = value;
        return true;
      default: return false;
    }
  }

  private toggles(type: number, code: number, value: number): boolean {
    const map = this.state.get(type)!;
    if (hasBit(map, code) === (value !== 0)) return false;
    setBit(map, code, value !== 0);
    return true;
  }

  /** Noise within `fuzz` is filtered: nearby values count half, farther ones a quarter (Linux: input_defuzz_abs_event). */
  private moves(code: number, value: number): boolean {
    const axis = this.abs.get(code);
    if (axis === undefined || code >= ABS_MT_FIRST) return true;
    const { fuzz, value: old } = axis, distance = Math.abs(value - old);
    let now = value;
    if (fuzz > 0) {
      if (distance < fuzz / 2) now = old;
      else if (distance < fuzz) now = Math.trunc((old * 3 + value) / 4);
      else if (distance < fuzz * 2) now = Math.trunc((old + value) / 2);
    }
    if (now === old) return false;
    axis.value = this.filtered = now;
    return true;
  }

  /** A packet without events is none. */
  private endPacket(value: number): void {
    const { packet } = this;
    if (packet.length === 0) return;
    packet.push(EV_SYN, SYN_REPORT, value);
    const now = this.kernel.now();
    if (this.grabbedBy !== null) this.grabbedBy.receive(packet, now);
    else for (const reader of this.readers) reader.receive(packet, now);
    packet.length = 0;
  }

  // --- repeating keys --------------------------------------------------------------------------------------------------------------------

  private keyChanged(code: number, value: number): void {
    this.stopRepeat();
    if (value === 0 || !this.has(EV_REP) || this.repeat[REP_DELAY] === 0 || this.repeat[REP_PERIOD] === 0) return;
    this.repeatingKey = code;
    this.armRepeat(this.repeat[REP_DELAY]!);
  }

  /** The timer: the key is still down. */
  repeatKey(): void {
    this.repeatTimer = 0;
    const code = this.repeatingKey;
    if (this.isGone || code < 0 || !hasBit(this.state.get(EV_KEY)!, code)) return;
    this.event(EV_KEY, code, 2);
    this.event(EV_SYN, SYN_REPORT, 1);
    if (this.repeat[REP_PERIOD] !== 0) this.armRepeat(this.repeat[REP_PERIOD]!);
  }

  private armRepeat(ms: number): void { this.repeatTimer = this.kernel.timers.add(this.kernel.now() + ms * 1e6, new RepeatTimer(this)); }

  private stopRepeat(): void {
    if (this.repeatTimer !== 0) this.kernel.timers.cancel(this.repeatTimer);
    this.repeatTimer = 0;
    this.repeatingKey = -1;
  }
}

class RepeatTimer extends TimerTarget {
  private readonly device: InputDevice;
  constructor(device: InputDevice) {
    super();
    this.device = device;
  }
  expire(): void { this.device.repeatKey(); }
}
