// The shape of an instruction row. Encodings read left to right as in the listings of the RISC-V Unprivileged ISA: literal bits, rd rs1 rs2 rs3 rm,
// imm[...] (sign-extended from its highest bit) or uimm[...], where [a:b|c] lists the immediate's bits from left to right; `-` is a bit of no meaning.
import type { Semantics } from './ops.ts';

export interface Row {
  readonly enc: string;
  /** Operands in assembly order: rd rs1 rs2 (x registers), fd fs1 fs2 fs3 (f registers), imm, uimm, imm20 (imm >>> 12), target, csr, zimm, rm, fence sets, `imm(rs1)`. */
  readonly asm: string;
  readonly sem: Semantics;
}

/** A compressed instruction: the same row as its expansion, with operands from `enc` or fixed by `with`. */
export interface CompressedRow {
  readonly enc: string;
  readonly asm: string;
  readonly to: string;
  /** Operands that the encoding does not hold: register numbers, or the name of the field they equal. */
  readonly with?: Readonly<Record<string, number | 'rd' | 'rs1'>>;
  /** Field values that are reserved here or belong to another row. */
  readonly not?: Readonly<Record<string, readonly number[]>>;
}
