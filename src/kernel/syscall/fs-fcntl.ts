// fcntl(2), flock(2).
import { type Errno, EBADF, EINVAL, EOVERFLOW, EPERM, ESRCH, isErr } from '../../abi/errno.ts';
import {
  F_ADD_SEALS, F_DUPFD, F_DUPFD_CLOEXEC, F_DUPFD_QUERY, F_GETFD, F_GETFL, F_GETLEASE, F_GETLK, F_GETOWN, F_GETOWN_EX, F_GETOWNER_UIDS, F_GETPIPE_SZ, F_GETSIG,
  F_GET_SEALS, F_NOTIFY, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_OWNER_PGRP, F_OWNER_PID, F_OWNER_TID, F_RDLCK, F_SETFD, F_SETFL, F_SETLEASE,
  F_SETLK, F_SETLKW, F_SETOWN, F_SETOWN_EX, F_SETPIPE_SZ, F_SETSIG, F_UNLCK, F_WRLCK, FD_CLOEXEC, Flock, FOwnerEx, LOCK_EX, LOCK_NB, LOCK_SH,
  LOCK_UN, O_APPEND, O_NOATIME, SEEK_CUR, SEEK_END, SEEK_SET, SETFL_MASK,
} from '../../abi/fcntl.ts';
import { isOwnerOrCapable } from '../security/access.ts';
import type { Task } from '../task/task.ts';
import { isAppendOnly } from '../vfs/attr-flags.ts';
import type { LockOwner } from '../vfs/locks.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { type FileOwner, updateAsync } from '../vfs/async-notify.ts';
import { isPathOnly } from '../vfs/path-file.ts';
import { fd, flags, hex, oneOf, syscall, type SysResult } from './define.ts';
import { duplicate } from './fs-open.ts';

const COMMANDS = {
  F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_SETOWN, F_GETOWN, F_SETSIG, F_GETSIG, F_SETOWN_EX, F_GETOWN_EX,
  F_GETOWNER_UIDS, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE, F_GETLEASE, F_NOTIFY, F_DUPFD_QUERY, F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_GETPIPE_SZ,
  F_ADD_SEALS, F_GET_SEALS,
};

/** fcntl(2). */
export const sys_fcntl = syscall({
  name: 'fcntl',
  args: [fd('fd'), oneOf('cmd', COMMANDS), hex('arg')],
  gaps: 'leases and F_NOTIFY answer EINVAL',
  run(t, fd, cmd, arg) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    switch (cmd) {
      case F_DUPFD: case F_DUPFD_CLOEXEC: return dupFrom(t, fd, arg, cmd === F_DUPFD ? 'keep' : 'cloexec');
      case F_DUPFD_QUERY: return t.files.get(arg | 0) === file ? 1 : isErr(t.files.get(arg | 0)) ? EBADF : 0;
      case F_GETFD: return t.files.isCloexec(fd) ? FD_CLOEXEC : 0;
      case F_SETFD:
        t.files.setCloexec(fd, (arg & FD_CLOEXEC) !== 0);
        return 0;
      case F_GETFL: return file.flags;
    }
    return isPathOnly(file) ? EBADF : contentsCommand(t, file, fd, cmd, arg);
  },
});

/** flock(2). */
export const sys_flock = syscall({
  name: 'flock',
  args: [fd('fd'), flags('operation', { LOCK_SH, LOCK_EX, LOCK_UN, LOCK_NB })],
  run(t, fd, operation) {
    const file = t.files.get(fd);
    const type = operation & ~LOCK_NB;
    if (type !== LOCK_SH && type !== LOCK_EX && type !== LOCK_UN) return EINVAL;
    if (isErr(file)) return file;
    if (isPathOnly(file)) return EBADF;
    return file.flock(t, type === LOCK_UN ? 0 : type, (operation & LOCK_NB) !== 0 ? 'try' : 'wait');
  },
});

function contentsCommand(t: Task, file: OpenFile, fd: number, cmd: number, arg: number): SysResult {
  switch (cmd) {
    case F_SETFL: return setStatusFlags(t, file, fd, arg);
    case F_GETLK: return getLock(t, file, t.files, arg);
    case F_SETLK: case F_SETLKW: return setLock(t, file, t.files, arg, t.process.pid, cmd === F_SETLKW ? 'wait' : 'try');
    case F_OFD_GETLK: return getLock(t, file, file, arg);
    case F_OFD_SETLK: case F_OFD_SETLKW: return setLock(t, file, file, arg, -1, cmd === F_OFD_SETLKW ? 'wait' : 'try');
    case F_GETOWN: return file.owner === null ? 0 : file.owner.kind === 'group' ? -file.owner.id : file.owner.id;
    case F_SETOWN: return (arg | 0) === -0x8000_0000 ? EINVAL : own(t, file, (arg | 0) < 0 ? 'group' : 'process', Math.abs(arg | 0));
    case F_GETOWN_EX: return getOwner(t, file, arg);
    case F_SETOWN_EX: return setOwner(t, file, arg);
    case F_GETSIG: return file.ownerSignal;
    case F_SETSIG:
      if (arg > 64) return EINVAL;
      file.ownerSignal = arg;
      return 0;
    case F_GETLEASE: return F_UNLCK;
    case F_GETOWNER_UIDS: return t.user.storeU32(arg, file.owner?.uid ?? 0) || t.user.storeU32(arg + 4, file.owner?.euid ?? 0);
    default: return file.fcntl(t, cmd, arg);
  }
}

