// Path walk through the system calls: what resolves to what, and which errno says no.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { errnoName } from '../../abi/errno.ts';
import { AT_FDCWD, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_PATH, O_RDONLY, O_RDWR, O_TMPFILE, O_TRUNC, O_WRONLY, OpenHow, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS } from '../../abi/fcntl.ts';
import { Stat } from '../../abi/stat.ts';
import { FsWorld } from '../../fs/test-util.ts';
import { sys_chdir, sys_chroot, sys_getcwd, sys_getdents64 } from '../syscall/fs-dir.ts';
import { sys_linkat, sys_mkdirat, sys_renameat2, sys_symlinkat, sys_unlinkat } from '../syscall/fs-names.ts';
import { sys_close, sys_openat, sys_openat2 } from '../syscall/fs-open.ts';
import { sys_read } from '../syscall/fs-read.ts';
import { sys_newfstatat, sys_readlinkat } from '../syscall/fs-stat.ts';
import { sys_write } from '../syscall/fs-write.ts';

const show = (r: number): string => r < 0 ? errnoName(r) : 'ok';

function world(): FsWorld {
  const w = new FsWorld();
  for (const d of ['/a', '/a/b', '/a/b/c']) assert.equal(w.call(sys_mkdirat, AT_FDCWD, d, 0o755), 0);
  const fd = w.call(sys_openat, AT_FDCWD, '/a/file', O_CREAT | O_RDWR, 0o644);
  assert.equal(w.call(sys_write, fd, 'hello', 5), 5);
  w.call(sys_close, fd);
  w.call(sys_symlinkat, 'a/file', AT_FDCWD, '/link');
  w.call(sys_symlinkat, '/a/b', AT_FDCWD, '/dirlink');
  w.call(sys_symlinkat, 'nowhere', AT_FDCWD, '/dangling');
  w.call(sys_symlinkat, 'loop2', AT_FDCWD, '/loop1');
  w.call(sys_symlinkat, 'loop1', AT_FDCWD, '/loop2');
  return w;
}

function open(w: FsWorld, name: string, flags = O_RDONLY): string {
  const fd = w.call(sys_openat, AT_FDCWD, name, flags, 0o644);
  if (fd >= 0) w.call(sys_close, fd);
  return show(fd);
}

test('walk: files, directories, links, slashes and dots', () => {
  const w = world();
  const cases: [string, number, string][] = [
    ['/a/file', 0, 'ok'], ['/link', 0, 'ok'], ['/dirlink/../file', 0, 'ok'], ['/a//b/./c/../../file', 0, 'ok'], ['/', 0, 'ok'], ['/..', 0, 'ok'],
    ['', 0, 'ENOENT'], ['/nope', 0, 'ENOENT'], ['/nope/x', 0, 'ENOENT'], ['/a/file/', 0, 'ENOTDIR'], ['/a/file/x', 0, 'ENOTDIR'], ['/a/file/..', 0, 'ENOTDIR'],
    ['/link/', 0, 'ENOTDIR'], ['/dirlink/', 0, 'ok'], ['/dangling', 0, 'ENOENT'], ['/loop1', 0, 'ELOOP'], ['/loop1/x', 0, 'ELOOP'],
    ['/link', O_NOFOLLOW, 'ELOOP'], ['/link', O_NOFOLLOW | O_PATH, 'ok'], ['/dirlink', O_NOFOLLOW | O_DIRECTORY, 'ENOTDIR'], ['/a/file', O_DIRECTORY, 'ENOTDIR'],
    ['/a', O_WRONLY, 'EISDIR'], ['/a', O_CREAT, 'EISDIR'], ['/a/new/', O_CREAT, 'EISDIR'], ['/a/file', O_CREAT | O_EXCL, 'EEXIST'], ['/link', O_CREAT | O_EXCL, 'EEXIST'],
    ['/dangling', O_CREAT | O_EXCL, 'EEXIST'], [`/${'x'.repeat(255)}`, 0, 'ENOENT'], [`/${'x'.repeat(256)}`, 0, 'ENAMETOOLONG'], [`/${'x/'.repeat(2048)}`, 0, 'ENAMETOOLONG'],
    ['/a', O_TMPFILE | O_RDWR, 'ok'], ['/a', O_TMPFILE, 'EINVAL'], ['/a/file', O_TMPFILE | O_RDWR, 'ENOTDIR'], ['/x', O_CREAT | O_DIRECTORY, 'EINVAL'],
  ];
  for (const [name, flags, want] of cases) assert.equal(open(w, name, flags), want, `${name.slice(0, 40)} ${flags.toString(8)}`);
});

test('walk: O_CREAT makes the target of a dangling link', () => {
  const w = world();
  assert.equal(open(w, '/dangling', O_CREAT | O_WRONLY), 'ok');
  assert.equal(open(w, '/nowhere'), 'ok');
});

