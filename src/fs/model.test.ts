// Random operations on tmpfs and on an overlay (with and without things below), compared step by step with a plain model: same errno, same tree, same
// contents, and nothing left over in memory at the end.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { errnoName, isErr } from '../abi/errno.ts';
import { AT_FDCWD, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from '../abi/fcntl.ts';
import { Stat } from '../abi/stat.ts';
import { Rng } from '../lib/rng.ts';
import { KIND_SHMEM } from '../kernel/mm/frame-kinds.ts';
import { sys_getdents64 } from '../kernel/syscall/fs-dir.ts';
import { sys_fchmodat, sys_truncate } from '../kernel/syscall/fs-attr.ts';
import { sys_linkat, sys_mkdirat, sys_renameat2, sys_symlinkat, sys_unlinkat } from '../kernel/syscall/fs-names.ts';
import { sys_close, sys_openat } from '../kernel/syscall/fs-open.ts';
import { sys_mount, sys_umount2 } from '../kernel/syscall/fs-mount.ts';
import { sys_read } from '../kernel/syscall/fs-read.ts';
import { sys_newfstatat, sys_readlinkat } from '../kernel/syscall/fs-stat.ts';
import { sys_write } from '../kernel/syscall/fs-write.ts';
import { forgetTree } from '../kernel/vfs/dentry-cache.ts';
import { OverlayType } from './overlay/super.ts';
import { FsWorld } from './test-util.ts';

// --- the model: nodes and names, nothing else ---

interface Node { kind: 'file' | 'dir' | 'link'; mode: number; data: string; target: string; names: Map<string, Node>; parent: Node | null; lower: boolean }
const node = (kind: Node['kind'], parent: Node | null, lower: boolean): Node => ({ kind, mode: kind === 'dir' ? 0o755 : 0o644, data: '', target: '', names: new Map(), parent, lower });

class Model {
  readonly root = node('dir', null, true);
  /** What directories are partly below: overlay cannot rename them. */
  overlay = false;

  split(path: string): [Node | null, string] {
    const parts = path.split('/').slice(1);
    let at: Node | null = this.root;
    for (const p of parts.slice(0, -1)) {
      const next: Node | undefined = at.names.get(p);
      if (next?.kind !== 'dir') return [null, next === undefined ? 'ENOENT' : next.kind === 'link' ? 'ELOOP' : 'ENOTDIR'];
      at = next;
    }
    return [at, parts.at(-1)!];
  }
  get(path: string): Node | null {
    const [dir, name] = this.split(path);
    return dir?.names.get(name) ?? null;
  }
  mkdir(path: string, lower = false): string {
    const [dir, name] = this.split(path);
    if (dir === null) return name;
    if (dir.names.has(name)) return 'EEXIST';
    dir.names.set(name, node('dir', dir, lower));
    return 'ok';
  }
  symlink(path: string): string {
    const [dir, name] = this.split(path);
    if (dir === null) return name;
    if (dir.names.has(name)) return 'EEXIST';
    const n = node('link', dir, false);
    n.target = 'loop-not-there/x';
    dir.names.set(name, n);
    return 'ok';
  }
  write(path: string, flags: number, text: string, lower = false): string {
    const [dir, name] = this.split(path);
    if (dir === null) return name;
    let n = dir.names.get(name);
    if (n !== undefined && (flags & O_EXCL) !== 0) return 'EEXIST';
    if (n?.kind === 'link') return 'ENOENT';
    if (n?.kind === 'dir') return 'EISDIR';
    if (n === undefined) {
      if ((flags & O_CREAT) === 0) return 'ENOENT';
      n = node('file', dir, lower);
      dir.names.set(name, n);
    }
    if ((flags & O_TRUNC) !== 0) n.data = '';
    n.data = text + n.data.slice(text.length);
    return 'ok';
  }
  unlink(path: string): string {
    const [dir, name] = this.split(path);
    if (dir === null) return name;
    const n = dir.names.get(name);
    if (n === undefined) return 'ENOENT';
    if (n.kind === 'dir') return 'EISDIR';
    dir.names.delete(name);
    return 'ok';
  }
  rmdir(path: string): string {
    const [dir, name] = this.split(path);
    if (dir === null) return name;
    const n = dir.names.get(name);
    if (n === undefined) return 'ENOENT';
    if (n.kind !== 'dir') return 'ENOTDIR';
    if (n.names.size > 0) return 'ENOTEMPTY';
    dir.names.delete(name);
    return 'ok';
  }
  link(from: string, to: string): string {
    const [fromDir, fromName] = this.split(from);
    if (fromDir === null) return fromName;
    const n = fromDir.names.get(fromName);
    if (n === undefined) return 'ENOENT';
    const [dir, name] = this.split(to);
    if (dir === null) return name;
    if (dir.names.has(name)) return 'EEXIST';
    if (n.kind === 'dir') return 'EPERM';
    dir.names.set(name, n);
    return 'ok';
  }
  rename(from: string, to: string, exchange: boolean): string {
    const [fd, fn] = this.split(from);
    if (fd === null) return fn;
    const [td, tn] = this.split(to);
    if (td === null) return tn;
    const n = fd.names.get(fn);
    if (n === undefined) return 'ENOENT';
    const target = td.names.get(tn);
    if (exchange && target === undefined) return 'ENOENT';
    for (let at: Node | null = td; at !== null; at = at.parent) if (at === n) return 'EINVAL';
    for (let at: Node | null = fd; at !== null; at = at.parent) if (at === target) return exchange ? 'EINVAL' : 'ENOTEMPTY';
    if (n === target) return 'ok';
    if (target !== undefined && !exchange) {
      if (n.kind === 'dir' && target.kind !== 'dir') return 'ENOTDIR';
      if (n.kind !== 'dir' && target.kind === 'dir') return 'EISDIR';
    }
    if (this.overlay && ((n.kind === 'dir' && n.lower) || (exchange && target!.kind === 'dir' && target!.lower))) return 'EXDEV';
    if (target?.kind === 'dir' && !exchange && target.names.size > 0) return 'ENOTEMPTY';
    fd.names.delete(fn);
    if (exchange) {
      fd.names.set(fn, target!);
      if (target!.kind === 'dir') target!.parent = fd;
    }
    td.names.set(tn, n);
    if (n.kind === 'dir') n.parent = td;
    return 'ok';
  }
  dump(n: Node = this.root, at = ''): string[] {
    return [...n.names].sort(([a], [b]) => a < b ? -1 : 1).flatMap(([name, c]) => {
      const line = `${at}/${name} ${c.kind} ${c.kind === 'link' ? c.target : c.mode.toString(8)} ${c.data}`;
      return c.kind === 'dir' ? [line, ...this.dump(c, `${at}/${name}`)] : [line];
    });
  }
}

// --- the same through system calls ---

class Real {
  readonly w: FsWorld;
  readonly base: string;
  constructor(w: FsWorld, base: string) {
    this.w = w;
    this.base = base;
  }
  #show(r: number): string { return r < 0 ? errnoName(r) : 'ok'; }
  mkdir(p: string): string { return this.#show(this.w.call(sys_mkdirat, AT_FDCWD, this.base + p, 0o755)); }
  symlink(p: string): string { return this.#show(this.w.call(sys_symlinkat, 'loop-not-there/x', AT_FDCWD, this.base + p)); }
  write(p: string, flags: number, text: string): string {
    const fd = this.w.call(sys_openat, AT_FDCWD, this.base + p, flags | O_WRONLY, 0o644);
    if (fd < 0) return this.#show(fd);
    if (text !== '') assert.equal(this.w.call(sys_write, fd, text, text.length), text.length);
    this.w.call(sys_close, fd);
    return 'ok';
  }
  unlink(p: string): string { return this.#show(this.w.call(sys_unlinkat, AT_FDCWD, this.base + p, 0)); }
  rmdir(p: string): string { return this.#show(this.w.call(sys_unlinkat, AT_FDCWD, this.base + p, 0x200)); }
  link(a: string, b: string): string { return this.#show(this.w.call(sys_linkat, AT_FDCWD, this.base + a, AT_FDCWD, this.base + b, 0)); }
  rename(a: string, b: string, exchange: boolean): string {
    return this.#show(this.w.call(sys_renameat2, AT_FDCWD, this.base + a, AT_FDCWD, this.base + b, exchange ? 2 : 0));
  }
  dump(at = ''): string[] {
    const { w } = this;
    const fd = w.call(sys_openat, AT_FDCWD, `${this.base}${at}/`, O_RDONLY, 0);
    const names: string[] = [];
    for (;;) {
      const n = w.call(sys_getdents64, fd, w.out, 300);
      if (n === 0) break;
      const b = w.bytesAt(w.out, n);
      for (let i = 0; i < n; i += b[i + 16]!) names.push(String.fromCharCode(...b.subarray(i + 19, i + b[i + 16]!)).split('\0')[0]!);
    }
    w.call(sys_close, fd);
    assert.deepEqual(names.slice(0, 2), ['.', '..']);
    assert.equal(new Set(names).size, names.length);
    return names.slice(2).sort().flatMap(name => this.#line(`${at}/${name}`));
  }
  #line(p: string): string[] {
    const { w } = this;
    assert.equal(w.call(sys_newfstatat, AT_FDCWD, this.base + p, w.out, 0x100), 0, p);
    const s = Stat.view(w.bytesAt(w.out, Stat.size));
    const kind = (s.st_mode >> 12) === 4 ? 'dir' : (s.st_mode >> 12) === 8 ? 'file' : 'link';
    if (kind === 'link') return [`${p} link ${w.textAt(w.out, w.call(sys_readlinkat, AT_FDCWD, this.base + p, w.out, 100))} `];
    let data = '';
    if (kind === 'file') {
      const fd = w.call(sys_openat, AT_FDCWD, this.base + p, O_RDONLY, 0);
      data = w.textAt(w.out, w.call(sys_read, fd, w.out, 1000));
      assert.equal(data.length, s.st_size);
      w.call(sys_close, fd);
    }
    const line = `${p} ${kind} ${(s.st_mode & 0o777).toString(8)} ${data}`;
    return kind === 'dir' ? [line, ...this.dump(p)] : [line];
  }
}

const NAMES = ['a', 'b', 'c', 'd'];
function randomPath(rng: Rng): string {
  let p = '';
  for (let depth = 1 + rng.below(3); depth > 0; depth--) p += `/${NAMES[rng.below(NAMES.length)]}`;
  return p;
}

function step(rng: Rng, real: Real, model: Model, log: string[]): void {
  const [a, b] = [randomPath(rng), randomPath(rng)];
  const op = rng.below(12);
  const text = 'xyz'.repeat(rng.below(4)) + rng.below(100);
  const flags = (rng.below(4) > 0 ? O_CREAT : 0) | (rng.below(2) > 0 ? O_TRUNC : 0) | (rng.below(5) === 0 ? O_CREAT | O_EXCL : 0);
  const exchange = rng.below(4) === 0;
  const did = (name: string, got: string, want: string): void => {
    log.push(`${name} ${a} ${b} ${flags} -> ${got}`);
    // A path through a link fails in the model as ELOOP: the real one looks for the link's missing target.
    assert.equal(got, want === 'ELOOP' ? 'ENOENT' : want, log.slice(-30).join('\n'));
  };
  if (op < 3) did('write', real.write(a, flags, text), model.write(a, flags, text));
  else if (op < 5) did('mkdir', real.mkdir(a), model.mkdir(a));
  else if (op < 6) did('symlink', real.symlink(a), model.symlink(a));
  else if (op < 8) did('unlink', real.unlink(a), model.unlink(a));
  else if (op < 9) did('rmdir', real.rmdir(a), model.rmdir(a));
  else if (op < 10) did('link', real.link(a, b), model.link(a, b));
  else did(`rename${exchange ? ' exchange' : ''}`, real.rename(a, b, exchange), model.rename(a, b, exchange));
}

test('tmpfs: random operations behave like the model', () => {
  for (let seed = 1; seed <= 8; seed++) {
    const w = new FsWorld();
    assert.equal(w.call(sys_mkdirat, AT_FDCWD, '/m', 0o755), 0);
    assert.equal(w.call(sys_mount, 'none', '/m', 'tmpfs', 0, 'size=1m,mode=755'), 0);
    const [real, model, rng, log] = [new Real(w, '/m'), new Model(), new Rng(seed), [] as string[]];
    for (let i = 0; i < 400; i++) {
      step(rng, real, model, log);
      if (i % 50 === 49) assert.deepEqual(real.dump(), model.dump(), log.slice(-60).join('\n'));
    }
    const sb = [...w.kernel.mounts.all].at(-1)!.sb;
    assert.equal(w.call(sys_umount2, '/m', 0), 0);
    assert.equal((sb as typeof w.root).usedInodes, 0);
    assert.equal((sb as typeof w.root).pages.usedPages, 0);
    assert.equal(w.kernel.frames.counts[KIND_SHMEM], 0);
  }
});

/** /low has things, /up is empty: the overlay is on /m. */
function overlayWorld(seed: number): { w: FsWorld; real: Real; model: Model } {
  const w = new FsWorld();
  w.kernel.filesystems.set('overlay', new OverlayType());
  for (const d of ['/m', '/low', '/low2', '/up', '/work']) assert.equal(w.call(sys_mkdirat, AT_FDCWD, d, 0o755), 0);
  const model = new Model();
  const rng = new Rng(seed * 1000);
  const lowers = [new Real(w, '/low'), new Real(w, '/low2')];
  for (let i = 0; i < 25; i++) {
    const p = randomPath(rng);
    // The second layer only gets what the first one does not hide in a way the model would have to know about.
    const layer = lowers[model.overlay ? 0 : rng.below(2)]!;
    if (rng.below(2) === 0) {
      if (model.mkdir(p, true) === 'ok') for (const l of lowers) if (l === layer || rng.below(2) === 0) makeAll(l, p);
    } else if (model.write(p, O_CREAT, `low${i}`, true) === 'ok') {
      makeAll(layer, p.slice(0, p.lastIndexOf('/')));
      model.get(p)!.data = `low${i}`;
      assert.equal(layer.write(p, O_CREAT | O_TRUNC, `low${i}`), 'ok');
      for (const other of lowers) if (other !== layer) other.unlink(p);
    }
  }
  model.overlay = true;
  assert.equal(w.call(sys_mount, 'overlay', '/m', 'overlay', 0, 'lowerdir=/low:/low2,upperdir=/up,workdir=/work'), 0);
  return { w, real: new Real(w, '/m'), model };
}

function makeAll(real: Real, path: string): void {
  const parts = path.split('/').slice(1);
  for (let i = 1; i <= parts.length; i++) real.mkdir(`/${parts.slice(0, i).join('/')}`);
}

test('overlay: random operations behave like the model, and the lower layers do not change', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const { w, real, model } = overlayWorld(seed);
    const [rng, log] = [new Rng(seed), [] as string[]];
    const before = [new Real(w, '/low').dump(), new Real(w, '/low2').dump()];
    assert.deepEqual(real.dump(), model.dump());
    for (let i = 0; i < 400; i++) {
      step(rng, real, model, log);
      if (i % 20 === 19) assert.deepEqual(real.dump(), model.dump(), `seed ${seed}\n${log.slice(-40).join('\n')}`);
      if (i % 100 === 99) {
        // With an empty cache everything must be found again from what lies in the layers.
        forgetTree([...w.kernel.mounts.all].at(-1)!.root);
        assert.deepEqual(real.dump(), model.dump(), `after forgetting, seed ${seed}`);
      }
    }
    assert.deepEqual([new Real(w, '/low').dump(), new Real(w, '/low2').dump()], before);
    assert.equal(w.call(sys_umount2, '/m', 0), 0);
  }
});

test('overlay: numbers stay, readers follow, attributes and truncation copy up', () => {
  const w = new FsWorld();
  w.kernel.filesystems.set('overlay', new OverlayType());
  for (const d of ['/m', '/low', '/up', '/work', '/low/d']) w.call(sys_mkdirat, AT_FDCWD, d, 0o755);
  const low = new Real(w, '/low');
  low.write('/d/f', O_CREAT, 'below');
  low.write('/big', O_CREAT, 'x'.repeat(500));
  assert.equal(w.call(sys_mount, 'overlay', '/m', 'overlay', 0, 'lowerdir=/low,upperdir=/up,workdir=/work'), 0);
  const stat = (p: string) => {
    assert.equal(w.call(sys_newfstatat, AT_FDCWD, p, w.out, 0), 0);
    return Stat.view(w.bytesAt(w.out, Stat.size));
  };
  const before = stat('/m/d/f');
  const reader = w.call(sys_openat, AT_FDCWD, '/m/d/f', O_RDONLY, 0);
  const writer = w.call(sys_openat, AT_FDCWD, '/m/d/f', O_RDWR, 0);
  assert.equal(w.call(sys_write, writer, 'ABOVE!', 6), 6);
  assert.equal(w.textAt(w.out, w.call(sys_read, reader, w.out, 100)), 'ABOVE!');
  const after = stat('/m/d/f');
  assert.equal(after.st_ino, before.st_ino);
  assert.equal(after.st_dev, before.st_dev);
  assert.equal(after.st_size, 6);
  w.call(sys_close, reader);
  w.call(sys_close, writer);
  forgetTree([...w.kernel.mounts.all].at(-1)!.root);
  assert.equal(stat('/m/d/f').st_ino, before.st_ino);
  assert.equal(w.call(sys_fchmodat, AT_FDCWD, '/m/d', 0o700), 0);
  assert.equal(stat('/m/d').st_mode & 0o777, 0o700);
  assert.equal(stat('/low/d').st_mode & 0o777, 0o755);
  assert.equal(w.call(sys_truncate, '/m/big', 10), 0);
  assert.equal(stat('/m/big').st_size, 10);
  assert.equal(stat('/low/big').st_size, 500);
  assert.equal(w.call(sys_umount2, '/m', 0), 0);
  assert.ok(!isErr(w.call(sys_mount, 'overlay', '/m', 'overlay', 0, 'lowerdir=/low:/up')));
  assert.equal(errnoName(w.call(sys_openat, AT_FDCWD, '/m/new', O_CREAT | O_WRONLY, 0o644)), 'EROFS');
});
