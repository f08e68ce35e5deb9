// The line discipline, key by key. Expectations were recorded on Linux with the same keys on a pty.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCKED, EAGAIN, ERESTARTSYS } from '../../abi/errno.ts';
import { O_NONBLOCK } from '../../abi/fcntl.ts';
import { POLLIN, POLLOUT } from '../../abi/poll.ts';
import { SIGINT, SIGQUIT, SIGTSTP } from '../../abi/signal.ts';
import * as tio from '../../abi/termios.ts';
import { PtyBench } from './test-util.ts';

interface Row {
  readonly name: string; readonly keys: string; readonly screen: string; readonly reads?: readonly (string | number)[];
  readonly iflag?: readonly [number, number]; readonly oflag?: number; readonly lflag?: readonly [number, number]; readonly cc?: Record<number, number>;
}
const NONE = 0;
/** [bits on, bits off]. */
const ROWS: readonly Row[] = [
  { name: 'a line comes when it ends', keys: 'ab\rc', screen: 'ab\r\nc', reads: ['ab\n', EAGAIN] },
  { name: 'end of file is not part of the line', keys: 'x\x04', screen: 'x', reads: ['x', EAGAIN] },
  { name: 'end of file alone reads 0', keys: '\x04', screen: '', reads: ['', EAGAIN] },
  { name: 'erase, also at the start of the line', keys: '\x7fab\x7fc\n', screen: 'ab\b \bc\r\n', reads: ['ac\n'] },
  { name: 'kill wipes the line', keys: 'abc\x15d\n', screen: 'abc\b \b\b \b\b \bd\r\n', reads: ['d\n'] },
  { name: 'kill without ECHOK echoes itself', keys: 'abc\x15d', lflag: [NONE, tio.ECHOK], screen: 'abc^Ud' },
  { name: 'kill without ECHOKE starts a new line', keys: 'abc\x15d', lflag: [NONE, tio.ECHOKE], screen: 'abc^U\r\nd' },
  { name: 'without ECHOE the key is shown, words are wiped all the same', keys: 'ab cd\x7f\x17\x15x', lflag: [NONE, tio.ECHOE], screen: 'ab cd^?\b \b^U\r\nx' },
  { name: 'words, bytes as Latin-1', keys: 'foo, b\xc3\xa4r_1 \x17\x17\n', screen: `foo, b\xc3\xa4r_1 ${'\b \b'.repeat(7)}\r\n`, reads: ['foo, \n'] },
  { name: 'words, characters as UTF-8', keys: 'foo, b\xc3\xa4r_1 \x17\x17\n', iflag: [tio.IUTF8, NONE], screen: `foo, b\xc3\xa4r_1 ${'\b \b'.repeat(11)}\r\n`, reads: ['\n'] },
  { name: 'a UTF-8 character is erased as a whole', keys: 'a\xe2\x82\xac\x7f\n', iflag: [tio.IUTF8, NONE], screen: 'a\xe2\x82\xac\b \b\r\n', reads: ['a\n'] },
  { name: 'ECHOPRT prints what it erases', keys: 'abc\x7f\x7fd', lflag: [tio.ECHOPRT, NONE], screen: 'abc\\cb/d' },
  { name: 'tabs go back to where they began', keys: 'a\tb\x01\t\x7f\x7f\x7f\x7f\x7f', screen: `a\tb^A\t${'\b'.repeat(5)}\b \b\b \b\b \b${'\b'.repeat(7)}\b \b` },
  { name: 'literal next, reprint', keys: 'ab\x16\x03c\x12d\x04', screen: 'ab^\b^Cc^R\r\nab^Ccd', reads: ['ab\x03cd'] },
  { name: 'EOL ends a line and is part of it', keys: 'a;b\n', cc: { [tio.VEOL]: 59 }, screen: 'a;b\r\n', reads: ['a;', 'b\n'] },
  { name: 'EOL2 needs IEXTEN', keys: 'a;b\n', cc: { [tio.VEOL2]: 59 }, lflag: [NONE, tio.IEXTEN], screen: 'a;b\r\n', reads: ['a;b\n'] },
  { name: 'ECHONL without ECHO', keys: 'pw\n', lflag: [tio.ECHONL, tio.ECHO], screen: '\r\n', reads: ['pw\n'] },
  { name: 'no echo at all', keys: 'pw\x7f\x15\x17\n', lflag: [NONE, tio.ECHO], screen: '', reads: ['\n'] },
  { name: 'without ECHOCTL control characters go out as they are', keys: '\x01\x7f\n', lflag: [NONE, tio.ECHOCTL], screen: '\x01\r\n', reads: ['\n'] },
  { name: 'IGNCR', keys: 'a\rb\n', iflag: [tio.IGNCR, NONE], screen: 'ab\r\n', reads: ['ab\n'] },
  { name: 'INLCR without ICRNL', keys: 'a\nb\x04', iflag: [tio.INLCR, tio.ICRNL], screen: 'a^Mb', reads: ['a\rb'] },
  { name: 'ISTRIP', keys: '\xe1\n', iflag: [tio.ISTRIP, NONE], screen: 'a\r\n', reads: ['a\n'] },
  { name: 'IUCLC', keys: 'AbC\xc3\xd7\n', iflag: [tio.IUCLC, NONE], screen: 'abc\xe3\xd7\r\n', reads: ['abc\xe3\xd7\n'] },
  { name: 'PARMRK doubles 0xff', keys: '\xff\n', iflag: [tio.PARMRK, NONE], screen: '\xff\r\n', reads: ['\xff\xff\n'] },
  { name: 'cbreak: bytes at once, no editing', keys: 'a\x04\x7fb\r', lflag: [NONE, tio.ICANON], screen: 'a^D^?b\r\n', reads: ['a\x04\x7fb\n', EAGAIN] },
  { name: 'a disabled key is an ordinary byte', keys: 'a\x7fb\0\n', cc: { [tio.VERASE]: 0 }, screen: 'a^?b^@\r\n', reads: ['a\x7fb\0\n'] },
];

