// Locks that the server keeps (FUSE_POSIX_LOCKS, FUSE_FLOCK_LOCKS): FUSE_GETLK, FUSE_SETLK and FUSE_SETLKW, which waits at the server. Nothing is noted here: record locks end when
// FUSE_FLUSH names their owner, those of flock(2) with FUSE_RELEASE.
import { EINTR, EIO, ERESTARTSYS, type Errno, type Fallible } from '../../abi/errno.ts';
import { F_RDLCK, F_UNLCK, F_WRLCK, LOCK_EX, LOCK_SH } from '../../abi/fcntl.ts';
import { FUSE_GETLK, FUSE_LK_FLOCK, FUSE_SETLK, FUSE_SETLKW, FuseLkIn, FuseLkOut } from '../../abi/fuse.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { LockedRange } from '../../kernel/vfs/locks.ts';
import type { FuseFile } from './file.ts';

/** OFFSET_MAX, the last byte of a lock to the end, as its two words. */
const LAST_LOW = 0xffff_ffff, LAST_HIGH = 0x7fff_ffff;

/** The lock that stands in the way; null: none. */
export function testAtServer(t: Task, file: FuseFile, owner: number, type: number, start: number, end: number): Fallible<LockedRange | null> {
  const { connection } = file.inode.sb;
  const n = connection.call(t, FUSE_GETLK, file.inode.nodeid, request(t, file, owner, type, start, end, 0));
  if (n < FuseLkOut.size) return n < 0 ? n as Errno : EIO;
  const l = connection.in.lock;
  if (l.type === F_UNLCK) return null;
  if ((l.type !== F_RDLCK && l.type !== F_WRLCK) || l.end < l.start) return EIO;
  return { type: l.type, start: l.start, end: l.end >= 2 ** 63 - 1 ? Infinity : l.end + 1, pid: l.pid };
}

export function setAtServer(t: Task, file: FuseFile, owner: number, type: number, start: number, end: number, how: 'wait' | 'try'): 0 | Errno {
  return set(t, file, request(t, file, owner, type, start, end, 0), how);
}

export function flockAtServer(t: Task, file: FuseFile, owner: number, type: typeof LOCK_SH | typeof LOCK_EX | 0, how: 'wait' | 'try'): 0 | Errno {
  const what = type === LOCK_EX ? F_WRLCK : type === LOCK_SH ? F_RDLCK : F_UNLCK;
  return set(t, file, request(t, file, owner, what, 0, Infinity, FUSE_LK_FLOCK), how);
}

/** A server that was told of a signal answers EINTR: the call begins anew after the handler, if it may. */
function set(t: Task, file: FuseFile, length: number, how: 'wait' | 'try'): 0 | Errno {
  const n = file.inode.sb.connection.call(t, how === 'wait' ? FUSE_SETLKW : FUSE_SETLK, file.inode.nodeid, length);
  return n >= 0 ? 0 : n === EINTR ? ERESTARTSYS : n as Errno;
}

function request(t: Task, file: FuseFile, owner: number, type: number, start: number, end: number, flags: number): number {
  const l = file.inode.sb.connection.out.lock.zero();
  l.fh = file.fh;
  l.owner = owner;
  l.start = start;
  l.type = type;
  l.pid = type === F_UNLCK ? 0 : t.process.pid;
  l.lk_flags = flags;
  if (end < Infinity) {
    l.end = end - 1;
  } else {
    l.data.setUint32(l.offset + FuseLkIn.offsets.end, LAST_LOW, true);
    l.data.setUint32(l.offset + FuseLkIn.offsets.end + 4, LAST_HIGH, true);
  }
  return FuseLkIn.size;
}
