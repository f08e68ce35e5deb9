// Instruction words as text, from the table's encodings and operand syntax alone.
import { decode, Decoded } from './decode.ts';
import { CSR_NAMES, F_NAMES, RM_DYN, RM_NAMES, X_NAMES } from './registers.ts';


/** Text of the instruction that starts with `word`; branch targets are absolute, from `pc`. The length is 2 if (word & 3) != 3, else 4. */
export function disassemble(word: number, pc = 0): string {
  const d = new Decoded();
  if (!decode(word, d)) return (word & 3) === 3 ? `.word 0x${(word >>> 0).toString(16)}` : `.half 0x${(word & 0xffff).toString(16)}`;
  const suffix = d.insn!.extension === 'A' && d.compressed === null ? ['', '.rl', '.aq', '.aqrl'][word >>> 25 & 3]! : '';
  return textOf(d, pc, suffix);
}

/** Text of a decoded instruction. Acquire and release are no longer in it: `suffix` says so where it matters. */
export function textOf(d: Decoded, pc = 0, suffix = ''): string {
  const spelled = d.compressed ?? d.insn!;
  // A dynamic rounding mode goes without saying.
  const asm = d.rm === RM_DYN ? spelled.asm.replace(', rm', '') : spelled.asm;
  const operands = asm.replace(OPERAND, field => operand(d, field.replace("'", ''), pc));
  return operands === '' ? spelled.name + suffix : `${spelled.name}${suffix} ${operands}`;
}

/** The fields of an operand syntax; what is left is punctuation and fixed registers. */
const OPERAND = /\b(?:[rf]d|[rf]s[123]|u?imm|imm20|target|csr|zimm|rm|pred|succ)\b'?/g;

function operand(d: Decoded, field: string, pc: number): string {
  switch (field) {
    case 'rd': return X_NAMES[d.rd]!;
    case 'rs1': return X_NAMES[d.rs1]!;
    case 'rs2': return X_NAMES[d.rs2]!;
    case 'fd': return F_NAMES[d.rd]!;
    case 'fs1': return F_NAMES[d.rs1]!;
    case 'fs2': return F_NAMES[d.rs2]!;
    case 'fs3': return F_NAMES[d.rs3]!;
    case 'imm20': return hex(d.imm >>> 12);
    case 'target': return hex(pc + d.imm);
    case 'csr': return CSR_NAMES.get(d.imm) ?? hex(d.imm);
    case 'zimm': return String(d.rs1);
    case 'rm': return RM_NAMES[d.rm]!;
    case 'pred': return fenceSet(d.imm >>> 4);
    case 'succ': return fenceSet(d.imm & 15);
    default: return String(d.imm);
  }
}

const hex = (n: number): string => `${n < 0 ? '-' : ''}0x${Math.abs(n).toString(16)}`;

function fenceSet(bits: number): string {
  const letters = [...'iorw'].filter((_, i) => (bits & 8 >> i) !== 0).join('');
  return letters === '' ? '0' : letters;
}
