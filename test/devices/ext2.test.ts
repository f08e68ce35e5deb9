// ext2 against a model, on disks that answer at once and late: the same errnos, the same trees and contents, and e2fsck of this host finds nothing to say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { errnoName, isErr } from '../../src/abi/errno.ts';
import { AT_FDCWD, O_APPEND, O_CREAT, O_DIRECTORY, O_RDONLY, O_RDWR } from '../../src/abi/fcntl.ts';
import { MemoryDisk } from '../../src/host/memory-disk.ts';
import { KIND_KERNEL } from '../../src/kernel/mm/frame-kinds.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { makeDirectory, makeLink, makeSymlink } from '../../src/kernel/vfs/make.ts';
import { openAt } from '../../src/kernel/vfs/open.ts';
import { DirSink, type OpenFile } from '../../src/kernel/vfs/open-file.ts';
import { removeDirectory, removeFile } from '../../src/kernel/vfs/remove.ts';
import { rename } from '../../src/kernel/vfs/rename.ts';
import { truncatePath } from '../../src/kernel/vfs/setattr.ts';
import { LOOKUP_FOLLOW, lookupPath } from '../../src/kernel/vfs/walk.ts';
import { Rng } from '../../src/lib/rng.ts';
import { contentsOf, DiskWorld, LateDisk } from './disk-world.ts';

