// Asking about files: newfstatat(2), fstat(2), statx(2), statfs(2), fstatfs(2), faccessat(2), faccessat2(2), readlinkat(2).
import { type Fallible, EACCES, EINVAL, ENOENT, EROFS, type Errno, isErr } from '../../abi/errno.ts';
import {
  AT_EACCESS, AT_EMPTY_PATH, AT_FDCWD, AT_NO_AUTOMOUNT, AT_STATX_DONT_SYNC, AT_STATX_FORCE_SYNC, AT_STATX_SYNC_TYPE, AT_SYMLINK_NOFOLLOW,
  F_OK, R_OK, W_OK, X_OK,
} from '../../abi/fcntl.ts';
import { isRegular, isSymlink, Stat, Statx, STATX__RESERVED } from '../../abi/stat.ts';
import { Statfs, ST_NOATIME, ST_NODEV, ST_NODIRATIME, ST_NOEXEC, ST_NOSUID, ST_RDONLY, ST_RELATIME, ST_VALID } from '../../abi/statfs.ts';
import { MS_NOATIME, MS_NODEV, MS_NODIRATIME, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_RELATIME } from '../../abi/mount.ts';
import { latin1Encode } from '../../lib/utf8.ts';
import { inodePermission, mayWriteThrough } from '../security/access.ts';
import { touchInodeAtime } from '../vfs/atime.ts';
import type { Credentials } from '../security/credentials.ts';
import { SECBIT_NO_SETUID_FIXUP } from '../../abi/prctl.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';
import type { Mount, Path } from '../vfs/mount.ts';
import { fillStat, fillStatx } from '../vfs/stat.ts';
import type { SuperBlock } from '../vfs/super-block.ts';
import { LOOKUP_EMPTY, LOOKUP_FOLLOW, lookupPath } from '../vfs/walk.ts';
import { dirfd, fd, flags, mode, outBuffer, outStruct, path, size, syscall, type SysResult, uint } from './define.ts';

// Scratch: every field is written before it is copied out, and nothing survives a call.
const statBytes = new Uint8Array(Stat.size);
const stat = Stat.view(statBytes);
const statxBytes = new Uint8Array(Statx.size);
const statx = Statx.view(statxBytes);

/** newfstatat(2). */
export const sys_newfstatat = syscall({
  name: 'newfstatat',
  args: [dirfd('dirfd'), path('pathname'), outStruct('statbuf', Stat), flags('flags', { AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW })],
  run(t, dirfd, pathname, buf, flags) {
    if ((flags & ~(AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW)) !== 0) return EINVAL;
    const name = pathOrEmpty(t, pathname, flags);
    if (isErr(name)) return name;
    if (name === '' && dirfd !== AT_FDCWD && (flags & AT_EMPTY_PATH) !== 0) return fstat(t, dirfd, buf);
    const p = lookupPath(t, dirfd, name, lookupFlags(flags));
    if (isErr(p)) return p;
    const r = copyStat(t, p.dentry.inode!, buf);
    p.put();
    return r;
  },
});

/** fstat(2). */
export const sys_fstat = syscall({
  name: 'fstat',
  args: [fd('fd'), outStruct('statbuf', Stat)],
  run: (t, fd, buf) => fstat(t, fd, buf),
});

