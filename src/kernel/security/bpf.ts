// Classic BPF as seccomp(2) takes it: checked once, then kept as a flat program of 4 words an instruction, run by one loop without allocation.
// Invariant: a program that passed `compile` ends, stays inside itself, and reads nothing but the 64 bytes of struct seccomp_data.
import { type Errno, type Fallible, EINVAL } from '../../abi/errno.ts';
import * as bpf from '../../abi/seccomp.ts';

/** The words of struct seccomp_data: number, architecture, instruction pointer, six arguments. */
export const DATA_WORDS = 16;

// Operations of the compiled program; those with an operand come in pairs: K, then X.
const LOAD = 0, IMM = 1, IMM_X = 2, MEM = 3, MEM_X = 4, STORE = 5, STORE_X = 6, TAX = 7, TXA = 8, RET = 9, RET_A = 10, JUMP = 11, NEG = 12;
const JEQ = 14, JGT = 16, JGE = 18, JSET = 20, ADD = 22, SUB = 24, MUL = 26, DIV = 28, OR = 30, AND = 32, LSH = 34, RSH = 36, XOR = 38;
/** Words of an instruction: operation, target if true, target if false, constant. */
const WORDS = 4;

const { BPF_LD, BPF_LDX, BPF_ST, BPF_STX, BPF_ALU, BPF_JMP, BPF_RET, BPF_MISC, BPF_ABS, BPF_IMM, BPF_MEM, BPF_LEN, BPF_W, BPF_K, BPF_X, BPF_A } = bpf;

/** sock_filter.code to operation: what seccomp(2) admits of bpf(4). */
const OPERATIONS: ReadonlyMap<number, number> = new Map([
  [BPF_LD | BPF_W | BPF_ABS, LOAD], [BPF_LD | BPF_IMM, IMM], [BPF_LDX | BPF_IMM, IMM_X], [BPF_LD | BPF_MEM, MEM], [BPF_LDX | BPF_MEM, MEM_X],
  [BPF_LD | BPF_W | BPF_LEN, IMM], [BPF_LDX | BPF_W | BPF_LEN, IMM_X], [BPF_ST, STORE], [BPF_STX, STORE_X],
  [BPF_MISC | bpf.BPF_TAX, TAX], [BPF_MISC | bpf.BPF_TXA, TXA], [BPF_RET | BPF_K, RET], [BPF_RET | BPF_A, RET_A], [BPF_JMP | bpf.BPF_JA, JUMP], [BPF_ALU | bpf.BPF_NEG, NEG],
  ...pairs(BPF_JMP, [[bpf.BPF_JEQ, JEQ], [bpf.BPF_JGT, JGT], [bpf.BPF_JGE, JGE], [bpf.BPF_JSET, JSET]]),
  ...pairs(BPF_ALU, [
    [bpf.BPF_ADD, ADD], [bpf.BPF_SUB, SUB], [bpf.BPF_MUL, MUL], [bpf.BPF_DIV, DIV], [bpf.BPF_OR, OR], [bpf.BPF_AND, AND], [bpf.BPF_LSH, LSH], [bpf.BPF_RSH, RSH],
    [bpf.BPF_XOR, XOR],
  ]),
]);

function pairs(kind: number, rows: readonly (readonly [number, number])[]): [number, number][] {
  return rows.flatMap(([code, op]): [number, number][] => [[kind | code | BPF_K, op], [kind | code | BPF_X, op + 1]]);
}

/** The flat form of an array of struct sock_filter (8 bytes each), or EINVAL for what could run away, read outside or divide by a constant zero. */
export function compile(filter: Uint8Array): Fallible<Int32Array> {
  const n = filter.length / 8;
  if (n < 1 || n > bpf.BPF_MAXINSNS) return EINVAL;
  const insn = bpf.SockFilter.view(filter);
  const program = new Int32Array(n * WORDS);
  for (let pc = 0; pc < n; pc++) {
    insn.at(pc * 8);
    const r = emit(program, pc, insn.code, insn.jt, insn.jf, insn.k);
    if (r !== 0) return r;
  }
  const last = program[(n - 1) * WORDS]!;
  if (last !== RET && last !== RET_A) return EINVAL;
  return readsOnlyWritten(program) ? program : EINVAL;
}

