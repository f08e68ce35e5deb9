// System V semaphores (semop(2)): sets of small counters. The operations of one call happen all or none; SEM_UNDO takes them back at exit.
import { type Errno, type Fallible, E2BIG, EAGAIN, EFBIG, EINVAL, ERANGE } from '../../abi/errno.ts';
import { IPC_NOWAIT, SEMVMX, SEM_UNDO } from '../../abi/ipc.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import { SysvObject, SysvTable } from './sysv.ts';

/** Limits of /proc/sys/kernel/sem: semaphores in a set, in all, operations in a call, sets. */
export const SEMMSL = 32000, SEMMNS = 1024000000, SEMOPM = 500, SEMMNI = 32000;

export interface SemOp { num: number; op: number; flags: number }

/** Kept in the restart record of a waiting semop(2). */
export class SemWait {
  readonly set: SemSet;
  /** The semaphore that stands in the way, and whether it must become zero or larger: GETZCNT, GETNCNT. */
  num: number;
  kind: 'zero' | 'larger';
  constructor(set: SemSet, num: number, kind: 'zero' | 'larger') {
    this.set = set;
    this.num = num;
    this.kind = kind;
  }
}

export class SemSet extends SysvObject {
  readonly values: Uint16Array;
  /** Last process that changed each. */
  readonly pids: Int32Array;
  readonly waiters = new WaitQueue();
  /** What exit of a process will add back, by process. */
  readonly undos = new Map<Process, Int32Array>();
  otime = 0;

  constructor(t: Task, id: number, key: number, mode: number, count: number) {
    super(t, id, key, mode);
    this.values = new Uint16Array(count);
    this.pids = new Int32Array(count);
  }

  /** Does all of it, or says what is missing: EAGAIN for IPC_NOWAIT, else a SemWait to sleep with. */
  operate(t: Task, ops: readonly SemOp[]): 0 | Errno | SemWait {
    const before = this.values.slice();
    for (const { num, op, flags } of ops) {
      const value = this.values[num]!;
      const next = value + op;
      if ((op === 0 && value !== 0) || next < 0) {
        this.values.set(before);
        return (flags & IPC_NOWAIT) !== 0 ? EAGAIN : new SemWait(this, num, op === 0 ? 'zero' : 'larger');
      }
      if (next > SEMVMX) {
        this.values.set(before);
        return ERANGE;
      }
      this.values[num] = next;
    }
    this.otime = t.kernel.realtime().sec;
    for (const { num, op, flags } of ops) {
      this.pids[num] = t.process.pid;
      if ((flags & SEM_UNDO) !== 0 && op !== 0) this.undoOf(t.process)[num]! -= op;
    }
    if (ops.some(o => o.op !== 0)) this.waiters.wake();
    return 0;
  }

  /** SETVAL, SETALL: pending undo amounts of these semaphores are forgotten. */
  setValue(t: Task, num: number, value: number): 0 | Errno {
    if (value < 0 || value > SEMVMX) return ERANGE;
    this.values[num] = value;
    this.pids[num] = t.process.pid;
    for (const u of this.undos.values()) u[num] = 0;
    this.ctime = t.kernel.realtime().sec;
    this.waiters.wake();
    return 0;
  }

  countWaiting(num: number, kind: 'zero' | 'larger'): number {
    let n = 0;
    for (const w of this.waiters.waiters) {
      const wait = (w as Task).restart?.data;
      if (wait instanceof SemWait && wait.num === num && wait.kind === kind) n++;
    }
    return n;
  }

  private undoOf(p: Process): Int32Array {
    let u = this.undos.get(p);
    if (u === undefined) this.undos.set(p, (u = new Int32Array(this.values.length)));
    return u;
  }
}

/** `kernel.ipc.semaphores`. */
export class SemTable extends SysvTable<SemSet> {
  constructor() { super(SEMMNI); }
  protected make(t: Task, id: number, key: number, mode: number, count: number): Fallible<SemSet> {
    return count <= 0 || count > SEMMSL ? EINVAL : new SemSet(t, id, key, mode, count);
  }
  protected checkSize(set: SemSet, count: number): 0 | Errno { return count > set.values.length ? EINVAL : 0; }

  /** exit: SEM_UNDO. What would go below zero or too high stops at the border. */
  undo(p: Process): void {
    for (const set of this.all()) {
      const u = set.undos.get(p);
      if (u === undefined) continue;
      set.undos.delete(p);
      u.forEach((add, num) => { set.values[num] = Math.max(0, Math.min(SEMVMX, set.values[num]! + add)); });
      set.waiters.wake();
    }
  }
}

/** E2BIG and EFBIG of semop(2). */
export function checkOps(set: SemSet, ops: readonly SemOp[]): 0 | Errno {
  if (ops.length > SEMOPM) return E2BIG;
  return ops.some(o => o.num >= set.values.length) ? EFBIG : 0;
}
