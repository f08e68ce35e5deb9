// Driver of the goldfish real-time clock: sets the wall clock once, at boot.
import type { Errno } from '../abi/errno.ts';
import { Driver, type PlatformDevice } from '../kernel/device/platform.ts';
import { RTC_TIME_HIGH, RTC_TIME_LOW } from '../machine/registers.ts';

const NS = 1_000_000_000;

export class GoldfishRtcDriver extends Driver {
  override readonly name = 'goldfish_rtc';
  override readonly compatible = ['google,goldfish-rtc'];
  override probe(device: PlatformDevice): 0 | Errno {
    const low = device.read32(RTC_TIME_LOW);       // latches the high word
    const { sec, nsec } = secondsOf(device.read32(RTC_TIME_HIGH), low);
    device.kernel.clock.set(sec, nsec);
    return 0;
  }
}

/** A 64-bit count of nanoseconds in seconds, without losing any: the high word is divided first, its remainder times 2^32 stays below 2^63 in parts. */
export function secondsOf(high: number, low: number): { sec: number; nsec: number } {
  let sec = 0, rest = 0;
  for (const half of [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff]) {
    const part = rest * 65536 + half;              // below 2^46
    sec = sec * 65536 + Math.floor(part / NS);
    rest = part % NS;
  }
  return { sec, nsec: rest };
}
