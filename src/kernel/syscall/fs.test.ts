// File system calls beyond names: extended attributes, copies, holes, sizes, descriptors, blocking writes, and file systems that must wait.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { BLOCKED, EAGAIN, errnoName, type Errno, ENOENT, type Fallible } from '../../abi/errno.ts';
import {
  AT_FDCWD, CLOSE_RANGE_CLOEXEC, F_DUPFD, F_GETFD, F_GETFL, F_SETFL, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY,
  O_RDWR, O_WRONLY, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET,
} from '../../abi/fcntl.ts';
import { MS_REMOUNT } from '../../abi/mount.ts';
import { SIGPIPE, SIGXFSZ } from '../../abi/signal.ts';
import { S_IFDIR, S_IFREG, Stat } from '../../abi/stat.ts';
import { Statfs } from '../../abi/statfs.ts';
import { FsWorld } from '../../fs/test-util.ts';
import { createPipe, type PipeFile } from '../ipc/pipe.ts';
import { ShmemCache } from '../mm/shmem.ts';
import type { Task } from '../task/task.ts';
import { Inode } from '../vfs/inode.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { RegularFile } from '../vfs/regular-file.ts';
import { type FsStats, FileSystemType, SuperBlock } from '../vfs/super-block.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import { sys_fallocate, sys_ftruncate, sys_utimensat } from './fs-attr.ts';
import { sys_copy_file_range, sys_sendfile } from './fs-copy.ts';
import { sys_fcntl } from './fs-fcntl.ts';
import { sys_mount } from './fs-mount.ts';
import { sys_mkdirat } from './fs-names.ts';
import { sys_close, sys_close_range, sys_dup3, sys_openat } from './fs-open.ts';
import { sys_lseek, sys_pread64, sys_read } from './fs-read.ts';
import { sys_newfstatat, sys_statfs } from './fs-stat.ts';
import { sys_pwrite64, sys_write } from './fs-write.ts';
import { sys_getxattr, sys_listxattr, sys_removexattr, sys_setxattr } from './fs-xattr.ts';

const show = (r: number): string => r < 0 ? errnoName(r) : String(r);
const open = (w: FsWorld, name: string, flags: number): number => w.call(sys_openat, AT_FDCWD, name, flags, 0o644);

test('xattr: name spaces, flags, sizes', () => {
  const w = new FsWorld();
  w.call(sys_close, open(w, '/f', O_CREAT));
  const set = (name: string, value: string, flags = 0): string => show(w.call(sys_setxattr, '/f', name, value, value.length, flags));
  assert.equal(set('user.a', 'one'), '0');
  assert.equal(set('user.a', 'two', 1), 'EEXIST');
  assert.equal(set('user.b', 'two', 2), 'ENODATA');
  assert.equal(set('trusted.t', 'x'), '0');
  assert.equal(set('system.sockprotoname', 'x'), 'EOPNOTSUPP');
  assert.equal(set('system.posix_acl_access', 'x'), 'EINVAL');
  assert.equal(set('user.', 'x'), 'EINVAL');
  assert.equal(show(w.call(sys_getxattr, '/f', 'user.a', 0, 0)), '3');
  assert.equal(show(w.call(sys_getxattr, '/f', 'user.a', w.out, 2)), 'ERANGE');
  assert.equal(w.textAt(w.out, w.call(sys_getxattr, '/f', 'user.a', w.out, 10)), 'one');
  assert.equal(w.textAt(w.out, w.call(sys_listxattr, '/f', w.out, 100)), 'user.a\0trusted.t\0');
  assert.equal(show(w.call(sys_removexattr, '/f', 'user.nope')), 'ENODATA');
  assert.equal(show(w.call(sys_removexattr, '/f', 'user.a')), '0');
  w.become(w.newTask(w.t.fs.copy(), 1000));
  assert.equal(w.call(sys_listxattr, '/f', w.out, 100), 0);
  assert.equal(set('user.a', 'one'), 'EACCES');
  assert.equal(set('trusted.t', 'one'), 'EPERM');
});

test('holes: SEEK_DATA, SEEK_HOLE, punching and keeping the size', () => {
  const w = new FsWorld();
  const fd = open(w, '/f', O_CREAT | O_RDWR);
  assert.equal(w.call(sys_pwrite64, fd, 'data', 4, 3 * 4096), 4);
  const seek = (off: number, whence: number): string => show(w.call(sys_lseek, fd, off, whence));
  assert.equal(seek(0, SEEK_DATA), '12288');
  assert.equal(seek(0, SEEK_HOLE), '0');
  assert.equal(seek(12288, SEEK_HOLE), '12292');
  assert.equal(seek(12292, SEEK_DATA), 'ENXIO');
  assert.equal(seek(-1, SEEK_SET), 'EINVAL');
  assert.equal(seek(-12292, SEEK_END), '0');
  assert.equal(show(w.call(sys_fallocate, fd, FALLOC_FL_KEEP_SIZE, 0, 40960)), '0');
  w.call(sys_newfstatat, AT_FDCWD, '/f', w.out, 0);
  assert.equal(Stat.view(w.bytesAt(w.out, Stat.size)).st_size, 12292);
  assert.equal(Stat.view(w.bytesAt(w.out, Stat.size)).st_blocks, 80);
  assert.equal(show(w.call(sys_fallocate, fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 40960)), '0');
  assert.equal(w.textAt(w.out, w.call(sys_pread64, fd, w.out, 4, 12288)), '\0\0\0\0');
  assert.equal(show(w.call(sys_fallocate, fd, 0, 0, 2 ** 50)), 'ENOSPC');
  assert.equal(show(w.call(sys_ftruncate, fd, -1)), 'EINVAL');
  assert.equal(show(w.call(sys_ftruncate, fd, 5)), '0');
  assert.equal(seek(0, SEEK_END), '5');
});

