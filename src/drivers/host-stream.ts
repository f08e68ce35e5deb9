// Standard streams that are the host's pipes or files: open files over a console port. To the guest they look like pipe ends (pipe(7)): no
// seeking, EOF when the host's input ends, EPIPE when nobody at the host reads any more.
import { EBADF, ENOTTY, type Errno } from '../abi/errno.ts';
import { O_RDONLY, O_WRONLY } from '../abi/fcntl.ts';
import { FIONREAD } from '../abi/ioctl.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../abi/poll.ts';
import { S_IFIFO } from '../abi/stat.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { WaitQueue } from '../kernel/sched/wait-queue.ts';
import type { Task } from '../kernel/task/task.ts';
import { anonInode } from '../kernel/vfs/anon-inode.ts';
import type { IoBuffer } from '../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../kernel/vfs/open-file.ts';
import type { VirtioConsoleDriver } from './virtio-console.ts';
import type { VirtioPort } from './virtio/port.ts';

abstract class HostStreamFile extends OpenFile {
  protected readonly port: VirtioPort;
  readonly #driver: VirtioConsoleDriver;

  constructor(kernel: Kernel, flags: number, driver: VirtioConsoleDriver, port: VirtioPort) {
    super(anonInode(kernel, S_IFIFO | 0o600), flags);
    this.#driver = driver;
    this.port = port;
  }

  override get anonName(): string { return `pipe:[${this.inode.ino}]`; }
  override get waiters(): WaitQueue { return this.port.waiters; }
  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    return cmd === FIONREAD ? t.user.storeU32(arg, this.port.available) : ENOTTY;
  }
  override release(): void { this.#driver.closePort(this.port); }
}

export class HostInputFile extends HostStreamFile {
  constructor(kernel: Kernel, driver: VirtioConsoleDriver, port: VirtioPort) { super(kernel, O_RDONLY, driver, port); }
  override read(_t: Task, io: IoBuffer): number | Errno { return this.port.read(io); }
  override write(): Errno { return EBADF; }
  override poll(): number {
    return (this.port.available > 0 ? POLLIN | POLLRDNORM : 0) | (this.port.hostOpen ? 0 : POLLHUP);
  }
}

export class HostOutputFile extends HostStreamFile {
  constructor(kernel: Kernel, driver: VirtioConsoleDriver, port: VirtioPort) { super(kernel, O_WRONLY, driver, port); }
  override read(): Errno { return EBADF; }
  override write(_t: Task, io: IoBuffer): number | Errno { return this.port.write(io); }
  override poll(): number {
    return (this.port.canWrite ? POLLOUT | POLLWRNORM : 0) | (this.port.hostOpen ? 0 : POLLERR);
  }
}
