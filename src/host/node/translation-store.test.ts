// What is kept in a directory comes back as it was, or not at all.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ModuleBuilder } from '../../machine/wasm/module.ts';
import { Code } from '../../machine/wasm/code.ts';
import * as w from '../../machine/wasm/opcodes.ts';
import type { KeptModule, KeptRegion, Legacy } from '../../machine/jit/store.ts';
import { type NativeCode, nativeCode } from './native-code.ts';
import { decodeModule, encodeModule } from './translation-file.ts';
import { DirTranslations } from './translation-store.ts';

const root = mkdtempSync(join(tmpdir(), 'kspace-translations-'));
after(() => { rmSync(root, { recursive: true }); });
const directory = (): string => join(mkdtempSync(join(root, 'd')), 'machine');

/** A module whose function answers `n`. */
function moduleOf(n: number, sum = n, index = n): KeptModule & { f: () => number } {
  const m = new ModuleBuilder(), c = new Code(0);
  c.i32Const(n);
  m.function('f', m.type([], [w.i32]), c);
  const bytes = m.finish(0), module = new WebAssembly.Module(bytes), memory = new WebAssembly.Memory({ initial: 0, maximum: 0 });
  const region: KeptRegion = {
    index, offset: 2 * n, generation: 0, sum, pages: [0, 1], stretches: [2 * n, 4], code: Uint8Array.of(1, 2, 3, n), blocks: [2 * n], instructions: 2,
    functions: [{ at: 1, length: 2, calls: [] }], shape: 'loop', hasSite: false, targets: [-4],
  };
  return { bytes, module, regions: [region], f: new WebAssembly.Instance(module, { env: { memory } }).exports['f'] as () => number };
}

const legacy = (made: ReturnType<typeof moduleOf> | null, rest: Partial<Legacy> = {}): Legacy =>
  ({ made: made === null ? [] : [made], merged: [], opened: new Map(), heat: new Map(), own: new Map(), functionOf: () => made?.f ?? null, ...rest });
const answer = (m: KeptModule): unknown => (new WebAssembly.Instance(m.module, { env: { memory: new WebAssembly.Memory({ initial: 0, maximum: 0 }) } }).exports['f'] as () => number)();

test('modules and heat come back', () => {
  const dir = directory(), store = new DirTranslations(dir, nativeCode()), made = moduleOf(7);
  assert.deepEqual([store.linesOf(7), store.heatOf(-5), store.places], [[], undefined, []]);
  store.keep(legacy(made, { heat: new Map([[-5, new Map([[3, 12]])]]) }));
  new DirTranslations(dir, nativeCode()).keep(legacy(moduleOf(8)));
  const again = new DirTranslations(dir, nativeCode());
  assert.deepEqual([7, 8].flatMap(s => again.linesOf(s)).map(l => [l.sum, l.offset, l.index, l.module, l.number]), [[7, 14, 7, 0, 0], [8, 16, 8, 1, 0]]);
  assert.deepEqual([again.places, again.linesOf(6), again.linesOf(9), again.heatOf(-5), again.heatOf(7)], [[7, 8], [], [], new Map([[3, 12]]), undefined]);
  const found = again.open(0)!;
  assert.deepEqual(found.regions, made.regions);
  assert.deepEqual([answer(found), answer(again.open(1)!)], [7, 8]);
  assert.equal(again.open(2), null);
  assert.equal(statSync(dir).mode & 0o77, 0, 'for this user alone');
});

test('machine code comes back where the engine can say it', () => {
  const dir = directory(), code = nativeCode(), made = moduleOf(9);
  new DirTranslations(dir, code).keep(legacy(made));
  const file = readdirSync(dir).find(f => f.endsWith('.module'))!, { native } = decodeModule(new Uint8Array(readFileSync(join(dir, file))))!;
  assert.equal(native.length > 0, Number(process.versions.v8.split('.')[0]) < 14);
  if (native.length > 0) assert.notEqual(code.deserialize(native, made.bytes), null);
  const { exports } = new WebAssembly.Instance(new DirTranslations(dir, code).open(0)!.module, { env: { memory: new WebAssembly.Memory({ initial: 0, maximum: 0 }) } });
  assert.equal(code.isOptimized(exports['f'] as () => number), native.length > 0);
});

test('the machine\'s own modules are made once', () => {
  const dir = directory(), { bytes } = moduleOf(3);
  let times = 0;
  const make = (): Uint8Array<ArrayBuffer> => { times++; return bytes; };
  for (let i = 0; i < 2; i++) {
    const store = new DirTranslations(dir, nativeCode()), module = store.module('interpreter', make);
    assert.equal(answer({ bytes, module, regions: [] }), 3);
    store.keep(legacy(null));
  }
  assert.equal(times, 1);
});

