// The labels of the interpreter function: nested wasm blocks, the handlers' own inside the last one. Branch depths are counted from here.
import type { Code } from '../wasm/code.ts';
import * as w from '../wasm/opcodes.ts';

/**
 * Outermost first. exitAt, exit, undo: leave with the code on the stack, with pc from `addr`, with pc from `op`, and with the instruction not counted.
 * next: the loop. far, jump: to the address in `addr`; jump tests fuel. The others put their EXIT code on the stack.
 */
const LABELS = ['exitAt', 'exit', 'undo', 'next', 'far', 'jump', 'missLoad', 'missStore', 'missAtomic', 'slow', 'fuelOut'] as const;
export type Label = (typeof LABELS)[number];

export class LabelStack {
  readonly #code: Code;
  #closed = 0;
  /** Blocks open inside the last label. */
  #inner = 0;

  constructor(code: Code) { this.#code = code; }

  openAll(): void {
    for (const l of LABELS) this.#code.open(l === 'next' ? w.loop : w.block, l === 'exitAt' || l === 'exit' || l === 'undo' ? w.i32 : w.empty);
  }

  /** Ends the innermost label, which must be `label`. */
  close(label: Label): void {
    if (this.#inner !== 0 || LABELS[LABELS.length - 1 - this.#closed] !== label) throw new Error(`${label} is not the innermost label`);
    this.#closed++;
    this.#code.end();
  }

  openInner(opcode: number): void { this.#code.open(opcode); this.#inner++; }
  closeInner(): void { this.#code.end(); this.#inner--; }

  /** How far out `label` is. */
  depth(label: Label): number { return this.#inner + LABELS.length - 1 - this.#closed - LABELS.indexOf(label); }

  /** Leaves the function with an EXIT code. */
  leave(code: number, label: 'exitAt' | 'exit' | 'undo'): void {
    this.#code.i32Const(code);
    this.#code.br(this.depth(label));
  }
}
