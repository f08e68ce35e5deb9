// What the translator wants to know of a row of the instruction table, once for all: masks and small integers, so that nothing is looked up by name for each instruction.
import type { RoundingField } from '../fpu/fast.ts';
import { roundingOf } from '../hart/interp-ops.ts';
import { WIDTH_BYTES } from '../isa/ops.ts';
import { type Instruction, INSTRUCTIONS } from '../isa/table.ts';
import { type Traits, traitsOf } from '../isa/traits.ts';
import { NARROW_ROWS, type NarrowRow } from './narrow-ops.ts';
import { type Recipe, recipeOf } from './recipes.ts';

export interface RowFacts extends Traits {
  /** All ones where the operand names a register of that file. */
  readonly rdX: number;
  readonly rdF: number;
  readonly rs1X: number;
  readonly rs1F: number;
  readonly rs2X: number;
  readonly rs2F: number;
  readonly rs3F: number;
  /** It may hand over to the hart. */
  readonly leaves: boolean;
  /** A plain load or store: bytes that it goes to, or 0. */
  readonly bytes: number;
  readonly result: ResultWidth;
  /** How it is written in 32 bits, and at all; null: not so. */
  readonly narrow: NarrowRow | null;
  readonly recipe: Recipe | null;
  /** It does nothing else than to write rd. */
  readonly onlyWrites: boolean;
  /** Rounding or NX matters to it. */
  readonly rounds: boolean;
  /** The rounding modes that it may have. */
  readonly rounding: RoundingField;
  /** Something of floating point may be known behind it that was not in front of it. */
  readonly isFloating: boolean;
}

/**
 * When the result is a sign-extended 32-bit number: never; whatever it is given; where both operands are; where the first one is; so too, or with an immediate
 * that is not negative; for a constant or a copy of one; for a sum with x0, which is a copy too; where few bits are left.
 */
export type ResultWidth = 'wide' | 'narrow' | 'both' | 'first' | 'masked' | 'copied' | 'moved' | 'upper';

const NARROW = new Set(['addiw', 'slliw', 'srliw', 'sraiw', 'addw', 'subw', 'sllw', 'srlw', 'sraw', 'mulw', 'lb', 'lh', 'lw', 'lbu', 'lhu', 'lui', 'slt', 'slti', 'sltu', 'sltiu', 'divw', 'divuw', 'remw', 'remuw']);
const BY_OPERANDS: ReadonlyMap<string, ResultWidth> = new Map([
  ['and', 'both'], ['or', 'both'], ['xor', 'both'], ['ori', 'first'], ['xori', 'first'], ['andi', 'masked'], ['addi', 'copied'], ['add', 'moved'], ['srli', 'upper'], ['srai', 'upper'],
]);

export function factsOf(insn: Instruction): RowFacts { return facts[insn.index] ??= listFacts(insn); }

const facts: (RowFacts | undefined)[] = INSTRUCTIONS.map(() => undefined);

function listFacts(insn: Instruction): RowFacts {
  const traits = traitsOf(insn), { memory } = traits, operands = insn.asm.split(/\W+/);
  // Which operand fields name which file is read off the assembly syntax.
  const names = (operand: string): number => (operands.includes(operand) ? -1 : 0);
  return {
    ...traits,
    rdX: names('rd'), rdF: names('fd'), rs1X: names('rs1'), rs1F: names('fs1'), rs2X: names('rs2'), rs2F: names('fs2'), rs3F: names('fs3'),
    leaves: memory !== 'none' || traits.isFloat || traits.system !== null,
    bytes: memory === 'load' || memory === 'store' ? WIDTH_BYTES[traits.width!] : 0,
    result: NARROW.has(insn.name) ? 'narrow' : BY_OPERANDS.get(insn.name) ?? 'wide',
    narrow: NARROW_ROWS.get(insn.name) ?? null,
    recipe: recipeOf(insn),
    onlyWrites: traits.isPure || traits.control === 'jump',
    rounding: roundingOf(insn),
    rounds: traits.isFloat && insn.encoding.fields.rm !== undefined,
    isFloating: traits.system === 'csr' || insn.extension === 'F' || insn.extension === 'D',
  };
}
