// Builds what users run: dist/cli.js and dist/api.js (one bundle each, shared chunks), and, with --types, dist/types.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

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

if (import.meta.main ?? process.argv[1] === new URL(import.meta.url).pathname) {
  rmSync(root + 'dist', { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: { cli: 'src/cli/main.ts', api: 'src/system/api.ts' },
    outdir: 'dist', splitting: true, sourcemap: 'linked', minifySyntax: true,
    banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
  });
  if (!process.argv.includes('--no-types')) {
    execFileSync(process.execPath, [root + 'node_modules/typescript/bin/tsc', '-p', root + 'tsconfig.dist.json'], { stdio: 'inherit' });
  }
}
