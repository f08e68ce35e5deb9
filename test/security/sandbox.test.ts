// The sandbox options of the command line, each by what the command then can and cannot do.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noImage, run } from '../cli/images.ts';

const opts = { skip: await noImage('busybox', ['busybox-static']), timeout: 120_000 };
const sh = (script: string, ...options: string[]) => run(['run', ...options, '--', 'sh', '-c', script]);
const status = (field: string): string => `sed -n 's/^${field}:\t//p' /proc/self/status`;

function scratch(t: { after(f: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-sandbox-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('--cap-drop and --cap-add: the bounding set of everything that runs, and the default seccomp profile with them', opts, () => {
  assert.equal(sh(`${status('CapEff')}; ${status('Seccomp')}`).out, '000001ffffffffff\n0\n');
  const none = sh(`${status('CapEff')}; ${status('CapBnd')}; ${status('Seccomp')}; chown 1 /etc/passwd`, '--cap-drop', 'ALL');
  assert.equal(none.out, '0000000000000000\n0000000000000000\n2\n');
  assert.match(none.err, /Operation not permitted/);
  const some = sh(`${status('CapBnd')}; chown 1 /etc/passwd && echo chowned`, '--cap-drop', 'ALL', '--cap-add', 'chown', '--cap-add', 'CAP_NET_RAW');
  assert.equal(some.out, '0000000000002001\nchowned\n');
  assert.equal(sh(status('Seccomp'), '--cap-drop', 'SYS_ADMIN', '--security-opt', 'seccomp=unconfined').out, '0\n');
  const bad = sh('true', '--cap-drop', 'SYS_ADMN');
  assert.deepEqual([bad.status, bad.err.split('\n')[0]], [2, 'kspace: there is no capability SYS_ADMN; did you mean CAP_SYS_ADMIN?']);
});

test('--security-opt no-new-privileges holds from the first instruction on, and brings the default profile', opts, () => {
  assert.equal(sh(`${status('NoNewPrivs')}; ${status('Seccomp')}`, '--security-opt', 'no-new-privileges').out, '1\n2\n');
  assert.match(sh('true', '--security-opt', 'nonsense').err, /--security-opt nonsense is not known/);
});

test('--security-opt seccomp=FILE: the profile counts for children too', opts, t => {
  const file = join(scratch(t), 'profile.json');
  writeFileSync(file, JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mkdirat', 'mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }, { names: ['sethostname'], action: 'SCMP_ACT_KILL_PROCESS' }],
  }));
  const r = sh('mkdir /tmp/x; sh -c "mkdir /tmp/y"; hostname other; echo $?', '--security-opt', `seccomp=${file}`);
  assert.equal(r.err.match(/No space left on device/g)?.length, 2);
  assert.match(r.out, /^159\n$/);
  writeFileSync(file, '{}');
  assert.match(sh('true', '--security-opt', `seccomp=${file}`).err, /cannot be used: it has no defaultAction/);
});

test('--ulimit, --pids-limit, --read-only, --network none', opts, () => {
  assert.equal(sh('ulimit -n; ulimit -Hn; ulimit -f', '--ulimit', 'nofile=20:30', '--ulimit', 'fsize=1048576').out, '20\n30\n2048\n');
  const many = sh('for i in 1 2 3 4 5 6; do sleep 0.2 & done; echo alive', '--pids-limit', '4');
  assert.match(many.err, /fork: Resource temporarily unavailable/);
  assert.match(sh('echo x > /etc/x', '--read-only').err, /Read-only file system/);
  assert.match(sh('sed 1,2d /proc/net/dev', '--network', 'none').out, /^ *lo:[^\n]*\n$/);
});

test('--policy and --audit-log: a module allows, denies, logs, and takes its time', opts, t => {
  const dir = scratch(t);
  const [policy, log] = [join(dir, 'policy.mjs'), join(dir, 'audit.log')];
  writeFileSync(policy, `export default {
    calls: ['openat', 'execve', 'mkdirat'],
    decide(call) {
      if (call.name === 'mkdirat') return new Promise(r => setTimeout(() => r(call.args.pathname === '/tmp/good' ? 'allow' : { deny: 'EDQUOT' }), 20));
      if (call.name === 'openat' && call.args.pathname.includes('passwd')) return { deny: 'EACCES' };
      return call.name === 'execve' ? 'log' : 'allow';
    },
  };`);
  const r = sh('cat /etc/passwd; mkdir /tmp/good && echo made; mkdir /tmp/bad', '--policy', policy, '--audit-log', log);
  assert.equal(r.out, 'made\n');
  assert.match(r.err, /passwd': Permission denied\n.*bad': Disk quota exceeded/);
  const records = readFileSync(log, 'utf8').trim().split('\n').map(l => JSON.parse(l) as Record<string, unknown>);
  assert.deepEqual(records.map((x, i) => x['seq'] === i), records.map(() => true));
  const said = records.map(x => `${x['comm']} ${x['name']} ${x['decision']}`);
  assert.ok(said.includes('cat openat EACCES') && said.includes('mkdir mkdirat EDQUOT') && said.some(s => s.endsWith('execve log')), said.join('\n'));
});

test('--audit-log: what seccomp has seen', opts, t => {
  const log = join(scratch(t), 'audit.log');
  const profile = join(scratch(t), 'p.json');
  writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['sethostname'], action: 'SCMP_ACT_LOG' }] }));
  sh('hostname other', '--security-opt', `seccomp=${profile}`, '--audit-log', log);
  assert.match(readFileSync(log, 'utf8'), /"event":"seccomp".*"comm":"hostname","syscall":161/);
});
