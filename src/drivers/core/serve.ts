// The worker's side of an isolated driver: one core, a mailbox to the kernel, and the pages that its device sees. Runs until the worker is ended.
import { type DmaMemory, ISOLATE_OWN_BYTES, PAGE_SIZE } from '../../machine/machine.ts';
import { BROKEN, CALL, DONE, EVENTS, IRQ, LOG, Mailbox, READ32, REPLY, START, THREW, UP, WORKER, WRITE32 } from '../../lib/mailbox.ts';
import type { DevicePort, DriverCore } from './core.ts';
import type { CoreTable } from './table.ts';

/** What a worker is given. */
export interface CoreSeat {
  /** Its name; '': `args` tells when it is to start, length and characters. */
  readonly core: string;
  readonly mailbox: SharedArrayBuffer;
  readonly aperture: SharedArrayBuffer;
}

/** Does what the kernel posts, for ever: a core of `table`, made when it is to start. */
export function serveCore(seat: CoreSeat, table: CoreTable): never {
  const server = new Server(seat, table);
  for (;;) server.serve();
}

class Server {
  private readonly seat: CoreSeat;
  private readonly table: CoreTable;
  private readonly box: Mailbox;
  private core: DriverCore | null = null;

  constructor(seat: CoreSeat, table: CoreTable) {
    this.seat = seat;
    this.table = table;
    this.box = new Mailbox(seat.mailbox, WORKER);
  }

  serve(): void {
    const { box } = this;
    while (!box.wait(Infinity));
    try {
      box.parameters[0] = this.perform();
      box.post(DONE);
    } catch (e) {
      box.text = e instanceof Error ? e.stack ?? e.message : String(e);
      box.post(THREW);
    }
  }

  private perform(): number {
    const { box, box: { parameters: p } } = this;
    switch (box.what) {
      case START: return this.make().start();
      case CALL: return this.core!.call(p[0]!, p[1]!, p[2]!, p[3]!, p[4]!);
      case IRQ: this.core!.irq(); return 0;
      default: throw new Error(`message ${box.what}`);
    }
  }

  private make(): DriverCore {
    const { seat, box } = this;
    ask(box, UP);
    const name = seat.core !== '' ? seat.core : String.fromCharCode(...box.args.subarray(1, 1 + box.args[0]!));
    const coreClass = this.table[name];
    if (coreClass === undefined) throw new Error(`there is no core '${name}'`);
    return (this.core = new coreClass(new WorkerPort(box, seat.aperture)));
  }
}

class WorkerPort implements DevicePort {
  readonly memory: DmaMemory;
  readonly args: Float64Array;
  private readonly box: Mailbox;
  /** Page 0 stays empty: a stray null is nobody's buffer. */
  private next = PAGE_SIZE;
  /** Given back, by order. */
  private readonly free: number[][] = [];

  constructor(box: Mailbox, aperture: SharedArrayBuffer) {
    this.box = box;
    this.args = box.args;
    this.memory = {
      size: aperture.byteLength, u8: new Uint8Array(aperture), u16: new Uint16Array(aperture), i32: new Int32Array(aperture), u32: new Uint32Array(aperture),
      f64: new Float64Array(aperture),
    };
  }

  read32(offset: number): number {
    this.box.parameters[0] = offset;
    ask(this.box, READ32);
    return this.box.parameters[0]!;
  }
  write32(offset: number, value: number): void {
    this.box.parameters[0] = offset;
    this.box.parameters[1] = value;
    ask(this.box, WRITE32);
  }
  allocDma(order: number): number {
    const bytes = PAGE_SIZE * 2 ** order;
    const again = this.free[order]?.pop();
    if (again !== undefined) {
      this.memory.u8.fill(0, again, again + bytes);
      return again;
    }
    const at = this.next;
    if (at + bytes > ISOLATE_OWN_BYTES) return -1;
    this.next += bytes;
    return at;
  }
  freeDma(addr: number, order: number): void { (this.free[order] ??= []).push(addr); }
  log(text: string): void {
    this.box.text = text;
    ask(this.box, LOG);
  }
  broken(why: string): void {
    this.box.text = why;
    ask(this.box, BROKEN);
  }
  event(kind: number, a: number, b: number, c: number, d: number): void {
    if (!this.box.hasRoom) ask(this.box, EVENTS);
    this.box.addEvent(kind, a, b, c, d);
  }
}

/** Something of the kernel, in the middle of an operation. */
function ask(box: Mailbox, what: number): void {
  box.post(what);
  while (!box.wait(Infinity));
  if (box.what !== REPLY) throw new Error(`message ${box.what} in the middle of an operation`);
}
