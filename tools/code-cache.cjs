// `node tools/code-cache.cjs BUNDLE`: runs a program that does what most do, from an image, and leaves the code that V8 compiled for it in BUNDLE.cache (bin/start.cjs).
'use strict';
const { execFileSync } = require('node:child_process');
const { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { record } = require('../bin/start.cjs');
const { program } = require('./rehearsal.cjs');

const home = mkdtempSync(join(tmpdir(), 'kspace-build-')), root = join(home, 'root'), bundle = process.argv[2];
mkdirSync(join(root, 'tmp'), { recursive: true });
for (const name of ['busy', 'exit']) {
  writeFileSync(join(root, name), program(name));
  chmodSync(join(root, name), 0o755);
}
symlinkSync('busy', join(root, 'link'));
process.env.KSPACE_HOME = home;
const run = ['run', '-v', `${root}:/mnt:ro`, 'rehearsal', '--', '/link'];
// The second run finds the translations of the first, as most runs do.
for (const args of [['image', 'import', root, 'rehearsal'], run]) execFileSync(process.execPath, [bundle, ...args], { stdio: 'ignore' });
process.argv = [process.argv[0], bundle, ...run];
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
record(bundle, () => {
  // What src/host/node/v8.ts has set.
  if (process.versions.v8.startsWith('11.3')) setFlagsFromString('--no-experimental-wasm-relaxed-simd');
});
