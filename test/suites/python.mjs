// Runs modules of CPython's own test suite (Debian's libpython3.13-testsuite) in a machine and compares with python.md, the list of known
// differences. Not part of `npm test`: minutes to hours. Under --seed time is instructions, so that a busy host changes nothing.
// node test/suites/python.mjs [-u UID] [--seed N] [--log DIR] [test_os test_signal.PosixTests …]
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KSPACE = join(ROOT, 'bin/kspace');
const IMAGE = 'pytest';
/** The modules that look at the kernel. */
const MODULES = [
  'os', 'posix', 'subprocess', 'signal', 'threading', 'select', 'selectors', 'epoll', 'poll', 'fcntl', 'pty', 'tempfile', 'shutil', 'time', 'resource', 'mmap',
  'socket', 'socketserver', 'multiprocessing_fork', 'multiprocessing_spawn', 'multiprocessing_forkserver', 'asyncio', 'io', 'largefile', 'stat', 'grp', 'pwd', 'getpass',
  'fileio', 'tty', 'termios', 'ioctl', 'syslog', 'thread', 'fork1', 'wait3', 'wait4', 'popen', 'pathlib', 'glob', 'posixpath', 'eintr', 'openpty', 'threadsignals',
].map(m => 'test_' + m);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { user: { type: 'string', short: 'u' }, log: { type: 'string', default: join(ROOT, 'build/suites') }, timeout: { type: 'string', default: '900' }, seed: { type: 'string' } },
});
mkdirSync(values.log, { recursive: true });
const known = new Set(Array.from(readFileSync(new URL('python.md', import.meta.url), 'utf8').matchAll(/^- `([^`]+)`/gm), m => m[1]));
/** Entries with a star are not even run: they wait for time-outs, one by one. */
const skipped = module => [...known].filter(k => k.includes('*') && k.startsWith(`${module}.`)).flatMap(k => ['-i', k.slice(module.length + 1)]);
let news = 0;
for (const target of positionals.length > 0 ? positionals : MODULES) news += report(target);
process.exitCode = news > 0 ? 1 : 0;

/** Runs `test_module` or `test_module.PATTERN`, prints a line and each difference. Answers how many are not in the list. */
function report(target) {
  const [module, ...pattern] = target.split('.');
  const command = ['python3', '-u', '-m', 'test', '-v', module, ...skipped(module), ...(pattern.length > 0 ? ['-m', pattern.join('.')] : [])];
  const started = Date.now();
  const r = spawnSync(process.execPath, [KSPACE, 'run', '-m', '1G', '-w', '/tmp', ...(values.seed === undefined ? [] : ['--seed', values.seed]), ...(values.user === undefined ? [] : ['-u', values.user]), IMAGE, '--', ...command], {
    encoding: 'utf8', timeout: Number(values.timeout) * 1000, killSignal: 'SIGKILL', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = r.stdout + '\n' + r.stderr;
  writeFileSync(join(values.log, target + '.log'), text);
  const failed = [...new Set(Array.from(text.matchAll(/^(?:ERROR|FAIL): (\w+) \(([\w.]+)\)/gm), m => `${m[2].replace(/^test\./, '')}`))];
  if (text.includes('kernel BUG')) failed.push(`${target}: oops`);
  if (r.signal !== null) failed.push(`${target}: no end within ${values.timeout} s`);
  if (r.status !== 0 && r.signal === null && failed.length === 0) failed.push(`${target}: status ${r.status}`);
  const ran = Array.from(text.matchAll(/^Ran (\d+) tests? in .*$/gm), m => m[1]).join('+');
  const fresh = failed.filter(f => !known.has(f));
  console.log(`${target}: ${ran || 'no'} tests, ${failed.length} differ, ${fresh.length} new (${((Date.now() - started) / 1000).toFixed()} s)`);
  for (const f of failed) console.log(`  ${known.has(f) ? 'known' : 'NEW  '} ${f}`);
  return fresh.length;
}
