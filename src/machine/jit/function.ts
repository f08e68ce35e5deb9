// One region as a WebAssembly function: registers in locals, blocks in structured control flow (Ramsey, "Beyond Relooper": merge points become `block`, loop
// headers `loop`; irreducible regions a loop around a br_table). Signature: (page, fuel, depth) -> (fuel, pc).
//
// The answer `pc` is where the guest goes on; its low bit says that no budget test is due there; EXITED says that everything is in the context. Every exit
// first stores what is dirty: at calls and ends the context is complete.
import { CTX_ADDRESS, CTX_EXIT, CTX_SPACE, CTX_TLB, EXIT_FUEL, EXIT_SLOW } from '../hart/context.ts';
import type { MachineShape } from '../hart/interp-ops.ts';
import { H_TRANSLATED, OP_HANDLER, OP_IMM } from '../hart/op.ts';
import { CTX_PC } from '../machine.ts';
import { FETCH_ENTRIES } from '../ram.ts';
import * as w from '../wasm/opcodes.ts';
import { Body, type Label } from './body.ts';
import { CountedBody, type Counting } from './counted-body.ts';
import { FloatFacts } from './float-facts.ts';
import { Graph } from './graph.ts';
import { type Group, groupsOf } from './groups.ts';
import { findPage, opOf } from './link.ts';
import { Liveness, mayLeave, type Registers, NONE, same, union, without, writeOf } from './liveness.ts';
import { DEPTH, FUEL, infoOf, leave, PAGE, PARAMS, RegionOps, type Shared } from './region-ops.ts';
import type { Block, Insn, Region } from './region.ts';
import { after, Widths } from './widths.ts';
import { SITE_COUNT, SITE_SLOTS, SITE_TARGETS } from './sites.ts';
import type { StatusVersion } from './region-float.ts';

/** Indices that a body refers to, and addresses. */
export interface Linkage {
  readonly regionType: number;
  readonly go: number;
  readonly ecall: number;
  /** The function itself. */
  readonly self: number;
  readonly fetchTlb: number;
  /** Decoded pages of the region's pages. */
  opsOf(page: number): number;
  /** Where computed jumps record their targets (sites.ts), or 0. */
  readonly site: number;
}

export interface FunctionRequest {
  readonly shape: MachineShape;
  readonly linkage: Linkage;
  /** Which floating-point status it is for, and the function for the others. */
  readonly version: StatusVersion;
  readonly otherwise: number | undefined;
  /** Statistics are wanted. */
  readonly counting?: Counting | undefined;
}

/** What an exit must store: dirty registers, and which of them are narrow. */
interface Held extends Registers { readonly narrow: number }

/** A table of labels may have so many entries for each target. */
const DENSE = 24;

export function regionFunction(region: Region, q: FunctionRequest): Body { return new FunctionWriter(region, q).write(); }

function holding({ x, f }: Registers, narrow: number): Held { return { x, f, narrow: narrow & x }; }
function alike(a: Held, b: Held): boolean { return same(a, b) && a.narrow === b.narrow; }

/** No budget test is due: within the page, and no loop without another test. */
function goesForward(b: Block): boolean {
  const last = b.insns.at(-1)!;
  return last.imm > 0 && b.target >> 12 === last.at >> 12;
}

class FunctionWriter {
  readonly #c: Body;
  readonly #q: FunctionRequest;
  readonly #entry: number;
  readonly #g: Graph;
  readonly #groups: ReadonlyMap<Insn, Group>;
  readonly #live: Liveness;
  readonly #widths: Widths;
  readonly #s: Shared;
  readonly #ops: RegionOps;
  readonly #exits: { readonly held: Held; label: Label }[] = [];
  readonly #labels: (Label | undefined)[] = [];
  /** Irreducible regions: the block to run next, and the loop's label. */
  #state = -1;
  /** A computed callee's decoded op. */
  #op: number | undefined;
  #loop: Label = 0;

