// The line discipline N_TTY, input side: what each byte from the keyboard does (termios(3)): signals, flow control, editing, echo.
import { TIOCPKT_FLUSHREAD } from '../../abi/ioctl.ts';
import { POLLIN } from '../../abi/poll.ts';
import { SIGINT, SIGQUIT, SIGTSTP, SI_KERNEL } from '../../abi/signal.ts';
import {
  ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, ECHONL, ECHOPRT, ICRNL, IEXTEN, IGNCR, INLCR, ISIG, ISTRIP, IUCLC, IUTF8, IXANY, IXON, NOFLSH, PARMRK, VEOF, VEOL, VEOL2,
  VERASE, VINTR, VKILL, VLNEXT, VQUIT, VREPRINT, VSTART, VSTOP, VSUSP, VWERASE,
} from '../../abi/termios.ts';
import { sendToGroup } from '../../kernel/signal/send.ts';
import { emit, flushOutput } from './output.ts';
import type { Tty } from './tty.ts';

const BS = 8, TAB = 9, NL = 10, CR = 13, SLASH = 47, SPACE = 32, CARET = 94, BACKSLASH = 92, DEL = 127, MARK = 255;

/** Bytes from the device. How many were taken: fewer than given when the queue is full and nobody reads (the port offers them again). */
export function receive(tty: Tty, bytes: Uint8Array): number {
  tty.lastInputNs = tty.kernel.now();
  tty.output.batchColumn = tty.output.column;
  let i = 0;
  for (; i < bytes.length; i++) {
    if (!hasRoom(tty)) break;
    receiveByte(tty, bytes[i]!);
  }
  tty.drain();
  if (isReadable(tty)) tty.waiters.wake(POLLIN);
  return i;
}

/** Takes input at all: a line too long for the queue is cut, so that its end can come; otherwise the device keeps what does not fit. */
export function hasRoom(tty: Tty): boolean {
  return tty.input.free > 1 || (tty.settings.isCanonical && !tty.input.hasLine);
}

/** TCIFLUSH: all input that has not been read. */
export function flushInput(tty: Tty): void {
  tty.input.flush();
  tty.port.flushInput();
  tty.port.control(TIOCPKT_FLUSHREAD);
  tty.port.unthrottle();
}

/** Could read(2) return something now? */
export function isReadable(tty: Tty): boolean {
  return tty.settings.isCanonical ? tty.input.hasLine : tty.input.length > 0;
}

function receiveByte(tty: Tty, byte: number): void {
  const { iflag, lflag, cc } = tty.settings;
  let c = byte;
  if ((iflag & ISTRIP) !== 0) c &= 0x7f;
  if ((iflag & IUCLC) !== 0 && (lflag & IEXTEN) !== 0 && isUpper(c)) c += 32;
  const is = (index: number): boolean => cc[index] !== 0 && cc[index] === c;

  if (tty.input.literalNext) {
    tty.input.literalNext = false;
    return store(tty, c);
  }
  if ((iflag & IXON) !== 0) {
    if (is(VSTART)) return tty.start('key');
    if (is(VSTOP)) return tty.stop('key');
    if ((iflag & IXANY) !== 0) tty.start('key');
  }
  if ((lflag & ISIG) !== 0) {
    if (is(VINTR)) return interrupt(tty, SIGINT, c);
    if (is(VQUIT)) return interrupt(tty, SIGQUIT, c);
    if (is(VSUSP)) return interrupt(tty, SIGTSTP, c);
  }
  if (c === CR) {
    if ((iflag & IGNCR) !== 0) return;
    if ((iflag & ICRNL) !== 0) {
      if (!tty.settings.isCanonical) return store(tty, NL, 'a line end');
      c = NL;
    }
  } else if (c === NL && (iflag & INLCR) !== 0) {
    c = CR;
  }
  if (!tty.settings.isCanonical) return store(tty, c);
  editLine(tty, c);
}

function editLine(tty: Tty, c: number): void {
  const { lflag, cc } = tty.settings;
  const extended = (lflag & IEXTEN) !== 0;
  const is = (index: number): boolean => cc[index] !== 0 && cc[index] === c;
  if (is(VERASE)) return erase(tty, 'character');
  if (is(VKILL)) return erase(tty, 'line');
  if (is(VWERASE) && extended) return erase(tty, 'word');
  if (is(VLNEXT) && extended) {
    tty.input.literalNext = true;
    finishErasing(tty);
    if ((lflag & ECHO) !== 0 && (lflag & ECHOCTL) !== 0) for (const b of [CARET, BS]) emit(tty, b);
    return;
  }
  if (is(VREPRINT) && extended && (lflag & ECHO) !== 0) return reprint(tty, c);
  if (c === NL) {
    if ((lflag & (ECHO | ECHONL)) !== 0) emit(tty, NL);
    return tty.input.pushLineEnd(NL);
  }
  if (is(VEOF)) return tty.input.pushEndOfFile();
  if (is(VEOL) || (is(VEOL2) && extended)) {
    if ((lflag & ECHO) !== 0) echo(tty, c);
    return tty.input.pushLineEnd(c);
  }
  store(tty, c);
}

/** An ordinary byte; what a full line has no place for is dropped. A line end shows as one, a bare ^J like other controls. */
function store(tty: Tty, c: number, shown: 'as it is' | 'a line end' = 'as it is'): void {
  if (tty.input.free <= 1) return;
  if ((tty.settings.lflag & ECHO) !== 0) {
    finishErasing(tty);
    if (tty.input.editing === 0) tty.output.lineColumn = tty.output.column;
    if (shown === 'a line end') emit(tty, NL);
    else echo(tty, c);
  }
  if (c === MARK && (tty.settings.iflag & PARMRK) !== 0) tty.input.push(MARK); // one of them would announce an error
  tty.input.push(c);
}

