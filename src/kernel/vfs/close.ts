// Closing descriptors (close(2), close_range(2), exec's close-on-exec, exit). One rule: a descriptor goes, POSIX locks of the process on that
// file go, the file may flush, and the description loses a reference.
import { type Errno, isErr } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import type { FdTable } from './fd-table.ts';
import { dropPosixLocks } from './locks.ts';
import type { OpenFile } from './open-file.ts';

/** close(2). The descriptor is gone whatever the flush says. */
export function closeFd(t: Task, fd: number): 0 | Errno {
  const file = t.files.remove(fd);
  return isErr(file) ? file : closeFile(t, t.files, file);
}

/** The last user of the task's descriptor table is gone (`users` is 0 already): all its files are closed. */
export function closeAll(t: Task): void {
  const table = t.files;
  t.kernel.mounts.locks.waiting.delete(t);
  for (let fd = table.size - 1; fd >= 0; fd--) {
    const file = table.remove(fd);
    if (!isErr(file)) closeFile(t, table, file);
  }
}

/** execve(2): the table is no longer shared, and descriptors marked FD_CLOEXEC go. */
export function closeOnExec(t: Task): void {
  unshareFiles(t);
  for (let fd = t.files.size - 1; fd >= 0; fd--) if (t.files.isCloexec(fd)) closeFd(t, fd);
}

/** A descriptor table of its own for `t` (unshare(2) CLONE_FILES, close_range(2) CLOSE_RANGE_UNSHARE). */
export function unshareFiles(t: Task): void {
  if (t.files.users === 1) return;
  t.files.users--;
  t.files = t.files.copy();
}

function closeFile(t: Task, table: FdTable, file: OpenFile): 0 | Errno {
  if (file.inode.locks !== null) dropPosixLocks(file.inode, table);
  const r = file.flush(t);
  file.put();
  return r;
}