  constructor(region: Region, q: FunctionRequest) {
    const c = this.#c = q.counting === undefined ? new Body(PARAMS, 4096) : new CountedBody(PARAMS, 4096, q.counting);
    this.#q = q;
    this.#entry = region.entry;
    this.#g = new Graph(region.blocks[0]!);
    this.#groups = groupsOf(this.#g);
    this.#live = new Liveness(this.#g, this.#groups);
    this.#widths = new Widths(this.#g);
    this.#s = { tlb: c.local(w.i32, 'tlb'), addr: c.local(w.i64, 'addr'), pc: c.local(w.i64, 'pc'), info: c.local(w.i32, 'info') };
    this.#ops = new RegionOps(c, q.shape, this.#s, this.#live.used, this.#groups, new FloatFacts(this.#g.order), q.version);
  }

  write(): Body {
    const c = this.#c, { base } = this.#q.shape;
    c.i32Const(0); c.mem(w.i32_load, 2, base + CTX_TLB); c.set(this.#s.tlb);
    this.#ops.chooseVersion(this.#q.otherwise);
    this.#ops.reload(this.#live.liveIn[0]!);
    this.#collectExits();
    const out = c.open(w.block);
    for (const e of this.#exits) e.label = c.open(w.block);
    if (this.#g.isReducible) this.#tree(0);
    else this.#switch();
    c.op(w.unreachable);
    for (let i = this.#exits.length - 1; i >= 0; i--) {
      c.end();
      // What a smaller set stores too is left to its exit, further out.
      const { held } = this.#exits[i]!, rest = this.#exits.slice(0, i).findLast(e => without(e.held, held) === 0 && e.held.narrow === (held.narrow & e.held.x));
      this.#ops.spill(rest === undefined ? held : { x: held.x & ~rest.held.x, f: held.f & ~rest.held.f }, held.narrow);
      c.to(rest === undefined ? out : rest.label);
    }
    c.end();
    leave(c, this.#s, base, { pc: CTX_PC, address: CTX_ADDRESS, exit: CTX_EXIT });
    return c;
  }

  /** A label for every set of registers that may be dirty where the function leaves. */
  #collectExits(): void {
    this.#g.order.forEach((b, i) => {
      let dirty = this.#live.dirtyIn[i]!, narrow = this.#widths.into[i]!;
      this.#addExit(holding(dirty, narrow));
      for (const insn of b.insns) {
        if (mayLeave(insn, this.#groups)) this.#addExit(holding(dirty, narrow));
        dirty = union(dirty, writeOf(insn));
        narrow = after(insn, narrow);
      }
      this.#addExit(holding(dirty, narrow));
    });
    this.#exits.sort((a, b) => without(a.held, NONE) - without(b.held, NONE));
  }

  #addExit(held: Held): void {
    if (!this.#exits.some(e => alike(e.held, held))) this.#exits.push({ held, label: 0 });
  }

  #exitFor(held: Held): Label { return this.#exits.find(e => alike(e.held, held))!.label; }

  /** What is held where block `i` begins, and where all its instructions are done. */
  #heldInto(i: number): Held { return holding(this.#live.dirtyIn[i]!, this.#widths.into[i]!); }
  #heldAt(i: number): Held { return holding(this.#live.dirtyOut[i]!, this.#widths.end[i]!); }

  /** The dominator subtree of block `i`: in front of what follows its merge points, its own code. */
  #tree(i: number): void {
    const c = this.#c;
    if (this.#g.isHeader[i] === 1) {
      this.#labels[i] = c.open(w.loop);
      this.#within(i, 0);
      c.end();
    } else {
      this.#within(i, 0);
    }
  }

  #within(i: number, from: number): void {
    const merge = this.#g.merges[i]![from];
    if (merge === undefined) { this.#block(i); return; }
    // A header's label is its loop once that is open; until then a merge's is the block in front.
    this.#labels[merge] = this.#c.open(w.block);
    this.#within(i, from + 1);
    this.#c.end();
    this.#tree(merge);
  }

  #switch(): void {
    const c = this.#c, n = this.#g.order.length;
    this.#state = c.local(w.i32, 'state');
    this.#loop = c.open(w.loop);
    const labels: Label[] = Array.from({ length: n }, () => c.open(w.block)).toReversed();
    c.get(this.#state);
    c.toOneOf(labels);
    for (let i = 0; i < n; i++) {
      c.end();
      this.#block(i);
    }
    c.end();
  }

  #block(i: number): void {
    const c = this.#c, b = this.#g.order[i]!, count = b.insns.length;
    this.#checkPages(i, b);
    if (count > 0) { c.get(FUEL); c.i32Const(count); c.op(w.i32_sub); c.set(FUEL); }
    this.#instructions(b, this.#heldInto(i));
    const held = this.#heldAt(i);
    switch (b.end) {
      case 'fall': this.#goOn(i, b); break;
      case 'branch':
        c.open(w.if_);
        this.#jump(i, b);
        c.end();
        this.#goOn(i, b);
        break;
      case 'jump': this.#jump(i, b); break;
      case 'return': this.#answer(held); break;
      case 'indirect': this.#indirect(i, b); break;
      case 'dispatch': this.#dispatch(i, b); break;
      case 'call': this.#call(i, b); break;
      case 'ecall': this.#ecall(i, b, held); break;
      case 'stop': this.#stop(b, held); break;
    }
  }

  /**
   * Where control comes from another page: that the frame found at translation is still mapped there, as the fetch TLB knows it. If not, the block's address is
   * the answer. Nothing can change that while the function runs: mappings change in system calls, and those that do unwind all translated code.
   */
  #checkPages(i: number, b: Block): void {
    const c = this.#c, { order, preds } = this.#g;
    for (let page = b.firstPage; page <= b.lastPage; page++) {
      if (page === 0 || i > 0 && preds[i]!.every(p => order[p]!.lastPage === page || order[p]!.firstPage === page)) continue;
      this.#lookUp(page);
      this.#entryOf(page); c.mem(w.i32_load, 2, this.#q.linkage.fetchTlb + 8); c.i32Const(this.#q.linkage.opsOf(page)); c.op(w.i32_ne);
      c.op(w.i32_or);
      c.open(w.if_);
      this.#answerNext(b.at, this.#heldInto(i));
      c.end();
    }
  }

