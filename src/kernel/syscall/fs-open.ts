// openat(2), openat2(2), close(2), close_range(2), dup(2), dup3(2), umask(2).
import { type Errno, E2BIG, EBADF, EINVAL, EMFILE, isErr } from '../../abi/errno.ts';
import {
  CLOSE_RANGE_CLOEXEC, CLOSE_RANGE_UNSHARE, FASYNC, O_ACCMODE, O_APPEND, O_CLOEXEC, O_CREAT, O_DIRECT, O_DIRECTORY, O_DSYNC, O_EXCL, O_LARGEFILE,
  O_NOATIME, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR, O_SYNC, O_TMPFILE, O_TRUNC, O_WRONLY, OpenHow,
  RESOLVE_BENEATH, RESOLVE_CACHED, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV,
} from '../../abi/fcntl.ts';
import type { Task } from '../task/task.ts';
import { closeFd, dropFd, unshareFiles } from '../vfs/close.ts';
import { openAt } from '../vfs/open.ts';
import { dirfd, fd, flags, inStruct, mode, path, size, syscall, type SysResult, uint } from './define.ts';

const OPEN_FLAGS = {
  O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC, O_APPEND, O_NONBLOCK, O_DSYNC, O_SYNC, FASYNC, O_DIRECT, O_LARGEFILE,
  O_DIRECTORY, O_NOFOLLOW, O_NOATIME, O_CLOEXEC, O_PATH, O_TMPFILE,
};
const ALL_FLAGS = Object.values(OPEN_FLAGS).reduce((all, f) => all | f, 0);
/** With O_PATH the others mean nothing (open(2)). */
const PATH_FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
const ALL_RESOLVE = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED;
const S_IALLUGO = 0o7777;

/** openat(2). Unknown flags are ignored, as ever. */
export const sys_openat = syscall({
  name: 'openat',
  args: [dirfd('dirfd'), path('pathname'), flags('flags', OPEN_FLAGS), mode('mode')],
  gaps: 'O_DIRECT is accepted and goes through the page cache',
  run(t, dirfd, name, flags, mode) {
    return open(t, dirfd, name, flags & ALL_FLAGS, mode & S_IALLUGO, 0);
  },
});

/** openat2(2). Here unknown flags, and modes without a file to make, are errors. */
export const sys_openat2 = syscall({
  name: 'openat2',
  args: [dirfd('dirfd'), path('pathname'), inStruct('how', OpenHow), size('size')],
  gaps: 'RESOLVE_CACHED always answers EAGAIN',
  run(t, dirfd, name, how, bytes) {
    if (bytes < OpenHow.size) return EINVAL;
    if (bytes > 4096) return E2BIG;
    const raw = new Uint8Array(bytes);
    const r = t.user.copyIn(how, raw);
    if (r !== 0) return r;
    if (raw.subarray(OpenHow.size).some(b => b !== 0)) return E2BIG;
    const h = OpenHow.view(raw);
    if (h.flags >= 2 ** 32 || h.mode >= 2 ** 32 || h.resolve >= 2 ** 32) return EINVAL;
    if ((h.flags & ~ALL_FLAGS) !== 0 || (h.resolve & ~ALL_RESOLVE) !== 0) return EINVAL;
    const both = RESOLVE_BENEATH | RESOLVE_IN_ROOT;
    if ((h.resolve & both) === both) return EINVAL;
    const makes = (h.flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) !== 0;
    if (makes ? (h.mode & ~S_IALLUGO) !== 0 : h.mode !== 0) return EINVAL;
    if ((h.flags & O_PATH) !== 0 && (h.flags & ~PATH_FLAGS) !== 0) return EINVAL;
    return open(t, dirfd, name, h.flags, h.mode, h.resolve);
  },
});

/** close(2). */
export const sys_close = syscall({
  name: 'close',
  args: [fd('fd')],
  run: (t, fd) => closeFd(t, fd),
});

/** close_range(2). */
export const sys_close_range = syscall({
  name: 'close_range',
  args: [uint('first'), uint('last'), flags('flags', { CLOSE_RANGE_UNSHARE, CLOSE_RANGE_CLOEXEC })],
  run(t, first, last, flags) {
    if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) !== 0 || first > last) return EINVAL;
    if ((flags & CLOSE_RANGE_UNSHARE) !== 0) unshareFiles(t);
    const end = Math.min(last, t.files.size - 1);
    for (let fd = first; fd <= end; fd++) {
      if (isErr(t.files.get(fd))) continue;
      if ((flags & CLOSE_RANGE_CLOEXEC) !== 0) t.files.setCloexec(fd, true);
      else dropFd(t, fd);
    }
    return 0;
  },
});

/** dup(2). */
export const sys_dup = syscall({
  name: 'dup',
  args: [fd('oldfd')],
  run: (t, fd) => duplicate(t, fd, 0, 'keep'),
});

/** dup3(2): closes newfd silently. */
export const sys_dup3 = syscall({
  name: 'dup3',
  args: [fd('oldfd'), fd('newfd'), flags('flags', { O_CLOEXEC })],
  run(t, oldfd, newfd, flags) {
    if ((flags & ~O_CLOEXEC) !== 0 || oldfd === newfd) return EINVAL;
    if (newfd < 0 || newfd >= t.process.rlimits[7]!.soft) return EBADF;
    const file = t.files.get(oldfd);
    if (isErr(file)) return file;
    file.get();
    dropFd(t, newfd);
    t.files.set(newfd, file, (flags & O_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
    return newfd;
  },
});

/** umask(2). */
export const sys_umask = syscall({
  name: 'umask',
  args: [mode('mask')],
  run(t, mask) {
    const old = t.fs.umask;
    t.fs.umask = mask & 0o777;
    return old;
  },
});

/** The lowest free descriptor from `min` on for the same description: dup(2), F_DUPFD. */
export function duplicate(t: Task, fd: number, min: number, cloexec: 'cloexec' | 'keep'): number | Errno {
  const file = t.files.get(fd);
  if (isErr(file)) return file;
  const r = t.files.install(t, file.get(), cloexec, min);
  if (isErr(r)) file.put();
  return r;
}

function open(t: Task, dirfd: number, pathname: number, flags: number, mode: number, resolve: number): SysResult {
  const name = t.user.path(pathname);
  if (isErr(name)) return name;
  const bad = impossibleFlags(flags);
  if (bad !== 0) return bad;
  // No descriptor, no file made.
  if (t.files.lowestFree() >= t.process.rlimits[7]!.soft) return EMFILE;
  const effective = (flags & O_PATH) !== 0 ? flags & PATH_FLAGS : flags | O_LARGEFILE;
  const file = openAt(t, dirfd, name, effective & ~O_CLOEXEC, mode, resolve);
  if (isErr(file)) return file;
  return t.files.install(t, file, (flags & O_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
}

function impossibleFlags(flags: number): 0 | Errno {
  if ((flags & O_PATH) !== 0) return 0;
  const tmp = O_TMPFILE & ~O_DIRECTORY;
  if ((flags & tmp) !== 0) {
    if ((flags & O_TMPFILE) !== O_TMPFILE || (flags & O_CREAT) !== 0 || (flags & O_ACCMODE) === O_RDONLY) return EINVAL;
  }
  return (flags & (O_CREAT | O_DIRECTORY)) === (O_CREAT | O_DIRECTORY) ? EINVAL : 0;
}
