// Attributes and sizes: fchmod(2), fchmodat(2), fchmodat2(2), fchown(2), fchownat(2), utimensat(2), truncate(2), ftruncate(2), fallocate(2).
import { type Fallible, EBADF, EFBIG, EINVAL, EISDIR, ENODEV, EPERM, ESPIPE, EOPNOTSUPP, type Errno, isErr } from '../../abi/errno.ts';
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_UNSHARE_RANGE, FALLOC_FL_ZERO_RANGE,
} from '../../abi/fcntl.ts';
import { IN_MODIFY } from '../../abi/eventfd.ts';
import { SIGXFSZ } from '../../abi/signal.ts';
import { isDirectory, isFifo, isRegular, isSymlink } from '../../abi/stat.ts';
import { mayWriteThrough } from '../security/access.ts';
import type { Task } from '../task/task.ts';
import { pathOf } from '../vfs/anon-inode.ts';
import type { Timestamp } from '../vfs/inode.ts';
import type { Path } from '../vfs/mount.ts';
import { notifyPath } from '../vfs/notify.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { isPathOnly } from '../vfs/path-file.ts';
import { isAppendOnly, isImmutable } from '../vfs/attr-flags.ts';
import { changeMode, changeOwner, changeTimes, fileSizeLimit, truncatePath } from '../vfs/setattr.ts';
import { LOOKUP_EMPTY, LOOKUP_FOLLOW, lookupPath } from '../vfs/walk.ts';
import { dirfd, fd, flags, int, long, mode, path, ptr, syscall, type SysResult } from './define.ts';
import { raise } from './fs-transfer.ts';

const UTIME_NOW = 0x3fff_ffff, UTIME_OMIT = 0x3fff_fffe;

/** fchmod(2). */
export const sys_fchmod = syscall({
  name: 'fchmod',
  args: [fd('fd'), mode('mode')],
  run(t, fd, mode) {
    const file = contents(t, fd);
    return isErr(file) ? file : changeMode(t, pathOf(file), mode & 0o7777);
  },
});

/** fchmodat(2): the system call has no flags, links are followed. */
export const sys_fchmodat = syscall({
  name: 'fchmodat',
  args: [dirfd('dirfd'), path('pathname'), mode('mode')],
  run: (t, dirfd, pathname, mode) => changeModeAt(t, dirfd, pathname, mode, 0),
});

/** fchmodat2(2). */
export const sys_fchmodat2 = syscall({
  name: 'fchmodat2',
  args: [dirfd('dirfd'), path('pathname'), mode('mode'), flags('flags', { AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH })],
  run(t, dirfd, pathname, mode, flags) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return EINVAL;
    return changeModeAt(t, dirfd, pathname, mode, flags);
  },
});

/** fchown(2). */
export const sys_fchown = syscall({
  name: 'fchown',
  args: [fd('fd'), int('owner'), int('group')],
  run(t, fd, uid, gid) {
    const file = contents(t, fd);
    return isErr(file) ? file : changeOwner(t, pathOf(file), idOf(uid), idOf(gid));
  },
});

/** fchownat(2). */
export const sys_fchownat = syscall({
  name: 'fchownat',
  args: [dirfd('dirfd'), path('pathname'), int('owner'), int('group'), flags('flags', { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW })],
  run(t, dirfd, pathname, uid, gid, flags) {
    if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) !== 0) return EINVAL;
    const p = resolve(t, dirfd, pathname, flags);
    if (isErr(p)) return p;
    const r = changeOwner(t, p, idOf(uid), idOf(gid));
    p.put();
    return r;
  },
});

/** utimensat(2). A null path means the file `dirfd` itself (futimens(3)). */
export const sys_utimensat = syscall({
  name: 'utimensat',
  args: [dirfd('dirfd'), path('pathname'), ptr('times'), flags('flags', { AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH })],
  run(t, dirfd, pathname, times, flags) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return EINVAL;
    const wanted = timesFrom(t, times);
    if (isErr(wanted)) return wanted;
    const [atime, mtime, how] = wanted;
    if (atime === undefined && mtime === undefined) return 0;
    if (pathname === 0 && dirfd !== AT_FDCWD) {
      if (flags !== 0) return EINVAL;
      const file = contents(t, dirfd);
      return isErr(file) ? file : changeTimes(t, pathOf(file), atime, mtime, how);
    }
    const p = resolve(t, dirfd, pathname, flags);
    if (isErr(p)) return p;
    const r = changeTimes(t, p, atime, mtime, how);
    p.put();
    return r;
  },
});

/** truncate(2). */
export const sys_truncate = syscall({
  name: 'truncate',
  args: [path('path'), long('length')],
  run(t, pathname, length) {
    if (length < 0) return EINVAL;
    const p = resolve(t, AT_FDCWD, pathname, 0);
    if (isErr(p)) return p;
    const r = truncatePath(t, p, length);
    p.put();
    return limited(t, r, length);
  },
});

