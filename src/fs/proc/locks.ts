// /proc/locks: every lock on every open file (proc_locks(5)). Locks hang on inodes; inodes are found through the open files of all processes.
import { F_WRLCK, LOCK_EX } from '../../abi/fcntl.ts';
import { major, minor } from '../../abi/stat.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import type { InodeLocks } from '../../kernel/vfs/locks.ts';

/** What a line says. `type` is LOCK_* for FLOCK and F_* for the others. */
export interface ShownLock { kind: 'FLOCK' | 'POSIX' | 'OFDLCK'; type: number; pid: number; start: number; end: number }

/** `1: POSIX  ADVISORY  WRITE 742 08:01:131127 0 EOF`. */
export function lockLine(number: number, inode: Inode, lock: ShownLock): string {
  const { dev } = inode.sb;
  const write = lock.kind === 'FLOCK' ? lock.type === LOCK_EX : lock.type === F_WRLCK;
  const end = lock.end === Infinity ? 'EOF' : String(lock.end - 1);
  return `${number}: ${lock.kind.padEnd(6)} ADVISORY  ${write ? 'WRITE' : 'READ '} ${lock.pid} ${hex(major(dev))}:${hex(minor(dev))}:${inode.ino} ${lock.start} ${end}\n`;
}

export function showLocks(k: Kernel): string {
  let number = 0;
  let out = '';
  for (const [inode, pidOf] of lockedInodes(k)) {
    const { whole, records } = inode.locks as InodeLocks;
    for (const [file, type] of whole) out += lockLine(++number, inode, { kind: 'FLOCK', type, pid: pidOf.get(file) ?? -1, start: 0, end: Infinity });
    for (const lock of records) out += lockLine(++number, inode, { kind: lock.pid === -1 ? 'OFDLCK' : 'POSIX', ...lock });
  }
  return out;
}

/** Inodes with locks, each with the processes that have its files open. */
function lockedInodes(k: Kernel): Map<Inode, Map<object, number>> {
  const found = new Map<Inode, Map<object, number>>();
  for (const process of k.pids.processes.values()) {
    if (process.isZombie) continue;
    for (const [, file] of process.leader.files.entries()) {
      if (file.inode.locks === null) continue;
      const owners = found.get(file.inode) ?? new Map<object, number>();
      owners.set(file, process.pid);
      found.set(file.inode, owners);
    }
  }
  return found;
}

const hex = (n: number): string => n.toString(16).padStart(2, '0');
