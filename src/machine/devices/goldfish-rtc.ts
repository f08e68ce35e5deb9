// Real-time clock (google,goldfish-rtc): wall-clock nanoseconds in two registers. The alarm is not built: nothing in the machine sleeps off.
import { RTC_TIME_HIGH, RTC_TIME_LOW } from '../registers.ts';
import type { Clock } from '../machine.ts';
import type { MmioDevice } from './mmio-bus.ts';

const NS = 1_000_000_000;
const WORD = 2 ** 32;

export class GoldfishRtc implements MmioDevice {
  readonly #clock: Clock;
  readonly #bootSec: number;
  readonly #bootNsec: number;
  #high = 0;

  /** `bootSec`, `bootNsec`: wall-clock time at which `clock` read 0. */
  constructor(clock: Clock, bootSec: number, bootNsec: number) {
    this.#clock = clock;
    this.#bootSec = bootSec;
    this.#bootNsec = bootNsec;
  }

  read32(offset: number): number {
    if (offset === RTC_TIME_HIGH) return this.#high;
    if (offset !== RTC_TIME_LOW) return 0;
    // The product exceeds 2^53, so it is made of halves: sec * NS = secHigh * 2^16 * NS + secLow * NS.
    const mono = this.#clock.monotonicNs();
    const sec = this.#bootSec + Math.floor(mono / NS);
    const nsec = this.#bootNsec + (mono % NS);
    const secHigh = Math.floor(sec / 65536), secLow = sec % 65536;
    const upper = secHigh * NS;                                     // counts units of 2^16
    const low = (upper % 65536) * 65536 + secLow * NS + nsec;       // below 2^53
    this.#high = (Math.floor(upper / 65536) + Math.floor(low / WORD)) >>> 0;
    return low >>> 0;
  }

  write32(_offset: number, _value: number): void {}
}
