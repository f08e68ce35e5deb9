// Builds test/guest/src/*.c into test/guest/bin (riscv64, static, stripped, reproducible). `--check` rebuilds into a temporary directory and
// compares byte for byte where the same compiler is at hand; `--native DIR` builds for this x86-64 host, for tools/guest-record.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const GUEST = new URL('../test/guest/', import.meta.url).pathname;
const COMPILER_FILE = join(GUEST, 'bin/COMPILER');
const COMMON = ['-std=gnu2x', '-Os', '-g0', '-fno-builtin', '-nostdlib', '-fno-stack-protector', '-fno-asynchronous-unwind-tables',
  '-ffunction-sections', '-fdata-sections', '-fno-tree-loop-distribute-patterns', '-fno-ident', '-Wall', '-Wno-unused', '-Wno-return-type', '-Wno-array-bounds', '-Wno-misleading-indentation', '-Wno-infinite-recursion',
  `-ffile-prefix-map=${GUEST}=`, `-I${GUEST}libc`];
const LINK = ['-s', '-Wl,--build-id=none', '-Wl,--gc-sections', '-Wl,-z,noseparate-code', '-Wl,-z,max-page-size=4096', '-Wl,-z,norelro', '-Wl,-z,noexecstack', '-Wl,--no-warn-rwx-segments'];
const CROSS = { cc: 'riscv64-linux-gnu-gcc', flags: ['-march=rv64gc', '-mabi=lp64d', '-mno-riscv-attribute'] };
const NATIVE = { cc: 'gcc', flags: ['-mno-red-zone', '-fcf-protection=none'] };
/** Built beside the tests: what runs them (test/guest/world.c), what test/kernel and test/devices run. Name and source, relative to test/. */
export const TOOLS = { world: 'guest/world.c', race: 'kernel/race.c', laws: 'kernel/laws.c', evdev: 'devices/evdev.c', fb: 'devices/fb.c', 'gadget-fuzz': 'devices/gadget-fuzz.c' };
const LIBC = ['arch', 'string', 'print', 'proc'];

/** The names of all tests, or of those that contain one of `patterns`. */
export const testNames = (patterns = []) => readdirSync(join(GUEST, 'src')).filter(f => f.endsWith('.c')).map(f => f.slice(0, -2)).sort()
  .filter(name => patterns.length === 0 || patterns.some(p => name.includes(p)));

const sourceOf = name => TOOLS[name] === undefined ? join(GUEST, 'src', `${name}.c`) : join(GUEST, '..', TOOLS[name]);

/** The `// key: value` lines of a test's header. */
export const headerOf = name => Object.fromEntries([...readFileSync(sourceOf(name), 'utf8').matchAll(/^\/\/ (build|embed|oracle): (.*)$/gm)]
  .map(m => [m[1], m[2].trim()]));

/** First line of the cross compiler's --version, or undefined where there is none. */
export function compilerVersion() {
  const r = spawnSync(CROSS.cc, ['--version'], { encoding: 'utf8' });
  return r.status === 0 ? r.stdout.split('\n')[0] : undefined;
}

/** Builds `names` into `dir`; throws with the compiler's words on the first error. */
export function build(names, dir, tool = CROSS) {
  const work = mkdtempSync(join(tmpdir(), 'guest-build-'));
  const libc = pie => LIBC.map(part => {
    const object = join(work, `${part}${pie ? '.pie' : ''}.o`);
    if (!existsSync(object)) run(tool.cc, [...tool.flags, ...COMMON, pie ? '-fPIE' : '-fno-pie', '-c', join(GUEST, 'libc', `${part}.c`), '-o', object]);
    return object;
  });
  const one = (source, out, header) => {
    const pie = /\bpie\b/.test(header.build ?? '');
    const extra = (header.build ?? '').split(/\s+/).filter(w => w.startsWith('-'));
    run(tool.cc, [...tool.flags, ...COMMON, ...(pie ? ['-fPIE', '-static-pie', '-Wl,--no-dynamic-linker'] : ['-fno-pie', '-static', '-no-pie']), ...LINK,
      `-Wa,-I${work}`, source, ...libc(pie), '-o', out, ...extra]);
  };
  try {
    for (const name of names) {
      const header = headerOf(name);
      if (tool === NATIVE && header.oracle === 'qemu') continue;
      for (const aux of (header.embed ?? '').split(/\s+/).filter(Boolean)) {
        const source = join(GUEST, 'embed', `${aux}.c`);
        const opts = /^\/\/ build: (.*)$/m.exec(readFileSync(source, 'utf8'))?.[1];
        one(source, join(work, `${aux}.elf`), opts === undefined ? {} : { build: opts });
      }
      one(sourceOf(name), join(dir, name), header);
    }
  } finally { rmSync(work, { recursive: true }); }
}

/** Tests by pattern, and the tools when there is no pattern or when one names them. */
function wanted(patterns) {
  return [...testNames(patterns), ...Object.keys(TOOLS).filter(t => patterns.length === 0 || patterns.includes(t))];
}

function run(cmd, args) {
  const r = spawnSync(cmd, args, { encoding: 'utf8' });
  if (r.stderr) process.stderr.write(r.stderr);
  if (r.status !== 0) throw new Error(`${cmd} ${args.join(" ")} failed`);
}

function check(names) {
  const recorded = readFileSync(COMPILER_FILE, 'utf8').trim();
  const here = compilerVersion();
  if (here !== recorded) {
    console.log(`guest-build --check: skipped, the binaries were built by "${recorded}"; here is ${here === undefined ? 'no cross compiler' : `"${here}"`}`);
    return 0;
  }
  const dir = mkdtempSync(join(tmpdir(), 'guest-check-'));
  build(names, dir);
  const differ = names.filter(n => !existsSync(join(GUEST, 'bin', n)) || !readFileSync(join(dir, n)).equals(readFileSync(join(GUEST, 'bin', n))));
  rmSync(dir, { recursive: true });
  for (const n of differ) console.error(`guest-build --check: test/guest/bin/${n} is not what its source builds to`);
  if (differ.length === 0) console.log(`guest-build --check: ${names.length} binaries equal their sources' build`);
  return differ.length === 0 ? 0 : 1;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const args = process.argv.slice(2);
  if (args[0] === '--check') process.exit(check(wanted(args.slice(1))));
  else if (args[0] === '--native') { mkdirSync(args[1], { recursive: true }); build([...testNames(args.slice(2)), 'world'], args[1], NATIVE); }
  else {
    build(wanted(args), join(GUEST, 'bin'));
    writeFileSync(COMPILER_FILE, `${compilerVersion()}\n`);
  }
}
