// Modules load when their hash or their signer is trusted; others taint the kernel, and are refused under lockdown; one flipped bit is enough. What a
// guest hands to init_module(2) is no module.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Evidence } from '../../src/system/attest/evidence.ts';
import { noImage, ROOT, run } from '../cli/images.ts';

const opts = { skip: await noImage('busybox', ['busybox-static']), timeout: 180_000 };
const EXAMPLE = join(ROOT, 'examples/modules/hello.mjs');
const TAINTED = 'cat /dev/hello; cat /proc/sys/kernel/tainted; cat /proc/modules';
const sh = (script: string, ...options: string[]) => run(['run', ...options, '--', 'sh', '-c', script]);
const register14 = (...options: string[]): string => (JSON.parse(run(['attest', '--json', ...options]).out) as Evidence).registers['14']!;

function scratch(t: { after(f: () => void): void }): { dir: string; file: string; trust: string } {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-module-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  cpSync(EXAMPLE, join(dir, 'hello.mjs'));
  return { dir, file: join(dir, 'hello.mjs'), trust: join(dir, 'trust') };
}

test('a module that nobody vouches for works, taints the kernel, and is refused under lockdown before it runs', opts, t => {
  const { file } = scratch(t), size = readFileSync(file).length;
  assert.equal(sh(TAINTED, '--module', file).out, `hello from a module\n12288\nhello ${size} 1 - Live 0x0000000000000000 (OE)\n`);
  assert.match(sh('dmesg', '--module', file).out, /hello: loading out-of-tree module, nobody vouches for it: tainting kernel\n.*hello: ready/);
  const refused = sh('true', '--module', file, '--lockdown', 'integrity');
  assert.deepEqual([refused.status, refused.err], [125, `kspace: the module ${file} is refused under lockdown: it is not signed, and its hash is not on the trust list\n`]);
  writeFileSync(file, `process.stderr.write('it ran');\n${readFileSync(file, 'utf8')}`);
  assert.doesNotMatch(sh('true', '--module', file, '--lockdown', 'integrity').err, /it ran/);
});

test('its hash is trusted: loaded under lockdown; one bit more or less is another module', opts, t => {
  const { file, trust } = scratch(t), bytes = readFileSync(file);
  writeFileSync(trust, `# what we know\nsha256 ${createHash('sha256').update(bytes).digest('hex')} hello\n`);
  const options = ['--module', file, '--trust', trust, '--lockdown', 'confidentiality'];
  assert.match(sh(TAINTED, ...options).out, /^hello from a module\n4096\nhello \d+ 1 - Live 0x0+ \(O\)\n$/);
  const before = register14(...options);
  bytes[bytes.indexOf('hello from')]! ^= 1;
  writeFileSync(file, bytes);
  assert.match(sh('true', ...options).err, /refused under lockdown/);
  assert.match(sh('cat /dev/hello', ...options.slice(0, -2)).out, /^iello from a module/);
  assert.notEqual(register14(...options.slice(0, -2)), before);
});

test('its signer is trusted: keygen, sign, verify; another key, another module, an edited signature are not', opts, t => {
  const { dir, file, trust } = scratch(t), key = join(dir, 'key');
  writeFileSync(trust, run(['module', 'keygen', key]).out);
  assert.match(readFileSync(trust, 'utf8'), /^ed25519 [0-9a-f]{64} /);
  const verify = (): { status: number; out: string } => run(['module', 'verify', '--trust', trust, file]);
  assert.match(verify().out, /not trusted: it is not signed/);
  assert.equal(run(['module', 'sign', '--key', key, file]).status, 0);
  assert.match(verify().out, /: trusted: ed25519/);
  assert.match(sh(TAINTED, '--module', file, '--trust', trust, '--lockdown', 'integrity').out, /^hello from a module\n4096\n/);
  const signature = readFileSync(`${file}.sig`, 'utf8'), bytes = readFileSync(file);
  bytes[100]! ^= 1;
  writeFileSync(file, bytes);
  assert.deepEqual([verify().status, / not trusted: its signature is not of these bytes/.test(verify().out)], [1, true]);
  bytes[100]! ^= 1;
  writeFileSync(file, bytes);
  writeFileSync(`${file}.sig`, signature.replace(/ .(?=[^ ]*$)/, first => first === ' A' ? ' B' : ' A'));
  assert.equal(verify().status, 1);
  run(['module', 'keygen', join(dir, 'other')]);
  run(['module', 'sign', '--key', join(dir, 'other'), file]);
  assert.match(verify().out, /its key [0-9a-f]{64} is not on the trust list/);
  writeFileSync(trust, 'sha256 12\n');
  assert.match(verify().out + run(['module', 'verify', '--trust', trust, file]).err, /line 1: say sha256 or ed25519/);
});

test('a module that is broken says so', opts, t => {
  const { file } = scratch(t);
  writeFileSync(file, 'export const name = "x";');
  assert.match(sh('true', '--module', file).err, /must export a name and a function init/);
  writeFileSync(file, 'export const name = "x"; export function init() { throw new Error("no luck"); }');
  assert.match(sh('dmesg', '--module', file).out, /x: init failed: Error: no luck/);
  writeFileSync(file, 'import "./other.mjs"; export const name = "x"; export function init() {}');
  assert.match(sh('true', '--module', file).err, /cannot be loaded/);
});

test('init_module and delete_module of a guest: who may is told that the file is no module, under lockdown nobody may; modules_disabled is for good', opts, () => {
  const tries = 'insmod /bin/busybox; rmmod nosuch; rmmod hello';
  assert.match(sh(tries, '--module', EXAMPLE).err, /insmod: can't insert '\/bin\/busybox': .*format[^]*rmmod:.*nosuch.*[^]*rmmod:.*hello.*busy/i);
  assert.match(sh('insmod /bin/busybox', '--lockdown', 'integrity').err, /Operation not permitted/);
  assert.match(sh('insmod /bin/busybox', '--cap-drop', 'SYS_MODULE', '--security-opt', 'seccomp=unconfined').err, /Operation not permitted/);
  assert.equal(sh('cd /proc/sys/kernel; echo 1 >modules_disabled; echo 0 >modules_disabled; cat modules_disabled; insmod /bin/busybox').out, '1\n');
});

test('taint bits are added by root and never go', opts, () => {
  assert.equal(sh('cd /proc/sys/kernel; cat tainted; echo 512 >tainted; echo 1 >tainted; echo 0 >tainted; cat tainted').out, '0\n513\n');
});
