// Measured boot and `kspace attest`: the same machine measures the same, any other one differently and says where; quotes cannot be old, forged or
// edited; one flipped bit in the kernel's files or in an image's index is seen.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseEvidence, type Evidence } from '../../src/system/attest/evidence.ts';
import { findImage, storeDir } from '../../src/image/store.ts';
import { makeKey } from '../../src/system/node/keys.ts';
import { noImage, ROOT, run } from '../cli/images.ts';

const opts = { skip: await noImage('busybox', ['busybox-static']), timeout: 120_000 };

function scratch(t: { after(f: () => void): void }, where = tmpdir()): string {
  mkdirSync(where, { recursive: true });
  const dir = mkdtempSync(join(where, 'kspace-attest-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function measured(...options: string[]): Evidence {
  const r = run(['attest', '--json', ...options]);
  assert.equal(r.status, 0, r.err);
  return JSON.parse(r.out) as Evidence;
}

const differing = (a: Evidence, b: Evidence): string[] => Object.keys(a.registers).filter(i => a.registers[i] !== b.registers[i]);

test('the same machine measures the same; each thing that it is made of has its register', opts, t => {
  const dir = scratch(t), base = measured();
  assert.deepEqual(differing(base, measured()), []);
  assert.deepEqual(differing(base, measured('--lockdown', 'integrity')), ['7']);
  assert.deepEqual(differing(base, measured('--memory', '64M')), ['1']);
  assert.deepEqual(differing(base, measured(dir)), ['9']);
  writeFileSync(join(dir, 'policy.mjs'), 'export default { decide: () => "allow" };');
  const one = measured('--policy', join(dir, 'policy.mjs'));
  assert.deepEqual(differing(base, one), ['7']);
  writeFileSync(join(dir, 'policy.mjs'), 'export default { decide: () => "alloW" };');
  assert.deepEqual(differing(one, measured('--policy', join(dir, 'policy.mjs'))), ['7']);
});

test('programs read the same log and registers that attest prints; only root reads the log', opts, () => {
  const { registers, events } = measured();
  const r = run(['run', '--', 'sh', '-c', 'cd /sys/kernel/security/tpm0; cat pcr-sha256; cat ascii_bios_measurements; wc -c <binary_bios_measurements']);
  const lines = r.out.split('\n');
  assert.deepEqual(lines.slice(0, 24), Array.from({ length: 24 }, (_, i) => `${i}: ${registers[i]}`));
  assert.deepEqual(lines.slice(24, -2).map(l => l.slice(10, 74)), events!.map(e => e.digest));
  assert.equal(Number(lines.at(-2)), 32 + 33 + events!.reduce((n, e) => n + 50 + e.text.length, 0));
  assert.match(run(['run', '-u', '1000:1000', '--', 'cat', '/sys/kernel/security/tpm0/ascii_bios_measurements']).err, /Permission denied/);
});

test('--expect tells what differs, and where', opts, t => {
  const file = join(scratch(t), 'expected.json');
  writeFileSync(file, JSON.stringify(measured()));
  const same = run(['attest', '--expect', file]);
  assert.deepEqual([same.status, same.out], [0, 'as expected\n']);
  const other = run(['attest', '--expect', file, '--lockdown', 'confidentiality']);
  assert.equal(other.status, 1);
  assert.match(other.out, /^register 7 is not as expected\n {2}\+ [0-9a-f]{64} settings: .*lockdown=confidentiality.*\n {2}- [0-9a-f]{64} settings: .*lockdown=none/);
});

test('a quote holds for its nonce, its key and its contents only', opts, t => {
  const dir = scratch(t), [key, other, file] = [join(dir, 'key'), join(dir, 'other'), join(dir, 'quote')];
  makeKey(key);
  makeKey(other);
  const nonce = '00112233445566778899aabbccddeeff';
  const { out } = run(['attest', '--nonce', nonce, '--key', key]);
  const check = (text: string, asked = nonce, by = key): { status: number; out: string } => {
    writeFileSync(file, text);
    return run(['attest', '--verify', file, '--public', `${by}.pub`, '--nonce', asked]);
  };
  assert.deepEqual([check(out).status, check(out).out], [0, 'signature, nonce and log are good\n']);
  assert.match(check(out, 'ff'.repeat(16)).out, /nonce is another one/);
  assert.match(check(out, nonce, other).out, /signature is not of this key/);
  const quote = JSON.parse(out) as Evidence, flipped = quote.registers[9]!.replace(/^./, c => (c === '0' ? '1' : '0'));
  assert.match(check(JSON.stringify({ ...quote, registers: { ...quote.registers, 9: flipped } })).out, /signature is not[^]*register 9: the log does not lead to it/);
  assert.match(check(out.replace('image busybox', 'image busyboy')).out, /signature is not/);
  assert.match(check(JSON.stringify({ ...quote, nonce: '11'.repeat(16) }), '11'.repeat(16)).out, /signature is not/);
  assert.equal(check('{"registers":{}}').status, 125);
});

test('evidence from outside is looked at before it is used', () => {
  const good = { format: 'kspace-attest-1', registers: { 0: 'ab'.repeat(32) }, events: [{ register: 0, digest: 'cd'.repeat(32), text: '' }] };
  assert.notEqual(parseEvidence(JSON.stringify(good)), null);
  for (const bad of ['', 'null', '[]', '{}', { ...good, format: 'x' }, { ...good, registers: { 0: 'ab' } }, { ...good, registers: null }, { ...good, events: [{ ...good.events[0], register: 24 }] },
    { ...good, events: [{ ...good.events[0], digest: 5 }] }, { ...good, events: [null] }, { ...good, nonce: 1 }]) assert.equal(parseEvidence(typeof bad === 'string' ? bad : JSON.stringify(bad)), null);
});

test('one bit flipped in a file of the kernel: another register 0, or 2 for compiled code; a line in the log, no start under lockdown', opts, t => {
  const dir = scratch(t, join(ROOT, 'build'));
  cpSync(join(ROOT, 'bin'), join(dir, 'bin'), { recursive: true });
  cpSync(join(ROOT, 'dist'), join(dir, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(dir, 'package.json'));
  const start = (...args: string[]) => spawnSync(process.execPath, [join(dir, 'bin/kspace'), ...args], { encoding: 'utf8' });
  const registers = (): Evidence => JSON.parse(start('attest', '--json').stdout) as Evidence;
  const before = registers();
  assert.deepEqual(differing(measured(), before), []);
  assert.equal(start('run', '--lockdown', 'integrity', '--', 'true').status, 0);

  // Code that is not loaded; a letter of a comment in what starts; one of a help text in the command line's; anything in its code cache, which is left aside then.
  for (const [name, place] of [['driver-worker.js', (b: Buffer) => b.length >> 1], ['../bin/start.cjs', (b: Buffer) => b.indexOf('Loads')], ['kspace.cjs', (b: Buffer) => b.indexOf('flame graph')], ['kspace.cache', (b: Buffer) => b.length >> 1]] as const) {
    const built = readFileSync(join(dir, 'dist', name)), bytes = Buffer.from(built);
    bytes[place(bytes)]! ^= 1;
    writeFileSync(join(dir, 'dist', name), bytes);
    assert.deepEqual(differing(before, registers()), [name.endsWith('.cache') ? '2' : '0'], name);
    assert.match(start('run', '--', 'dmesg').stdout, new RegExp(`integrity: not what was built: ${name}`));
    const refused = start('run', '--lockdown', 'integrity', '--', 'true');
    assert.deepEqual([refused.status, refused.stderr], [125, `kspace: this kspace is not what was built (${name}): it does not start locked down\n`]);
    writeFileSync(join(dir, 'dist', name), built);
  }

  // Compiled anew, as another build would: the kernel is the same, and says that it is not this build's code. Without any it is this kernel, only slower.
  const made = spawnSync(process.execPath, [join(ROOT, 'tools/code-cache.cjs'), join(dir, 'dist/kspace.cjs')], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  assert.deepEqual(differing(before, registers()).filter(i => i !== '2'), []);
  rmSync(join(dir, 'dist/kspace.cache'));
  assert.deepEqual(differing(before, registers()), ['2']);
  assert.equal(start('run', '--lockdown', 'integrity', '--', 'true').status, 0);
});

test('one bit flipped in the index of an image: another register 9', opts, t => {
  const home = scratch(t), copy = join(home, 'images/busybox');
  cpSync(findImage('busybox', storeDir())!, copy, { recursive: true });
  assert.ok(readdirSync(copy).includes('index'));
  const there = (): Evidence => JSON.parse(run(['attest', '--json'], { env: { KSPACE_HOME: home } }).out) as Evidence;
  assert.deepEqual(differing(measured(), there()), []);
  const index = readFileSync(join(copy, 'index')), at = index.indexOf('busybox');
  index[at]! ^= 1;
  writeFileSync(join(copy, 'index'), index);
  assert.deepEqual(differing(measured(), there()), ['9']);
});
