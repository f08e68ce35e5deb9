// Register and CSR names of the assembly language (RISC-V psABI, "Register Convention"; Unprivileged ISA, "RISC-V Assembly Programmer's Handbook").

export const X_NAMES: readonly string[] = ('zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6').split(' ');
export const F_NAMES: readonly string[] = ('ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 '
  + 'ft8 ft9 ft10 ft11').split(' ');
export const CSR_NAMES: ReadonlyMap<number, string> = new Map([[1, 'fflags'], [2, 'frm'], [3, 'fcsr'], [0xc00, 'cycle'], [0xc01, 'time'], [0xc02, 'instret']]);
export const RM_NAMES: readonly string[] = ['rne', 'rtz', 'rdn', 'rup', 'rmm', '5', '6', 'dyn'];
export const RM_DYN = 7;

const xNumbers = numbers(X_NAMES, 'x').set('fp', 8);
const fNumbers = numbers(F_NAMES, 'f');
const csrNumbers = new Map([...CSR_NAMES].map(([n, name]) => [name, n]));

export function xNumber(name: string): number | undefined { return xNumbers.get(name); }
export function fNumber(name: string): number | undefined { return fNumbers.get(name); }
export function csrNumber(name: string): number | undefined { return csrNumbers.get(name); }

function numbers(names: readonly string[], letter: string): Map<string, number> {
  return new Map(names.flatMap((name, i) => [[name, i], [`${letter}${i}`, i]]));
}
