// Timers as files (timerfd_create(2)): reading yields the number of expirations since the last read or setting.
import { type Errno, EAGAIN, ECANCELED, EINVAL } from '../../abi/errno.ts';
import { O_RDWR } from '../../abi/fcntl.ts';
import { POLLIN } from '../../abi/poll.ts';
import { writeU64 } from '../../lib/u64.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';
import { type DeadlineKind, IntervalTimer } from './interval-timer.ts';
import type { ClockFollower } from './wall-clock.ts';

const scratch = new Uint8Array(8);
const view = new DataView(scratch.buffer);

class FileTimer extends IntervalTimer {
  private readonly file: TimerFile;
  constructor(file: TimerFile, t: Task) {
    super(t.kernel, 'monotonic', null);
    this.file = file;
  }
  protected override fired(count: number): void { this.file.expired(count); }
}

export class TimerFile extends OpenFile implements ClockFollower {
  /** CLOCK_* it was made for. */
  readonly clockId: number;
  readonly timer: IntervalTimer;
  private readonly queue = new WaitQueue();
  private expirations = 0;
  /** The clock was set while the timer was to be cancelled by that (TFD_TIMER_CANCEL_ON_SET); told once. */
  private cancelled = false;

  constructor(t: Task, clockId: number, flags: number) {
    super(anonInode(t.kernel, 0o600), flags | O_RDWR);
    this.clockId = clockId;
    this.timer = new FileTimer(this, t);
  }

  override get anonName(): string { return 'anon_inode:[timerfd]'; }
  override get waiters(): WaitQueue { return this.queue; }
  /** Moves nothing, and is no error. */
  override seek(): number { return 0; }

  /** timerfd_settime(2): `deadlineNs` monotonic, Infinity disarms. ECANCELED: armed, but the clock was set before that, and nobody has been told yet. */
  set(deadlineNs: number, intervalNs: number, kind: DeadlineKind, onSet: 'cancel' | 'go on'): 0 | Errno {
    const { followers } = this.timer.kernel.clock;
    this.expirations = 0;
    if (onSet === 'cancel') followers.add(this);
    else followers.delete(this);
    const wasCancelled = this.cancelled && onSet === 'cancel';
    this.cancelled = false;
    if (deadlineNs === Infinity) this.timer.disarm();
    else this.timer.arm(deadlineNs, intervalNs, kind);
    this.timer.intervalNs = intervalNs;
    return wasCancelled && deadlineNs !== Infinity ? ECANCELED : 0;
  }

  /** ClockFollower. */
  clockMoved(): void {
    this.cancelled = true;
    this.expired(1);
  }

  expired(count: number): void {
    this.expirations += count;
    this.queue.wake(POLLIN);
  }

  override read(_t: Task, io: IoBuffer): number | Errno {
    if (io.remaining < 8) return EINVAL;
    this.timer.catchUp();
    if (this.cancelled) {
      this.cancelled = false;
      this.expirations = 0;
      return ECANCELED;
    }
    if (this.expirations === 0) return EAGAIN;
    writeU64(view, 0, this.expirations);
    const n = io.put(scratch, 0, 8);
    if (n < 0) return n;
    this.expirations = 0;
    return 8;
  }

  override poll(): number {
    this.timer.catchUp();
    return this.expirations > 0 ? POLLIN : 0;
  }

  override release(): void {
    this.timer.kernel.clock.followers.delete(this);
    this.timer.disarm();
  }
}
