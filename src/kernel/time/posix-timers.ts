// POSIX timers (timer_create(2)). While the signal of one expiry is still pending, further ones only count in its si_overrun.
import { SIGEV_NONE, SIGEV_THREAD_ID, SI_TIMER } from '../../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import { sendToProcess, sendToTask } from '../signal/send.ts';
import type { SigInfo } from '../signal/state.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import type { UserCounts } from '../task/user-counts.ts';
import { IntervalTimer, type TimerClock } from './interval-timer.ts';

/** DELAYTIMER_MAX. */
const MAX_OVERRUN = 0x7fff_ffff;

/** struct sigevent as data: `notify` is SIGEV_*, `thread` the receiver for SIGEV_THREAD_ID. */
export interface TimerEvent { notify: number; signo: number; valueLo: number; valueHi: number; thread: Task | null }

export class PosixTimer extends IntervalTimer {
  readonly id: number;
  readonly process: Process;
  readonly event: TimerEvent;
  /** CLOCK_* as given, for settime's TIMER_ABSTIME. */
  readonly clockId: number;
  /** The last signal sent: pending, or delivered with its final overrun count. */
  private sent: SigInfo | null = null;
  /** Its signal counts against this user's RLIMIT_SIGPENDING as long as the timer exists. */
  private readonly owner: UserCounts;

  constructor(kernel: Kernel, p: Process, id: number, clockId: number, clock: TimerClock, task: Task | null, event: TimerEvent) {
    super(kernel, clock, task);
    this.id = id;
    this.process = p;
    this.clockId = clockId;
    this.event = event;
    this.owner = kernel.users.of(p.leader.cred.uid);
    this.owner.signals++;
  }

  /** Never fires again, and counts no more. */
  release(): void {
    this.disarm();
    this.owner.signals--;
  }

  /** timer_getoverrun(2). */
  get overrun(): number { return this.sent?.overrun ?? 0; }

  protected override fired(count: number): void {
    const { event } = this;
    if (event.notify === SIGEV_NONE) return;
    const target = event.notify === SIGEV_THREAD_ID ? event.thread : null;
    const queue = target === null ? this.process.pending : target.pending;
    if (this.sent !== null && queue.infos.includes(this.sent)) {
      this.sent.overrun = Math.min(MAX_OVERRUN, this.sent.overrun! + count);
      return;
    }
    const info: SigInfo = {
      signo: event.signo, code: SI_TIMER, timerId: this.id, overrun: count - 1, valueLo: event.valueLo, valueHi: event.valueHi, isPrepaid: true,
    };
    this.sent = info;
    if (target === null) sendToProcess(this.process, info);
    else sendToTask(target, info);
  }
}

/** timer_create(2), (timer_t) ids count up from 0 in each process. */
export function addTimer(p: Process, clockId: number, clock: TimerClock, task: Task | null, event: TimerEvent): PosixTimer {
  const timers = (p.posixTimers ??= new Map<number, object>());
  while (timers.has(p.nextTimerId)) p.nextTimerId++;
  const timer = new PosixTimer(p.kernel, p, p.nextTimerId++, clockId, clock, task, event);
  timers.set(timer.id, timer);
  return timer;
}

export function findTimer(p: Process, id: number): PosixTimer | null { return (p.posixTimers?.get(id) as PosixTimer | undefined) ?? null; }

export function deleteTimer(timer: PosixTimer): void {
  timer.release();
  timer.process.posixTimers!.delete(timer.id);
}