test('walk: 40 links are followed, 41 are not', () => {
  const w = world();
  let name = 'a/file';
  for (let i = 0; i < 41; i++) {
    w.call(sys_symlinkat, name, AT_FDCWD, `/l${i}`);
    name = `l${i}`;
  }
  assert.equal(open(w, '/l39'), 'ok');
  assert.equal(open(w, '/l40'), 'ELOOP');
});

test('walk: search permission on every directory', () => {
  const w = world();
  w.call(sys_mkdirat, AT_FDCWD, '/private', 0o700);
  w.call(sys_mkdirat, AT_FDCWD, '/private/d', 0o755);
  w.become(w.newTask(w.t.fs.copy(), 1000));
  assert.equal(open(w, '/private/d'), 'EACCES');
  assert.equal(open(w, '/private/nope'), 'EACCES');
  assert.equal(open(w, '/private'), 'EACCES');
  assert.equal(open(w, '/a/file', O_WRONLY), 'EACCES');
  assert.equal(open(w, '/a/file'), 'ok');
  assert.equal(open(w, '/a/file', O_TRUNC), 'EACCES');
  assert.equal(show(w.call(sys_mkdirat, AT_FDCWD, '/a/x', 0o755)), 'EACCES');
  assert.equal(show(w.call(sys_mkdirat, AT_FDCWD, '/a/b', 0o755)), 'EEXIST');
});

function how(resolve: number): Uint8Array {
  const b = new Uint8Array(OpenHow.size);
  const v = OpenHow.view(b);
  v.resolve = resolve;
  v.flags = O_RDONLY;
  return b;
}

test('openat2: RESOLVE_* keep a walk inside', () => {
  const w = world();
  const dir = w.call(sys_openat, AT_FDCWD, '/a', O_PATH | O_DIRECTORY, 0);
  w.call(sys_symlinkat, '/a/file', AT_FDCWD, '/a/abs');
  w.call(sys_symlinkat, '/file', AT_FDCWD, '/a/absin');
  w.call(sys_symlinkat, 'b/../file', AT_FDCWD, '/a/rel');
  const open2 = (name: string, resolve: number): string => show(w.call(sys_openat2, dir, name, how(resolve), OpenHow.size));
  assert.equal(open2('rel', RESOLVE_BENEATH), 'ok');
  assert.equal(open2('../a/file', RESOLVE_BENEATH), 'EXDEV');
  assert.equal(open2('abs', RESOLVE_BENEATH), 'EXDEV');
  assert.equal(open2('/file', RESOLVE_BENEATH), 'EXDEV');
  assert.equal(open2('/../../file', RESOLVE_IN_ROOT), 'ok');
  assert.equal(open2('absin', RESOLVE_IN_ROOT), 'ok');
  assert.equal(open2('abs', RESOLVE_IN_ROOT), 'ENOENT');
  assert.equal(open2('rel', RESOLVE_NO_SYMLINKS), 'ELOOP');
  assert.equal(open2('file', 0x8000), 'EINVAL');
  assert.equal(show(w.call(sys_openat2, dir, 'file', how(0), 8)), 'EINVAL');
});

test('getcwd, chdir and chroot: what a task sees as its root', () => {
  const w = world();
  assert.equal(w.call(sys_chdir, '/a/b/c'), 0);
  assert.equal(w.textAt(w.out, w.call(sys_getcwd, w.out, 100)), '/a/b/c\0');
  assert.equal(show(w.call(sys_getcwd, w.out, 3)), 'ERANGE');
  assert.equal(w.call(sys_chroot, '/a/b'), 0);
  assert.equal(w.textAt(w.out, w.call(sys_getcwd, w.out, 100)), '/c\0');
  assert.equal(open(w, '/../../c'), 'ok');
  assert.equal(open(w, '/a'), 'ENOENT');
  assert.equal(w.call(sys_unlinkat, AT_FDCWD, '../c', 0x200), 0);
  assert.equal(show(w.call(sys_getcwd, w.out, 100)), 'ENOENT');
  assert.equal(open(w, 'x', O_CREAT), 'ENOENT');
  assert.equal(open(w, '.'), 'ok');
});