test('an own module that was kept without machine code gets it from who can have it', () => {
  const dir = directory(), { bytes } = moduleOf(4), none: NativeCode = { isAvailable: false, isOptimized: () => false, optimize: () => {}, serialize: () => new Uint8Array(0), deserialize: () => null };
  const nativeBytes = (): number => decodeModule(new Uint8Array(readFileSync(join(dir, 'interpreter.module'))))!.native.length;
  for (const code of [none, nativeCode()]) {
    const store = new DirTranslations(dir, code), module = store.module('interpreter', () => bytes);
    const { exports } = new WebAssembly.Instance(module, { env: { memory: new WebAssembly.Memory({ initial: 0, maximum: 0 }) } });
    store.keep(legacy(null, { own: new Map([['interpreter', [exports['f'] as () => number]]]) }));
    assert.equal(nativeBytes() > 0, code !== none && code.isAvailable);
  }
  assert.equal(nativeCode().isAvailable, Number(process.versions.v8.split('.')[0]) < 14);
});

test('what was merged goes, with its files', () => {
  const dir = directory();
  for (let i = 0; i < 3; i++) new DirTranslations(dir, nativeCode()).keep(legacy(moduleOf(i)));
  new DirTranslations(dir, nativeCode()).keep(legacy(moduleOf(5), { merged: [0, 2] }));
  const store = new DirTranslations(dir, nativeCode());
  assert.deepEqual(store.places, [1, 5]);
  assert.deepEqual([0, 1, 2, 5].map(sum => store.linesOf(sum).map(l => answer(store.open(l.module)!))), [[], [1], [], [5]]);
  assert.equal(readdirSync(dir).filter(f => f.endsWith('.module')).length, 2);
});

test('a broken file is not there: each of its bytes counts', () => {
  const good = encodeModule({ ...moduleOf(4), native: Uint8Array.of(1, 2, 3) });
  assert.notEqual(decodeModule(good.slice()), null);
  for (let i = 0; i < good.length; i++) {
    const bad = good.slice();
    bad[i] = bad[i]! ^ 0x10;
    assert.equal(decodeModule(bad), null, `byte ${i}`);
  }
  for (let n = 0; n < good.length; n++) assert.equal(decodeModule(good.slice(0, n)), null, `${n} bytes`);
});

test('a broken list is an empty one, and is written anew', () => {
  const dir = directory();
  new DirTranslations(dir, nativeCode()).keep(legacy(moduleOf(1)));
  const list = readFileSync(join(dir, 'list'));
  for (let i = 0; i < list.length; i++) {
    const bad = Buffer.from(list);
    bad[i] = bad[i]! ^ 4;
    writeFileSync(join(dir, 'list'), bad);
    assert.deepEqual(new DirTranslations(dir, nativeCode()).places, [], `byte ${i}`);
  }
  new DirTranslations(dir, nativeCode()).keep(legacy(moduleOf(2)));
  assert.deepEqual(new DirTranslations(dir, nativeCode()).places, [2]);
});

test('a module that is gone is not there; a directory that cannot be made keeps nothing', () => {
  const dir = directory();
  new DirTranslations(dir, nativeCode()).keep(legacy(moduleOf(1)));
  for (const f of readdirSync(dir)) if (f.endsWith('.module')) rmSync(join(dir, f));
  assert.equal(new DirTranslations(dir, nativeCode()).open(0), null);
  const file = join(root, 'file');
  writeFileSync(file, '');
  const store = new DirTranslations(join(file, 'x'), nativeCode());
  store.keep(legacy(moduleOf(1)));
  assert.deepEqual(store.places, []);
  new DirTranslations('/proc/none/below', nativeCode()).keep(legacy(moduleOf(1)));
});

test('of many lines each page finds its own', () => {
  const dir = directory();
  for (const [i, sum] of [5, -9, 2 ** 31 - 1, -(2 ** 31), 5, 0].entries()) new DirTranslations(dir, nativeCode()).keep(legacy(moduleOf(i, sum), { heat: new Map([[sum, new Map([[i, 100 + i]])]]) }));
  const store = new DirTranslations(dir, nativeCode());
  assert.deepEqual(store.linesOf(5).map(l => l.index), [0, 4], 'the newer one last');
  assert.deepEqual([-9, 2 ** 31 - 1, -(2 ** 31), 0, 1].map(sum => store.linesOf(sum).map(l => l.index)), [[1], [2], [3], [5], []]);
  assert.deepEqual(store.heatOf(5), new Map([[4, 104]]));
  assert.deepEqual(store.places, [0, 1, 2, 3, 4, 5]);
});
