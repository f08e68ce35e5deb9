// A function body that tells when it is entered and how it is left, for statistics: imported functions are called at its begin and in front of every return.
import * as w from '../wasm/opcodes.ts';
import { Body } from './body.ts';

/** Which functions of the module are told, and of which region. */
export interface Counting { readonly id: number; readonly entered: number; readonly left: number }

/** Its function answers (fuel, pc): `left` gets the low word of pc, -1 where the reason is in the context. */
export class CountedBody extends Body {
  readonly #counting: Counting;
  readonly #pc: number;

  constructor(params: number, capacity: number, counting: Counting) {
    super(params, capacity);
    this.#counting = counting;
    this.#pc = this.local(w.i64);
    this.i32Const(counting.id);
    this.call(counting.entered);
  }

  override op(opcode: number): void {
    if (opcode === w.return_) {
      this.tee(this.#pc);
      this.i32Const(this.#counting.id);
      this.get(this.#pc);
      super.op(w.i32_wrap_i64);
      this.call(this.#counting.left);
    }
    super.op(opcode);
  }
}
