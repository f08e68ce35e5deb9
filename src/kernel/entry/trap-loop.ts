// The trap loop: pick a task, run it until it traps, serve the trap, again. All of user space's ways into the kernel meet here.
import { type Errno, BLOCKED, EFAULT, ENOMEM } from '../../abi/errno.ts';
import { BUS_ADRALN, ILL_ILLOPC, SIGBUS, SIGILL, SIGTRAP, TRAP_BRKPT } from '../../abi/signal.ts';
import {
  ACCESS_EXEC, ACCESS_READ, ACCESS_WRITE, CTX_PC, TRAP_BREAKPOINT, TRAP_BUDGET, TRAP_ECALL, TRAP_FETCH_FAULT, TRAP_ILLEGAL, TRAP_LOAD_FAULT,
  TRAP_MISALIGNED, TRAP_STORE_FAULT, type Access, type Trap,
} from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import { goOn } from '../ptrace/resume.ts';
import { BASE_SLICE_NS } from '../sched/fair.ts';
import { deliverSignals } from '../signal/deliver.ts';
import { forceSignal } from '../signal/send.ts';
import type { Task } from '../task/task.ts';
import { outOfMemory } from '../task/oom.ts';
import { abortSection } from '../task/rseq.ts';
import { chargeStretch } from '../time/cpu-time.ts';
import { Dispatcher } from './dispatch.ts';
import { oops } from './oops.ts';
import { TableCheck } from './table-check.ts';

/** What the loop has come to: 'idle' until the next timer or interrupt, or 'busy' when its host time was up. */
export type LoopState = 'idle' | 'busy';

/** The cost of a page fault, in instructions. */
const FAULT_WORK = 500;
/** The cost of a step of background reclaim. */
const RECLAIM_WORK = 10_000;
/** Where instructions tell nothing about time the clock is looked at after so many. */
const CHUNK = 400_000;

