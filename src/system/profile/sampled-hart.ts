// A hart that looks at itself every N retired instructions: stands in front of the real one only while a profile is taken, so that without one nothing is
// paid. It cuts runs into pieces and never changes where they end: a program is preempted at the same instruction, profiled or not.
import { TRAP_BUDGET, type EcallHandler, type Hart, type Mmu, type Trap } from '../../machine/machine.ts';

/** What is called at every sample: all registers are in the context, pc names the next instruction. */
export interface Sampler { sample(hart: Hart): void }

export class SampledHart implements Hart {
  readonly #hart: Hart;
  readonly #sampler: Sampler;
  /** Instructions between two samples; the sampler may raise it. */
  interval: number;
  #next: number;
  /** `instret` at which the run in progress must end. */
  #end = 0;

  constructor(hart: Hart, sampler: Sampler, interval: number) {
    this.#hart = hart;
    this.#sampler = sampler;
    this.interval = interval;
    this.#next = hart.instret + interval;
  }

  run(budget: number): Trap {
    const hart = this.#hart;
    this.#end = hart.instret + budget;
    for (;;) {
      const from = hart.instret;
      if (from >= this.#next) {
        this.#sampler.sample(hart);
        this.#next += Math.max(1, Math.floor((from - this.#next) / this.interval) + 1) * this.interval;
      }
      const piece = Math.min(this.#end, this.#next) - from;
      const trap = hart.run(piece);
      // Before its piece is over a run ends because an ecall hook has asked for it.
      if (trap !== TRAP_BUDGET || hart.instret >= this.#end || hart.instret - from < piece) return trap;
    }
  }

  limitBudget(n: number): void {
    this.#end = Math.min(this.#end, this.#hart.instret + n);
    this.#hart.limitBudget(n);
  }

  get id(): number { return this.#hart.id; }
  get base(): number { return this.#hart.base; }
  get x(): Int32Array { return this.#hart.x; }
  get tval(): number { return this.#hart.tval; }
  get instret(): number { return this.#hart.instret; }
  get ecalls(): number { return this.#hart.ecalls; }
  get mmu(): Mmu { return this.#hart.mmu; }
  clearReservation(): void { this.#hart.clearReservation(); }
  activate(rootPfn: number): void { this.#hart.activate(rootPfn); }
  setEcallHandler(handler: EcallHandler): void { this.#hart.setEcallHandler(handler); }
  invalidateCode(pfn: number): void { this.#hart.invalidateCode(pfn); }
  fenceI(start?: number, end?: number): void { this.#hart.fenceI(start, end); }
}
