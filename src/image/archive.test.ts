import { test } from 'node:test';
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, linkSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileAttr, ROOT_ID } from '../host/host.ts';
import { openImage } from '../host/node/image-fs.ts';
import { openDeb, parseFields } from './deb.ts';
import { decompress, once } from './decompress.ts';
import { importImage } from './import.ts';
import { silent } from './progress.ts';
import { findImage } from './store.ts';
import { BadTar, readTar } from './tar.ts';

/** A ustar header and body; `type` and the rest as tar(5) numbers them. */
function member(name: string, options: { type?: string; body?: string; link?: string; mode?: number; prefix?: string; mtime?: number; device?: [number, number]; size?: Uint8Array } = {}): Buffer {
  const body = Buffer.from(options.body ?? '', 'latin1');
  const h = Buffer.alloc(512);
  const octal = (at: number, n: number, value: number) => h.write(value.toString(8).padStart(n - 1, '0') + '\0', at, 'latin1');
  h.write(name, 0, 'latin1');
  octal(100, 8, options.mode ?? 0o644); octal(108, 8, 1); octal(116, 8, 2);
  octal(124, 12, body.length); octal(136, 12, options.mtime ?? 1000);
  if (options.size !== undefined) h.set(options.size, 124);
  h.write(options.type ?? '0', 156, 'latin1');
  h.write(options.link ?? '', 157, 'latin1');
  h.write('ustar\x0000', 257, 'latin1');
  octal(329, 8, options.device?.[0] ?? 0); octal(337, 8, options.device?.[1] ?? 0);
  h.write(options.prefix ?? '', 345, 'latin1');
  h.fill(' ', 148, 156);
  octal(148, 7, h.reduce((a, b) => a + b, 0));
  return Buffer.concat([h, body, Buffer.alloc((512 - body.length % 512) % 512)]);
}

const END = Buffer.alloc(1024);
const pax = (key: string, value: string) => {
  const rest = ` ${key}=${value}\n`;
  let n = rest.length + 1;
  while (String(n).length + rest.length !== n) n++;
  return `${n}${rest}`;
};

/** In small pieces, to try every boundary. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function entries(bytes: Uint8Array, size = 100) {
  const out = [];
  for await (const e of readTar(pieces(bytes, size))) {
    let text = '';
    await e.body(c => { text += Buffer.from(c).toString('latin1'); });
    out.push({ path: e.path, kind: e.kind, size: e.size, target: e.target, text, mtime: e.mtimeSec + e.mtimeNsec / 1e9, dev: [e.major, e.minor] });
  }
  return out;
}

test('tar: every kind of member, prefix, GNU long names, pax records, base-256 sizes', async () => {
  const long = 'x'.repeat(150);
  const big = new Uint8Array(12);
  big[0] = 0x80; big[11] = 3;
  const tar = Buffer.concat([
    member('dir/', { type: '5', mode: 0o755 }), member('file', { body: 'hello', prefix: 'dir/deep' }), member('hard', { type: '1', link: 'dir/deep/file' }),
    member('soft', { type: '2', link: '../up' }), member('null', { type: '3', device: [1, 3] }), member('fifo', { type: '6' }),
    member('././@LongLink', { type: 'L', body: long + '\0' }), member('ignored', { body: 'long' }),
    member('pax', { type: 'x', body: pax('path', 'caf\xc3\xa9') + pax('mtime', '12.5') }), member('cafe', { body: 'p' }),
    member('b256', { body: 'abc', size: big }), END,
  ]);
  for (const size of [1, 100, 512, 100_000]) {
    const got = await entries(tar, size);
    assert.deepEqual(got.map(e => [e.kind, e.path]), [
      ['directory', 'dir/'], ['file', 'dir/deep/file'], ['link', 'hard'], ['symlink', 'soft'], ['char', 'null'], ['fifo', 'fifo'],
      ['file', long], ['file', 'caf\xc3\xa9'], ['file', 'b256'],
    ]);
    assert.deepEqual([got[1]!.text, got[2]!.target, got[3]!.target, got[6]!.text, got[8]!.text], ['hello', 'dir/deep/file', '../up', 'long', 'abc']);
    assert.deepEqual([got[4]!.dev, got[7]!.mtime], [[1, 3], 12.5]);
  }
});

test('tar: a body that nobody reads is skipped; truncation and garbage are errors', async () => {
  const tar = Buffer.concat([member('a', { body: 'x'.repeat(2000) }), member('b', { body: 'y' }), END]);
  const names = [];
  for await (const e of readTar(pieces(tar, 700))) names.push(e.path);
  assert.deepEqual(names, ['a', 'b']);
  await assert.rejects(entries(tar.subarray(0, 1000)), BadTar);
  await assert.rejects(entries(Buffer.alloc(1024, 65)), BadTar);
});

async function plain(bytes: Uint8Array): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const c of decompress(once(bytes))) chunks.push(c.slice());
  return Buffer.concat(chunks).toString();
}

test('decompress: gzip, xz and zstd are recognised by their first bytes', async () => {
  assert.equal(await plain(Buffer.from('plain')), 'plain');
  assert.equal(await plain(gzipSync('squeezed')), 'squeezed');
  assert.equal(await plain(Buffer.from('/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAFeHogb2shAAAAYoMrcegARb4AAR4GwS+kHR+2830BAAAAAARZWg==', 'base64')), 'xz ok!');
  assert.equal(await plain(Buffer.from('KLUv/SQIQQAAenN0ZCBvayE2cUOv', 'base64')), 'zstd ok!');
});

/** One member of an ar archive. */
function ar(name: string, body: Buffer): Buffer {
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(body.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(header), body, Buffer.alloc(body.length & 1, 10)]);
}

