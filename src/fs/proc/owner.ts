// Whose a file of /proc/PID is, and whether it still stands for anything (proc(5), "/proc/pid").
import { type Errno, ESRCH } from '../../abi/errno.ts';
import { S_IFDIR } from '../../abi/stat.ts';
import { Task } from '../../kernel/task/task.ts';
import type { PseudoInode } from '../pseudo/node.ts';

/** A process' files belong to its effective user, or to root if it may not be inspected; they are gone when it is. */
export function refreshOwner(inode: PseudoInode, subject: object): 0 | Errno {
  if (!(subject instanceof Task)) return 0;
  if (subject.kernel.pids.tasks.get(subject.tid) !== subject || subject.state === 'X') return ESRCH;
  const open = subject.process.dumpable === 1 || inode.mode === (S_IFDIR | 0o555);
  inode.uid = open ? subject.cred.euid : 0;
  inode.gid = open ? subject.cred.egid : 0;
  return 0;
}
