// The host's hands: keys, buttons and pointer of the machine's input devices. Every call is one update of a device; programs read them from /dev/input/event*.
import { ABS_X, ABS_Y, EV_ABS, EV_KEY, EV_REL, EV_SYN, REL_HWHEEL, REL_WHEEL, REL_X, REL_Y, SYN_REPORT } from '../abi/input.ts';
import { KEY_CODES } from '../abi/input-keys.ts';
import { UserError } from '../host/user-error.ts';
import { type InputKind, TABLET_MAXIMUM } from '../machine/devices/input-kinds.ts';
import type { Peripherals } from '../machine/peripherals.ts';

/** 'press': down and up. */
export type KeyAction = 'down' | 'up' | 'press';

export class Input {
  readonly #peripherals: Peripherals;
  constructor(peripherals: Peripherals) { this.#peripherals = peripherals; }

  /** A key of the keyboard by its Linux name, 'KEY_A' or 'A'. */
  key(name: string, action: KeyAction = 'press'): void { this.#press('keyboard', keyCode('KEY_', name), action); }

  /** A button of the tablet, or of the mouse where there is no tablet: 'BTN_LEFT' or 'LEFT'. */
  button(name: string, action: KeyAction = 'press'): void { this.#press(this.#pointer, keyCode('BTN_', name), action); }

  /** Keys that make this text on a keyboard of the United States. */
  type(text: string): void {
    for (const character of text) {
      const stroke = strokeOf(character);
      if (stroke === undefined) throw new UserError(`no key makes '${character}'`);
      if (stroke.isShifted) this.key('LEFTSHIFT', 'down');
      this.key(stroke.key);
      if (stroke.isShifted) this.key('LEFTSHIFT', 'up');
    }
  }

  /** The tablet's pen is at this pixel of the display; without a display, at this place of 32768 by 32768. */
  pointer(x: number, y: number): void {
    const { display } = this.#peripherals;
    const place = (at: number, size: number | undefined): number =>
      Math.round(Math.max(0, Math.min(1, at / Math.max(1, (size ?? TABLET_MAXIMUM + 1) - 1))) * TABLET_MAXIMUM);
    this.#send('tablet', [EV_ABS, ABS_X, place(x, display?.width)], [EV_ABS, ABS_Y, place(y, display?.height)]);
  }

  /** The mouse moves. */
  move(dx: number, dy: number): void { this.#send('mouse', [EV_REL, REL_X, Math.trunc(dx)], [EV_REL, REL_Y, Math.trunc(dy)]); }

  /** The wheel turns: up and right are positive. */
  wheel(up: number, right = 0): void { this.#send(this.#pointer, [EV_REL, REL_WHEEL, Math.trunc(up)], [EV_REL, REL_HWHEEL, Math.trunc(right)]); }

  /** Codes (LED_*) of the keyboard's lights that are on. */
  get leds(): readonly number[] { return [...this.#peripherals.inputs.get('keyboard')?.leds ?? []]; }

  get #pointer(): InputKind { return this.#peripherals.inputs.has('tablet') ? 'tablet' : 'mouse'; }

  #press(kind: InputKind, code: number, action: KeyAction): void {
    if (action !== 'up') this.#send(kind, [EV_KEY, code, 1]);
    if (action !== 'down') this.#send(kind, [EV_KEY, code, 0]);
  }

  #send(kind: InputKind, ...events: readonly (readonly [type: number, code: number, value: number])[]): void {
    const device = this.#peripherals.inputs.get(kind);
    if (device === undefined) throw new UserError(`the machine has no ${kind}`);
    for (const [type, code, value] of events) device.send(type, code, value);
    device.send(EV_SYN, SYN_REPORT, 0);
  }
}

function keyCode(prefix: string, name: string): number {
  const code = KEY_CODES[name.startsWith(prefix) ? name : `${prefix}${name.toUpperCase()}`];
  if (code === undefined) throw new UserError(`there is no ${prefix === 'KEY_' ? 'key' : 'button'} '${name}'`);
  return code;
}

/** Keys of characters that are no letters or digits: plain, then shifted. */
const STROKES: Readonly<Record<string, string>> = {
  '\n': 'ENTER', '\t': 'TAB', '\b': 'BACKSPACE', '\u{1b}': 'ESC', ' ': 'SPACE', '-': 'MINUS', '=': 'EQUAL', '[': 'LEFTBRACE', ']': 'RIGHTBRACE', '\\': 'BACKSLASH',
  ';': 'SEMICOLON', "'": 'APOSTROPHE', '`': 'GRAVE', ',': 'COMMA', '.': 'DOT', '/': 'SLASH',
};
const SHIFTED: Readonly<Record<string, string>> = {
  '!': '1', '@': '2', '#': '3', $: '4', '%': '5', '^': '6', '&': '7', '*': '8', '(': '9', ')': '0', _: 'MINUS', '+': 'EQUAL', '{': 'LEFTBRACE', '}': 'RIGHTBRACE', '|': 'BACKSLASH',
  ':': 'SEMICOLON', '"': 'APOSTROPHE', '~': 'GRAVE', '<': 'COMMA', '>': 'DOT', '?': 'SLASH',
};

function strokeOf(c: string): { readonly key: string; readonly isShifted: boolean } | undefined {
  if (/^[a-z0-9]$/.test(c)) return { key: c.toUpperCase(), isShifted: false };
  if (/^[A-Z]$/.test(c)) return { key: c, isShifted: true };
  const plain = STROKES[c], shifted = SHIFTED[c];
  if (plain !== undefined) return { key: plain, isShifted: false };
  return shifted === undefined ? undefined : { key: shifted, isShifted: true };
}
