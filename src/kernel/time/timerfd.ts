// Timers as files (timerfd_create(2)): reading yields the number of expirations since the last read or setting.
import { type Errno, EAGAIN, EINVAL } from '../../abi/errno.ts';
import { O_RDWR } from '../../abi/fcntl.ts';
import { POLLIN } from '../../abi/poll.ts';
import { writeU64 } from '../../lib/u64.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';
import { IntervalTimer } from './interval-timer.ts';

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

export class TimerFile extends OpenFile {
  /** CLOCK_* it was made for. */
  readonly clockId: number;
  readonly timer: IntervalTimer;
  private readonly queue = new WaitQueue();
  private expirations = 0;

  constructor(t: Task, clockId: number, flags: number) {
    super(anonInode(t.kernel, 0o600), flags | O_RDWR);
    this.clockId = clockId;
    this.timer = new FileTimer(this, t);
  }

  override get anonName(): string { return 'anon_inode:[timerfd]'; }
  override get waiters(): WaitQueue { return this.queue; }
  /** Moves nothing, and is no error. */
  override seek(): number { return 0; }

  /** timerfd_settime(2): `deadlineNs` monotonic, Infinity disarms. */
  set(deadlineNs: number, intervalNs: number): void {
    this.expirations = 0;
    if (deadlineNs === Infinity) this.timer.disarm();
    else this.timer.arm(deadlineNs, intervalNs);
    this.timer.intervalNs = intervalNs;
  }

  expired(count: number): void {
    this.expirations += count;
    this.queue.wake(POLLIN);
  }

  override read(_t: Task, io: IoBuffer): number | Errno {
    if (io.remaining < 8) return EINVAL;
    this.timer.catchUp();
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

  override release(): void { this.timer.disarm(); }
}
