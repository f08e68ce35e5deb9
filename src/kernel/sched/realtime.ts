// SCHED_FIFO and SCHED_RR: a list for each of the 99 priorities and a bit for each list that is not empty (sched(7)). Every operation is O(1).
import { SCHED_RR } from '../../abi/sched.ts';
import type { SchedEntity } from './entity.ts';

/** A SCHED_RR task's turn (sched_rr_get_interval(2)). */
export const RR_TURN_NS = 100_000_000;
const LEVELS = 100;

export class RealtimeQueue {
  private readonly first: (SchedEntity | null)[] = new Array<SchedEntity | null>(LEVELS).fill(null);
  private readonly last: (SchedEntity | null)[] = new Array<SchedEntity | null>(LEVELS).fill(null);
  /** Bit p % 32 of word p / 32: list p has members. */
  private readonly used = new Int32Array(LEVELS / 32 + 1);
  size = 0;

  /** Highest priority with members; 0: none. */
  get top(): number {
    for (let w = this.used.length - 1; w >= 0; w--) if (this.used[w] !== 0) return 32 * w + 31 - Math.clz32(this.used[w]!);
    return 0;
  }

  pushBack(e: SchedEntity): void {
    const p = e.level, last = this.last[p]!;
    e.before = last;
    e.after = null;
    if (last === null) this.first[p] = e;
    else last.after = e;
    this.last[p] = e;
    this.joined(p);
  }

  pushFront(e: SchedEntity): void {
    const p = e.level, first = this.first[p]!;
    e.after = first;
    e.before = null;
    if (first === null) this.last[p] = e;
    else first.before = e;
    this.first[p] = e;
    this.joined(p);
  }

  remove(e: SchedEntity): void {
    const p = e.level, { before, after } = e;
    if (before === null) this.first[p] = after;
    else before.after = after;
    if (after === null) this.last[p] = before;
    else after.before = before;
    e.before = e.after = null;
    this.size--;
    if (this.first[p] === null) this.used[p >> 5] = this.used[p >> 5]! & ~(1 << (p & 31));
  }

  /** The first of the highest priority; it stays. */
  get head(): SchedEntity | null { return this.size === 0 ? null : this.first[this.top]!; }

  /** Who leaves the hart keeps its place at the head, unless its turn is over or it has yielded. */
  putBack(e: SchedEntity): void {
    const turnOver = e.policy === SCHED_RR && e.turnNs >= RR_TURN_NS;
    if (turnOver || e.yielded) this.pushBack(e);
    else this.pushFront(e);
    if (turnOver) e.turnNs = 0;
    e.yielded = false;
  }

  private joined(p: number): void {
    this.size++;
    this.used[p >> 5] = this.used[p >> 5]! | 1 << (p & 31);
  }
}
