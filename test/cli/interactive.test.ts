// A user at a terminal in the default image: line editing, job control, full-screen programs, a window that changes its size.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { Pty, noPty } from './pty.ts';
import { KSPACE, noImage } from './images.ts';
import { PATIENCE } from '../patience.ts';

const skip = noPty() || await noImage('busybox', ['busybox-static']);
const open: Pty[] = [];
after(() => { for (const p of open) p.close(); });

async function shell(args = 'run', options = {}): Promise<Pty> {
  const p = new Pty(`"${process.execPath}" "${KSPACE}" ${args}`, options);
  open.push(p);
  await prompt(p);
  return p;
}

/** The shell waits for a line; its question for the cursor's place has been answered. */
async function prompt(p: Pty): Promise<void> {
  await p.expect(/# $/);
  await pause(100);
}

/** The command that followed `echo go` is running. */
async function started(p: Pty): Promise<void> {
  await p.expect(/\ngo\r?\n/);
  await pause(300);
}

const pause = (ms: number) => new Promise(r => setTimeout(r, ms));

async function leave(p: Pty): Promise<void> {
  p.type('exit 0\r');
  assert.equal(await p.exited, 0);
}

test('terminal: ash edits lines: backspace, arrows, history, ^U, ^D ends it', { skip, timeout: 60_000 * PATIENCE }, async () => {
  const p = await shell();
  p.type('echo helo\x1b[Dl\r');
  await p.expect(/\nhello\r?\n/);
  p.type('echo wrong\x7f\x7f\x7f\x7f\x7fright\r');
  await p.expect(/\nright\r?\n/);
  p.type('\x1b[A\x1b[A\r');
  await p.expect(/\nhello\r?\n/);
  p.type('garbage\x15echo clean\r');
  await p.expect(/\nclean\r?\n/);
  await prompt(p);
  p.type('\x04');
  assert.equal(await p.exited, 0);
});

test('terminal: ^C ends the program in the foreground and not the shell', { skip, timeout: 60_000 * PATIENCE }, async () => {
  const p = await shell();
  p.type('echo go; sleep 100\r');
  await started(p);
  p.type('\x03');
  await prompt(p);
  p.type('echo status $?\r');
  await p.expect(/\nstatus 130\r?\n/);
  p.type('echo go; while :; do :; done\r');
  await started(p);
  p.type('\x03');
  await prompt(p);
  await leave(p);
});

test('terminal: ^Z stops, jobs lists, bg and fg go on', { skip, timeout: 60_000 * PATIENCE }, async () => {
  const p = await shell();
  p.type('echo go; sleep 77\r');
  await started(p);
  p.type('\x1a');
  await p.expect(/Stopped[^\n]*sleep 77/);
  p.type('jobs\r');
  await p.expect(/\[1\]\+\s+Stopped\s+sleep 77/);
  p.type('bg\r');
  await p.expect(/sleep 77/);
  p.type('jobs\r');
  await p.expect(/\[1\]\+\s+Running\s+sleep 77/);
  p.type('fg\r');
  await p.expect(/sleep 77\r?\n/);
  p.type('\x03');
  await prompt(p);
  await leave(p);
});

test('terminal: stty -a tells size and settings; ^D ends cat; background reads stop', { skip, timeout: 60_000 * PATIENCE }, async () => {
  const p = await shell('run', { columns: 91, rows: 33 });
  p.type('stty -a | cat\r');
  await p.expect(/speed \d+ baud; rows 33; columns 91;/);
  await p.expect(/isig icanon/);
  await prompt(p);
  p.type('cat\r');
  await p.expect('cat\r\n');
  await pause(300); // what is typed before cat runs belongs to the shell's raw mode
  p.type('line\r');
  await p.expect(/line\r?\nline\r?\n/);
  p.type('\x04');
  await prompt(p);
  // The shell tells of it when it prompts: not before cat has been stopped.
  p.type('cat & sleep 1\r');
  await p.expect(/Stopped \(tty input\)\s+cat/);
  p.type('kill -9 %1; sleep 1\r');
  await p.expect(/Killed\s+cat/);
  await prompt(p);
  await leave(p);
});

test('terminal: vi edits a file on the whole screen', { skip, timeout: 60_000 * PATIENCE }, async () => {
  const p = await shell();
  p.type('vi /tmp/poem\r');
  await p.see(l => l[1] === '~' && l[22] === '~' && /\/tmp\/poem/.test(l[23]!), 'the empty buffer of vi');
  p.type('iroses are red\rviolets are green');
  await p.see(l => l[0] === 'roses are red' && l[1] === 'violets are green' && l[2] === '~', 'two lines of text');
  await p.escape(16);
  p.type('bcwpink');
  await p.see(l => /violets are.*pink/.test(l[1]!), 'a changed word');
  await p.escape(15);
  p.type('0wDaare blue');
  await p.see(l => l[1] === 'violets are blue', 'the rest of the line anew');
  await p.escape(15);
  p.type('ggOfirst');
  await p.see(l => l[0] === 'first' && l[1] === 'roses are red' && l[2] === 'violets are blue', 'a line above');
  await p.escape(4);
  p.type(':wq\r');
  await prompt(p);
  p.type('clear; cat /tmp/poem; echo END\r');
  await p.see(l => l.includes('END') && l.indexOf('first') >= 0 && l[l.indexOf('first') + 2] === 'violets are blue', 'the file');
  await leave(p);
});

test('terminal: top shows processes and follows the size of the window', { skip, timeout: 60_000 * PATIENCE }, async () => {
  const p = await shell();
  p.type('top -d 1\r');
  await p.see(l => /^Mem: \d+K used/.test(l[0]!) && l.some(x => /PID\s+PPID\s+USER/.test(x)) && l.some(x => /\btop\b/.test(x)), "top's screen");
  p.type('q');
  await prompt(p);
  p.resize(100, 40);
  await pause(300);
  p.type('stty size\r');
  await p.expect(/\n40 100\r?\n/);
  await leave(p);
});

test('terminal: a resize reaches the program as SIGWINCH', { skip, timeout: 60_000 * PATIENCE }, async () => {
  const p = await shell();
  p.type("sh -c 'trap \"stty size; exit 3\" WINCH; echo ready; while :; do sleep 0.1; done'\r");
  await p.expect(/\nready\r?\n/);
  p.resize(61, 17);
  await p.expect(/17 61\r?\n/);
  await prompt(p);
  await leave(p);
});

test('terminal: npm start is a shell, with a line that says what it is', { skip, timeout: 60_000 * PATIENCE }, async () => {
  const p = await shell('start');
  assert.match(p.out, /^kspace \d+\.\d+\.\d+: BusyBox/);
  p.type('uname -m\r');
  await p.expect(/riscv64/);
  await leave(p);
});

test('terminal: the exit status of the shell is that of kspace, the terminal is as before', { skip, timeout: 60_000 * PATIENCE }, async () => {
  const p = new Pty(`stty -g; "${process.execPath}" "${KSPACE}" run; echo "status $?"; stty -g`);
  open.push(p);
  await prompt(p);
  p.type('exit 42\r');
  await p.expect('status 42');
  assert.equal(await p.exited, 0);
  const settings = p.out.split(/\r?\n/).filter(l => /^[0-9a-f]+:[0-9a-f:]+$/.test(l));
  assert.equal(settings.length, 2);
  assert.equal(settings[0], settings[1]);
});
