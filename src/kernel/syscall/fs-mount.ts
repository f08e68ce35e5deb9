// mount(2), umount2(2), pivot_root(2), and file handles.
import { BLOCKED, type Errno, EBUSY, EINVAL, ENODEV, EOPNOTSUPP, EPERM, type Fallible, isErr } from '../../abi/errno.ts';
import { CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import {
  MNT_DETACH, MNT_EXPIRE, MNT_FORCE, MS_BIND, MS_DIRSYNC, MS_LAZYTIME, MS_MGC_MSK, MS_MGC_VAL, MS_MOVE, MS_NOATIME, MS_NODEV, MS_NODIRATIME, MS_NOEXEC,
  MS_NOSUID, MS_PRIVATE, MS_RDONLY, MS_REC, MS_RELATIME, MS_REMOUNT, MS_SHARED, MS_SILENT, MS_SLAVE, MS_STRICTATIME, MS_SYNCHRONOUS, MS_UNBINDABLE,
  UMOUNT_NOFOLLOW,
} from '../../abi/mount.ts';
import type { Task } from '../task/task.ts';
import type { Path } from '../vfs/mount.ts';
import { MOUNT_FLAGS } from '../vfs/mount-table.ts';
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW, lookupPath } from '../vfs/walk.ts';
import { dirfd, fd, flags, int, path, ptr, string, syscall, type SysResult } from './define.ts';

const FLAGS = {
  MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_SYNCHRONOUS, MS_REMOUNT, MS_DIRSYNC, MS_NOATIME, MS_NODIRATIME, MS_BIND, MS_MOVE, MS_REC,
  MS_SILENT, MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_RELATIME, MS_STRICTATIME, MS_LAZYTIME,
};
const PROPAGATION = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;

/** mount(2). */
export const sys_mount = syscall({
  name: 'mount',
  args: [path('source'), path('target'), string('filesystemtype'), flags('mountflags', FLAGS), ptr('data')],
  gaps: 'one mount namespace: propagation types are accepted and mean private',
  run(t, source, target, type, given, data) {
    if (!t.cred.has(CAP_SYS_ADMIN) || t.kernel.security.mountTopology(t) !== 0) return EPERM;
    const flags = (given & MS_MGC_MSK) >>> 0 === MS_MGC_VAL ? given & ~MS_MGC_MSK : given;
    const name = t.user.path(target);
    if (isErr(name)) return name;
    const at = lookupPath(t, AT_FDCWD, name, LOOKUP_FOLLOW);
    if (isErr(at)) return at;
    const r = mountAt(t, at, flags, source, type, data);
    at.put();
    return r;
  },
});