test('deb: control fields and members are read out of ar and tar', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-deb-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const control = Buffer.concat([member('./control', { body: 'Package: x\nVersion: 1\nDescription: short\n long\n' }), member('./postinst', { body: '#!/bin/sh\n' }), END]);
  const data = Buffer.concat([member('./usr/', { type: '5' }), member('./usr/x', { body: 'X' }), END]);
  const path = join(dir, 'x.deb');
  writeFileSync(path, Buffer.concat([Buffer.from('!<arch>\n'), ar('debian-binary', Buffer.from('2.0\n')), ar('control.tar.gz', gzipSync(control)), ar('data.tar', data)]));
  const deb = await openDeb(path);
  assert.deepEqual([deb.fields.get('Package'), deb.fields.get('Description')], ['x', 'short\nlong']);
  assert.deepEqual([...deb.extras.keys()], ['postinst']);
  const names = [];
  for await (const e of readTar(deb.data())) names.push(e.path);
  assert.deepEqual(names, ['./usr/', './usr/x']);
  writeFileSync(path, 'no package');
  await assert.rejects(openDeb(path), /not a Debian package/);
  assert.deepEqual([...parseFields('# c\nA: 1\nB:\n x\n y\n')], [['A', '1'], ['B', '\nx\ny']]);
});

test('import: a directory and a tar become images with links, modes and mount points', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-import-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const source = join(dir, 'root'), store = join(dir, 'store');
  mkdirSync(join(source, 'bin'), { recursive: true });
  writeFileSync(join(source, 'bin', 'a'), 'A'.repeat(5000));
  chmodSync(join(source, 'bin', 'a'), 0o4755);
  linkSync(join(source, 'bin', 'a'), join(source, 'bin', 'b'));
  symlinkSync('a', join(source, 'bin', 'c'));
  await importImage({ source, name: 'one', store, progress: silent });
  const { fs, close } = openImage(findImage('one', store)!);
  t.after(close);
  const at = (...names: string[]) => { const a = new FileAttr(); fs.getattr(ROOT_ID, a); for (const n of names) assert.equal(fs.lookup(a.id, n, a), 0, n); return a; };
  assert.deepEqual([at('bin', 'a').mode, at('bin', 'a').nlink, at('bin', 'b').id], [0o104755, 2, at('bin', 'a').id]);
  const buf = new Uint8Array(8192);
  assert.equal(fs.read(at('bin', 'a').id, buf, 0), 5000);
  assert.equal(at('tmp').mode, 0o41777);
  assert.equal(at('proc').mode & 0o170000, 0o040000);

  const tar = join(dir, 'x.tar.gz');
  writeFileSync(tar, gzipSync(Buffer.concat([member('./bin/sh', { body: 'S', mode: 0o755 }), END])));
  const manifest = await importImage({ source: tar, name: 'one', store, progress: silent });
  assert.match(manifest.sha256, /^[0-9a-f]{64}$/);
  const again = openImage(findImage('one', store)!);
  t.after(again.close);
  assert.equal(again.fs.lookup(ROOT_ID, 'bin', new FileAttr()), 0);
  assert.equal(fs.read(at('bin', 'b').id, buf, 4999), 1); // the replaced image still serves those who have it open

  const image = findImage('one', store)!;
  writeFileSync(join(image, 'data'), 'short');
  assert.throws(() => openImage(image), /its data has 5 bytes/);
  writeFileSync(join(image, 'index'), readFileSync(join(image, 'index')).subarray(0, 100));
  assert.throws(() => openImage(image), /truncated/);
  await assert.rejects(importImage({ source: join(dir, 'nothing'), name: 'x', store, progress: silent }), /no such file/);
  await assert.rejects(importImage({ source: join(image, 'data'), name: 'x', store, progress: silent }), /data/);
  assert.ok(!existsSync(join(store, 'images', 'x')));
});
