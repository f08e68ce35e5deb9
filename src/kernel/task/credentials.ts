// Changing the credentials of a task, and what else changes with them (credentials(7), prctl(2), setrlimit(2)).
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from '../../abi/capability.ts';
import { RLIMIT_NPROC } from '../../abi/resource.ts';
import type { Credentials } from '../security/credentials.ts';
import type { Task } from './task.ts';

/** New effective or file system ids, or new capabilities: the parent-death signal is forgotten, and memory is no longer to be looked at by others. */
export function changeCredentials(t: Task, next: Credentials): void {
  const old = t.cred;
  t.cred = next;
  const idsMoved = old.euid !== next.euid || old.egid !== next.egid || old.fsuid !== next.fsuid || old.fsgid !== next.fsgid;
  const [lo, hi] = old.caps.permitted;
  const [newLo, newHi] = next.caps.permitted;
  if (idsMoved || (newLo & ~lo) !== 0 || (newHi & ~hi) !== 0) {
    t.process.dumpable = 0;
    t.pdeathsig = 0;
  }
  // execve(2), EAGAIN: set*uid(2) may go over the limit, the next program may not.
  if (old.uid !== next.uid) t.process.overNproc = isOverNproc(t);
}

/** More tasks of this user than RLIMIT_NPROC; root and those with the capabilities are not counted. */
export function isOverNproc(t: Task): boolean {
  if (t.cred.uid === 0 || t.cred.has(CAP_SYS_RESOURCE) || t.cred.has(CAP_SYS_ADMIN)) return false;
  return t.kernel.tasksOf(t.cred.uid) > t.process.rlimits[RLIMIT_NPROC]!.soft;
}
