// Fpu against the BigInt reference: every op, every rounding mode, special and edge-biased random operands.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { OperandSource } from '../../../test/fp/operands.ts';
import { FCSR, TestUnit } from '../../../test/fp/unit.ts';
import { arityOf } from '../../../test/fp/vectors.ts';
import { refFp } from '../isa/reference-fp.ts';
import { FP_OPS } from './fpu.ts';

const unit = new TestUnit();
const hex = (v: bigint) => v.toString(16).padStart(16, '0');

function check(op: string, a: bigint, b: bigint, c: bigint, rm: number): void {
  const want = refFp(op, a, b, c, rm), got = unit.run(op, a, b, c, rm);
  if (got.result === want.result && got.flags === want.flags) return;
  const at = `${op} rm ${rm} ${hex(a)} ${hex(b)} ${hex(c)}`;
  assert.fail(`${at}: ${hex(got.result)} flags ${got.flags}, reference ${hex(want.result)} flags ${want.flags}`);
}

const ROUNDS = Number(process.env.KSPACE_FP_ROUNDS ?? 1500);
for (const [i, op] of FP_OPS.entries()) {
  test(`fpu: ${op} equals the reference`, () => {
    new OperandSource(i + 1).forEach(op, arityOf(op), ROUNDS, (a, b, c) => { for (let rm = 0; rm <= 4; rm++) check(op, a, b, c, rm); });
  });
}

test('fpu: dynamic rounding, reserved modes, sticky flags, x0', () => {
  const fdiv = FP_OPS.indexOf('fdiv.d'), feq = FP_OPS.indexOf('feq.d'), fcvt = FP_OPS.indexOf('fcvt.l.d');
  const { fpu, f, x, ram } = unit;
  f.set([0x3ff0000000000000n, 0x4008000000000000n], 1);
  ram.u32[FCSR] = 3 << 5 | 8;
  assert.equal(fpu.execute(fdiv, 4, 1, 2, 0, 7), 0);
  assert.equal(f[4], 0x3fd5555555555556n, 'rounded up');
  assert.equal(ram.u32[FCSR], 3 << 5 | 8 | 1, 'DZ stays, NX joins');
  ram.u32[FCSR] = 5 << 5;
  for (const rm of [5, 6, 7]) {
    assert.equal(fpu.execute(fdiv, 5, 1, 2, 0, rm), 1);
    assert.equal(f[5], 0n);
  }
  assert.equal(ram.u32[FCSR], 5 << 5);
  assert.equal(fpu.execute(feq, 0, 1, 1, 0, 2), 0);
  assert.equal(fpu.execute(fcvt, 0, 1, 0, 0, 0), 0);
  assert.equal(x[0], 0n, 'x0 is never written');
});
