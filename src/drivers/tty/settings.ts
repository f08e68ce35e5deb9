// Terminal settings (termios(3)) as plain numbers, their defaults, and their way to and from user memory.
import { type Errno, isErr } from '../../abi/errno.ts';
import * as tio from '../../abi/termios.ts';
import type { Task } from '../../kernel/task/task.ts';

const { Termios, Termios2, NCCS } = tio;
/** Bits per second by the codes of c_cflag, and by those with CBAUDEX. */
const SPEEDS = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19_200, 38_400];
const FAST_SPEEDS = [57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600, 1e6, 1_152_000, 1_500_000, 2e6, 2_500_000, 3e6, 3_500_000, 4e6];
const CTRL_Q = 17, CTRL_S = 19;

export class Settings {
  iflag = tio.ICRNL | tio.IXON | tio.IUTF8;
  oflag = tio.OPOST | tio.ONLCR;
  cflag = tio.B38400 | tio.CS8 | tio.CREAD | tio.HUPCL;
  lflag = tio.ISIG | tio.ICANON | tio.ECHO | tio.ECHOE | tio.ECHOK | tio.ECHOCTL | tio.ECHOKE | tio.IEXTEN;
  line = tio.N_TTY;
  ispeed = 38400;
  ospeed = 38400;
  /** Control characters by V* index; 0 = disabled (_POSIX_VDISABLE). */
  readonly cc = Uint8Array.from([3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0]);
  /** ^S and ^Q stop and start output, under these very names: what TIOCPKT_DOSTOP tells. */
  get hasFlowKeys(): boolean { return (this.iflag & tio.IXON) !== 0 && this.cc[tio.VSTOP] === CTRL_S && this.cc[tio.VSTART] === CTRL_Q; }
  get isCanonical(): boolean { return (this.lflag & tio.ICANON) !== 0; }
}

/** TCGETS, TCGETS2. */
export function storeSettings(t: Task, at: number, s: Settings, format: 'termios' | 'termios2'): 0 | Errno {
  const v = Termios2.view();
  v.c_iflag = s.iflag;
  v.c_oflag = s.oflag;
  v.c_cflag = s.cflag;
  v.c_lflag = s.lflag;
  v.c_line = s.line;
  v.c_cc.set(s.cc);
  v.c_ispeed = s.ispeed;
  v.c_ospeed = s.ospeed;
  return t.user.copyOut(at, v.bytes, 0, format === 'termios' ? Termios.size : Termios2.size);
}

/** TCSETS and kin. Parity, modem lines and speeds are kept and shown but move nothing: there is no line. */
export function loadSettings(t: Task, at: number, s: Settings, format: 'termios' | 'termios2'): 0 | Errno {
  const v = Termios2.view();
  const r = t.user.copyIn(at, v.bytes, 0, format === 'termios' ? Termios.size : Termios2.size);
  if (isErr(r)) return r;
  s.iflag = v.c_iflag;
  s.oflag = v.c_oflag;
  s.cflag = v.c_cflag;
  s.lflag = v.c_lflag;
  s.line = v.c_line;
  s.cc.set(v.c_cc.subarray(0, NCCS));
  const code = s.cflag & tio.CBAUD;
  if (code !== tio.BOTHER) s.ispeed = s.ospeed = SPEEDS[code] ?? FAST_SPEEDS[code - tio.BOTHER - 1] ?? s.ospeed;
  else if (format === 'termios2') {
    s.ospeed = v.c_ospeed;
    s.ispeed = v.c_ispeed === 0 ? v.c_ospeed : v.c_ispeed;
  }
  return 0;
}