for (const row of ROWS) {
  test(`line discipline: ${row.name}`, () => {
    const b = new PtyBench();
    const { settings } = b.pty.tty;
    settings.iflag = (settings.iflag | (row.iflag?.[0] ?? 0)) & ~(row.iflag?.[1] ?? 0);
    settings.lflag = (settings.lflag | (row.lflag?.[0] ?? 0)) & ~(row.lflag?.[1] ?? 0);
    for (const [i, c] of Object.entries(row.cc ?? {})) settings.cc[Number(i)] = c;
    assert.equal(b.type(row.keys), row.keys.length);
    assert.equal(row.screen === '' ? b.pty.toMaster.length : b.screen(), row.screen === '' ? 0 : row.screen);
    for (const want of row.reads ?? []) assert.deepEqual(b.read(), want);
  });
}

test('output processing: expanded tabs, case, carriage returns', () => {
  const b = new PtyBench();
  const { settings } = b.pty.tty;
  settings.oflag |= tio.XTABS;
  b.print('ab\tc\n\td\n');
  assert.equal(b.screen(), 'ab      c\r\n        d\r\n');
  settings.oflag = tio.OPOST | tio.OCRNL | tio.ONLRET | tio.ONOCR | tio.OLCUC;
  b.print('\rab\rc\nd\r');
  assert.equal(b.screen(), 'AB\nC\nD\n');
  settings.oflag = 0;
  b.print('a\n\tb');
  assert.equal(b.screen(), 'a\n\tb');
});

test('a reader takes a line in pieces; an end of file behind an exact fit is swallowed', () => {
  const b = new PtyBench();
  b.type('hello\nabc\x04');
  assert.equal(b.read(2), 'he');
  assert.equal(b.read(2), 'll');
  assert.equal(b.read(9), 'o\n');
  assert.equal(b.read(3), 'abc');
  assert.equal(b.read(3), EAGAIN);
});

test('a line longer than the queue is cut, but its end comes through', () => {
  const b = new PtyBench();
  b.type(`${'q'.repeat(5000)}\n`);
  const line = b.read() as string;
  assert.equal(line.length, 4096);
  assert.ok(line.endsWith('q\n'));
  assert.equal(b.read(), EAGAIN);
});

test('a queue full of lines holds the writer up, and goes on when they are read', () => {
  const b = new PtyBench();
  const line = `${'a'.repeat(99)}\n`;
  let taken = 0;
  for (let n = b.type(line); n > 0; n = b.type(line)) taken += n;
  assert.ok(taken > 16_000 && taken < 24_000, String(taken));
  assert.equal(b.type(line), EAGAIN);
  assert.equal(b.master.poll() & POLLOUT, 0);
  let got = '';
  for (let s = b.read(); typeof s === 'string'; s = b.read()) got += s;
  assert.equal(got.length, taken - (taken % 100));
  assert.notEqual(b.master.poll() & POLLOUT, 0);
});

test('keys that signal: to the foreground group, flushing input unless NOFLSH', () => {
  const b = new PtyBench();
  const { tty } = b.pty;
  tty.acquire(b.leader.process);
  b.type('ab\nc\x03d\n');
  assert.equal(b.screen(), '^Cd\r\n'); // echoes that were not out yet are flushed too
  assert.equal(b.read(), 'd\n');
  tty.settings.lflag |= tio.NOFLSH;
  b.type('x\x1cy\x1a\n');
  assert.equal(b.read(), 'xy\n');
  assert.deepEqual(b.signals(b.leader), [SIGINT, SIGQUIT, SIGTSTP]);
  tty.settings.lflag &= ~tio.ISIG;
  b.type('\x03\n');
  assert.equal(b.read(), '\x03\n');
});

