// The kernel's side of an isolated core, the same for every host: posts an operation, serves what the core asks meanwhile, and watches the clock.
import { BROKEN, DONE, EVENTS, KERNEL, LOG, Mailbox, MAILBOX_BYTES, READ32, REPLY, THREW, UP, WRITE32 } from '../lib/mailbox.ts';
import { type DmaMemory, type IsolateClient, ISOLATE_BYTES, ISOLATE_FAILED } from '../machine/machine.ts';

export class Isolate {
  readonly mailbox = new SharedArrayBuffer(MAILBOX_BYTES);
  readonly aperture: SharedArrayBuffer;
  readonly memory: DmaMemory;
  private readonly box = new Mailbox(this.mailbox, KERNEL);
  /** Why it cannot be called any more: its worker has ended by itself. */
  deadBecause = '';

  constructor() {
    const aperture = new SharedArrayBuffer(ISOLATE_BYTES);
    this.aperture = aperture;
    this.memory = {
      size: ISOLATE_BYTES, u8: new Uint8Array(aperture), u16: new Uint16Array(aperture), i32: new Int32Array(aperture), u32: new Uint32Array(aperture),
      f64: new Float64Array(aperture),
    };
  }

  get args(): Float64Array { return this.box.args; }

  /** The operation `what` to its end, at most `timeoutMs` of host time, before which a worker may need `upMs` to come up: the core's answer, or ISOLATE_FAILED. */
  perform(what: number, client: IsolateClient, op: number, a: number, b: number, c: number, d: number, timeoutMs: number, upMs = timeoutMs): number {
    const { box } = this;
    const p = box.parameters;
    p[0] = op;
    p[1] = a;
    p[2] = b;
    p[3] = c;
    p[4] = d;
    let allowedMs = upMs, limit = performance.now() + upMs;
    for (let message = what; ; message = REPLY) {
      if (this.deadBecause !== '') return failed(client, this.deadBecause);
      box.post(message);
      if (!this.answered(limit)) return failed(client, `no answer within ${allowedMs} ms`);
      this.takeEvents(client);
      switch (box.what) {
        case DONE: return p[0]!;
        case THREW: return failed(client, box.text);
        case READ32: p[0] = client.read32(p[0]!); break;
        case WRITE32: client.write32(p[0]!, p[1]!); break;
        case LOG: client.log(box.text); break;
        case BROKEN: client.broken(box.text); break;
        case EVENTS: break;
        case UP: limit = performance.now() + (allowedMs = timeoutMs); break;
        default: return failed(client, `message ${box.what}`);
      }
    }
  }

  /** A core that asks for ever does not answer either. */
  private answered(limit: number): boolean {
    for (;;) {
      const left = limit - performance.now();
      if (left <= 0) return false;
      if (this.box.wait(left)) return true;
    }
  }

  private takeEvents(client: IsolateClient): void {
    const { box } = this;
    for (let i = 0; i < box.eventCount; i++) client.event(box.eventWord(i, 0), box.eventWord(i, 1), box.eventWord(i, 2), box.eventWord(i, 3), box.eventWord(i, 4));
    box.clearEvents();
  }
}

function failed(client: IsolateClient, why: string): number {
  client.broken(why.split('\n', 3).map(line => line.trim()).join(' '));
  return ISOLATE_FAILED;
}
