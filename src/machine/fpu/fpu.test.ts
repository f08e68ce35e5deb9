// Fpu against the BigInt reference: every op, every rounding mode, special and edge-biased random operands.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { CTX_F, CTX_FCSR, CTX_X } from '../machine.ts';
import { refFp } from '../isa/reference-fp.ts';
import { FP_OPS, Fpu } from './fpu.ts';
import { OperandSource } from '../../../test/fp/operands.ts';

const BASE = 4096;
const buffer = new ArrayBuffer(8192);
const ram = { i32: new Int32Array(buffer), u32: new Uint32Array(buffer), f64: new Float64Array(buffer), u8: new Uint8Array(buffer) };
const u64 = new BigUint64Array(buffer);
const fpu = new Fpu(ram, BASE);
const x = BASE + CTX_X >> 3, f = BASE + CTX_F >> 3, fcsr = BASE + CTX_FCSR >> 2;
const hex = (v: bigint) => v.toString(16).padStart(16, '0');

/** Runs an op with a, b, c in f1-f3 (or x1) and the destination 4. */
function run(op: number, a: bigint, b: bigint, c: bigint, rm: number) {
  const toX = /^(feq|flt|fle|fclass|fmv\.x|fcvt\.(w|wu|l|lu)\.)/.test(FP_OPS[op]!);
  u64[x + 1] = a;
  u64[f + 1] = a;
  u64[f + 2] = b;
  u64[f + 3] = c;
  ram.u32[fcsr] = 0;
  assert.equal(fpu.execute(op, 4, 1, 2, 3, rm), 0);
  return { result: u64[(toX ? x : f) + 4]!, flags: ram.u32[fcsr]! };
}

function check(op: number, a: bigint, b: bigint, c: bigint, rm: number) {
  const want = refFp(FP_OPS[op]!, a, b, c, rm), got = run(op, a, b, c, rm);
  if (got.result !== want.result || got.flags !== want.flags) {
    const at = `${FP_OPS[op]} rm ${rm} ${hex(a)} ${hex(b)} ${hex(c)}`;
    assert.fail(`${at}: ${hex(got.result)} flags ${got.flags}, reference ${hex(want.result)} flags ${want.flags}`);
  }
}

const ROUNDS = Number(process.env.KSPACE_FP_ROUNDS ?? 1500);
for (const [op, name] of FP_OPS.entries()) {
  test(`fpu: ${name} equals the reference`, () => {
    const source = new OperandSource(op + 1);
    const arity = /^fn?m(add|sub)/.test(name) ? 3 : /^f(add|sub|mul|div|sgnj|min|max|eq|lt|le)/.test(name) ? 2 : 1;
    source.forEach(name, arity, ROUNDS, (a, b, c) => { for (let rm = 0; rm <= 4; rm++) check(op, a, b, c, rm); });
  });
}

test('fpu: dynamic rounding, reserved modes, sticky flags, x0', () => {
  const fdiv = FP_OPS.indexOf('fdiv.d'), feq = FP_OPS.indexOf('feq.d'), fcvt = FP_OPS.indexOf('fcvt.l.d');
  u64[f + 1] = 0x3ff0000000000000n;
  u64[f + 2] = 0x4008000000000000n;
  ram.u32[fcsr] = 3 << 5 | 8;
  assert.equal(fpu.execute(fdiv, 4, 1, 2, 0, 7), 0);
  assert.equal(u64[f + 4], 0x3fd5555555555556n, 'rounded up');
  assert.equal(ram.u32[fcsr], 3 << 5 | 8 | 1, 'DZ stays, NX joins');
  ram.u32[fcsr] = 5 << 5;
  for (const rm of [5, 6, 7]) {
    assert.equal(fpu.execute(fdiv, 5, 1, 2, 0, rm), 1);
    assert.equal(u64[f + 5], 0n);
  }
  assert.equal(ram.u32[fcsr], 5 << 5);
  u64[x] = 0n;
  assert.equal(fpu.execute(feq, 0, 1, 1, 0, 2), 0);
  assert.equal(fpu.execute(fcvt, 0, 1, 0, 0, 0), 0);
  assert.equal(u64[x], 0n, 'x0 is never written');
});
