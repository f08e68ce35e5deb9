// The fuzzer (npm run fuzz) for a short while: random calls by users and by root, from one thread and from several, also with little memory, end
// without an oops, a complaint of the audit, or anything left behind. And the fuzzer itself: it repeats what it did, and finds and minimises a planted bug.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { SYSCALL_NUMBERS } from '../../src/abi/syscall-numbers.ts';
import { Dispatcher } from '../../src/kernel/entry/dispatch.ts';
import { parse, render, type Action, type Round } from './action.ts';
import { fuzz, planOf, replay } from './main.ts';
import { minimise } from './minimise.ts';
import { Session } from './round.ts';

const quiet = { directory: `${tmpdir()}/kspace-fuzz`, progress: () => { /* nobody waits for it */ }, say: (text: string) => console.log(text) };

describe('random system calls', () => {
  it('12,000 of users and root, one to four threads', () => {
    const { findings, calls } = fuzz({ ...quiet, calls: 12_000, seed: 1, threads: 0, as: 'both' });
    assert.deepEqual(findings, []);
    // Calls that always fail test little: most of the table has succeeded by now.
    const good = [...calls].filter(([, c]) => c.good > 0).length;
    assert.ok(good > 150, `${good} different calls have succeeded`);
  });

  it('3,000 with 350 frames of memory', () => {
    const session = new Session({ seed: 2, freeFrames: 350 });
    for (let i = 0; i < 3; i++) assert.deepEqual(session.invent(planOf({ seed: 2, threads: 3, as: 'user' }, i, 1000), () => { /* not kept */ }), []);
    const { pswpout } = session.world.kernel.frames.events;
    assert.ok(pswpout > 100, `${pswpout} pages were swapped`);
  });
});

describe('the fuzzer', () => {
  it('does a kept round again, call by call', () => {
    const { round, results } = invented(700);
    const copy = parse(render({ finding: '', machine: { seed: 5 }, rounds: [round] })).rounds[0]!;
    const session = new Session({ seed: 5 });
    assert.deepEqual(session.repeat(copy), []);
    assert.deepEqual([...session.fuzzer.calls].sort(), results);
  });

  it('counts what a round of users and one of root leave behind', () => {
    for (const as of ['user', 'root'] as const) {
      const session = new Session({ seed: 5 });
      const plan = { as, seed: 7, threads: 2, calls: 300 };
      assert.deepEqual(session.invent(plan, () => { /* not kept */ }), []);
      session.world.kernel.users.of(0).signals++;
      assert.deepEqual(session.invent(plan, () => { /* not kept */ }), ['leak: users 0 -> 1']);
    }
  });

  it('finds a bug that needs two calls, and minimises the round to them', () => {
    const bug = { isArmed: false };
    const restore = plant(bug);
    try {
      const { round, bad } = invented(6000);
      assert.match(bad[0] ?? 'nothing', /Oops #1 in getpriority[^]*planted/);
      const small = minimise({ finding: bad[0]!, machine: { seed: 5 }, rounds: [round] }, rounds => {
        bug.isArmed = false;
        return replay({ seed: 5 }, rounds);
      }, () => { /* silent */ });
      const calls = small.rounds.flatMap(r => r.actions.map(a => a.what));
      // An action that only lets the task with the next number come into being may have to stay.
      assert.ok(calls.length <= 4 && calls.includes(SYSCALL_NUMBERS.sched_yield) && calls.at(-1) === SYSCALL_NUMBERS.getpriority, calls.join());
    } finally {
      restore();
    }
  });
});

/** A round of the grammar's. */
function invented(calls: number): { round: Round; bad: string[]; results: unknown[] } {
  const session = new Session({ seed: 5 });
  const plan = { as: 'user' as const, seed: 99, threads: 1, calls };
  let actions: readonly Action[] = [];
  const bad = session.invent(plan, kept => { actions = kept; });
  return { round: { as: 'user', seed: 99, actions }, bad, results: [...session.fuzzer.calls].sort() };
}

/** The kernel breaks down at getpriority if somebody has yielded before. */
function plant(bug: { isArmed: boolean }): () => void {
  const A7 = 34, { ecall } = Dispatcher.prototype;
  Dispatcher.prototype.ecall = function planted(this: Dispatcher): number {
    const nr = this.kernel.hart.x[A7];
    const answer = ecall.call(this);
    if (nr === SYSCALL_NUMBERS.sched_yield) bug.isArmed = true;
    if (nr !== SYSCALL_NUMBERS.getpriority || !bug.isArmed) return answer;
    this.kernel.current.syscallNr = nr;
    throw new Error('planted');
  };
  return () => { Dispatcher.prototype.ecall = ecall; };
}
