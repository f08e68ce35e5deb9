// The reference model: the same semantics on BigInt, one instruction at a time, for tests. Slow and obvious. Floating point is done by reference-fp.ts, which
// shares nothing with the hart.
import type { Decoded } from './decode.ts';
import { type Ops, type SystemOp, type Width, WIDTH_BYTES } from './ops.ts';
import { refFp } from './reference-fp.ts';

/** Memory of the model: little-endian, no faults, no alignment. */
export interface ReferenceMemory {
  read(addr: bigint, bytes: number): bigint;
  write(addr: bigint, bytes: number, v: bigint): void;
}

const u64 = (v: bigint): bigint => BigInt.asUintN(64, v);
const s64 = (v: bigint): bigint => BigInt.asIntN(64, v);
const RM_DYN = 7, MAX_RM = 4;

/** Architectural state; all values unsigned. Step it with `execute`. */
export class Reference implements Ops<bigint, boolean, bigint> {
  readonly x: bigint[] = Array<bigint>(32).fill(0n);
  readonly f: bigint[] = Array<bigint>(32).fill(0n);
  fcsr = 0;
  pcNow = 0n;
  /** What the last instruction asked of its surroundings. */
  event: SystemOp | null = null;
  readonly #memory: ReferenceMemory;
  #d!: Decoded;
  #next = 0n;
  #atomicAddr = 0n;
  #reserved: { readonly addr: bigint; readonly value: bigint } | null = null;

