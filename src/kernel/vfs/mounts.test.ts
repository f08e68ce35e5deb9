// Mounts, devices and inotify through the system calls.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { errnoName } from '../../abi/errno.ts';
import { IN_ALL_EVENTS, IN_NONBLOCK, InotifyEvent } from '../../abi/eventfd.ts';
import { AT_FDCWD, O_CREAT, O_DIRECTORY, O_PATH, O_RDONLY, O_RDWR, O_WRONLY } from '../../abi/fcntl.ts';
import { MNT_DETACH, MS_BIND, MS_RDONLY, MS_REC, MS_REMOUNT } from '../../abi/mount.ts';
import { makedev, S_IFCHR, Stat } from '../../abi/stat.ts';
import { registerMemoryDevices } from '../../drivers/mem.ts';
import { DevtmpfsType } from '../../fs/devtmpfs/devtmpfs.ts';
import { FsWorld } from '../../fs/test-util.ts';
import { MOUNT_MAX } from './mount-table.ts';
import { sys_chdir, sys_getcwd } from '../syscall/fs-dir.ts';
import { sys_inotify_add_watch, sys_inotify_init1, sys_inotify_rm_watch } from '../syscall/fs-inotify.ts';
import { sys_mount, sys_pivot_root, sys_umount2 } from '../syscall/fs-mount.ts';
import { sys_linkat, sys_mkdirat, sys_mknodat, sys_renameat2, sys_unlinkat } from '../syscall/fs-names.ts';
import { sys_close, sys_openat } from '../syscall/fs-open.ts';
import { sys_read } from '../syscall/fs-read.ts';
import { sys_faccessat, sys_newfstatat } from '../syscall/fs-stat.ts';
import { sys_write } from '../syscall/fs-write.ts';

const show = (r: number): string => r < 0 ? errnoName(r) : 'ok';
const mkdir = (w: FsWorld, p: string): void => assert.equal(w.call(sys_mkdirat, AT_FDCWD, p, 0o755), 0, p);
function touch(w: FsWorld, p: string): string {
  const fd = w.call(sys_openat, AT_FDCWD, p, O_CREAT | O_WRONLY, 0o644);
  if (fd >= 0) w.call(sys_close, fd);
  return show(fd);
}
const exists = (w: FsWorld, p: string): string => show(w.call(sys_faccessat, AT_FDCWD, p, 0));
const mount = (w: FsWorld, src: string, at: string, type: string, flags = 0, data = ''): string => show(w.call(sys_mount, src, at, type, flags, data));
const umount = (w: FsWorld, at: string, flags = 0): string => show(w.call(sys_umount2, at, flags));

test('mount: covers, uncovers, is busy while used', () => {
  const w = new FsWorld();
  mkdir(w, '/m');
  touch(w, '/m/under');
  assert.equal(mount(w, 'none', '/m', 'tmpfs', 0, 'mode=700'), 'ok');
  assert.equal(exists(w, '/m/under'), 'ENOENT');
  touch(w, '/m/over');
  assert.equal(exists(w, '/m/../m/over'), 'ok');
  w.call(sys_chdir, '/m');
  assert.equal(umount(w, '/m'), 'EBUSY');
  assert.equal(show(w.call(sys_unlinkat, AT_FDCWD, '/m', 0x200)), 'EBUSY');
  assert.equal(show(w.call(sys_renameat2, AT_FDCWD, '/m', AT_FDCWD, '/n', 0)), 'EBUSY');
  assert.equal(show(w.call(sys_linkat, AT_FDCWD, '/m/over', AT_FDCWD, '/x', 0)), 'EXDEV');
  assert.equal(w.textAt(w.out, w.call(sys_getcwd, w.out, 99)), '/m\0');
  assert.equal(umount(w, '/m', MNT_DETACH), 'ok');
  assert.equal(exists(w, '/m/under'), 'ok');
  assert.equal(exists(w, 'over'), 'ok');
  assert.equal(w.textAt(w.out, w.call(sys_getcwd, w.out, 99)), '(unreachable)/\0');
  w.call(sys_chdir, '/');
  assert.equal(umount(w, '/m'), 'EINVAL');
  assert.equal(mount(w, 'none', '/m', 'nofs'), 'ENODEV');
  assert.equal(mount(w, 'none', '/m', 'tmpfs', 0, 'frob=1'), 'EINVAL');
  w.become(w.newTask(w.t.fs.copy(), 1000));
  assert.equal(mount(w, 'none', '/m', 'tmpfs'), 'EPERM');
});

