import { test } from 'node:test';
import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EEXIST, EINVAL, EISDIR, ENODEV, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, EROFS } from '../../abi/errno.ts';
import { AttrChange, DirEntry, FATTR_MODE, FATTR_MTIME, FATTR_SIZE, FileAttr, FsStat, ROOT_ID } from '../host.ts';
import { DirFs } from './dir-fs.ts';

const O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0o100, O_EXCL = 0o200, O_TRUNC = 0o1000, O_APPEND = 0o2000;
const bytes = (s: string) => new TextEncoder().encode(s);

function setup(t: { after(f: () => void): void }, access: 'read-write' | 'read-only' = 'read-write') {
  const dir = mkdtempSync(join(tmpdir(), 'kspace-dirfs-'));
  const fs = new DirFs(dir, { access });
  t.after(() => { fs.close(); rmSync(dir, { recursive: true, force: true }); });
  return { dir, fs, attr: new FileAttr() };
}

function find(fs: DirFs, path: string): number {
  const attr = new FileAttr();
  let id = ROOT_ID;
  for (const name of path.split('/')) {
    const r = fs.lookup(id, name, attr);
    if (r < 0) return r;
    id = attr.id;
  }
  return id;
}

function list(fs: DirFs, id: number): string[] {
  const h = fs.opendir(id);
  const e = new DirEntry();
  const out: string[] = [];
  for (let o = 0; fs.readdir(h, o, e) === 1; o = e.next) out.push(e.name);
  fs.releasedir(h);
  return out.sort();
}

test('dir-fs: a file is created, written, read, truncated and has the mode the guest asked for', t => {
  const { dir, fs, attr } = setup(t);
  const h = fs.create(ROOT_ID, 'f', O_RDWR | O_CREAT | O_EXCL, 0o666, 0, 0, attr);
  assert.ok(h >= 0);
  assert.equal(attr.mode, 0o100666);
  assert.equal(fs.write(h, bytes('hello world'), 0), 11);
  const buf = new Uint8Array(20);
  assert.equal(fs.read(h, buf, 6), 5);
  assert.equal(Buffer.from(buf.subarray(0, 5)).toString(), 'world');
  const change = Object.assign(new AttrChange(), { valid: FATTR_SIZE, size: 5, handle: h });
  assert.equal(fs.setattr(attr.id, change, attr), 0);
  assert.equal(attr.size, 5);
  assert.equal(fs.fsync(h, 'all'), 0);
  fs.release(h);
  assert.equal(readFileSync(join(dir, 'f'), 'utf8'), 'hello');
  assert.equal(fs.create(ROOT_ID, 'f', O_RDWR | O_CREAT | O_EXCL, 0o666, 0, 0, attr), EEXIST);
  const again = fs.create(ROOT_ID, 'f', O_WRONLY | O_CREAT | O_TRUNC, 0o600, 0, 0, attr);
  assert.ok(again >= 0);
  assert.equal(statSync(join(dir, 'f')).size, 0);
  assert.equal(attr.mode & 0o777, 0o666);
});

test('dir-fs: O_APPEND writes at the end', t => {
  const { dir, fs, attr } = setup(t);
  writeFileSync(join(dir, 'log'), 'one\n');
  fs.lookup(ROOT_ID, 'log', attr);
  const h = fs.open(attr.id, O_WRONLY | O_APPEND);
  fs.write(h, bytes('two\n'), 0);
  assert.equal(readFileSync(join(dir, 'log'), 'utf8'), 'one\ntwo\n');
});

test('dir-fs: a symbolic link is never followed, neither in the last place nor on the way', t => {
  const { dir, fs, attr } = setup(t);
  symlinkSync('/etc', join(dir, 'out'));
  symlinkSync('/etc/passwd', join(dir, 'pw'));
  assert.equal(fs.lookup(ROOT_ID, 'out', attr), 0);
  assert.equal(attr.mode & 0o170000, 0o120000);
  assert.equal(fs.lookup(attr.id, 'passwd', attr), ENOTDIR);
  assert.equal(fs.opendir(find(fs, 'out')), ENOTDIR);
  assert.equal(fs.open(find(fs, 'pw'), 0), ENODEV);
  const buf = new Uint8Array(64);
  const n = fs.readlink(find(fs, 'pw'), buf);
  assert.equal(Buffer.from(buf.subarray(0, n)).toString(), '/etc/passwd');
});

