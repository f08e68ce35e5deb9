// kspace image seal and verify, run --verity and --require-sealed; Debian's veritysetup(8) judges the tree.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findImage } from '../../src/image/store.ts';
import { parseSeal } from '../../src/lib/image-seal.ts';
import { noImage, run } from './images.ts';
import { PATIENCE } from '../patience.ts';

const skip = await noImage('busybox', ['busybox-static']);
const opts = { skip, timeout: 120_000 * PATIENCE };
const BLOCK = 4096;

/** A store of its own with a copy of busybox, and a signing key. */
function scratch(t: { after(f: () => void): void }): { home: string; dir: string; key: string; env: Record<string, string> } {
  const home = mkdtempSync(join(tmpdir(), 'kspace-seal-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const dir = join(home, 'images', 'busybox'), key = join(home, 'key.pem');
  cpSync(findImage('busybox')!, dir, { recursive: true });
  for (const f of ['seal', 'seal.sig', 'data.verity']) rmSync(join(dir, f), { force: true });
  writeFileSync(key, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return { home, dir, key, env: { KSPACE_HOME: home } };
}

test('seal: an image is sealed, verified, and run with every page checked', opts, t => {
  const { key, env } = scratch(t);
  assert.match(run(['run', '--verity', '--', 'true'], { env }).err, /is refused: it is not sealed/);
  const sealed = run(['image', 'seal', '--key', key, 'busybox'], { env });
  assert.match(sealed.out, /^[0-9a-f]{64}\n$/);
  const rootHash = sealed.out.trim();
  assert.deepEqual(run(['image', 'verify', '--key', key, '--root-hash', rootHash, 'busybox'], { env }), { status: 0, out: `${rootHash}\n`, err: '' });
  for (const how of ['--verity', `--verity=${rootHash}`, `--require-sealed=${key}`]) {
    const r = run(['run', how, '--', 'sh', '-c', 'cd /sys/kernel/security/verity; test $(cat verified) -gt 10; echo $? $(cat corrupted); echo 1 > recheck; echo $?'], { env });
    assert.deepEqual(r, { status: 0, out: '0 0\n0\n', err: '' }, how);
  }
  assert.match(run(['run', `--verity=${'0'.repeat(64)}`, '--', 'true'], { env }).err, /is refused: its root hash is/);
  assert.equal(run(['run', '--verity=abc', '--', 'true'], { env }).status, 2);
});

test('seal: a flipped bit is EIO in the guest, an audit record, and a line of image verify', opts, t => {
  const { home, dir, env } = scratch(t);
  run(['image', 'seal', 'busybox'], { env });
  const data = readFileSync(join(dir, 'data'));
  const at = (data.length >> 1) + 5;      // in the program
  data[at]! ^= 1;
  writeFileSync(join(dir, 'data'), data);
  const block = Math.floor(at / BLOCK), log = join(home, 'audit');
  const r = run(['run', '--verity', '--audit-log', log, '--', 'sh', '-c', 'cat /bin/busybox > /dev/null; echo $?; test $(cat /sys/kernel/security/verity/corrupted) -gt 0; echo $?'], { env });
  assert.match(r.err, /Input\/output error/);
  assert.equal(r.out, '1\n0\n');
  const record = JSON.parse(readFileSync(log, 'latin1').split('\n')[0]!) as Record<string, unknown>;
  assert.deepEqual([record['event'], record['module'], record['op'], record['device'], record['block']], ['integrity', 'verity', 'verify-data', 'sealed:root', block]);
  const v = run(['image', 'verify', 'busybox'], { env });
  assert.equal(v.status, 1);
  assert.match(v.err, new RegExp(`data block ${block} is damaged: busybox`));
});

const noTools = skip || await noImage('kspace-integrity-bash', ['bash', 'coreutils', 'grep', 'sed', 'mount', 'fsverity', 'cryptsetup-bin', 'ima-evm-utils', 'openssl', 'attr']);

test('seal: veritysetup(8) finds the tree right, and a changed bit wrong', { ...opts, skip: noTools }, t => {
  const { dir, env } = scratch(t);
  run(['image', 'seal', 'busybox'], { env });
  const { dataRoot } = parseSeal(readFileSync(join(dir, 'seal'), 'latin1'))!;
  const check = (): number => run(['run', '-v', `${dir}:/img:ro`, 'kspace-integrity-bash', '--', 'veritysetup', 'verify', '/img/data', '/img/data.verity', dataRoot]).status;
  assert.ok(existsSync(join(dir, 'data.verity')));
  assert.equal(check(), 0);
  const data = readFileSync(join(dir, 'data'));
  data[100_000]! ^= 1;
  writeFileSync(join(dir, 'data'), data);
  assert.equal(check(), 2);
});
