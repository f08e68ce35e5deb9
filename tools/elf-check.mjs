// The prebuilt ELF files beside the guest tests: bench kernels and the programs that gdb debugs in test/debian. `node tools/elf-check.mjs` rebuilds them,
// `--check` compares byte for byte with a fresh build where the compiler of test/guest/bin/COMPILER is at hand.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compilerVersion } from './guest-build.mjs';

const root = new URL('..', import.meta.url).pathname;
const BARE = ['-O2', '-nostdlib', '-static', '-ffreestanding', '-fno-pic', '-Wl,--no-relax,--build-id=none'];
const DEBUG = ['-g', '-O0', '-Wl,--build-id=none'];
/** Output: source and flags; the compiler runs beside the source, and the place of the checkout is mapped away. */
const PROGRAMS = {
  'bench/guest/cpu.elf': ['bench/guest/cpu.c', [...BARE, '-fno-math-errno', '-fno-tree-loop-distribute-patterns', '-Wl,-Ttext=0x10000,-z,norelro', '-s']],
  'bench/guest/calls.elf': ['bench/guest/calls.c', [...BARE, '-fasynchronous-unwind-tables']],
  'test/debian/debug/crash': ['test/debian/debug/crash.c', DEBUG],
  'test/debian/debug/threads': ['test/debian/debug/threads.c', [...DEBUG, '-pthread']],
};

const check = process.argv.includes('--check');
const expected = readFileSync(root + 'test/guest/bin/COMPILER', 'utf8').trim();
const compiler = compilerVersion();
if (compiler !== expected) {
  console.log(`skipped: needs ${expected}, this host has ${compiler ?? 'no riscv64-linux-gnu-gcc'}`);
  process.exit(check ? 0 : 1);
}
const dir = mkdtempSync(join(tmpdir(), 'elf-check-'));
let different = 0;
for (const [out, [source, flags]] of Object.entries(PROGRAMS)) {
  const target = check ? join(dir, 'fresh.elf') : root + out;
  const cwd = dirname(root + source);
  const r = spawnSync('riscv64-linux-gnu-gcc', [...flags, `-ffile-prefix-map=${cwd}=.`, '-o', target, root + source], { cwd, encoding: 'utf8' });
  if (r.status !== 0) throw new Error(r.stderr);
  if (check && !(existsSync(root + out) && readFileSync(target).equals(readFileSync(root + out)))) {
    console.error(`${out} is not what ${source} gives: node tools/elf-check.mjs`);
    different++;
  }
}
rmSync(dir, { recursive: true });
if (different === 0) console.log(`${Object.keys(PROGRAMS).length} programs ${check ? 'equal a fresh build' : 'built'}`);
process.exitCode = different > 0 ? 1 : 0;