/** statx(2). */
export const sys_statx = syscall({
  name: 'statx',
  args: [
    dirfd('dirfd'), path('pathname'),
    flags('flags', { AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW, AT_STATX_FORCE_SYNC, AT_STATX_DONT_SYNC }),
    uint('mask'), outStruct('statxbuf', Statx),
  ],
  gaps: 'no birth time',
  run(t, dirfd, pathname, flags, mask, buf) {
    if ((mask & STATX__RESERVED) !== 0 || (flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE) return EINVAL;
    if ((flags & ~(AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW | AT_STATX_SYNC_TYPE)) !== 0) return EINVAL;
    const name = pathOrEmpty(t, pathname, flags);
    if (isErr(name)) return name;
    if (name === '' && dirfd !== AT_FDCWD && (flags & AT_EMPTY_PATH) !== 0) {
      const file = t.files.get(dirfd);
      return isErr(file) ? file : copyStatx(t, file.inode, file.path, buf);
    }
    const p = lookupPath(t, dirfd, name, lookupFlags(flags));
    if (isErr(p)) return p;
    const r = copyStatx(t, p.dentry.inode!, p, buf);
    p.put();
    return r;
  },
});

/** statfs(2). */
export const sys_statfs = syscall({
  name: 'statfs',
  args: [path('path'), outStruct('buf', Statfs)],
  run(t, pathname, buf) {
    const name = t.user.path(pathname);
    if (isErr(name)) return name;
    const p = lookupPath(t, AT_FDCWD, name, LOOKUP_FOLLOW);
    if (isErr(p)) return p;
    const r = copyStatfs(t, p.mount.sb, p.mount, buf);
    p.put();
    return r;
  },
});

/** fstatfs(2). */
export const sys_fstatfs = syscall({
  name: 'fstatfs',
  args: [fd('fd'), outStruct('buf', Statfs)],
  run(t, fd, buf) {
    const file = t.files.get(fd);
    return isErr(file) ? file : copyStatfs(t, file.inode.sb, file.path?.mount ?? null, buf);
  },
});

/** faccessat(2): the system call has no flags; it asks with the real ids. */
export const sys_faccessat = syscall({
  name: 'faccessat',
  args: [dirfd('dirfd'), path('pathname'), mode('mode')],
  run: (t, dirfd, pathname, mode) => access(t, dirfd, pathname, mode, 0),
});

/** faccessat2(2). */
export const sys_faccessat2 = syscall({
  name: 'faccessat2',
  args: [dirfd('dirfd'), path('pathname'), mode('mode'), flags('flags', { AT_EACCESS, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH })],
  run(t, dirfd, pathname, mode, flags) {
    if ((flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return EINVAL;
    return access(t, dirfd, pathname, mode, flags);
  },
});

/** readlinkat(2). An empty path names the link that `dirfd` was opened on with O_PATH | O_NOFOLLOW. */
export const sys_readlinkat = syscall({
  name: 'readlinkat',
  args: [dirfd('dirfd'), path('pathname'), outBuffer('buf', 3), size('bufsiz')],
  run(t, dirfd, pathname, buf, bufsiz) {
    if ((bufsiz | 0) <= 0) return EINVAL;
    const name = t.user.path(pathname);
    if (isErr(name)) return name;
    const p = lookupPath(t, dirfd, name, LOOKUP_EMPTY);
    if (isErr(p)) return p;
    const inode = p.dentry.inode!;
    const text = isSymlink(inode.mode) ? inode.readlink(t) : name === '' ? ENOENT : EINVAL;
    if (!isErr(text)) touchInodeAtime(inode, p.mount.flags);
    p.put();
    if (isErr(text)) return text;
    const bytes = latin1Encode(text).subarray(0, bufsiz | 0);
    const r = t.user.copyOut(buf, bytes);
    return r === 0 ? bytes.length : r;
  },
});

/** AT_EMPTY_PATH: a null pointer counts as the empty path too. */
function pathOrEmpty(t: Task, pathname: number, flags: number): Fallible<string> {
  return pathname === 0 && (flags & AT_EMPTY_PATH) !== 0 ? '' : t.user.path(pathname);
}

const lookupFlags = (flags: number): number =>
  ((flags & AT_SYMLINK_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0) | ((flags & AT_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0);

function fstat(t: Task, fd: number, buf: number): SysResult {
  const file = t.files.get(fd);
  return isErr(file) ? file : copyStat(t, file.inode, buf);
}

function copyStat(t: Task, inode: Inode, buf: number): SysResult {
  const r = inode.refresh(t);
  if (r !== 0) return r;
  fillStat(stat, inode);
  return t.user.copyOut(buf, statBytes);
}

function copyStatx(t: Task, inode: Inode, path: Path | null, buf: number): SysResult {
  const r = inode.refresh(t);
  if (r !== 0) return r;
  fillStatx(statx, inode, path);
  return t.user.copyOut(buf, statxBytes);
}

const ST_OF_MS: readonly (readonly [number, number])[] = [
  [MS_RDONLY, ST_RDONLY], [MS_NOSUID, ST_NOSUID], [MS_NODEV, ST_NODEV], [MS_NOEXEC, ST_NOEXEC], [MS_NOATIME, ST_NOATIME],
  [MS_NODIRATIME, ST_NODIRATIME], [MS_RELATIME, ST_RELATIME],
];

function copyStatfs(t: Task, sb: SuperBlock, mount: Mount | null, buf: number): SysResult {
  const s = sb.statfs(t);
  if (isErr(s)) return s;
  const bytes = new Uint8Array(Statfs.size);
  const v = Statfs.view(bytes);
  v.f_type = s.type;
  v.f_bsize = v.f_frsize = s.bsize;
  v.f_blocks = s.blocks;
  v.f_bfree = s.bfree;
  v.f_bavail = s.bavail;
  v.f_files = s.files;
  v.f_ffree = s.ffree;
  v.f_fsid_lo = sb.dev;
  v.f_namelen = s.namelen;
  const ms = (mount?.flags ?? 0) | sb.flags;
  v.f_flags = ST_OF_MS.reduce((st, [from, to]) => (ms & from) !== 0 ? st | to : st, ST_VALID);
  return t.user.copyOut(buf, bytes);
}

function access(t: Task, dirfd: number, pathname: number, mode: number, flags: number): SysResult {
  if ((mode & ~(R_OK | W_OK | X_OK)) !== F_OK) return EINVAL;
  const name = pathOrEmpty(t, pathname, flags);
  if (isErr(name)) return name;
  const effective = t.cred;
  const cred = (flags & AT_EACCESS) !== 0 ? effective : withRealIds(effective);
  t.cred = cred;
  const p = lookupPath(t, dirfd, name, lookupFlags(flags));
  const r = isErr(p) ? p : mayAccess(t, cred, p, mode);
  t.cred = effective;
  if (!isErr(p)) p.put();
  return r;
}

function mayAccess(t: Task, cred: Credentials, p: Path, mode: number): 0 | Errno {
  const inode = p.dentry.inode!;
  if (mode === F_OK) return 0;
  if ((mode & X_OK) !== 0 && isRegular(inode.mode) && ((p.mount.flags | p.mount.sb.flags) & MS_NOEXEC) !== 0) return EACCES;
  const r = inodePermission(cred, inode, mode) || (inode.sb.serverDecides ? inode.askAccess(t, mode) : 0);
  if (r !== 0) return r;
  return (mode & W_OK) !== 0 && mayWriteThrough(p.mount, inode) !== 0 ? EROFS : 0;
}

/** access(2): as if the real ids were the effective ones; root by real id has what it is permitted, others have no capabilities. */
function withRealIds(c: Credentials): Credentials {
  const [lo, hi] = c.caps.effective;
  const [toLo, toHi] = (c.securebits & SECBIT_NO_SETUID_FIXUP) !== 0 ? c.caps.effective : c.uid === 0 ? c.caps.permitted : [0, 0];
  if (c.uid === c.fsuid && c.gid === c.fsgid && lo === toLo && hi === toHi) return c;
  const effective: readonly [number, number] = [toLo, toHi];
  return c.with({ fsuid: c.uid, fsgid: c.gid, caps: { ...c.caps, effective } });
}

