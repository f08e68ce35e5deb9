// Pressure stall information (Linux, Documentation/accounting/psi.rst): the share of time in which some task could have run but had to wait for the CPU, or
// for memory (mm/reclaim.ts), in total and as averages over 10, 60 and 300 seconds. Sampled like the load averages: nothing wakes an idle machine for it.

const PERIOD_NS = 2e9;
/** What a sample keeps of the past. */
const DECAY = [10, 60, 300].map(seconds => Math.exp(-2 / seconds));

export class Pressure {
  /** Shares of 1. */
  readonly averages = [0, 0, 0];
  nextSampleNs = PERIOD_NS;
  private stalledNs = 0;
  private stalledAtSample = 0;
  /** Since when somebody waits; -1: nobody does. */
  private since = -1;

  /** Somebody has to wait from now on. */
  begin(nowNs: number): void { if (this.since < 0) this.since = nowNs; }

  /** Nobody has to any more. */
  end(nowNs: number): void {
    if (this.since < 0) return;
    this.stalledNs += nowNs - this.since;
    this.since = -1;
  }

  /** Time lost since boot. */
  totalNs(nowNs: number): number { return this.stalledNs + (this.since < 0 ? 0 : nowNs - this.since); }

  /** Brings the averages up to date: a busy machine comes here in time, so all periods but the first were idle ones. */
  sample(nowNs: number): void {
    if (nowNs < this.nextSampleNs) return;
    const idlePeriods = Math.floor((nowNs - this.nextSampleNs) / PERIOD_NS);
    this.nextSampleNs += (idlePeriods + 1) * PERIOD_NS;
    const total = this.totalNs(nowNs), share = Math.min(1, (total - this.stalledAtSample) / PERIOD_NS);
    this.stalledAtSample = total;
    for (let i = 0; i < DECAY.length; i++) {
      const keep = DECAY[i]!;
      this.averages[i] = (this.averages[i]! * keep + share * (1 - keep)) * keep ** idlePeriods;
    }
  }
}

/** A line of /proc/pressure/...: averages in percent, total in microseconds. */
export function pressureLine(name: 'some' | 'full', p: Pressure, now: number): string {
  p.sample(now);
  const averages = [10, 60, 300].map((seconds, i) => `avg${seconds}=${(100 * p.averages[i]!).toFixed(2)}`).join(' ');
  return `${name} ${averages} total=${Math.floor(p.totalNs(now) / 1000)}\n`;
}
