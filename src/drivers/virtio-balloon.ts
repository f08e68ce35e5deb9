// Front of the memory balloon: takes as many frames from the kernel as the host wants and gives them back, some at a time. Where the host allows it (DEFLATE_ON_OOM) frames come back
// before the OOM killer chooses, and MemTotal stays as it is, as on Linux; else MemTotal is what is left.
import type { Errno } from '../abi/errno.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import { KIND_FILE, KIND_SHMEM } from '../kernel/mm/frame-kinds.ts';
import { ACTIVE_FILE, INACTIVE_FILE } from '../kernel/mm/lru.ts';
import { OomNotifier } from '../kernel/task/oom.ts';
import { TimerTarget } from '../kernel/time/timers.ts';
import { PAGE_SIZE } from '../machine/machine.ts';
import { BALLOON_DEFLATE, BALLOON_INFLATE, BALLOON_STATS_NAMES } from '../machine/registers.ts';
import type { DevicePort, DriverCore } from './core/core.ts';
import {
  BALLOON_ASKED, BALLOON_CHANGED, BALLOON_MAX, BALLOON_MOVE, BALLOON_MOVED, BALLOON_TELL_ACTUAL, BALLOON_TELL_STATS, BALLOON_WANTED, VirtioBalloonCore,
} from './core/virtio-balloon.ts';
import { DriverFront } from './placement/front.ts';
import { NO_CORE } from './placement/link.ts';

/** Pages moved before programs get their turn, and how long that is. */
const TURN_PAGES = 16 * BALLOON_MAX, TURN_NS = 1_000_000;
/** When no frame can be had it is tried again so much later. */
const RETRY_NS = 200_000_000;
/** Pages given back at once when memory is out. */
const OOM_PAGES = 256;

/** Takes the device into service. */
export function startVirtioBalloon(device: PlatformDevice): VirtioBalloonFront | Errno {
  const front = new VirtioBalloonFront(device);
  const r = front.link.start();
  if (r !== 0) return r;
  front.open();
  return front;
}

export class VirtioBalloonFront extends DriverFront {
  override readonly name = 'virtio-balloon';
  /** Frames in the balloon. */
  private readonly pages: number[] = [];
  /** Those that the device is being told of, on their way in or out. */
  private moving: number[] = [];
  private direction: 'in' | 'out' = 'in';
  private wanted = 0;
  private mayTakeBack = false;
  private readonly oom = new BalloonOom(this);
  private timer = 0;
  private isStepping = false;
  private hasComplained = false;

  override createCore(port: DevicePort): DriverCore { return new VirtioBalloonCore(port); }

  open(): void {
    this.ask();
    if (this.mayTakeBack) this.device.kernel.oom.notifiers.add(this.oom);
    this.tellStats();
    this.step();
  }

  override event(kind: number): void {
    switch (kind) {
      case BALLOON_CHANGED:
        this.ask();
        this.step();
        return;
      case BALLOON_MOVED: return this.moved();
      case BALLOON_ASKED: return this.tellStats();
      default:
    }
  }

  /** The device has forgotten what is in: all of it is told again, before anything else. */
  override restarted(): 0 | Errno {
    this.settle();
    const { pages } = this;
    this.ask();
    this.tellStats();
    for (let at = 0; at < pages.length; at += BALLOON_MAX) {
      const batch = pages.slice(at, at + BALLOON_MAX);
      this.link.args.set(batch);
      if (this.link.call(BALLOON_MOVE, BALLOON_INFLATE, batch.length, 0, 0) !== 0) return 0;
    }
    this.tellActual();
    this.step();
    return 0;
  }

  override gone(): void {
    this.settle();
    this.device.kernel.oom.notifiers.delete(this.oom);
    this.wanted = 0;
    this.free(this.pages.splice(0));
  }

  /** Out of memory: some come back, and the device hears of it. How many. */
  takeBack(): number {
    if (this.moving.length > 0 || this.link.state !== 'up') return 0;
    const batch = this.pages.splice(-OOM_PAGES);
    if (batch.length === 0) return 0;
    // What the host wants counts again when it wants something else.
    this.wanted = Math.min(this.wanted, this.pages.length);
    this.send('out', batch);
    this.tellActual();
    return this.moving.length === 0 ? batch.length : 0;
  }

  private ask(): void {
    const n = this.link.call(BALLOON_WANTED, 0, 0, 0, 0);
    if (n < 0) return;
    this.wanted = Math.min(n, this.device.kernel.frames.limit);
    this.mayTakeBack = this.link.args[0] === 1;
    this.hasComplained = false;
  }