function emit(program: Int32Array, pc: number, code: number, jt: number, jf: number, k: number): 0 | Errno {
  const n = program.length / WORDS;
  const op = OPERATIONS.get(code);
  if (op === undefined) return EINVAL;
  const at = pc * WORDS;
  program[at] = op;
  program[at + 3] = k;
  if (op === LOAD) {
    if (k >= DATA_WORDS * 4 || (k & 3) !== 0) return EINVAL;
    program[at + 3] = k >>> 2;
  } else if ((op === IMM || op === IMM_X) && (code & 0xe0) === BPF_LEN) {
    program[at + 3] = DATA_WORDS * 4;
  } else if (op >= MEM && op <= STORE_X) {
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

const scratch = new Int32Array(bpf.BPF_MEMWORDS);

/** Runs a compiled program over the words of a seccomp_data; the result is SECCOMP_RET_* with its data, as a signed word. */
export function run(program: Int32Array, data: Int32Array): number {
  let a = 0, x = 0;
  for (let pc = 0; ;) {
    const k = program[pc + 3]!;
    const op = program[pc]!;
    switch (op) {
      case LOAD: a = data[k]!; break;
      case IMM: a = k; break;
      case IMM_X: x = k; break;
      case MEM: a = scratch[k]!; break;
      case MEM_X: x = scratch[k]!; break;
      case STORE: scratch[k] = a; break;
      case STORE_X: scratch[k] = x; break;
      case TAX: x = a; break;
      case TXA: a = x; break;
      case RET: return k;
      case RET_A: return a;
      case JUMP: pc = program[pc + 1]!; continue;
      case NEG: a = -a | 0; break;
      default: {
        const b = (op & 1) === 0 ? k : x;
        if (op <= JSET + 1) {
          pc = program[pc + (holds(op & ~1, a, b) ? 1 : 2)]!;
          continue;
        }
        if (op >= DIV && op <= DIV + 1 && b === 0) return 0;    // division by a zero X ends the program with 0 (bpf(4))
        a = compute(op & ~1, a, b);
      }
    }
    pc += WORDS;
  }
}

function holds(op: number, a: number, b: number): boolean {
  switch (op) {
    case JEQ: return a === b;
    case JGT: return a >>> 0 > b >>> 0;
    case JGE: return a >>> 0 >= b >>> 0;
    default: return (a & b) !== 0;
  }
}

function compute(op: number, a: number, b: number): number {
  switch (op) {
    case ADD: return (a + b) | 0;
    case SUB: return (a - b) | 0;
    case MUL: return Math.imul(a, b);
    case DIV: return ((a >>> 0) / (b >>> 0)) | 0;
    case OR: return a | b;
    case AND: return a & b;
    case LSH: return a << b;     // the shift counts modulo 32, as eBPF's 32-bit shifts do
    case RSH: return (a >>> b) | 0;
    default: return a ^ b;
  }
}

/** Does the program allow this call whatever its arguments are? True only when its way to the result never looks at more than number and architecture. */
export function allowsAlways(program: Int32Array, nr: number, arch: number): boolean {
  let a = 0;
  for (let pc = 0; ;) {
    const k = program[pc + 3]!;
    const op = program[pc]!;
    if (op === RET) return k === bpf.SECCOMP_RET_ALLOW;
    if (op === JUMP) {
      pc = program[pc + 1]!;
      continue;
    }
    if (op === LOAD && k <= 1) a = k === 0 ? nr : arch;
    else if (op === AND) a &= k;
    else if (op >= JEQ && op <= JSET && (op & 1) === 0) {
      pc = program[pc + (holds(op, a, k) ? 1 : 2)]!;
      continue;
    } else return false;
    pc += WORDS;
  }
}
