// The floating-point status that a translation is for: rounding mode and NX of fcsr. A region has a function for each version; where the status is no longer for the
// one at hand, the other goes on. (RISC-V Unprivileged ISA, "Floating-Point Control and Status Register".)
import type { Local } from '../isa/wasm-ops.ts';
import { CTX_FCSR } from '../machine.ts';
import * as w from '../wasm/opcodes.ts';
import type { Body, Label } from './body.ts';
import type { StatusVersion } from './region-float.ts';

/** Rounding mode and NX in fcsr. */
const STATUS = 0xe1;

export class FloatStatus {
  /** Rounding mode and NX, in version other; else none. */
  readonly local: Local;
  readonly #c: Body;
  readonly #base: number;
  readonly #version: StatusVersion;

  /** `base`: of the hart's context. */
  constructor(code: Body, base: number, version: StatusVersion) {
    this.#c = code;
    this.#base = base;
    this.#version = version;
    this.local = version === 'other' ? code.local(w.i32, 'status') : -1;
  }

  /** Pushes fcsr. */
  load(): void { this.#c.i32Const(0); this.#c.mem(w.i32_load, 2, this.#base + CTX_FCSR); }

  /** Pushes fcsr as far as floating point looks at it. */
  look(): void {
    if (this.#version === 'nx') this.#c.i32Const(1);
    else if (this.#version === 'other') this.#c.get(this.local);
    else this.load();
  }

  /** Pops a new fcsr, and stores it; keeps it in `value`. To `exit` if it is for the other version. */
  store(value: Local, exit: Label): void {
    const c = this.#c;
    c.set(value);
    if (this.#version !== 'any') { c.get(value); this.#isOther(); c.toIf(exit); }
    c.i32Const(0); c.get(value); c.mem(w.i32_store, 2, this.#base + CTX_FCSR);
    if (this.#version === 'other') { c.get(value); this.#keep(); }
  }

  /** The function begins, or somebody else has run: keeps what it works with. */
  reload(): void { if (this.#version === 'other') { this.load(); this.#keep(); } }

  /** Condition: the status is for the other version. */
  hasChanged(): void { this.load(); this.#isOther(); }

  /** Pops fcsr. */
  #keep(): void { const c = this.#c; c.i32Const(STATUS); c.op(w.i32_and); c.set(this.local); }

  /** Pops fcsr; condition: it is for the other version. */
  #isOther(): void {
    const c = this.#c;
    c.i32Const(STATUS); c.op(w.i32_and); c.i32Const(1); c.op(this.#version === 'nx' ? w.i32_ne : w.i32_eq);
  }
}