  /** Towards what is wanted, until the turn is over. */
  step(): void {
    if (this.isStepping || this.timer !== 0) return;
    this.isStepping = true;
    let done = 0;
    while (this.moving.length === 0 && this.link.state === 'up' && this.pages.length !== this.wanted && done < TURN_PAGES) {
      const n = this.pages.length < this.wanted ? this.inflate() : this.deflate();
      if (n === 0) break;
      done += n;
    }
    this.isStepping = false;
    if (done > 0) this.tellActual();
    if (done >= TURN_PAGES) this.later(TURN_NS);
  }

  private inflate(): number {
    const { frames } = this.device.kernel;
    const batch: number[] = [];
    while (batch.length < Math.min(BALLOON_MAX, this.wanted - this.pages.length)) {
      const pfn = frames.takeForBalloon();
      if (pfn < 0) break;
      batch.push(pfn);
    }
    if (!this.mayTakeBack) frames.total -= batch.length;
    if (batch.length > 0) {
      this.send('in', batch);
      return batch.length;
    }
    if (!this.hasComplained) this.device.log(`Out of puff! Can't get ${this.wanted - this.pages.length} pages`);
    this.hasComplained = true;
    this.later(RETRY_NS);
    return 0;
  }

  private deflate(): number {
    const batch = this.pages.splice(-Math.min(BALLOON_MAX, this.pages.length - this.wanted));
    this.send('out', batch);
    return batch.length;
  }

  /** Without a core `restarted` or `gone` settles what is on its way. */
  private send(direction: 'in' | 'out', batch: number[]): void {
    this.moving = batch;
    this.direction = direction;
    this.link.args.set(batch);
    const r = this.link.call(BALLOON_MOVE, direction === 'in' ? BALLOON_INFLATE : BALLOON_DEFLATE, batch.length, 0, 0);
    if (r !== 0 && r !== NO_CORE) this.settle();
  }

  private moved(): void {
    if (this.moving.length === 0) return;
    this.settle();
    this.step();
  }

  /** What is on its way arrives: in the balloon, or with the kernel. */
  private settle(): void {
    const batch = this.moving;
    this.moving = [];
    if (this.direction === 'in') this.pages.push(...batch);
    else this.free(batch);
  }

  private free(batch: readonly number[]): void {
    const { frames } = this.device.kernel;
    for (const pfn of batch) frames.putFromBalloon(pfn);
    if (!this.mayTakeBack) frames.total += batch.length;
  }

  private tellActual(): void { this.link.call(BALLOON_TELL_ACTUAL, this.pages.length, 0, 0, 0); }

  private tellStats(): void {
    const { frames } = this.device.kernel, { args } = this.link;
    const { events, lru } = frames;
    const files = lru.counts[INACTIVE_FILE]! + lru.counts[ACTIVE_FILE]!, cached = frames.counts[KIND_FILE]! + frames.counts[KIND_SHMEM]!;
    const values: Readonly<Record<typeof BALLOON_STATS_NAMES[number], number>> = {
      swapIn: events.pswpin * PAGE_SIZE, swapOut: events.pswpout * PAGE_SIZE, majorFaults: events.pgmajfault, minorFaults: events.pgfault - events.pgmajfault,
      freeMemory: frames.freeCount * PAGE_SIZE, totalMemory: frames.total * PAGE_SIZE,
      availableMemory: Math.max(0, frames.freeCount - frames.reserve + files) * PAGE_SIZE, diskCaches: cached * PAGE_SIZE,
    };
    for (const [tag, name] of BALLOON_STATS_NAMES.entries()) {
      args[2 * tag] = tag;
      args[2 * tag + 1] = values[name];
    }
    this.link.call(BALLOON_TELL_STATS, BALLOON_STATS_NAMES.length, 0, 0, 0);
  }

  private later(ns: number): void {
    const { kernel } = this.device;
    this.timer = kernel.timers.add(kernel.now() + ns, new BalloonTurn(this));
  }

  turn(): void {
    this.timer = 0;
    this.step();
  }
}

class BalloonTurn extends TimerTarget {
  private readonly front: VirtioBalloonFront;
  constructor(front: VirtioBalloonFront) {
    super();
    this.front = front;
  }
  expire(): void { this.front.turn(); }
}

class BalloonOom extends OomNotifier {
  private readonly front: VirtioBalloonFront;
  constructor(front: VirtioBalloonFront) {
    super();
    this.front = front;
  }
  release(): number { return this.front.takeBack(); }
}
