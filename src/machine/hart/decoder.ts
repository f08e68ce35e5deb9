// Fills decoded pages: from the instruction where execution stopped to the next unconditional jump, decoded slot or page end.
import { decode, Decoded } from '../isa/decode.ts';
import type { Instruction } from '../isa/table.ts';
import { RM_DYN } from '../isa/registers.ts';
import { traitsOf } from '../isa/traits.ts';
import type { RamImpl } from '../ram.ts';
import { CSR_FFLAGS } from './csr.ts';
import { roundingOf } from './interp-ops.ts';
import { H_ECALL, H_NOP2, H_NOP4, H_SLOW, H_UNDECODED, OP_A, OP_B, OP_HANDLER, OP_IMM, OP_RM, OP_RS2, OP_RS3 } from './op.ts';
import { handlerOf, pairHandlerOf } from './variants.ts';

export class Decoder {
  readonly #ram: RamImpl;
  readonly #d = new Decoded();

  constructor(ram: RamImpl) { this.#ram = ram; }

  /** Decodes the page `ops` of the frame `pfn` from `offset` on. */
  decodeRun(ops: number, pfn: number, offset: number): void {
    const { u16 } = this.#ram;
    const page = pfn * 2048;
    let previous = -1;
    for (let at = offset; at < 4096;) {
      const op = ops + at * 4;
      if (u16[op + OP_HANDLER >>> 1] !== H_UNDECODED) return;
      const half = u16[page + (at >>> 1)]!;
      const isLong = (half & 3) === 3;
      // Half of a straddling instruction: the other half depends on the virtual page, so it is never cached.
      if (isLong && at === 4094) { u16[op + OP_HANDLER >>> 1] = H_SLOW; return; }
      this.#put(op, isLong ? half | u16[page + (at >>> 1) + 1]! << 16 : half, at, 'near');
      if (previous >= 0) this.#pair(previous, op);
      previous = op;
      if (this.#endsRun()) return;
      at += isLong ? 4 : 2;
    }
  }

  /** Decodes one instruction into the scratch page `ops`, where nothing else is decoded: its jumps all leave the page. */
  decodeAlone(ops: number, word: number, offset: number): void { this.#put(ops + offset * 4, word, offset, 'far'); }

  #put(op: number, word: number, offset: number, reach: 'near' | 'far'): void {
    const d = this.#d;
    const { u8, i32, u16 } = this.#ram;
    if (!decode(word, d)) { u16[op + OP_HANDLER >>> 1] = H_SLOW; return; }
    const insn = d.insn!, { fields } = insn.encoding, traits = traitsOf(insn);
    const isLocal = reach === 'near' && offset + d.imm >= 0 && offset + d.imm < 4096;
    const isBranch = traits.control === 'branch' || traits.control === 'jump';
    const handler = this.#handler(insn, isBranch && !isLocal ? 'far' : 'near');
    u16[op + OP_HANDLER >>> 1] = handler;
    u8[op + OP_B] = d.rs1 * 8;
    if (fields.imm === undefined) {
      u8[op + OP_A] = d.rd * 8;
      u8[op + OP_RS2] = d.rs2 * 8;
      u8[op + OP_RS3] = d.rs3 * 8;
      u8[op + OP_RM] = d.rm;
      return;
    }
    u8[op + OP_A] = (fields.rd === undefined ? d.rs2 : d.rd) * 8;
    i32[op + OP_IMM >>> 2] = isBranch && isLocal ? d.imm * 4 : traits.usesPc ? d.imm + offset : d.imm;
  }

  /** Two neighbours that have a handler together: the first op gets it. The second is not paired itself yet, since decoding runs forward. */
  #pair(first: number, second: number): void {
    const { u16 } = this.#ram;
    const handler = pairHandlerOf(u16[first + OP_HANDLER >>> 1]!, u16[second + OP_HANDLER >>> 1]!);
    if (handler >= 0) u16[first + OP_HANDLER >>> 1] = handler;
  }

  #handler(insn: Instruction, reach: 'near' | 'far'): number {
    const d = this.#d;
    if (roundingOf(insn) === '0 or 7' && d.rm !== 0 && d.rm !== RM_DYN) return H_SLOW;
    if (traitsOf(insn).system === 'csr' && d.imm !== CSR_FFLAGS) return H_SLOW;
    if (d.rd === 0 && insn.encoding.fields.rd !== undefined) {
      const exact = handlerOf(insn, d.length, reach, 'x0');
      if (exact >= 0) return exact;
      if (traitsOf(insn).isPure) return d.length === 2 ? H_NOP2 : H_NOP4;
    }
    const handler = handlerOf(insn, d.length, reach, 'used');
    return handler >= 0 ? handler : traitsOf(insn).system === 'ecall' ? H_ECALL : H_SLOW;
  }

  /** Nothing need follow a jump, a system call or an illegal instruction. */
  #endsRun(): boolean {
    const { insn } = this.#d;
    if (insn === null) return true;
    const { control, system } = traitsOf(insn);
    return control === 'jump' || control === 'indirect' || system !== null && system !== 'csr';
  }
}
