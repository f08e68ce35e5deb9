// One region as a WebAssembly function: registers in locals, blocks in structured control flow (Ramsey, "Beyond Relooper": merge points become `block`, loop
// headers `loop`; irreducible regions a loop around a br_table). Signature: (page, fuel, depth) -> (fuel, pc).
//
// The answer `pc` is where the guest goes on; its low bit says that no budget test is due there; EXITED says that everything is in the context. Every exit
// first stores what is dirty: at calls and ends the context is complete.
import { CTX_TLB, EXIT_FUEL, EXIT_SLOW } from '../hart/context.ts';
import type { MachineShape } from '../hart/interp-ops.ts';
import { CTX_PC } from '../machine.ts';
import * as w from '../wasm/opcodes.ts';
import type { Local } from '../isa/wasm-ops.ts';
import { Body, type Label } from './body.ts';
import { Calls } from './calls.ts';
import { findChases } from './chases.ts';
import { jumpToTarget, recordTarget } from './computed-jumps.ts';
import { CountedBody, type Counting } from './counted-body.ts';
import { FloatFacts } from './float-facts.ts';
import type { Graph } from './graph.ts';
import { ANSWER, infoOf, isNear } from './exit-info.ts';
import { Exits } from './exits.ts';
import { findGroups } from './groups.ts';
import { type Linkage, PageGuard } from './linkage.ts';
import { Liveness } from './liveness.ts';
import { Recomputations } from './recompute.ts';
import { BUDGET_SPENT, FUEL, PAGE, PARAMS, RegionOps, type Shared } from './region-ops.ts';
import type { Block, Region } from './region.ts';
import { isShiftPair } from './shift-pairs.ts';
import { SP_BIT, type Webs } from './webs.ts';
import { Widths } from './widths.ts';
import type { StatusVersion } from './region-float.ts';

/** As a rule an instruction takes no more. */
const BYTES = 80;

export interface FunctionRequest {
  readonly shape: MachineShape;
  readonly linkage: Linkage;
  /** Which floating-point status it is for, and the function for the others. */
  readonly version: StatusVersion;
  readonly otherwise: number | undefined;
  /** Statistics are wanted. */
  readonly counting?: Counting | undefined;
}

/** `graph`: the region's, with what was added to it (runs.ts). */
export function regionFunction(region: Region, graph: Graph, q: FunctionRequest): Body { return new FunctionWriter(region, graph, q).write(); }

class FunctionWriter {
  readonly #c: Body;
  readonly #q: FunctionRequest;
  readonly #g: Graph;
  readonly #isLoop: boolean;
  readonly #webs: Webs;
  readonly #live: Liveness;
  readonly #widths: Widths;
  readonly #recomputations: Recomputations;
  readonly #s: Shared;
  readonly #ops: RegionOps;
  readonly #guard: PageGuard;
  readonly #calls: Calls;
  readonly #exits: Exits;
  readonly #labels: (Label | undefined)[] = [];
  /** Fuel at which the run at hand is over, or may begin. */
  #floor: Local = -1;
  /** Irreducible regions: the block to run next, and the loop's label. */
  #state = -1;
  #loop: Label = 0;
  /** Returns `pc`. */
  #answered: Label = 0;

