// A policy over system calls that lives outside the kernel (kspace run --policy): it sees each call before it runs and says what becomes of it.
// Attached from outside, like a tracer; the kernel knows only this much of it.
import type { Errno } from '../../abi/errno.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';

/** The call runs, an errno is its result, or the answer has still to come: then `answers` is woken, and the call asks again. */
export type PolicyVerdict = 'allow' | 'wait' | Errno;

export abstract class CallPolicy {
  /** Calls whose answer has still to come wait here. */
  readonly answers = new WaitQueue();
  /** Calls that it does not want to see run unasked. */
  abstract sees(nr: number): boolean;
  /** Asked once for each call, and again after each wake-up while the answer was 'wait'. May read the memory of `t`, which is the current task. */
  abstract judge(t: Task, nr: number): PolicyVerdict;
  /** A signal has come in the place of the call, or the task is gone: an answer is no longer wanted. */
  abstract forget(t: Task): void;
}