  /** Condition: the fetch TLB does not have the page. */
  #lookUp(page: number): void {
    const c = this.#c, { linkage, shape } = this.#q;
    this.#entryOf(page); c.mem(w.i64_load, 3, linkage.fetchTlb);
    this.#ops.address(page * 4096); c.i64Const(12); c.op(w.i64_shr_u);
    c.i32Const(0); c.mem(w.i64_load, 3, shape.base + CTX_SPACE); c.op(w.i64_or);
    c.op(w.i64_ne);
  }

  /** Offset of the page's entry in the fetch TLB. */
  #entryOf(page: number): void {
    const c = this.#c;
    c.get(PAGE); c.i64Const(8); c.op(w.i64_shr_u); c.op(w.i32_wrap_i64);
    if (page !== 0) { c.i32Const(page * 16); c.op(w.i32_add); }
    c.i32Const((FETCH_ENTRIES - 1) * 16); c.op(w.i32_and);
  }

  /** The instructions of a block, entered with what is `into`. */
  #instructions(b: Block, into: Held): void {
    let held = into;
    b.insns.forEach((insn, k) => {
      this.#ops.instruction(insn, b.insns.length - k, mayLeave(insn, this.#groups) ? this.#exitFor(held) : 0, held.narrow);
      held = holding(union(held, writeOf(insn)), after(insn, held.narrow));
    });
  }

  /** To the instruction behind the block: no budget test. */
  #goOn(i: number, b: Block): void {
    if (b.next !== null) this.#branchTo(i, b.next);
    else this.#answerNext(b.after, this.#heldAt(i));
  }

  #answerNext(at: number, held: Held): void {
    this.#ops.address(at); this.#c.i64Const(1); this.#c.op(w.i64_or); this.#c.set(this.#s.pc);
    this.#answer(held);
  }

  /** A taken jump or branch: unless it goes forward, the budget is tested, by whoever gets the answer if that is not here. */
  #jump(i: number, b: Block): void {
    const held = this.#heldAt(i);
    if (b.taken === null) {
      this.#setTarget(b);
      this.#answer(held);
      return;
    }
    if (!goesForward(b)) this.#testBudget(b.target, held);
    this.#branchTo(i, b.taken);
  }

  #testBudget(at: number, held: Held): void {
    const c = this.#c;
    c.i32Const(infoOf(EXIT_FUEL, 0, at)); c.set(this.#s.info);
    c.get(FUEL); c.i32Const(0); c.op(w.i32_le_s); c.toIf(this.#exitFor(held));
  }

  /** A computed jump that no target is known of. */
  #indirect(i: number, b: Block): void {
    if (b.next !== null) { this.#branchTo(i, b.next); return; }
    this.#record();
    this.#answer(this.#heldAt(i));
  }

  /** All computed jumps: to the targets that are known; others are answered, and recorded. So is any when the budget is spent. */
  #dispatch(i: number, { targets }: Block): void {
    const c = this.#c, { pc } = this.#s, lo = Math.min(...targets.map(t => t.at)), hi = Math.max(...targets.map(t => t.at));
    const rel = c.local(w.i64), other = c.open(w.block), spent = c.open(w.block);
    c.get(FUEL); c.i32Const(0); c.op(w.i32_le_s); c.toIf(spent);
    c.get(pc); c.get(PAGE); c.op(w.i64_sub); c.i64Const(lo); c.op(w.i64_sub); c.tee(rel);
    c.i64Const(hi - lo); c.op(w.i64_gt_u); c.toIf(other);
    // Blocks of an irreducible region are run by number.
    const stubs = this.#state < 0 ? null : new Map(targets.toReversed().map(t => [t, c.open(w.block)]));
    const label = (t: Block): Label => stubs === null ? this.#labels[this.#g.index.get(t)!]! : stubs.get(t)!;
    if (hi - lo <= DENSE * 2 * targets.length) {
      const labels: Label[] = Array.from({ length: (hi - lo) / 2 + 1 }, () => other);
      for (const t of targets) labels[(t.at - lo) / 2] = label(t);
      c.get(rel); c.op(w.i32_wrap_i64); c.i32Const(1); c.op(w.i32_shr_u);
      c.toOneOf([...labels, other]);
    } else {
      this.#search(targets.toSorted((x, y) => x.at - y.at), t => { c.get(rel); c.op(w.i32_wrap_i64); c.i32Const(t.at - lo); }, label);
      c.to(other);
    }
    if (stubs !== null) for (const t of targets) { c.end(); this.#branchTo(i, t); }
    c.end();
    this.#answer(this.#heldAt(i));
    c.end();
    this.#record();
    this.#answer(this.#heldAt(i));
  }

  /** A binary search for a target: `compared` pushes what is compared with it, and it. */
  #search(targets: readonly Block[], compared: (t: Block) => void, label: (t: Block) => Label): void {
    const c = this.#c, middle = targets.length >> 1;
    if (targets.length === 1) { compared(targets[0]!); c.op(w.i32_eq); c.toIf(label(targets[0]!)); return; }
    compared(targets[middle]!); c.op(w.i32_lt_u);
    c.open(w.if_);
    this.#search(targets.slice(0, middle), compared, label);
    c.op(w.else_);
    this.#search(targets.slice(middle), compared, label);
    c.end();
  }

  /** Counts a computed jump to `pc` and keeps the target (sites.ts). */
  #record(): void {
    const c = this.#c, { pc } = this.#s, { site } = this.#q.linkage;
    if (site === 0) return;
    c.i32Const(0);
    c.i32Const(0); c.mem(w.i32_load, 2, site + SITE_COUNT); c.i32Const(1); c.op(w.i32_add); c.mem(w.i32_store, 2, site + SITE_COUNT);
    c.get(pc); c.op(w.i32_wrap_i64); c.i32Const(2); c.op(w.i32_shl); c.i32Const((SITE_SLOTS - 1) * 8); c.op(w.i32_and);
    c.get(pc); c.get(PAGE); c.op(w.i64_sub); c.i64Const(1); c.op(w.i64_or); c.mem(w.i64_store, 3, site + SITE_TARGETS);
  }

  /** pc = the target, as an answer. */
  #setTarget(b: Block): void {
    const c = this.#c;
    this.#ops.address(b.target);
    if (goesForward(b)) { c.i64Const(1); c.op(w.i64_or); }
    c.set(this.#s.pc);
  }

  #branchTo(from: number, block: Block): void {
    const to = this.#g.index.get(block)!;
    this.#ops.widen(this.#widths.out[from]! & ~this.#widths.into[to]! & this.#live.liveIn[to]!.x);
    if (this.#state >= 0) {
      this.#c.i32Const(to); this.#c.set(this.#state);
      this.#c.to(this.#loop);
    } else if (to <= from || this.#g.isMerge[to] === 1) {
      this.#c.to(this.#labels[to]!);
    } else {
      this.#tree(to);
    }
  }

  /** Returns `pc`. */
  #answer(held: Held): void {
    this.#ops.spill(held, held.narrow);
    this.#c.get(FUEL); this.#c.get(this.#s.pc); this.#c.op(w.return_);
  }

  #stop(b: Block, held: Held): void {
    const c = this.#c;
    c.i32Const(infoOf(EXIT_SLOW, 0, b.after)); c.set(this.#s.info);
    c.to(this.#exitFor(held));
  }

  /** The system call is an imported function. It may want to leave, or have moved pc: a signal handler. */
  #ecall(i: number, b: Block, held: Held): void {
    const c = this.#c, { base } = this.#q.shape, { pc } = this.#s;
    this.#ops.spill(held, held.narrow);
    c.i32Const(0); this.#ops.address(b.after); c.mem(w.i64_store, 3, base + CTX_PC);
    c.get(FUEL); c.call(this.#q.linkage.ecall); c.tee(FUEL);
    c.i32Const(0); c.op(w.i32_le_s);
    c.open(w.if_);
    c.i32Const(0); c.i64Const(-1); c.op(w.return_);
    c.end();
    c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_PC); c.tee(pc);
    if (b.next !== null) { this.#ops.address(b.next.at); c.op(w.i64_ne); c.open(w.if_); c.get(pc); }
    c.i64Const(1); c.op(w.i64_or); c.set(pc);
    c.get(FUEL); c.get(pc); c.op(w.return_);
    if (b.next === null) return;
    c.end();
    this.#ops.checkVersion(b.next.at);
    this.#ops.reload(this.#live.liveIn[this.#g.index.get(b.next)!]!);
    this.#branchTo(i, b.next);
  }

  /**
   * A call is a wasm call, and the return address is compared with what comes back: the return stack predictor. Whatever else comes back is dealt with by
   * `go` (link.ts) or handed on. If the region does not hold what follows, the call is a jump.
   */
  #call(i: number, b: Block): void {
    const c = this.#c, { pc } = this.#s, held = this.#heldAt(i);
    const isDirect = b.insns.at(-1)!.insn!.name === 'jal';
    if (isDirect) this.#setTarget(b);
    if (b.next === null) { this.#answer(held); return; }
    this.#ops.spill(held, held.narrow);
    const done = c.open(w.block);
    if (isDirect) this.#callDirectly(b, done);
    else this.#callComputed(b, done);
    c.get(pc); this.#ops.address(b.after); c.get(FUEL); c.get(DEPTH); c.call(this.#q.linkage.go); c.set(pc); c.set(FUEL);
    c.get(pc); this.#ops.address(b.after); c.op(w.i64_eq); c.toIf(done);
    c.get(FUEL); c.get(pc); c.op(w.return_);
    c.end();
    this.#ops.checkVersion(b.next.at);
    this.#ops.reload(this.#live.liveIn[this.#g.index.get(b.next)!]!);
    this.#branchTo(i, b.next);
  }

  /** The callee's op in its decoded page says whether and where it is translated. The page that the call is in needs no look at the fetch TLB. */
  #callDirectly(b: Block, done: Label): void {
    const c = this.#c, { pc } = this.#s, { linkage } = this.#q;
    const page = b.target >> 12, isHere = page === 0 || page === b.lastPage;
    const slow = c.open(w.block);
    if (!goesForward(b)) { c.get(FUEL); c.i32Const(0); c.op(w.i32_le_s); c.toIf(slow); }
    c.get(DEPTH); c.op(w.i32_eqz); c.toIf(slow);
    const op = (b.target & 4095) * 4 + (isHere ? linkage.opsOf(page) : 0);
    const ops = (): void => { if (isHere) c.i32Const(0); else { this.#entryOf(page); c.mem(w.i32_load, 2, linkage.fetchTlb + 8); } };
    if (!isHere) { this.#lookUp(page); c.toIf(slow); }
    ops(); c.mem(w.i32_load16_u, 1, op); c.i32Const(H_TRANSLATED); c.op(w.i32_ne); c.toIf(slow);
    this.#ops.address(page * 4096); c.get(FUEL); c.get(DEPTH); c.i32Const(1); c.op(w.i32_sub);
    if (b.target === this.#entry) c.call(linkage.self);
    else { ops(); c.mem(w.i32_load, 2, op + OP_IMM); c.callIndirect(linkage.regionType); }
    c.set(pc); c.set(FUEL);
    c.get(pc); this.#ops.address(b.after); c.op(w.i64_eq); c.get(FUEL); c.i32Const(0); c.op(w.i32_gt_s); c.op(w.i32_and); c.toIf(done);
    c.end();
  }
  /** The callee is looked up as `go` does it, in line. */
  #callComputed(b: Block, done: Label): void {
    const c = this.#c, { pc, info } = this.#s, { linkage, shape } = this.#q;
    this.#op ??= c.local(w.i32, 'op');
    const slow = c.open(w.block);
    c.get(FUEL); c.i32Const(0); c.op(w.i32_le_s); c.toIf(slow);
    c.get(DEPTH); c.op(w.i32_eqz); c.toIf(slow);
    findPage(c, { pc, at: info, miss: slow }, linkage.fetchTlb, shape.base);
    c.get(info); c.mem(w.i32_load, 2, linkage.fetchTlb + 8);
    opOf(c, pc, this.#op);
    c.mem(w.i32_load16_u, 1, OP_HANDLER); c.i32Const(H_TRANSLATED); c.op(w.i32_ne); c.toIf(slow);
    c.get(pc); c.i64Const(-4096); c.op(w.i64_and); c.get(FUEL); c.get(DEPTH); c.i32Const(1); c.op(w.i32_sub);
    c.get(this.#op); c.mem(w.i32_load, 2, OP_IMM); c.callIndirect(linkage.regionType);
    c.set(pc); c.set(FUEL);
    c.get(pc); this.#ops.address(b.after); c.op(w.i64_eq); c.get(FUEL); c.i32Const(0); c.op(w.i32_gt_s); c.op(w.i32_and); c.toIf(done);
    c.end();
  }
}
