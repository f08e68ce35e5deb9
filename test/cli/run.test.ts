// The command line without a terminal: streams, statuses, mounts, users, limits.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KSPACE, noImage, run } from './images.ts';
import { PATIENCE } from '../patience.ts';

const skip = await noImage('busybox', ['busybox-static']);
const opts = { skip, timeout: 120_000 * PATIENCE };
const sh = (script: string, ...options: string[]) => run(['run', ...options, '--', 'sh', '-c', script]);

function scratch(t: { after(f: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-cli-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('run: the example of the manual does as on Linux', opts, () => {
  const r = sh('seq 1 1000 | sort -rn | head -3; uname -sm; ls -l /proc/self/fd');
  assert.match(r.err, /^ls: \/proc\/self\/fd\/3: cannot read link: No such file or directory\n$/); // BusyBox reads links after closedir, on Linux too
  assert.match(r.out, /^1000\n999\n998\nLinux riscv64\ntotal 0\n(l\S+ .* [0-3] -> pipe:\[\d+\]\n){3}.* 3\n$/);
  assert.equal(r.status, 0);
});

test('run: exit statuses: the command\'s, 128+N, 126 and 127', opts, () => {
  assert.equal(sh('exit 7').status, 7);
  assert.equal(sh('kill -9 $$').status, 137);
  assert.equal(run(['run', '--', '/no/such']).status, 127);
  assert.equal(run(['run', '--', '/etc/passwd']).status, 126);
});

test('run: standard error is apart from standard output, input of any length passes', opts, () => {
  const r = sh('echo out; echo err >&2');
  assert.deepEqual([r.out, r.err], ['out\n', 'err\n']);
  const input = 'x'.repeat(79) + '\n';
  const big = run(['run', '--', 'cat'], { input: input.repeat(40_000) });
  assert.equal(big.out.length, 3_200_000);
  assert.equal(big.status, 0);
  assert.equal(run(['run', '--', 'wc', '-c'], { input: 'abc' }).out.trim(), '3');
});

test('run: environment, directory, user, host name', opts, () => {
  const r = run(['run', '-e', 'A=b c', '-e', 'HOSTVALUE', '-w', '/tmp', '-u', '1000:100', '--hostname', 'box', '--', 'sh', '-c', 'echo "$A $HOSTVALUE"; pwd; id -u; id -g; hostname'],
    { env: { HOSTVALUE: 'from host' } });
  assert.equal(r.out, 'b c from host\n/tmp\n1000\n100\nbox\n');
});

test('run: -v shows a host directory, :ro protects it', opts, t => {
  const dir = scratch(t);
  writeFileSync(join(dir, 'in'), 'hello\n');
  const r = run(['run', '-v', `${dir}:/data`, '--', 'sh', '-c', 'cat /data/in; echo made > /data/out; mkdir /data/d; mv /data/out /data/d/moved; chmod 600 /data/d/moved']);
  assert.deepEqual([r.out, r.err, r.status], ['hello\n', '', 0]);
  assert.equal(readFileSync(join(dir, 'd', 'moved'), 'utf8'), 'made\n');
  assert.equal(statSync(join(dir, 'd', 'moved')).mode & 0o777, 0o600);
  const ro = run(['run', '-v', `${dir}:/data:ro`, '--', 'sh', '-c', 'echo x > /data/new; rm /data/in']);
  assert.match(ro.err, /Read-only file system/);
  assert.ok(existsSync(join(dir, 'in')) && !existsSync(join(dir, 'new')));
});

test('run: changes to the image are forgotten, --read-only forbids them', opts, () => {
  assert.equal(sh('echo x > /etc/new && cat /etc/new').out, 'x\n');
  assert.equal(sh('cat /etc/new').status, 1);
  const r = sh('echo x > /etc/new', '--read-only');
  assert.match(r.err, /Read-only file system/);
});

test('run: a directory is a root file system; --rw writes to it, otherwise it is left alone', opts, t => {
  const dir = scratch(t);
  const made = run(['run', '-v', `${dir}:/new`, '--', 'sh', '-c', 'cd /new && mkdir bin etc tmp && cp /bin/busybox bin/ && ln -s busybox bin/sh && echo root:x:0:0::/:/bin/sh > etc/passwd']);
  assert.equal(made.err, '');
  assert.equal(run(['run', dir, '--', 'sh', '-c', 'echo one > /file; busybox cat /file']).out, 'one\n');
  assert.ok(!existsSync(join(dir, 'file')));
  assert.equal(run(['run', '--rw', dir, '--', 'sh', '-c', 'echo two > /file']).status, 0);
  assert.equal(readFileSync(join(dir, 'file'), 'utf8'), 'two\n');
});

test('run: --seed repeats a run', opts, () => {
  const script = 'date; od -An -N8 -tx1 /dev/urandom; echo $$; cat /proc/sys/kernel/random/uuid';
  const [a, b, c] = [sh(script, '--seed', '7'), sh(script, '--seed', '7'), sh(script, '--seed', '8')];
  assert.equal(a.out, b.out);
  assert.notEqual(a.out, c.out);
});

test('run: SIGTERM and SIGINT sent to kspace reach the command', opts, async () => {
  const child = spawn(process.execPath, [KSPACE, 'run', '--', 'sh', '-c', 'trap "echo got TERM; exit 5" TERM; echo ready; while :; do sleep 0.1; done'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (d: Buffer) => {
    out += d.toString();
    if (out === 'ready\n') child.kill('SIGTERM');
  });
  const status = await new Promise(resolve => child.on('close', resolve));
  assert.deepEqual([out, status], ['ready\ngot TERM\n', 5]);
});

test('run: a reader that goes away ends the writer with SIGPIPE', opts, async () => {
  const child = spawn(process.execPath, [KSPACE, 'run', '--', 'yes'], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => child.stdout.destroy());
  assert.equal(await new Promise(resolve => child.on('close', resolve)), 141);
});

test('exec: a program of the host sees its directory, its arguments, its environment', opts, t => {
  const dir = scratch(t);
  assert.equal(run(['run', '-v', `${dir}:/x`, '--', 'cp', '/bin/busybox', '/x/']).status, 0);
  chmodSync(join(dir, 'busybox'), 0o755);
  const r = run(['exec', './busybox', 'sh', '-c', 'echo "$1 $FROM_HOST"; echo data > made; pwd', 'x', 'arg'], { cwd: dir, env: { FROM_HOST: 'yes' } });
  assert.deepEqual([r.err, r.out], ['', `arg yes\n${dir}\n`]);
  assert.equal(readFileSync(join(dir, 'made'), 'utf8'), 'data\n');
});

test('exec: what is not there is named: the program, its interpreter', opts, t => {
  const dir = scratch(t);
  writeFileSync(join(dir, 'script'), '#!/bin/nosuch -x\n', { mode: 0o755 });
  assert.deepEqual(run(['exec', './nothing'], { cwd: dir }), { status: 127, out: '', err: 'kspace: there is no program ./nothing\n' });
  const r = run(['exec', './script'], { cwd: dir });
  assert.equal(r.status, 127);
  assert.match(r.err, /needs \/bin\/nosuch, which busybox does not have/);
  writeFileSync(join(dir, 'text'), 'no program', { mode: 0o755 });
  assert.equal(run(['exec', './text'], { cwd: dir }).status, 126);
});

test('run: what cannot be mounted is said in a sentence; --read-only and -v go together', opts, t => {
  const dir = scratch(t);
  const r = run(['run', '-v', `${dir}:/proc/nothing`, '--', 'true']);
  assert.deepEqual([r.status, r.err], [125, 'kspace: cannot mount at /proc/nothing: No such file or directory\n']);
  writeFileSync(join(dir, 'f'), 'seen\n');
  assert.equal(run(['run', '--read-only', '-v', `${dir}:/new/place`, '--', 'cat', '/new/place/f']).out, 'seen\n');
});

test('strace: lines as strace(1) prints them, -e, -c and -o', opts, t => {
  const r = run(['strace', '-e', 'openat,read', 'run', '--', 'head', '-n1', '/etc/hostname']);
  assert.match(r.err, /^openat\(AT_FDCWD, "\/etc\/hostname", O_RDONLY(\|\w+)*\) = 3$/m);
  assert.match(r.err, /^read\(3, "kspace\\n", \d+\) += 7$/m);
  assert.doesNotMatch(r.err, /write\(/);
  assert.deepEqual(run(['strace', '-e', 'opnat', 'run', '--', 'true']).status, 2);
  const file = join(scratch(t), 'trace');
  const f = run(['strace', '-f', '-o', file, 'run', '--', 'sh', '-c', 'true | true; exit 3']);
  assert.deepEqual([f.err, f.status], ['', 3]);
  assert.match(readFileSync(file, 'utf8'), /\+\+\+ exited with 3 \+\+\+/);
  assert.match(run(['strace', '-c', 'run', '--', 'true']).err, /% time .*calls.*syscall/);
});

test('start: without a terminal the tour ends by itself with status 0', opts, () => {
  const r = run(['start']);
  assert.equal(r.status, 0, r.err);
  assert.match(r.out, /Linux kspace/);
  assert.match(r.out, /the handler was told: no page at address 48/);
});

test('start: without an image and without apt it says so in one sentence and gives the built-in tour', { timeout: 60_000 * PATIENCE }, t => {
  const r = run(['start'], { env: { KSPACE_HOME: join(scratch(t), 'none'), PATH: '/nonexistent' } });
  assert.match(r.err, /^kspace: building images needs apt-get[^\n]*\n$/);
  assert.match(r.out, /1000 lines came through the pipe; their sum is 500500/);
  assert.equal(r.status, 0);
});
