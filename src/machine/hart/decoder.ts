// Fills decoded pages: from the instruction where execution stopped to the next unconditional jump, decoded slot or page end.
import { decode, Decoded } from '../isa/decode.ts';
import { type Instruction, INSTRUCTIONS } from '../isa/table.ts';
import { RM_DYN } from '../isa/registers.ts';
import { traitsOf } from '../isa/traits.ts';
import type { RamImpl } from '../ram.ts';
import { CSR_FFLAGS } from './csr.ts';
import { roundingOf } from './interp-ops.ts';
import { H_ECALL, H_NOP2, H_NOP4, H_PLT, H_SLOW, H_UNDECODED, OP_A, OP_B, OP_HANDLER, OP_IMM, OP_RM, OP_RS2, OP_RS3 } from './op.ts';
import { PLT_JUMP, PLT_TARGET } from './plt.ts';
import { H_AUIPC_LD, handlerOf, pairHandlerOf } from './variants.ts';

/** What decoding asks of an instruction, as bits. */
const HAS_IMM = 1, HAS_RD = 2, IS_BRANCH = 4, USES_PC = 8, ENDS_RUN = 16, IS_PURE = 32, IS_CSR = 64, IS_ECALL = 128, IS_ROUNDED = 256;
const facts = Uint16Array.from(INSTRUCTIONS, factsOf);

/** Words whose ops are remembered: one in each place, at first what no instruction is. */
const PLACES = 8192, NO_WORD = 0x10000;

export class Decoder {
  readonly #ram: RamImpl;
  readonly #d = new Decoded();
  /** Programs say the same again and again: the last word of each place, and its op. Only such that have the same at every address, and do not end a run. */
  readonly #words = new Int32Array(PLACES).fill(NO_WORD);
  readonly #ops = new Int32Array(PLACES * 2);

  constructor(ram: RamImpl) { this.#ram = ram; }

  /** Decodes the page `ops` of the frame `pfn` from `offset` on. */
  decodeRun(ops: number, pfn: number, offset: number): void {
    const { u16, i32 } = this.#ram, words = this.#words, known = this.#ops;
    const page = pfn * 2048;
    let previous = -1;
    for (let at = offset; at < 4096;) {
      const op = ops + at * 4 >>> 1;
      if (u16[op] !== H_UNDECODED) return;
      const half = u16[page + (at >>> 1)]!;
      const isLong = (half & 3) === 3;
      // Half of a straddling instruction: the other half depends on the virtual page, so it is never cached.
      if (isLong && at === 4094) { u16[op] = H_SLOW; return; }
      const word = isLong ? half | u16[page + (at >>> 1) + 1]! << 16 : half, place = Math.imul(word, 0x9e3779b1) >>> 19;
      let ends = false;
      if (words[place] === word) {
        i32[op >>> 1] = known[place * 2]!;
        i32[(op >>> 1) + 1] = known[place * 2 + 1]!;
      } else {
        const f = this.#put(op * 2, word, at, 'near');
        ends = (f & ENDS_RUN) !== 0;
        if ((f & (IS_BRANCH | USES_PC | ENDS_RUN)) === 0) {
          words[place] = word;
          known[place * 2] = i32[op >>> 1]!;
          known[place * 2 + 1] = i32[(op >>> 1) + 1]!;
        }
      }
      if (previous >= 0) {
        // The first of a pair gets the handler of both. The second is not paired itself yet, since decoding runs forward.
        const handler = pairHandlerOf(u16[previous]!, u16[op]!);
        if (handler !== 0) u16[previous] = handler === H_AUIPC_LD && this.#isPltEntry(previous * 2, op * 2, page + (at >>> 1)) ? H_PLT : handler;
      }
      if (ends) return;
      previous = op;
      at += isLong ? 4 : 2;
    }
  }

  /** The ops of an auipc and of the ld at halfword `at` of RAM begin one. */
  #isPltEntry(auipc: number, ld: number, at: number): boolean {
    const { u8, u16 } = this.#ram, t3 = PLT_TARGET * 8;
    if (u8[auipc + OP_A] !== t3 || u8[ld + OP_A] !== t3 || u8[ld + OP_B] !== t3 || at % 2048 > 2044) return false;
    return (u16[at + 2]! | u16[at + 3]! << 16) === PLT_JUMP;
  }

  /** Decodes one instruction into the scratch page `ops`, where nothing else is decoded: its jumps all leave the page. */
  decodeAlone(ops: number, word: number, offset: number): void { this.#put(ops + offset * 4, word, offset, 'far'); }

  /** Writes the op of `word`; answers its facts. */
  #put(op: number, word: number, offset: number, reach: 'near' | 'far'): number {
    const d = this.#d;
    const { u8, i32, u16 } = this.#ram;
    if (!decode(word, d)) { u16[op + OP_HANDLER >>> 1] = H_SLOW; return ENDS_RUN; }
    const insn = d.insn!, f = facts[insn.index]!;
    const isLocal = reach === 'near' && offset + d.imm >= 0 && offset + d.imm < 4096;
    const isBranch = (f & IS_BRANCH) !== 0;
    u16[op + OP_HANDLER >>> 1] = this.#handler(insn, f, isBranch && !isLocal ? 'far' : 'near');
    u8[op + OP_B] = d.rs1 * 8;
    if ((f & HAS_IMM) === 0) {
      u8[op + OP_A] = d.rd * 8;
      u8[op + OP_RS2] = d.rs2 * 8;
      u8[op + OP_RS3] = d.rs3 * 8;
      u8[op + OP_RM] = d.rm;
      return f;
    }
    u8[op + OP_A] = ((f & HAS_RD) === 0 ? d.rs2 : d.rd) * 8;
    i32[op + OP_IMM >>> 2] = isBranch && isLocal ? d.imm * 4 : (f & USES_PC) !== 0 ? d.imm + offset : d.imm;
    return f;
  }

  #handler(insn: Instruction, f: number, reach: 'near' | 'far'): number {
    const d = this.#d;
    if ((f & IS_ROUNDED) !== 0 && d.rm !== 0 && d.rm !== RM_DYN) return H_SLOW;
    if ((f & IS_CSR) !== 0 && d.imm !== CSR_FFLAGS) return H_SLOW;
    if (d.rd === 0 && (f & HAS_RD) !== 0) {
      const exact = handlerOf(insn, d.length, reach, 'x0');
      if (exact >= 0) return exact;
      if ((f & IS_PURE) !== 0) return d.length === 2 ? H_NOP2 : H_NOP4;
    }
    const handler = handlerOf(insn, d.length, reach, 'used');
    return handler >= 0 ? handler : (f & IS_ECALL) !== 0 ? H_ECALL : H_SLOW;
  }
}

/** Nothing need follow a jump, a system call or an illegal instruction. */
function factsOf(insn: Instruction): number {
  const { control, system, usesPc, isPure } = traitsOf(insn), { fields } = insn.encoding;
  return (fields.imm === undefined ? 0 : HAS_IMM) | (fields.rd === undefined ? 0 : HAS_RD) | (control === 'branch' || control === 'jump' ? IS_BRANCH : 0)
    | (usesPc ? USES_PC : 0) | (control === 'jump' || control === 'indirect' || system !== null && system !== 'csr' ? ENDS_RUN : 0)
    | (isPure ? IS_PURE : 0) | (system === 'csr' ? IS_CSR : 0) | (system === 'ecall' ? IS_ECALL : 0) | (roundingOf(insn) === '0 or 7' ? IS_ROUNDED : 0);
}
