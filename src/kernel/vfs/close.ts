// Closing descriptors (close(2), close_range(2), exec's close-on-exec, exit). One rule: a descriptor goes, POSIX locks of the process on that
// file go, the file may flush, and the description loses a reference.
import { BLOCKED, type Errno, isErr } from '../../abi/errno.ts';
import { LateReply } from '../task/late-reply.ts';
import type { Task } from '../task/task.ts';
import { keepForSleepers } from './fd-pins.ts';
import type { FdTable } from './fd-table.ts';
import { dropPosixLocks } from './locks.ts';
import type { OpenFile } from './open-file.ts';

/** close(2). The descriptor is gone whatever the flush says; while that has to wait, the call keeps the file. */
export function closeFd(t: Task, fd: number): 0 | Errno {
  const closing = t.restart === null ? undefined : t.restart.replies.find(r => r instanceof Closing);
  if (closing !== undefined) return closing.go(t);
  if (t.files.users > 1) keepForSleepers(t, fd);
  const file = t.files.remove(fd);
  if (isErr(file)) return file;
  if (file.inode.locks !== null) dropPosixLocks(file.inode, t.files);
  const r = file.flush(t);
  if (r === BLOCKED) t.record().replies.push(new Closing(file));
  else file.put();
  return r;
}

/** The same for those who cannot wait: dup3(2), close_range(2). */
export function dropFd(t: Task, fd: number): void {
  if (t.files.users > 1) keepForSleepers(t, fd);
  const file = t.files.remove(fd);
  if (!isErr(file)) closeFile(t, t.files, file);
}

/** A file between its descriptor's end and that of its flush. */
class Closing extends LateReply {
  private readonly file: OpenFile;
  private isOver = false;
  constructor(file: OpenFile) {
    super();
    this.file = file;
  }

  go(t: Task): 0 | Errno {
    const r = this.file.flush(t);
    if (r !== BLOCKED) this.abandon();
    return r;
  }

  override abandon(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.file.put();
  }
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
  for (let fd = t.files.size - 1; fd >= 0; fd--) if (t.files.isCloexec(fd)) dropFd(t, fd);
}

/** A descriptor table of its own for `t` (unshare(2) CLONE_FILES, close_range(2) CLOSE_RANGE_UNSHARE). */
export function unshareFiles(t: Task): void {
  if (t.files.users === 1) return;
  t.files.users--;
  t.files = t.files.copy();
}

function closeFile(t: Task, table: FdTable, file: OpenFile): void {
  if (file.inode.locks !== null) dropPosixLocks(file.inode, table);
  file.flushUnattended(t);
  file.put();
}
