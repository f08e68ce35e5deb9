// FUTEX_WAKE_OP (futex(2)): an operation on the second word, and a comparison of its old value, both encoded in one argument.
import { type Errno, EINVAL, ENOSYS } from '../../abi/errno.ts';
import {
  FUTEX_OP_ADD, FUTEX_OP_ANDN, FUTEX_OP_CMP_EQ, FUTEX_OP_CMP_GE, FUTEX_OP_CMP_GT, FUTEX_OP_CMP_LE, FUTEX_OP_CMP_LT, FUTEX_OP_CMP_NE,
  FUTEX_OP_OPARG_SHIFT, FUTEX_OP_OR, FUTEX_OP_SET, FUTEX_OP_XOR,
} from '../../abi/futex.ts';
import type { Task } from '../task/task.ts';

/** Performs it, and says whether waiters of the second word are to be woken too. */
export function wakeOp(t: Task, uaddr: number, encoded: number): 'wake second' | 'first only' | Errno {
  if ((uaddr & 3) !== 0) return EINVAL;
  const op = (encoded >>> 28) & 15, cmp = (encoded >>> 24) & 15;
  const rawArg = (encoded << 8) >> 20, cmpArg = (encoded << 20) >> 20;
  const arg = (op & FUTEX_OP_OPARG_SHIFT) !== 0 ? 1 << (rawArg & 31) : rawArg;
  const e = t.user.loadI32(uaddr);
  if (e !== 0) return e;
  const old = t.user.value;
  const next = apply(op & 7, old, arg);
  const holds = compare(cmp, old, cmpArg);
  if (next === null || holds === null) return ENOSYS;
  const f = t.user.storeU32(uaddr, next >>> 0);
  if (f !== 0) return f;
  return holds ? 'wake second' : 'first only';
}

function apply(op: number, old: number, arg: number): number | null {
  switch (op) {
    case FUTEX_OP_SET: return arg;
    case FUTEX_OP_ADD: return old + arg;
    case FUTEX_OP_OR: return old | arg;
    case FUTEX_OP_ANDN: return old & ~arg;
    case FUTEX_OP_XOR: return old ^ arg;
    default: return null;
  }
}

function compare(cmp: number, old: number, arg: number): boolean | null {
  switch (cmp) {
    case FUTEX_OP_CMP_EQ: return old === arg;
    case FUTEX_OP_CMP_NE: return old !== arg;
    case FUTEX_OP_CMP_LT: return old < arg;
    case FUTEX_OP_CMP_LE: return old <= arg;
    case FUTEX_OP_CMP_GT: return old > arg;
    case FUTEX_OP_CMP_GE: return old >= arg;
    default: return null;
  }
}
