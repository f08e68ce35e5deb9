// A binary heap whose members know their place, so that any of them can leave or move in O(log n). The order is a method of a subclass, not a
// function held by the heap: a heap may be part of a state that is saved.

/** What a heap keeps in its members: -1 while outside. */
export interface HeapNode { heapIndex: number }

export abstract class IndexedHeap<T extends HeapNode> {
  private readonly items: T[] = [];

  /** A strict order; ties have to be broken by the subclass if the order of equals matters. */
  protected abstract before(a: T, b: T): boolean;

  get size(): number { return this.items.length; }
  /** The first member, which stays; null: empty. */
  get top(): T | null { return this.items.length === 0 ? null : this.items[0]!; }

  push(node: T): void {
    this.items.push(node);
    this.siftUp(node, this.items.length - 1);
  }

  pop(): T | null {
    const { top } = this;
    if (top !== null) this.remove(top);
    return top;
  }

  /** Takes a member out. */
  remove(node: T): void {
    const at = node.heapIndex, last = this.items.pop()!;
    node.heapIndex = -1;
    if (last !== node) this.settle(last, at);
  }

  /** A member's key has changed. */
  moved(node: T): void { this.settle(node, node.heapIndex); }

  private settle(node: T, at: number): void {
    if (at > 0 && this.before(node, this.items[(at - 1) >> 1]!)) this.siftUp(node, at);
    else this.siftDown(node, at);
  }

  private siftUp(node: T, at: number): void {
    const { items } = this;
    while (at > 0) {
      const up = (at - 1) >> 1, parent = items[up]!;
      if (!this.before(node, parent)) break;
      items[at] = parent;
      parent.heapIndex = at;
      at = up;
    }
    items[at] = node;
    node.heapIndex = at;
  }

  private siftDown(node: T, at: number): void {
    const { items } = this;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.before(items[child + 1]!, items[child]!)) child++;
      const next = items[child]!;
      if (!this.before(next, node)) break;
      items[at] = next;
      next.heapIndex = at;
      at = child;
    }
    items[at] = node;
    node.heapIndex = at;
  }
}
