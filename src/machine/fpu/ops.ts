// The F and D operations by name (unprivileged spec, chapters "F" and "D"): the index of a name in FP_OPS is its op number everywhere.
// The two formats list the same operations in the same order, so op - FORMAT_STRIDE * (1 for .d) is the operation.

const PER_FORMAT = [
  'fadd.$', 'fsub.$', 'fmul.$', 'fdiv.$', 'fsqrt.$', 'fmadd.$', 'fmsub.$', 'fnmsub.$', 'fnmadd.$',
  'fcvt.w.$', 'fcvt.wu.$', 'fcvt.l.$', 'fcvt.lu.$', 'fcvt.$.w', 'fcvt.$.wu', 'fcvt.$.l', 'fcvt.$.lu', 'fcvt.$.?',
  'fsgnj.$', 'fsgnjn.$', 'fsgnjx.$', 'fmin.$', 'fmax.$', 'feq.$', 'flt.$', 'fle.$', 'fclass.$', 'fmv.x.$', 'fmv.$.x',
] as const;

/** Operation numbers within a format. Everything below FIRST_WITHOUT_RM has a rounding-mode field. */
export const FADD = 0, FSUB = 1, FMUL = 2, FDIV = 3, FSQRT = 4, FMADD = 5, FMSUB = 6, FNMSUB = 7, FNMADD = 8,
  FCVT_W = 9, FCVT_WU = 10, FCVT_L = 11, FCVT_LU = 12, FCVT_FROM_W = 13, FCVT_FROM_WU = 14, FCVT_FROM_L = 15, FCVT_FROM_LU = 16, FCVT_FORMAT = 17,
  FSGNJ = 18, FSGNJN = 19, FSGNJX = 20, FMIN = 21, FMAX = 22, FEQ = 23, FLT = 24, FLE = 25, FCLASS = 26, FMV_X = 27, FMV_FROM_X = 28;
export const FIRST_WITHOUT_RM = FSGNJ;
export const FORMAT_STRIDE = PER_FORMAT.length;

const named = (format: 's' | 'd', moved: 'w' | 'd', other: 's' | 'd') => PER_FORMAT.map(
  name => (name.startsWith('fmv') ? name.replace('$', moved) : name.replace('$', format).replace('?', other)));

/** Mnemonics; the index is the op number that `Fpu.execute` takes. */
export const FP_OPS: readonly string[] = [...named('s', 'w', 'd'), ...named('d', 'd', 's')];