test('mount: read-only, remount, bind with and without what is below', () => {
  const w = new FsWorld();
  for (const d of ['/a', '/a/sub', '/b', '/c']) mkdir(w, d);
  assert.equal(mount(w, 'none', '/a/sub', 'tmpfs'), 'ok');
  touch(w, '/a/sub/f');
  assert.equal(mount(w, '/a', '/b', '', MS_BIND), 'ok');
  assert.equal(mount(w, '/a', '/c', '', MS_BIND | MS_REC), 'ok');
  assert.equal(exists(w, '/b/sub/f'), 'ENOENT');
  assert.equal(exists(w, '/c/sub/f'), 'ok');
  assert.equal(mount(w, '', '/b', '', MS_REMOUNT | MS_BIND | MS_RDONLY), 'ok');
  assert.equal(touch(w, '/b/x'), 'EROFS');
  assert.equal(touch(w, '/a/x'), 'ok');
  assert.equal(exists(w, '/b/x'), 'ok');
  assert.equal(show(w.call(sys_unlinkat, AT_FDCWD, '/b/x', 0)), 'EROFS');
  assert.equal(umount(w, '/c'), 'EBUSY');
  assert.equal(umount(w, '/c/sub'), 'ok');
  assert.equal(umount(w, '/c'), 'ok');
  assert.equal(exists(w, '/a/sub/f'), 'ok');
});

test('pivot_root: the new root is the root, the old one can go', () => {
  const w = new FsWorld();
  for (const d of ['/new']) mkdir(w, d);
  touch(w, '/oldfile');
  assert.equal(mount(w, 'none', '/new', 'tmpfs'), 'ok');
  mkdir(w, '/new/old');
  assert.equal(show(w.call(sys_pivot_root, '/new', '/new/old')), 'ok');
  assert.equal(exists(w, '/old/oldfile'), 'ok');
  assert.equal(exists(w, '/oldfile'), 'ENOENT');
  assert.equal(umount(w, '/old', MNT_DETACH), 'ok');
  assert.equal(exists(w, '/old/oldfile'), 'ENOENT');
});

test('devtmpfs: nodes come and go with their drivers; memory devices', () => {
  const w = new FsWorld();
  w.kernel.filesystems.set('devtmpfs', new DevtmpfsType());
  mkdir(w, '/dev');
  registerMemoryDevices(w.kernel);
  assert.equal(mount(w, 'dev', '/dev', 'devtmpfs'), 'ok');
  const open = (p: string, flags = O_RDWR): number => w.call(sys_openat, AT_FDCWD, p, flags, 0);
  const [zero, nul, full] = [open('/dev/zero'), open('/dev/null'), open('/dev/full')];
  assert.deepEqual([...w.bytesAt(w.out, w.call(sys_read, zero, w.out, 4))], [0, 0, 0, 0]);
  assert.equal(w.call(sys_read, nul, w.out, 4), 0);
  assert.equal(w.call(sys_write, nul, 'abc', 3), 3);
  assert.equal(show(w.call(sys_write, full, 'abc', 3)), 'ENOSPC');
  assert.equal(w.call(sys_read, open('/dev/urandom', O_RDONLY), w.out, 32), 32);
  w.kernel.devices.addNode('input/event0', 'character', 13, 64, 0o600);
  w.call(sys_newfstatat, AT_FDCWD, '/dev/input/event0', w.out, 0);
  assert.equal(Stat.view(w.bytesAt(w.out, Stat.size)).st_rdev, makedev(13, 64));
  assert.equal(show(open('/dev/input/event0')), 'ENXIO');
  w.kernel.devices.removeNode('input/event0');
  assert.equal(exists(w, '/dev/input/event0'), 'ENOENT');
  assert.equal(show(w.call(sys_mknodat, AT_FDCWD, '/mynull', S_IFCHR | 0o666, makedev(1, 3))), 'ok');
  assert.equal(show(open('/mynull')), 'ok');
  w.become(w.newTask(w.t.fs.copy(), 1000));
  assert.equal(show(w.call(sys_mknodat, AT_FDCWD, '/n2', S_IFCHR | 0o666, makedev(1, 3))), 'EPERM');
});