test('dir-fs: a directory replaced by a link behind our back does not lead out of the tree', t => {
  const { dir, fs, attr } = setup(t);
  mkdirSync(join(dir, 'd'));
  writeFileSync(join(dir, 'd', 'passwd'), 'mine');
  const d = find(fs, 'd');
  for (const name of ['', '.', '..', '../..', 'a/b', 'a\0']) assert.equal(fs.lookup(d, name, attr), EINVAL, name);
  renameSync(join(dir, 'd'), join(dir, 'moved'));
  symlinkSync('/etc', join(dir, 'd'));
  const r = fs.lookup(d, 'passwd', attr);
  if (r === 0) assert.equal(attr.size, 4); // reached through the descriptor: still our own directory
  assert.equal(fs.create(d, 'kspace-escape', O_WRONLY | O_CREAT, 0o600, 0, 0, attr) >= 0, existsSync(join(dir, 'moved', 'kspace-escape')));
  assert.ok(!existsSync('/etc/kspace-escape'));
});

test('dir-fs: names go, links count, an unlinked open file lives on', t => {
  const { dir, fs, attr } = setup(t);
  const h = fs.create(ROOT_ID, 'a', O_RDWR | O_CREAT, 0o644, 0, 0, attr);
  const a = attr.id;
  assert.equal(fs.link(a, ROOT_ID, 'b', attr), 0);
  assert.equal(attr.id, a);
  assert.equal(attr.nlink, 2);
  assert.equal(fs.unlink(ROOT_ID, 'a'), 0);
  assert.equal(fs.getattr(a, attr), 0);
  assert.equal(attr.nlink, 1);
  assert.equal(fs.unlink(ROOT_ID, 'b'), 0);
  assert.equal(fs.write(h, bytes('still'), 0), 5);
  assert.equal(fs.getattr(a, attr), 0);
  assert.deepEqual([attr.nlink, attr.size], [0, 5]);
  const second = fs.open(a, 0);
  assert.ok(second >= 0);
  assert.equal(fs.lookup(ROOT_ID, 'a', attr), ENOENT);
  assert.equal(fs.unlink(ROOT_ID, 'a'), ENOENT);
  assert.deepEqual(list(fs, ROOT_ID), ['.', '..']);
  assert.equal(existsSync(join(dir, 'a')), false);
});

test('dir-fs: directories are made, listed, renamed with their contents, and removed when empty', t => {
  const { fs, attr } = setup(t);
  assert.equal(fs.mkdir(ROOT_ID, 'd', 0o2755, 0, 0, attr), 0);
  const d = attr.id;
  assert.equal(attr.mode, 0o42755);
  fs.release(fs.create(d, 'x', O_WRONLY | O_CREAT, 0o644, 0, 0, attr));
  const x = attr.id;
  assert.equal(fs.rename(ROOT_ID, 'd', ROOT_ID, 'e', 0), 0);
  assert.equal(fs.lookup(d, 'x', attr), 0);
  assert.equal(attr.id, x);
  assert.equal(fs.rmdir(ROOT_ID, 'e'), ENOTEMPTY);
  assert.equal(fs.unlink(d, 'x'), 0);
  assert.equal(fs.rmdir(ROOT_ID, 'e'), 0);
  assert.equal(fs.mkdir(ROOT_ID, 'f', 0o755, 0, 0, attr), 0);
  assert.equal(fs.mkdir(ROOT_ID, 'f', 0o755, 0, 0, attr), EEXIST);
  assert.ok([EISDIR, EPERM].includes(fs.unlink(ROOT_ID, 'f') as typeof EPERM));
});

test('dir-fs: rename replaces, RENAME_NOREPLACE does not, RENAME_EXCHANGE is not supported', t => {
  const { dir, fs, attr } = setup(t);
  writeFileSync(join(dir, 'a'), 'a');
  writeFileSync(join(dir, 'b'), 'bb');
  assert.equal(fs.rename(ROOT_ID, 'a', ROOT_ID, 'b', 1), EEXIST);
  assert.equal(fs.rename(ROOT_ID, 'a', ROOT_ID, 'b', 2), EINVAL);
  const b = find(fs, 'b');
  assert.equal(fs.rename(ROOT_ID, 'a', ROOT_ID, 'b', 0), 0);
  assert.equal(fs.lookup(ROOT_ID, 'b', attr), 0);
  assert.equal(attr.size, 1);
  assert.equal(fs.getattr(b, attr), 0);
  assert.deepEqual([attr.size, attr.nlink], [2, 0]);
});

