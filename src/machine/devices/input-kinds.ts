// The input devices that a machine can have, as data: what a keyboard, a mouse and a tablet say of themselves (virtio 1.2, 5.8.4).
import {
  ABS_X, ABS_Y, BUS_VIRTUAL, EV_ABS, EV_KEY, EV_LED, EV_REL, EV_REP, INPUT_PROP_DIRECT, INPUT_PROP_POINTER, LED_CAPSL, LED_NUML, LED_SCROLLL, REL_HWHEEL, REL_WHEEL,
  REL_X, REL_Y, REP_DELAY, REP_PERIOD,
} from '../../abi/input.ts';
import { BUTTON_CODES, KEYBOARD_CODES } from '../../abi/input-keys.ts';

export interface Axis { readonly minimum: number; readonly maximum: number; readonly fuzz: number; readonly flat: number; readonly resolution: number }

export interface InputDescription {
  readonly name: string;
  readonly serial: string;
  readonly ids: { readonly bustype: number; readonly vendor: number; readonly product: number; readonly version: number };
  /** INPUT_PROP_*. */
  readonly properties: readonly number[];
  /** Codes of each event type. */
  readonly events: ReadonlyMap<number, readonly number[]>;
  readonly axes: ReadonlyMap<number, Axis>;
}

export type InputKind = 'keyboard' | 'mouse' | 'tablet';
export const INPUT_KINDS: readonly InputKind[] = ['keyboard', 'mouse', 'tablet'];

/** Both axes of the tablet reach from 0 to this. */
export const TABLET_MAXIMUM = 32767;

const VENDOR = 0x6b73;
const axis: Axis = { minimum: 0, maximum: TABLET_MAXIMUM, fuzz: 0, flat: 0, resolution: 0 };

export const INPUT_DEVICES: Readonly<Record<InputKind, InputDescription>> = {
  keyboard: {
    name: 'kspace Virtio Keyboard', serial: '', ids: { bustype: BUS_VIRTUAL, vendor: VENDOR, product: 1, version: 1 }, properties: [],
    events: new Map([[EV_KEY, KEYBOARD_CODES], [EV_REP, [REP_DELAY, REP_PERIOD]], [EV_LED, [LED_NUML, LED_CAPSL, LED_SCROLLL]]]), axes: new Map(),
  },
  mouse: {
    name: 'kspace Virtio Mouse', serial: '', ids: { bustype: BUS_VIRTUAL, vendor: VENDOR, product: 2, version: 1 }, properties: [INPUT_PROP_POINTER],
    events: new Map([[EV_KEY, BUTTON_CODES], [EV_REL, [REL_X, REL_Y, REL_HWHEEL, REL_WHEEL]]]), axes: new Map(),
  },
  tablet: {
    name: 'kspace Virtio Tablet', serial: '', ids: { bustype: BUS_VIRTUAL, vendor: VENDOR, product: 3, version: 1 }, properties: [INPUT_PROP_DIRECT],
    events: new Map([[EV_KEY, BUTTON_CODES], [EV_REL, [REL_HWHEEL, REL_WHEEL]], [EV_ABS, [ABS_X, ABS_Y]]]), axes: new Map([[ABS_X, axis], [ABS_Y, axis]]),
  },
};

/** Bit n set for every n of `codes`, without trailing zero bytes. */
export function bitmapOf(codes: readonly number[]): Uint8Array {
  const out = new Uint8Array(codes.length === 0 ? 0 : (Math.max(...codes) >>> 3) + 1);
  for (const code of codes) out[code >>> 3]! |= 1 << (code & 7);
  return out;
}
