// A user at a terminal with Debian's own bash, vim, top and Python: readline, full screens, job control.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { Pty, noPty } from './pty.ts';
import { KSPACE, noImage } from './images.ts';
import { PATIENCE } from '../patience.ts';

const skip = noPty() || await noImage('kspace-test', ['bash', 'coreutils', 'grep', 'sed', 'gawk', 'findutils', 'procps', 'util-linux', 'vim-tiny', 'python3']);
const open: Pty[] = [];
after(() => { for (const p of open) p.close(); });
const pause = (ms: number) => new Promise(r => setTimeout(r, ms));

async function bash(): Promise<Pty> {
  const p = new Pty(`"${process.execPath}" "${KSPACE}" run -e PS1='$ ' kspace-test -- bash --norc -i`);
  open.push(p);
  await p.expect(/\$ $/, 30_000);
  return p;
}

async function leave(p: Pty): Promise<void> {
  p.type('exit 0\r');
  assert.equal(await p.exited, 0);
}

test('terminal: readline completes, searches its history and edits words', { skip, timeout: 120_000 * PATIENCE }, async () => {
  const p = await bash();
  p.type('echo /etc/host\t');
  await p.expect(/\/etc\/host/);
  p.type('name\r');
  await p.expect(/\r\/etc\/hostname\r?\n/);
  p.type('echo one two three\x17four\r');
  await p.expect(/\rone two four\r?\n/);
  await pause(200);
  p.type('\x12host');
  await p.expect(/reverse-i-search/);
  await pause(200);
  p.type('\r');
  await p.expect(/\r\/etc\/hostname\r?\n/);
  await leave(p);
});

test('terminal: bash stops, lists and continues jobs', { skip, timeout: 120_000 * PATIENCE }, async () => {
  const p = await bash();
  p.type('echo go; sleep 50 | cat\r');
  await p.expect(/\rgo\r?\n/);
  await pause(1500);
  p.type('\x1a');
  await p.expect(/\[1\]\+\s+Stopped\s+sleep 50 \| cat/);
  p.type('bg; jobs -l\r');
  await p.expect(/\[1\]\+.*\d+ Running\s+sleep 50\r?\n\s+\d+\s+\| cat/);
  // With `wait` in its place bash says nothing about a job that it has reaped before `wait` begins, here as on Linux.
  p.type('kill %1; sleep 0.3\r');
  await p.expect(/\[1\]\+\s+Terminated\s+sleep 50 \| cat/);
  p.type('wait; echo done $?\r');
  await p.expect(/done 0\r?\n/);
  p.type('fg\r');
  await p.expect(/no such job|current: no such job/);
  await leave(p);
});

test('terminal: vim draws, inserts, scrolls and saves', { skip, timeout: 120_000 * PATIENCE }, async () => {
  const p = await bash();
  p.type('seq 1 100 > /tmp/n; vi /tmp/n\r');
  await p.see(l => l[0] === '1' && l[22] === '23', 'the first lines of the file', 30_000);
  p.type('G');
  await p.see(l => l[22] === '100' && l[0] === '78', 'the end of the file');
  p.type('oa new line');
  await p.see(l => l[22] === 'a new line', 'the new line');
  await p.escape(9);
  p.type('ggdd');
  await p.see(l => l[0] === '2', 'the first line gone');
  p.type(':wq\r');
  await pause(1000);
  p.type('clear; head -1 /tmp/n; tail -1 /tmp/n; echo END\r');
  await p.see(l => l.includes('END') && l.includes('2') && l.includes('a new line'), 'the saved file');
  await leave(p);
});

test('terminal: top of procps lists this machine', { skip, timeout: 120_000 * PATIENCE }, async () => {
  const p = await bash();
  p.type('top\r');
  await p.see(l => /^top - \d\d:\d\d:\d\d up/.test(l[0]!) && /Tasks:\s+\d+ total/.test(l[1]!) && l.some(x => /PID USER\s+PR\s+NI/.test(x)) && l.some(x => /\btop$/.test(x)), "top's screen", 30_000);
  p.type('q');
  await p.expect(/\$ $/);
  await leave(p);
});

test('terminal: the Python prompt computes, is interrupted by ^C, ends at ^D', { skip, timeout: 240_000 * PATIENCE }, async () => {
  const p = await bash();
  p.type('PYTHON_BASIC_REPL=1 python3 -q\r');
  await p.expect(/>>> $/, 120_000);
  p.type('6*7\r');
  await p.expect(/\n42\r?\n/);
  p.type('while True: pass\r\r');
  await pause(1500);
  p.type('\x03');
  await p.expect(/KeyboardInterrupt/);
  await p.expect(/>>> $/);
  p.type('\x04');
  await p.expect(/\$ $/);
  await leave(p);
});
