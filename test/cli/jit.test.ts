// `kspace jit dump`: the command runs as always, and what it was translated to is told afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noImage, run } from './images.ts';
import { PATIENCE } from '../patience.ts';

const opts = { skip: await noImage('busybox', ['busybox-static']), timeout: 120_000 * PATIENCE };
const LOOP = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $i; exit 3';
const dump = (...options: readonly string[]): { out: string; err: string; status: number | null } => run(['jit', 'dump', ...options, 'run', '--seed', '1', '--', 'sh', '-c', LOOP]);

test('jit dump: a table of regions whose columns add up', opts, () => {
  const { out, err, status } = dump('--stats');
  assert.deepEqual([out, status], ['20000\n', 3]);
  const [head, ...rows] = err.trimEnd().split('\n'), total = rows.pop()!;
  assert.match(head!, /^ +insns +blocks +bytes +generator +engine +entries region/);
  assert.ok(rows.length > 3);
  for (const row of rows) assert.match(row, /^ +\d+ +\d+ +\d+ +\d+ +\d+ +\d+ [0-9a-f]+.*\(\/.*busybox\)( [a-z]+ \d+)*$/);
  const column = (i: number): number => rows.reduce((n, r) => n + Number(r.trim().split(/ +/)[i]), 0);
  for (const i of [0, 1, 2, 5]) assert.equal(Number(total.trim().split(/ +/)[i]), column(i));
  assert.match(total, new RegExp(` ${rows.length} regions`));
});

test('jit dump: the text of the regions that hold an address', opts, () => {
  const at = dump('--stats').err.split('\n')[1]!.trim().split(/ +/)[6]!;
  const { err } = dump('--address', at);
  assert.match(err, new RegExp(`^;; ${at}.*: \\d+ instructions in \\d+ blocks, \\d+ bytes\\n\\(func \\$r\\d+ `));
  assert.match(err, new RegExp(`\\n +;; ${at}: [a-z]`));
  for (const text of err.trimEnd().split('\n\n')) {
    assert.match(text, new RegExp(`^ +;; ${at}: `, 'm'));
    assert.match(text, /\)$/);
  }
  assert.equal(dump('--symbol', 'no_such_function').err, ';; nothing was translated\n');
});

test('jit dump: mistakes', opts, () => {
  assert.match(run(['jit', 'dump']).err, /needs a command/);
  assert.match(run(['jit', 'dump', '-a', 'xyz', 'run']).err, /'xyz' is no address/);
  assert.equal(run(['jit', 'dump', '/no/such/program']).status, 127);
});
