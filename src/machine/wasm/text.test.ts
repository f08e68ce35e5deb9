// The text of what the encoder writes: every opcode has its name, every byte is read, expressions are folded in order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_ENGINE } from '../engine.ts';
import { FlatMachine } from '../hart/flat.ts';
import { Code } from './code.ts';
import { ModuleBuilder } from './module.ts';
import { ModuleSource } from './module-text.ts';
import * as w from './opcodes.ts';
import { opcodeName } from './text.ts';

test('every opcode of the encoder has the name of the specification', () => {
  for (const [name, code] of Object.entries(w)) {
    if (typeof code !== 'number' || /^(prefix_f.|[if]\d+x\d+_.*|v128.*|[if](32|64)|funcref|empty|.*trunc_sat.*|memory_(copy|fill))$/.test(name)) continue;
    const text = opcodeName(code);
    assert.equal(text?.replaceAll('.', '_'), name.replace(/_$/, ''));
    assert.equal(/^([if](32|64)|local|global|memory)_/.test(name), text!.includes('.'), text);
  }
});

test('a function as text', () => {
  const m = new ModuleBuilder(), pair = m.type([w.i32, w.i64], [w.i32, w.i64]), both = m.importFunction('both', pair);
  const c = new Code(2), sum = c.local(w.i64);
  c.local(w.i32);
  c.open(w.loop);
  c.get(0); c.get(1); c.call(both); c.set(1); c.set(0);
  c.open(w.block);
  c.get(0); c.op(w.i32_eqz); c.brIf(0);
  c.i32Const(0); c.get(sum); c.i64Const(-5); c.op(w.i64_add); c.tee(sum); c.mem(w.i64_store, 3, 88);
  c.get(0); c.brTable([0, 1], 1);
  c.end();
  c.end();
  c.get(0); c.i32Const(8); c.mem(w.i64_load32_u, 0, 4);
  m.function('f', pair, c);
  assert.equal(new ModuleSource(m.finish(1)).text('f', { locals: ['n', 'v', 'sum'], address: at => at === 88 ? 'a1' : undefined }), `\
(func $f (param $n i32) (param $v i64) (result i32 i64)
  (local $sum i64)
  (local i32)
  loop $1
    (call $both (local.get $n) (local.get $v))
    (local.set $v)
    (local.set $n)
    block $2
      (br_if $2 (i32.eqz (local.get $n)))
      (i64.store offset=88 (;a1;) (i32.const 0) (local.tee $sum (i64.add (local.get $sum) (i64.const -5))))
      (br_table $2 $1 $1 (local.get $n))
    end
  end
  (local.get $n)
  (i64.load32_u offset=4 align=1 (i32.const 8)))`);
});

test('the interpreter, which uses most of the encoder, is read to its last byte', () => {
  const original = WebAssembly.Module, modules: Uint8Array[] = [];
  const watched = class extends original { constructor(bytes: BufferSource) { super(bytes); modules.push(bytes as Uint8Array); } };
  Object.assign(WebAssembly, { Module: watched });
  try { assert.ok(new FlatMachine(8 << 20, undefined, PLAIN_ENGINE)); } finally { Object.assign(WebAssembly, { Module: original }); }
  const source = new ModuleSource(modules[0]!);
  assert.ok(source.bodies.size > 0);
  for (const name of source.bodies.keys()) {
    const text = source.text(name);
    assert.ok(text.split('\n').length > 1000);
    // Opened and closed alike.
    assert.equal(text.match(/^ *(block|loop|if) /gm)!.length, text.match(/^ *end\)?$/gm)!.length);
  }
});