test('unlink, rmdir, rename and link: which errno', () => {
  const w = world();
  const REMOVEDIR = 0x200;
  const unlink = (name: string, flags = 0): string => show(w.call(sys_unlinkat, AT_FDCWD, name, flags));
  const rename = (a: string, b: string, flags = 0): string => show(w.call(sys_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags));
  assert.equal(unlink('/a'), 'EISDIR');
  assert.equal(unlink('/a/file', REMOVEDIR), 'ENOTDIR');
  assert.equal(unlink('/a', REMOVEDIR), 'ENOTEMPTY');
  assert.equal(unlink('/a/.', REMOVEDIR), 'EINVAL');
  assert.equal(unlink('/a/..', REMOVEDIR), 'ENOTEMPTY');
  assert.equal(unlink('/', REMOVEDIR), 'EBUSY');
  assert.equal(unlink('/a/file/'), 'ENOTDIR');
  assert.equal(rename('/a', '/a/b/x'), 'EINVAL');
  assert.equal(rename('/a/b/c', '/a'), 'ENOTEMPTY');
  assert.equal(rename('/a/file', '/a/b'), 'EISDIR');
  assert.equal(rename('/a/b', '/a/file'), 'ENOTDIR');
  assert.equal(rename('/a/.', '/x'), 'EBUSY');
  assert.equal(rename('/nope', '/x'), 'ENOENT');
  assert.equal(rename('/a/file', '/a/file', 1), 'EEXIST');
  assert.equal(rename('/a/file', '/a/b', 2), 'ok');
  assert.equal(open(w, '/a/b'), 'ok');
  assert.equal(open(w, '/a/file/c'), 'ok');
  assert.equal(show(w.call(sys_linkat, AT_FDCWD, '/a', AT_FDCWD, '/b', 0)), 'EPERM');
  assert.equal(show(w.call(sys_linkat, AT_FDCWD, '/a/b', AT_FDCWD, '/b2', 0)), 'ok');
  assert.equal(show(w.call(sys_linkat, AT_FDCWD, '/a/b', AT_FDCWD, '/b2', 0)), 'EEXIST');
  assert.equal(w.call(sys_newfstatat, AT_FDCWD, '/b2', w.out, 0), 0);
  assert.equal(Stat.view(w.bytesAt(w.out, Stat.size)).st_nlink, 2);
  assert.equal(w.textAt(w.out, w.call(sys_readlinkat, AT_FDCWD, '/link', w.out, 100)), 'a/file');
  assert.equal(show(w.call(sys_readlinkat, AT_FDCWD, '/a', w.out, 100)), 'EINVAL');
});

test('unlinked files live as long as they are open, then their frames come back', () => {
  const w = world();
  const free = w.kernel.frames.freeCount;
  const fd = w.call(sys_openat, AT_FDCWD, '/big', O_CREAT | O_RDWR, 0o600);
  for (let i = 0; i < 20; i++) assert.equal(w.call(sys_write, fd, new Uint8Array(4096).fill(i), 4096), 4096);
  assert.equal(w.kernel.frames.freeCount, free - 20);
  w.call(sys_unlinkat, AT_FDCWD, '/big', 0);
  assert.equal(open(w, '/big'), 'ENOENT');
  assert.equal(w.kernel.frames.freeCount, free - 20);
  w.call(sys_close, fd);
  assert.equal(w.kernel.frames.freeCount, free);
  assert.equal(w.root.pages.usedPages, 1);
});

test('getdents64: a cursor survives removals and additions', () => {
  const w = new FsWorld();
  w.call(sys_mkdirat, AT_FDCWD, '/d', 0o755);
  const made = Array.from({ length: 60 }, (_, i) => `f${i}`);
  for (const n of made) w.call(sys_close, w.call(sys_openat, AT_FDCWD, `/d/${n}`, O_CREAT, 0o644));
  const fd = w.call(sys_openat, AT_FDCWD, '/d', O_RDONLY, 0);
  const seen: string[] = [];
  for (let round = 0; ; round++) {
    const n = w.call(sys_getdents64, fd, w.out, 200);
    assert.ok(n >= 0);
    if (n === 0) break;
    const b = w.bytesAt(w.out, n);
    for (let at = 0; at < n; at += b[at + 16]!) seen.push(w.textAt(w.out + at + 19, 10).split('\0')[0]!);
    for (const gone of made.splice(0, 2)) w.call(sys_unlinkat, AT_FDCWD, `/d/${gone}`, 0);
  }
  assert.equal(new Set(seen).size, seen.length);
  for (const n of made) assert.ok(seen.includes(n), n);
  assert.equal(show(w.call(sys_getdents64, fd, w.out, 8)), 'ok');
});

test('read and write: positions, append, holes', () => {
  const w = world();
  const fd = w.call(sys_openat, AT_FDCWD, '/a/file', O_RDWR | 0o2000, 0);
  assert.equal(w.call(sys_write, fd, ' world', 6), 6);
  assert.equal(w.call(sys_read, fd, w.out, 10), 0);
  const rd = w.call(sys_openat, AT_FDCWD, '/link', O_RDONLY, 0);
  assert.equal(w.textAt(w.out, w.call(sys_read, rd, w.out, 100)), 'hello world');
  assert.equal(show(w.call(sys_write, rd, 'x', 1)), 'EBADF');
  assert.equal(show(w.call(sys_read, rd, 8, 1)), 'ok');
});