test('inotify: what happens in a watched directory and to a watched file', () => {
  const w = new FsWorld();
  mkdir(w, '/d');
  const ino = w.call(sys_inotify_init1, IN_NONBLOCK);
  assert.equal(w.call(sys_inotify_add_watch, ino, '/d', IN_ALL_EVENTS), 1);
  const read = (): string[] => {
    const n = w.call(sys_read, ino, w.out, 4096);
    if (n < 0) return [errnoName(n)];
    const out: string[] = [];
    for (let at = 0; at < n;) {
      const e = InotifyEvent.view(w.bytesAt(w.out + at, 16));
      out.push(`${e.wd} ${e.mask.toString(16)} ${w.textAt(w.out + at + 16, e.len).replace(/\0+$/, '')}${e.cookie === 0 ? '' : ' moved'}`);
      at += 16 + e.len;
    }
    return out;
  };
  assert.deepEqual(read(), ['EAGAIN']);
  touch(w, '/d/f');
  assert.deepEqual(read(), ['1 100 f', '1 20 f', '1 8 f']);
  assert.equal(w.call(sys_inotify_add_watch, ino, '/d/f', IN_ALL_EVENTS), 2);
  const fd = w.call(sys_openat, AT_FDCWD, '/d/f', O_RDWR, 0);
  w.call(sys_write, fd, 'x', 1);
  w.call(sys_write, fd, 'x', 1);
  w.call(sys_close, fd);
  assert.deepEqual(read(), ['1 20 f', '2 20 ', '1 2 f', '2 2 ', '1 2 f', '2 2 ', '1 8 f', '2 8 ']);
  w.call(sys_renameat2, AT_FDCWD, '/d/f', AT_FDCWD, '/d/g', 0);
  assert.deepEqual(read(), ['1 40 f moved', '1 80 g moved', '2 800 ']);
  w.call(sys_unlinkat, AT_FDCWD, '/d/g', 0);
  assert.deepEqual(read(), ['2 4 ', '1 200 g', '2 400 ', '2 8000 ']);
  mkdir(w, '/d/sub');
  assert.deepEqual(read(), ['1 40000100 sub']);
  w.call(sys_inotify_rm_watch, ino, 1);
  assert.deepEqual(read(), ['1 8000 ']);
  assert.equal(show(w.call(sys_inotify_rm_watch, ino, 1)), 'EINVAL');
  assert.equal(w.kernel.mounts.inotify.watches, 0);
  w.call(sys_close, ino);
  assert.equal(show(w.call(sys_openat, AT_FDCWD, '/d', O_PATH | O_DIRECTORY, 0)), 'ok');
});

test('mount: there is a most of mounts (mount-max): ENOSPC, until one goes', () => {
  const w = new FsWorld();
  mkdir(w, '/m');
  const { all } = w.kernel.mounts, fillers: never[] = [];
  while (all.size < MOUNT_MAX - 1) {
    const filler = {} as never;
    fillers.push(filler);
    all.add(filler);
  }
  assert.equal(mount(w, 'none', '/m', 'tmpfs'), 'ok');
  assert.equal(mount(w, 'none', '/m', 'tmpfs'), 'ENOSPC');
  assert.equal(mount(w, '/m', '/m', '', MS_BIND), 'ENOSPC');
  for (const filler of fillers) all.delete(filler);
  assert.equal(mount(w, '/m', '/m', '', MS_BIND), 'ok');
});
