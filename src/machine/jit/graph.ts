// The shape of a region's control flow: reverse postorder, dominators, loop headers, merge points. (Cooper, Harvey and Kennedy, "A Simple, Fast Dominance
// Algorithm"; Ramsey, "Beyond Relooper", for what is made of it.)
import { type Block, successors } from './region.ts';

export class Graph {
  /** Reachable blocks in reverse postorder; the entry is 0. Every number below is an index into it. */
  readonly order: readonly Block[];
  readonly index: ReadonlyMap<Block, number>;
  /** Immediate dominators. */
  readonly idom: Int32Array;
  /** Children in the dominator tree that several forward edges lead to, last first. */
  readonly merges: readonly (readonly number[])[];
  readonly isHeader: Uint8Array;
  readonly isMerge: Uint8Array;
  readonly isReducible: boolean;
  /** Predecessors, backward edges included. */
  readonly preds: readonly (readonly number[])[];

  constructor(entry: Block) {
    this.order = postorder(entry).reverse();
    this.index = new Map(this.order.map((b, i) => [b, i]));
    const n = this.order.length;
    const preds: number[][] = Array.from({ length: n }, () => []);
    this.order.forEach((b, i) => { for (const s of successors(b)) preds[this.index.get(s)!]!.push(i); });
    this.preds = preds;
    this.idom = dominators(preds);
    this.isHeader = new Uint8Array(n);
    this.isMerge = new Uint8Array(n);
    // A computed jump is one br_table, whose targets must be labels.
    for (const b of this.order) for (const t of b.targets) this.isMerge[this.index.get(t)!] = 1;
    let isReducible = true;
    preds.forEach((list, to) => {
      let forward = 0;
      for (const from of list) {
        if (from < to) { forward++; continue; }
        this.isHeader[to] = 1;
        if (!this.dominates(to, from)) isReducible = false;
      }
      if (forward > 1) this.isMerge[to] = 1;
    });
    this.isReducible = isReducible;
    const merges: number[][] = Array.from({ length: n }, () => []);
    for (let i = n - 1; i > 0; i--) if (this.isMerge[i] === 1) merges[this.idom[i]!]!.push(i);
    this.merges = merges;
  }

  dominates(a: number, b: number): boolean {
    let at = b;
    while (at > a) at = this.idom[at]!;
    return at === a;
  }
}

function postorder(entry: Block): Block[] {
  const out: Block[] = [], seen = new Set<Block>([entry]);
  const stack: { readonly block: Block; readonly succ: Block[] }[] = [{ block: entry, succ: successors(entry) }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const s = top.succ.pop();
    if (s === undefined) { out.push(top.block); stack.pop(); continue; }
    if (seen.has(s)) continue;
    seen.add(s);
    stack.push({ block: s, succ: successors(s) });
  }
  return out;
}

function dominators(preds: readonly (readonly number[])[]): Int32Array {
  const idom = new Int32Array(preds.length).fill(-1);
  idom[0] = 0;
  for (let changed = true; changed;) {
    changed = false;
    for (let b = 1; b < preds.length; b++) {
      let d = -1;
      for (const p of preds[b]!) if (idom[p] !== -1) d = d < 0 ? p : common(idom, d, p);
      if (idom[b] !== d) { idom[b] = d; changed = true; }
    }
  }
  return idom;
}

function common(idom: Int32Array, a: number, b: number): number {
  let x = a, y = b;
  while (x !== y) {
    while (x > y) x = idom[x]!;
    while (y > x) y = idom[y]!;
  }
  return x;
}
