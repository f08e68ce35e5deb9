// npm run fuzz -- [--calls N] [--seed S] [--threads N] [--as user|root|both] [--replay FILE] [--minimise FILE]: random system calls by the grammar of
// test/fuzz, until N are made. Findings are files in build/fuzz: --replay does one again, --minimise makes it small. --threads 0: one to four by round.
// KSPACE_JIT=1|eager: with the translator. A round that does not come back is done again with a protocol of what it does.
import { build } from 'esbuild';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { common } from './build.mjs';

const root = new URL('..', import.meta.url).pathname;
const argument = (name, otherwise) => { const i = process.argv.indexOf(name); return i < 0 ? otherwise : process.argv[i + 1]; };
/** No round takes this long, unless something hangs. */
const PATIENCE_MS = Number(process.env.KSPACE_FUZZ_PATIENCE_MS ?? 120_000);

const seed = Number(argument('--seed', 1)), threads = Number(argument('--threads', 0)), as = argument('--as', 'both');
const directory = `${root}build/fuzz`;
const file = argument('--replay', argument('--minimise'));
const job = file === undefined ? { what: 'fuzz', calls: Number(argument('--calls', 100_000)), seed, threads, as, directory }
  : { what: process.argv.includes('--replay') ? 'replay' : 'minimise', file };

const dir = mkdtempSync(`${root}build/fuzz-`);
try {
  await build({ ...common, entryPoints: [`${root}test/fuzz/child.ts`], outfile: `${dir}/child.mjs`, packages: 'external', sourcemap: 'inline' });
  process.exitCode = await run(job);
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** The job's exit status; 1 for one that had to be killed. */
async function run(what) {
  const child = fork(`${dir}/child.mjs`, [JSON.stringify(what)], { cwd: root, execArgv: ['--enable-source-maps'], env: { ...process.env, KSPACE_ROOT: root } });
  let last = { made: 0, findings: 0, rounds: 0 }, timer;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { child.kill('SIGKILL'); }, what.what === 'minimise' ? 2 ** 31 - 1 : PATIENCE_MS);
  };
  watch();
  child.on('message', m => {
    last = m;
    watch();
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${m.made} calls, ${m.findings} findings`);
  });
  const [status, signal] = await new Promise(resolve => { child.on('exit', (...how) => resolve(how)); });
  clearTimeout(timer);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (signal === null) return status;
  console.log(`seed ${seed}: round ${last.rounds} did not come back after ${last.made} calls (${signal})`);
  if (what.what === 'fuzz') {
    const protocol = `${directory}/seed-${seed}-round-${last.rounds}.protocol`;
    await run({ what: 'protocol', seed, threads, as, round: last.rounds, file: protocol });
    console.log(`what it did: ${protocol}`);
  }
  return 1;
}
