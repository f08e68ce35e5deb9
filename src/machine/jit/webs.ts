// Checks that hold over blocks. What a check has found holds while the function runs: mappings change in system calls, and those that take one away unwind all
// translated code. So where every way to a group (groups.ts) comes from a check of its base, which nothing has written to since, it needs none. The groups that meet on
// such ways are a web (Muchnick, "Advanced Compiler Design and Implementation", 8.10, for that of definitions and uses): each check of a web covers the bytes of all of
// it, so that all of them leave the same host address. Over calls only sp is followed, which is compared with what it was.
import type { Graph } from './graph.ts';
import { type Group, SPAN } from './groups.ts';
import { lowest } from './x-registers.ts';

export const SP = 2, SP_BIT = 1 << SP;

/** Bytes of code of a check for one access, of one for several, and of the comparison of sp behind a call. */
const OF_ONE = 45, OF_MANY = 66, OF_CALL = 14;

interface Web { min: number; max: number; size: number; saved: number; isMisaligned: boolean }

export class Webs {
  readonly #g: Graph;
  readonly #groups: readonly (readonly Group[])[];
  /** By block: registers whose bytes are known to be there where it begins, to be read and to be written. */
  readonly #read: Int32Array;
  readonly #write: Int32Array;
  /** By block: registers of which nothing is known any more behind it; those that its groups leave known. */
  readonly #closed: Int32Array;
  readonly #left: Int32Array;
  readonly #leftToWrite: Int32Array;
  /** Registers that are bases. */
  #bases = 0;
  /** What meets, united: by block, each base where it begins; by block, its groups. A number that is its own is the web's. */
  #parent = new Int32Array(0);
  readonly #place = new Int32Array(32);
  readonly #first: Int32Array;
  readonly #webs = new Map<number, Web>();

