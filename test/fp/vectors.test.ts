// The reference model and the Fpu against vectors recorded from a real implementation (tools/record-fp.mjs).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { FP_OPS } from '../../src/machine/fpu/fpu.ts';
import { type FpResult, refFp } from '../../src/machine/isa/reference-fp.ts';
import { TestUnit } from './unit.ts';
import { parse, type Vector } from './vectors.ts';

const vectors = [...parse(readFileSync(`${process.env.KSPACE_ROOT}/test/data/fp/vectors.txt`, 'utf8'))];

function agree(implementation: (v: Vector, rm: number) => FpResult): void {
  for (const v of vectors) {
    for (let rm = 0; rm <= 4; rm++) {
      const got = implementation(v, rm), want = v.results[rm]!;
      if (got.result === want.result && got.flags === want.flags) continue;
      const [a, b, c, g, w] = [v.a, v.b, v.c, got.result, want.result].map(n => n.toString(16));
      assert.fail(`${v.op} rm ${rm} ${a} ${b} ${c}: ${g} flags ${got.flags}, recorded ${w} flags ${want.flags}`);
    }
  }
}

test('fp vectors: every op is there', () => {
  assert.deepEqual([...new Set(vectors.map(v => v.op))].sort(), [...FP_OPS].sort());
  assert.ok(vectors.length > 5000, `${vectors.length} operand tuples`);
});

test('fp vectors: the reference agrees', () => agree((v, rm) => refFp(v.op, v.a, v.b, v.c, rm)));

test('fp vectors: the Fpu agrees', () => {
  const unit = new TestUnit();
  agree((v, rm) => unit.run(v.op, v.a, v.b, v.c, rm));
});
