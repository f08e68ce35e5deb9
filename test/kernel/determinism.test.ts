// Determinism: a seed decides everything. One seed, one result of a program full of races, however often it runs and whatever the translator does;
// many seeds, many results. KSPACE_DETERMINISM=full runs 50 times one seed and 200 seeds.
import assert from 'node:assert/strict';
import { createHash, type Hash } from 'node:crypto';
import { test } from 'node:test';
import { Tracer } from '../../src/kernel/trace/hub.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import type { SigInfo } from '../../src/kernel/signal/state.ts';
import { TestMachine } from './machine.ts';

const FULL = process.env.KSPACE_DETERMINISM === 'full';
const REPEATS = FULL ? 50 : 5, SEEDS = FULL ? 200 : 12;
const ROUNDS = '3000';

/** Everything that happens between programs and kernel, and after how many instructions. */
class Journal extends Tracer {
  readonly hash: Hash = createHash('sha256');
  override enter(t: Task, nr: number): void { this.note(t, 'enter', nr); }
  override leave(t: Task, nr: number, result: number): void { this.note(t, 'leave', nr, result); }
  override clone(parent: Task, child: Task): void { this.note(parent, 'clone', child.tid); }
  override exit(t: Task): void { this.note(t, 'exit', t.exitCode); }
  override signal(t: Task, info: SigInfo): void { this.note(t, 'signal', info.signo); }
  private note(t: Task, what: string, ...values: number[]): void { this.hash.update(`${t.kernel.hart.instret} ${t.kernel.now()} ${t.tid} ${what} ${values.join(' ')}\n`); }
}

function run(seed: number, translator: 'off' | 'on' | 'eager'): { text: string; trace: string; instructions: number } {
  const m = new TestMachine({ seed, translator, memoryBytes: 32 << 20 });
  m.loop.jitter = true;
  const journal = m.kernel.trace.tracer = new Journal();
  const { text, status } = m.finish(m.startGuest('race', ROUNDS));
  assert.equal(status, 0, text);
  return { text, trace: journal.hash.digest('hex'), instructions: m.kernel.hart.instret };
}

test(`one seed, one result: ${REPEATS} runs with each of the tiers`, () => {
  const first = run(42, 'off');
  for (let i = 1; i < REPEATS; i++) assert.deepEqual(run(42, 'off'), first);
  for (let i = 0; i < REPEATS; i++) assert.deepEqual(run(42, (['on', 'eager'] as const)[i % 2]!), first);
});

test(`${SEEDS} seeds give many results, and each the same trace with and without the translator`, () => {
  const texts = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const plain = run(seed, 'off');
    texts.add(plain.text);
    assert.deepEqual(run(seed, seed % 8 === 0 ? 'eager' : 'on'), plain, `seed ${seed}`);
  }
  if (FULL) console.log(`# ${texts.size} results of ${SEEDS} seeds`);
  assert.ok(texts.size > SEEDS / 4, String(texts.size));
});
