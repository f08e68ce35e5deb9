// The translator against the interpreter on random programs. KSPACE_DIFFER=N runs N programs, KSPACE_SEED starts elsewhere.
import { test } from 'node:test';
import { Differ } from './differ.ts';

const RUNS = Number(process.env['KSPACE_DIFFER'] ?? 250), FIRST = Number(process.env['KSPACE_SEED'] ?? 1);

test('random programs run alike translated and interpreted', () => {
  const d = new Differ('eager');
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) d.run(seed);
});
