// tty_ioctl(4): what every terminal understands, ptys included (their own requests are in pty.ts).
import { type Errno, EFAULT, EINVAL, EIO, ENOTTY, EPERM, ESRCH, isErr } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import * as io from '../../abi/ioctl.ts';
import { EXTPROC, ICANON, IXON, N_TTY, TCIFLUSH, TCIOFF, TCIOFLUSH, TCION, TCOFLUSH, TCOOFF, TCOON, VSTART, VSTOP, Winsize } from '../../abi/termios.ts';
import { POLLIN } from '../../abi/poll.ts';
import type { Task } from '../../kernel/task/task.ts';
import { giveUp, mayChange, setControlling } from './access.ts';
import { flushInput, isReadable, receive } from './ldisc.ts';
import { flushOutput } from './output.ts';
import { loadSettings, Settings, storeSettings } from './settings.ts';
import type { Tty } from './tty.ts';

export function ttyIoctl(t: Task, tty: Tty, cmd: number, arg: number): number | Errno {
  switch (cmd) {
    case io.TCGETS: return storeSettings(t, arg, tty.settings, 'termios');
    case io.TCGETS2: return storeSettings(t, arg, tty.settings, 'termios2');
    case io.TCSETS: return change(t, tty, arg, 'termios', 'now');
    case io.TCSETSW: return change(t, tty, arg, 'termios', 'drain');
    case io.TCSETSF: return change(t, tty, arg, 'termios', 'flush');
    case io.TCSETS2: return change(t, tty, arg, 'termios2', 'now');
    case io.TCSETSW2: return change(t, tty, arg, 'termios2', 'drain');
    case io.TCSETSF2: return change(t, tty, arg, 'termios2', 'flush');
    case io.TCSBRK: case io.TCSBRKP: return mayChange(t, tty) || drained(t, tty);
    case io.TCXONC: return mayChange(t, tty) || flow(tty, arg);
    case io.TCFLSH: return mayChange(t, tty) || flush(tty, arg);
    case io.TIOCSBRK: case io.TIOCCBRK: return 0; // no line to break
    case io.FIONREAD: return t.user.storeU32(arg, tty.settings.isCanonical ? tty.input.lineLength() : tty.input.length);
    case io.TIOCOUTQ: return t.user.storeU32(arg, tty.outbox.length);
    case io.TIOCGWINSZ: return storeSize(t, tty, arg);
    case io.TIOCSWINSZ: return loadSize(t, tty, arg);
    case io.TIOCGPGRP: return t.process.tty === tty ? t.user.storeU32(arg, tty.foreground?.id ?? 0) : ENOTTY;
    case io.TIOCSPGRP: return setForeground(t, tty, arg);
    case io.TIOCGSID: return t.process.tty === tty ? t.user.storeU32(arg, tty.session!.id) : ENOTTY;
    case io.TIOCSCTTY: return setControlling(t, tty, arg);
    case io.TIOCNOTTY: return giveUp(t, tty);
    case io.TIOCEXCL: tty.exclusive = true; return 0;
    case io.TIOCNXCL: tty.exclusive = false; return 0;
    case io.TIOCGEXCL: return t.user.storeU32(arg, tty.exclusive ? 1 : 0);
    case io.TIOCGETD: return t.user.storeU32(arg, N_TTY);
    case io.TIOCSETD: return setDiscipline(t, tty, arg);
    case io.TIOCGDEV: return t.user.storeU32(arg, tty.rdev);
    case io.TIOCGSOFTCAR: return t.user.storeU32(arg, 1);
    case io.TIOCSSOFTCAR: return 0;
    case io.TIOCVHANGUP:
      if (!t.cred.has(CAP_SYS_ADMIN)) return EPERM;
      tty.hangup();
      return 0;
    case io.TIOCSTI: return simulate(t, tty, arg);
    default: return ENOTTY;
  }
}

function change(t: Task, tty: Tty, at: number, format: 'termios' | 'termios2', when: 'now' | 'drain' | 'flush'): 0 | Errno {
  const allowed = mayChange(t, tty);
  if (isErr(allowed)) return allowed;
  const next = Object.assign(new Settings(), tty.settings, { cc: tty.settings.cc.slice() });
  const r = loadSettings(t, at, next, format);
  if (isErr(r)) return r;
  if (when !== 'now') {
    const w = drained(t, tty);
    if (isErr(w)) return w;
  }
  if (when === 'flush') flushInput(tty);
  apply(tty, next);
  return 0;
}

