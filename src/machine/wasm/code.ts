// A function body in the making: a sink with one method per shape of immediate. Locals are declared as they are asked for.
import * as w from './opcodes.ts';
import { ByteSink } from './sink.ts';

export class Code extends ByteSink {
  /** Types of the locals after the parameters. */
  readonly locals: number[] = [];
  /** Their names, for readers; '' where they have none. */
  readonly localNames: string[] = [];
  readonly #params: number;

  constructor(params: number, capacity = 1024) {
    super(capacity);
    this.#params = params;
  }

  /** A fresh local of `type`; answers its index. */
  local(type: number, name = ''): number {
    this.localNames.push(name);
    return this.#params + this.locals.push(type) - 1;
  }

  op(opcode: number): void { this.u8(opcode); }
  get(local: number): void { this.pair(w.local_get, local); }
  set(local: number): void { this.pair(w.local_set, local); }
  tee(local: number): void { this.pair(w.local_tee, local); }
  i32Const(n: number): void {
    if (n >= -64 && n < 64) { this.pair(w.i32_const, n & 127); return; }
    this.u8(w.i32_const);
    this.s32(n);
  }
  i64Const(lo: number, hi = lo >> 31): void {
    if (lo >= -64 && lo < 64 && hi === lo >> 31) { this.pair(w.i64_const, lo & 127); return; }
    this.u8(w.i64_const);
    this.s64(lo, hi);
  }
  /** block, loop or if, with a value type or `empty`. */
  open(opcode: number, type: number = w.empty): void { this.pair(opcode, type); }
  end(): void { this.u8(w.end); }
  br(depth: number): void { this.pair(w.br, depth); }
  brIf(depth: number): void { this.pair(w.br_if, depth); }
  call(fn: number): void { this.pair(w.call, fn); }
  brTable(depths: readonly number[], otherwise: number): void {
    this.u8(w.br_table);
    this.u32(depths.length);
    for (const d of depths) this.u32(d);
    this.u32(otherwise);
  }

  /** An instruction on vectors; lane numbers and memory operands follow. */
  simd(opcode: number): void { this.u8(w.prefix_fd); this.u32(opcode); }
  /** Lane 0, or another one, of a vector. */
  lane(opcode: number, lane = 0): void { this.simd(opcode); this.u8(lane); }
  /** A vector of ones. */
  allOnes(): void { this.simd(w.v128_const); for (let i = 0; i < 16; i++) this.u8(255); }
  /** Loads or stores lane 0 of 64 bits. */
  simdMem(opcode: typeof w.v128_load64_zero | typeof w.v128_store64_lane, align: number, offset: number): void {
    this.simd(opcode);
    this.u32(align);
    this.u32(offset);
    if (opcode === w.v128_store64_lane) this.u8(0);
  }

  /** Moves 64 bits between a fixed address and a local. */
  loadAt(address: number, local: number): void {
    this.pair(w.i32_const, 0);
    this.pair(w.i64_load, 3);
    this.u32(address);
    this.pair(w.local_set, local);
  }
  storeAt(address: number, local: number): void {
    this.pair(w.i32_const, 0);
    this.pair(w.local_get, local);
    this.pair(w.i64_store, 3);
    this.u32(address);
  }

  /** A load or store with alignment 2^`align` and a static offset. */
  mem(opcode: number, align: number, offset: number): void {
    this.pair(opcode, align);
    this.u32(offset);
  }
}
