// pidfds: a process as a file (pidfd_open(2)). Readable once the process has exited.
import { type Errno, EINVAL } from '../../abi/errno.ts';
import { O_NONBLOCK, O_RDWR } from '../../abi/fcntl.ts';
import { POLLHUP, POLLIN, POLLRDNORM } from '../../abi/poll.ts';
import type { WaitQueue } from '../sched/wait-queue.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import { OpenFile } from '../vfs/open-file.ts';
import type { Process } from './process.ts';
import type { Task } from './task.ts';

export class PidFile extends OpenFile {
  readonly process: Process;
  constructor(t: Task, process: Process, flags: number) {
    super(anonInode(t.kernel, 0o600), O_RDWR | flags);
    this.process = process;
  }
  override get anonName(): string { return 'anon_inode:[pidfd]'; }
  override get waiters(): WaitQueue { return this.process.exitEvents; }
  override poll(): number {
    const { process } = this;
    if (process.kernel.pids.processes.get(process.pid) !== process) return POLLIN | POLLRDNORM | POLLHUP;
    return process.isZombie ? POLLIN | POLLRDNORM : 0;
  }
  override read(): Errno { return EINVAL; }
}

/** A close-on-exec descriptor for `process`. */
export function createPidfd(t: Task, process: Process, flags: number): number | Errno {
  const file = new PidFile(t, process, flags & O_NONBLOCK);
  const fd = t.files.install(t, file, 'cloexec');
  if (fd < 0) file.put();
  return fd;
}
