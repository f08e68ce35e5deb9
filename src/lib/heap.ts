// A binary min-heap of plain objects that know their place in it: O(log n) insert and removal, no comparator closure, so that timers are
// data that a snapshot can walk. Equal keys leave in insertion order, which keeps runs deterministic.

/** What a heap holds: the order, and where the item is now (-1: in no heap). Only the heap writes `heapIndex` and `heapOrder`. */
export interface HeapItem {
  key: number;
  heapIndex: number;
  heapOrder: number;
}

/** The smallest key first; first in, first out among equals. */
export class Heap<T extends HeapItem> {
  /** In heap order; read-only outside. */
  readonly items: T[] = [];
  private order = 0;

  get size(): number { return this.items.length; }

  /** The item with the smallest key; it stays. */
  peek(): T | undefined { return this.items[0]; }

  /** Adds an item that is in no heap. */
  push(item: T): void {
    item.heapOrder = this.order++;
    this.items.push(item);
    this.up(this.items.length - 1, item);
  }

  /** Takes out the item with the smallest key. */
  pop(): T | undefined {
    const top = this.items[0];
    if (top !== undefined) this.remove(top);
    return top;
  }

  /** Takes out any item; false if it is not here. */
  remove(item: T): boolean {
    const at = item.heapIndex;
    if (this.items[at] !== item) return false;
    item.heapIndex = -1;
    const last = this.items.pop() as T;
    if (last !== item) this.settle(at, last);
    return true;
  }

  /** Call after changing item.key. */
  update(item: T): void {
    if (this.items[item.heapIndex] === item) this.settle(item.heapIndex, item);
  }

  private settle(at: number, item: T): void {
    this.down(this.up(at, item), item);
  }

  private up(from: number, item: T): number {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.items[parent] as T;
      if (!before(item, above)) break;
      this.place(at, above);
      at = parent;
    }
    this.place(at, item);
    return at;
  }

  private down(from: number, item: T): void {
    const n = this.items.length;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= n) break;
      if (child + 1 < n && before(this.items[child + 1] as T, this.items[child] as T)) child++;
      const below = this.items[child] as T;
      if (!before(below, item)) break;
      this.place(at, below);
      at = child;
    }
    this.place(at, item);
  }

  private place(at: number, item: T): void {
    this.items[at] = item;
    item.heapIndex = at;
  }
}

function before(a: HeapItem, b: HeapItem): boolean {
  return a.key < b.key || (a.key === b.key && a.heapOrder < b.heapOrder);
}
