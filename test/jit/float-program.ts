// Programs for the differ that compute: loops full of floating point over few registers, with values that mostly stay ordinary, so that translated code does not
// leave at once; with changes of rounding mode and flags, and reads of them, in between.
import { INSTRUCTIONS } from '../../src/machine/isa/table.ts';
import { traitsOf } from '../../src/machine/isa/traits.ts';
import type { Random } from '../machine/random.ts';

const ROWS = INSTRUCTIONS.filter(i => traitsOf(i).isFloat || traitsOf(i).usesF);
/** What programs consist of mostly. */
const COMMON = ROWS.filter(i => /^(f(add|sub|mul|div|sqrt|madd|msub|nmsub|nmadd|eq|lt|le|sgnj|sgnjn|sgnjx)\.[sd]|fld|fsd|flw|fsw|fcvt\.d\.[wl]|fcvt\.[wl]\.d|fcvt\.s\.d|fcvt\.d\.s)$/.test(i.name));
const F = [0, 1, 8, 10, 11, 15, 28], X = [0, 5, 6, 10, 11, 12];
const STATUS = ['frflags t0', 'fsflags t0', 'frflags a0\nfeq.d a1, fa0, fa1\nfsflags a0', 'fsflags a0, a1', 'frcsr a2', 'frrm a1', 'fsrm x0', 'fsrm a2', 'fsflags x0', 'fsflagsi 1', 'csrsi fflags, 1', 'csrs fflags, a0', 'ecall'];

export class FloatProgram {
  readonly lines: string[] = [];
  blocks = 0;

  constructor(r: Random) {
    const format = r.below(3) === 0 ? null : r.below(2) === 0 ? '.d' : '.s';
    for (let b = 0; b < 2 + r.below(4); b++) {
      this.lines.push(`li s1, ${1 + r.below(30)}`, `b${b}:`);
      for (let n = 2 + r.below(14); n > 0; n--) this.#instruction(r, format);
      if (r.below(4) === 0) this.lines.push(`feq.d t0, fa0, fa1`, `beqz t0, s${b}`, `fadd.d fa0, fa0, fa1`, `s${b}:`);
      if (r.below(4) === 0) this.lines.push('call f');
      this.lines.push('addi s1, s1, -1', `bnez s1, b${b}`);
      this.blocks += 2;
    }
    this.lines.push('ebreak', 'f:');
    for (let n = r.below(5); n > 0; n--) this.#instruction(r, format);
    this.lines.push('ret');
  }

  #instruction(r: Random, format: string | null): void {
    if (r.below(14) === 0) { this.lines.push(STATUS[r.below(STATUS.length)]!); return; }
    const rows = r.below(8) === 0 ? ROWS : format === null ? COMMON : COMMON.filter(i => i.name.endsWith(format) || !i.name.includes('.')), row = rows[r.below(rows.length)]!;
    const { memory, width } = traitsOf(row), x = (): string => `x${X[r.below(X.length)]}`, f = (): string => `f${F[r.below(F.length)]}`;
    if (memory !== 'none') {
      this.lines.push(`${row.name} ${f()}, ${r.below(32) * (width === 'i64' ? 8 : 4) + (r.below(40) === 0 ? 1 : 0)}(s0)`);
      return;
    }
    // Now and then both operands are one register: a copy, a square.
    const one = r.below(4) === 0 ? f() : null;
    const text = row.asm.split(', ').map(field => (field === 'rd' || field === 'rs1' ? x() : field === 'fs1' || field === 'fs2' ? one ?? f() : field.startsWith('f') ? f() : field));
    const modes = ['rne', 'rtz', 'rdn', 'rup', 'rmm'], rm = r.below(3) === 0 ? modes[r.below(3) === 0 ? r.below(5) : r.below(2)]! : 'dyn';
    this.lines.push(`${row.name} ${text.map(t => (t === 'rm' ? rm : t)).join(', ')}`);
  }
}

/** Gives the f registers of a context values of ordinary size, few or many bits long, doubles or boxed singles, and fcsr one of the two usual states. */
export function ordinaryFloats(r: Random, context: Uint8Array): void {
  const v = new DataView(context.buffer, context.byteOffset), kind = r.below(4);
  if (kind === 0) return;
  for (let i = 0; i < 32; i++) {
    const at = 256 + i * 8, sign = r.below(4) === 0 ? -1 : 1;
    const n = r.below(8) === 0 ? 0 : r.below(2) === 0 ? r.below(1000) : (r.u32() + 1) * 2 ** (r.below(20) - 34);
    if (kind === 1 || kind === 3 && r.below(2) === 0) { v.setFloat32(at, sign * n, true); v.setInt32(at + 4, -1, true); }
    else v.setFloat64(at, sign * n * (r.below(3) === 0 ? Math.PI : 1) * (r.below(12) === 0 ? 2 ** (r.below(2) === 0 ? -1000 : 980) : 1), true);
  }
  v.setUint32(520, r.below(8) === 0 ? r.below(5) << 5 | r.below(32) : r.below(3) === 0 ? 0 : 1, true);
}
