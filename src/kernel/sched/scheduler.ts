// The run queues of one hart: real-time tasks first (SCHED_FIFO, SCHED_RR by priority), then fair ones by weighted virtual runtime
// (sched(7)). Time is instructions, so what is picked depends on executed instructions and events only.
import type { Task } from '../task/task.ts';

export const SCHED_OTHER = 0, SCHED_FIFO = 1, SCHED_RR = 2, SCHED_BATCH = 3, SCHED_IDLE = 5, SCHED_DEADLINE = 6;

/** Instructions a task may run before the next is asked: about 4 ms at the interpreter's speed. */
export const SLICE = 800_000;

/** A SCHED_RR task's turn: 100 ms. */
const RR_TURN = 25 * SLICE;
/** sched_rt_runtime_us: of each second real-time tasks get 950 ms if others want to run; measured in instructions. */
const RT_PERIOD = 250 * SLICE;
const FAIR_SHARE = 0.05;

/** Weight of nice -20..19 (sched(7)): each step is a factor of about 1.25, nice 0 is 1024. */
const WEIGHTS = Array.from({ length: 40 }, (_, i) => Math.max(3, Math.round(1024 / 1.25 ** (i - 20))));
const IDLE_WEIGHT = 3;

export class Scheduler {
  /** Fair class: heap by vruntime. */
  private fair: Task[] = [];
  /** Real-time class: a FIFO for each priority in use. */
  private rt = new Map<number, Task[]>();
  private rtCount = 0;
  /** What real-time tasks have run in excess of their share, and whether they have to wait for it. */
  private rtExcess = 0;
  private throttled = false;
  /** Fairness is relative to this: no runnable task lies much below. */
  private minVruntime = 0;
  private seq = 0;
  /** Set when the running task should make room at the next trap. */
  needResched = false;
  current: Task | null = null;
  switches = 0;

  get runnable(): number { return this.fair.length + this.rtCount; }

  /** A task became runnable: new, or woken. Sleepers keep at most half a slice of credit. */
  enqueue(t: Task, why: 'new' | 'wakeup' | 'requeue'): void {
    const e = t.sched;
    if (e.heapIndex >= 0) return;
    e.seq = ++this.seq;
    if (isRealtime(t)) {
      this.rtQueue(e.rtPriority).push(t);
      this.rtCount++;
      e.heapIndex = 0;
      if (this.current !== null && (isRealtime(this.current) ? this.current.sched.rtPriority < e.rtPriority : !this.throttled)) this.needResched = true;
      return;
    }
    if (why === 'wakeup') e.vruntime = Math.max(e.vruntime, this.minVruntime - SLICE / 2);
    else if (why === 'new') e.vruntime = Math.max(e.vruntime, this.minVruntime);
    e.heapIndex = this.fair.length;
    this.fair.push(t);
    this.siftUp(e.heapIndex);
    if (why === 'wakeup' && t.sched.policy === SCHED_OTHER && this.current !== null && !isRealtime(this.current) && e.vruntime + SLICE / 8 < this.current.sched.vruntime) this.needResched = true;
  }

  /** A task stopped being runnable while queued (killed, stopped, policy change). */
  dequeue(t: Task): void {
    const i = t.sched.heapIndex;
    if (i < 0) return;
    t.sched.heapIndex = -1;
    const q = isRealtime(t) ? this.rt.get(t.sched.rtPriority) : undefined;
    const at = q?.indexOf(t) ?? -1;
    if (at >= 0) {
      q!.splice(at, 1);
      this.rtCount--;
      return;
    }
    const last = this.fair.pop()!;
    if (last === t) return;
    this.fair[i] = last;
    last.sched.heapIndex = i;
    this.siftDown(i);
    this.siftUp(last.sched.heapIndex);
  }

  /** The task to run next, taken off its queue; null: idle. */
  pick(): Task | null {
    this.needResched = false;
    const realtime = this.rtCount > 0 && !(this.throttled && this.fair.length > 0);
    const t = realtime ? this.pickRealtime() : this.popFair();
    if (t !== null) {
      t.sched.heapIndex = -1;
      if (t !== this.current) this.switches++;
    }
    this.current = t;
    return t;
  }

