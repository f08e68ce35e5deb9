// The translator against the interpreter on random programs. KSPACE_DIFFER=N runs N programs, KSPACE_SEED=N begins with another seed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enableEngineFeatures } from '../../src/host/node/v8.ts';
import { TRAP_MISALIGNED } from '../../src/machine/machine.ts';
import { Differ } from './differ.ts';

const RUNS = Number(process.env['KSPACE_DIFFER'] ?? 80), FIRST = Number(process.env['KSPACE_SEED'] ?? 1);

enableEngineFeatures();

test('random programs run alike translated and interpreted', t => {
  const d = new Differ('eager');
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) d.run(seed);
  const { regions, dropped } = d.translated.translator!.statistics;
  t.diagnostic(`seeds ${FIRST}…${FIRST + RUNS - 1}: ${d.programs} programs, ${d.blocks} blocks, ${regions} regions, ${dropped} dropped; traps ${d.traps.join(' ')}, ${d.repaired} repaired`);
  if (RUNS < 80) return;
  for (let trap = 0; trap <= TRAP_MISALIGNED; trap++) assert.ok(d.traps[trap]! > 0, `no program met trap ${trap}`);
  assert.ok(d.repaired > 0 && dropped > 0 && regions > RUNS);
});

test('random programs that compute run alike translated and interpreted', t => {
  const d = new Differ('eager', 'float');
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) d.run(seed);
  t.diagnostic(`${d.programs} programs, ${d.blocks} blocks, ${d.translated.translator!.statistics.regions} regions; traps ${d.traps.join(' ')}`);
  if (RUNS >= 80) assert.ok(d.programs === RUNS && d.translated.translator!.statistics.regions > RUNS);
});

test('random walks through memory run alike translated and interpreted', t => {
  const d = new Differ('eager', 'walk');
  let runs = 0, chases = 0;
  d.translated.translator!.observer = {
    counter: null, microseconds: () => 0,
    translated: m => { for (const { locals } of m.functions) { if (locals.includes('floor')) runs++; if (locals.includes('entry.s8')) chases++; } },
  };
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) d.run(seed);
  t.diagnostic(`${d.programs} programs, ${d.blocks} blocks, ${runs} loops with copies, ${chases} with chases; traps ${d.traps.join(' ')}, ${d.repaired} repaired`);
  if (RUNS >= 80) assert.ok(runs > RUNS && chases > RUNS && d.repaired > RUNS);
});

test('random interpreters that get hot run alike translated and interpreted', t => {
  const d = new Differ('on', 'hot'), runs = Math.ceil(RUNS / 10);
  let dispatches = 0;
  d.translated.translator!.observer = {
    counter: null, microseconds: () => 0,
    translated: m => { for (const f of m.functions) if (f.region.blocks.some(b => b.end === 'dispatch')) dispatches++; },
  };
  for (let seed = FIRST; seed < FIRST + runs; seed++) d.run(seed);
  const { statistics } = d.translated.translator!;
  t.diagnostic(`${d.programs} programs; traps ${d.traps.join(' ')}, ${d.repaired} repaired; ${dispatches} of ${statistics.regions} regions with known targets of computed jumps`);
  assert.ok(RUNS < 80 || dispatches > 0);
});
