// A function body that knows how many labels are open, so that a branch names the label and not its distance.
import { Code } from '../wasm/code.ts';
import * as w from '../wasm/opcodes.ts';

/** A label: how many were open once it was. */
export type Label = number;

export class Body extends Code {
  /** Pairs: a length of the code, and the offset of the guest instruction that begins there. For readers. */
  readonly marks: number[] = [];
  /** Pairs: where the number of a function of the module stands (`callOwn`), and it. */
  readonly calls: number[] = [];
  #level = 0;
  /** Where the last i64.reinterpret_f64 ends. */
  #asInteger = -1;
  /** Where the last `loadVector` ends. */
  #vector = -1;
  /** Where the last `bitsOfLane` ends. */
  #bitsOfLane = -1;

  override open(opcode: number, type: number = w.empty): Label {
    super.open(opcode, type);
    return ++this.#level;
  }
  override end(): void {
    super.end();
    this.#level--;
  }
  mark(at: number): void { this.marks.push(this.length, at); }
  to(label: Label): void { this.br(this.#level - label); }
  toIf(label: Label): void { this.brIf(this.#level - label); }
  toOneOf(labels: readonly Label[]): void {
    const depths = labels.map(l => this.#level - l);
    this.brTable(depths.slice(0, -1), depths.at(-1)!);
  }

  /** Pops bits, i64, pushes a vector with them. */
  splatBits(): void {
    if (this.#vector === this.length) return;
    if (this.#asInteger !== this.length) { this.simd(w.i64x2_splat); return; }
    this.length--;
    this.simd(w.f64x2_splat);
  }

  /** Pops an address, pushes the 64 bits there for `splatBits`. */
  loadVector(offset: number): void {
    this.simdMem(w.v128_load64_zero, 0, offset);
    this.#vector = this.length;
  }

  /** Pops a vector, pushes the bits of its first lane. */
  bitsOfLane(): void {
    this.lane(w.i64x2_extract_lane);
    this.#bitsOfLane = this.length;
  }

  /** A double's bits that are at once read as a double again have not moved. */
  override op(opcode: number): void {
    if (opcode !== w.f64_reinterpret_i64 && opcode !== w.i64_reinterpret_f64) { this.u8(opcode); return; }
    if (opcode === w.f64_reinterpret_i64 && this.#asInteger === this.length) { this.length--; this.#asInteger = -1; return; }
    if (opcode === w.f64_reinterpret_i64 && this.#bitsOfLane === this.length) { this.length -= 3; this.lane(w.f64x2_extract_lane); return; }
    super.op(opcode);
    if (opcode === w.i64_reinterpret_f64) this.#asInteger = this.length;
  }

  /** Writes again what stands between two lengths of the code. */
  repeat(from: number, to: number): void {
    this.reserve(to - from);
    this.bytes.copyWithin(this.length, from, to);
    this.length += to - from;
  }

  /** Calls a function of the module; five bytes for its number, so that the body can go into another module. */
  callOwn(fn: number): void {
    this.u8(w.call);
    this.calls.push(this.length, fn);
    for (let i = 0; i < 4; i++) this.u8(fn >>> 7 * i & 127 | 128);
    this.u8(fn >>> 28);
  }

  callIndirect(type: number): void { this.u8(w.call_indirect); this.u32(type); this.u32(0); }
}
