// W^X as the machine's policy: every way to memory that is written and executed which a plain kernel leaves open (test/guest/src/execmem.c, recorded on
// Linux) is closed; who is exempt may make code, also under the translator.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noImage, ROOT, run } from '../cli/images.ts';

const opts = { skip: await noImage('busybox', ['busybox-static']), timeout: 120_000 };
const program = (name: string): string => join(ROOT, 'test/guest/bin', name);
/** Each in a directory of its own. */
function guest(name: string, ...options: string[]): { status: number; out: string; err: string } {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-wx-'));
  try {
    return run(['exec', ...options, program(name)], { cwd: dir });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const CLOSED = [
  'anonymous rwx', 'anonymous rx', 'shared rwx', 'memfd rx', 'memfd private rx', 'writable file shared rx', 'file private rwx', 'anonymous to rx', 'file rx to rwx',
  'written back to rx', 'stack to rwx', 'shmat executable',
];

test('without the policy everything is as on Linux; with it each way is closed, and what is harmless is not', opts, () => {
  const plain = readFileSync(join(ROOT, 'test/guest/expected/execmem.out'), 'utf8');
  assert.equal(guest('execmem').out, plain);
  const wanted = plain.split('\n').map(line => {
    const label = line.slice(0, line.indexOf(':'));
    return CLOSED.includes(label) ? `${label}: EACCES` : label === 'write to code by /proc/self/mem' ? `${label}: EIO` : line;
  }).join('\n');
  assert.equal(guest('execmem', '--security-opt', 'wx').out, wanted);
  assert.equal(wanted.match(/: EACCES/g)!.length, CLOSED.length);
});

test('an exempt program may, its children may until they become another program', opts, () => {
  const plain = readFileSync(join(ROOT, 'test/guest/expected/execmem.out'), 'utf8');
  assert.equal(guest('execmem', '--security-opt', `wx-exempt=${program('execmem')}`).out, plain);
  assert.match(guest('execmem', '--security-opt', 'wx-exempt=/bin/other').out, /anonymous rwx: EACCES/);
  assert.match(run(['run', '--security-opt', 'wx-exempt=/usr/bin/x', '--', 'cat', '/sys/kernel/security/wx']).out, /^on\nexempt \/usr\/bin\/x\n$/);
  assert.equal(run(['run', '--', 'cat', '/sys/kernel/security/wx']).out, 'off\n');
});

test('code made at run time runs only where it is exempt', opts, () => {
  assert.equal(guest('riscv-code-churn', '--security-opt', `wx-exempt=${program('riscv-code-churn')}`).status, 0);
  assert.notEqual(guest('riscv-code-churn', '--security-opt', 'wx').status, 0);
});

test('refusals are in the audit log', opts, t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-wx-')), log = join(dir, 'log');
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  guest('execmem', '--security-opt', 'wx', '--audit-log', log);
  const records = readFileSync(log, 'utf8').trim().split('\n').map(l => JSON.parse(l) as Record<string, unknown>);
  assert.equal(records.filter(x => x['event'] === 'wx' && x['comm'] === 'execmem').length, CLOSED.length + 1);
});
