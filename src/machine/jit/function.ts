// One region as a WebAssembly function: registers in locals, blocks in structured control flow (Ramsey, "Beyond Relooper": merge points become `block`, loop
// headers `loop`; irreducible regions a loop around a br_table). Signature: (page, fuel, depth) -> (fuel, pc).
//
// The answer `pc` is where the guest goes on; its low bit says that no budget test is due there; EXITED says that everything is in the context. Every exit
// first stores what is dirty: at calls and ends the context is complete.
import { CTX_ADDRESS, CTX_EXIT, CTX_TLB, EXIT_FUEL, EXIT_SLOW } from '../hart/context.ts';
import type { MachineShape } from '../hart/interp-ops.ts';
import { CTX_PC } from '../machine.ts';
import * as w from '../wasm/opcodes.ts';
import { Body, type Label } from './body.ts';
import { Calls } from './calls.ts';
import { jumpToTarget, recordTarget } from './computed-jumps.ts';
import { CountedBody, type Counting } from './counted-body.ts';
import { FloatFacts } from './float-facts.ts';
import { Graph } from './graph.ts';
import { type Group, groupsOf } from './groups.ts';
import { type Linkage, PageGuard } from './linkage.ts';
import { Liveness, mayLeave, type Registers, NONE, same, union, without, writeOf } from './liveness.ts';
import { DEPTH, FUEL, infoOf, leave, PARAMS, RegionOps, type Shared } from './region-ops.ts';
import type { Block, Insn, Region } from './region.ts';
import { after, Widths } from './widths.ts';
import type { StatusVersion } from './region-float.ts';

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

export function regionFunction(region: Region, q: FunctionRequest): Body { return new FunctionWriter(region, q).write(); }

function holding({ x, f }: Registers, narrow: number): Held { return { x, f, narrow: narrow & x }; }
function alike(a: Held, b: Held): boolean { return same(a, b) && a.narrow === b.narrow; }

class FunctionWriter {
  readonly #c: Body;
  readonly #q: FunctionRequest;
  readonly #g: Graph;
  readonly #groups: ReadonlyMap<Insn, Group>;
  readonly #live: Liveness;
  readonly #widths: Widths;
  readonly #s: Shared;
  readonly #ops: RegionOps;
  readonly #guard: PageGuard;
  readonly #calls: Calls;
  readonly #exits: { readonly held: Held; label: Label }[] = [];
  readonly #labels: (Label | undefined)[] = [];
  /** Irreducible regions: the block to run next, and the loop's label. */
  #state = -1;
  #loop: Label = 0;

  constructor(region: Region, q: FunctionRequest) {
    const c = this.#c = q.counting === undefined ? new Body(PARAMS, 4096) : new CountedBody(PARAMS, 4096, q.counting);
    this.#q = q;
    this.#g = new Graph(region.blocks[0]!);
    this.#groups = groupsOf(this.#g.order);
    this.#live = new Liveness(this.#g, this.#groups);
    this.#widths = new Widths(this.#g);
    this.#s = { tlb: c.local(w.i32, 'tlb'), addr: c.local(w.i64, 'addr'), pc: c.local(w.i64, 'pc'), info: c.local(w.i32, 'info') };
    this.#ops = new RegionOps(c, q.shape, this.#s, this.#live.used, this.#groups, new FloatFacts(this.#g.order), q.version);
    this.#guard = new PageGuard(c, this.#ops, q.linkage, q.shape.base);
    this.#calls = new Calls(c, this.#s, this.#ops, this.#guard, q.linkage, q.shape.base, region.entry);
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
      this.#guard.hasChanged(page);
      c.open(w.if_);
      this.#answerNext(b.at, this.#heldInto(i));
      c.end();
    }
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
    if (!b.goesForward) this.#testBudget(b.target, held);
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
    recordTarget(this.#c, this.#s.pc, this.#q.linkage.site);
    this.#answer(this.#heldAt(i));
  }

  /** All computed jumps: to the targets that are known; others are answered, and recorded. So is any when the budget is spent. */
  #dispatch(i: number, { targets }: Block): void {
    const c = this.#c, other = c.open(w.block), spent = c.open(w.block);
    c.get(FUEL); c.i32Const(0); c.op(w.i32_le_s); c.toIf(spent);
    // Blocks of an irreducible region are run by number.
    const stubs = this.#state < 0 ? null : new Map(targets.toReversed().map(t => [t, c.open(w.block)]));
    jumpToTarget(c, this.#s.pc, targets, t => stubs === null ? this.#labels[this.#g.index.get(t)!]! : stubs.get(t)!, other);
    if (stubs !== null) for (const t of targets) { c.end(); this.#branchTo(i, t); }
    c.end();
    this.#answer(this.#heldAt(i));
    c.end();
    recordTarget(this.#c, this.#s.pc, this.#q.linkage.site);
    this.#answer(this.#heldAt(i));
  }

  /** pc = the target, as an answer. */
  #setTarget(b: Block): void {
    const c = this.#c;
    this.#ops.address(b.target);
    if (b.goesForward) { c.i64Const(1); c.op(w.i64_or); }
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
    if (isDirect) this.#calls.direct(b, done);
    else this.#calls.computed(b, done);
    c.get(pc); this.#ops.address(b.after); c.get(FUEL); c.get(DEPTH); c.call(this.#q.linkage.go); c.set(pc); c.set(FUEL);
    c.get(pc); this.#ops.address(b.after); c.op(w.i64_eq); c.toIf(done);
    c.get(FUEL); c.get(pc); c.op(w.return_);
    c.end();
    this.#ops.checkVersion(b.next.at);
    this.#ops.reload(this.#live.liveIn[this.#g.index.get(b.next)!]!);
    this.#branchTo(i, b.next);
  }
}
