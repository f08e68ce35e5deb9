// Where events of interest meet their readers. Everything costs one predictable branch when nobody reads.
import type { SigInfo } from '../signal/state.ts';
import type { Task } from '../task/task.ts';

/** Reads task and system call events: strace, perf-like tools. Plain data with methods. */
export abstract class Tracer {
  abstract enter(t: Task, nr: number): void;
  abstract leave(t: Task, nr: number, result: number): void;
  abstract clone(parent: Task, child: Task): void;
  abstract exit(t: Task): void;
  /** A signal is delivered. */
  abstract signal(t: Task, info: SigInfo): void;
}

/** The last events of each kind for oops reports: a ring of (tid, call, result). */
const EVENTS = 64;

export class TraceHub {
  tracer: Tracer | null = null;
  private readonly ring = new Float64Array(3 * EVENTS);
  private next = 0;

  /** Notes a completed call: cheap enough to be always on. */
  note(tid: number, nr: number, result: number): void {
    const at = 3 * (this.next++ % EVENTS);
    this.ring[at] = tid;
    this.ring[at + 1] = nr;
    this.ring[at + 2] = result;
  }

  /** Oldest first. */
  recent(): { tid: number; nr: number; result: number }[] {
    const out = [];
    for (let i = Math.max(0, this.next - EVENTS); i < this.next; i++) {
      const at = 3 * (i % EVENTS);
      out.push({ tid: this.ring[at]!, nr: this.ring[at + 1]!, result: this.ring[at + 2]! });
    }
    return out;
  }

  /** The call in progress ends, or is repeated, because a signal came. */
  interrupted(t: Task, code: number): void { this.tracer?.leave(t, t.syscallNr, code); }
  clone(parent: Task, child: Task): void { this.tracer?.clone(parent, child); }
  exit(t: Task): void { this.tracer?.exit(t); }
  signal(t: Task, info: SigInfo): void { this.tracer?.signal(t, info); }
}
