// The pages that a run knows (runs.ts): looks them up at its start, says how long they will do, and addresses what lies in them.
import type { MachineShape } from '../hart/interp-ops.ts';
import type { Local } from '../isa/wasm-ops.ts';
import { X_NAMES } from '../isa/registers.ts';
import { isOutOfRange, probeTlb } from '../mmu/tlb-code.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body, Label } from './body.ts';
import { FUEL, type Shared } from './region-ops.ts';
import { type Run, type RunBase, WORTH_A_RUN } from './runs.ts';
import type { XRegisters } from './x-registers.ts';

/** More rounds than a page has room for. */
const FOR_EVER = 0xffff;

/** Locals whose values nobody needs at a run's start. */
interface Scratch { readonly translated: Local; readonly host: Local; readonly rounds: Local; readonly inPage: Local }

export class KnownPages {
  readonly #c: Body;
  readonly #shape: MachineShape;
  readonly #s: Shared;
  readonly #x: XRegisters;
  readonly #scratch: Scratch;
  /** By register: what makes its lower half a host address. */
  readonly #distance = new Int32Array(32).fill(-1);

  constructor(c: Body, shape: MachineShape, shared: Shared, x: XRegisters, scratch: Scratch) {
    this.#c = c;
    this.#shape = shape;
    this.#s = shared;
    this.#x = x;
    this.#scratch = scratch;
  }

  /**
   * Looks up the pages; to `cannot` if one go of the copy is not sure to stay in them, or in the budget. Sets `floor` to the fuel at which the run is over: the next go
   * might leave a page or the budget.
   */
  start({ bases, shortest, rounds: inOne, most }: Run, floor: Local, cannot: Label): void {
    const c = this.#c, { rounds } = this.#scratch;
    c.get(FUEL); c.i32Const(most); c.op(w.i32_le_s); c.toIf(cannot);
    c.i32Const(FOR_EVER); c.set(rounds);
    for (const b of bases) this.#lookUp(b, cannot);
    // Of `rounds` + 1 in all, those of one go are not counted but for the first: it is begun with less than that behind it.
    c.get(rounds); c.i32Const(inOne - 2); c.op(w.i32_sub); c.tee(rounds); c.i32Const(0); c.op(w.i32_le_s); c.toIf(cannot);
    c.get(FUEL); c.get(rounds); c.i32Const(shortest); c.op(w.i32_mul); c.op(w.i32_sub); c.tee(floor);
    c.i32Const(most); c.get(floor); c.i32Const(most); c.op(w.i32_gt_s); c.op(w.select); c.set(floor);
  }

  /** Pushes how much fuel is spent before the run: none, if enough rounds are to come as far as counting goes. */
  patience({ count, patience }: Run): void {
    const c = this.#c, x = this.#x;
    if (count === null) { c.i32Const(patience); return; }
    const { walker, limit, stride } = count;
    c.i32Const(0); c.i32Const(patience);
    x.push(stride > 0 ? limit : walker); x.push(stride > 0 ? walker : limit); c.op(w.i64_sub);
    c.i64Const(WORTH_A_RUN * Math.abs(stride)); c.op(w.i64_ge_s);
    c.op(w.select);
  }

  #lookUp({ register, access, low, high, min, stride }: RunBase, cannot: Label): void {
    const c = this.#c, s = this.#s, { translated, host, rounds, inPage } = this.#scratch, room = 4096 - (high - low);
    if (this.#distance[register] === -1) this.#distance[register] = c.local(w.i32, `known.${X_NAMES[register]}`);
    this.#x.push(register); c.i64Const(low); c.op(w.i64_add);
    probeTlb(c, this.#shape, { addr: s.addr, tlb: s.tlb, translated }, access === 'read' ? 0 : this.#shape.tlbEntries * 8);
    isOutOfRange(c, this.#shape, 1); c.toIf(cannot);
    c.get(translated); c.op(w.i32_wrap_i64); c.tee(host); c.i32Const(4095); c.op(w.i32_and); c.tee(inPage);
    c.i32Const(room); c.op(w.i32_gt_u); c.toIf(cannot);
    c.get(host);
    if (min !== low) { c.i32Const(min - low); c.op(w.i32_add); }
    this.#x.push32(register); c.op(w.i32_sub); c.set(this.#distance[register]!);
    if (stride === 0) return;
    // Rounds after the first.
    if (stride > 0) { c.i32Const(room); c.get(inPage); c.op(w.i32_sub); }
    else c.get(inPage);
    c.i32Const(Math.abs(stride)); c.op(w.i32_div_u); c.tee(host);
    c.get(rounds); c.get(host); c.get(rounds); c.op(w.i32_lt_u); c.op(w.select); c.set(rounds);
  }

  /** Pushes the host address of the lowest byte that an access of the run names off this register. */
  push({ register }: RunBase): void {
    this.#x.push32(register); this.#c.get(this.#distance[register]!); this.#c.op(w.i32_add);
  }
}