const MKE2FS = ['/usr/sbin/mke2fs', '/sbin/mke2fs'].find(p => existsSync(p));
const FSCK = ['/usr/sbin/e2fsck', '/sbin/e2fsck'].find(p => existsSync(p));
const skip = MKE2FS === undefined || FSCK === undefined ? 'this host has no e2fsprogs' : false;
const dir = mkdtempSync(join(tmpdir(), 'kspace-ext2-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));

function freshImage(name: string, bytes: number, ...options: string[]): Uint8Array {
  const path = join(dir, name);
  writeFileSync(path, '');
  truncateSync(path, bytes);
  execFileSync(MKE2FS!, ['-q', '-F', '-t', 'ext2', ...options, path]);
  return readFileSync(path);
}

function diskOf(image: Uint8Array): MemoryDisk {
  const disk = new MemoryDisk(image.length);
  disk.write(0, image);
  return disk;
}

/** Status 0: not a word of complaint. */
function fsck(bytes: Uint8Array): void {
  const path = join(dir, 'check');
  writeFileSync(path, bytes);
  try {
    execFileSync(FSCK!, ['-fn', path], { stdio: 'pipe' });
  } catch (e) {
    assert.fail(String((e as { stdout: Buffer }).stdout));
  }
}

interface Node { kind: 'file' | 'dir' | 'link'; data: Uint8Array; target: string; names: Map<string, Node> }
const newNode = (kind: Node['kind']): Node => ({ kind, data: new Uint8Array(0), target: '', names: new Map() });

class Names extends DirSink {
  readonly names: string[] = [];
  emit(name: string): boolean { this.names.push(name); return true; }
}

class Player {
  readonly world: DiskWorld;
  readonly rng: Rng;
  readonly root: Node;
  /** Operations that did something. */
  count = 0;
  constructor(world: DiskWorld, rng: Rng, root = newNode('dir')) {
    this.world = world;
    this.rng = rng;
    this.root = root;
  }

  path(): string[] { return Array.from({ length: 1 + this.rng.below(3) }, (_, i) => `${'abc'[this.rng.below(3)]}${i}${this.rng.below(6)}`); }
  at(parts: readonly string[]): Node | undefined {
    let n: Node | undefined = this.root;
    for (const p of parts) n = n?.kind === 'dir' ? n.names.get(p) : undefined;
    return n;
  }
  /** Parent and name, if the parent is a directory. */
  place(parts: readonly string[]): [Node, string] | null {
    const parent = this.at(parts.slice(0, -1));
    return parent?.kind === 'dir' ? [parent, parts.at(-1)!] : null;
  }

  step(): void {
    const { rng } = this;
    const p = this.path();
    const where = this.place(p);
    if (where === null) return;
    const [parent, name] = where;
    const there = parent.names.get(name);
    this.count++;
    const full = `/m/${p.join('/')}`;
    switch (rng.below(12)) {
      case 0: case 1: return this.expect(there === undefined ? 'ok' : 'EEXIST', t => makeDirectory(t, AT_FDCWD, full, 0o755), () => parent.names.set(name, newNode('dir')));
      case 2: return this.symlink(full, parent, name, there);
      case 3: case 4: case 5: case 6: return this.write(full, parent, name, there);
      case 7: return this.truncate(full, there);
      case 8: return this.expect(there === undefined ? 'ENOENT' : there.kind === 'dir' ? 'EISDIR' : 'ok', t => removeFile(t, AT_FDCWD, full), () => parent.names.delete(name));
      case 9: {
        const want = there === undefined ? 'ENOENT' : there.kind !== 'dir' ? 'ENOTDIR' : there.names.size > 0 ? 'ENOTEMPTY' : 'ok';
        return this.expect(want, t => removeDirectory(t, AT_FDCWD, full), () => parent.names.delete(name));
      }
      case 10: return this.rename(p, full, parent, name, there);
      default: return this.link(full, there);
    }
  }

  private symlink(full: string, parent: Node, name: string, there: Node | undefined): void {
    const n = newNode('link');
    n.target = 'x'.repeat(1 + this.rng.below(120));
    this.expect(there === undefined ? 'ok' : 'EEXIST', t => makeSymlink(t, n.target, AT_FDCWD, full), () => parent.names.set(name, n));
  }

  private write(full: string, parent: Node, name: string, there: Node | undefined): void {
    if (there !== undefined && there.kind !== 'file') return;
    const n = there ?? newNode('file');
    const append = this.rng.below(4) === 0;
    const pos = append ? n.data.length : this.rng.below(5) === 0 ? this.rng.below(3_000_000) : this.rng.below(n.data.length + 5000);
    const bytes = new Uint8Array(1 + this.rng.below(this.rng.below(6) === 0 ? 1_400_000 : 9000)).map((_, i) => i * 7 + pos);
    const file = this.world.run(t => openAt(t, AT_FDCWD, full, O_RDWR | O_CREAT | (append ? O_APPEND : 0), 0o644));
    assert.ok(!isErr(file), `open ${full}: ${errnoName(file as number)}`);
    parent.names.set(name, n);
    let buffer = new KernelBuffer(bytes);
    const r = this.world.run(t => {
      buffer = new KernelBuffer(bytes);
      return file.write(t, buffer, pos);
    });
    assert.equal(r, bytes.length, errnoName(r));
    const data = new Uint8Array(Math.max(n.data.length, pos + bytes.length));
    data.set(n.data);
    data.set(bytes, pos);
    n.data = data;
    file.put();
  }

  private truncate(full: string, there: Node | undefined): void {
    if (there?.kind !== 'file') return;
    const size = this.rng.below(Math.max(1, there.data.length + 3000));
    this.expect('ok', t => {
      const path = lookupPath(t, AT_FDCWD, full, LOOKUP_FOLLOW);
      if (isErr(path)) return path;
      const r = truncatePath(t, path, size);
      path.put();
      return r;
    }, () => {
      const data = new Uint8Array(size);
      data.set(there.data.subarray(0, size));
      there.data = data;
    });
  }

  private rename(p: readonly string[], full: string, parent: Node, name: string, there: Node | undefined): void {
    const q = this.path();
    const to = this.place(q);
    if (to === null || there === undefined) return;
    const [toParent, toName] = to;
    const target = toParent.names.get(toName);
    if (q.join('/').startsWith(`${p.join('/')}/`) || p.join('/').startsWith(`${q.join('/')}/`)) return;
    const want = target === there || target === undefined ? 'ok' : there.kind === 'dir' && target.kind !== 'dir' ? 'ENOTDIR'
      : there.kind !== 'dir' && target.kind === 'dir' ? 'EISDIR' : target.kind === 'dir' && target.names.size > 0 ? 'ENOTEMPTY' : 'ok';
    this.expect(want, t => rename(t, AT_FDCWD, full, AT_FDCWD, `/m/${q.join('/')}`, 0), () => {
      if (target === there) return;
      parent.names.delete(name);
      toParent.names.set(toName, there);
    });
  }

  private link(full: string, there: Node | undefined): void {
    const q = this.path();
    const to = this.place(q);
    if (to === null || there?.kind !== 'file') return;
    this.expect(to[0].names.has(to[1]) ? 'EEXIST' : 'ok', t => {
      const path = lookupPath(t, AT_FDCWD, full, 0);
      if (isErr(path)) return path;
      const r = makeLink(t, path, AT_FDCWD, `/m/${q.join('/')}`);
      path.put();
      return r;
    }, () => to[0].names.set(to[1], there));
  }

  private expect(want: string, f: Parameters<DiskWorld['run']>[0], then: () => void): void {
    const r = this.world.run(f) as number;
    assert.equal(r < 0 ? errnoName(r) : 'ok', want);
    if (want === 'ok') then();
  }

  /** The whole tree, names and bytes. */
  compare(node = this.root, path = '/m'): void {
    const names = [...this.list(path)].filter(n => n !== '.' && n !== '..' && n !== 'lost+found').sort();
    assert.deepEqual(names, [...node.names.keys()].sort(), path);
    for (const [name, child] of node.names) {
      const full = `${path}/${name}`;
      if (child.kind === 'dir') this.compare(child, full);
      if (child.kind === 'link') assert.equal(this.world.run(t => readLink(t, full)), child.target);
      if (child.kind === 'file') assert.ok(Buffer.from(this.read(full)).equals(child.data), `${full} differs`);
    }
  }

  private list(path: string): string[] {
    const file = this.open(path, O_RDONLY | O_DIRECTORY);
    const sink = new Names();
    this.world.run(t => file.readdir(t, sink));
    file.put();
    return sink.names;
  }

  private read(path: string): Uint8Array {
    const file = this.open(path, O_RDONLY);
    let buffer = new KernelBuffer(new Uint8Array(file.inode.size));
    this.world.run(t => {
      buffer = new KernelBuffer(new Uint8Array(file.inode.size));
      return file.read(t, buffer, 0);
    });
    file.put();
    return buffer.bytes;
  }

  private open(path: string, flags: number): OpenFile {
    const file = this.world.run(t => openAt(t, AT_FDCWD, path, flags, 0));
    assert.ok(!isErr(file), `${path}: ${errnoName(file as number)}`);
    return file;
  }
}

function readLink(t: Parameters<typeof lookupPath>[0], path: string): string | number {
  const p = lookupPath(t, AT_FDCWD, path, 0);
  if (isErr(p)) return p;
  const r = p.dentry.inode!.readlink(t);
  p.put();
  return r;
}

for (const [name, options] of Object.entries({ '4 KiB blocks': ['-b', '4096'], '1 KiB blocks': ['-b', '1024'], '2 KiB blocks, small inodes': ['-b', '2048', '-I', '128'], 'no file types': ['-b', '1024', '-O', '^filetype,^dir_index'] })) {
  for (const kind of ['at once', 'late', 'late to an isolated driver'] as const) {
    test(`random operations, ${name}, a disk that answers ${kind}: as the model says, and clean for fsck`, { skip }, () => {
      const disk = diskOf(freshImage('random', 48 << 20, ...options));
      const rng = new Rng(options.length * 100 + (kind === 'at once' ? 3 : 7));
      const late = new LateDisk(disk, new Rng(5));
      const world = new DiskWorld([kind === 'at once' ? disk : late], kind === 'late to an isolated driver' ? 'isolated' : 'kernel', 32 << 20);
      const player = new Player(world, rng);
      for (let round = 0; round < 3; round++) {
        world.mount('/dev/vda', '/m');
        const kernelFrames = world.kernel.frames.counts[KIND_KERNEL];
        if (round > 0) player.compare();
        for (let i = 0; i < 150; i++) player.step();
        player.compare();
        world.unmount('/m');
        assert.equal(world.kernel.frames.counts[KIND_KERNEL], kernelFrames);
        assert.deepEqual(world.kernel.log.lines.filter(l => l.level < 4).map(l => l.text), []);
        fsck(contentsOf(disk));
      }
      assert.ok(player.count > 100 && player.root.names.size > 5);
      assert.ok(kind === 'at once' || late.late > 50, `${late.late}`);
    });
  }
}

test('a full file system: ENOSPC, nothing half done, and space comes back', { skip }, () => {
  const disk = diskOf(freshImage('full', 2 << 20, '-b', '1024', '-m', '0', '-N', '64'));
  const world = new DiskWorld([disk]);
  world.mount('/dev/vda', '/m');
  // Blocks that were metadata a moment ago become contents: nothing stale may be written over them later.
  for (let i = 0; i < 20; i++) assert.equal(world.run(t => makeDirectory(t, AT_FDCWD, `/m/d${i}`, 0o755)), 0);
  for (let i = 0; i < 20; i++) assert.equal(world.run(t => removeDirectory(t, AT_FDCWD, `/m/d${i}`)), 0);
  const file = world.run(t => openAt(t, AT_FDCWD, '/m/big', O_RDWR | O_CREAT, 0o644));
  assert.ok(!isErr(file));
  let written = 0;
  for (let r = 1; r > 0; written += Math.max(0, r)) r = world.run(t => file.write(t, new KernelBuffer(new Uint8Array(100_000).fill(1)), written)) as number;
  assert.ok(written > 1_000_000, `${written}`);
  let made = 0;
  for (;; made++) {
    const r = world.run(t => openAt(t, AT_FDCWD, `/m/f${made}`, O_RDWR | O_CREAT, 0o644));
    if (isErr(r)) {
      assert.equal(errnoName(r), 'ENOSPC');
      break;
    }
    r.put();
  }
  assert.ok(made >= 50);
  file.put();
  world.unmount('/m');
  world.mount('/dev/vda', '/m');
  const again = world.run(t => openAt(t, AT_FDCWD, '/m/big', O_RDONLY, 0));
  assert.ok(!isErr(again));
  const buffer = new KernelBuffer(new Uint8Array(written));
  assert.equal(world.run(t => again.read(t, buffer, 0)), written);
  assert.ok(buffer.bytes.every(b => b === 1));
  again.put();
  assert.equal(world.run(t => removeFile(t, AT_FDCWD, '/m/big')), 0);
  assert.equal(world.run(t => removeFile(t, AT_FDCWD, '/m/f0')), 0);
  assert.equal(world.run(t => makeDirectory(t, AT_FDCWD, '/m/dir', 0o755)), 0);
  world.unmount('/m');
  fsck(contentsOf(disk));
});

test('made by the host: a tree with a hashed directory reads back, changes, and stays clean', { skip }, () => {
  const tree = join(dir, 'tree');
  mkdirSync(join(tree, 'many'), { recursive: true });
  const model = newNode('dir');
  const many = newNode('dir');
  model.names.set('many', many);
  for (let i = 0; i < 700; i++) {
    const name = `a-name-that-takes-some-room-${i}`;
    const file = newNode('file');
    file.data = Uint8Array.from({ length: i * 20 }, (_, k) => k * i);
    writeFileSync(join(tree, 'many', name), file.data);
    many.names.set(name, file);
  }
  const large = newNode('file');
  large.data = new Uint8Array(9_000_000).map((_, i) => i >>> 5);
  writeFileSync(join(tree, 'large'), large.data);
  model.names.set('large', large);
  const link = newNode('link');
  link.target = 'many/../large';
  symlinkSync(link.target, join(tree, 'link'));
  model.names.set('link', link);

  const disk = diskOf(freshImage('tree.img', 64 << 20, '-b', '1024', '-d', tree));
  const world = new DiskWorld([disk]);
  world.mount('/dev/vda', '/m');
  const player = new Player(world, new Rng(1), model);
  player.compare();
  for (let i = 0; i < 700; i += 3) {
    const name = `a-name-that-takes-some-room-${i}`;
    assert.equal(world.run(t => removeFile(t, AT_FDCWD, `/m/many/${name}`)), 0);
    many.names.delete(name);
  }
  for (let i = 0; i < 50; i++) {
    assert.equal(world.run(t => makeDirectory(t, AT_FDCWD, `/m/many/new-${i}`, 0o755)), 0);
    many.names.set(`new-${i}`, newNode('dir'));
  }
  player.compare();
  world.unmount('/m');
  fsck(contentsOf(disk));
});

test('attributes: set, listed, replaced, removed, and clean for fsck', { skip }, () => {
  const disk = diskOf(freshImage('xattr', 4 << 20));
  const world = new DiskWorld([disk]);
  world.mount('/dev/vda', '/m');
  const file = world.run(t => openAt(t, AT_FDCWD, '/m/f', O_RDWR | O_CREAT, 0o644));
  assert.ok(!isErr(file));
  const { inode } = file;
  const set = (name: string, text: string, flags = 0): string => errnoName(world.run(t => inode.setxattr(t, name, Buffer.from(text), flags)) as number);
  assert.equal(set('user.one', 'first'), errnoName(0));
  assert.equal(set('security.longer-name', 'x'.repeat(300)), errnoName(0));
  assert.equal(set('user.one', 'changed', 1), 'EEXIST');
  assert.equal(set('user.two', 'v', 2), 'ENODATA');
  assert.equal(set('user.one', 'changed', 2), errnoName(0));
  assert.equal(set('user.empty', ''), errnoName(0));
  assert.equal(set('user.huge', 'x'.repeat(5000)), 'ENOSPC');
  assert.deepEqual(world.run(t => inode.listxattr(t)), ['user.one', 'user.empty', 'security.longer-name']);
  file.put();
  world.unmount('/m');
  fsck(contentsOf(disk));
  world.mount('/dev/vda', '/m');
  const again = world.run(t => openAt(t, AT_FDCWD, '/m/f', O_RDWR, 0));
  assert.ok(!isErr(again));
  assert.equal(Buffer.from(world.run(t => again.inode.getxattr(t, 'user.one')) as Uint8Array).toString(), 'changed');
  assert.equal(world.run(t => again.inode.removexattr(t, 'security.longer-name')), 0);
  again.put();
  assert.equal(world.run(t => removeFile(t, AT_FDCWD, '/m/f')), 0);
  world.unmount('/m');
  fsck(contentsOf(disk));
});
