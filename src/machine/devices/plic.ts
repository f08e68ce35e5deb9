// The platform-level interrupt controller (RISC-V PLIC specification 1.0.0): 63 level-triggered sources, one context (hart 0, supervisor mode).
// A source is pending while its line is high, from the gateway's view: between claim and completion it does not ask again.
import {
  PLIC_CLAIM, PLIC_CONTEXT, PLIC_ENABLE, PLIC_PENDING, PLIC_PRIORITY, PLIC_THRESHOLD,
} from '../registers.ts';
import type { IrqLine, MmioDevice } from './mmio-bus.ts';

export const PLIC_SOURCES = 63;

export class Plic implements MmioDevice {
  readonly #level = new Uint8Array(PLIC_SOURCES + 1);
  readonly #claimed = new Uint8Array(PLIC_SOURCES + 1);
  readonly #priority = new Uint32Array(PLIC_SOURCES + 1);
  readonly #enabled = new Uint32Array(2);
  #threshold = 0;
  /** Context 0 has something to claim. Read by the trap loop after every stretch: a plain field. */
  interruptPending = false;
  /** The host's wake-up call: an interrupt has become pending. Not kernel state. */
  onPending: (() => void) | null = null;

  line(source: number): IrqLine { return new PlicLine(this, source); }

  setLevel(source: number, level: boolean): void {
    this.#level[source] = level ? 1 : 0;
    this.#update();
  }

  read32(offset: number): number {
    if (offset < PLIC_PENDING) return this.#priority[(offset - PLIC_PRIORITY) >>> 2] ?? 0;
    if (offset < PLIC_ENABLE) return this.#pendingWord((offset - PLIC_PENDING) >>> 2);
    if (offset < PLIC_CONTEXT) return this.#enabled[(offset - PLIC_ENABLE) >>> 2] ?? 0;
    switch (offset - PLIC_CONTEXT) {
      case PLIC_THRESHOLD: return this.#threshold;
      case PLIC_CLAIM: return this.#claim();
      default: return 0;
    }
  }

  write32(offset: number, value: number): void {
    if (offset < PLIC_PENDING) {
      const source = (offset - PLIC_PRIORITY) >>> 2;
      if (source >= 1 && source <= PLIC_SOURCES) this.#priority[source] = value & 7;
    } else if (offset >= PLIC_ENABLE && offset < PLIC_CONTEXT) {
      const word = (offset - PLIC_ENABLE) >>> 2;
      if (word < 2) this.#enabled[word] = word === 0 ? value & ~1 : value;
    } else if (offset - PLIC_CONTEXT === PLIC_THRESHOLD) {
      this.#threshold = value & 7;
    } else if (offset - PLIC_CONTEXT === PLIC_CLAIM) {
      if (value <= PLIC_SOURCES) this.#claimed[value] = 0;
    }
    this.#update();
  }

  #pending(source: number): boolean { return this.#level[source] === 1 && this.#claimed[source] === 0; }

  #pendingWord(word: number): number {
    let bits = 0;
    for (let i = 0; i < 32; i++) if (word < 2 && this.#pending(word * 32 + i)) bits |= 1 << i;
    return bits;
  }

  /** The most urgent source that may interrupt, the lowest number among equals; 0: none. */
  #best(): number {
    let best = 0, priority = this.#threshold;
    for (let s = 1; s <= PLIC_SOURCES; s++) {
      if (this.#priority[s]! <= priority || ((this.#enabled[s >>> 5]! >>> (s & 31)) & 1) === 0 || !this.#pending(s)) continue;
      best = s;
      priority = this.#priority[s]!;
    }
    return best;
  }

  #claim(): number {
    const source = this.#best();
    if (source !== 0) this.#claimed[source] = 1;
    this.#update();
    return source;
  }

  #update(): void {
    this.interruptPending = this.#best() !== 0;
    if (this.interruptPending) this.onPending?.();
  }
}

class PlicLine implements IrqLine {
  readonly #plic: Plic;
  readonly #source: number;
  #level = false;
  constructor(plic: Plic, source: number) {
    this.#plic = plic;
    this.#source = source;
  }
  set(level: boolean): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#plic.setLevel(this.#source, level);
  }
}
