// Between a front and its core, wherever that is. The link is the supervisor: a core that throws, hangs or dies, or whose device breaks the rules, is ended,
// its device reset, and another started after a while that doubles with each failure; one that keeps failing is given up. Events reach the front after
// the call that caused them, so nothing is entered twice.
import { EIO, type Errno } from '../../abi/errno.ts';
import { IrqHandler, type PlatformDevice } from '../../kernel/device/platform.ts';
import { TimerTarget } from '../../kernel/time/timers.ts';
import { type DmaMemory, ISOLATE_FAILED } from '../../machine/machine.ts';
import { EventQueue } from './events.ts';
import type { DriverFront } from './front.ts';

/** Answer of `call`: there is no core now. What is to be done is done by `restarted` or `gone` of the front. */
export const NO_CORE = ISOLATE_FAILED;
/** Failures in a row after which a driver is given up; so many calls in a row and the past is forgotten. */
export const MAX_FAILURES = 8;
const FORGET_AFTER = 16;
const FIRST_DELAY_NS = 10_000_000;

export abstract class CoreLink extends IrqHandler {
  abstract readonly placement: 'kernel' | 'isolated';
  readonly device: PlatformDevice;
  readonly front: DriverFront;
  /** More arguments and results of a call (DevicePort.args). */
  abstract readonly args: Float64Array;
  /** What DMA addresses index. */
  abstract readonly memory: DmaMemory;
  /** 'down': failed, and not started again yet. */
  state: 'up' | 'down' | 'ended' = 'down';
  restarts = 0;
  requests = 0;
  requestNs = 0;
  private readonly events = new EventQueue();
  private isDelivering = false;
  private brokenBy = '';
  private failures = 0;
  private goodCalls = 0;
  private timer = 0;

  constructor(front: DriverFront) {
    super();
    this.device = front.device;
    this.front = front;
  }

  /** The first start: the device is connected afterwards. */
  start(): 0 | Errno {
    const r = this.launch();
    if (r !== 0 || this.brokenBy !== '') {
      if (this.brokenBy !== '') this.device.log(this.brokenBy);
      this.front.reset();
      this.end();
      return r === 0 || r === (NO_CORE as number) ? EIO : r;
    }
    this.state = 'up';
    this.device.connect(this);
    this.deliver();
    return 0;
  }

  /** An operation of the core, to its end; its events have been delivered then, unless this is called from an event. */
  call(op: number, a: number, b: number, c: number, d: number): number {
    if (this.state !== 'up') return NO_CORE;
    const { kernel } = this.device;
    const started = kernel.now();
    const r = this.enter(op, a, b, c, d);
    this.requests++;
    this.requestNs += kernel.now() - started;
    return this.left(r);
  }

  override irq(): void {
    if (this.state === 'up') this.left(this.enterIrq());
  }

  /** placement, core_state ('up', 'down', 'ended'), restarts, requests, and request_ns: the time of all of them, the device's work included. */
  override get attributes(): Readonly<Record<string, string>> {
    return {
      placement: this.placement, core_state: this.state, restarts: String(this.restarts), requests: String(this.requests), request_ns: String(Math.round(this.requestNs)),
    };
  }

  override stuck(): void {
    this.failed('its interrupt stays up');
  }

  /** Somebody has found out from outside that core or device are of no use as they are. Not to be called from an event: see `broken`. */
  failed(why: string): void {
    if (this.state !== 'up') return;
    this.broken(why);
    this.fail();
  }

  /** And will never be. */
  giveUp(why: string): void {
    const { kernel } = this.device;
    kernel.log.add(2, kernel.now(), `${this.front.name} ${this.device.name}: given up ${why}`);
    this.front.reset();
    this.end();
  }

  /** Parts from the device for good. */
  remove(how: 'unbound' | 'gone'): void {
    if (this.state === 'ended') return;
    if (how === 'unbound') this.front.reset();
    this.end();
  }

  // --- for the front: memory of requests -----------------------------------------------------------------------------------------------

  /** Makes `length` bytes of RAM at `paddr` reachable for the device: their DMA address, or -1 when there is no room now. */
  abstract map(paddr: number, length: number, direction: 'in' | 'out'): number;
  /** The device is done with it: of what it has written, `valid` bytes are at `paddr` then. Mappings end by themselves when the core fails. */
  abstract unmap(addr: number, length: number, paddr: number, valid: number): void;

  // --- for the placements --------------------------------------------------------------------------------------------------------------

  /** Makes a core and starts it: an errno of its `start`, or NO_CORE. */
  protected abstract launch(): 0 | Errno;
  /** The core's `call` and `irq`; NO_CORE: it failed, and `broken` has the reason. */
  protected abstract enter(op: number, a: number, b: number, c: number, d: number): number;
  protected abstract enterIrq(): number;
  /** There is no core any more, and nothing the device could write to. The device is in reset. */
  protected abstract shut(): void;

  protected pushEvent(kind: number, a: number, b: number, c: number, d: number): void { this.events.push(kind, a, b, c, d); }
  /** The first reason counts; acted upon when the call under way has returned. */
  broken(why: string): void { if (this.brokenBy === '') this.brokenBy = why; }

  private left(r: number): number {
    this.deliver();
    if (this.brokenBy !== '') {
      this.fail();
      return NO_CORE;
    }
    if (++this.goodCalls >= FORGET_AFTER) this.failures = 0;
    return r;
  }

  private deliver(): void {
    if (this.isDelivering) return;
    const { events, front } = this;
    this.isDelivering = true;
    try {
      while (events.take()) front.event(events.kind, events.a, events.b, events.c, events.d);
    } finally {
      this.isDelivering = false;
    }
  }

  // --- failure -------------------------------------------------------------------------------------------------------------------------

  private fail(): void {
    const { device } = this;
    const { kernel } = device;
    const why = this.brokenBy;
    this.state = 'down';
    this.forget();
    this.front.reset();
    this.front.coreEnds();
    this.shut();
    this.failures++;
    kernel.log.add(3, kernel.now(), `${this.front.name} ${device.name}: driver failed: ${why}`);
    if (this.failures > MAX_FAILURES) {
      this.giveUp(`after ${MAX_FAILURES} restarts`);
      return;
    }
    this.timer = kernel.timers.add(kernel.now() + FIRST_DELAY_NS * 2 ** (this.failures - 1), new Restart(this));
  }

  /** The time has come. */
  restart(): void {
    this.timer = 0;
    if (this.state !== 'down') return;
    const { kernel } = this.device;
    this.restarts++;
    const r = this.launch();
    if (r !== 0) {
      if (r !== (NO_CORE as number)) this.broken(`start failed with errno ${-r}`);
      this.fail();
      return;
    }
    this.state = 'up';
    this.device.connect(this);
    kernel.log.add(5, kernel.now(), `${this.front.name} ${this.device.name}: driver restarted`);
    const again = this.front.restarted();
    this.deliver();
    if (again !== 0 && this.state === 'up') {
      this.front.reset();
      this.end();
    }
  }

  private end(): void {
    if (this.state === 'up') this.front.coreEnds();
    this.state = 'ended';
    if (this.timer !== 0) this.device.kernel.timers.cancel(this.timer);
    this.timer = 0;
    this.forget();
    this.shut();
    this.front.gone();
  }

  private forget(): void {
    this.events.clear();
    this.brokenBy = '';
    this.goodCalls = 0;
  }
}

class Restart extends TimerTarget {
  private readonly link: CoreLink;
  constructor(link: CoreLink) {
    super();
    this.link = link;
  }
  override expire(): void { this.link.restart(); }
}