test('copies: sendfile and copy_file_range move the positions they should', () => {
  const w = new FsWorld();
  const [a, b] = [open(w, '/a', O_CREAT | O_RDWR), open(w, '/b', O_CREAT | O_RDWR)];
  w.call(sys_write, a, '0123456789', 10);
  w.call(sys_lseek, a, 2, SEEK_SET);
  assert.equal(w.call(sys_sendfile, b, a, 0, 3), 3);
  assert.equal(w.call(sys_copy_file_range, a, 0, b, 0, 100, 0), 5);
  assert.equal(w.textAt(w.out, w.call(sys_pread64, b, w.out, 100, 0)), '23456789');
  const at = new Uint8Array(8);
  at[0] = 1;
  assert.equal(w.call(sys_sendfile, b, a, at, 2), 2);
  assert.equal(w.textAt(w.out, w.call(sys_pread64, b, w.out, 100, 8)), '12');
  assert.equal(show(w.call(sys_copy_file_range, a, 0, a, at, 5, 0)), '0');
  assert.equal(show(w.call(sys_sendfile, a, b, 0, 100)), '0');
  assert.equal(show(w.call(sys_fcntl, b, F_SETFL, O_APPEND)), '0');
  assert.equal(show(w.call(sys_sendfile, b, a, 0, 1)), 'EINVAL');
});

test('limits: RLIMIT_FSIZE cuts a write, then SIGXFSZ; RLIMIT_NOFILE; a full tmpfs', () => {
  const w = new FsWorld();
  const fd = open(w, '/f', O_CREAT | O_RDWR);
  w.t.process.rlimits[1]!.soft = 10;
  assert.equal(w.call(sys_write, fd, 'x'.repeat(20), 20), 10);
  assert.equal(show(w.call(sys_write, fd, 'x', 1)), 'EFBIG');
  assert.equal(w.t.pending.infos.map(i => i.signo).join(), String(SIGXFSZ));
  w.t.process.rlimits[1]!.soft = Infinity;
  for (let i = fd + 1; i < 64; i++) assert.equal(w.call(sys_fcntl, fd, F_DUPFD, 0), i);
  assert.equal(show(open(w, '/never', O_CREAT)), 'EMFILE');
  assert.equal(show(w.call(sys_newfstatat, AT_FDCWD, '/never', w.out, 0)), 'ENOENT');
  assert.equal(w.call(sys_close_range, fd + 1, 0xffff_ffff, 0), 0);
  w.call(sys_mkdirat, AT_FDCWD, '/m', 0o755);
  assert.equal(w.call(sys_mount, 'none', '/m', 'tmpfs', 0, 'size=8k,nr_inodes=3'), 0);
  const g = open(w, '/m/a', O_CREAT | O_RDWR);
  assert.equal(w.call(sys_write, g, new Uint8Array(10000), 10000), 8192);
  assert.equal(show(w.call(sys_write, g, 'x', 1)), 'ENOSPC');
  assert.equal(show(w.call(sys_mkdirat, AT_FDCWD, '/m/d', 0o755)), '0');
  assert.equal(show(open(w, '/m/c', O_CREAT)), 'ENOSPC');
  assert.equal(show(w.call(sys_mount, '', '/m', '', MS_REMOUNT, 'size=4k')), 'EINVAL');
  assert.equal(show(w.call(sys_mount, '', '/m', '', MS_REMOUNT, 'size=16k')), '0');
  assert.equal(show(w.call(sys_write, g, 'x', 1)), '1');
  w.call(sys_statfs, '/m', w.out);
  assert.equal(Statfs.view(w.bytesAt(w.out, Statfs.size)).f_blocks, 4);
});

test('descriptors: dup3, close_range, flags', () => {
  const w = new FsWorld();
  const fd = open(w, '/f', O_CREAT | O_WRONLY | O_APPEND);
  assert.equal(show(w.call(sys_dup3, fd, fd, 0)), 'EINVAL');
  assert.equal(w.call(sys_dup3, fd, 9, 0o2000000), 9);
  assert.equal(w.call(sys_fcntl, 9, F_GETFD), 1);
  assert.equal(w.call(sys_close_range, 0, 5, CLOSE_RANGE_CLOEXEC), 0);
  assert.equal(w.call(sys_fcntl, fd, F_GETFD), 1);
  assert.equal(w.call(sys_fcntl, 9, F_GETFL) & 0o7777, O_WRONLY | O_APPEND);
  assert.equal(show(w.call(sys_read, 9, w.out, 1)), 'EBADF');
  w.call(sys_close, fd);
  assert.equal(w.call(sys_write, 9, 'x', 1), 1);
  assert.equal(show(w.call(sys_utimensat, 9, 0, 0, 0)), '0');
});

