// Builds what users run: dist/cli.js, dist/api.js and dist/driver-worker.js (one bundle each, shared chunks, packages left outside), and dist/types unless --no-types.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

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
const ENTRIES = { cli: 'src/cli/main.ts', api: 'src/system/api.ts', 'driver-worker': 'src/system/node/driver-worker.ts' };
/** Chunks of former builds stay this long: a kspace that is starting may still want them. */
const KEEP_MS = 10 * 60_000;

if (import.meta.main ?? process.argv[1] === new URL(import.meta.url).pathname) {
  const fresh = `${root}build/dist-${process.pid}/`;
  try {
    await build({
      ...common,
      entryPoints: Object.fromEntries(Object.entries(ENTRIES).filter(([, file]) => existsSync(root + file))),
      outdir: fresh, splitting: true, packages: 'external', sourcemap: 'linked', chunkNames: 'chunks/[name]-[hash]',
      // Names stay, so that an oops and a profile can be read; less text is less to parse at every start.
      minifySyntax: true, minifyWhitespace: true,
    });
    writeManifest(fresh);
    install(fresh, root + 'dist/');
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  if (!process.argv.includes('--no-types')) {
    execFileSync(process.execPath, [root + 'node_modules/typescript/bin/tsc', '-p', root + 'tsconfig.dist.json'], { stdio: 'inherit' });
  }
}

/** What a measured boot compares the running kernel with (src/system/node/measure.ts). Source maps are not code. */
function writeManifest(dir) {
  const files = readdirSync(dir, { recursive: true }).filter(f => f.endsWith('.js')).sort();
  const hash = name => createHash('sha256').update(readFileSync(dir + name)).digest('hex');
  writeFileSync(dir + 'manifest.json', `${JSON.stringify({ version, files: Object.fromEntries(files.map(f => [f, hash(f)])) }, null, 1)}\n`);
}

/** Chunks first (their names change with their contents), then the entries that name them: whoever starts meanwhile finds a whole build. */
function install(from, to) {
  const files = readdirSync(from, { recursive: true, withFileTypes: true }).filter(e => e.isFile())
    .map(e => `${(e.parentPath ?? e.path) + '/'}${e.name}`.slice(from.length).replace(/^\/+/, ''));
  mkdirSync(to + 'chunks', { recursive: true });
  for (const f of files.sort((a, b) => Number(b.startsWith('chunks/')) - Number(a.startsWith('chunks/')))) renameSync(from + f, to + f);
  for (const name of readdirSync(to + 'chunks')) {
    const old = to + 'chunks/' + name;
    if (!files.includes('chunks/' + name) && Date.now() - statSync(old).mtimeMs > KEEP_MS) rmSync(old, { force: true });
  }
}
