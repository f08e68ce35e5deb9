// npm test [PATTERN...]: bundles every *.test.ts (src/ and test/) whose path contains one of the patterns, then runs node's test runner on them.
// KSPACE_JIT=0|1|eager npm test …: every machine with the translator off, on, or translating whatever is executed at once (slow; tests wait longer then).
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { common } from './build.mjs';

const root = new URL('..', import.meta.url).pathname;
const patterns = process.argv.slice(2).filter(a => !a.startsWith('--'));
const flags = process.argv.slice(2).filter(a => a.startsWith('--'));
const files = ['src', 'test'].flatMap(d => readdirSync(root + d, { recursive: true }).map(f => `${d}/${f}`))
  .filter(f => f.endsWith('.test.ts') && (patterns.length === 0 || patterns.some(p => f.includes(p)))).sort();
if (files.length === 0) { console.error(`no test file matches ${patterns.join(' ')}`); process.exit(2); }

/** Modules that workers run: beside the chunks, as in dist/. */
const WORKERS = ['src/system/node/driver-worker.ts', 'test/devices/test-driver-worker.ts', 'test/devices/page-worker.ts'];

// A private folder per run, so that several runs may go on at once.
const outdir = `build/test-${process.pid}`;
try {
  await build({
    ...common, entryPoints: [...files, ...WORKERS].map(f => ({ in: f, out: WORKERS.includes(f) ? basename(f, '.ts') : f.replace(/\.ts$/, '') })),
    outdir, splitting: true, sourcemap: 'inline', packages: 'external',
    chunkNames: 'chunks/[name]-[hash]',
  });
  const r = spawnSync(process.execPath,
    ['--enable-source-maps', '--test', `--test-concurrency=${availableParallelism()}`, ...flags, ...files.map(f => `${outdir}/${f.replace(/\.ts$/, '.js')}`)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, KSPACE_ROOT: root } });
  process.exitCode = r.status ?? 1;
} finally {
  rmSync(root + outdir, { recursive: true, force: true });
}
