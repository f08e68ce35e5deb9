// Names that guests choose, where JavaScript or a terminal could take them for something else: object prototypes, JSON, escape sequences, paths out of
// an archive. SECURITY.md says what must come of each.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AuditLog } from '../../src/system/sandbox/audit-log.ts';
import { HostPolicy, type PolicyCall } from '../../src/system/sandbox/policy.ts';
import { compileProfile } from '../../src/system/sandbox/seccomp-profile.ts';
import { SYSCALL_NUMBERS } from '../../src/abi/syscall-numbers.ts';
import { oops } from '../../src/kernel/entry/oops.ts';
import { quote } from '../../src/kernel/strace/format.ts';
import { KernelLog } from '../../src/kernel/trace/log.ts';
import { noImage, run } from '../cli/images.ts';
import { TestMachine } from '../kernel/machine.ts';

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
const opts = { skip: await noImage('busybox', ['busybox-static']), timeout: 120_000 };
const sh = (script: string, ...options: string[]) => run(['run', ...options, '--', 'sh', '-c', script]);

test('files, directories, variables, processes and host names called like members of Object are only names', opts, () => {
  const script = `cd /tmp; for n in ${NAMES.join(' ')}; do
    echo $n > $n; mkdir d-$n; mv $n d-$n/$n; cat d-$n/$n; ln -s d-$n/$n $n; cat $n; rm $n
    printf '#!/bin/sh\\ntrue\\n' > $n; chmod +x $n; ./$n; env $n=x sh -c "env | grep -c ^$n="; hostname $n; hostname; done; ls | wc -l`;
  const r = sh(script);
  const lines = r.out.trim().split('\n');
  assert.equal(r.err, '');
  assert.deepEqual(lines.slice(0, -1), NAMES.flatMap(n => [n, n, '1', n]));
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('an audit record is one line of JSON, whatever a process calls itself', () => {
  const lines: string[] = [];
  const log = new AuditLog(line => lines.push(line));
  for (const comm of ['a"b', 'a\nb', '\u001b[2J', '\u0000', '__proto__', '\u2028', '},{']) log.record({ event: 'seccomp', pid: 1, uid: 0, comm });
  assert.equal(lines.length, 7);
  for (const line of lines) {
    assert.ok(line.indexOf('\n') === line.length - 1 && [...line.slice(0, -1)].every(c => c >= ' '), line);
    assert.equal((JSON.parse(line) as { event: string }).event, 'seccomp');
  }
});

test('a policy gets arguments in an object without a prototype, and rejects what is no decision', () => {
  const policy = new HostPolicy({ calls: ['read'], decide: (_c: PolicyCall) => 'allow' }, () => {});
  assert.throws(() => new HostPolicy({ calls: ['__proto__'], decide: () => 'allow' }, () => {}), /there is no system call __proto__/);
  assert.deepEqual([policy.sees(SYSCALL_NUMBERS.read), policy.sees(SYSCALL_NUMBERS.write)], [true, false]);
});

test('a seccomp profile that names members of Object names no calls', () => {
  const p = compileProfile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: NAMES, action: 'SCMP_ACT_KILL_PROCESS' }] }, new Set(), '6.12.0');
  assert.equal(p.length, compileProfile({ defaultAction: 'SCMP_ACT_ALLOW' }, new Set(), '6.12.0').length);
});

test('the kernel log shows control characters of names as text', opts, t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-names-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const profile = join(dir, 'p.json');
  writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['execve'], action: 'SCMP_ACT_LOG' }] }));
  const r = sh(`n=$(printf 'a\\033[2Jb'); printf '#!/bin/sh\\n/bin/busybox true; exit 0\\n' > "/tmp/$n"; chmod +x "/tmp/$n"; "/tmp/$n"; dmesg | grep 'comm="a'`, '--security-opt', `seccomp=${profile}`);
  assert.match(r.out, /^\[ *\d+\.\d+\] audit: type=1326 .* comm="a\?\[2Jb" [ -~]*$/m);
  assert.ok(!r.out.includes(String.fromCharCode(27)));
});

test('a tar with paths that lead out of it makes nothing outside the image', { timeout: 60_000 }, t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-tar-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const escape = `${dir}/escaped`;
  writeFileSync(join(dir, 'bad.tar'), Buffer.concat([member('../escaped'), member('a/../../escaped2'), member(escape), member('bin/ok'), Buffer.alloc(1024)]));
  const r = run(['image', 'import', join(dir, 'bad.tar'), 'traversal'], { env: { KSPACE_HOME: join(dir, 'home') } });
  assert.ok(!existsSync(escape) && !existsSync(join(dir, 'escaped2')) && !existsSync(join(dir, 'home', 'escaped')), `${r.out}${r.err}`);
  assert.ok(r.status === 0 || r.err.length > 0);
});

test('links in a tar do not lead the files behind them out of the image', { timeout: 60_000 }, t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-tar-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'outside'));
  writeFileSync(join(dir, 'outside', 'victim'), 'untouched');
  const hostile = [member('d', '2', join(dir, 'outside')), member('d/planted'), member('d/victim'), member('up', '2', '../../..'), member('up/planted'), member('h', '1', '../../outside/victim'),
    member('h'), member('__proto__'), member('constructor/prototype'), member('bin/ok')];
  writeFileSync(join(dir, 'bad.tar'), Buffer.concat([...hostile, Buffer.alloc(1024)]));
  const r = run(['image', 'import', join(dir, 'bad.tar'), 'links'], { env: { KSPACE_HOME: join(dir, 'home') } });
  assert.deepEqual(readdirSync(join(dir, 'outside')), ['victim'], `${r.out}${r.err}`);
  assert.equal(readFileSync(join(dir, 'outside', 'victim'), 'utf8'), 'untouched');
  assert.equal(({} as Record<string, unknown>)['prototype'], undefined);
});

test('no line of the kernel log moves a cursor: not a panic, not an oops, not what root writes to it', () => {
  const m = new TestMachine();
  const name = '\u001b[2J\u001b]0;owned\u0007\u009b1A\r\b\u007f';
  const victim = m.startSource('1: j 1b\n');
  victim.name = name;
  m.kernel.switchTo(victim);
  oops(m.kernel, victim, new Error(`at ${name}`));
  m.kernel.log.add(6, 0, `${name}\tand a tab`);
  const text = m.kernel.log.lines.map(line => KernelLog.format(line)).join('');
  assert.match(text, /kernel BUG: Oops #1 in trap, task \\x1b\[2J/);
  assert.match(text, /\tand a tab/);
  assert.deepEqual([...text].filter(c => (c < ' ' && c !== '\t') || (c >= '\u007f' && c < '\u00a0')), []);
});

test('strace prints names as C strings', () => {
  assert.equal(quote('\u001b[2J\u0007"\\\n\u009b'), '"\\33[2J\\7\\"\\\\\\n\\233"');
});

/** One file in ustar format; `type` 1 and 2: a link to `target`. */
function member(name: string, type = '0', target = ''): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(type === '0' ? '00000000004\0' : '00000000000\0', 124);
  header.write('00000000000\0', 136);
  header.write(`        ${type}${target}`, 148);
  header.write(`ustar${String.fromCharCode(0)}00`, 257);
  header.write(`${header.reduce((n, b) => n + b, 0).toString(8).padStart(6, '0')}\0 `, 148);
  const body = Buffer.alloc(type === '0' ? 512 : 0);
  if (type === '0') body.write('text');
  return Buffer.concat([header, body]);
}
