// Suite programs: what people run, beside the same program of this host (its version may differ: the host's Debian is older) and of qemu-user on the
// unpacked image. Programs of the guest come from image `bench`, which is built with `kspace image build` on first use.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { common } from './build.mjs';
import { out, program, root } from './bench-build.mjs';
import { tier, which } from './bench-contenders.mjs';
import { targetOf } from './bench-cpu.mjs';
import { measure } from './bench-run.mjs';

const IMAGE = 'bench', PACKAGES = 'bash,coreutils,python3,sqlite3,gzip,gcc,libc6-dev,esbuild,busybox-static';
const DATA = `${out}data`, TREE = `${out}root`;
const SOURCES = `${root}src`;
const MACHINE = `${out}machine.mjs`;
/** So many runs kspace-jit has before it is measured, and kspace-up in one machine, of which the last three count; seconds that those may take. */
const RUNS = 12, RUNS_SECONDS = 600;

/** argv as a function of p(path in DATA) and of the contender's words for a program of its own and for the child it spawns. */
const PROGRAMS = [
  { name: 'true, cold start', argv: () => ['true'], details: true },
  { name: 'bash, loop of 10,000', argv: () => ['bash', '-c', 'i=0; while [ $i -lt 10000 ]; do i=$((i+1)); done; echo $i'] },
  { name: 'bash, 300 spawns of a static program', argv: (_, child) => ['bash', '-c', `for ((i=0;i<300;i++)); do ${child}; done >/dev/null; echo $i`] },
  { name: 'python3 -c pass', argv: () => ['python3', '-c', 'pass'] },
  { name: 'python3, loop of 300,000', argv: () => ['python3', '-c', 's=0\nfor i in range(300000): s=(s*31+i)%1000003\nprint(s)'] },
  { name: 'sqlite3, 100,000 inserts', argv: p => ['sqlite3', ':memory:', `.read ${p}/inserts.sql`] },
  { name: 'gzip of 8 MiB', argv: p => ['gzip', '-nc', `${p}/text`], check: 'none' },
  { name: 'gcc -O2 -c hello.c', argv: (p, _, gcc) => [...gcc, '-O2', '-c', `${p}/hello.c`, '-o', '/tmp/kspace-bench.o'] },
  { name: 'esbuild, bundle of src/', argv: (_p, _c, _g, src) => ['esbuild', `${src}/cli/main.ts`, '--bundle', '--platform=node', '--format=esm', '--packages=external', '--log-level=error', '--outfile=/tmp/kspace-bench.js'] },
];

export const without = ['wasm'];
/** What a program needs is translated after some runs. */
export const warm = { contender: 'kspace-jit', runs: RUNS };

let missing;

/** Data, the image, and its plain copy for qemu. */
export async function prepare({ commands }, contenders) {
  makeData();
  const store = process.env.KSPACE_HOME ?? `${process.env.XDG_DATA_HOME || `${homedir()}/.local/share`}/kspace`, dir = `${store}/images/${IMAGE}`;
  if (!existsSync(`${dir}/index`)) {
    console.log(`(building image ${IMAGE}: ${PACKAGES})`);
    const made = measure(commands.kspace('image', 'build', IMAGE, '--packages', PACKAGES), { seconds: 1200 });
    if (!made.ok) missing = `image ${IMAGE} could not be built: ${made.why}`;
  }
  if (contenders.includes('kspace-up')) await build({ ...common, entryPoints: ['bench/src/tools/machine.ts'], outfile: MACHINE });
  const version = existsSync(`${dir}/manifest.json`) ? JSON.parse(readFileSync(`${dir}/manifest.json`, 'utf8')).sha256 : '';
  if (missing === undefined && contenders.includes('qemu') && !(existsSync(`${TREE}/.complete`) && readFileSync(`${TREE}/.complete`, 'utf8') === version)) {
    rmSync(TREE, { recursive: true, force: true });
    await build({ ...common, entryPoints: ['bench/src/tools/unpack-image.ts'], outfile: `${out}unpack-image.mjs` });
    const r = spawnSync(process.execPath, [`${out}unpack-image.mjs`, dir, TREE], { encoding: 'utf8' });
    if (r.status !== 0) throw new Error(`the image cannot be unpacked: ${r.stderr}`);
    writeFileSync(`${TREE}/.complete`, version);
  }
}