  constructor(memory: ReferenceMemory) { this.#memory = memory; }

  /** Executes one decoded instruction at pc. */
  execute(d: Decoded): void {
    this.#d = d;
    this.event = null;
    this.#next = u64(this.pcNow + BigInt(d.length));
    d.insn!.sem(this);
    if (this.event === null) this.pcNow = this.#next;
  }

  rs1(): bigint { return this.x[this.#d.rs1]!; }
  rs2(): bigint { return this.x[this.#d.rs2]!; }
  imm(): bigint { return u64(BigInt(this.#d.imm)); }
  setRd(v: bigint): void { if (this.#d.rd !== 0) this.x[this.#d.rd] = u64(v); }
  const(lo: number, hi: number = lo >> 31): bigint { return u64(BigInt(hi) << 32n) | BigInt(lo >>> 0); }
  let(v: bigint): bigint { return v; }
  get(l: bigint): bigint { return l; }

  add(a: bigint, b: bigint): bigint { return u64(a + b); }
  sub(a: bigint, b: bigint): bigint { return u64(a - b); }
  mul(a: bigint, b: bigint): bigint { return u64(a * b); }
  mulHighU(a: bigint, b: bigint): bigint { return a * b >> 64n; }
  divS(a: bigint, b: bigint): bigint { return b === 0n ? u64(-1n) : u64(s64(a) / s64(b)); }
  divU(a: bigint, b: bigint): bigint { return b === 0n ? u64(-1n) : a / b; }
  remS(a: bigint, b: bigint): bigint { return b === 0n ? a : u64(s64(a) % s64(b)); }
  remU(a: bigint, b: bigint): bigint { return b === 0n ? a : a % b; }
  and(a: bigint, b: bigint): bigint { return a & b; }
  or(a: bigint, b: bigint): bigint { return a | b; }
  xor(a: bigint, b: bigint): bigint { return a ^ b; }
  shl(a: bigint, n: bigint): bigint { return u64(a << (n & 63n)); }
  shrS(a: bigint, n: bigint): bigint { return u64(s64(a) >> (n & 63n)); }
  shrU(a: bigint, n: bigint): bigint { return a >> (n & 63n); }
  rotl(a: bigint, n: bigint): bigint { return u64(a << (n & 63n)) | a >> (64n - (n & 63n)); }
  rotr(a: bigint, n: bigint): bigint { return this.rotl(a, 64n - (n & 63n)); }
  clz(a: bigint): bigint { return 64n - (a === 0n ? 0n : BigInt(a.toString(2).length)); }
  ctz(a: bigint): bigint { return a === 0n ? 64n : BigInt((a & -a).toString(2).length - 1); }
  popcnt(a: bigint): bigint { return BigInt(a.toString(2).replaceAll('0', '').length); }
  sext8(a: bigint): bigint { return u64(BigInt.asIntN(8, a)); }
  sext16(a: bigint): bigint { return u64(BigInt.asIntN(16, a)); }
  sext32(a: bigint): bigint { return u64(BigInt.asIntN(32, a)); }
  zext32(a: bigint): bigint { return BigInt.asUintN(32, a); }
  eq(a: bigint, b: bigint): boolean { return a === b; }
  ne(a: bigint, b: bigint): boolean { return a !== b; }
  ltS(a: bigint, b: bigint): boolean { return s64(a) < s64(b); }
  ltU(a: bigint, b: bigint): boolean { return a < b; }
  geS(a: bigint, b: bigint): boolean { return s64(a) >= s64(b); }
  geU(a: bigint, b: bigint): boolean { return a >= b; }
  bool(c: boolean): bigint { return c ? 1n : 0n; }
  select(a: bigint, b: bigint, c: boolean): bigint { return c ? a : b; }

  pc(): bigint { return this.pcNow; }
  nextPc(): bigint { return u64(this.pcNow + BigInt(this.#d.length)); }
  branch(c: boolean): void { if (c) this.jump(); }
  jump(): void { this.#next = u64(this.pcNow + BigInt(this.#d.imm)); }
  jumpTo(v: bigint): void { this.#next = v & ~1n; }
  nop(): void {}
  system(op: SystemOp): void { this.event = op; }

  load(width: Width, addr: bigint): bigint {
    const v = this.#memory.read(addr, WIDTH_BYTES[width]);
    return width.startsWith('i') ? u64(BigInt.asIntN(WIDTH_BYTES[width] * 8, v)) : v;
  }
  store(width: Width, addr: bigint, v: bigint): void { this.#memory.write(addr, WIDTH_BYTES[width], BigInt.asUintN(WIDTH_BYTES[width] * 8, v)); }
  atomic(_width: 'i32' | 'i64', addr: bigint): void { this.#atomicAddr = addr; }
  atomicLoad(width: 'i32' | 'i64'): bigint { return this.load(width, this.#atomicAddr); }
  atomicStore(width: 'i32' | 'i64', v: bigint): void { this.store(width, this.#atomicAddr, v); }
  reserve(_width: 'i32' | 'i64', value: bigint): void { this.#reserved = { addr: this.#atomicAddr, value }; }
  storeConditional(width: 'i32' | 'i64', v: bigint): bigint {
    const r = this.#reserved;
    this.#reserved = null;
    if (r === null || r.addr !== this.#atomicAddr || r.value !== this.atomicLoad(width)) return 1n;
    this.atomicStore(width, v);
    return 0n;
  }

  frs1Bits(): bigint { return this.f[this.#d.rs1]!; }
  frs2Bits(): bigint { return this.f[this.#d.rs2]!; }
  setFrd(bits: bigint): void { this.f[this.#d.rd] = bits; }

  float(): void {
    const { insn, rs1, rs2, rs3, rm } = this.#d;
    const mode = rm === RM_DYN ? this.fcsr >> 5 & 7 : rm;
    if (insn!.encoding.fields.rm !== undefined && mode > MAX_RM) { this.event = 'illegal'; return; }
    const a = /\bfs1\b/.test(insn!.asm) ? this.f[rs1]! : this.x[rs1]!;
    const { result, flags } = refFp(insn!.name, a, this.f[rs2]!, this.f[rs3]!, mode);
    if (insn!.asm.startsWith('fd')) this.f[this.#d.rd] = u64(result);
    else this.setRd(result);
    this.fcsr |= flags;
  }
}
