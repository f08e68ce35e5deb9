// Classic BPF as seccomp(2) takes it (bpf/program.ts): a filter reads the 64 bytes of struct seccomp_data, word by word, and nothing else.
import type { Fallible } from '../../abi/errno.ts';
import { BPF_ABS, BPF_LD, BPF_LDX, BPF_LEN, BPF_MEMWORDS, BPF_W } from '../../abi/filter.ts';
import { SECCOMP_RET_ALLOW } from '../../abi/seccomp.ts';
import {
  AND, compileFilter, compute, Dialect, type DialectOp, DIV, holds, IMM, IMM_X, JEQ, JSET, JUMP, LOAD, MEM, MEM_X, NEG, RET, RET_A, STORE, STORE_X, TAX, TXA, WORDS,
} from '../bpf/program.ts';

/** The words of struct seccomp_data: number, architecture, instruction pointer, six arguments. */
export const DATA_WORDS = 16;

class SeccompDialect extends Dialect {
  override decode(code: number, k: number): DialectOp | null {
    switch (code) {
      case BPF_LD | BPF_W | BPF_ABS: return k >= DATA_WORDS * 4 || (k & 3) !== 0 ? null : { op: LOAD, constant: k >>> 2 };
      case BPF_LD | BPF_W | BPF_LEN: return { op: IMM, constant: DATA_WORDS * 4 };
      case BPF_LDX | BPF_W | BPF_LEN: return { op: IMM_X, constant: DATA_WORDS * 4 };
      default: return null;
    }
  }
}

const dialect = new SeccompDialect();

/** The flat form of a filter, or EINVAL for what seccomp(2) does not admit. */
export function compile(filter: Uint8Array): Fallible<Int32Array> { return compileFilter(filter, dialect); }

const scratch = new Int32Array(BPF_MEMWORDS);

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

/** Does the program allow this call whatever its arguments are? True only when its way to the result never looks at more than number and architecture. */
export function allowsAlways(program: Int32Array, nr: number, arch: number): boolean {
  let a = 0;
  for (let pc = 0; ;) {
    const k = program[pc + 3]!;
    const op = program[pc]!;
    if (op === RET) return k === SECCOMP_RET_ALLOW;
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