  constructor(region: Region, graph: Graph, q: FunctionRequest) {
    const size = region.instructions * BYTES, c = this.#c = q.counting === undefined ? new Body(PARAMS, size) : new CountedBody(PARAMS, size, q.counting);
    this.#q = q;
    this.#g = graph;
    this.#isLoop = region.isLoop;
    findChases(this.#g);
    this.#webs = findGroups(this.#g);
    this.#live = new Liveness(this.#g);
    this.#widths = new Widths(this.#g);
    this.#exits = new Exits(graph, this.#webs, this.#live, this.#widths);
    this.#recomputations = new Recomputations(this.#g);
    this.#s = { tlb: c.local(w.i32, 'tlb'), addr: c.local(w.i64, 'addr'), pc: c.local(w.i64, 'pc'), info: c.local(w.i32, 'info') };
    this.#ops = new RegionOps(c, q.shape, this.#s, this.#live, new FloatFacts(this.#g.order), q.version);
    this.#guard = new PageGuard(c, this.#ops, q.linkage, q.shape.base, this.#s.info);
    this.#calls = new Calls(c, this.#s, this.#ops, this.#guard, q.linkage, q.shape.base, region.entry);
  }

  write(): Body {
    const c = this.#c, { base } = this.#q.shape, { info, addr } = this.#s;
    c.i32Const(0); c.mem(w.i32_load, 2, base + CTX_TLB); c.set(this.#s.tlb);
    this.#ops.chooseVersion(this.#q.otherwise);
    this.#reload(0);
    this.#answered = c.open(w.block);
    const out = c.open(w.block);
    this.#exits.open(c, w.block);
    if (this.#g.isReducible) this.#tree(0);
    else this.#switch();
    c.op(w.unreachable);
    this.#exits.close(c, this.#ops, out);
    c.end();
    // Registers are in the context.
    c.get(PAGE); c.get(info); c.get(addr); c.get(FUEL); c.call(this.#q.linkage.leave); c.op(w.return_);
    c.end();
    c.get(FUEL); c.get(this.#s.pc); c.op(w.return_);
    return c;
  }

  #spill(exit: number): void { this.#ops.spill(this.#exits.x[exit]!, this.#exits.f[exit]!, this.#exits.narrow[exit]!); }

  /** Loads what block `i` needs. */
  #reload(i: number): void { this.#ops.reload(this.#live.liveX[i]!, this.#live.liveF[i]!); }

  /** The dominator subtree of block `i`: in front of what follows its merge points, its own code. */
  #tree(i: number): void {
    const isHeader = this.#g.isHeader[i] === 1;
    if (isHeader) this.#labels[i] = this.#c.open(w.loop);
    this.#within(i, 0);
    if (isHeader) this.#c.end();
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
    const c = this.#c, b = this.#g.order[i]!, count = b.charge ?? b.insns.length;
    this.#checkPages(i, b);
    if (count > 0) { c.get(FUEL); c.i32Const(count); c.op(w.i32_sub); c.set(FUEL); }
    this.#instructions(b);
    const exit = this.#exits.behind[i]!;
    switch (b.end) {
      case 'fall': this.#goOn(i, b); break;
      case 'branch':
        if (!this.#branchIf(i, b)) {
          c.open(w.if_);
          this.#jump(i, b);
          c.end();
        }
        this.#goOn(i, b);
        break;
      case 'jump': this.#jump(i, b); break;
      case 'return': this.#answer(exit); break;
      case 'indirect': this.#indirect(i, b); break;
      case 'dispatch': this.#dispatch(i, b); break;
      case 'guess': this.#guess(i, b); break;
      case 'call': this.#call(i, b); break;
      case 'ecall': this.#ecall(i, b, exit); break;
      case 'stop': this.#stop(b, exit); break;
      case 'enter': this.#enter(i, b); break;
      case 'run': this.#run(i, b); break;
    }
  }

  /**
   * Where control comes from another page: that the frame found at translation is still mapped there, as the fetch TLB knows it. If not, the block's address is
   * the answer. Nothing can change that while the function runs: mappings change in system calls, and those that do unwind all translated code.
   */
  #checkPages(i: number, b: Block): void {
    for (const page of this.#g.pagesToCheck(i)) {
      this.#guard.hasChanged(page);
      this.#c.open(w.if_);
      this.#answerNext(b.at, this.#exits.into[i]!);
      this.#c.end();
    }
  }

  #instructions(b: Block): void {
    const { insns } = b;
    for (let k = 0; k < insns.length; k++) {
      const insn = insns[k]!, next = insns[k + 1];
      if (b.isReturn && next === undefined) break;
      if (isShiftPair(insn, next)) { this.#ops.shiftPair(insn, next!); k++; }
      else this.#ops.instruction(insn, insns.length - k + b.ahead, insn.mayLeave ? this.#exits.labelOf(insn.exit) : 0);
    }
  }

  /** To the instruction behind the block: no budget test. */
  #goOn(i: number, b: Block): void {
    if (b.next !== null && b.next === b.restart?.taken) { this.#runOn(i, b, b.restart); this.#branchTo(i, b.restart); return; }
    this.#leaveCopy(i, b, b.next);
    if (b.next !== null) this.#branchTo(i, b.next);
    else this.#answerNext(b.after, this.#exits.behind[i]!);
  }

  #answerNext(at: number, exit: number): void { this.#answerAt(at, 'no test', exit); }

  /** A taken jump or branch: unless it goes forward, the budget is tested, by whoever gets the answer if that is not here. */
  #jump(i: number, b: Block): void {
    const exit = this.#exits.behind[i]!, isRound = b.taken !== null && b.taken === b.restart?.taken;
    if (isRound) this.#runOn(i, b, b.restart!);
    else this.#leaveCopy(i, b, b.taken);
    if (b.taken === null) { this.#answerAt(b.target, b.goesForward ? 'no test' : 'test', exit); return; }
    if (!b.goesForward && !b.isCopy) this.#testBudget(b.target, exit);
    this.#branchTo(i, isRound ? b.restart! : b.taken);
  }

  /** Another round of a loop's copy, if the run is not over; else it is left for `restart`. */
  #runOn(i: number, b: Block, restart: Block): void {
    const c = this.#c;
    c.get(FUEL); c.get(this.#floor); c.op(w.i32_gt_s);
    c.open(w.if_);
    this.#branchTo(i, restart.taken!);
    c.end();
    this.#leaveCopy(i, b, restart);
  }

  /** On the way from a loop's copy to another place. */
  #leaveCopy(i: number, b: Block, to: Block | null): void {
    if (!b.isCopy || to?.isCopy === true) return;
    const c = this.#c;
    if (b.ahead > 0) { c.get(FUEL); c.i32Const(b.ahead); c.op(w.i32_add); c.set(FUEL); }
    this.#ops.recompute(this.#recomputations.leaving(i), this.#widths.end[i]!);
  }

  /** A loop with a copy begins: until so much is done, it does not run. One local serves all: such loops are not nested. */
  #enter(i: number, b: Block): void {
    const c = this.#c;
    if (this.#floor < 0) this.#floor = c.local(w.i32, 'floor');
    c.get(FUEL); this.#ops.patience(b.run!, this.#widths.into[i]!); c.op(w.i32_sub); c.set(this.#floor);
    this.#branchTo(i, b.next!);
  }

  #run(i: number, b: Block): void {
    const c = this.#c, cannot = c.open(w.block);
    c.get(FUEL); c.get(this.#floor); c.op(w.i32_gt_s); c.toIf(cannot);
    this.#ops.startRun(b.run!, this.#widths.into[i]!, this.#floor, cannot);
    this.#branchTo(i, b.taken!);
    c.end();
    this.#branchTo(i, b.next!);
  }

  /** A branch that is no more than that: to a label, with nothing to test or to convert on the way. False: it is more. */
  #branchIf(from: number, { taken, restart, goesForward, isCopy }: Block): boolean {
    if (taken === null || restart !== null || !goesForward && !isCopy || this.#state >= 0) return false;
    const to = taken.index;
    if (isCopy && !taken.isCopy || to > from && this.#g.isMerge[to] === 0 || this.#toWiden(from, to) !== 0) return false;
    this.#c.toIf(this.#labels[to]!);
    return true;
  }

  /** Registers that the way between two blocks must give their 64 bits. */
  #toWiden(from: number, to: number): number { return this.#widths.out[from]! & ~this.#widths.into[to]! & this.#live.liveX[to]!; }

  #testBudget(at: number, exit: number): void {
    const c = this.#c;
    c.i32Const(infoOf(EXIT_FUEL, 0, at)); c.set(this.#s.info);
    c.put(BUDGET_SPENT); c.toIf(this.#exits.labelOf(exit));
  }

  /** A computed jump that no target is known of. */
  #indirect(i: number, b: Block): void {
    if (b.next !== null) { this.#branchTo(i, b.next); return; }
    this.#record();
    this.#answer(this.#exits.behind[i]!);
  }

  /** All computed jumps: to the targets that are known; others are answered, and recorded. So is any when the budget is spent. */
  #dispatch(i: number, { targets }: Block): void {
    const c = this.#c, other = c.open(w.block), spent = c.open(w.block);
    c.put(BUDGET_SPENT); c.toIf(spent);
    // Blocks of an irreducible region are run by number.
    const stubs = this.#state < 0 ? null : new Map(targets.toReversed().map(t => [t, c.open(w.block)]));
    jumpToTarget(c, this.#s.pc, targets, t => stubs === null ? this.#labels[t.index]! : stubs.get(t)!, other);
    if (stubs !== null) for (const t of targets) { c.end(); this.#branchTo(i, t); }
    c.end();
    this.#answer(this.#exits.behind[i]!);
    c.end();
    this.#record();
    this.#answer(this.#exits.behind[i]!);
  }

  #record(): void {
    const { hasSite, anchor } = this.#q.linkage;
    if (hasSite) recordTarget(this.#c, this.#s.pc, this.#s.info, anchor);
  }

  #branchTo(from: number, block: Block): void {
    const to = block.index;
    this.#ops.widen(this.#toWiden(from, to));
    if (this.#state >= 0) {
      this.#c.i32Const(to); this.#c.set(this.#state);
      this.#c.to(this.#loop);
    } else if (to <= from || this.#g.isMerge[to] === 1) {
      this.#c.to(this.#labels[to]!);
    } else {
      this.#tree(to);
    }
  }

  /** Goes on at a place outside the region: by way of an exit, which is shorter. `budget`: whether it is to be tested there. */
  #answerAt(at: number, budget: 'test' | 'no test', exit: number): void {
    const c = this.#c, forward = budget === 'test' ? 0 : 1;
    if (isNear(at)) {
      c.i32Const(infoOf(ANSWER, forward, at)); c.set(this.#s.info);
      c.to(this.#exits.labelOf(exit));
      return;
    }
    this.#ops.address(at + forward); c.set(this.#s.pc);
    this.#answer(exit);
  }

  /** Returns `pc`. */
  #answer(exit: number): void {
    this.#spill(exit);
    this.#c.to(this.#answered);
  }

  #stop(b: Block, exit: number): void {
    const c = this.#c;
    c.i32Const(infoOf(EXIT_SLOW, 0, b.after)); c.set(this.#s.info);
    c.to(this.#exits.labelOf(exit));
  }

  /** The system call is an imported function. It may want to leave, or have moved pc: a signal handler. */
  #ecall(i: number, b: Block, exit: number): void {
    const c = this.#c, { base } = this.#q.shape, { pc } = this.#s;
    this.#spill(exit);
    c.i32Const(0); this.#ops.address(b.after); c.mem(w.i64_store, 3, base + CTX_PC);
    c.get(FUEL); c.call(this.#q.linkage.ecall); c.tee(FUEL);
    c.i32Const(0); c.op(w.i32_le_s);
    c.open(w.if_);
    c.i32Const(0); c.i64Const(-1); c.op(w.return_);
    c.end();
    c.i32Const(0); c.mem(w.i64_load, 3, base + CTX_PC); c.tee(pc);
    if (b.next !== null) { this.#ops.address(b.next.at); c.op(w.i64_ne); c.open(w.if_); c.get(pc); }
    c.i64Const(1); c.op(w.i64_or); c.set(pc);
    c.to(this.#answered);
    if (b.next === null) return;
    c.end();
    this.#ops.checkVersion(b.next.at);
    this.#reload(b.next.index);
    this.#branchTo(i, b.next);
  }

  /** A computed call, to `pc`: if that is the likely one, its function is here. */
  #guess(i: number, b: Block): void {
    const c = this.#c;
    c.get(this.#s.pc); this.#ops.address(b.target); c.op(w.i64_eq);
    c.open(w.if_);
    this.#testBudget(b.target, this.#exits.behind[i]!);
    this.#branchTo(i, b.taken!);
    c.end();
    this.#branchTo(i, b.next!);
  }

  /**
   * A call is a wasm call, and the return address is compared with what comes back: the return stack predictor. Whatever else comes back is dealt with by
   * `go` (link.ts) or handed on. So is, outside of loops, a call to another page, since looking at the fetch TLB is a lot of code. If the region does not hold what follows, the call is a jump.
   */
  #call(i: number, b: Block): void {
    const c = this.#c, exit = this.#exits.behind[i]!;
    const isDirect = b.insns.at(-1)?.insn!.name === 'jal';
    if (isDirect && b.next === null) { this.#answerAt(b.target, b.goesForward ? 'no test' : 'test', exit); return; }
    if (isDirect) { this.#ops.address(b.goesForward ? b.target + 1 : b.target); c.set(this.#s.pc); }
    if (b.next === null) { this.#answer(exit); return; }
    this.#spill(exit);
    const done = c.open(w.block);
    if (isDirect) {
      const page = b.target >> 12, isHere = page === b.lastPage || this.#g.comesThrough(i, page);
      if (isHere || this.#isLoop) this.#calls.direct(b, isHere, done);
    } else {
      this.#calls.computed(b, done);
    }
    this.#calls.any(b, this.#answered);
    c.end();
    this.#ops.checkVersion(b.next.at);
    const followsSp = this.#webs.followsSp(i);
    if (followsSp) {
      c.i32Const(infoOf(ANSWER, 1, b.next.at)); c.set(this.#s.info);
      this.#ops.hasSpChanged(this.#widths.end[i]!); c.toIf(this.#exits.labelOf(this.#exits.clean));
    }
    this.#ops.reload(this.#live.liveX[b.next.index]! & (followsSp ? ~SP_BIT : ~0), this.#live.liveF[b.next.index]!);
    this.#branchTo(i, b.next);
  }
}
