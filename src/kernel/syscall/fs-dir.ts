// Directories: getdents64(2), chdir(2), fchdir(2), chroot(2), getcwd(2).
import { EINVAL, ENOENT, ENOTDIR, EPERM, ERANGE, EBADF, isErr } from '../../abi/errno.ts';
import { CAP_SYS_CHROOT } from '../../abi/capability.ts';
import { DIRENT64_NAME } from '../../abi/dirent.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import { isDirectory } from '../../abi/stat.ts';
import { latin1Encode, latin1Into } from '../../lib/utf8.ts';
import { writeU64 } from '../../lib/u64.ts';
import { inodePermission, MAY_EXEC } from '../security/access.ts';
import { touchAtime } from '../vfs/atime.ts';
import type { Task } from '../task/task.ts';
import { renderCwd } from '../vfs/d-path.ts';
import { DirSink } from '../vfs/open-file.ts';
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW, lookupPath } from '../vfs/walk.ts';
import { fd, outBuffer, path, size, syscall, type SysResult, uint } from './define.ts';

/** Room for one call; a bigger buffer of the caller's is served in parts. */
const MAX_BATCH = 65536;

/** getdents64(2). The position moves only when the entries have arrived. */
export const sys_getdents64 = syscall({
  name: 'getdents64',
  args: [fd('fd'), outBuffer('dirp', 2), uint('count')],
  run(t, fd, dirp, count) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if (!file.isReadable) return EBADF;
    if (!isDirectory(file.inode.mode)) return ENOTDIR;
    if (file.inode.nlink === 0) return ENOENT;
    const sink = new DirentSink(Math.min(count, MAX_BATCH));
    const before = file.pos;
    const r = file.readdir(t, sink);
    if (r !== 0) {
      file.pos = before;
      return r;
    }
    if (sink.used === 0) return sink.refused ? EINVAL : 0;
    const fault = t.user.copyOut(dirp, sink.bytes, 0, sink.used);
    if (fault === 0) {
      touchAtime(file);
      return sink.used;
    }
    file.pos = before;
    return fault;
  },
});

/** chdir(2). */
export const sys_chdir = syscall({
  name: 'chdir',
  args: [path('path')],
  run: (t, pathname) => enter(t, pathname, 'cwd'),
});

/** fchdir(2). */
export const sys_fchdir = syscall({
  name: 'fchdir',
  args: [fd('fd')],
  run(t, fd) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if (file.path === null || !isDirectory(file.inode.mode)) return ENOTDIR;
    const r = inodePermission(t.cred, file.inode, MAY_EXEC);
    if (r === 0) t.fs.setCwd(file.path);
    return r;
  },
});

/** chroot(2). */
export const sys_chroot = syscall({
  name: 'chroot',
  args: [path('path')],
  run: (t, pathname) => enter(t, pathname, 'root'),
});

/** getcwd(2): the length with the NUL. */
export const sys_getcwd = syscall({
  name: 'getcwd',
  args: [outBuffer('buf', 1), size('size')],
  run(t, buf, size) {
    const text = renderCwd(t.fs.cwd, t.fs.root);
    if (isErr(text)) return text;
    const bytes = latin1Encode(`${text}\0`);
    if (bytes.length > size) return ERANGE;
    const r = t.user.copyOut(buf, bytes);
    return r === 0 ? bytes.length : r;
  },
});

function enter(t: Task, pathname: number, what: 'cwd' | 'root'): SysResult {
  const name = t.user.path(pathname);
  if (isErr(name)) return name;
  const p = lookupPath(t, AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
  if (isErr(p)) return p;
  const inode = p.dentry.inode!;
  let r = inodePermission(t.cred, inode, MAY_EXEC) || (inode.sb.serverDecides ? inode.askAccess(t, MAY_EXEC) : 0);
  if (r === 0 && what === 'root' && !t.cred.has(CAP_SYS_CHROOT)) r = EPERM;
  if (r === 0) {
    if (what === 'cwd') t.fs.setCwd(p);
    else t.fs.setRoot(p);
  }
  p.put();
  return r;
}

/** Packs entries as getdents64(2) lays them out. */
class DirentSink extends DirSink {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  used = 0;
  refused = false;
  constructor(capacity: number) {
    super();
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }
  emit(name: string, ino: number, type: number, nextPos: number): boolean {
    const length = Math.ceil((DIRENT64_NAME + name.length + 1) / 8) * 8;
    const at = this.used;
    if (at + length > this.bytes.length) {
      this.refused = true;
      return false;
    }
    writeU64(this.view, at, ino);
    writeU64(this.view, at + 8, nextPos);
    this.view.setUint16(at + 16, length, true);
    this.bytes[at + 18] = type;
    latin1Into(name, this.bytes, at + DIRENT64_NAME);
    this.used = at + length;
    return true;
  }
}
