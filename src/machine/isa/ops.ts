// What an instruction may do. The semantics of every row of the instruction table is one function over this interface; the interpreter, the translator
// and the reference model differ only in what a value is. Values are used once, in the order in which they were made (a stack machine's
// order); what is needed twice goes through `let` and `get`. All memory accesses and checks come before the first setRd: traps are precise.

/** Memory operand: size and extension. */
export type Width = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64';
export const WIDTH_BYTES: Readonly<Record<Width, number>> = { i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, i64: 8 };

/** Things the hart does outside the table: unwinding to the kernel, CSRs. */
export type SystemOp = 'ecall' | 'ebreak' | 'csr' | 'illegal';

/** V: a 64-bit value. C: a condition. L: a name for a value. */
export interface Ops<V, C, L> {
  // operands
  rs1(): V;
  rs2(): V;
  imm(): V;
  setRd(v: V): void;
  /** 64-bit constant from halves; hi defaults to the sign of lo. */
  const(lo: number, hi?: number): V;
  let(v: V): L;
  get(l: L): V;
  // arithmetic modulo 2^64; shift counts are taken modulo 64
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  mulHighU(a: V, b: V): V;
  /** Division as RISC-V defines it: never traps (M extension, table "semantics for division by zero and overflow"). */
  divS(a: V, b: V): V;
  divU(a: V, b: V): V;
  remS(a: V, b: V): V;
  remU(a: V, b: V): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  xor(a: V, b: V): V;
  shl(a: V, n: V): V;
  shrS(a: V, n: V): V;
  shrU(a: V, n: V): V;
  rotl(a: V, n: V): V;
  rotr(a: V, n: V): V;
  clz(a: V): V;
  ctz(a: V): V;
  popcnt(a: V): V;
  sext8(a: V): V;
  sext16(a: V): V;
  sext32(a: V): V;
  zext32(a: V): V;
  // conditions
  eq(a: V, b: V): C;
  ne(a: V, b: V): C;
  ltS(a: V, b: V): C;
  ltU(a: V, b: V): C;
  geS(a: V, b: V): C;
  geU(a: V, b: V): C;
  /** 0 or 1. */
  bool(c: C): V;
  /** c ? a : b, both evaluated. */
  select(a: V, b: V, c: C): V;
  // control
  pc(): V;
  nextPc(): V;
  /** To pc + imm if c, else on. Last thing an instruction does. */
  branch(c: C): void;
  /** To pc + imm. */
  jump(): void;
  /** To an address whose bit 0 is ignored. */
  jumpTo(v: V): void;
  nop(): void;
  system(op: SystemOp): void;
  // memory
  load(width: Width, addr: V): V;
  store(width: Width, addr: V, v: V): void;
  /** Checks that `addr` is aligned and readable or writable; the two below then go there. */
  atomic(width: 'i32' | 'i64', addr: V, access: 'read' | 'write'): void;
  atomicLoad(width: 'i32' | 'i64'): V;
  atomicStore(width: 'i32' | 'i64', v: V): void;
  /** LR: remembers address and value. */
  reserve(width: 'i32' | 'i64', v: V): void;
  /** SC: stores v if the reservation holds, ends it, and is 0 on success, 1 on failure. */
  storeConditional(width: 'i32' | 'i64', v: V): V;
  // floating point: raw bits; arithmetic is `float`, done by fpu/ from the row's name
  /** f[rs2] as stored. */
  frs2Bits(): V;
  frs1Bits(): V;
  setFrd(bits: V): void;
  /** The whole row through the floating-point unit. */
  float(): void;
}

/** Semantics of a row. */
export type Semantics = <V, C, L>(m: Ops<V, C, L>) => void;
