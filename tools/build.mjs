// Builds what users run: dist/kspace.cjs, the command line, with its code cache; dist/api.js and dist/driver-worker.js (one bundle each, shared chunks); packages are left
// outside. And dist/types unless --no-types.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

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

/**
 * The command line is one script: V8's code cache is for those. Loaded by require() it runs; as a bare script it is a function (bin/start.cjs), without a
 * copy of the text for a wrapper. Names stay, so that an oops and a profile can be read; less text is less to read at every start.
 */
export const commandLine = {
  ...common,
  entryPoints: { kspace: 'src/cli/main.ts' }, format: 'cjs', outExtension: { '.js': '.cjs' }, packages: 'external', charset: 'ascii',
  minifySyntax: true, minifyWhitespace: true,
  define: { ...common.define, 'import.meta.url': 'BUNDLE_URL' },
  banner: { js: '(typeof module === "object" ? run => run(require, __filename, name => import(name)) : run => run)((function (require, __filename, importModule) { "use strict"; const module = {}, BUNDLE_URL = require("node:url").pathToFileURL(__filename).href;' },
  footer: { js: '}))' },
};

/** The modules that are built for Node. */
const ENTRIES = { api: 'src/system/api.ts', 'driver-worker': 'src/system/node/driver-worker.ts' };
/** What starts the bundle, as it lies beside dist/. */
const STARTERS = ['../bin/kspace', '../bin/start.cjs'];
/** Chunks of former builds stay this long: a kspace that is starting may still want them. */
const KEEP_MS = 10 * 60_000;

if (import.meta.main ?? process.argv[1] === new URL(import.meta.url).pathname) {
  const fresh = `${root}build/dist-${process.pid}/`;
  try {
    await build({
      ...common,
      entryPoints: ENTRIES,
      outdir: fresh, splitting: true, packages: 'external', sourcemap: 'linked', chunkNames: 'chunks/[name]-[hash]',
      minifySyntax: true, minifyWhitespace: true,
    });
    await build({ ...commandLine, outdir: fresh, sourcemap: 'linked' });
    keepCode(fresh + 'kspace.cjs');
    writeManifest(fresh);
    install(fresh, root + 'dist/');
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  if (!process.argv.includes('--no-types')) {
    execFileSync(process.execPath, [root + 'node_modules/typescript/bin/tsc', '-p', root + 'tsconfig.dist.json'], { stdio: 'inherit' });
  }
}

/** Puts the stamp under a bundle that its cache is known by, and makes the cache. Code from a cache cannot import(): it calls what it is given. */
export function keepCode(bundle) {
  const [head, ...body] = readFileSync(bundle, 'latin1').split('\n');
  const text = [head, plainNamespaces(body.join('\n').replace(/(?<![\w.$#])import\(/g, 'importModule('))].join('\n');
  writeFileSync(bundle, `${text}//# build ${createHash('sha256').update(text).digest('hex')}`);
  execFileSync(process.execPath, [root + 'tools/code-cache.cjs', bundle], { stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000, env: { ...process.env, NODE_OPTIONS: '' } });
}

/**
 * A module as an object (`import * as x`) is filled with two thousand getters at each start. Here it is made when somebody first uses it, when its module
 * has run, with the values: nothing of ours exports what changes.
 */
function plainNamespaces(text) {
  const names = new Set();
  const declared = text.replace(/var (\w+_exports\d*)=\{\};__export\(\1,\{([^{}]*)\}\);/g, (_, name, list) => {
    names.add(name);
    return `var ${name}$;function ${name}$of(){return ${name}$??={${list.replaceAll(':()=>', ':')}}}`;
  });
  return declared.replace(/\b\w+_exports\d*\b(?!\$)/g, name => (names.has(name) ? `${name}$of()` : name));
}

/** What a measured boot compares the running kernel with (src/system/node/measure.ts). Source maps are not code. */
function writeManifest(dir) {
  const files = [...readdirSync(dir, { recursive: true }).filter(f => /\.(?:js|cjs|cache)$/.test(f)), ...STARTERS].sort();
  const hash = name => createHash('sha256').update(readFileSync(STARTERS.includes(name) ? new URL(name, `file://${root}dist/`) : dir + name)).digest('hex');
  writeFileSync(dir + 'manifest.json', `${JSON.stringify({ version, node: process.version, files: Object.fromEntries(files.map(f => [f, hash(f)])) }, null, 1)}\n`);
}

/** Chunks first (their names change with their contents), then the entries that name them: whoever starts meanwhile finds a whole build. */
function install(from, to) {
  const files = readdirSync(from, { recursive: true, withFileTypes: true }).filter(e => e.isFile())
    .map(e => `${(e.parentPath ?? e.path) + '/'}${e.name}`.slice(from.length).replace(/^\/+/, ''));
  mkdirSync(to + 'chunks', { recursive: true });
  for (const f of files.sort((a, b) => Number(b.startsWith('chunks/')) - Number(a.startsWith('chunks/')))) renameSync(from + f, to + f);
  for (const e of readdirSync(to, { withFileTypes: true })) if (e.isFile() && !files.includes(e.name)) rmSync(to + e.name);
  for (const name of readdirSync(to + 'chunks')) {
    const old = to + 'chunks/' + name;
    if (!files.includes('chunks/' + name) && Date.now() - statSync(old).mtimeMs > KEEP_MS) rmSync(old, { force: true });
  }
}