function echo(tty: Tty, c: number): void {
  if ((tty.settings.lflag & ECHOCTL) !== 0 && isControl(c) && c !== TAB) {
    tty.outbox.pushByte(CARET);
    tty.outbox.pushByte(c ^ 0o100);
    tty.output.column += 2; // counted whatever OPOST says, as by Linux
  } else {
    emit(tty, c);
  }
}

/** Latin-1's capitals, as the kernel's tolower() knows them. */
const isUpper = (c: number): boolean => (c >= 65 && c <= 90) || (c >= 0xc0 && c <= 0xde && c !== 0xd7);
const isControl = (c: number): boolean => c < SPACE || c === DEL;

function interrupt(tty: Tty, signo: number, c: number): void {
  if ((tty.settings.lflag & NOFLSH) === 0) {
    tty.input.flush(); // what comes behind the key is kept
    tty.port.control(TIOCPKT_FLUSHREAD);
    flushOutput(tty);
    tty.output.column = tty.output.batchColumn;
  }
  if ((tty.settings.iflag & IXON) !== 0) tty.start('key');
  if ((tty.settings.lflag & ECHO) !== 0) echo(tty, c);
  if (tty.foreground !== null) sendToGroup(tty.foreground, { signo, code: SI_KERNEL });
}

function erase(tty: Tty, what: 'character' | 'word' | 'line'): void {
  const { lflag } = tty.settings;
  if (tty.input.editing === 0) return;
  const visible = (lflag & ECHO) !== 0;
  if (what === 'line' && (!visible || (lflag & (ECHOK | ECHOKE | ECHOE)) !== (ECHOK | ECHOKE | ECHOE))) {
    tty.input.eraseLine();
    if (!visible) return;
    finishErasing(tty);
    echo(tty, tty.settings.cc[VKILL]!);
    if ((lflag & ECHOK) !== 0) emit(tty, NL);
    return;
  }
  let seenWord = false;
  while (tty.input.editing > 0) {
    const first = characterStart(tty);
    if (first < 0) break;
    const isWord = isWordByte(tty.input.editedByte(first));
    if (what === 'word' && seenWord && !isWord) break;
    seenWord ||= isWord;
    eraseFrom(tty, first, what, visible);
    if (what === 'character') break;
  }
  if (visible && tty.input.editing === 0) finishErasing(tty);
}

/** Where the last character of the line begins, which in UTF-8 may be several bytes; -1: only continuation bytes are there. */
function characterStart(tty: Tty): number {
  const { input } = tty;
  let i = input.editing - 1;
  if ((tty.settings.iflag & IUTF8) === 0) return i;
  while (i >= 0 && (input.editedByte(i) & 0xc0) === 0x80) i--;
  return i;
}

/** Letters and digits as Latin-1 has them, and the underscore. */
function isWordByte(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || (c >= 0xc0 && c !== 0xd7 && c !== 0xf7);
}

/** The character at `first`, the last one, goes from the queue and from the screen. */
function eraseFrom(tty: Tty, first: number, what: 'character' | 'word' | 'line', visible: boolean): void {
  const { lflag, cc } = tty.settings;
  const c = tty.input.editedByte(first);
  if (visible && (lflag & ECHOPRT) !== 0) {
    if (!tty.output.erasing) emit(tty, BACKSLASH);
    tty.output.erasing = true;
    echo(tty, c);
    for (let i = first + 1; i < tty.input.editing; i++) emit(tty, tty.input.editedByte(i));
  }
  while (tty.input.editing > first) tty.input.erase();
  if (!visible || (lflag & ECHOPRT) !== 0) return;
  if ((lflag & ECHOE) === 0 && what === 'character') return echo(tty, cc[VERASE]!);
  if (c === TAB) {
    // Back over the tab: the columns it took depend on everything before it on the line.
    let column = tty.output.lineColumn;
    for (let i = 0; i < tty.input.editing; i++) column = advance(column, tty.input.editedByte(i), tty);
    const width = 8 - (column & 7);
    for (let i = 0; i < width; i++) backspace(tty, 'move');
    return;
  }
  if (isControl(c)) {
    if ((lflag & ECHOCTL) === 0) return;
    backspace(tty, 'wipe');
  }
  backspace(tty, 'wipe');
}

function advance(column: number, c: number, tty: Tty): number {
  const { iflag, lflag } = tty.settings;
  if (c === TAB) return column + 8 - (column & 7);
  if (isControl(c)) return (lflag & ECHOCTL) !== 0 ? column + 2 : column;
  return (iflag & IUTF8) !== 0 && (c & 0xc0) === 0x80 ? column : column + 1;
}

function backspace(tty: Tty, how: 'wipe' | 'move'): void {
  if (how === 'wipe') for (const b of [BS, SPACE, BS]) emit(tty, b);
  else {
    tty.outbox.pushByte(BS);
    if (tty.output.column > 0) tty.output.column--;
  }
}

/** ECHOPRT shows erased text between a backslash and a slash. */
function finishErasing(tty: Tty): void {
  if (!tty.output.erasing) return;
  tty.output.erasing = false;
  emit(tty, SLASH);
}

function reprint(tty: Tty, c: number): void {
  finishErasing(tty);
  echo(tty, c);
  emit(tty, NL);
  for (let i = 0; i < tty.input.editing; i++) echo(tty, tty.input.editedByte(i));
}
