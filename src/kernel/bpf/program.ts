// Classic BPF (linux/filter.h; McCanne and Jacobson, "The BSD Packet Filter"), what all its users share: programs are checked once, then kept flat, 4 words
// an instruction, and run by one loop of the user's without allocation. What can be loaded is the user's dialect: seccomp (security/bpf.ts) or
// packets (net/filter.ts). Invariant: a program that passed `compile` ends and stays inside itself.
import { type Errno, type Fallible, EINVAL } from '../../abi/errno.ts';
import * as bpf from '../../abi/filter.ts';

// Operations of the compiled program; those with an operand come in pairs: K, then X.
export const IMM = 1, IMM_X = 2, MEM = 3, MEM_X = 4, STORE = 5, STORE_X = 6, TAX = 7, TXA = 8, RET = 9, RET_A = 10, JUMP = 11, NEG = 12;
export const JEQ = 14, JGT = 16, JGE = 18, JSET = 20, ADD = 22, SUB = 24, MUL = 26, DIV = 28, OR = 30, AND = 32, LSH = 34, RSH = 36, XOR = 38, MOD = 40;
/** A dialect's own operations are LOAD, and those from here on. */
export const LOAD = 0, USER = 48;
/** Words of an instruction: operation, target if true, target if false, constant. */
export const WORDS = 4;

const { BPF_LD, BPF_LDX, BPF_ST, BPF_STX, BPF_ALU, BPF_JMP, BPF_RET, BPF_MISC, BPF_IMM, BPF_MEM, BPF_K, BPF_X, BPF_A } = bpf;

/** An instruction of a dialect: its operation, IMM and MOD among them, or one of its own; and its constant. */
export interface DialectOp { readonly op: number; readonly constant: number }

/** What a user of filters has beside what all have. */
export abstract class Dialect {
  /** null: there is no such instruction. */
  abstract decode(code: number, k: number): DialectOp | null;
}

/** sock_filter.code to operation: what all dialects have. */
const OPERATIONS: ReadonlyMap<number, number> = new Map([
  [BPF_LD | BPF_IMM, IMM], [BPF_LDX | BPF_IMM, IMM_X], [BPF_LD | BPF_MEM, MEM], [BPF_LDX | BPF_MEM, MEM_X], [BPF_ST, STORE], [BPF_STX, STORE_X],
  [BPF_MISC | bpf.BPF_TAX, TAX], [BPF_MISC | bpf.BPF_TXA, TXA], [BPF_RET | BPF_K, RET], [BPF_RET | BPF_A, RET_A], [BPF_JMP | bpf.BPF_JA, JUMP], [BPF_ALU | bpf.BPF_NEG, NEG],
  ...pairs(BPF_JMP, [[bpf.BPF_JEQ, JEQ], [bpf.BPF_JGT, JGT], [bpf.BPF_JGE, JGE], [bpf.BPF_JSET, JSET]]),
  ...pairs(BPF_ALU, [
    [bpf.BPF_ADD, ADD], [bpf.BPF_SUB, SUB], [bpf.BPF_MUL, MUL], [bpf.BPF_DIV, DIV], [bpf.BPF_OR, OR], [bpf.BPF_AND, AND], [bpf.BPF_LSH, LSH], [bpf.BPF_RSH, RSH],
    [bpf.BPF_XOR, XOR],
  ]),
]);

/** Codes of an operation with its two operands. */
export function pairs(kind: number, rows: readonly (readonly [number, number])[]): [number, number][] {
  return rows.flatMap(([code, op]): [number, number][] => [[kind | code | BPF_K, op], [kind | code | BPF_X, op + 1]]);
}