test('write: a blocking pipe takes everything over several runs, a signal leaves what was done', () => {
  const w = new FsWorld();
  const { reader, writer } = createPipe(w.t, 0) as { reader: PipeFile; writer: PipeFile };
  const fd = w.t.files.install(w.t, writer, 'keep');
  const bytes = new Uint8Array(100_000).fill(7);
  const at = w.place(bytes);
  const write = (): number => sys_write.run(w.t, fd, at, bytes.length, 0, 0, 0);
  const drain = (n: number): number => reader.read(w.t, new KernelBuffer(new Uint8Array(n)));
  assert.equal(write(), BLOCKED);
  assert.equal(w.t.restart!.progress, 65536);
  assert.equal(drain(20_000), 20_000);
  w.t.unpark();
  assert.equal(write(), BLOCKED);
  assert.ok(w.t.restart!.progress > 65536);
  drain(65536);
  w.t.unpark();
  assert.equal(write(), bytes.length);
  w.t.restart = null;
  assert.equal(write(), BLOCKED);
  const done = w.t.restart!.progress;
  w.t.unpark();
  w.t.signalPending = true;
  assert.equal(write(), done);
  w.t.restart = null;
  w.t.signalPending = false;
  w.call(sys_fcntl, fd, F_SETFL, O_NONBLOCK);
  assert.equal(write(), EAGAIN);
  reader.put();
  assert.equal(show(write()), 'EPIPE');
  assert.equal(w.t.pending.infos.at(-1)!.signo, SIGPIPE);
});

// --- a file system that has to wait: every question is answered at the second time ---

class SlowInode extends Inode {
  readonly names = new Map<string, SlowInode>();
  readonly asked = new Set<string>();
  readonly queue = new WaitQueue();

  #wait(t: Task, what: string): 0 | Errno {
    if (this.asked.delete(what)) return 0;
    this.asked.add(what);
    return t.waitOn(this.queue);
  }
  override lookup(t: Task, name: string): Fallible<Inode> { return this.#wait(t, `lookup ${name}`) || (this.names.get(name) ?? ENOENT); }
  override create(t: Task, name: string, mode: number): Fallible<Inode> {
    const r = this.#wait(t, `create ${name}`);
    if (r !== 0) return r;
    const child = new SlowInode(this.sb, this.names.size + 2, mode);
    child.pages = new ShmemCache(t.kernel.frames, child);
    this.names.set(name, child.get());
    return child;
  }
  override open(t: Task, flags: number): Fallible<OpenFile> { return this.#wait(t, 'open') || new RegularFile(this, flags); }
}

class SlowSuperBlock extends SuperBlock {
  constructor(w: FsWorld) {
    super(w.kernel, 'slow', 'slow');
    this.setRoot(new SlowInode(this, 1, S_IFDIR | 0o755));
  }
  statfs(): FsStats { return { type: 1, bsize: 1, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 }; }
}
class SlowType extends FileSystemType {
  readonly name = 'slow';
  readonly #sb: SlowSuperBlock;
  constructor(w: FsWorld) {
    super();
    this.#sb = new SlowSuperBlock(w);
  }
  mount(): Fallible<SuperBlock> { return this.#sb; }
}

test('BLOCKED passes through a walk and through O_CREAT | O_EXCL, whose second run knows its own file', () => {
  const w = new FsWorld();
  w.kernel.filesystems.set('slow', new SlowType(w));
  w.call(sys_mkdirat, AT_FDCWD, '/s', 0o755);
  assert.equal(w.call(sys_mount, 'x', '/s', 'slow', 0, 0), 0);
  const repeat = (flags: number): [number, number] => {
    for (let runs = 1; ; runs++) {
      const r = w.call(sys_openat, AT_FDCWD, '/s/f', flags, 0o644);
      if (r !== BLOCKED) return [r, runs];
      assert.equal(w.t.parkedOn.length > 0, true);
      w.t.unpark();
      w.t.record();
    }
  };
  assert.deepEqual(repeat(O_RDONLY), [ENOENT, 2]);
  const [fd, runs] = repeat(O_CREAT | O_EXCL | O_RDWR);
  assert.ok(fd >= 0);
  assert.equal(runs, 3);
  assert.equal(w.call(sys_write, fd, 'x', 1), 1);
  w.t.restart = null;
  assert.deepEqual(repeat(O_CREAT | O_EXCL | O_RDWR).slice(0, 1).map(show), ['EEXIST']);
  assert.equal(S_IFREG, 0o100000);
});