  /** Charges `instructions` of run time to the running task. */
  charge(t: Task, instructions: number): void {
    t.sched.sumExec += instructions;
    if (isRealtime(t)) return this.chargeRealtime(t, instructions);
    if (this.rtExcess > 0 && (this.rtExcess -= instructions) <= 0) this.throttled = false;
    t.sched.vruntime += (instructions * 1024) / weightOf(t);
    const head = this.fair.length > 0 ? Math.min(this.fair[0]!.sched.vruntime, t.sched.vruntime) : t.sched.vruntime;
    if (head > this.minVruntime) this.minVruntime = head;
  }

  /** The slice is over, or somebody better came: back into the queue. FIFO tasks keep their place at the head. */
  preempted(t: Task, sliceOver: 'slice over' | 'better task'): void {
    if (!isRealtime(t)) return this.enqueue(t, 'requeue');
    const q = this.rtQueue(t.sched.rtPriority);
    const turnOver = t.sched.policy === SCHED_RR && sliceOver === 'slice over' && t.sched.turn >= RR_TURN;
    if (turnOver || t.sched.yielded) {
      q.push(t);
      t.sched.turn = 0;
    } else {
      q.unshift(t);
    }
    t.sched.yielded = false;
    this.rtCount++;
    t.sched.heapIndex = 0;
  }

  /** sched_yield(2): behind the next of its class, and as a real-time task behind all of its priority. */
  yield(t: Task): void {
    if (isRealtime(t)) t.sched.yielded = true;
    else if (this.fair.length > 0) t.sched.vruntime = Math.max(t.sched.vruntime, this.fair[0]!.sched.vruntime + 1);
    this.needResched = true;
  }

  /** Real-time tasks that run all the time leave a share to the others, so that a runaway one can be killed (sched(7), "Limiting the CPU usage"). */
  private chargeRealtime(t: Task, instructions: number): void {
    t.sched.turn += instructions;
    if (this.fair.length === 0) {
      this.rtExcess = 0;
      this.throttled = false;
      return;
    }
    this.rtExcess += instructions * FAIR_SHARE;
    if (this.rtExcess >= RT_PERIOD * FAIR_SHARE) this.throttled = true;
  }

  private rtQueue(priority: number): Task[] {
    let q = this.rt.get(priority);
    if (q === undefined) this.rt.set(priority, (q = []));
    return q;
  }

  private pickRealtime(): Task | null {
    for (let p = 99; p > 0; p--) {
      const t = this.rt.get(p)?.shift();
      if (t === undefined) continue;
      this.rtCount--;
      return t;
    }
    return null;
  }

  private popFair(): Task | null {
    const h = this.fair;
    if (h.length === 0) return null;
    const top = h[0]!, last = h.pop()!;
    if (h.length > 0) {
      h[0] = last;
      last.sched.heapIndex = 0;
      this.siftDown(0);
    }
    return top;
  }

  private siftUp(i: number): void {
    const h = this.fair, t = h[i]!;
    while (i > 0) {
      const p = (i - 1) >> 1, parent = h[p]!;
      if (!before(t, parent)) break;
      h[i] = parent;
      parent.sched.heapIndex = i;
      i = p;
    }
    h[i] = t;
    t.sched.heapIndex = i;
  }

  private siftDown(i: number): void {
    const h = this.fair, t = h[i]!;
    for (;;) {
      let c = 2 * i + 1;
      if (c >= h.length) break;
      if (c + 1 < h.length && before(h[c + 1]!, h[c]!)) c++;
      if (!before(h[c]!, t)) break;
      h[i] = h[c]!;
      h[i]!.sched.heapIndex = i;
      i = c;
    }
    h[i] = t;
    t.sched.heapIndex = i;
  }
}

export const isRealtime = (t: Task): boolean => t.sched.policy === SCHED_FIFO || t.sched.policy === SCHED_RR;
export const weightOf = (t: Task): number => (t.sched.policy === SCHED_IDLE ? IDLE_WEIGHT : WEIGHTS[t.sched.nice + 20]!);

function before(a: Task, b: Task): boolean {
  const d = a.sched.vruntime - b.sched.vruntime;
  return d < 0 || (d === 0 && a.sched.seq < b.sched.seq);
}
