// The shape of a region's control flow: reverse postorder, dominators, loop headers, merge points. (Cooper, Harvey and Kennedy, "A Simple, Fast Dominance
// Algorithm"; Ramsey, "Beyond Relooper", for what is made of it.)
import { type Block, successors } from './region.ts';

const NONE: readonly number[] = [];

export class Graph {
  /** Reachable blocks in reverse postorder; the entry is 0. Every number below is an index into it, and a block's own. */
  readonly order: readonly Block[];
  /** Successors and predecessors, backward edges included. */
  readonly succs: readonly (readonly number[])[];
  readonly preds: readonly (readonly number[])[];
  /** Immediate dominators. */
  readonly idom: Int32Array;
  /** Children in the dominator tree that several forward edges lead to, last first. */
  readonly merges: readonly (readonly number[])[];
  readonly isHeader: Uint8Array;
  readonly isMerge: Uint8Array;
  readonly isReducible: boolean;
  /** Those with a number: of blocks that are not all in the entry's page. */
  readonly #pages: number[] = [];
  #passed: Int32Array | undefined;

  constructor(entry: Block) {
    this.order = reversePostorder(entry);
    const n = this.order.length, preds: number[][] = [], succs: number[][] = [], merges: number[][] = [];
    for (let i = 0; i < n; i++) { preds.push([]); merges.push([]); }
    for (let i = 0; i < n; i++) {
      const out: number[] = [];
      for (const s of successors(this.order[i]!)) {
        out.push(s.index);
        preds[s.index]!.push(i);
      }
      succs.push(out);
    }
    this.succs = succs;
    this.preds = preds;
    this.idom = dominators(preds);
    this.isHeader = new Uint8Array(n);
    this.isMerge = new Uint8Array(n);
    // A computed jump is one br_table, whose targets must be labels.
    for (const b of this.order) for (const t of b.targets) this.isMerge[t.index] = 1;
    this.isReducible = this.#findHeadersAndMerges();
    for (let i = n - 1; i > 0; i--) if (this.isMerge[i] === 1) merges[this.idom[i]!]!.push(i);
    this.merges = merges;
  }

  /** Answers whether every loop is entered through its header only. */
  #findHeadersAndMerges(): boolean {
    let isReducible = true;
    for (let to = 0; to < this.preds.length; to++) {
      let forward = 0;
      for (const from of this.preds[to]!) {
        if (from < to) { forward++; continue; }
        this.isHeader[to] = 1;
        if (!this.dominates(to, from)) isReducible = false;
      }
      if (forward > 1) this.isMerge[to] = 1;
    }
    return isReducible;
  }

  /** Pages of block `i` that some way to it does not come through: there it must be looked whether they are still those that were translated. */
  pagesToCheck(i: number): readonly number[] {
    const b = this.order[i]!;
    // A block without instructions may begin where the entry's page ends.
    if (b.at >= 0 && b.at < 4096 && b.after <= 4096) return NONE;
    const pages: number[] = [];
    for (let page = b.firstPage; page <= b.lastPage; page++) if (!this.comesThrough(i, page)) pages.push(page);
    return pages;
  }

  /** Every way to block `i` comes through a page. */
  comesThrough(i: number, page: number): boolean {
    if (page === 0) return true;
    this.#passed ??= this.#findPassed();
    const number = this.#pages.indexOf(page);
    return number >= 0 && (this.#passed[i]! >>> number & 1) === 1;
  }

  /** By block: pages, by number, that every way to it comes through. */
  #findPassed(): Int32Array {
    const { order, preds } = this, n = order.length, own = new Int32Array(n), passed = new Int32Array(n).fill(-1);
    for (let i = 0; i < n; i++) {
      const b = order[i]!;
      for (let page = b.firstPage; page <= b.lastPage; page++) {
        if (!this.#pages.includes(page)) this.#pages.push(page);
        own[i]! |= 1 << this.#pages.indexOf(page);
      }
    }
    passed[0] = 0;
    for (let changed = true; changed;) {
      changed = false;
      for (let i = 1; i < n; i++) {
        let all = -1;
        for (const p of preds[i]!) all &= passed[p]! | own[p]!;
        if (all !== passed[i]) { passed[i] = all; changed = true; }
      }
    }
    return passed;
  }

  /** Numbers of the blocks of the natural loop with header `h`, which is the first. */
  loopOf(h: number): ReadonlySet<number> {
    const loop = new Set([h]), work = this.preds[h]!.filter(p => p >= h);
    for (let p = work.pop(); p !== undefined; p = work.pop()) {
      if (loop.has(p)) continue;
      loop.add(p);
      work.push(...this.preds[p]!);
    }
    return loop;
  }

  dominates(a: number, b: number): boolean {
    let at = b;
    while (at > a) at = this.idom[at]!;
    return at === a;
  }
}

/** Numbers the blocks on the way. */
function reversePostorder(entry: Block): Block[] {
  const out: Block[] = [], seen = new Set<Block>([entry]), path = [entry], rest = [successors(entry)];
  while (path.length > 0) {
    const s = rest.at(-1)!.pop();
    if (s === undefined) { out.push(path.pop()!); rest.pop(); continue; }
    if (seen.has(s)) continue;
    seen.add(s);
    path.push(s);
    rest.push(successors(s));
  }
  out.reverse();
  for (let i = 0; i < out.length; i++) out[i]!.index = i;
  return out;
}

function dominators(preds: readonly (readonly number[])[]): Int32Array {
  const idom = new Int32Array(preds.length).fill(-1);
  idom[0] = 0;
  for (let changed = true; changed;) {
    changed = false;
    for (let b = 1; b < preds.length; b++) {
      const from = preds[b]!;
      let d = -1;
      for (let k = 0; k < from.length; k++) if (idom[from[k]!] !== -1) d = d < 0 ? from[k]! : common(idom, d, from[k]!);
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
