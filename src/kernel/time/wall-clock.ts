// CLOCK_REALTIME: the monotonic clock plus an offset read from the real-time clock at boot and changed by clock_settime(2)
// at once and by adjtime(3) slowly.
import type { Clock } from '../../machine/machine.ts';
import { ClockDiscipline } from './discipline.ts';
import type { Timestamp } from '../vfs/inode.ts';

const NS_PER_SEC = 1_000_000_000;
/** adjtime(3): half a millisecond a second, so that time never runs backwards. */
const SLEW_RATE = 0.0005;

/** Something that has to know when CLOCK_REALTIME is set: armed timers on it, timerfds that are cancelled by it. */
export interface ClockFollower {
  /** The clock reads `byNs` more than it did a moment ago. */
  clockMoved(byNs: number): void;
}

export class WallClock {
  private readonly hardware: Clock;
  readonly followers = new Set<ClockFollower>();
  readonly discipline = new ClockDiscipline();
  /** CLOCK_REALTIME at monotonic 0. */
  private baseSec = 0;
  private baseNsec = 0;
  /** What adjtime(3) still had to add at monotonic #slewFrom. */
  private slewNs = 0;
  private slewFrom = 0;

  constructor(hardware: Clock) { this.hardware = hardware; }

  monotonicNs(): number { return this.hardware.monotonicNs(); }

  realtime(): Timestamp {
    if (this.slewNs !== 0) this.settleSlew();
    const mono = this.hardware.monotonicNs();
    const nsec = this.baseNsec + (mono % NS_PER_SEC);
    return { sec: this.baseSec + Math.floor(mono / NS_PER_SEC) + (nsec >= NS_PER_SEC ? 1 : 0), nsec: nsec % NS_PER_SEC };
  }

  /** adjtime(3): from now on adds `ns` bit by bit, instead of what was left of an earlier adjustment. */
  slew(ns: number): void {
    if (this.slewNs !== 0) this.settleSlew();
    this.slewNs = ns;
    this.slewFrom = this.hardware.monotonicNs();
  }

  /** What is left to be added. */
  get slewLeftNs(): number {
    if (this.slewNs !== 0) this.settleSlew();
    return this.slewNs;
  }

  private settleSlew(): void {
    const mono = this.hardware.monotonicNs();
    const limit = Math.floor((mono - this.slewFrom) * SLEW_RATE);
    if (limit === 0) return;
    const step = Math.max(-limit, Math.min(limit, this.slewNs));
    this.slewNs -= step;
    this.slewFrom = mono;
    this.shift(0, step);
  }

  private shift(sec: number, nsec: number): void {
    const n = this.baseNsec + nsec;
    this.baseSec += sec + Math.floor(n / NS_PER_SEC);
    this.baseNsec = n - Math.floor(n / NS_PER_SEC) * NS_PER_SEC;
  }

  /** ADJ_SETOFFSET: a step relative to what it is. */
  step(sec: number, nsec: number): void { this.shift(sec, nsec); }

  /** Makes "now" read as the given time. Answers by how many ns it has moved. */
  set(sec: number, nsec: number): number {
    this.slewNs = 0;
    const { baseSec, baseNsec } = this;
    const mono = this.hardware.monotonicNs();
    let s = sec - Math.floor(mono / NS_PER_SEC);
    let n = nsec - (mono % NS_PER_SEC);
    if (n < 0) { n += NS_PER_SEC; s--; }
    this.baseSec = s;
    this.baseNsec = n;
    return (s - baseSec) * NS_PER_SEC + n - baseNsec;
  }

  /** The monotonic instant at which CLOCK_REALTIME reads `sec`.`nsec`: absolute real-time sleeps. */
  monotonicAt(sec: number, nsec: number): number { return (sec - this.baseSec) * NS_PER_SEC + (nsec - this.baseNsec); }
  /** CLOCK_REALTIME when the machine was switched on: btime of /proc/stat. */
  get bootSeconds(): number { return this.baseSec; }
}
