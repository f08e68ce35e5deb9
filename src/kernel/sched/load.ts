// Load averages (proc(5), loadavg): exponentially damped numbers of running and uninterruptibly waiting tasks, sampled every 5 seconds.
// Nothing wakes an idle machine for that: samples that were missed are made up for when somebody asks or runs, as samples without load.

const PERIOD_NS = 5e9;
/** What a sample keeps of the past: averages over 1, 5 and 15 minutes. */
const DECAY = [60, 300, 900].map(seconds => Math.exp(-5 / seconds));

export class LoadAverages {
  readonly values = [0, 0, 0];
  nextSampleNs = PERIOD_NS;

  /** `active` tasks now. A busy machine comes here in time, so all periods but the last were idle ones. */
  sample(nowNs: number, active: number): void {
    if (nowNs < this.nextSampleNs) return;
    const idlePeriods = Math.floor((nowNs - this.nextSampleNs) / PERIOD_NS);
    this.nextSampleNs += (idlePeriods + 1) * PERIOD_NS;
    for (let i = 0; i < DECAY.length; i++) {
      const keep = DECAY[i]!;
      this.values[i] = this.values[i]! * keep ** (idlePeriods + 1) + active * (1 - keep);
    }
  }
}