/** The flat form of an array of struct sock_filter (8 bytes each), or EINVAL for what could run away, read outside or divide by a constant zero. */
export function compileFilter(filter: Uint8Array, dialect: Dialect): Fallible<Int32Array> {
  const n = filter.length / 8;
  if (n < 1 || n > bpf.BPF_MAXINSNS) return EINVAL;
  const insn = bpf.SockFilter.view(filter);
  const program = new Int32Array(n * WORDS);
  for (let pc = 0; pc < n; pc++) {
    insn.at(pc * 8);
    const r = emit(program, pc, insn.code, insn.jt, insn.jf, insn.k, dialect);
    if (r !== 0) return r;
  }
  const last = program[(n - 1) * WORDS]!;
  if (last !== RET && last !== RET_A) return EINVAL;
  return readsOnlyWritten(program) ? program : EINVAL;
}

function emit(program: Int32Array, pc: number, code: number, jt: number, jf: number, k: number, dialect: Dialect): 0 | Errno {
  const n = program.length / WORDS;
  const own = OPERATIONS.has(code) ? null : dialect.decode(code, k);
  const op = OPERATIONS.get(code) ?? own?.op;
  if (op === undefined) return EINVAL;
  const at = pc * WORDS;
  program[at] = op;
  program[at + 3] = own?.constant ?? k;
  if (own !== null) return 0;
  if (op >= MEM && op <= STORE_X) {
    if (k >= bpf.BPF_MEMWORDS) return EINVAL;
  } else if (op === JUMP) {
    if (k >= n - pc - 1) return EINVAL;
    program[at + 1] = (pc + 1 + k) * WORDS;
  } else if (op >= JEQ && op <= JSET + 1) {
    if (pc + 1 + jt >= n || pc + 1 + jf >= n) return EINVAL;
    program[at + 1] = (pc + 1 + jt) * WORDS;
    program[at + 2] = (pc + 1 + jf) * WORDS;
  } else if ((op === DIV && k === 0) || ((op === LSH || op === RSH) && k >= 32)) {
    return EINVAL;
  }
  return 0;
}

/** Scratch memory is read only where every way there has written it: nothing of the kernel shows through. Jumps go forward, so one pass does. */
function readsOnlyWritten(program: Int32Array): boolean {
  const n = program.length / WORDS;
  const written = new Uint16Array(n).fill(0xffff);
  written[0] = 0;
  let valid = 0xffff;
  for (let pc = 0; pc < n; pc++) {
    valid = pc === 0 ? 0 : valid & written[pc]!;
    const at = pc * WORDS;
    const op = program[at]!;
    const k = program[at + 3]!;
    if (op === STORE || op === STORE_X) valid |= 1 << k;
    else if ((op === MEM || op === MEM_X) && (valid & (1 << k)) === 0) return false;
    else if (op >= JUMP && op !== NEG && op <= JSET + 1) {
      const t = program[at + 1]! / WORDS;
      written[t]! &= valid;
      if (op !== JUMP) written[program[at + 2]! / WORDS]! &= valid;
      valid = 0xffff;
    } else if (op === RET || op === RET_A) valid = 0xffff;
  }
  return true;
}

/** A conditional jump, without its operand's kind. */
export function holds(op: number, a: number, b: number): boolean {
  switch (op) {
    case JEQ: return a === b;
    case JGT: return a >>> 0 > b >>> 0;
    case JGE: return a >>> 0 >= b >>> 0;
    default: return (a & b) !== 0;
  }
}

/** Arithmetic on 32-bit words; division by zero is the caller's business. */
export function compute(op: number, a: number, b: number): number {
  switch (op) {
    case ADD: return (a + b) | 0;
    case SUB: return (a - b) | 0;
    case MUL: return Math.imul(a, b);
    case DIV: return ((a >>> 0) / (b >>> 0)) | 0;
    case MOD: return ((a >>> 0) % (b >>> 0)) | 0;
    case OR: return a | b;
    case AND: return a & b;
    case LSH: return a << b;     // the shift counts modulo 32, as eBPF's 32-bit shifts do
    case RSH: return (a >>> b) | 0;
    default: return a ^ b;
  }
}
