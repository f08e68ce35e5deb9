// The fuzzer's own process: rounds without end on machines that are thrown away after some, findings as files. tools/fuzz.mjs starts it, watches that
// it goes on, and asks for a protocol of the round that hung.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syscallName } from '../../src/abi/syscall-numbers.ts';
import type { TranslatorMode } from '../../src/machine/jit/translator.ts';
import { line, parse, render, type Action, type Case, type MachineOptions, type Round } from './action.ts';
import { minimise, signature } from './minimise.ts';
import { Session, type Plan } from './round.ts';

export interface Options {
  readonly calls: number;
  readonly seed: number;
  readonly threads: number;
  readonly as: 'user' | 'root' | 'both';
  /** Where findings go. */
  readonly directory: string;
  /** Called after every round: the calls so far, and what runs next. */
  readonly progress: (made: number, findings: number) => void;
  readonly say: (text: string) => void;
}

export interface Outcome { readonly made: number; readonly findings: readonly string[]; readonly calls: ReadonlyMap<string, { made: number; good: number }> }

/** Calls of a round, and rounds of a machine. */
const ROUND = 2000, ROUNDS = 12;
const translator = (): TranslatorMode | 'off' => (process.env['KSPACE_JIT'] === 'eager' ? 'eager' : process.env['KSPACE_JIT'] === '1' ? 'on' : 'off');

/** The machine of a run: every fourth seed has little memory. */
export const machineOf = ({ seed }: Pick<Options, 'seed'>): MachineOptions => (seed % 4 === 3 ? { seed, freeFrames: 700 } : { seed });
const newSession = (machine: MachineOptions): Session => new Session({ ...machine, translator: translator() });

/** The plan of round `i` of a run: everything follows from the seed. */
export function planOf(o: Pick<Options, 'seed' | 'threads' | 'as'>, i: number, calls = ROUND): Plan {
  const seed = o.seed * 1_000_003 + i;
  return { as: o.as === 'both' ? (i % 3 === 2 ? 'root' : 'user') : o.as, seed, threads: o.threads === 0 ? 1 + seed % 4 : o.threads, calls };
}

export function fuzz(o: Options): Outcome {
  const findings: string[] = [];
  const calls = new Map<string, { made: number; good: number }>();
  let made = 0, session: Session | null = null, rounds: Round[] = [];
  for (let i = 0; made < o.calls; i++) {
    const plan = planOf(o, i, Math.min(ROUND, o.calls - made));
    if (session === null || rounds.length >= ROUNDS || rounds.at(-1)?.as === 'root') {
      session = newSession(machineOf(o));
      rounds = [];
    }
    let actions: readonly Action[] = [];
    const before = session.fuzzer.made;
    let bad: string[];
    try {
      bad = session.invent(plan, kept => { actions = kept; });
    } catch (e) {
      bad = [`panic: ${e instanceof Error ? e.stack : String(e)}`];
    }
    // A round that could not begin counts, or there would be no end.
    made += Math.max(1, session.fuzzer.made - before);
    rounds.push({ as: plan.as, seed: plan.seed, actions });
    if (bad.length > 0 || rounds.length >= ROUNDS || plan.as === 'root') count(session, calls);
    if (bad.length > 0) {
      findings.push(keep(o, { finding: bad[0]!, machine: machineOf(o), rounds }, i));
      session = null;
    }
    o.progress(made, findings.length);
  }
  return { made, findings, calls };
}

/** Does a case again; what is wrong then. Each time on a machine of its own. */
export function replay(machine: MachineOptions, rounds: readonly Round[]): string {
  const session = newSession(machine);
  for (const r of rounds) {
    let bad: string[];
    try {
      bad = session.repeat(r);
    } catch (e) {
      bad = [`panic: ${e instanceof Error ? e.stack : String(e)}`];
    }
    if (bad.length > 0) return bad[0]!;
  }
  return '';
}

/** Round `i` with every action written to `file` before it is done: for rounds that do not come back. */
export function protocol(o: Options, i: number, file: string): void {
  // Where the machine was new: after as many rounds as one gets, and after each of root's.
  const first = o.as === 'user' ? i - i % ROUNDS : o.as === 'both' ? i - i % 3 : i;
  const session = newSession(machineOf(o));
  for (let j = first; j <= i; j++) {
    session.invent(planOf(o, j), kept => {
      if (j === i) (kept as Action[]).push = (...more) => {
        for (const a of more) appendFileSync(file, `${line(a)}\n`);
        return Array.prototype.push.apply(kept, more);
      };
    });
  }
}

export function minimiseFile(file: string, say: (text: string) => void): Case {
  const found = parse(readFileSync(file, 'utf8'));
  return minimise(found, rounds => replay(found.machine, rounds), say);
}

function keep(o: Options, found: Case, i: number): string {
  mkdirSync(o.directory, { recursive: true });
  const file = `${o.directory}/seed-${o.seed}-round-${i}.json`;
  writeFileSync(file, render(found));
  o.say(`${file}: ${signature(found.finding)}`);
  return file;
}

function count(session: Session, into: Map<string, { made: number; good: number }>): void {
  for (const [nr, c] of session.fuzzer.calls) {
    const name = syscallName(nr), sum = into.get(name) ?? { made: 0, good: 0 };
    into.set(name, { made: sum.made + c.made, good: sum.good + c.good });
  }
  session.fuzzer.calls.clear();
}
