// Output processing (termios(3), c_oflag) and the column it keeps: echo and erasing tabs need to know where the cursor is.
import { IUTF8, OCRNL, OLCUC, ONLCR, ONLRET, ONOCR, OPOST, TABDLY, XTABS } from '../../abi/termios.ts';
import { TIOCPKT_FLUSHWRITE } from '../../abi/ioctl.ts';
import { POLLOUT } from '../../abi/poll.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import type { Tty } from './tty.ts';

const BS = 8, TAB = 9, NL = 10, CR = 13, SPACE = 32, DEL = 127;
/** A byte never becomes more than this many (a tab). */
const WIDEST = 8;
const SPACES = new Uint8Array(WIDEST).fill(SPACE);
const CRNL = Uint8Array.of(CR, NL);

export class OutputState {
  column = 0;
  /** Column when the bytes being received began to arrive: a flushing signal takes their echo back. */
  batchColumn = 0;
  /** Column at which the line being edited began. */
  lineColumn = 0;
  /** ECHOPRT: inside a run of erased characters. */
  erasing = false;
}

/** write(2): processed bytes go to the outbox as far as they fit; how many of `io` were taken, 0 = full. */
export function writeProcessed(tty: Tty, io: IoBuffer): number {
  const raw = (tty.settings.oflag & OPOST) === 0;
  const chunk = new Uint8Array(512);
  let total = 0;
  while (io.remaining > 0 && tty.outbox.free > 0) {
    const room = raw ? tty.outbox.free : Math.floor(tty.outbox.free / WIDEST);
    const n = io.take(chunk, 0, Math.min(chunk.length, room, io.remaining));
    if (n <= 0) return total > 0 ? total : n;
    if (raw) tty.outbox.push(chunk, 0, n);
    else for (let i = 0; i < n; i++) emit(tty, chunk[i]!);
    total += n;
    if (tty.outbox.length > 2048) tty.drain();
    if (room === 0) break;
  }
  tty.drain();
  return total;
}

/** One byte through output processing into the outbox (echo drops what does not fit, as the hardware would). */
export function emit(tty: Tty, byte: number): void {
  const { oflag } = tty.settings;
  const o = tty.output;
  if ((oflag & OPOST) === 0) {
    tty.outbox.pushByte(byte);
    return;
  }
  switch (byte) {
    case NL:
      if ((oflag & ONLRET) !== 0) o.column = 0;
      if ((oflag & ONLCR) !== 0) {
        tty.outbox.push(CRNL);
        o.column = o.lineColumn = 0;
        return;
      }
      o.lineColumn = o.column;
      break;
    case CR:
      if ((oflag & ONOCR) !== 0 && o.column === 0) return;
      if ((oflag & OCRNL) !== 0) {
        tty.outbox.pushByte(NL);
        if ((oflag & ONLRET) !== 0) o.column = o.lineColumn = 0;
        return;
      }
      o.column = o.lineColumn = 0;
      break;
    case TAB: {
      const width = WIDEST - (o.column & 7);
      o.column += width;
      if ((oflag & TABDLY) === XTABS) {
        tty.outbox.push(SPACES, 0, width);
        return;
      }
      break;
    }
    case BS:
      if (o.column > 0) o.column--;
      break;
    default:
      if ((oflag & OLCUC) !== 0 && ((byte >= 97 && byte <= 122) || (byte >= 0xe0 && byte <= 0xfe && byte !== 0xf7))) byte -= 32;
      if (byte >= SPACE && byte !== DEL && ((byte & 0xc0) !== 0x80 || (tty.settings.iflag & IUTF8) === 0)) o.column++;
  }
  tty.outbox.pushByte(byte);
}

/** Drops what waits for the device (TCOFLUSH). */
export function flushOutput(tty: Tty): void {
  tty.outbox.clear();
  tty.port.control(TIOCPKT_FLUSHWRITE);
  tty.waiters.wake(POLLOUT);
}
