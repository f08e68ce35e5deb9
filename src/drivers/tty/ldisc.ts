// The line discipline N_TTY, input side: what each byte from the keyboard does (termios(3)): signals, flow control, editing, echo.
import { POLLIN } from '../../abi/poll.ts';
import { SIGINT, SIGQUIT, SIGTSTP, SI_KERNEL } from '../../abi/signal.ts';
import {
  ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, ECHONL, ECHOPRT, ICRNL, IEXTEN, IGNCR, IMAXBEL, INLCR, ISIG, ISTRIP, IUCLC, IUTF8, IXANY, IXON, NOFLSH, VEOF, VEOL, VEOL2,
  VERASE, VINTR, VKILL, VLNEXT, VQUIT, VREPRINT, VSTART, VSTOP, VSUSP, VWERASE,
} from '../../abi/termios.ts';
import { sendToGroup } from '../../kernel/signal/send.ts';
import { emit, flushOutput } from './output.ts';
import type { Tty } from './tty.ts';

const BEL = 7, BS = 8, TAB = 9, NL = 10, CR = 13, SPACE = 32, DEL = 127;
const CARET = 94;

/** Bytes from the device. How many were taken: fewer than given when the queue is full and nobody reads (the port offers them again). */
export function receive(tty: Tty, bytes: Uint8Array): number {
  tty.lastInputNs = tty.kernel.now();
  let i = 0;
  for (; i < bytes.length; i++) {
    if (tty.input.free <= 1 && !(tty.settings.isCanonical && !tty.input.hasLine)) break;
    receiveByte(tty, bytes[i]!);
  }
  tty.drain();
  if (isReadable(tty)) tty.waiters.wake(POLLIN);
  return i;
}

/** Could read(2) return something now? */
export function isReadable(tty: Tty): boolean {
  return tty.settings.isCanonical ? tty.input.hasLine : tty.input.length > 0;
}

function receiveByte(tty: Tty, byte: number): void {
  const { iflag, lflag, cc } = tty.settings;
  let c = byte;
  if ((iflag & ISTRIP) !== 0) c &= 0x7f;
  if ((iflag & IUCLC) !== 0 && (lflag & IEXTEN) !== 0 && c >= 65 && c <= 90) c += 32;
  const is = (index: number): boolean => cc[index] !== 0 && cc[index] === c;

  if (tty.input.literalNext) {
    tty.input.literalNext = false;
    return store(tty, c);
  }
  if ((iflag & IXON) !== 0) {
    if (is(VSTART)) return tty.setStopped(false);
    if (is(VSTOP)) return tty.setStopped(true);
    if (tty.stopped && (iflag & IXANY) !== 0) tty.setStopped(false);
  }
  if ((lflag & ISIG) !== 0) {
    if (is(VINTR)) return interrupt(tty, SIGINT, c);
    if (is(VQUIT)) return interrupt(tty, SIGQUIT, c);
    if (is(VSUSP)) return interrupt(tty, SIGTSTP, c);
  }
  if (c === CR) {
    if ((iflag & IGNCR) !== 0) return;
    if ((iflag & ICRNL) !== 0) c = NL;
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

/** An ordinary byte; a full line rings the bell (IMAXBEL) and drops it. */
function store(tty: Tty, c: number): void {
  if (tty.input.free <= 1) {
    if ((tty.settings.iflag & IMAXBEL) !== 0) tty.outbox.pushByte(BEL);
    return;
  }
  if ((tty.settings.lflag & ECHO) !== 0) {
    if (tty.input.editing === 0) tty.output.lineColumn = tty.output.column;
    if (c === NL) emit(tty, NL);
    else echo(tty, c);
  }
  tty.input.push(c);
}

function echo(tty: Tty, c: number): void {
  if ((tty.settings.lflag & ECHOCTL) !== 0 && isControl(c) && c !== TAB && c !== NL) {
    emit(tty, CARET);
    emit(tty, c ^ 0o100);
  } else {
    emit(tty, c);
  }
}

const isControl = (c: number): boolean => c < SPACE || c === DEL;

function interrupt(tty: Tty, signo: number, c: number): void {
  if ((tty.settings.lflag & NOFLSH) === 0) {
    tty.input.flush();
    flushOutput(tty);
  }
  if (tty.stopped) tty.setStopped(false);
  if ((tty.settings.lflag & ECHO) !== 0) echo(tty, c);
  if (tty.foreground !== null) sendToGroup(tty.foreground, { signo, code: SI_KERNEL });
}

function erase(tty: Tty, what: 'character' | 'word' | 'line'): void {
  const { lflag } = tty.settings;
  if (tty.input.editing === 0) return;
  const visible = (lflag & ECHO) !== 0;
  if (what === 'line' && (!visible || (lflag & ECHOKE) === 0 || (lflag & ECHOE) === 0)) {
    while (tty.input.erase() >= 0) { /* all of it */ }
    if (!visible) return;
    echo(tty, tty.settings.cc[VKILL]!);
    if ((lflag & ECHOK) !== 0) emit(tty, NL);
    return;
  }
  let seenWord = false;
  while (tty.input.editing > 0) {
    const last = tty.input.editedByte(tty.input.editing - 1);
    const isWord = (last >= 48 && last <= 57) || (last >= 65 && last <= 90) || (last >= 97 && last <= 122) || last === 95 || last >= 128;
    if (what === 'word' && seenWord && !isWord) break;
    seenWord ||= isWord;
    eraseOne(tty, visible);
    if (what === 'character') break;
  }
}

/** One character, which in UTF-8 may be several bytes, goes from the queue and from the screen. */
function eraseOne(tty: Tty, visible: boolean): void {
  const { iflag, lflag, cc } = tty.settings;
  let c = tty.input.erase();
  if ((iflag & IUTF8) !== 0) while ((c & 0xc0) === 0x80 && tty.input.editing > 0) c = tty.input.erase();
  if (!visible) return;
  if ((lflag & ECHOE) === 0 || (lflag & ECHOPRT) !== 0) return echo(tty, (lflag & ECHOPRT) !== 0 ? c : cc[VERASE]!);
  if (c === TAB) {
    // Back over the tab: the columns it took depend on everything before it on the line.
    let column = tty.output.lineColumn;
    for (let i = 0; i < tty.input.editing; i++) column = advance(column, tty.input.editedByte(i), lflag);
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

function advance(column: number, c: number, lflag: number): number {
  if (c === TAB) return column + 8 - (column & 7);
  if (isControl(c)) return (lflag & ECHOCTL) !== 0 ? column + 2 : column;
  return (c & 0xc0) === 0x80 ? column : column + 1;
}

function backspace(tty: Tty, how: 'wipe' | 'move'): void {
  tty.outbox.pushByte(BS);
  if (how === 'wipe') {
    tty.outbox.pushByte(SPACE);
    tty.outbox.pushByte(BS);
  }
  if (tty.output.column > 0) tty.output.column--;
}

function reprint(tty: Tty, c: number): void {
  echo(tty, c);
  emit(tty, NL);
  for (let i = 0; i < tty.input.editing; i++) echo(tty, tty.input.editedByte(i));
}
