import { test } from 'node:test';
import assert from 'node:assert/strict';
import { EINVAL, EISDIR, ENOENT, ENOTDIR, EROFS } from '../abi/errno.ts';
import { DirEntry, FileAttr, ROOT_ID } from './host.ts';
import { ImageFs } from './image-fs.ts';
import { ImageIndex } from '../lib/image-index.ts';
import { BadImage, openIndex } from './image-index.ts';
import { ImageTree, S_IFCHR, S_IFDIR, S_IFLNK, S_IFREG, TreeError, encodeIndex } from './image-tree.ts';
import { MemoryPack, memoryFs } from './memory-fs.ts';
import type { FsBackend } from './host.ts';

function find(fs: FsBackend, path: string): FileAttr | number {
  const attr = new FileAttr();
  fs.getattr(ROOT_ID, attr);
  for (const name of path.split('/').filter(p => p !== '')) {
    const r = fs.lookup(attr.id, name, attr);
    if (r < 0) return r;
  }
  return attr;
}

function list(fs: FsBackend, id: number): string[] {
  const e = new DirEntry();
  const out: string[] = [];
  const h = fs.opendir(id);
  for (let o = 0; fs.readdir(h, o, e) === 1; o = e.next) out.push(e.name);
  return out;
}

test('memory-fs: files, links and directories given as data can be found, listed and read', () => {
  const fs = memoryFs({ '/bin/hello': { content: 'hi there', mode: 0o755 }, '/etc/motd': 'welcome\n', '/sh': { link: 'bin/hello' }, '/tmp': { directory: true, mode: 0o1777 } });
  assert.deepEqual(list(fs, ROOT_ID), ['.', '..', 'bin', 'etc', 'sh', 'tmp']);
  const hello = find(fs, '/bin/hello') as FileAttr;
  assert.deepEqual([hello.mode, hello.size, hello.nlink], [0o100755, 8, 1]);
  assert.equal((find(fs, '/tmp') as FileAttr).mode, 0o41777);
  assert.equal((find(fs, '/') as FileAttr).nlink, 5);
  const buf = new Uint8Array(5);
  assert.equal(fs.read(fs.open(hello.id, 0), buf, 3), 5);
  assert.equal(new TextDecoder().decode(buf), 'there');
  assert.equal(fs.read(hello.id, buf, 8), 0);
  const n = fs.readlink((find(fs, '/sh') as FileAttr).id, buf);
  assert.equal(new TextDecoder().decode(buf.subarray(0, n)), 'bin/h');
});

test('image-fs: the errors are those of a read-only file system', () => {
  const fs = memoryFs({ '/d/f': 'x', '/l': { link: 'd' } });
  const attr = new FileAttr();
  const d = (find(fs, '/d') as FileAttr).id, f = (find(fs, '/d/f') as FileAttr).id;
  assert.equal(fs.lookup(ROOT_ID, 'nothing', attr), ENOENT);
  assert.equal(fs.lookup(f, 'x', attr), ENOTDIR);
  assert.equal(fs.getattr(99, attr), ENOENT);
  assert.equal(fs.open(f, 1), EROFS);
  assert.equal(fs.open(f, 0o1000), EROFS);
  assert.equal(fs.opendir(f), ENOTDIR);
  assert.equal(fs.readlink(f, new Uint8Array(4)), EINVAL);
  assert.equal(fs.read(d, new Uint8Array(4), 0), EISDIR);
  assert.equal(fs.unlink(d, 'f'), EROFS);
});

test('image-tree: hard links are one node, devices and times survive, names are bytes', () => {
  const tree = new ImageTree();
  tree.put('/a', { mode: S_IFREG | 0o4755, uid: 7, gid: 8, size: 3, offset: 0, mtimeSec: 1_700_000_000, mtimeNsec: 123_456_789 });
  tree.link('/a', '/sub/b');
  tree.put('/dev/null', { mode: S_IFCHR | 0o666, rdev: 0x103 });
  tree.put('/caf\xe9\xff', { mode: S_IFREG | 0o644 });
  const fs = new ImageFs(new ImageIndex(encodeIndex(tree, 3)), new MemoryPack([new Uint8Array([1, 2, 3])], 3));
  const a = find(fs, '/a') as FileAttr, b = find(fs, '/sub/b') as FileAttr;
  assert.equal(a.id, b.id);
  assert.deepEqual([a.nlink, a.mode, a.uid, a.gid, a.mtimeSec, a.mtimeNsec], [2, 0o104755, 7, 8, 1_700_000_000, 123_456_789]);
  assert.equal((find(fs, '/dev/null') as FileAttr).rdev, 0x103);
  assert.ok(list(fs, ROOT_ID).includes('caf\xe9\xff'));
});

test('image-tree: a directory does not replace the link of a merged /usr, whatever the order', () => {
  const tree = new ImageTree();
  tree.mkdirp('/usr/bin');
  tree.put('/bin', { mode: S_IFLNK | 0o777, target: 'usr/bin' });
  tree.put('/bin', { mode: S_IFDIR | 0o755 });
  tree.put('/bin/sh', { mode: S_IFREG | 0o755 });
  assert.ok(tree.find('/bin')?.isSymlink);
  assert.ok(tree.find('/usr/bin/sh')?.isFile);
  assert.equal(tree.find('/bin/../../../usr/bin/sh'), tree.find('/bin/sh'));
  tree.put('/usr/bin', { mode: S_IFLNK | 0o777, target: 'elsewhere' });
  assert.ok(tree.find('/usr/bin')?.isDirectory);
});

test('image-tree: loops and files in the way are errors, not hangs', () => {
  const tree = new ImageTree();
  tree.put('/x', { mode: S_IFLNK | 0o777, target: 'y' });
  tree.put('/y', { mode: S_IFLNK | 0o777, target: 'x' });
  assert.throws(() => tree.put('/x/f', { mode: S_IFREG | 0o644 }), TreeError);
  tree.put('/f', { mode: S_IFREG | 0o644 });
  assert.throws(() => tree.put('/f/g', { mode: S_IFREG | 0o644 }), TreeError);
  assert.throws(() => tree.link('/nothing', '/h'), TreeError);
});

test('image-index: thousands of names are found by binary search', () => {
  const tree = new ImageTree();
  for (let i = 0; i < 4000; i++) tree.put(`/d/${i}\xf0`, { mode: S_IFREG | 0o644, size: i });
  const index = new ImageIndex(encodeIndex(tree, 0));
  const d = index.lookup(0, 'd');
  for (let i = 0; i < 4000; i++) assert.equal(index.size[index.lookup(d, `${i}\xf0`)], i);
  assert.equal(index.lookup(d, '4000\xf0'), -1);
  assert.equal(index.lookup(d, ''), -1);
});

test('image-index: damage of any kind is noticed', () => {
  const tree = new ImageTree();
  tree.put('/f', { mode: S_IFREG | 0o644 });
  const good = encodeIndex(tree, 0);
  assert.throws(() => openIndex(new Uint8Array(10)), BadImage);
  assert.throws(() => openIndex(good.slice(0, good.length - 4)), BadImage);
  for (let at = 0; at < good.length; at += 7) {
    const bad = good.slice();
    bad[at]! ^= 0x10;
    assert.throws(() => openIndex(bad), BadImage, `byte ${at}`);
  }
});
