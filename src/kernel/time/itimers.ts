// The three interval timers of a process (getitimer(2)): SIGALRM by real time, SIGVTALRM by user time, SIGPROF by CPU time.
import { SIGALRM, SIGPROF, SIGVTALRM } from '../../abi/signal.ts';
import { ITIMER_PROF, ITIMER_REAL, ITIMER_VIRTUAL } from '../../abi/time.ts';
import { kernelSignal, sendToProcess } from '../signal/send.ts';
import type { Process } from '../task/process.ts';
import { IntervalTimer, type TimerClock } from './interval-timer.ts';

export type ItimerKind = typeof ITIMER_REAL | typeof ITIMER_VIRTUAL | typeof ITIMER_PROF;

class Itimer extends IntervalTimer {
  readonly process: Process;
  private readonly signo: number;
  constructor(p: Process, clock: TimerClock, signo: number) {
    super(p.kernel, clock, clock === 'monotonic' ? null : p.leader);
    this.process = p;
    this.signo = signo;
  }
  protected override fired(): void { sendToProcess(this.process, kernelSignal(this.signo)); }
}

/** Kept in Process.itimers from the first setitimer(2) on. Survives execve, not inherited by children. */
export class Itimers {
  private readonly timers: readonly Itimer[];
  constructor(p: Process) {
    this.timers = [new Itimer(p, 'monotonic', SIGALRM), new Itimer(p, 'user', SIGVTALRM), new Itimer(p, 'process-cpu', SIGPROF)];
  }
  get(which: ItimerKind): IntervalTimer { return this.timers[which]!; }
  release(): void { for (const timer of this.timers) timer.disarm(); }
}

/** The timers of `p`, made on first use. */
export function itimersOf(p: Process): Itimers { return (p.itimers ??= new Itimers(p)) as Itimers; }
