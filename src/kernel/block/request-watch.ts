// How long requests may be out (Linux: the timeout work of blk-mq; /sys/block/DEV/queue/io_timeout). One timer for a disk, armed only while something is out
// that was not answered at once. What is late is told to the driver and gets another period; the driver decides what becomes of it. While the host owes
// the machine an answer nothing is late: a slow back end is no dead device.
import { TimerTarget } from '../time/timers.ts';
import type { Disk } from './disk.ts';
import type { Request } from './scheduler.ts';

/** Linux: BLK_DEFAULT_REQUEST_TIMEOUT, 30 s. */
const DEFAULT_NS = 30_000_000_000;

export class RequestWatch extends TimerTarget {
  private readonly disk: Disk;
  /** Longest first. */
  private readonly out = new Set<Request>();
  private limitNs = DEFAULT_NS;
  private timer = 0;

  constructor(disk: Disk) {
    super();
    this.disk = disk;
  }

  get timeoutNs(): number { return this.limitNs; }
  set timeoutNs(ns: number) {
    this.limitNs = ns;
    this.disarm();
    this.arm();
  }

  /** A request is out, or out again: its time begins. */
  begin(r: Request): void {
    this.out.delete(r);
    this.out.add(r);
    r.sentNs = this.disk.kernel.now();
    if (this.timer === 0) this.arm();
  }

  end(r: Request): void {
    if (this.out.size > 0 && this.out.delete(r) && this.out.size === 0) this.disarm();
  }

  override expire(nowNs: number): void {
    this.timer = 0;
    const { out, disk, limitNs } = this;
    const late: Request[] = [];
    for (const r of out) if (r.sentNs + limitNs <= nowNs) late.push(r);
    for (const r of late) this.begin(r);
    if (late.length > 0 && disk.kernel.machine.hostOwes !== true) disk.driver.timedOut(late);
    if (this.timer === 0) this.arm();
  }

  private arm(): void {
    const [oldest] = this.out;
    if (oldest !== undefined) this.timer = this.disk.kernel.timers.add(oldest.sentNs + this.limitNs, this);
  }

  private disarm(): void {
    this.disk.kernel.timers.cancel(this.timer);
    this.timer = 0;
  }
}
