// Builds what users run: dist/cli.js and dist/api.js (one bundle each, shared chunks, packages left outside), and dist/types unless --no-types.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(root + 'package.json', 'utf8'));

export const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  define: { KSPACE_VERSION: JSON.stringify(version) },
  loader: { '.wasm': 'binary' },
  logLevel: 'warning',
};

/** What is built for Node; the library appears as soon as there is one. */
const ENTRIES = { cli: 'src/cli/main.ts', api: 'src/system/api.ts' };

if (import.meta.main ?? process.argv[1] === new URL(import.meta.url).pathname) {
  // Into a directory of our own, then swapped in: a kspace that is starting meanwhile finds the old build or the new one.
  const fresh = `build/dist-${process.pid}`;
  try {
    await build({
      ...common,
      entryPoints: Object.fromEntries(Object.entries(ENTRIES).filter(([, file]) => existsSync(root + file))),
      outdir: fresh, splitting: true, packages: 'external', sourcemap: 'linked', minifySyntax: true, chunkNames: 'chunks/[name]-[hash]',
    });
    rmSync(root + 'dist', { recursive: true, force: true });
    renameSync(root + fresh, root + 'dist');
  } finally {
    rmSync(root + fresh, { recursive: true, force: true });
  }
  if (!process.argv.includes('--no-types')) {
    execFileSync(process.execPath, [root + 'node_modules/typescript/bin/tsc', '-p', root + 'tsconfig.dist.json'], { stdio: 'inherit' });
  }
}
