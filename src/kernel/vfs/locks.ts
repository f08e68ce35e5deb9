// Advisory locks: flock(2) by open file description; record locks of fcntl(2) by process (POSIX: owner is the descriptor table) or by open
// file description (OFD). A lock that is not granted parks the caller on the inode's queue; every release lets the waiters look again.
import { type Errno, EAGAIN, EDEADLK, ENOLCK } from '../../abi/errno.ts';
import { F_RDLCK, F_UNLCK, F_WRLCK, LOCK_EX, LOCK_SH } from '../../abi/fcntl.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import type { FdTable } from './fd-table.ts';
import type { Inode } from './inode.ts';
import type { OpenFile } from './open-file.ts';

/** Who holds a record lock: a descriptor table (POSIX) or a description (OFD). */
export type LockOwner = FdTable | OpenFile;

/** Bytes [start, end); end is Infinity for "to the end of the file, wherever that is". */
export interface LockedRange {
  readonly type: typeof F_RDLCK | typeof F_WRLCK; readonly start: number; readonly end: number;
  /** l_pid as F_GETLK reports it: -1 for OFD locks. */
  readonly pid: number;
}
export interface RecordLock extends LockedRange { readonly owner: LockOwner }

/** The locks of one inode. */
export class InodeLocks {
  readonly whole = new Map<OpenFile, typeof LOCK_SH | typeof LOCK_EX>();
  records: RecordLock[] = [];
  readonly waiters = new WaitQueue();
  get isEmpty(): boolean { return this.whole.size === 0 && this.records.length === 0 && this.waiters.isEmpty; }
}

/** Who waits for whom, to see deadlocks of POSIX locks (fcntl(2), EDEADLK). */
/** Record locks of all files together: ENOLCK beyond (fcntl(2)). */
export const MAX_RECORD_LOCKS = 65_536;

export class LockTable {
  /** How many there are. */
  records = 0;
  readonly waiting = new Map<Task, { readonly owner: LockOwner; readonly blocker: LockOwner }>();

  /** Would `owner` waiting for `blocker` close a circle? */
  closesCircle(owner: LockOwner, blocker: LockOwner): boolean {
    let at: LockOwner | undefined = blocker;
    for (let steps = 0; at !== undefined && steps <= this.waiting.size; steps++) {
      if (at === owner) return true;
      const from: LockOwner = at;
      at = undefined;
      for (const w of this.waiting.values()) if (w.owner === from) at = w.blocker;
    }
    return false;
  }
}

/** flock(2). Converting a lock may lose it to another waiter, as the manual says. */
export function flock(t: Task, file: OpenFile, type: typeof LOCK_SH | typeof LOCK_EX | 0, how: 'wait' | 'try'): 0 | Errno {
  if (type === 0) {
    dropWhole(file);
    return 0;
  }
  const locks = locksOf(file.inode);
  for (const [holder, held] of locks.whole) {
    if (holder === file || (type === LOCK_SH && held === LOCK_SH)) continue;
    if (how === 'try') return EAGAIN;
    if (locks.whole.delete(file)) locks.waiters.wake();
    return t.waitOn(locks.waiters, 'flock');
  }
  const before = locks.whole.get(file);
  locks.whole.set(file, type);
  if (before === LOCK_EX && type === LOCK_SH) locks.waiters.wake();
  return 0;
}

/** The first lock that stands in the way of `owner` (F_GETLK), or null. */
export function conflictingLock(inode: Inode, owner: LockOwner, type: number, start: number, end: number): RecordLock | null {
  const locks = inode.locks as InodeLocks | null;
  if (locks === null) return null;
  for (const l of locks.records) {
    if (l.owner !== owner && l.start < end && start < l.end && (type === F_WRLCK || l.type === F_WRLCK)) return l;
  }
  return null;
}

/** fcntl(2) F_SETLK, F_SETLKW and their OFD kin. */
export function setRecordLock(t: Task, inode: Inode, owner: LockOwner, type: number, start: number, end: number, pid: number, how: 'wait' | 'try'): 0 | Errno {
  const table = t.kernel.mounts.locks;
  table.waiting.delete(t);
  // Even unlocking can make one more, by splitting another.
  if (table.records >= MAX_RECORD_LOCKS && (type !== F_UNLCK || start > 0 || end < Infinity)) return ENOLCK;
  if (type === F_UNLCK) {
    if (inode.locks !== null) replaceRange(inode, owner, start, end, null);
    return 0;
  }
  const locks = locksOf(inode);
  const blocker = conflictingLock(inode, owner, type, start, end);
  if (blocker !== null) {
    if (how === 'try') return EAGAIN;
    if (pid !== -1 && table.closesCircle(owner, blocker.owner)) return EDEADLK;
    table.waiting.set(t, { owner, blocker: blocker.owner });
    const r = t.waitOn(locks.waiters, 'file lock');
    if (t.signalPending) table.waiting.delete(t);
    return r;
  }
  replaceRange(inode, owner, start, end, { owner, type: type as typeof F_RDLCK, start, end, pid });
  return 0;
}

/** close(2) of any descriptor for the inode drops all POSIX locks its process has there. */
export function dropPosixLocks(inode: Inode, owner: FdTable): void {
  if (inode.locks !== null) replaceRange(inode, owner, 0, Infinity, null);
}

/** The description is gone: its flock and OFD locks go. */
export function dropFileLocks(file: OpenFile): void {
  dropWhole(file);
  const locks = file.inode.locks as InodeLocks | null;
  if (locks === null) return;
  replaceRange(file.inode, file, 0, Infinity, null);
  if (locks.isEmpty) file.inode.locks = null;
}

const locksOf = (inode: Inode): InodeLocks => (inode.locks ??= new InodeLocks()) as InodeLocks;

function dropWhole(file: OpenFile): void {
  const locks = file.inode.locks as InodeLocks | null;
  if (locks !== null && locks.whole.delete(file)) locks.waiters.wake();
}

/** What `owner` holds in [start, end) becomes `lock` (null: nothing); its neighbours of the same type melt into it. */
function replaceRange(inode: Inode, owner: LockOwner, from: number, to: number, lock: RecordLock | null): void {
  const locks = inode.locks as InodeLocks;
  let [start, end] = [from, to];
  const kept: RecordLock[] = [];
  let changed = lock !== null;
  for (const l of locks.records) {
    const touches = l.owner === owner && l.start <= end && start <= l.end;
    if (touches && lock !== null && l.type === lock.type) {
      start = Math.min(start, l.start);
      end = Math.max(end, l.end);
    } else if (touches && l.start < to && from < l.end) {
      changed = true;
      if (l.start < from) kept.push({ ...l, end: from });
      if (l.end > to) kept.push({ ...l, start: to });
    } else {
      kept.push(l);
    }
  }
  if (lock !== null) kept.push({ ...lock, start, end });
  inode.sb.kernel.mounts.locks.records += kept.length - locks.records.length;
  locks.records = kept.sort((a, b) => a.start - b.start);
  if (changed) locks.waiters.wake();
}
