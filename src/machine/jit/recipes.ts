// What a row does as a list of steps: its semantics (isa/), run once per row and flattened, so that writing an instruction is one loop. A step below RS1 is a byte of
// WebAssembly. Rows that name values, or need more than operands, wasm instructions and one access, have no recipe.
import { WasmOps } from '../isa/wasm-ops.ts';
import type { Instruction } from '../isa/table.ts';
import { Code } from '../wasm/code.ts';
import * as w from '../wasm/opcodes.ts';

/** Pushes an operand; a sum with the immediate; the sum of both registers; the address of the instruction, of one relative to it, of the next one. */
export const RS1 = 256, RS2 = 257, IMM = 258, ADD_IMM = 259, SUM = 260, PC = 261, PC_IMM = 262, NEXT_PC = 263;
/** The whole access: a load pushes what it has got. Pops a result. */
export const LOAD = 264, STORE = 265, RD = 266, FRD = 267;
/** The value that STORE takes. */
const STORED = 268;

export type Recipe = readonly number[];

export function recipeOf({ sem }: Instruction): Recipe | null {
  const r = new Recorder();
  sem(r);
  return r.recipe();
}

class Recorder extends WasmOps {
  readonly #steps: number[] = [];
  #isSimple = true;

  constructor() { super(new Code(0, 64)); }

  recipe(): Recipe | null {
    this.#flush();
    return this.#isSimple && this.code.locals.length === 0 ? this.#steps : null;
  }

  rs1(): undefined { this.#step(RS1); }
  rs2(): undefined { this.#step(RS2); }
  imm(): undefined { this.#step(IMM); }
  pc(): undefined { this.#step(PC); }
  nextPc(): undefined { this.#step(NEXT_PC); }
  setRd(): void { this.#step(RD); }
  setFrd(): void { this.#step(FRD); }
  frs2Bits(): undefined { this.#step(STORED); }

  override add(): undefined {
    this.#flush();
    const steps = this.#steps, last = steps.at(-1), before = steps.at(-2);
    if (last === IMM) steps.splice(before === PC ? -2 : -1, 2, before === PC ? PC_IMM : ADD_IMM);
    else if (last === RS2 && before === RS1) steps.splice(-2, 2, SUM);
    else this.code.op(w.i64_add);
  }

  /** The address is the first register and the immediate, as the groups have it. */
  load(): undefined { this.#replace([RS1, ADD_IMM], LOAD); }
  store(): void {
    this.#flush();
    if (this.#steps.at(-1) === RS2) this.#steps.splice(-1, 1, STORED);
    this.#replace([RS1, ADD_IMM, STORED], STORE);
  }

  /** The caller's. */
  branch(): void {}
  jump(): void {}

  jumpTo(): void { this.#isSimple = false; }
  system(): void { this.#isSimple = false; }
  atomic(): void { this.#isSimple = false; }
  atomicLoad(): undefined {}
  atomicStore(): void {}
  reserve(): void {}
  storeConditional(): undefined {}
  frs1Bits(): undefined { this.#isSimple = false; }
  float(): void { this.#isSimple = false; }

  #step(step: number): void {
    this.#flush();
    this.#steps.push(step);
  }

  /** Bytes written since the last step. */
  #flush(): void {
    for (const b of this.code.view()) this.#steps.push(b);
    this.code.clear();
  }

  #replace(last: readonly number[], step: number): void {
    this.#flush();
    const from = this.#steps.length - last.length;
    if (!last.every((s, i) => this.#steps[from + i] === s)) this.#isSimple = false;
    this.#steps.splice(from, last.length, step);
  }
}
