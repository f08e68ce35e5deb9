// A terminal: settings, window size, the input queue of the line discipline, the output queue towards the device, and who controls it
// (tty_ioctl(4), termios(3), credentials(7)). Nothing here sleeps: reads and writes answer EAGAIN and wake `waiters`.
import { SIGCONT, SIGHUP, SIGWINCH, SI_KERNEL } from '../../abi/signal.ts';
import { TIOCPKT_START, TIOCPKT_STOP } from '../../abi/ioctl.ts';
import { POLLHUP, POLLIN, POLLOUT } from '../../abi/poll.ts';
import { ByteRing } from '../../lib/byte-ring.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { WaitQueue } from '../../kernel/sched/wait-queue.ts';
import { sendToGroup, sendToProcess } from '../../kernel/signal/send.ts';
import type { ControllingTty, Process, ProcessGroup, Session } from '../../kernel/task/process.ts';
import { InputQueue } from './input-queue.ts';
import { OutputState } from './output.ts';
import { Settings } from './settings.ts';

/** Bytes of output that wait for the device. */
const OUTBOX = 8192;

/** What is behind a terminal: a console device, or the master side of a pty. */
export abstract class TtyPort {
  /** Its device was taken away for good. */
  get isGone(): boolean { return false; }
  /** Takes bytes towards the screen: how many; 0 = full, `Tty.writable` is called when there is room again. */
  abstract send(bytes: Uint8Array): number;
  /** Input was read: bytes that `Tty.receive` refused may be offered again. */
  abstract unthrottle(): void;
  /** Input that the discipline has not taken yet is dropped. */
  flushInput(): void {}
  /** Queues were flushed, output stopped or started, flow control keys changed (TIOCPKT_*): packet mode wants to know. */
  control(_event: number): void {}
}

export interface WindowSize { rows: number; columns: number; xpixel: number; ypixel: number }

export class Tty implements ControllingTty {
  readonly kernel: Kernel;
  readonly rdev: number;
  /** As ttyname(3) shows it below /dev: 'hvc0', 'pts/0'. */
  readonly name: string;
  readonly port: TtyPort;
  readonly settings = new Settings();
  readonly size: WindowSize = { rows: 0, columns: 0, xpixel: 0, ypixel: 0 };
  readonly input = new InputQueue();
  readonly outbox = new ByteRing(OUTBOX);
  readonly output = new OutputState();
  /** Readers and writers, and those who drain. */
  readonly waiters = new WaitQueue();
  session: Session | null = null;
  foreground: ProcessGroup | null = null;
  /** Nothing leaves: by ^S ('key'), which ^Q undoes, or by TCOOFF ('call'), which only TCOON undoes. */
  stoppedBy: 'nobody' | 'key' | 'call' = 'nobody';
  /** The line is gone; a new open of a console makes it whole again, for the descriptions opened from then on. */
  hungUp = false;
  hangups = 0;
  exclusive = false;
  /** Open descriptions. */
  opens = 0;
  /** When the last byte came in, for VTIME between bytes. */
  lastInputNs = 0;

  constructor(kernel: Kernel, name: string, rdev: number, port: TtyPort) {
    this.kernel = kernel;
    this.name = name;
    this.rdev = rdev;
    this.port = port;
  }

  /** Moves the output queue on; called after every addition and when the port has room again. */
  drain(): void {
    if (this.stopped) return;
    const chunk = new Uint8Array(Math.min(this.outbox.length, 4096));
    while (this.outbox.length > 0) {
      const n = this.outbox.peek(chunk);
      const sent = this.port.send(chunk.subarray(0, n));
      this.outbox.discard(sent);
      if (sent < n) break;
    }
    if (this.outbox.free > 0) this.waiters.wake(POLLOUT);
  }

  /** The port accepts output again. */
  writable(): void { this.drain(); }

  get stopped(): boolean { return this.stoppedBy !== 'nobody'; }

  stop(by: 'key' | 'call'): void {
    const was = this.stoppedBy;
    if (was !== 'call') this.stoppedBy = by;
    if (was === 'nobody') this.port.control(TIOCPKT_STOP);
  }

  start(by: 'key' | 'call'): void {
    if (!this.stopped || (by === 'key' && this.stoppedBy === 'call')) return;
    this.stoppedBy = 'nobody';
    this.port.control(TIOCPKT_START);
    this.drain();
  }

  /** TIOCSWINSZ, or the host's window changed: the foreground group hears of it. */
  resize(size: WindowSize): void {
    const old = { ...this.size };
    Object.assign(this.size, size);
    const same = old.rows === size.rows && old.columns === size.columns && old.xpixel === size.xpixel && old.ypixel === size.ypixel;
    if (!same && this.foreground !== null) sendToGroup(this.foreground, { signo: SIGWINCH, code: SI_KERNEL });
  }

  /**
   * The line is lost (a pty's master was closed, vhangup): SIGHUP and SIGCONT to the session leader. The foreground group hears of it when the
   * leader has ended.
   */
  hangup(): void {
    this.hungUp = true;
    this.hangups++;
    this.input.flush();
    this.outbox.clear();
    const { session, foreground } = this;
    if (session !== null) {
      const { leader } = session;
      if (leader !== null) {
        sendToProcess(leader, { signo: SIGHUP, code: SI_KERNEL });
        sendToProcess(leader, { signo: SIGCONT, code: SI_KERNEL });
      }
      session.oldForeground = foreground;
      this.release(session);
    }
    this.waiters.wake(POLLIN | POLLOUT | POLLHUP);
  }

  /** Becomes the controlling terminal of a session whose leader is `p`. */
  acquire(p: Process): void {
    this.session = p.session;
    this.foreground = p.group;
    p.session.tty = this;
  }

  /** The session leader leaves, or gives it up (TIOCNOTTY): its foreground group loses the terminal. */
  disassociate(byLeader: Process, why: 'exit' | 'given up'): void {
    const { foreground } = this;
    if (foreground !== null) sendToGroup(foreground, { signo: SIGHUP, code: SI_KERNEL });
    if (foreground !== null && why === 'given up') sendToGroup(foreground, { signo: SIGCONT, code: SI_KERNEL });
    this.release(byLeader.session);
  }

  private release(session: Session): void {
    session.tty = null;
    this.session = null;
    this.foreground = null;
  }
}
