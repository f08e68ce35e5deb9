// A static Go program of the world: esbuild's own riscv64 build out of its npm package, as the host's file through `kspace exec`.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeDir } from '../../src/image/store.ts';
import { ROOT, run } from './images.ts';
import { PATIENCE } from '../patience.ts';

const { version } = createRequire(join(ROOT, 'package.json'))('esbuild/package.json') as { version: string };
const cache = join(storeDir(), 'test', `esbuild-${version}`);
const program = join(cache, 'package/bin/esbuild');

/** Fetches the package once: false, or why not. */
function noProgram(): string | false {
  if (existsSync(program)) return false;
  mkdirSync(cache, { recursive: true });
  const packed = spawnSync('npm', ['pack', '--silent', `@esbuild/linux-riscv64@${version}`], { cwd: cache, encoding: 'utf8', timeout: 60_000 });
  const unpacked = packed.status === 0 && spawnSync('tar', ['xzf', packed.stdout.trim()], { cwd: cache }).status === 0;
  return unpacked ? false : 'npm has no network: the package with the Go program cannot be had';
}

test('exec: a static Go program prints its version and bundles a file', { skip: noProgram(), timeout: 120_000 * PATIENCE }, t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-go-'));
  t.after(() => rmSync(dir, { recursive: true }));
  run(['run', '--', 'true']); // the image below builds itself on first use, and says so
  assert.deepEqual(run(['exec', program, '--version'], { cwd: dir }), { status: 0, out: `${version}\n`, err: '' });
  writeFileSync(join(dir, 'a.js'), 'import { x } from "./b.js"; console.log(x)');
  writeFileSync(join(dir, 'b.js'), 'export const x = 42');
  const r = run(['exec', program, 'a.js', '--bundle', '--outfile=out.js'], { cwd: dir });
  assert.equal(r.status, 0, r.err);
  assert.match(readFileSync(join(dir, 'out.js'), 'utf8'), /var x = 42;[\s\S]*console\.log\(x\)/);
});