export class TrapLoop {
  readonly kernel: Kernel;
  readonly dispatcher: Dispatcher;
  /** --seed: slices vary by the seed so that different seeds explore different interleavings. */
  jitter = false;
  /** A nanosecond is an instruction: budgets can be exact. */
  private readonly exact: boolean;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.exact = kernel.machine.clock.countsInstructions === true;
    this.dispatcher = new Dispatcher(kernel);
    kernel.hart.setEcallHandler(this.dispatcher);
    kernel.selfAudit.checks.push(new TableCheck());
  }

  /** Runs tasks until nothing is runnable or `untilNs` (monotonic) has passed, so that the host can deliver what has happened outside. */
  run(untilNs: number): LoopState {
    const k = this.kernel, { sched, timers } = k;
    let now = k.now();
    for (let turn = 0; ; turn++) {
      if (timers.nextDeadline <= now) timers.run(now);
      if (now >= k.load.nextSampleNs) k.sampleLoad(now);
      if (now >= sched.pressure.nextSampleNs) sched.pressure.sample(now);
      if (k.machine.interruptPending) k.interrupts?.dispatch();
      if (k.frames.caches.dirtyPages > 0) k.writeback.turn(now);
      if (now >= k.selfAudit.nextNs) k.selfAudit.run();
      if (k.halted !== 'running') return 'idle';
      if (now >= untilNs && turn > 0) return 'busy';
      const t = sched.pick(now);
      if (t === null) return 'idle';
      now = this.runTask(t, now, untilNs);
    }
  }

  /** Timers and interrupts only, no task: what a machine that is being switched off still does. */
  serveDevices(): void {
    const k = this.kernel;
    if (k.timers.nextDeadline <= k.now()) k.timers.run(k.now());
    if (k.machine.interruptPending) k.interrupts?.dispatch();
  }

  /** One stretch of a task: until it sleeps, stops, dies, should make room, or something else may be due. Answers the time after it. */
  private runTask(t: Task, startNs: number, untilNs: number): number {
    const k = this.kernel;
    k.stretchStartNs = startNs;
    k.stretchStartInstret = k.hart.instret;
    k.work = k.stretchStartWork = 0;
    const interrupted = k.loaded !== t;
    k.switchTo(t);
    try {
      if (interrupted) abortSection(t);
      this.stretch(t, startNs, Math.max(startNs + 1, Math.min(startNs + this.allowanceNs(), untilNs, k.timers.nextDeadline)));
    } catch (bug) {
      oops(k, t, bug);
    }
    const now = k.sched.clock.nearNs();
    chargeStretch(t, now);
    if (t.state === 'R') k.sched.put(t, now);
    else k.sched.block(t, now);
    k.sched.current = null;
    return now;
  }

  /** How long the picked task may run. Under a seed a part of its turn, after which others are asked, too. */
  private allowanceNs(): number {
    const allowance = this.kernel.sched.allowanceNs();
    return this.jitter ? Math.min(allowance, BASE_SLICE_NS / 8 + this.kernel.rng.below(BASE_SLICE_NS / 4)) : allowance;
  }

  private stretch(t: Task, startNs: number, endNs: number): void {
    const k = this.kernel;
    const { hart } = k, { exact } = this;
    let budget = exact ? endNs - startNs : CHUNK;
    // A parked call runs again before signals are looked at: it may have become able to finish, and only it knows how to give up.
    if (t.traceStop !== null) goOn(t);
    else if (t.signalPending && t.restart === null) deliverSignals(t, 0);
    let isParked = t.traceStop === null && t.restart !== null && t.syscallNr >= 0;
    while (t.state === 'R') {
      if (budget <= k.work) {
        if (exact || k.now() >= endNs) break;
        budget = k.work + CHUNK;
      }
      const first = hart.instret;
      k.workLimit = budget;
      const trap = isParked ? this.again(t) : hart.run(budget - k.work);
      isParked = false;
      budget -= hart.instret - first;
      if (trap !== TRAP_ECALL && trap !== TRAP_BUDGET) {
        this.fault(t, trap);
        k.work += FAULT_WORK;
        if (k.frames.reclaimer.isAwake) this.reclaim();
      }
      const { interrupted } = this.dispatcher;
      this.dispatcher.interrupted = 0;
      if (t.state !== 'R') return;
      if (t.signalPending) deliverSignals(t, interrupted);
      if (k.sched.needResched || k.machine.interruptPending) return;
    }
    if (this.jitter) k.sched.needResched = true;
  }

  /** A step of background reclaim, at the expense of who needed the memory. */
  private reclaim(): void {
    this.kernel.frames.reclaimer.background();
    this.kernel.work += RECLAIM_WORK;
  }

  /** A parked call, without its `ecall`: to fetch that could fault, and a signal that came before the call has answered would find no call to interrupt. */
  private again(t: Task): Trap { return this.dispatcher.again(t) === 0 ? TRAP_BUDGET : TRAP_ECALL; }

  private fault(t: Task, trap: Trap): void {
    const { hart } = this.kernel;
    switch (trap) {
      case TRAP_FETCH_FAULT: return this.pageFault(t, hart.tval, ACCESS_EXEC);
      case TRAP_LOAD_FAULT: return this.pageFault(t, hart.tval, ACCESS_READ);
      case TRAP_STORE_FAULT: return this.pageFault(t, hart.tval, ACCESS_WRITE);
      case TRAP_ILLEGAL: return forceSignal(t, { signo: SIGILL, code: ILL_ILLOPC, addr: this.pc() });
      case TRAP_BREAKPOINT: return forceSignal(t, { signo: SIGTRAP, code: TRAP_BRKPT, addr: this.pc() });
      case TRAP_MISALIGNED: return forceSignal(t, { signo: SIGBUS, code: BUS_ADRALN, addr: hart.tval });
      default: throw new Error(`unexpected trap ${trap}`);
    }
  }

  /** The mm resolves it (the instruction runs again), parks the task, or names the signal. */
  private pageFault(t: Task, addr: number, access: Access): void {
    const r: 0 | Errno = t.mm!.fault(t, addr, access);
    if (r === 0) {
      if (t.syscallNr < 0) t.dropRecord(); // the record was the fault's own (replies of a slow back end)
      return;
    }
    if (r === BLOCKED) {
      t.state = t.parkState;
      t.parkState = 'S';
    } else if (r === ENOMEM) {
      outOfMemory(this.kernel, t);
    } else if (r === EFAULT) {    // ERESTARTSYS: a signal came first; the access is tried again after it
      const { signo, code, addr: at } = t.mm!.lastFault;
      forceSignal(t, { signo, code, addr: at });
    }
  }

  private pc(): number {
    const { x } = this.kernel.hart;
    return (x[CTX_PC >> 2]! >>> 0) + (x[(CTX_PC >> 2) + 1]! >>> 0) * 2 ** 32;
  }
}

