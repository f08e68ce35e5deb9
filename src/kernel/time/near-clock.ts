// The machine's clock, and a cheap estimate of it. To ask the host for the time costs as much as a small system call, and the scheduler wants to know it twice
// a switch: between two true readings that are not far apart it is content with what the work done since is worth. An estimate is never below a true reading
// that came before it. Under a seed the clock is instructions anyway, and every reading is true.
import type { Clock, Hart } from '../../machine/machine.ts';

/** What a system call is worth, in instructions; and after how many the clock is read again: some tens of microseconds. */
const ECALL_UNITS = 200, WINDOW = 10_000;
/** A rate is learned from so many; a host that was away meanwhile teaches nothing. */
const LEAST_UNITS = 500, MAX_NS_PER_UNIT = 20;

export class NearClock implements Clock {
  readonly countsInstructions: boolean;
  private readonly clock: Clock;
  private readonly hart: Hart;
  private readNs = 0;
  private readUnits = 0;
  private nsPerUnit = 1;
  /** The largest estimate given out. */
  private givenNs = 0;

  constructor(clock: Clock, hart: Hart) {
    this.clock = clock;
    this.countsInstructions = clock.countsInstructions === true;
    this.hart = hart;
  }

  /** The time. */
  monotonicNs(): number {
    const now = this.clock.monotonicNs();
    if (this.countsInstructions) return now;
    const units = this.units(), done = units - this.readUnits;
    if (done >= LEAST_UNITS) {
      const sample = (now - this.readNs) / done;
      if (sample < MAX_NS_PER_UNIT) this.nsPerUnit += (sample - this.nsPerUnit) / 4;
    }
    this.readNs = now;
    this.readUnits = units;
    return now;
  }

  /** About the time, for whoever charges and compares; runs ahead of the true one for a moment at most. */
  nearNs(): number {
    if (this.countsInstructions) return this.clock.monotonicNs();
    const done = this.units() - this.readUnits;
    const near = done > WINDOW ? this.monotonicNs() : this.readNs + Math.floor(done * this.nsPerUnit);
    if (near > this.givenNs) this.givenNs = near;
    return this.givenNs;
  }

  private units(): number { return this.hart.instret + this.hart.ecalls * ECALL_UNITS; }
}
