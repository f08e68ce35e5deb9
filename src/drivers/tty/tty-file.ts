// An open terminal: read(2) by lines or by VMIN and VTIME, write(2) through output processing, readiness, life.
import { BLOCKED, EAGAIN, EIO, ENOTTY, ERESTARTSYS, type Errno, isErr } from '../../abi/errno.ts';
import { O_NONBLOCK } from '../../abi/fcntl.ts';
import { TIOCSPGRP } from '../../abi/ioctl.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import { TOSTOP, VMIN, VTIME } from '../../abi/termios.ts';
import type { WaitQueue } from '../../kernel/sched/wait-queue.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../../kernel/vfs/open-file.ts';
import { mayChange, mayRead, setControlling } from './access.ts';
import { ttyIoctl } from './ioctl.ts';
import { writeProcessed } from './output.ts';
import type { Tty } from './tty.ts';

const NS_PER_TENTH = 100_000_000;

export class TtyFile extends OpenFile {
  readonly tty: Tty;
  private readonly hangups: number;
  /** The line was hung up after this description was opened. */
  get isDead(): boolean { return this.tty.hangups !== this.hangups; }

  constructor(tty: Tty, inode: Inode, flags: number) {
    super(inode, flags);
    this.tty = tty;
    this.hangups = tty.hangups;
    tty.opens++;
  }

  override get waiters(): WaitQueue { return this.tty.waiters; }

  override poll(_t: Task): number {
    const { tty } = this;
    if (this.isDead) return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLHUP | POLLERR;
    const wanted = tty.settings.isCanonical ? 1 : tty.settings.cc[VTIME] === 0 ? Math.max(1, tty.settings.cc[VMIN]!) : 1;
    const readable = tty.settings.isCanonical ? tty.input.hasLine : tty.input.length >= wanted;
    const writable = tty.outbox.free > tty.outbox.capacity / 4 && !tty.stopped;
    return (readable ? POLLIN | POLLRDNORM : 0) | (writable ? POLLOUT | POLLWRNORM : 0);
  }

  override read(t: Task, io: IoBuffer, _pos: number): number | Errno {
    const { tty } = this;
    if (this.isDead) return 0;
    const allowed = mayRead(t, tty);
    if (isErr(allowed)) return allowed;
    if (io.remaining === 0) return 0;
    const n = tty.settings.isCanonical ? this.readLine(io) : this.readRaw(t, io);
    if (n >= 0) tty.port.unthrottle();
    return n;
  }

  override write(t: Task, io: IoBuffer, _pos: number): number | Errno {
    const { tty } = this;
    if (this.isDead) return EIO;
    if ((tty.settings.lflag & TOSTOP) !== 0) {
      const allowed = mayChange(t, tty);
      if (isErr(allowed)) return allowed;
    }
    if (io.remaining === 0) return 0;
    if (tty.stopped) return EAGAIN;
    const n = writeProcessed(tty, io);
    return n === 0 ? EAGAIN : n;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    if (this.isDead) return cmd === TIOCSPGRP ? ENOTTY : EIO;
    return ttyIoctl(t, this.tty, cmd, arg);
  }

  override becomeControlling(t: Task): void { setControlling(t, this.tty, 0); }
  override release(): void {
    if (--this.tty.opens === 0) this.tty.exclusive = false;
  }

  private readLine(io: IoBuffer): number | Errno {
    return this.tty.input.hasLine ? this.tty.input.readLine(io) : EAGAIN;
  }

  /** termios(3), cases A to D of MIN and TIME. */
  private readRaw(t: Task, io: IoBuffer): number | Errno {
    const { input, settings, waiters, lastInputNs } = this.tty;
    const min = settings.cc[VMIN]!, time = settings.cc[VTIME]! * NS_PER_TENTH;
    const have = input.length;
    if (have >= Math.min(Math.max(min, 1), io.remaining) || (min === 0 && have > 0)) return input.readBytes(io);
    if (min === 0 && time === 0) return 0;
    if ((this.flags & O_NONBLOCK) !== 0 || (have > 0 && t.signalPending)) return have > 0 ? input.readBytes(io) : EAGAIN;
    if (time === 0 || (min > 0 && have === 0)) return EAGAIN; // no clock runs: plain waiting
    // The clock starts with the call, and with MIN again at each byte.
    const record = t.record();
    if (record.deadlineNs === Infinity) record.deadlineNs = this.tty.kernel.now() + time;
    const deadline = min > 0 ? Math.max(record.deadlineNs, lastInputNs + time) : record.deadlineNs;
    const r = t.waitOnUntil(waiters, deadline, 'n_tty_read', 0);
    if (r === BLOCKED || r === ERESTARTSYS) return r;
    return have > 0 ? input.readBytes(io) : 0;
  }
}
