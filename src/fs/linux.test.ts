// The host's own kernel as the oracle: the same random calls on a tmpfs of Linux (/dev/shm) and on ours, and on our overlay. Paths with dots, double
// and trailing slashes, links and names that are too long; what must agree is every errno, mode, size, link count and number of blocks.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { errnoName } from '../abi/errno.ts';
import { AT_FDCWD, AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDWR, O_TRUNC, O_WRONLY } from '../abi/fcntl.ts';
import { isDirectory, Stat } from '../abi/stat.ts';
import { Rng } from '../lib/rng.ts';
import { sys_fchmodat, sys_truncate } from '../kernel/syscall/fs-attr.ts';
import { sys_mount } from '../kernel/syscall/fs-mount.ts';
import { sys_linkat, sys_mkdirat, sys_renameat2, sys_symlinkat, sys_unlinkat } from '../kernel/syscall/fs-names.ts';
import { sys_close, sys_openat } from '../kernel/syscall/fs-open.ts';
import { sys_faccessat, sys_fstat, sys_newfstatat, sys_readlinkat } from '../kernel/syscall/fs-stat.ts';
import { sys_write } from '../kernel/syscall/fs-write.ts';
import { OverlayType } from './overlay/super.ts';
import { FsWorld } from './test-util.ts';

/** Deep enough that no '..' of the test leaves it. */
const DEEP = '/z'.repeat(12);
const SHM = '/dev/shm';
const HOST = `${SHM}/kspace-${process.pid}`;
const skip = process.platform !== 'linux' || !fs.existsSync(SHM) ? 'needs Linux with a tmpfs on /dev/shm' : false;
const OPEN_FLAGS = [0, O_CREAT, O_CREAT | O_EXCL, O_CREAT | O_WRONLY, O_WRONLY | O_TRUNC, O_CREAT | O_TRUNC | O_RDWR, O_DIRECTORY, O_NOFOLLOW,
  O_CREAT | O_NOFOLLOW | O_WRONLY, O_RDWR];

interface Attributes { mode: number; nlink: number; size: number; blocks: number }
/** One kernel's answer: 'ok', a text, or the name of an errno. */
type Do = (op: string, a: string, b: string, n: number) => string;

function describe(s: Attributes, countsLinks: boolean): string {
  return isDirectory(s.mode) ? `${s.mode}${countsLinks ? ` ${s.nlink}` : ''}` : `${s.mode} ${s.nlink} ${s.size} ${s.blocks}`;
}

function linux(countsLinks: boolean): Do {
  const call = (op: string, a: string, b: string, n: number): unknown => {
    switch (op) {
      case 'mkdir': return fs.mkdirSync(a);
      case 'rmdir': return fs.rmdirSync(a);
      case 'unlink': return fs.unlinkSync(a);
      case 'rename': return fs.renameSync(a, b);
      case 'link': return fs.linkSync(a, b);
      case 'symlink': return fs.symlinkSync(b, a);
      case 'readlink': return fs.readlinkSync(a, 'latin1');
      case 'stat': return describe(fs.statSync(a), countsLinks);
      case 'lstat': return describe(fs.lstatSync(a), countsLinks);
      case 'truncate': {
        const fd = fs.openSync(a, 'r+');
        fs.ftruncateSync(fd, n);
        return fs.closeSync(fd);
      }
      case 'chmod': return fs.chmodSync(a, 0o700);
      case 'access': return fs.accessSync(a, 1);
      default: {
        const fd = fs.openSync(a, n, 0o666);
        if ((n & 3) !== 0) fs.writeSync(fd, b);
        const s = describe(fs.fstatSync(fd), countsLinks);
        fs.closeSync(fd);
        return s;
      }
    }
  };
  return (op, a, b, n) => {
    try {
      return String(call(op, HOST + a, op === 'rename' || op === 'link' ? HOST + b : b, n) ?? 'ok');
    } catch (e) {
      return (e as NodeJS.ErrnoException).code ?? String(e);
    }
  };
}

const result = (r: number, text = (): string => 'ok'): string => r < 0 ? errnoName(r) : text();