/** ftruncate(2). */
export const sys_ftruncate = syscall({
  name: 'ftruncate',
  args: [fd('fd'), long('length')],
  run(t, fd, length) {
    if (length < 0) return EINVAL;
    const file = contents(t, fd);
    if (isErr(file)) return file;
    if (!isRegular(file.inode.mode) || !file.isWritable) return EINVAL;
    if (isAppendOnly(file.inode)) return EPERM;
    return limited(t, t.kernel.security.fileTruncate(t, file) || file.truncate(t, length), length);
  },
});

/** fallocate(2). */
export const sys_fallocate = syscall({
  name: 'fallocate',
  args: [
    fd('fd'),
    flags('mode', {
      FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_ZERO_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_UNSHARE_RANGE,
    }),
    long('offset'), long('len'),
  ],
  gaps: 'COLLAPSE_RANGE, INSERT_RANGE and UNSHARE_RANGE answer EOPNOTSUPP, as on tmpfs',
  run(t, fd, mode, offset, length) {
    if (offset < 0 || length <= 0) return EINVAL;
    const file = contents(t, fd);
    if (isErr(file)) return file;
    if ((mode & ~0x7f) !== 0) return EOPNOTSUPP;
    if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0 && (mode & FALLOC_FL_KEEP_SIZE) === 0) return EOPNOTSUPP;
    if (!file.isWritable) return EBADF;
    const type = file.inode.mode;
    if (isFifo(type)) return ESPIPE;
    if (isDirectory(type)) return EISDIR;
    if (!isRegular(type)) return ENODEV;
    if (offset + length > Number.MAX_SAFE_INTEGER) return EFBIG;
    if (isImmutable(file.inode) || (isAppendOnly(file.inode) && (mode & ~FALLOC_FL_KEEP_SIZE) !== 0)) return EPERM;
    const r = file.fallocate(t, mode, offset, length);
    if (r === 0 && file.path !== null) notifyPath(t, file.path, IN_MODIFY);
    return limited(t, r, offset + length);
  },
});

/** An open description, but not an O_PATH one. */
export function contents(t: Task, fd: number): Fallible<OpenFile> {
  const file = t.files.get(fd);
  return !isErr(file) && isPathOnly(file) ? EBADF : file;
}

function resolve(t: Task, dirfd: number, pathname: number, flags: number): Fallible<Path> {
  const name = t.user.path(pathname);
  if (isErr(name)) return name;
  if (name === '' && (flags & AT_EMPTY_PATH) !== 0 && dirfd !== AT_FDCWD) {
    const file = t.files.get(dirfd);
    return isErr(file) ? file : pathOf(file).get();
  }
  const follow = (flags & AT_SYMLINK_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0;
  return lookupPath(t, dirfd, name, follow | ((flags & AT_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0));
}

function changeModeAt(t: Task, dirfd: number, pathname: number, mode: number, flags: number): SysResult {
  const p = resolve(t, dirfd, pathname, flags);
  if (isErr(p)) return p;
  // Linux keeps no permissions on symbolic links.
  const r = isSymlink(p.dentry.inode!.mode) ? mayWriteThrough(p.mount, p.dentry.inode!) || EOPNOTSUPP : changeMode(t, p, mode & 0o7777);
  p.put();
  return r;
}

const idOf = (id: number): number => id === -1 ? -1 : id >>> 0;

function timesFrom(t: Task, times: number): Fallible<[Timestamp | undefined, Timestamp | undefined, 'now' | 'given']> {
  if (times === 0) {
    const now = t.kernel.realtime();
    return [now, now, 'now'];
  }
  const read: (Timestamp | undefined)[] = [];
  let nows = 0;
  for (const at of [times, times + 16]) {
    let r = t.user.loadI64(at);
    if (r !== 0) return r;
    const sec = t.user.value;
    r = t.user.loadI64(at + 8);
    if (r !== 0) return r;
    const nsec = t.user.value;
    if (nsec === UTIME_NOW) nows++;
    else if (nsec !== UTIME_OMIT && (nsec < 0 || nsec > 999_999_999)) return EINVAL;
    read.push(nsec === UTIME_OMIT ? undefined : nsec === UTIME_NOW ? t.kernel.realtime() : { sec, nsec });
  }
  return [read[0], read[1], nows === 2 ? 'now' : 'given'];
}

/** RLIMIT_FSIZE was in the way: SIGXFSZ (setrlimit(2)). */
function limited(t: Task, r: 0 | Errno, size: number): SysResult {
  if (r === EFBIG && size > fileSizeLimit(t)) raise(t, SIGXFSZ);
  return r;
}

