// What `npm run bench` compiles: bench/src for this host (gcc), riscv64 (cross gcc, static glibc) and wasm32-wasi (clang with wasi-libc), and kspace itself,
// frozen for the run. Everything lands in build/bench/ and is rebuilt when its source is newer. A missing compiler is a reason to skip, no failure.
import { build } from 'esbuild';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { commandLine, common, keepCode } from './build.mjs';

export const root = new URL('..', import.meta.url).pathname;
export const out = `${root}build/bench/`;
/** What wasm32-wasi cannot do: no parent processes. */
const NOT_WASM = new Set(['getppid']);

const COMPILERS = {
  native: { tool: 'gcc', flags: ['-O2', '-pthread'] },
  riscv64: { tool: 'riscv64-linux-gnu-gcc', flags: ['-O2', '-static', '-pthread'] },
  // Node 20's WASI aborts now and then when memory has grown: it starts large enough.
  wasm: { tool: 'clang', flags: ['--target=wasm32-wasi', '-O2', '-Wl,--initial-memory=100663296'], needs: '/usr/lib/wasm32-wasi' },
};

/** Names of the programs of suite cpu; `empty` first. */
export const cpuPrograms = () => ['empty', ...readdirSync(`${root}bench/src/cpu`).map(f => f.replace('.c', '')).filter(n => n !== 'empty').sort()];

/** The compiled program, or { skip: reason }. `source` is a path below bench/src without '.c'. */
export function program(source, target) {
  const name = source.split('/').at(-1), from = `${root}bench/src/${source}.c`, to = `${out}${target}/${name}`;
  const { tool, flags, needs } = COMPILERS[target];
  if (target === 'wasm' && NOT_WASM.has(name)) return { skip: 'WASI has no such call' };
  if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).error) return { skip: `no ${tool} here` };
  if (needs !== undefined && !existsSync(needs)) return { skip: 'no wasi-libc here' };
  if (existsSync(to) && statSync(to).mtimeMs > statSync(from).mtimeMs) return to;
  mkdirSync(`${out}${target}`, { recursive: true });
  const made = spawnSync(tool, [...flags, '-o', to, from, '-lm'], { encoding: 'utf8', timeout: 60_000 });
  return made.status === 0 ? to : { skip: `${tool}: ${made.stderr.trim().split('\n')[0]}` };
}

/** The command line as users get it, bundled from the sources of this moment: others may rebuild dist/ while we measure. */
export async function kspace() {
  const outdir = `${out}kspace`, bundle = `${outdir}/kspace.cjs`, start = `${outdir}/start.cjs`;
  await build({ ...commandLine, outdir });
  await build({ ...common, entryPoints: { 'driver-worker': 'src/system/node/driver-worker.ts' }, outdir, packages: 'external', minifySyntax: true, minifyWhitespace: true });
  keepCode(bundle);
  writeFileSync(start, `require(${JSON.stringify(`${root}bin/start.cjs`)}).start(${JSON.stringify(bundle)});\n`);
  return start;
}

/** Versions for the report. */
export function toolVersions() {
  const first = (tool, ...args) => { try { return execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0]; } catch { return 'absent'; } };
  return { gcc: first('gcc', '--version'), riscv: first('riscv64-linux-gnu-gcc', '--version'), clang: first('clang', '--version'), qemu: first('qemu-riscv64', '--version') };
}
