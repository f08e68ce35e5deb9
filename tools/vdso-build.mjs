// Compiles the vDSO (src/kernel/task/vdso/) into src/kernel/task/vdso/image.ts, which the kernel carries. `--check` compares with a fresh build where
// the compiler of test/guest/bin/COMPILER is at hand.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilerVersion } from './guest-build.mjs';

const dir = new URL('../src/kernel/task/vdso/', import.meta.url).pathname;
const FLAGS = ['-Os', '-g0', '-march=rv64gc', '-mabi=lp64d', '-mno-riscv-attribute', '-fPIC', '-mcmodel=medany', '-fno-builtin', '-nostdlib', '-shared', '-fno-stack-protector',
  '-fasynchronous-unwind-tables', '-fno-ident', '-Wall', '-Werror', '-s',
  '-Wl,--build-id=none,--hash-style=both,-soname=linux-vdso.so.1,-T,vdso.lds,--no-relax,--eh-frame-hdr,-z,max-page-size=4096'];

const check = process.argv.includes('--check');
const expected = readFileSync(new URL('../test/guest/bin/COMPILER', import.meta.url), 'utf8').trim();
const compiler = compilerVersion();
if (compiler !== expected) {
  console.log(`skipped: needs ${expected}, this host has ${compiler ?? 'no riscv64-linux-gnu-gcc'}`);
  process.exit(check ? 0 : 1);
}
const fresh = generate();
if (!check) writeFileSync(dir + 'image.ts', fresh);
else if (readFileSync(dir + 'image.ts', 'utf8') !== fresh) {
  console.error('src/kernel/task/vdso/image.ts is not what its sources give: node tools/vdso-build.mjs');
  process.exitCode = 1;
} else console.log('the vDSO equals a fresh build');

/** The text of image.ts. */
function generate() {
  const work = mkdtempSync(join(tmpdir(), 'vdso-')), out = join(work, 'vdso.so');
  try {
    run('riscv64-linux-gnu-gcc', [...FLAGS, '-o', out, 'vdso.c', 'sigreturn.S']);
    const sigreturn = /^([0-9a-f]+) T __vdso_rt_sigreturn/m.exec(run('riscv64-linux-gnu-nm', ['-D', out]))[1];
    const lines = readFileSync(out).toString('hex').match(/.{1,144}/g).map(l => `  '${l}'`).join(' +\n');
    return `// Made by tools/vdso-build.mjs from vdso.c, sigreturn.S and vdso.lds: the vDSO as an ELF file, and where in it signal handlers return to.
export const SIGRETURN_OFFSET = 0x${parseInt(sigreturn, 16).toString(16)};
export const VDSO_HEX =\n${lines};\n`;
  } finally { rmSync(work, { recursive: true }); }
}

function run(command, args) {
  const r = spawnSync(command, args, { cwd: dir, encoding: 'utf8' });
  if (r.status !== 0) throw new Error(r.stderr);
  return r.stdout;
}
