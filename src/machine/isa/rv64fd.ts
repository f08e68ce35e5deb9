// The rows that F and D share, once per format (RISC-V Unprivileged ISA, chapters "F Extension" and "D Extension"). What rounds, compares or converts is
// `float`: the hart executes it by name (fpu/), natively where that is provably exact. Only loads, stores and their NaN boxes are spelled out.
import type { Row } from './row.ts';

type Format = 's' | 'd';

/** Rows of one format; `other` formats are converted from and to in the row set of D. */
export function floatRows(format: Format): Record<string, Row> {
  const fmt = format === 's' ? '00' : '01';
  const rows: Record<string, Row> = {};
  const row = (name: string, enc: string, asm: string): void => { rows[name] = { enc, asm, sem: m => m.float() }; };

  for (const [name, opcode] of [['fmadd', '1000011'], ['fmsub', '1000111'], ['fnmsub', '1001011'], ['fnmadd', '1001111']] as const)
    row(`${name}.${format}`, `rs3 ${fmt} rs2 rs1 rm rd ${opcode}`, 'fd, fs1, fs2, fs3, rm');
  for (const [name, funct5] of [['fadd', '00000'], ['fsub', '00001'], ['fmul', '00010'], ['fdiv', '00011']] as const)
    row(`${name}.${format}`, `${funct5} ${fmt} rs2 rs1 rm rd 1010011`, 'fd, fs1, fs2, rm');
  row(`fsqrt.${format}`, `01011 ${fmt} 00000 rs1 rm rd 1010011`, 'fd, fs1, rm');

  for (const [name, funct5, funct3] of [['fsgnj', '00100', '000'], ['fsgnjn', '00100', '001'], ['fsgnjx', '00100', '010'], ['fmin', '00101', '000'], ['fmax', '00101', '001']] as const)
    row(`${name}.${format}`, `${funct5} ${fmt} rs2 rs1 ${funct3} rd 1010011`, 'fd, fs1, fs2');
  for (const [name, funct3] of [['fle', '000'], ['flt', '001'], ['feq', '010']] as const)
    row(`${name}.${format}`, `10100 ${fmt} rs2 rs1 ${funct3} rd 1010011`, 'rd, fs1, fs2');
  row(`fclass.${format}`, `11100 ${fmt} 00000 rs1 001 rd 1010011`, 'rd, fs1');

  ['w', 'wu', 'l', 'lu'].forEach((type, i) => {
    const rs2 = i.toString(2).padStart(5, '0');
    row(`fcvt.${type}.${format}`, `11000 ${fmt} ${rs2} rs1 rm rd 1010011`, 'rd, fs1, rm');
    row(`fcvt.${format}.${type}`, `11010 ${fmt} ${rs2} rs1 rm rd 1010011`, 'fd, rs1, rm');
  });
  const moved = format === 's' ? 'w' : 'd';
  row(`fmv.x.${moved}`, `11100 ${fmt} 00000 rs1 000 rd 1010011`, 'rd, fs1');
  row(`fmv.${moved}.x`, `11110 ${fmt} 00000 rs1 000 rd 1010011`, 'fd, rs1');
  return rows;
}
