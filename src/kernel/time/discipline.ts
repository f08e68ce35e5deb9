// What adjtimex(2) keeps about CLOCK_REALTIME besides the time: how good somebody thinks it is. Nobody else reads it.
import { STA_UNSYNC } from '../../abi/time.ts';

/** Worst error in microseconds; at this one the clock counts as unsynchronised. */
export const MAX_ERROR_US = 16_000_000;
/** By how much it grows, each second without news. */
const ERROR_GROWTH_US = 500;

export class ClockDiscipline {
  status = STA_UNSYNC;
  esterrorUs = MAX_ERROR_US;
  constant = 2;
  private maxerrorUs = MAX_ERROR_US;
  /** Monotonic instant at which #maxerrorUs was right. */
  private since = 0;

  maxerror(now: number): number { return Math.min(MAX_ERROR_US, this.maxerrorUs + Math.floor((now - this.since) / 1e9) * ERROR_GROWTH_US); }

  setMaxerror(us: number, now: number): void {
    this.maxerrorUs = clampError(us);
    this.since = now;
  }

  /** A clock that nobody has steered for long is unsynchronised again. */
  refresh(now: number): void {
    if (this.maxerror(now) >= MAX_ERROR_US) this.status |= STA_UNSYNC;
  }
}

export const clampError = (us: number): number => Math.max(0, Math.min(MAX_ERROR_US, us));
