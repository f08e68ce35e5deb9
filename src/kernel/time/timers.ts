// One-shot kernel timers: a binary heap of absolute monotonic deadlines. Targets are plain objects with a method, so that a sleeping machine
// can be saved. Ties fire in the order of arming: the order is part of determinism.

/** What a timer acts on when it fires. */
export abstract class TimerTarget {
  abstract expire(nowNs: number): void;
}

interface Timer { deadline: number; seq: number; target: TimerTarget | null }

export class Timers {
  private heap: Timer[] = [];
  private byId = new Map<number, Timer>();
  private nextId = 1;

  /** Arms a timer; the id (never 0) cancels it. */
  add(deadlineNs: number, target: TimerTarget): number {
    const id = this.nextId++;
    const timer: Timer = { deadline: deadlineNs, seq: id, target };
    this.byId.set(id, timer);
    this.heap.push(timer);
    this.siftUp(this.heap.length - 1);
    return id;
  }

  /** Disarms; a timer that has fired or was cancelled already is fine. The heap entry dies lazily. */
  cancel(id: number): void {
    const timer = this.byId.get(id);
    if (timer === undefined) return;
    timer.target = null;
    this.byId.delete(id);
    if (this.byId.size < this.heap.length >> 1 && this.heap.length > 64) this.compact();
  }

  /** The earliest deadline, or Infinity. */
  get nextDeadline(): number {
    this.dropCancelled();
    return this.heap.length === 0 ? Infinity : this.heap[0]!.deadline;
  }

  /** Fires everything that is due. */
  run(nowNs: number): void {
    while (this.nextDeadline <= nowNs) {
      const timer = this.pop();
      this.byId.delete(timer.seq);
      timer.target!.expire(nowNs);
    }
  }

  private dropCancelled(): void {
    while (this.heap.length > 0 && this.heap[0]!.target === null) this.pop();
  }

  private compact(): void {
    this.heap = this.heap.filter(t => t.target !== null).sort((a, b) => (before(a, b) ? -1 : 1)); // a sorted array is a heap
  }

  private pop(): Timer {
    const top = this.heap[0]!;
    const last = this.heap.pop()!;
    if (this.heap.length > 0) {
      this.heap[0] = last;
      this.siftDown(0);
    }
    return top;
  }

  private siftUp(i: number): void {
    const h = this.heap, t = h[i]!;
    while (i > 0) {
      const p = (i - 1) >> 1;
      if (!before(t, h[p]!)) break;
      h[i] = h[p]!;
      i = p;
    }
    h[i] = t;
  }

  private siftDown(i: number): void {
    const h = this.heap, t = h[i]!;
    for (;;) {
      let c = 2 * i + 1;
      if (c >= h.length) break;
      if (c + 1 < h.length && before(h[c + 1]!, h[c]!)) c++;
      if (!before(h[c]!, t)) break;
      h[i] = h[c]!;
      i = c;
    }
    h[i] = t;
  }
}

const before = (a: Timer, b: Timer): boolean => a.deadline < b.deadline || (a.deadline === b.deadline && a.seq < b.seq);
