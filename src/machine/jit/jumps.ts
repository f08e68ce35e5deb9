// Where jumps from region to region have gone: for a target, its place in the table of functions, or, if it is an entry of a procedure linkage table (hart/plt.ts), where
// in RAM that loads its own target from. One line of the processor's cache instead of two, those of the fetch TLB and of the decoded op. What is noted holds until a page
// is no longer where a look-up has found it, or a translation goes.
import { CTX_EPOCH } from '../hart/context.ts';
import type { Local } from '../isa/wasm-ops.ts';
import { JUMPS_SIZE, type RamImpl, TLB_SLOTS } from '../ram.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body, Label } from './body.ts';

/** A slot: u64 pc | u32 epoch | i32 what: a place in the table, or PLT and an eighth of an address in RAM. */
const PC = 0, EPOCH = 8, WHAT = 12;
const PLT = -0x80000000;

/** Sets `what`, or goes to `miss`; `slot`: where it is, or would be. */
export function lookUpJump(c: Body, s: { readonly pc: Local; readonly slot: Local; readonly what: Local; readonly miss: Label }, jumps: number, base: number): void {
  c.get(s.pc); c.op(w.i32_wrap_i64); c.i32Const(3); c.op(w.i32_shl); c.i32Const(JUMPS_SIZE - 16); c.op(w.i32_and); c.tee(s.slot);
  c.mem(w.i64_load, 3, jumps + PC); c.get(s.pc); c.op(w.i64_ne); c.toIf(s.miss);
  c.get(s.slot); c.mem(w.i32_load, 2, jumps + EPOCH); c.i32Const(0); c.mem(w.i32_load, 2, base + CTX_EPOCH); c.op(w.i32_ne); c.toIf(s.miss);
  c.get(s.slot); c.mem(w.i32_load, 2, jumps + WHAT); c.set(s.what);
}

/** Notes `what` behind a look-up that missed. */
export function noteJump(c: Body, s: { readonly pc: Local; readonly slot: Local; readonly what: Local }, jumps: number, base: number): void {
  c.get(s.slot); c.get(s.pc); c.mem(w.i64_store, 3, jumps + PC);
  c.get(s.slot); c.i32Const(0); c.mem(w.i32_load, 2, base + CTX_EPOCH); c.mem(w.i32_store, 2, jumps + EPOCH);
  c.get(s.slot); c.get(s.what); c.mem(w.i32_store, 2, jumps + WHAT);
}

/** Pops the address, in RAM, that an entry of a linkage table loads from; pushes what is noted. */
export function asPlt(c: Body): void { c.i32Const(3); c.op(w.i32_shr_u); c.i32Const(PLT); c.op(w.i32_or); }

/** Condition: the target is an entry of a linkage table. */
export function isPlt(c: Body, what: Local): void { c.get(what); c.i32Const(0); c.op(w.i32_lt_s); }

/** Pushes the address that it loads from. */
export function pltSource(c: Body, what: Local): void { c.get(what); c.i32Const(3); c.op(w.i32_shl); }

/** Says which notes hold. */
export class Jumps {
  readonly #ram: RamImpl;
  readonly #at: number;
  /** The last epoch of all; by address space, its own, and what had changed when it began. */
  #last = 0;
  readonly #epochs = new Int32Array(TLB_SLOTS);
  readonly #seen = new Float64Array(TLB_SLOTS).fill(-1);

  constructor(ram: RamImpl, base: number) {
    this.#ram = ram;
    this.#at = base + CTX_EPOCH >>> 2;
  }

  /** A translation goes: no space may go on with its notes. */
  forget(): void { this.#seen.fill(-1); }

  /** In front of translated code. `changes` grows when a page moves that notes rely on, in any space. */
  enter(space: number, changes: number): void {
    if (changes !== this.#seen[space]) {
      this.#seen[space] = changes;
      this.#epochs[space] = this.#next();
    }
    this.#ram.i32[this.#at] = this.#epochs[space]!;
  }

  #next(): number {
    this.#last = this.#last + 1 | 0;
    if (this.#last !== 0) return this.#last;
    // Numbers begin again: no note may have one of them, and no space go on with one.
    const { jumps } = this.#ram.layout;
    this.#ram.u8.fill(0, jumps, jumps + JUMPS_SIZE);
    this.forget();
    return this.#last = 1;
  }
}
