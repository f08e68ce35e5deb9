// A guest call as a wasm call: finds the callee's translation and calls it, if the budget and the engine's stack allow. Everything is in the context by then.
import { H_TRANSLATED, OP_HANDLER, OP_IMM } from '../hart/op.ts';
import type { Local } from '../isa/wasm-ops.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body, Label } from './body.ts';
import { isPlt, lookUpJump } from './jumps.ts';
import type { Linkage, PageGuard } from './linkage.ts';
import { BUDGET_SPENT, DEPTH, FUEL, type RegionOps, type Shared } from './region-ops.ts';
import type { Block } from './region.ts';

export class Calls {
  readonly #c: Body;
  readonly #s: Shared;
  readonly #ops: RegionOps;
  readonly #guard: PageGuard;
  readonly #linkage: Linkage;
  readonly #base: number;
  readonly #entry: number;
  /** What is known of the callee: its decoded page, or its place in the table. */
  #what: Local | undefined;

  /** `entry`: of the region itself, which may call itself; `base`: of the hart's context. */
  constructor(c: Body, s: Shared, ops: RegionOps, guard: PageGuard, linkage: Linkage, base: number, entry: number) {
    this.#c = c;
    this.#s = s;
    this.#ops = ops;
    this.#guard = guard;
    this.#linkage = linkage;
    this.#base = base;
    this.#entry = entry;
  }

  /**
   * To the target of block `b`: its op in the decoded page says whether and where it is translated. `isHere`: in a page that needs no look at the fetch TLB.
   * Goes to `done` if it came back to where it should and budget is left; comes out behind if not, or if there was no call.
   */
  direct(b: Block, isHere: boolean, done: Label): void {
    const c = this.#c, linkage = this.#linkage, page = b.target >> 12;
    const slow = c.open(w.block);
    if (!b.goesForward) this.#testBudget(slow);
    c.get(DEPTH); c.op(w.i32_eqz); c.toIf(slow);
    if (!isHere) this.#known(slow);
    else {
      const op = (b.target & 4095) * 4;
      this.#guard.expected(page); c.tee(this.#what ??= c.local(w.i32, 'what'));
      c.mem(w.i32_load16_u, 1, op + OP_HANDLER); c.i32Const(H_TRANSLATED); c.op(w.i32_ne); c.toIf(slow);
      this.#ops.address(page * 4096); this.#pushRest();
      if (b.target === this.#entry) c.callOwn(linkage.self);
      else {
        c.get(this.#what);
        c.mem(w.i32_load, 2, op + OP_IMM); c.callIndirect(linkage.regionType);
      }
    }
    this.#comeBack(b, done);
    c.end();
  }

  /** To `pc`, in line as `go` does it (link.ts). */
  computed(b: Block, done: Label): void {
    const c = this.#c, slow = c.open(w.block);
    this.#testBudget(slow);
    c.get(DEPTH); c.op(w.i32_eqz); c.toIf(slow);
    this.#known(slow);
    this.#comeBack(b, done);
    c.end();
  }

  /** Calls what `pc` was last seen to lead to (jumps.ts). */
  #known(slow: Label): void {
    const c = this.#c, { pc, info } = this.#s, what = this.#what ??= c.local(w.i32, 'what');
    lookUpJump(c, { pc, slot: info, what, miss: slow }, this.#linkage.jumps, this.#base);
    isPlt(c, what); c.toIf(slow);
    c.get(pc); c.i64Const(-4096); c.op(w.i64_and); this.#pushRest();
    c.get(what); c.callIndirect(this.#linkage.regionType);
  }

  /** To `pc`, whatever it takes until control comes back. To `left` if it does not: everything is in the context. */
  any(b: Block, left: Label): void {
    const c = this.#c, { pc } = this.#s;
    c.get(pc); this.#pushReturn(b); c.get(FUEL); c.get(DEPTH); c.call(this.#linkage.go); c.set(pc); c.set(FUEL);
    c.get(pc); c.i64Const(-1); c.op(w.i64_eq); c.toIf(left);
  }

  /** The address behind a call: it is in the link register, whose local nobody else has. */
  #pushReturn(b: Block): void {
    const call = b.insns.at(-1);
    if (call === undefined) this.#ops.address(b.after);
    else this.#ops.pushWide(call.rd);
  }

  #testBudget(slow: Label): void { this.#c.put(BUDGET_SPENT); this.#c.toIf(slow); }

  /** Fuel and depth for the callee. */
  #pushRest(): void { const c = this.#c; c.get(FUEL); c.get(DEPTH); c.i32Const(1); c.op(w.i32_sub); }

  #comeBack(b: Block, done: Label): void {
    const c = this.#c, { pc } = this.#s;
    c.set(pc); c.set(FUEL);
    c.get(pc); this.#pushReturn(b); c.op(w.i64_eq); c.get(FUEL); c.i32Const(0); c.op(w.i32_gt_s); c.op(w.i32_and); c.toIf(done);
  }
}
