// Stands between the hart and the kernel: at every `ecall` of the program (program.ts) it puts an action into the registers, then lets the kernel do the
// call. Actions come from the grammar, and are kept, or from a file, and are done again.
import type { Dispatcher } from '../../src/kernel/entry/dispatch.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { SYSCALL_NUMBERS } from '../../src/abi/syscall-numbers.ts';
import { isErr } from '../../src/abi/errno.ts';
import { CTX_PC, type EcallHandler } from '../../src/machine/machine.ts';
import type { Action } from './action.ts';
import { LOOP, placeOf } from './program.ts';

const A0 = 20, A7 = 34, PC = CTX_PC >> 2;
const GO_ON = 0, UNWIND = 1;

/** Where actions come from. */
export interface Source {
  /** What task number `n` does next; null: nothing any more. */
  next(t: Task, n: number): Action | null;
  /** The call has an answer. */
  answered(a: Action, result: number): void;
}

export class Fuzzer implements EcallHandler {
  private readonly kernel: Kernel;
  private readonly dispatcher: Dispatcher;
  private readonly numbers = new WeakMap<Task, number>();
  private source: Source | null = null;
  private tasks = 0;
  /** Calls and touches so far. */
  made = 0;
  /** Calls by number and, of those, the ones that did not fail. */
  readonly calls = new Map<number, { made: number; good: number; errors: Map<number, number> }>();

  constructor(kernel: Kernel, dispatcher: Dispatcher) {
    this.kernel = kernel;
    this.dispatcher = dispatcher;
    kernel.hart.setEcallHandler(this);
  }

  begin(source: Source): void {
    this.source = source;
    this.tasks = 0;
  }

  ecall(): number {
    const { kernel: { current: t, hart: { x } } } = this;
    // A call that was interrupted and runs again as it was.
    if (t.restart !== null || t.traceStop !== null) return this.dispatcher.ecall();
    const a = this.source!.next(t, this.numberOf(t));
    if (a === null) {
      this.put(SYSCALL_NUMBERS.exit, new Int32Array(12));
      return this.dispatcher.ecall();
    }
    this.made++;
    for (const s of a.stores) this.store(t, s.at, s.bytes);
    if (typeof a.what === 'string') {
      x.set(a.args.subarray(0, 4), A0);
      x[PC] = placeOf(a.what);
      x[PC + 1] = 0;
      return GO_ON;
    }
    x[PC] = LOOP;
    x[PC + 1] = 0;
    this.put(a.what, a.args);
    const answer = this.dispatcher.ecall();
    if (t.syscallNr < 0) this.count(a, a.what);
    // Short turns: what others do in between is half of the fun.
    if ((this.made & 7) === 0 && t.state === 'R') {
      this.kernel.sched.needResched = true;
      return UNWIND;
    }
    return answer;
  }

  private numberOf(t: Task): number {
    let n = this.numbers.get(t);
    if (n === undefined) this.numbers.set(t, n = this.tasks++);
    return n;
  }

  private put(nr: number, args: Int32Array): void {
    const { x } = this.kernel.hart;
    x.set(args, A0);
    x[A7] = nr;
    x[A7 + 1] = nr >> 31;
  }

  private count(a: Action, nr: number): void {
    const { x } = this.kernel.hart;
    const lo = x[A0]!;
    const r = lo < 0 && lo > -4096 ? lo : lo >>> 0;
    let c = this.calls.get(nr);
    if (c === undefined) this.calls.set(nr, c = { made: 0, good: 0, errors: new Map() });
    c.made++;
    if (r >= 0) c.good++;
    else c.errors.set(r, (c.errors.get(r) ?? 0) + 1);
    this.source!.answered(a, r);
  }

  /** As the program itself would store it; what cannot be stored at once is left out. */
  private store(t: Task, at: number, bytes: Uint8Array): void {
    const { user } = this.kernel;
    if (t.mm === null || isErr(user.copyOut(at, bytes, 0, bytes.length))) t.unpark();
  }
}