function ours(w: FsWorld, base: string, countsLinks: boolean): Do {
  const attributes = (): string => {
    const s = Stat.view(w.bytesAt(w.out, Stat.size));
    return describe({ mode: s.st_mode, nlink: s.st_nlink, size: s.st_size, blocks: s.st_blocks }, countsLinks);
  };
  return (op, path, second, n) => {
    const [a, b] = [base + path, base + second];
    switch (op) {
      case 'mkdir': return result(w.call(sys_mkdirat, AT_FDCWD, a, 0o777));
      case 'rmdir': return result(w.call(sys_unlinkat, AT_FDCWD, a, AT_REMOVEDIR));
      case 'unlink': return result(w.call(sys_unlinkat, AT_FDCWD, a, 0));
      case 'rename': return result(w.call(sys_renameat2, AT_FDCWD, a, AT_FDCWD, b, 0));
      case 'link': return result(w.call(sys_linkat, AT_FDCWD, a, AT_FDCWD, b, 0));
      case 'symlink': return result(w.call(sys_symlinkat, second, AT_FDCWD, a));
      case 'readlink': {
        const r = w.call(sys_readlinkat, AT_FDCWD, a, w.out, 4096);
        return result(r, () => w.textAt(w.out, r));
      }
      case 'stat': return result(w.call(sys_newfstatat, AT_FDCWD, a, w.out, 0), attributes);
      case 'lstat': return result(w.call(sys_newfstatat, AT_FDCWD, a, w.out, AT_SYMLINK_NOFOLLOW), attributes);
      case 'truncate': return result(w.call(sys_truncate, a, n));
      case 'chmod': return result(w.call(sys_fchmodat, AT_FDCWD, a, 0o700));
      case 'access': return result(w.call(sys_faccessat, AT_FDCWD, a, 1));
      default: {
        const fd = w.call(sys_openat, AT_FDCWD, a, n, 0o666);
        if (fd < 0) return errnoName(fd);
        if ((n & 3) !== 0) assert.equal(w.call(sys_write, fd, second, second.length), second.length);
        const s = result(w.call(sys_fstat, fd, w.out), attributes);
        w.call(sys_close, fd);
        return s;
      }
    }
  };
}

const OPS = ['mkdir', 'mkdir', 'rmdir', 'unlink', 'rename', 'rename', 'link', 'symlink', 'open', 'open', 'open', 'stat', 'lstat', 'readlink', 'truncate', 'chmod', 'access'];

function component(rng: Rng): string {
  const r = rng.below(24);
  if (r === 23) return 'n'.repeat(254 + rng.below(3));
  return r < 18 ? 'abcd'[Math.floor(r / 5)]! : r < 20 ? '..' : r < 22 ? '.' : '';
}

function relative(rng: Rng): string {
  const parts = Array.from({ length: 1 + rng.below(4) }, () => component(rng));
  return parts.join('/').replace(/^\/+/, '') + (rng.below(8) === 0 ? '/' : '');
}

/** Runs until something differs; an EXDEV of the overlay (no redirect_dir) ends a run. */
function compare(seed: number, steps: number, w: FsWorld, base: string, kind: 'tmpfs' | 'overlay'): void {
  fs.rmSync(HOST, { recursive: true, force: true });
  fs.mkdirSync(HOST + DEEP, { recursive: true });
  const [theirs, mine, rng, log] = [linux(kind === 'tmpfs'), ours(w, base, kind === 'tmpfs'), new Rng(seed), [] as string[]];
  for (let i = 0; i < steps; i++) {
    const op = OPS[rng.below(OPS.length)]!;
    const a = `${DEEP}/${relative(rng)}`;
    const b = op === 'symlink' ? `./${relative(rng)}` : op === 'open' ? `text ${i}` : `${DEEP}/${relative(rng)}`;
    const n = op === 'open' ? OPEN_FLAGS[rng.below(OPEN_FLAGS.length)]! : rng.below(9000);
    const [want, got] = [theirs(op, a, b, n), mine(op, a, b, n)];
    if (kind === 'overlay' && got === 'EXDEV' && want !== got) return;
    log.push(`${op} ${a} ${b} ${n.toString(8)} -> ${want}`.replaceAll(DEEP, ''));
    assert.equal(got, want, `seed ${seed}, step ${i}\n${log.slice(-15).join('\n')}`);
  }
}

function makeDeep(w: FsWorld, base: string): void {
  for (let i = 1; i <= 12; i++) assert.equal(w.call(sys_mkdirat, AT_FDCWD, base + '/z'.repeat(i), 0o755), 0);
}

process.umask(0o022);
after(() => fs.rmSync(HOST, { recursive: true, force: true }));

test('tmpfs: random calls answer as those of the Linux below', { skip }, () => {
  for (let seed = 1; seed <= 20; seed++) {
    const w = new FsWorld();
    makeDeep(w, '');
    compare(seed, 600, w, '', 'tmpfs');
  }
});

test('overlay: random calls answer as those of the Linux below', { skip }, () => {
  for (let seed = 101; seed <= 120; seed++) {
    const w = new FsWorld();
    w.kernel.filesystems.set('overlay', new OverlayType());
    for (const d of ['/m', '/low', '/up', '/work']) assert.equal(w.call(sys_mkdirat, AT_FDCWD, d, 0o755), 0);
    makeDeep(w, '/low');
    assert.equal(w.call(sys_mount, 'overlay', '/m', 'overlay', 0, 'lowerdir=/low,upperdir=/up,workdir=/work'), 0);
    compare(seed, 600, w, '/m', 'overlay');
  }
});
