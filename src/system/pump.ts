// The host's side of the trap loop: runs the kernel in slices between which the host's events get their turn, and sleeps when the kernel idles.
import type { Kernel } from '../kernel/kernel.ts';
import type { TrapLoop } from '../kernel/entry/trap-loop.ts';

/** Host time of one slice: short enough for keys to feel immediate, long enough not to matter. */
const SLICE_NS = 4_000_000;
/** setTimeout cannot wait longer. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Virtual time that an idle machine may skip (machine/devices/clock.ts, VirtualClock). */
export interface SkippableClock { skipTo(ns: number): void }

export class Pump {
  readonly #kernel: Kernel;
  readonly #loop: TrapLoop;
  readonly #virtual: SkippableClock | null;
  readonly #afterSlice: () => void;
  #state: 'idle' | 'scheduled' | 'running' | 'stopped' = 'idle';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #kicked = false;

  /** `afterSlice` runs when the kernel has been left: exits are collected there. */
  constructor(kernel: Kernel, loop: TrapLoop, virtual: SkippableClock | null, afterSlice: () => void) {
    this.#kernel = kernel;
    this.#loop = loop;
    this.#virtual = virtual;
    this.#afterSlice = afterSlice;
  }

  /** Something has happened outside (a device raised its interrupt, a process was spawned): run soon. */
  kick(): void {
    if (this.#state === 'running') this.#kicked = true;
    if (this.#state !== 'idle') return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#state = 'scheduled';
    soon(() => this.#slice());
  }

  stop(): void {
    this.#state = 'stopped';
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }

  #slice(): void {
    if (this.#state !== 'scheduled') return;
    this.#state = 'running';
    this.#kicked = false;
    let result: 'idle' | 'busy';
    try {
      result = this.#loop.run(this.#kernel.now() + SLICE_NS);
    } finally {
      if ((this.#state as string) === 'running') this.#state = 'idle';
    }
    this.#afterSlice();
    if ((this.#state as string) === 'stopped') return;
    if (result === 'busy' || this.#kicked || this.#kernel.machine.interruptPending) return this.kick();
    this.#sleep();
  }

  /**
   * Until the next timer; a kick comes earlier. Under virtual time the wait is skipped, but not while the host owes an answer, which ends with a kick: how long a
   * host takes is no time of the machine, and deadlines of requests do not pass meanwhile.
   */
  #sleep(): void {
    const deadline = this.#kernel.timers.nextDeadline;
    if (deadline === Infinity || (this.#virtual !== null && this.#kernel.machine.hostOwes === true)) return;
    if (this.#virtual !== null) {
      this.#virtual.skipTo(deadline);
      return this.kick();
    }
    const ms = Math.min(MAX_WAIT_MS, Math.max(0, Math.ceil((deadline - this.#kernel.now()) / 1e6)));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.kick();
    }, ms);
  }
}

/** After the host's pending events, without the delay of a timer. */
function soon(f: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (f: () => void) => void };
  if (setImmediate !== undefined) {
    setImmediate(f);
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    f();
  };
  port2.postMessage(0);
}
