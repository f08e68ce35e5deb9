// The machine's clocks. Without a seed time is the host's; under a seed it is a function of the instructions retired and of the idle times
// skipped, so that two runs with the same inputs read the same times (house rule time-is-instructions).
import type { HostClock } from '../../host/host.ts';
import type { Clock, Hart } from '../machine.ts';

/** Reads the host's clock, which never runs backwards for us. */
export class HostBackedClock implements Clock {
  readonly #host: HostClock;
  #last = 0;
  constructor(host: HostClock) { this.#host = host; }
  monotonicNs(): number {
    const now = this.#host.nowNs();
    if (now > this.#last) this.#last = now;
    return this.#last;
  }
}

/** A system call takes this long: else programs that only call (yield storms) would stop the clock. */
const ECALL_NS = 200;

/** One nanosecond an instruction, a little for each system call, plus what was skipped while nobody could run. */
export class VirtualClock implements Clock {
  readonly countsInstructions = true;
  #hart: Hart | null = null;
  #skippedNs = 0;

  /** The hart whose instructions count; harts need a clock before they exist, so this comes second. */
  follow(hart: Hart): void { this.#hart = hart; }

  monotonicNs(): number {
    const hart = this.#hart;
    return hart === null ? this.#skippedNs : this.#skippedNs + hart.instret + hart.ecalls * ECALL_NS;
  }

  /** The machine is idle until `deadlineNs`: time jumps there. */
  skipTo(deadlineNs: number): void {
    const now = this.monotonicNs();
    if (deadlineNs > now && deadlineNs !== Infinity) this.#skippedNs += Math.ceil(deadlineNs - now);
  }
}
