// Pseudo terminals (pty(7), ptmx(4)): a master description in front, a Tty behind it. What is written to one side can be read at the other.
import { type Errno, type Fallible, EAGAIN, EBUSY, EINVAL, EIO, ENOSPC, ENOTTY, isErr } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { O_CLOEXEC, O_NOCTTY, O_RDWR } from '../../abi/fcntl.ts';
import * as io from '../../abi/ioctl.ts';
import { POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import { makedev } from '../../abi/stat.ts';
import { HUPCL, IUTF8 } from '../../abi/termios.ts';
import { SI_KERNEL, SIGINT, SIGQUIT, SIGTSTP } from '../../abi/signal.ts';
import { ByteRing } from '../../lib/byte-ring.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { WaitQueue } from '../../kernel/sched/wait-queue.ts';
import { sendToGroup } from '../../kernel/signal/send.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import { anonInode } from '../../kernel/vfs/anon-inode.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../../kernel/vfs/open-file.ts';
import { loadSize, storeSize, ttyIoctl } from './ioctl.ts';
import { receive } from './ldisc.ts';
import { Tty, TtyPort } from './tty.ts';
import { TtyFile } from './tty-file.ts';

export const PTS_MAJOR = 136;
/** Bytes that wait for the master's reader; of these, a flush cannot take back what has arrived already. */
const TO_MASTER = 65_536, ARRIVED = 4096;
/** Bytes from the master that the line discipline has no room for yet. */
const FROM_MASTER = 16_384;
const MAX_PTYS = 4096;

/** Events of packet mode that undo each other. */
const OPPOSITE: Readonly<Record<number, number>> = {
  [io.TIOCPKT_STOP]: io.TIOCPKT_START, [io.TIOCPKT_START]: io.TIOCPKT_STOP, [io.TIOCPKT_DOSTOP]: io.TIOCPKT_NOSTOP, [io.TIOCPKT_NOSTOP]: io.TIOCPKT_DOSTOP,
};

/** All pseudo terminals of the machine. */
export class PtyTable {
  readonly kernel: Kernel;
  readonly ptys = new Map<number, Pty>();
  constructor(kernel: Kernel) { this.kernel = kernel; }

  /** A new pair, lowest free number. */
  create(t: Task): Fallible<Pty> {
    let n = 0;
    while (this.ptys.has(n)) n++;
    if (n >= MAX_PTYS) return ENOSPC;
    const pty = new Pty(this, n, t.cred.fsuid);
    this.ptys.set(n, pty);
    this.kernel.pts.add({ number: n, uid: pty.owner, rdev: pty.tty.rdev });
    return pty;
  }

  remove(pty: Pty): void {
    this.ptys.delete(pty.number);
    this.kernel.pts.remove(pty.number);
  }
}

export class Pty extends TtyPort {
  readonly table: PtyTable;
  readonly number: number;
  readonly owner: number;
  readonly tty: Tty;
  /** Slave output on its way to the master. */
  readonly toMaster = new ByteRing(TO_MASTER);
  /** What the master has written and the line discipline has not taken. */
  readonly fromMaster = new ByteRing(FROM_MASTER);
  readonly masterWaiters = new WaitQueue();
  /** TIOCSPTLCK: the slave cannot be opened yet. */
  locked = true;
  /** TIOCPKT, and the events to report. */
  packetMode = false;
  packetEvents = 0;
  slaveOpened = false;
  masterClosed = false;

  constructor(table: PtyTable, number: number, owner: number) {
    super();
    this.table = table;
    this.number = number;
    this.owner = owner;
    this.tty = new Tty(table.kernel, `pts/${number}`, makedev(PTS_MAJOR, number), this);
    // Linux starts ptys without these two, unlike consoles; whoever opens one for a person sets IUTF8.
    this.tty.settings.iflag &= ~IUTF8;
    this.tty.settings.cflag &= ~HUPCL;
  }

  send(bytes: Uint8Array): number {
    if (this.masterClosed) return bytes.length;
    const n = this.toMaster.push(bytes);
    if (n > 0) this.masterWaiters.wake(POLLIN);
    return n;
  }
  /** Offers the line discipline what it had no room for. */
  unthrottle(): void {
    while (!this.fromMaster.isEmpty) {
      const bytes = this.fromMaster.front().slice();
      const taken = receive(this.tty, bytes);
      this.fromMaster.discard(taken);
      if (taken < bytes.length) break;
    }
    if (!this.fromMaster.isFull) this.masterWaiters.wake(POLLOUT);
  }
  override flushInput(): void { this.fromMaster.clear(); }
  override control(event: number): void {
    if (event === io.TIOCPKT_FLUSHWRITE) while (this.toMaster.length > ARRIVED) this.toMaster.popByte();
    if (!this.packetMode) return;
    this.packetEvents = (this.packetEvents & ~(OPPOSITE[event] ?? 0)) | event;
    this.masterWaiters.wake(POLLIN | POLLPRI);
  }

  /** The slave side: open(2) of /dev/pts/N and TIOCGPTPEER. */
  openSlave(t: Task, inode: Inode, flags: number): Fallible<OpenFile> {
    if (this.locked || this.masterClosed) return EIO;
    if (this.tty.exclusive && !t.cred.has(CAP_SYS_ADMIN)) return EBUSY;
    this.slaveOpened = true;
    return new SlaveFile(this, inode, flags);
  }
}

class SlaveFile extends TtyFile {
  readonly pty: Pty;
  constructor(pty: Pty, inode: Inode, flags: number) {
    super(pty.tty, inode, flags);
    this.pty = pty;
  }
  override release(): void {
    super.release();
    if (this.tty.opens === 0) this.pty.masterWaiters.wake(POLLIN | POLLHUP); // the master reads EIO now
  }
}

/** What open(2) of /dev/ptmx gives. */
export class PtyMaster extends OpenFile {
  readonly pty: Pty;
  constructor(pty: Pty, inode: Inode, flags: number) {
    super(inode, flags);
    this.pty = pty;
  }
  override get waiters(): WaitQueue { return this.pty.masterWaiters; }

  private get slaveGone(): boolean { return this.pty.slaveOpened && this.pty.tty.opens === 0; }

  override poll(): number {
    const { pty } = this;
    let mask = pty.fromMaster.isFull ? 0 : POLLOUT | POLLWRNORM;
    if (!pty.toMaster.isEmpty) mask |= POLLIN | POLLRDNORM;
    if (pty.packetMode && pty.packetEvents !== 0) mask |= POLLIN | POLLRDNORM | POLLPRI;
    if (this.slaveGone) mask |= POLLHUP;
    return mask;
  }

  override read(_t: Task, buffer: IoBuffer, _pos: number): number | Errno {
    const { pty } = this;
    if (buffer.remaining === 0) return 0;
    if (pty.packetMode && pty.packetEvents !== 0) {
      const n = buffer.put(Uint8Array.of(pty.packetEvents), 0, 1);
      if (n > 0) pty.packetEvents = 0;
      return n;
    }
    if (pty.toMaster.isEmpty) return this.slaveGone ? EIO : EAGAIN;
    let head = 0;
    if (pty.packetMode) {
      const n = buffer.put(Uint8Array.of(io.TIOCPKT_DATA), 0, 1);
      if (n <= 0) return n;
      head = 1;
    }
    const bytes = new Uint8Array(Math.min(buffer.remaining, pty.toMaster.length));
    const n = buffer.put(bytes, 0, pty.toMaster.peek(bytes));
    if (n > 0) {
      pty.toMaster.discard(n);
      pty.tty.writable();
    }
    return n < 0 ? n : n + head;
  }

  override write(_t: Task, buffer: IoBuffer, _pos: number): number | Errno {
    const { pty } = this;
    if (buffer.remaining === 0) return 0;
    if (pty.fromMaster.isFull) return EAGAIN;
    const chunk = new Uint8Array(Math.min(buffer.remaining, pty.fromMaster.free));
    const n = buffer.take(chunk, 0, chunk.length);
    if (n <= 0) return n;
    pty.fromMaster.push(chunk, 0, n);
    pty.unthrottle();
    return n;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    const { pty } = this;
    switch (cmd) {
      case io.TIOCGPTN: return t.user.storeU32(arg, pty.number);
      case io.TIOCSPTLCK: {
        const r = t.user.loadI32(arg);
        if (isErr(r)) return r;
        pty.locked = t.user.value !== 0;
        return 0;
      }
      case io.TIOCGPTLCK: return t.user.storeU32(arg, pty.locked ? 1 : 0);
      case io.TIOCGPTPEER: return this.openPeer(t, arg);
      case io.TIOCPKT: {
        const r = t.user.loadI32(arg);
        if (isErr(r)) return r;
        pty.packetMode = t.user.value !== 0;
        pty.packetEvents = 0;
        return 0;
      }
      case io.TIOCGPKT: return t.user.storeU32(arg, pty.packetMode ? 1 : 0);
      case io.TIOCSIG: return this.signal(arg);
      case io.TIOCGWINSZ: return storeSize(t, pty.tty, arg);
      case io.TIOCSWINSZ: return loadSize(t, pty.tty, arg);
      case io.FIONREAD: return t.user.storeU32(arg, pty.toMaster.length);
      case io.TIOCOUTQ: return t.user.storeU32(arg, pty.tty.input.length);
      case io.TIOCGPGRP: return t.user.storeU32(arg, pty.tty.foreground?.id ?? 0);
      case io.TIOCGSID: return pty.tty.session === null ? ENOTTY : t.user.storeU32(arg, pty.tty.session.id);
      case io.TIOCNOTTY: return ENOTTY;
      default: return ttyIoctl(t, pty.tty, cmd, arg);
    }
  }

  override release(): void {
    const { pty } = this;
    pty.masterClosed = true;
    pty.tty.hangup();
    pty.table.remove(pty);
  }

  private openPeer(t: Task, flags: number): number | Errno {
    const inode = anonInode(t.kernel, 0o20620);
    inode.rdev = this.pty.tty.rdev;
    const file = this.pty.openSlave(t, inode, (flags & ~(O_NOCTTY | O_CLOEXEC)) | O_RDWR);
    if (isErr(file)) return file;
    const fd = t.files.install(t, file, (flags & O_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
    if (fd < 0) file.put();
    return fd;
  }

  private signal(signo: number): 0 | Errno {
    if (signo !== SIGINT && signo !== SIGQUIT && signo !== SIGTSTP) return EINVAL;
    const { foreground } = this.pty.tty;
    if (foreground !== null) sendToGroup(foreground, { signo, code: SI_KERNEL });
    return 0;
  }
}