export function rows({ commands, only }) {
  return PROGRAMS.filter(({ name }) => only === undefined || name.includes(only)).map(({ name, argv, check, details }) => ({
    name, details,
    check: run => (check === 'none' ? '' : createHash('sha256').update(run.stdout).digest('hex').slice(0, 8)),
    command(contender) {
      const empty = program('cpu/empty', targetOf(contender));
      if (empty.skip) return empty;
      if (contender === 'native') return native(argv(DATA, empty, ['gcc'], SOURCES));
      if (missing !== undefined) return { skip: missing };
      return contender === 'qemu' ? qemu(argv(DATA, `${which('qemu-riscv64')} ${empty}`, qemuGcc(), SOURCES)) : guest(commands, contender, argv('/data', '/data/empty', ['gcc'], '/src'));
    },
  }));
}

function native([name, ...args]) {
  // Wrappers (pyenv, npx) are no part of what is measured.
  const file = name === 'esbuild' ? esbuildHere() : [`/usr/bin/${name}`, `/bin/${name}`].find(f => existsSync(f));
  return file === undefined ? { skip: `no ${name} on this host` } : { argv: [file, ...args] };
}

const qemu = ([name, ...args]) => ({ argv: ['qemu-riscv64', '-L', TREE, `${TREE}/usr/bin/${name}`, ...args] });

/** gcc(1) starts cc1 and as: through the emulator, from where the image was unpacked. */
const qemuGcc = () => ['gcc', `-B${TREE}/usr/libexec/gcc/riscv64-linux-gnu/14/`, `-B${TREE}/usr/bin/riscv64-linux-gnu-`, '-isystem', `${TREE}/usr/include`,
  '-isystem', `${TREE}/usr/include/riscv64-linux-gnu`, '-wrapper', `${which('qemu-riscv64')},-L,${TREE}`];

function guest(commands, contender, argv) {
  const empty = program('cpu/empty', 'riscv64');
  writeFileSync(`${DATA}/empty`, readFileSync(empty), { mode: 0o755 });
  if (contender === 'kspace-up') {
    const report = `${out}last-run-${process.pid}`;
    return { argv: [commands.node, MACHINE, report, String(RUNS), IMAGE, DATA, SOURCES, ...argv], env: tier(contender), seconds: RUNS_SECONDS, times: () => lastRun(report) };
  }
  return { argv: commands.kspace('run', '-v', `${DATA}:/data:ro`, '-v', `${SOURCES}:/src:ro`, IMAGE, '--', ...argv), env: tier(contender) };
}

/** What bench/src/tools/machine.ts has reported. */
function lastRun(report) {
  const [cpu, wall] = readFileSync(report, 'utf8').split(' ').map(Number);
  rmSync(report);
  return { cpu, wall };
}

function esbuildHere() {
  const file = `${root}node_modules/@esbuild/${process.platform}-${process.arch}/bin/esbuild`;
  return existsSync(file) ? file : undefined;
}

function makeData() {
  mkdirSync(DATA, { recursive: true });
  writeFileSync(`${DATA}/hello.c`, '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n');
  if (!existsSync(`${DATA}/text`)) {
    const words = ['read', 'write', 'page', 'fault', 'signal', 'task', 'clock', 'file', 'mount', 'pipe', 'the', 'of', 'and', 'a', 'to', 'is'];
    let text = '', seed = 1;
    while (text.length < 8 << 20) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      text += words[seed >>> 28] + (seed >>> 27 & 1 ? ' ' : ` ${seed >>> 12 & 4095} `);
    }
    writeFileSync(`${DATA}/text`, text.slice(0, 8 << 20));
  }
  if (!existsSync(`${DATA}/inserts.sql`)) {
    const lines = ['CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, value INTEGER);', 'CREATE INDEX i ON t(value);', 'BEGIN;'];
    for (let i = 1; i <= 100_000; i++) lines.push(`INSERT INTO t VALUES(${i}, 'name ${i}', ${Math.imul(i, 7919) % 1000});`);
    writeFileSync(`${DATA}/inserts.sql`, `${lines.join('\n')}\nCOMMIT;\nSELECT count(*), sum(value) FROM t;\n`);
  }
}
