// The binary encoder: integers against a BigInt LEB128, and a module that the engine accepts and runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Code } from './code.ts';
import { ModuleBuilder } from './module.ts';
import * as w from './opcodes.ts';
import { ByteSink } from './sink.ts';

function leb(v: bigint, signed: boolean): number[] {
  const out: number[] = [];
  for (let rest = v; ;) {
    const byte = Number(rest & 127n);
    rest >>= 7n;
    const done = signed ? rest === 0n && byte < 64 || rest === -1n && byte >= 64 : rest === 0n;
    out.push(done ? byte : byte | 128);
    if (done) return out;
  }
}

test('LEB128: every power of two and its neighbours', () => {
  for (let bit = 0; bit < 64; bit++) for (const d of [-1n, 0n, 1n]) for (const sign of [1n, -1n]) {
    const v = BigInt.asIntN(64, sign * (1n << BigInt(bit)) + d), s = new ByteSink(1);
    s.s64(Number(BigInt.asIntN(32, v)), Number(BigInt.asIntN(32, v >> 32n)));
    assert.deepEqual([...s.view()], leb(v, true), String(v));
    if (v !== BigInt.asIntN(32, v)) continue;
    s.clear();
    s.s32(Number(v));
    assert.deepEqual([...s.view()], leb(v, true));
    s.clear();
    s.u32(Number(v));
    assert.deepEqual([...s.view()], leb(BigInt.asUintN(32, v), false));
  }
});

test('a module with an import, locals, a loop and memory runs', () => {
  const module = new ModuleBuilder();
  const unary = module.type([w.i32], [w.i32]);
  const twice = module.importFunction('twice', unary);
  const c = new Code(1);
  const sum = c.local(w.i32);
  c.local(w.i64);
  c.open(w.loop);
  c.get(sum); c.get(0); c.call(twice); c.op(w.i32_add); c.set(sum);
  c.get(0); c.i32Const(1); c.op(w.i32_sub); c.tee(0); c.brIf(0);
  c.end();
  c.i32Const(8); c.get(sum); c.mem(w.i32_store, 2, 4);
  c.get(sum);
  module.function('run', unary, c);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish(1)), { env: { memory, twice: (n: number) => 2 * n } });
  assert.equal((exports['run'] as (n: number) => number)(10), 110);
  assert.equal(new Int32Array(memory.buffer)[3], 110);
});
