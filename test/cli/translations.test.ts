// Translations that are kept between runs, from the command line: output never depends on them.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KSPACE, noImage, run } from './images.ts';
import { PATIENCE } from '../patience.ts';

const skip = await noImage('busybox', ['busybox-static']);
const opts = { skip, timeout: 120_000 * PATIENCE };
const exec = promisify(execFile);

/** Enough of one loop to be translated in any mode that translates. */
const SUMS = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $i | sha256sum';

function kept(t: { after(f: () => void): void }): { dir: string; files: () => Record<string, Buffer> } {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-kept-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return { dir, files: () => Object.fromEntries(readdirSync(dir, { recursive: true, withFileTypes: true }).filter(f => f.isFile()).map(f => [join(f.parentPath ?? f.path, f.name), readFileSync(join(f.parentPath ?? f.path, f.name))])) };
}

test('the same output with nothing kept, with what was kept, and with what was broken since', opts, t => {
  const { dir, files } = kept(t), go = (...options: string[]) => {
    const r = run(['run', '--jit', 'on', '--translations', dir, ...options, '--', 'sh', '-c', SUMS]);
    assert.deepEqual([r.err, r.status], ['', 0]);
    return r.out;
  };
  const first = go();
  assert.ok(Object.keys(files()).some(f => f.endsWith('/list')) && Object.keys(files()).some(f => f.endsWith('/interpreter.module')));
  for (let i = 0; i < 4; i++) assert.equal(go(), first);
  assert.ok(Object.keys(files()).filter(f => /-\w+\.module$/.test(f)).length > 0, 'modules of regions');
  assert.equal(go('--seed', '5'), first);
  for (const [file, bytes] of Object.entries(files())) writeFileSync(file, bytes.subarray(0, bytes.length >> 1));
  assert.equal(go(), first);
  for (const [file, bytes] of Object.entries(files())) { bytes[bytes.length - 9] = bytes[bytes.length - 9]! ^ 1; writeFileSync(file, bytes); }
  assert.equal(go(), first);
});

test('two machines at once share a directory', opts, async t => {
  const { dir, files } = kept(t), both = `for x in 1 2 3; do ${SUMS}; done`;
  for (let i = 0; i < 2; i++) {
    const [one, two] = await Promise.all([1, 2].map(() => exec(process.execPath, [KSPACE, 'run', '--jit', 'on', '--translations', dir, '--', 'sh', '-c', both])));
    assert.equal(one!.stdout, two!.stdout);
    assert.match(one!.stdout, /^(?:\w{64} {2}-\n){3}$/);
  }
  assert.ok(Object.keys(files()).length > 0);
});

test('off, and with a lockdown, nothing is kept; where nothing can be written the command runs all the same', opts, t => {
  const { dir, files } = kept(t);
  assert.equal(run(['run', '--translations', 'off', '--', 'true'], { env: { KSPACE_TRANSLATIONS: dir } }).status, 0);
  assert.equal(run(['run', '--lockdown', 'integrity', '--', 'true'], { env: { KSPACE_TRANSLATIONS: dir } }).status, 0);
  assert.deepEqual(Object.keys(files()), []);
  const file = join(dir, 'file');
  writeFileSync(file, '');
  const r = run(['run', '--translations', join(file, 'below'), '--', 'echo', 'fine']);
  assert.deepEqual([r.out, r.err, r.status], ['fine\n', '', 0]);
  assert.ok(!existsSync(join(file, 'below')));
});