function dupFrom(t: Task, fd: number, min: number, cloexec: 'cloexec' | 'keep'): SysResult {
  return min < 0 || min >= t.process.rlimits[7]!.soft ? EINVAL : duplicate(t, fd, min, cloexec);
}

function setStatusFlags(t: Task, file: OpenFile, fd: number, arg: number): SysResult {
  const flags = (file.flags & ~SETFL_MASK) | (arg & SETFL_MASK);
  if ((flags & O_NOATIME & ~file.flags) !== 0 && !isOwnerOrCapable(t.cred, file.inode)) return EPERM;
  if ((flags & O_APPEND) === 0 && isAppendOnly(file.inode)) return EPERM;
  const r = file.setFlags(flags);
  if (r === 0) updateAsync(file, fd);
  return r;
}

interface Range { type: number; start: number; end: number }

/** struct flock to byte range: l_len < 0 counts backwards from l_start (fcntl(2), "Advisory record locking"). */
function readLock(t: Task, file: OpenFile, at: number): Range | Errno {
  const bytes = new Uint8Array(Flock.size);
  const r = t.user.copyIn(at, bytes);
  if (r !== 0) return r;
  const l = Flock.view(bytes);
  const base = l.l_whence === SEEK_SET ? 0 : l.l_whence === SEEK_CUR ? file.pos : l.l_whence === SEEK_END ? file.inode.size : -1;
  if (base < 0) return EINVAL;
  const from = base + l.l_start;
  if (from < 0 || from > 2 ** 63 - 1) return from < 0 ? EINVAL : EOVERFLOW;
  if (l.l_len >= 0) return { type: l.l_type, start: from, end: l.l_len === 0 || from + l.l_len >= 2 ** 63 ? Infinity : from + l.l_len };
  return from + l.l_len < 0 ? EINVAL : { type: l.l_type, start: from + l.l_len, end: from };
}

function getLock(t: Task, file: OpenFile, owner: LockOwner, at: number): SysResult {
  const want = readLock(t, file, at);
  if (isErr(want)) return want;
  const { type, start, end } = want as Range;
  if (type !== F_RDLCK && type !== F_WRLCK) return EINVAL;
  const found = file.testLock(t, owner, type, start, end);
  if (isErr(found)) return found;
  if (found === null) return t.user.storeU16(at, F_UNLCK);
  const bytes = new Uint8Array(Flock.size);
  const l = Flock.view(bytes);
  l.l_type = found.type;
  l.l_whence = SEEK_SET;
  l.l_start = found.start;
  l.l_len = found.end === Infinity ? 0 : found.end - found.start;
  l.l_pid = found.pid;
  return t.user.copyOut(at, bytes);
}

function setLock(t: Task, file: OpenFile, owner: LockOwner, at: number, pid: number, how: 'wait' | 'try'): SysResult {
  const want = readLock(t, file, at);
  if (isErr(want)) return want;
  const { type, start, end } = want as Range;
  if (pid === -1 && lockPid(t, at) !== 0) return EINVAL;
  switch (type) {
    case F_RDLCK: if (!file.isReadable) return EBADF; break;
    case F_WRLCK: if (!file.isWritable) return EBADF; break;
    case F_UNLCK: break;
    default: return EINVAL;
  }
  return file.setLock(t, owner, type, start, end, pid, how);
}

/** OFD commands insist on l_pid 0. */
function lockPid(t: Task, at: number): number {
  return t.user.loadI32(at + Flock.offsets.l_pid) === 0 ? t.user.value : -1;
}

function getOwner(t: Task, file: OpenFile, at: number): SysResult {
  const bytes = new Uint8Array(FOwnerEx.size);
  const v = FOwnerEx.view(bytes);
  v.type = file.owner === null ? F_OWNER_TID : OWNER_TYPES.indexOf(file.owner.kind);
  v.pid = file.owner?.id ?? 0;
  return t.user.copyOut(at, bytes);
}

function setOwner(t: Task, file: OpenFile, at: number): SysResult {
  const bytes = new Uint8Array(FOwnerEx.size);
  const r = t.user.copyIn(at, bytes);
  if (r !== 0) return r;
  const v = FOwnerEx.view(bytes);
  if (v.type !== F_OWNER_TID && v.type !== F_OWNER_PID && v.type !== F_OWNER_PGRP) return EINVAL;
  return v.pid < 0 ? ESRCH : own(t, file, OWNER_TYPES[v.type]!, v.pid);
}

/** By F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP. */
const OWNER_TYPES: readonly FileOwner['kind'][] = ['thread', 'process', 'group'];

/** F_SETOWN: 0 is nobody; ESRCH for numbers that mean nothing. */
function own(t: Task, file: OpenFile, kind: FileOwner['kind'], id: number): 0 | Errno {
  const { tasks, processes, groups } = t.kernel.pids;
  if (id !== 0 && !(kind === 'thread' ? tasks : kind === 'process' ? processes : groups).has(id)) return ESRCH;
  file.owner = id === 0 ? null : { kind, id, uid: t.cred.uid, euid: t.cred.euid };
  return 0;
}

