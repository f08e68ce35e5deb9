// Names: mkdirat(2), mknodat(2), unlinkat(2), renameat(2), renameat2(2), linkat(2), symlinkat(2).
import { EINVAL, ENOENT, EPERM, isErr } from '../../abi/errno.ts';
import { CAP_DAC_READ_SEARCH } from '../../abi/capability.ts';
import { AT_EMPTY_PATH, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT } from '../../abi/fcntl.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_IFSOCK } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import { makeDirectory, makeLink, makeNode, makeSymlink } from '../vfs/make.ts';
import { removeDirectory, removeFile } from '../vfs/remove.ts';
import { rename } from '../vfs/rename.ts';
import { LOOKUP_EMPTY, LOOKUP_FOLLOW, lookupPath } from '../vfs/walk.ts';
import { dirfd, flags, mode, path, syscall, type SysResult, uint } from './define.ts';

/** mkdirat(2). */
export const sys_mkdirat = syscall({
  name: 'mkdirat',
  args: [dirfd('dirfd'), path('pathname'), mode('mode')],
  run(t, dirfd, pathname, mode) {
    const name = t.user.path(pathname);
    return isErr(name) ? name : makeDirectory(t, dirfd, name, mode & 0o7777);
  },
});

/** mknodat(2). */
export const sys_mknodat = syscall({
  name: 'mknodat',
  args: [dirfd('dirfd'), path('pathname'), mode('mode'), uint('dev')],
  run(t, dirfd, pathname, mode, dev) {
    const name = t.user.path(pathname);
    if (isErr(name)) return name;
    switch (mode & S_IFMT) {
      case 0: return makeNode(t, dirfd, name, mode & 0o7777 | S_IFREG, 0);
      case S_IFREG: case S_IFIFO: case S_IFSOCK: return makeNode(t, dirfd, name, mode & 0o177777, 0);
      case S_IFCHR: case S_IFBLK: return makeNode(t, dirfd, name, mode & 0o177777, dev);
      case S_IFDIR: return EPERM;
      default: return EINVAL;
    }
  },
});

/** unlinkat(2). */
export const sys_unlinkat = syscall({
  name: 'unlinkat',
  args: [dirfd('dirfd'), path('pathname'), flags('flags', { AT_REMOVEDIR })],
  run(t, dirfd, pathname, flags) {
    if ((flags & ~AT_REMOVEDIR) !== 0) return EINVAL;
    const name = t.user.path(pathname);
    if (isErr(name)) return name;
    return (flags & AT_REMOVEDIR) !== 0 ? removeDirectory(t, dirfd, name) : removeFile(t, dirfd, name);
  },
});

/** renameat2(2). */
export const sys_renameat2 = syscall({
  name: 'renameat2',
  args: [
    dirfd('olddirfd'), path('oldpath'), dirfd('newdirfd'), path('newpath'), flags('flags', { RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT }),
  ],
  gaps: 'RENAME_WHITEOUT answers EINVAL',
  run: (t, olddirfd, oldpath, newdirfd, newpath, flags) => renameAt(t, olddirfd, oldpath, newdirfd, newpath, flags),
});

/** linkat(2). */
export const sys_linkat = syscall({
  name: 'linkat',
  args: [dirfd('olddirfd'), path('oldpath'), dirfd('newdirfd'), path('newpath'), flags('flags', { AT_EMPTY_PATH, AT_SYMLINK_FOLLOW })],
  run(t, olddirfd, oldpath, newdirfd, newpath, flags) {
    if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_FOLLOW)) !== 0) return EINVAL;
    if ((flags & AT_EMPTY_PATH) !== 0 && !t.cred.has(CAP_DAC_READ_SEARCH)) return ENOENT;
    const oldName = t.user.path(oldpath);
    if (isErr(oldName)) return oldName;
    const newName = t.user.path(newpath);
    if (isErr(newName)) return newName;
    const lookup = ((flags & AT_SYMLINK_FOLLOW) !== 0 ? LOOKUP_FOLLOW : 0) | ((flags & AT_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0);
    const from = lookupPath(t, olddirfd, oldName, lookup);
    if (isErr(from)) return from;
    const r = makeLink(t, from, newdirfd, newName);
    from.put();
    return r;
  },
});

/** symlinkat(2). */
export const sys_symlinkat = syscall({
  name: 'symlinkat',
  args: [path('target'), dirfd('newdirfd'), path('linkpath')],
  run(t, target, newdirfd, linkpath) {
    const text = t.user.path(target);
    if (isErr(text)) return text;
    const name = t.user.path(linkpath);
    return isErr(name) ? name : makeSymlink(t, text, newdirfd, name);
  },
});

function renameAt(t: Task, olddirfd: number, oldpath: number, newdirfd: number, newpath: number, flags: number): SysResult {
  const oldName = t.user.path(oldpath);
  if (isErr(oldName)) return oldName;
  const newName = t.user.path(newpath);
  return isErr(newName) ? newName : rename(t, olddirfd, oldName, newdirfd, newName, flags);
}