  constructor(g: Graph, groups: readonly (readonly Group[])[]) {
    const n = g.order.length, sets = (): Int32Array => new Int32Array(n);
    this.#g = g;
    this.#groups = groups;
    [this.#read, this.#write, this.#closed, this.#left, this.#leftToWrite, this.#first] = [sets(), sets(), sets(), sets(), sets(), sets()];
    for (let i = 0; i < n; i++) this.#summarize(i);
    if (this.#bases === 0) return;
    this.#flow();
    this.#number();
    this.#join();
    this.#settle();
  }

  /** Behind the call that ends block `i`, what was known of sp is used, if that is what it was. */
  followsSp(i: number): boolean { return this.#carriesSp(i) && this.#webs.has(this.#webAt(this.#g.order[i]!.next!.index, SP)); }

  #carriesSp(i: number): boolean {
    const { next, end } = this.#g.order[i]!;
    return end === 'call' && next !== null && (this.#read[next.index]! & SP_BIT) !== 0;
  }

  #summarize(i: number): void {
    const { insns } = this.#g.order[i]!, groups = this.#groups[i]!;
    let closed = 0;
    for (let k = 0; k < insns.length; k++) closed |= insns[k]!.writesX;
    for (let k = 0; k < groups.length; k++) {
      const { base, access, reachesEnd } = groups[k]!, bit = 1 << base;
      this.#bases |= bit;
      // The local of one that is closed is another's.
      if (!reachesEnd) { closed |= bit; continue; }
      this.#left[i]! |= bit;
      if (access === 'write') this.#leftToWrite[i]! |= bit;
    }
    this.#closed[i] = closed;
  }

  /** Forwards, to the largest solution. */
  #flow(): void {
    const { preds, order } = this.#g, { length } = preds, read = this.#read, write = this.#write, bases = this.#bases;
    read.fill(bases, 1);
    write.fill(bases, 1);
    for (let changed = true; changed;) {
      changed = false;
      for (let i = 1; i < length; i++) {
        const from = preds[i]!;
        let r = bases, w = bases;
        for (let k = 0; k < from.length; k++) {
          const p = from[k]!, { end } = order[p]!, open = ~this.#closed[p]!, kept = end === 'call' ? SP_BIT : end === 'ecall' ? 0 : ~0;
          r &= (read[p]! & open | this.#left[p]!) & kept;
          w &= (write[p]! & open | this.#leftToWrite[p]!) & kept;
        }
        if (r === read[i] && w === write[i]) continue;
        read[i] = r;
        write[i] = w;
        changed = true;
      }
    }
  }

  #number(): void {
    const n = this.#groups.length;
    let next = 0;
    for (let rest = this.#bases; rest !== 0; rest &= rest - 1) {
      this.#place[lowest(rest)] = next;
      next += n;
    }
    for (let i = 0; i < n; i++) {
      this.#first[i] = next;
      next += this.#groups[i]!.length;
    }
    this.#parent = new Int32Array(next);
    for (let k = 0; k < next; k++) this.#parent[k] = k;
  }

  #join(): void {
    const { preds } = this.#g;
    for (let i = 0; i < preds.length; i++) {
      for (let rest = this.#read[i]!; rest !== 0; rest &= rest - 1) {
        const r = lowest(rest), from = preds[i]!, at = this.#place[r]! + i;
        for (let k = 0; k < from.length; k++) this.#unite(at, this.#behind(from[k]!, r));
      }
      const groups = this.#groups[i]!;
      for (let k = 0; k < groups.length; k++) {
        const { base, isExposed } = groups[k]!;
        if (isExposed && this.#read[i]! >>> base & 1) this.#unite(this.#place[base]! + i, this.#first[i]! + k);
      }
    }
  }

  /** Where what is known of a register at a block's end comes from. */
  #behind(i: number, r: number): number {
    const groups = this.#groups[i]!;
    if (this.#left[i]! >>> r & 1) for (let k = groups.length - 1; k >= 0; k--) if (groups[k]!.base === r) return this.#first[i]! + k;
    return this.#place[r]! + i;
  }

  /** Bytes and accesses of each web, and what is known. Those that would span too much, often do not lie side by side or save nothing are none. */
  #settle(): void {
    const webs = this.#webs, { length } = this.#groups;
    this.#forEach((group, id, isKnown) => {
      let web = webs.get(id);
      if (web === undefined) webs.set(id, web = { min: group.min, max: group.max, size: 0, saved: 0, isMisaligned: false });
      web.min = Math.min(web.min, group.min);
      web.max = Math.max(web.max, group.max);
      web.size += group.size;
      web.saved += group.size === 1 ? OF_ONE : OF_MANY;
      if (isKnown) return;
      web.saved -= OF_MANY;
      web.isMisaligned ||= group.first.isMisaligned;
    });
    for (let i = 0; i < length; i++) {
      const web = this.#carriesSp(i) ? webs.get(this.#webAt(this.#g.order[i]!.next!.index, SP)) : undefined;
      if (web !== undefined) web.saved -= OF_CALL;
    }
    for (const [id, web] of webs) if (web.max - web.min > SPAN || web.saved <= 0 || web.isMisaligned) webs.delete(id);
    if (webs.size === 0) return;
    this.#forEach((group, id, isKnown) => {
      const web = webs.get(id);
      if (web === undefined) return;
      group.min = web.min;
      group.max = web.max;
      group.size = web.size;
      group.isKnown = isKnown;
    });
  }

  #forEach(f: (group: Group, web: number, isKnown: boolean) => void): void {
    for (let i = 0; i < this.#groups.length; i++) {
      const groups = this.#groups[i]!, read = this.#read[i]!, write = this.#write[i]!;
      for (let k = 0; k < groups.length; k++) {
        const group = groups[k]!, known = group.access === 'read' ? read : read & write;
        f(group, this.#find(this.#first[i]! + k), group.isExposed && (known >>> group.base & 1) === 1);
      }
    }
  }

  #webAt(i: number, r: number): number { return this.#find(this.#place[r]! + i); }

  #find(x: number): number {
    const parent = this.#parent;
    let at = x;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  }

  #unite(a: number, b: number): void { this.#parent[this.#find(a)] = this.#find(b); }
}
