// When dirty pages of files go to where they belong without anybody asking: after 30 seconds, or as soon as they are a tenth of memory (vm.dirty_*,
// Documentation/admin-guide/sysctl/vm). A worker does it, so that a slow disk delays nobody; whoever dirties faster than that writes himself (fault.ts, `throttle`).
import { BLOCKED, type Errno } from '../../abi/errno.ts';
import type { Kernel } from '../kernel.ts';
import { Work, Worker } from '../task/worker.ts';
import { TimerTarget } from '../time/timers.ts';

export class Writeback {
  private readonly kernel: Kernel;
  /** vm.dirty_background_ratio: percent of memory that can be had for pages. */
  backgroundRatio = 10;
  /** vm.dirty_expire_centisecs. */
  expireCs = 3000;
  /** vm.dirty_writeback_centisecs: 0 leaves writing back to those who ask for it. */
  intervalCs = 500;
  private worker: Worker | null = null;
  private timer = 0;

  constructor(kernel: Kernel) { this.kernel = kernel; }

  /** Something is dirty: at once, or in time. */
  turn(now: number): void {
    const { frames, timers } = this.kernel;
    if (frames.caches.dirtyPages > frames.shareOf(this.backgroundRatio)) this.start();
    else if (this.timer === 0 && this.intervalCs > 0) this.timer = timers.add(now + this.expireCs * 1e7, new FlushTimer(this));
  }

  /** The worker begins, unless it is at it. */
  start(): void {
    this.worker ??= new Worker(this.kernel, 'kflushd');
    if (this.worker.isIdle) this.worker.add(new Flush());
  }

  expired(): void {
    this.timer = 0;
    if (this.kernel.frames.caches.dirtyPages > 0) this.start();
  }
}

/** Every cache that is dirty when the turn comes to it; errors are kept for those who call fsync(2). */
class Flush extends Work {
  override step(t: Worker): 0 | Errno {
    for (const cache of [...t.kernel.frames.caches.dirty]) if (cache.sync(t) === BLOCKED) return BLOCKED;
    return 0;
  }
}

class FlushTimer extends TimerTarget {
  private readonly writeback: Writeback;
  constructor(writeback: Writeback) {
    super();
    this.writeback = writeback;
  }
  expire(): void { this.writeback.expired(); }
}
