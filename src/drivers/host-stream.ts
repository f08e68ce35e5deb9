// Standard streams that are the host's pipes or files: open files over a console port. To the guest they look like pipe ends (pipe(7)): no
// seeking, EOF when the host's input ends, EPIPE when nobody at the host reads any more.
import { EBADF, ENOTTY, ENXIO, type Errno, type Fallible } from '../abi/errno.ts';
import { O_ACCMODE, O_RDONLY, O_WRONLY } from '../abi/fcntl.ts';
import { FIONREAD } from '../abi/ioctl.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../abi/poll.ts';
import { S_IFIFO } from '../abi/stat.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { WaitQueue } from '../kernel/sched/wait-queue.ts';
import type { Task } from '../kernel/task/task.ts';
import { AnonInode } from '../kernel/vfs/anon-inode.ts';
import type { IoBuffer } from '../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../kernel/vfs/open-file.ts';
import type { VirtioPort } from './virtio-port.ts';

/** The stream itself: opening /proc/self/fd/N (/dev/stdout, /dev/stderr) makes further files on it. The port is closed with the last. */
class HostStreamInode extends AnonInode {
  readonly port: VirtioPort;
  readonly direction: 'in' | 'out';
  files = 0;

  constructor(kernel: Kernel, port: VirtioPort, direction: 'in' | 'out') {
    super(kernel.mounts.pipes, S_IFIFO | 0o600);
    this.port = port;
    this.direction = direction;
  }
  override openFifo(_t: Task, flags: number): Fallible<OpenFile> {
    if ((flags & O_ACCMODE) === (this.direction === 'in' ? O_WRONLY : O_RDONLY)) return ENXIO;
    return this.direction === 'in' ? new HostInputFile(this, flags) : new HostOutputFile(this, flags);
  }
}

/** The host's input as the guest reads it. */
export const hostInput = (kernel: Kernel, port: VirtioPort): OpenFile =>
  new HostInputFile(new HostStreamInode(kernel, port, 'in'), O_RDONLY);
/** The host's output as the guest writes it. */
export const hostOutput = (kernel: Kernel, port: VirtioPort): OpenFile =>
  new HostOutputFile(new HostStreamInode(kernel, port, 'out'), O_WRONLY);

abstract class HostStreamFile extends OpenFile {
  declare inode: HostStreamInode;
  protected readonly port: VirtioPort;

  constructor(inode: HostStreamInode, flags: number) {
    super(inode, flags);
    this.port = inode.port;
    inode.files++;
  }

  override get anonName(): string { return `pipe:[${this.inode.ino}]`; }
  override get waiters(): WaitQueue { return this.port.waiters; }
  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    if (cmd !== FIONREAD) return ENOTTY;
    this.port.want();
    return t.user.storeU32(arg, this.port.available);
  }
  override release(): void {
    if (--this.inode.files === 0) this.port.close();
  }
}

class HostInputFile extends HostStreamFile {
  override read(_t: Task, io: IoBuffer): number | Errno { return this.port.read(io); }
  override write(): Errno { return EBADF; }
  override poll(): number {
    this.port.want();
    return (this.port.available > 0 ? POLLIN | POLLRDNORM : 0) | (this.port.hostOpen ? 0 : POLLHUP);
  }
}

class HostOutputFile extends HostStreamFile {
  override read(): Errno { return EBADF; }
  override write(_t: Task, io: IoBuffer): number | Errno { return this.port.write(io); }
  override poll(): number {
    return (this.port.canWrite ? POLLOUT | POLLWRNORM : 0) | (this.port.hostOpen ? 0 : POLLERR);
  }
}