test('dir-fs: chmod and utimes change the file, chmod on a link says EOPNOTSUPP and leaves the target alone', t => {
  const { dir, fs, attr } = setup(t);
  writeFileSync(join(dir, 'f'), '');
  chmodSync(join(dir, 'f'), 0o600);
  symlinkSync('f', join(dir, 'l'));
  const change = Object.assign(new AttrChange(), { valid: FATTR_MODE | FATTR_MTIME, mode: 0o755, mtimeSec: 1_000_000_000, mtimeNsec: 500_000_000 });
  assert.equal(fs.setattr(find(fs, 'f'), change, attr), 0);
  assert.deepEqual([attr.mode & 0o777, attr.mtimeSec, attr.mtimeNsec], [0o755, 1_000_000_000, 500_000_000]);
  const onLink = Object.assign(new AttrChange(), { valid: FATTR_MODE, mode: 0o777 });
  assert.ok(fs.setattr(find(fs, 'l'), onLink, attr) < 0);
  assert.equal(statSync(join(dir, 'f')).mode & 0o777, 0o755);
});

test('dir-fs: FIFOs can be made, device nodes and sockets cannot; names may hold any bytes', t => {
  const { dir, fs, attr } = setup(t);
  assert.equal(fs.mknod(ROOT_ID, 'fifo', 0o010644, 0, 0, 0, attr), 0);
  assert.equal(attr.mode & 0o170000, 0o010000);
  assert.ok(lstatSync(join(dir, 'fifo')).isFIFO());
  assert.equal(fs.mknod(ROOT_ID, 'null', 0o020666, 0x103, 0, 0, attr), EPERM);
  assert.equal(fs.mknod(ROOT_ID, 'sock', 0o140666, 0, 0, 0, attr), EPERM);
  assert.equal(fs.symlink(ROOT_ID, '\xff\xfe', 'caf\xe9', 0, 0, attr), 0);
  assert.ok(list(fs, ROOT_ID).includes('\xff\xfe'));
  const buf = new Uint8Array(8);
  assert.equal(fs.readlink(attr.id, buf), 4);
  assert.equal(buf[3], 0xe9);
});

test('dir-fs: read-only says EROFS to every change', t => {
  const { dir, fs, attr } = setup(t, 'read-only');
  writeFileSync(join(dir, 'f'), 'x');
  const f = find(fs, 'f');
  assert.equal(fs.open(f, O_WRONLY), EROFS);
  assert.equal(fs.create(ROOT_ID, 'n', O_WRONLY | O_CREAT, 0o644, 0, 0, attr), EROFS);
  assert.equal(fs.mkdir(ROOT_ID, 'n', 0o755, 0, 0, attr), EROFS);
  assert.equal(fs.unlink(ROOT_ID, 'f'), EROFS);
  assert.equal(fs.rename(ROOT_ID, 'f', ROOT_ID, 'g', 0), EROFS);
  assert.equal(fs.setattr(f, Object.assign(new AttrChange(), { valid: FATTR_MODE, mode: 0 }), attr), EROFS);
  const h = fs.open(f, 0);
  assert.equal(fs.read(h, new Uint8Array(4), 0), 1);
  const st = new FsStat();
  assert.equal(fs.statfs(st), 0);
  assert.ok(st.blocks > 0);
});

test('dir-fs: thousands of directories do not exhaust descriptors, and forget gives them back', t => {
  const { dir, fs, attr } = setup(t);
  for (let i = 0; i < 400; i++) { mkdirSync(join(dir, `d${i}`)); writeFileSync(join(dir, `d${i}`, 'f'), String(i)); }
  const ids = Array.from({ length: 400 }, (_, i) => find(fs, `d${i}`));
  for (const [i, id] of ids.entries()) { assert.equal(fs.lookup(id, 'f', attr), 0, String(i)); fs.forget(attr.id, 1); }
  for (const id of ids) fs.forget(id, 1);
  assert.equal(fs.getattr(ids[0]!, attr), ENOENT);
});
