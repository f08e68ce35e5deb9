// The device numbers of terminals: consoles (229: hvc), /dev/tty (5:0), /dev/console (5:1), /dev/ptmx (5:2), /dev/pts/N (136:N).
import { type Fallible, EBUSY, EIO, ENXIO, isErr } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { O_ACCMODE, O_NOCTTY, O_WRONLY } from '../../abi/fcntl.ts';
import { makedev, minor } from '../../abi/stat.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { DeviceDriver } from '../../kernel/vfs/devices.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import { PTS_MAJOR, Pty, PtyMaster, PtyTable } from './pty.ts';
import { Tty, type TtyPort } from './tty.ts';
import { TtyFile } from './tty-file.ts';

const TTYAUX_MAJOR = 5, HVC_MAJOR = 229;
const TTY = 0, CONSOLE = 1, PTMX = 2;

/** Terminals of the machine: its consoles in order of discovery, and its ptys. */
export class TtyDrivers extends DeviceDriver {
  readonly kernel: Kernel;
  readonly consoles: Tty[] = [];
  readonly ptys: PtyTable;

  constructor(kernel: Kernel) {
    super();
    this.kernel = kernel;
    this.ptys = new PtyTable(kernel);
    kernel.devices.register('character', TTYAUX_MAJOR, 0, 3, 'ttyaux', this);
    kernel.devices.register('character', HVC_MAJOR, 0, 8, 'hvc', this);
    kernel.devices.register('character', PTS_MAJOR, 0, 1 << 20, 'pts', this);
    kernel.devices.addNode('tty', 'character', TTYAUX_MAJOR, TTY, 0o666, { uid: 0, gid: 5 });
    kernel.devices.addNode('ptmx', 'character', TTYAUX_MAJOR, PTMX, 0o666, { uid: 0, gid: 5 });
  }

  /** A console device was found: it becomes /dev/hvcN, the first one /dev/console too. One that comes after another was pulled out takes its place; who still has
   *  the old one open has a terminal that hung up. */
  addConsole(port: TtyPort): Tty {
    const free = this.consoles.findIndex(c => c.port.isGone);
    const n = free < 0 ? this.consoles.length : free;
    const tty = new Tty(this.kernel, `hvc${n}`, makedev(HVC_MAJOR, n), port);
    this.consoles[n] = tty;
    if (n === free) return tty;
    this.kernel.devices.addNode(tty.name, 'character', HVC_MAJOR, n, 0o620, { uid: 0, gid: 5 });
    if (n === 0) this.kernel.devices.addNode('console', 'character', TTYAUX_MAJOR, CONSOLE, 0o600);
    return tty;
  }

  open(t: Task, inode: Inode, flags: number): Fallible<OpenFile> {
    const major = Math.floor(inode.rdev / 256) & 0xfff, n = minor(inode.rdev);
    if (major === PTS_MAJOR) return this.openSlave(t, n, inode, flags);
    if (major === HVC_MAJOR) return this.openTerminal(t, this.consoles[n], inode, flags);
    switch (n) {
      case TTY: {
        const tty = t.process.tty;
        if (!(tty instanceof Tty)) return ENXIO;
        return tty.port instanceof Pty ? tty.port.openSlave(t, inode, flags) : this.openTerminal(t, tty, inode, flags | O_NOCTTY);
      }
      case CONSOLE: return this.openTerminal(t, this.consoles[0], inode, flags | O_NOCTTY);
      case PTMX: {
        const pty = this.ptys.create(t);
        return isErr(pty) ? pty : new PtyMaster(pty, inode, flags);
      }
      default: return ENXIO;
    }
  }

  private openSlave(t: Task, n: number, inode: Inode, flags: number): Fallible<OpenFile> {
    const pty = this.ptys.ptys.get(n);
    if (pty === undefined) return EIO;
    const file = pty.openSlave(t, inode, flags);
    if (!isErr(file)) maybeControl(t, pty.tty, flags);
    return file;
  }

  private openTerminal(t: Task, tty: Tty | undefined, inode: Inode, flags: number): Fallible<OpenFile> {
    if (tty === undefined) return ENXIO;
    if (tty.exclusive && tty.opens > 0 && !t.cred.has(CAP_SYS_ADMIN)) return EBUSY;
    tty.hungUp = false;
    maybeControl(t, tty, flags);
    return new TtyFile(tty, inode, flags);
  }
}

/** A session leader without a terminal that opens a free one gets it, unless it says O_NOCTTY or only wants to write. */
function maybeControl(t: Task, tty: Tty, flags: number): void {
  const { session } = t.process;
  const wants = (flags & O_NOCTTY) === 0 && (flags & O_ACCMODE) !== O_WRONLY;
  if (wants && session.leader === t.process && session.tty === null && tty.session === null) tty.acquire(t.process);
}