test('what has reached the master survives the flush of an interrupt', () => {
  const b = new PtyBench();
  b.print('pending');
  b.type('\x03');
  assert.equal(b.screen(), 'pending^C');
});

test('flow control: ^S holds output and writers, ^Q lets go, IXANY any key, TCOOFF only TCOON', () => {
  const b = new PtyBench();
  const { tty } = b.pty;
  b.type('\x13');
  assert.equal(b.print('abc'), EAGAIN);
  assert.equal(b.slave.poll(b.leader) & POLLOUT, 0);
  b.type('x');
  assert.equal(b.screen(), EAGAIN);
  b.type('\x11');
  assert.equal(b.print('abc'), 3);
  assert.equal(b.screen(), 'xabc');
  tty.settings.iflag |= tio.IXANY;
  b.type('\x13');
  b.type('y');
  assert.equal(tty.stopped, false);
  tty.stop('call');
  b.type('\x11');
  assert.equal(tty.stopped, true);
  tty.start('call');
  assert.equal(tty.stopped, false);
  tty.settings.iflag &= ~tio.IXON;
  b.type('\x13\n');
  assert.equal(tty.stopped, false);
});

test('switching modes: raw bytes become one line, lines become bytes', () => {
  const b = new PtyBench();
  const { tty } = b.pty;
  b.type('old\n');
  assert.equal(b.read(), 'old\n');
  tty.settings.lflag &= ~tio.ICANON;
  tty.input.switchMode('raw');
  b.type('l1\nl2\nx');
  tty.settings.lflag |= tio.ICANON;
  tty.input.switchMode('canonical');
  assert.equal(b.read(), 'l1\nl2\nx');
  assert.equal(b.read(), EAGAIN);
  b.type('A\nB\nC');
  tty.settings.lflag &= ~tio.ICANON;
  tty.input.switchMode('raw');
  assert.equal(b.read(), 'A\nB\nC');
});

function raw(min: number, time: number): PtyBench {
  const b = new PtyBench();
  const { settings } = b.pty.tty;
  settings.lflag = 0;
  settings.iflag = 0;
  settings.cc[tio.VMIN] = min;
  settings.cc[tio.VTIME] = time;
  return b;
}
const TENTH = 100_000_000;

test('raw, MIN and TIME 0: what is there, or nothing', () => {
  const b = raw(0, 0);
  assert.equal(b.read(), '');
  b.type('ab');
  assert.equal(b.read(1), 'a');
  assert.equal(b.read(), 'b');
});

test('raw, MIN 3: waits for three bytes, less only if less was asked for, or when a signal comes', () => {
  const b = raw(3, 0);
  b.type('ab');
  assert.equal(b.slave.poll(b.leader) & POLLIN, 0);
  assert.equal(b.read(), EAGAIN);
  assert.equal(b.read(2), 'ab');
  b.type('xyz');
  assert.notEqual(b.slave.poll(b.leader) & POLLIN, 0);
  assert.equal(b.read(), 'xyz');
  b.type('q');
  b.leader.signalPending = true;
  assert.equal(b.read(), 'q');
  b.slave.flags |= O_NONBLOCK;
  b.leader.signalPending = false;
  assert.equal(b.read(), EAGAIN);
  b.type('r');
  assert.equal(b.read(), 'r');
});

test('raw, TIME alone: the clock starts with the read', () => {
  const b = raw(0, 2);
  const t = b.leader;
  assert.equal(b.read(), BLOCKED);
  t.state = 'S';
  b.k.advance(TENTH);
  assert.equal(t.state, 'S');
  b.k.advance(TENTH);
  assert.equal(t.state, 'R');
  assert.equal(b.read(), '');
  t.restart = null;
  b.read();
  t.signalPending = true;
  assert.equal(b.read(), ERESTARTSYS);
});

test('raw, MIN and TIME: the clock starts with the first byte and again with each', () => {
  const b = raw(3, 1);
  const t = b.leader;
  assert.equal(b.read(), EAGAIN);
  b.type('a');
  assert.equal(b.read(), BLOCKED);
  t.unpark();
  b.k.advance(TENTH * 0.6);
  b.type('b');
  b.k.advance(TENTH * 0.6);
  assert.equal(b.read(), BLOCKED);
  t.unpark();
  b.k.advance(TENTH * 0.4);
  assert.equal(b.read(), 'ab');
  t.restart = null;
  b.type('c');
  b.k.advance(10 * TENTH); // old bytes do not run the clock down
  assert.equal(b.read(), BLOCKED);
});
