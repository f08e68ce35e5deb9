// Rounds: a world, some thousand calls in it, everything cleared away, everything checked. A round is made (from a seed, and kept) or done again.
import { SIGUSR1 } from '../../src/abi/signal.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import type { Action, Round } from './action.ts';
import { Fuzzer, type Source } from './fuzzer.ts';
import { Grammar } from './grammar.ts';
import { ground, POOL, prologue } from './layout.ts';
import { World, type Census, type WorldOptions } from './world.ts';

/** How often the audit looks. */
const AUDIT_EVERY = 1000;

export interface Plan { readonly as: Round['as']; readonly seed: number; readonly threads: number; readonly calls: number }

/** Actions out of the grammar, kept as they are made. A process begins with its prologue. */
class Invention implements Source {
  readonly actions: Action[] = [];
  private readonly grammar: Grammar;
  private readonly plan: Plan;
  private readonly waiting = new Map<number, Action[]>();
  private started: Task | null = null;

  constructor(world: World, plan: Plan) {
    this.grammar = new Grammar(world.kernel, plan);
    this.plan = plan;
  }

  /** The task begins with a prologue. */
  start(t: Task): void { this.started = t; }

  next(t: Task, n: number): Action | null {
    if (this.actions.length >= this.plan.calls) return null;
    if (t === this.started) {
      this.started = null;
      this.waiting.set(n, prologue(n, this.plan.threads));
    }
    if ((this.actions.length & 15) === 0 && t.mm?.findVma(POOL.at) === null && (this.waiting.get(n)?.length ?? 0) === 0) this.waiting.set(n, ground(n));
    const a = this.waiting.get(n)?.shift() ?? this.grammar.next(t, n);
    this.actions.push(a);
    return a;
  }

  answered(a: Action, result: number): void { this.grammar.answered(a, result); }
}

/** Actions of a file: every task does its own, in their order. */
class Repetition implements Source {
  private readonly byTask = new Map<number, Action[]>();
  left: number;
  constructor(actions: readonly Action[]) {
    for (const a of actions) {
      const own = this.byTask.get(a.task);
      if (own === undefined) this.byTask.set(a.task, [a]);
      else own.push(a);
    }
    for (const own of this.byTask.values()) own.reverse();
    this.left = actions.length;
  }
  next(_t: Task, n: number): Action | null {
    const a = this.byTask.get(n)?.pop() ?? null;
    if (a !== null) this.left--;
    return a;
  }
  answered(): void { /* what was answered then does not matter now */ }
}

/** One machine and its rounds. */
export class Session {
  readonly world: World;
  readonly fuzzer: Fuzzer;
  /** After the first round: drivers and caches have what they keep. */
  private baseline: Census | null = null;
  private readonly isShort: boolean;

  constructor(options: WorldOptions) {
    this.isShort = options.freeFrames !== undefined;
    this.world = new World(options);
    this.fuzzer = new Fuzzer(this.world.kernel, this.world.loop.dispatcher);
    this.repeat({ as: 'user', seed: options.seed, actions: prologue(0, 1) });
    this.baseline = this.world.census();
  }

  /** A new round; what was done goes into `kept` at once, so that it is there whatever happens. */
  invent(plan: Plan, kept: (actions: readonly Action[]) => void): string[] {
    const source = new Invention(this.world, plan);
    kept(source.actions);
    return this.round(plan.as, source, () => source.actions.length < plan.calls, t => source.start(t));
  }

  repeat(round: Round): string[] {
    const source = new Repetition(round.actions);
    let left = -1, vain = 0;
    // Whoever has nothing to do any more ends, and the processes that followed get their turn. Three of them that do nothing: the rest is nobody's.
    return this.round(round.as, source, () => source.left > 0 && vain < 3, () => {
      vain = source.left === left ? vain + 1 : 0;
      ({ left } = source);
    });
  }

  private round(as: Round['as'], source: Source, goesOn: () => boolean, started: (t: Task) => void): string[] {
    const { world, fuzzer } = this;
    world.enter();
    fuzzer.begin(source);
    let idle = 0, audited = fuzzer.made, seen = -1, vain = 0;
    while (goesOn()) {
      if (world.processes().length === 0) {
        // Root may have made the program unreachable or another one, which is its right.
        vain = fuzzer.made === seen ? vain + 1 : 0;
        seen = fuzzer.made;
        const t = vain > 8 ? null : this.start(as);
        if (t === null) break;
        started(t);
      }
      const before = fuzzer.made;
      const state = world.step();
      if (fuzzer.made === before) idle++;
      else idle = 0;
      if (idle > 4) world.killAll();
      else if (state === 'idle') world.poke(SIGUSR1);
      if (state === 'busy' && idle > 1 && world.kernel.current.state === 'R') world.kill(world.kernel.current);
      if (world.kernel.oopses > 0) break;
      if (fuzzer.made - audited < AUDIT_EVERY) continue;
      audited = fuzzer.made;
      const bad = world.complaints();
      if (bad.length > 0) return bad;
    }
    return [...world.leave(), ...this.forgotten(as)];
  }

  /** Null: root has made the program unreachable, which is its right. */
  private start(as: Round['as']): Task | null {
    try {
      return this.world.start('/bin/fuzz', { uid: as === 'root' ? 0 : 1000 });
    } catch (e) {
      if (as === 'root') return null;
      throw e;
    }
  }

  /** What the kernel still remembers of a round. Root may have taken away what was there before: its mounts, and the terminals in one of them. */
  private forgotten(as: Round['as']): string[] {
    if (this.baseline === null) return [];
    const now = this.world.census();
    // Files of the machine's own may lie in swap now, if memory was short.
    const may = this.isShort ? ['frames', 'swap'] : [];
    const mayGo = as === 'root' ? ['mounts', 'pts'] : [];
    const changed = Object.entries(this.baseline).filter(([what, n]) => now[what] !== n && !may.includes(what) && !(mayGo.includes(what) && now[what]! < n)).map(([what, n]) => `${what} ${n} -> ${now[what]}`);
    return changed.length > 0 ? [`leak: ${changed.join(', ')}`] : [];
  }
}
