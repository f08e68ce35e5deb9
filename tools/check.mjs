// npm run check: types, layers, lint, the browser bundle, generated pages, guest binaries, tests. Stops at nothing; fails if anything failed.
import { spawnSync } from 'node:child_process';

const root = new URL('..', import.meta.url).pathname;
const steps = [
  ['types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['types of the core (no Node, no DOM)', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.core.json'],
  ['layers', 'tools/layers.mjs'],
  ['lint', 'node_modules/oxlint/bin/oxlint', '--quiet'],
  ['browser bundle', 'tools/browser-check.mjs'],
  ['generated pages', 'tools/docs.mjs', '--check'],
  ['guest binaries', 'tools/guest-build.mjs', '--check'],
  ['other prebuilt programs', 'tools/elf-check.mjs', '--check'],
  ['the vDSO', 'tools/vdso-build.mjs', '--check'],
  ['tests', 'tools/test.mjs'],
];
const failed = [];
for (const [name, ...args] of steps) {
  console.log(`== ${name}`);
  const r = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (r.status !== 0) failed.push(name);
}
console.log(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