/** umount2(2). */
export const sys_umount2 = syscall({
  name: 'umount2',
  args: [path('target'), flags('flags', { MNT_FORCE, MNT_DETACH, MNT_EXPIRE, UMOUNT_NOFOLLOW })],
  gaps: 'MNT_EXPIRE answers EINVAL',
  run(t, target, flags) {
    if ((flags & ~(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW)) !== 0) return EINVAL;
    const name = t.user.path(target);
    if (isErr(name)) return name;
    const at = lookupPath(t, AT_FDCWD, name, (flags & UMOUNT_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0);
    if (isErr(at)) return at;
    const r = unmountAt(t, at, flags);
    at.put();
    return r;
  },
});

/** pivot_root(2). */
export const sys_pivot_root = syscall({
  name: 'pivot_root',
  args: [path('new_root'), path('put_old')],
  run(t, newRoot, putOld) {
    if (!t.cred.has(CAP_SYS_ADMIN) || t.kernel.security.mountTopology(t) !== 0) return EPERM;
    const [newName, oldName] = [t.user.path(newRoot), t.user.path(putOld)];
    if (isErr(newName)) return newName;
    if (isErr(oldName)) return oldName;
    const to = lookupPath(t, AT_FDCWD, newName, LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
    if (isErr(to)) return to;
    const old = lookupPath(t, AT_FDCWD, oldName, LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
    const r = isErr(old) ? old : pivot(t, to, old);
    to.put();
    if (!isErr(old)) old.put();
    return r;
  },
});

/** name_to_handle_at(2): no file system here hands out handles. */
export const sys_name_to_handle_at = syscall({
  name: 'name_to_handle_at',
  args: [dirfd('dirfd'), path('pathname'), ptr('handle'), ptr('mount_id'), int('flags')],
  gaps: 'always EOPNOTSUPP',
  run: () => EOPNOTSUPP,
});

/** open_by_handle_at(2). */
export const sys_open_by_handle_at = syscall({
  name: 'open_by_handle_at',
  args: [fd('mount_fd'), ptr('handle'), int('flags')],
  gaps: 'always EOPNOTSUPP',
  run: t => t.cred.has(CAP_DAC_READ_SEARCH) ? EOPNOTSUPP : EPERM,
});

function mountAt(t: Task, at: Path, flags: number, source: number, type: number, data: number): SysResult {
  const { mounts } = t.kernel;
  if ((flags & MS_REMOUNT) !== 0) return remount(t, at, flags, data);
  if ((flags & MS_BIND) !== 0) return withSource(t, source, from => mounts.bind(from, at, flags));
  if ((flags & PROPAGATION) !== 0) return at.dentry === at.mount.root ? 0 : EINVAL;
  if ((flags & MS_MOVE) !== 0) return withSource(t, source, from => mounts.move(from, at));
  const typeName = t.user.string(type, 256);
  if (isErr(typeName)) return typeName;
  const device = source === 0 ? 'none' : t.user.path(source);
  if (isErr(device)) return device;
  const options = data === 0 ? '' : t.user.string(data, 4096, EINVAL);
  if (isErr(options)) return options;
  const dot = typeName.indexOf('.');
  const fs = t.kernel.filesystems.get(dot < 0 ? typeName : typeName.slice(0, dot));
  if (fs === undefined || (dot >= 0 && !fs.hasSubtypes)) return ENODEV;
  const sb = fs.mount(t, device, flags, options, dot < 0 ? '' : typeName.slice(dot + 1));
  if (isErr(sb)) return sb;
  if (at.mount.sb === sb && at.dentry === sb.root) return EBUSY;
  const relatime = (flags & (MS_NOATIME | MS_STRICTATIME)) === 0 ? MS_RELATIME : 0;
  const m = mounts.mount(sb.get(), at, flags | relatime);
  sb.put();
  return isErr(m) ? m : 0;
}

/** MS_REMOUNT alone changes the file system too; with MS_BIND the mount only. Absent atime flags are kept (mount(2)). */
function remount(t: Task, at: Path, flags: number, data: number): 0 | Errno {
  const { mount } = at;
  if (at.dentry !== mount.root) return EINVAL;
  const atime = MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME;
  const keep = (flags & atime) === 0 ? mount.flags & atime : 0;
  if ((flags & MS_BIND) === 0) {
    if ((flags & MS_RDONLY) !== 0 && (mount.sb.flags & MS_RDONLY) === 0 && hasWriters(t, mount.sb)) return EBUSY;
    const options = data === 0 ? '' : t.user.string(data, 4096, EINVAL);
    if (isErr(options)) return options;
    const r = options === '' ? 0 : mount.sb.reconfigure(t, options);
    if (r !== 0) return r;
    if (((mount.sb.flags ^ flags) & MS_RDONLY) !== 0) {
      const changed = mount.sb.setAccess(t, (flags & MS_RDONLY) !== 0 ? 'read-only' : 'read-write');
      if (changed !== 0) return changed;
    }
    mount.sb.flags = (mount.sb.flags & ~MS_RDONLY) | (flags & MS_RDONLY);
  }
  t.kernel.mounts.remount(mount, (flags & MOUNT_FLAGS) | keep);
  return 0;
}

/** Somebody has a file of this file system open for writing. */
function hasWriters(t: Task, sb: Path['mount']['sb']): boolean {
  for (const other of t.kernel.pids.tasks.values()) {
    for (const [, file] of other.files.entries()) if (file.countsAsWriter && file.inode.sb === sb) return true;
  }
  return false;
}

function withSource(t: Task, source: number, act: (from: Path) => Fallible<unknown>): SysResult {
  const name = t.user.path(source);
  if (isErr(name)) return name;
  const from = lookupPath(t, AT_FDCWD, name, LOOKUP_FOLLOW);
  if (isErr(from)) return from;
  const r = act(from);
  from.put();
  return isErr(r) ? r : 0;
}

function unmountAt(t: Task, at: Path, flags: number): 0 | Errno {
  if (at.dentry !== at.mount.root) return EINVAL;
  if (!t.cred.has(CAP_SYS_ADMIN) || t.kernel.security.mountTopology(t) !== 0) return EPERM;
  if ((flags & MNT_FORCE) !== 0) at.mount.sb.cut();
  // What is dirty goes out while there is a task that can wait for it; a failure there does not keep the file system mounted.
  if (at.mount.sb.sync(t) === BLOCKED) return BLOCKED;
  return t.kernel.mounts.unmount(at.mount, (flags & MNT_DETACH) !== 0 ? 'lazy' : 'strict', 1);
}

/** Tasks whose root or working directory was the old root go over to the new one. */
function pivot(t: Task, to: Path, putOld: Path): 0 | Errno {
  const oldRoot = t.fs.root;
  const { mount, dentry } = oldRoot;
  const r = t.kernel.mounts.pivot(to, putOld, oldRoot);
  if (r !== 0) return r;
  for (const other of t.kernel.pids.tasks.values()) {
    const { fs } = other;
    if (fs.root.mount === mount && fs.root.dentry === dentry) fs.setRoot(to);
    if (fs.cwd.mount === mount && fs.cwd.dentry === dentry) fs.setCwd(to);
  }
  return 0;
}
