// The waiting entities of one fair queue: a search tree by virtual deadline in which every node knows the least virtual runtime below it, so that
// "the earliest deadline among those that are eligible" is one walk down. A treap (Seidel and Aragon, "Randomized search trees"): its
// priorities are a hash of the order of arrival, so the same arrivals give the same tree. Insert, remove and pick are O(log n).
import type { FairEntity } from './entity.ts';

export class FairTree {
  private root: FairEntity | null = null;

  /** The least virtual runtime of all; Infinity: nobody waits. */
  get minVruntime(): number { return this.root === null ? Infinity : this.root.minVruntime; }

  /** The only one. */
  get only(): FairEntity | null { return this.root; }

  insert(e: FairEntity): void {
    e.left = e.right = e.up = null;
    e.minVruntime = e.vruntime;
    e.priority = mix(e.seq);
    let at = this.root;
    if (at === null) {
      this.root = e;
      return;
    }
    for (;;) {
      if (e.vruntime < at.minVruntime) at.minVruntime = e.vruntime;
      const next: FairEntity | null = before(e, at) ? at.left : at.right;
      if (next === null) break;
      at = next;
    }
    if (before(e, at)) at.left = e;
    else at.right = e;
    e.up = at;
    while (e.up !== null && e.up.priority < e.priority) this.rotateUp(e);
  }

  remove(e: FairEntity): void {
    for (;;) {
      const { left, right } = e;
      if (left === null && right === null) break;
      this.rotateUp(left === null || (right !== null && right.priority > left.priority) ? right! : left);
    }
    const { up } = e;
    e.up = null;
    if (up === null) {
      this.root = null;
      return;
    }
    if (up.left === e) up.left = null;
    else up.right = null;
    for (let at: FairEntity | null = up; at !== null; at = at.up) update(at);
  }

  /** Who has the earliest deadline among those whose virtual runtime is at most `limit`; null: none. */
  earliest(limit: number): FairEntity | null {
    let at = this.root;
    if (at === null || at.minVruntime > limit) return null;
    for (;;) {
      const { left, right } = at as FairEntity;
      if (left !== null && left.minVruntime <= limit) at = left;
      else if (at!.vruntime <= limit) return at;
      else at = right!; // somebody below is eligible, and it is neither left nor this one
    }
  }

  private rotateUp(e: FairEntity): void {
    const p = e.up!, g = p.up;
    if (p.left === e) {
      p.left = e.right;
      if (e.right !== null) e.right.up = p;
      e.right = p;
    } else {
      p.right = e.left;
      if (e.left !== null) e.left.up = p;
      e.left = p;
    }
    p.up = e;
    e.up = g;
    if (g === null) this.root = e;
    else if (g.left === p) g.left = e;
    else g.right = e;
    update(p);
    update(e);
  }
}

function update(e: FairEntity): void {
  let least = e.vruntime;
  if (e.left !== null && e.left.minVruntime < least) least = e.left.minVruntime;
  if (e.right !== null && e.right.minVruntime < least) least = e.right.minVruntime;
  e.minVruntime = least;
}

const before = (a: FairEntity, b: FairEntity): boolean => a.deadline < b.deadline || (a.deadline === b.deadline && a.seq < b.seq);

/** A 32-bit finalizer: consecutive numbers become priorities without order. */
function mix(n: number): number {
  let h = Math.imul(n ^ (n >>> 16), 0x21f0_aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a_2d97);
  return (h ^ (h >>> 15)) >>> 0;
}