function apply(tty: Tty, next: Settings): void {
  const wasCanonical = tty.settings.isCanonical, had = tty.settings.hasFlowKeys, hadIxon = (tty.settings.iflag & IXON) !== 0;
  const external = ((tty.settings.lflag | next.lflag) & EXTPROC) !== 0;
  const { cc, ...numbers } = next;
  Object.assign(tty.settings, numbers);
  tty.settings.cc.set(cc);
  if (wasCanonical !== next.isCanonical) tty.input.switchMode((next.lflag & ICANON) !== 0 ? 'canonical' : 'raw');
  if (hadIxon && (next.iflag & IXON) === 0) tty.start('key');
  if (had !== next.hasFlowKeys) tty.port.control(had ? io.TIOCPKT_NOSTOP : io.TIOCPKT_DOSTOP);
  if (external) tty.port.control(io.TIOCPKT_IOCTL);
  tty.port.unthrottle();
  if (isReadable(tty)) tty.waiters.wake(POLLIN);
}

/** tcdrain(3): parks until the device has taken everything. */
function drained(t: Task, tty: Tty): 0 | Errno {
  tty.drain();
  return tty.outbox.isEmpty || tty.hungUp ? 0 : t.waitOn(tty.waiters, 'tty_wait_until_sent');
}

function flow(tty: Tty, what: number): 0 | Errno {
  switch (what) {
    case TCOOFF: tty.stop('call'); return 0;
    case TCOON: tty.start('call'); return 0;
    case TCIOFF: return sendFlow(tty, VSTOP);
    case TCION: return sendFlow(tty, VSTART);
    default: return EINVAL;
  }
}

function sendFlow(tty: Tty, index: number): 0 {
  const c = tty.settings.cc[index]!;
  if (c !== 0) tty.outbox.pushByte(c);
  tty.drain();
  return 0;
}

function flush(tty: Tty, what: number): 0 | Errno {
  if (what !== TCIFLUSH && what !== TCOFLUSH && what !== TCIOFLUSH) return EINVAL;
  if (what !== TCOFLUSH) flushInput(tty);
  if (what !== TCIFLUSH) flushOutput(tty);
  return 0;
}

/** TIOCGWINSZ. */
export function storeSize(t: Task, tty: Tty, at: number): 0 | Errno {
  const v = Winsize.view();
  v.ws_row = tty.size.rows;
  v.ws_col = tty.size.columns;
  v.ws_xpixel = tty.size.xpixel;
  v.ws_ypixel = tty.size.ypixel;
  return t.user.copyOut(at, v.bytes);
}

/** TIOCSWINSZ. */
export function loadSize(t: Task, tty: Tty, at: number): 0 | Errno {
  const v = Winsize.view();
  const r = t.user.copyIn(at, v.bytes);
  if (isErr(r)) return r;
  tty.resize({ rows: v.ws_row, columns: v.ws_col, xpixel: v.ws_xpixel, ypixel: v.ws_ypixel });
  return 0;
}

function setForeground(t: Task, tty: Tty, at: number): 0 | Errno {
  const allowed = mayChange(t, tty);
  if (isErr(allowed)) return allowed === EIO ? ENOTTY : allowed;
  const r = t.user.loadI32(at);
  if (isErr(r)) return EFAULT;
  if (t.user.value < 0) return EINVAL;
  if (t.process.tty !== tty) return ENOTTY;
  const group = t.kernel.pids.groups.get(t.user.value);
  if (group === undefined) return ESRCH;
  if (group.session !== t.process.session) return EPERM;
  tty.foreground = group;
  return 0;
}

/** TIOCSTI: a byte as if typed, for the privileged only (dev.tty.legacy_tiocsti=0). */
function simulate(t: Task, tty: Tty, at: number): 0 | Errno {
  if (!t.cred.has(CAP_SYS_ADMIN)) return EIO;
  const r = t.user.loadU8(at);
  if (isErr(r)) return r;
  receive(tty, Uint8Array.of(t.user.value));
  return 0;
}

function setDiscipline(t: Task, tty: Tty, at: number): 0 | Errno {
  const r = t.user.loadI32(at);
  if (isErr(r)) return r;
  return t.user.value === N_TTY && tty !== null ? 0 : EINVAL;
}
