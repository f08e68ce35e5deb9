// One-shot kernel timers: a heap of absolute monotonic deadlines. Targets are plain objects with a method, so that a sleeping machine
// can be saved. Ties fire in the order of arming: the order is part of determinism.
import { type HeapNode, IndexedHeap } from '../../lib/heap.ts';

/** What a timer acts on when it fires. */
export abstract class TimerTarget {
  abstract expire(nowNs: number): void;
}

interface Timer extends HeapNode { readonly deadline: number; readonly id: number; readonly target: TimerTarget }

class TimerHeap extends IndexedHeap<Timer> {
  protected override before(a: Timer, b: Timer): boolean { return a.deadline < b.deadline || (a.deadline === b.deadline && a.id < b.id); }
}

export class Timers {
  private readonly heap = new TimerHeap();
  private readonly byId = new Map<number, Timer>();
  private nextId = 1;

  /** Arms a timer; the id (never 0) cancels it. */
  add(deadlineNs: number, target: TimerTarget): number {
    const id = this.nextId++;
    const timer: Timer = { deadline: deadlineNs, id, target, heapIndex: -1 };
    this.byId.set(id, timer);
    this.heap.push(timer);
    return id;
  }

  /** Disarms; a timer that has fired or was cancelled already is fine. */
  cancel(id: number): void {
    const timer = this.byId.get(id);
    if (timer === undefined) return;
    this.byId.delete(id);
    this.heap.remove(timer);
  }

  /** The earliest deadline, or Infinity. */
  get nextDeadline(): number { return this.heap.top?.deadline ?? Infinity; }

  /** Fires everything that is due. */
  run(nowNs: number): void {
    for (let next = this.heap.top; next !== null && next.deadline <= nowNs; next = this.heap.top) {
      this.heap.remove(next);
      this.byId.delete(next.id);
      next.target.expire(nowNs);
    }
  }
}
