// The worker's side of an isolated driver: one core, a mailbox to the kernel, and the pages that its device sees. Runs until the worker is ended.
import { PAGE_SIZE, type DmaMemory } from '../../machine/machine.ts';
import { BROKEN, CALL, DONE, EVENTS, IRQ, LOG, Mailbox, READ32, REPLY, START, THREW, WORKER, WRITE32 } from '../../lib/mailbox.ts';
import type { DevicePort, DriverCore } from './core.ts';
import type { CoreClass } from './table.ts';

/** What a worker is given. */
export interface CoreSeat {
  readonly core: string;
  readonly mailbox: SharedArrayBuffer;
  readonly aperture: SharedArrayBuffer;
  /** Bytes of the aperture that are the core's to allocate; the rest is for the data of requests. */
  readonly ownBytes: number;
}

/** Does what the kernel posts, for ever. */
export function serveCore(seat: CoreSeat, coreClass: CoreClass): never {
  const box = new Mailbox(seat.mailbox, WORKER);
  const core = new coreClass(new WorkerPort(box, seat.aperture, seat.ownBytes));
  for (;;) {
    while (!box.wait(Infinity));
    serveOne(box, core);
  }
}

function serveOne(box: Mailbox, core: DriverCore): void {
  try {
    const result = perform(box, core);
    box.parameters[0] = result;
    box.post(DONE);
  } catch (e) {
    box.text = e instanceof Error ? e.stack ?? e.message : String(e);
    box.post(THREW);
  }
}

function perform(box: Mailbox, core: DriverCore): number {
  const p = box.parameters;
  switch (box.what) {
    case START: return core.start();
    case CALL: return core.call(p[0]!, p[1]!, p[2]!, p[3]!, p[4]!);
    case IRQ: core.irq(); return 0;
    default: throw new Error(`message ${box.what}`);
  }
}

class WorkerPort implements DevicePort {
  readonly memory: DmaMemory;
  readonly args: Float64Array;
  private readonly box: Mailbox;
  private readonly ownBytes: number;
  /** Page 0 stays empty: a stray null is nobody's buffer. */
  private next = PAGE_SIZE;
  /** Given back, by order. */
  private readonly free: number[][] = [];

  constructor(box: Mailbox, aperture: SharedArrayBuffer, ownBytes: number) {
    this.box = box;
    this.args = box.args;
    this.ownBytes = ownBytes;
    this.memory = {
      size: aperture.byteLength, u8: new Uint8Array(aperture), u16: new Uint16Array(aperture), i32: new Int32Array(aperture), u32: new Uint32Array(aperture),
      f64: new Float64Array(aperture),
    };
  }

  read32(offset: number): number {
    this.box.parameters[0] = offset;
    this.ask(READ32);
    return this.box.parameters[0]!;
  }
  write32(offset: number, value: number): void {
    this.box.parameters[0] = offset;
    this.box.parameters[1] = value;
    this.ask(WRITE32);
  }
  allocDma(order: number): number {
    const bytes = PAGE_SIZE * 2 ** order;
    const again = this.free[order]?.pop();
    if (again !== undefined) {
      this.memory.u8.fill(0, again, again + bytes);
      return again;
    }
    const at = this.next;
    if (at + bytes > this.ownBytes) return -1;
    this.next += bytes;
    return at;
  }
  freeDma(addr: number, order: number): void { (this.free[order] ??= []).push(addr); }
  log(text: string): void {
    this.box.text = text;
    this.ask(LOG);
  }
  broken(why: string): void {
    this.box.text = why;
    this.ask(BROKEN);
  }
  event(kind: number, a: number, b: number, c: number, d: number): void {
    if (!this.box.hasRoom) this.ask(EVENTS);
    this.box.addEvent(kind, a, b, c, d);
  }

  private ask(what: number): void {
    this.box.post(what);
    while (!this.box.wait(Infinity));
    if (this.box.what !== REPLY) throw new Error(`message ${this.box.what} in the middle of an operation`);
  }
}
