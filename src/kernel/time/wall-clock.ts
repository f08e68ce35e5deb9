// CLOCK_REALTIME: the monotonic clock plus an offset read from the real-time clock at boot and changed by clock_settime(2).
import type { Clock } from '../../machine/machine.ts';
import type { Timestamp } from '../vfs/inode.ts';

const NS_PER_SEC = 1_000_000_000;

export class WallClock {
  readonly #hardware: Clock;
  /** CLOCK_REALTIME at monotonic 0. */
  #baseSec = 0;
  #baseNsec = 0;

  constructor(hardware: Clock) { this.#hardware = hardware; }

  monotonicNs(): number { return this.#hardware.monotonicNs(); }

  realtime(): Timestamp {
    const mono = this.#hardware.monotonicNs();
    const nsec = this.#baseNsec + (mono % NS_PER_SEC);
    return { sec: this.#baseSec + Math.floor(mono / NS_PER_SEC) + (nsec >= NS_PER_SEC ? 1 : 0), nsec: nsec % NS_PER_SEC };
  }

  /** Makes "now" read as the given time. */
  set(sec: number, nsec: number): void {
    const mono = this.#hardware.monotonicNs();
    let s = sec - Math.floor(mono / NS_PER_SEC);
    let n = nsec - (mono % NS_PER_SEC);
    if (n < 0) { n += NS_PER_SEC; s--; }
    this.#baseSec = s;
    this.#baseNsec = n;
  }

  /** The monotonic instant at which CLOCK_REALTIME reads `sec`.`nsec`: absolute real-time sleeps. */
  monotonicAt(sec: number, nsec: number): number { return (sec - this.#baseSec) * NS_PER_SEC + (nsec - this.#baseNsec); }
  /** CLOCK_REALTIME when the machine was switched on: btime of /proc/stat. */
  get bootSeconds(): number { return this.#baseSec; }
}
