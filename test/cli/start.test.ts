// bin/start.cjs: a bundle runs from its code cache where that fits and is whole; else from its source, without a word.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './images.ts';

/** As tools/build.mjs makes them: a function as a script, a program for require(), a stamp at the end. */
const bundleOf = (word: string, stamp: string) => `(typeof module === "object" ? run => run(require, __filename, name => import(name)) : run => run)((function (require, __filename, importModule) {
  const { existsSync } = require('node:fs');
  process.stdout.write('${word} ' + existsSync(__filename));
  void importModule('node:path').then(path => process.stdout.write(' ' + path.basename(__filename)));
}))\n//# build ${stamp.repeat(64)}`;

function call(what: 'start' | 'record', bundle: string): string {
  const starter = `${bundle}.${what}.cjs`;
  writeFileSync(starter, `require(${JSON.stringify(join(ROOT, 'bin/start.cjs'))}).${what}(${JSON.stringify(bundle)}, () => {})`);
  const r = spawnSync(process.execPath, [starter], { encoding: 'utf8' });
  assert.deepEqual([r.status, r.stderr], [0, '']);
  return r.stdout;
}

test('a bundle runs from its code cache if V8, the build and every bit agree, else from its source', t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-start-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const bundle = join(dir, 'b.cjs'), cache = join(dir, 'b.cache');
  writeFileSync(bundle, bundleOf('old', '1'));
  assert.equal(call('start', bundle), 'old true b.cjs', 'without a cache');
  assert.equal(call('record', bundle), 'old true b.cjs');
  const whole = readFileSync(cache);
  // V8 looks at no more of a source than its length: that the old word is said proves that the cache is used.
  writeFileSync(bundle, bundleOf('new', '1'));
  assert.equal(call('start', bundle), 'old true b.cjs', 'from the cache');
  for (const [name, at] of [['another V8', 0], ['another build', 8], ['another sum', 72], ['damaged', 104], ['damaged', whole.length - 1]] as const) {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1;
    writeFileSync(cache, bytes);
    assert.equal(call('start', bundle), 'new true b.cjs', name);
  }
  writeFileSync(cache, whole.subarray(0, 90));
  assert.equal(call('start', bundle), 'new true b.cjs', 'cut off');
  writeFileSync(cache, whole);
  writeFileSync(bundle, bundleOf('new', '2'));
  assert.equal(call('start', bundle), 'new true b.cjs', 'a bundle of another build');
});

test('the build leaves a cache that fits the Node that has built it', () => {
  const code = "const { cachedDataVersionTag } = require('node:v8'); process.stdout.write(String(cachedDataVersionTag()))";
  const r = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  const cache = readFileSync(join(ROOT, 'dist/kspace.cache')), bundle = readFileSync(join(ROOT, 'dist/kspace.cjs'), 'latin1');
  assert.equal(cache.toString('latin1', 8, 72), bundle.slice(-64));
  if (readVersion() === process.version) assert.equal(cache.readUInt32LE(0), Number(r.stdout));
});

/** The Node that made the cache, as the manifest says. */
function readVersion(): string {
  return (JSON.parse(readFileSync(join(ROOT, 'dist/manifest.json'), 'utf8')) as { node: string }).node;
}
