// Programs that own the whole screen, typed at by a user: vim, less and tmux of Debian; what they draw is looked up on an emulated screen.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { KSPACE } from '../cli/images.ts';
import { Pty, noPty } from '../cli/pty.ts';
import { noPrograms } from './images.ts';
import { PATIENCE } from '../patience.ts';

const skip = noPty() || await noPrograms();
const open: Pty[] = [];
after(() => { for (const p of open) p.close(); });
const pause = (ms: number) => new Promise(r => setTimeout(r, ms));

async function shell(): Promise<Pty> {
  const p = new Pty(`"${process.execPath}" "${KSPACE}" run -w /tmp -e PS1='$ ' programs -- bash --norc -i`);
  open.push(p);
  await p.expect(/\$ $/, 30_000);
  return p;
}

/** Keys with a human's pauses: a byte right behind an ESC would be taken for the rest of a key's sequence. */
async function keys(p: Pty, ...parts: string[]): Promise<void> {
  for (const part of parts) {
    p.type(part);
    await pause(200);
  }
}

/** Leaves the shell with a status that shows it was this one that ended. */
async function leave(p: Pty): Promise<void> {
  p.type('exit 5\r');
  assert.equal(await p.exited, 5);
}

test('vim: search, substitute, undo, two windows, a filter, write', { skip, timeout: 120_000 * PATIENCE }, async () => {
  const p = await shell();
  p.type('seq 1 60 > n; vi n\r');
  await p.see(l => l[0] === '1' && l[22] === '23', 'the first lines of the file', 30_000);
  await keys(p, '/42\r', 'A is the answer');
  await p.see(l => l.includes('42 is the answer'), 'the found line changed');
  await p.escape(15);
  await keys(p, ':%s/^5/five /\r');
  await p.see(l => l.includes('five 9'), 'the substitution');
  await keys(p, 'u');
  await p.see(l => l[4] === '5' && l[23]!.startsWith('11 changes'), 'the substitution undone');
  await keys(p, ':split\r', 'gg');
  await p.see(l => l[0] === '1' && l[22]!.startsWith('n '), 'the file in two windows');
  await keys(p, ':%!sort -rn | head -3\r');
  await p.see(l => l[0] === '60' && l[2] === '58', 'the filtered file');
  p.type(':wqa\r');
  await p.expect(/\$ $/);
  p.type('cksum < n; seq 60 -1 58 | cksum\r');
  await p.expect(/(\d+ 9)\r?\n\1\r?\n/);
  await leave(p);
});

test('less: pages, the end, a search with marks, a pipe that is still being written', { skip, timeout: 120_000 * PATIENCE }, async () => {
  const p = await shell();
  p.type('seq 1 500 | sed "s/.*/line & of it/" > text; less text\r');
  await p.see(l => l[0] === 'line 1 of it' && l[22] === 'line 23 of it', 'the first page', 30_000);
  p.type(' ');
  await p.see(l => l[0] === 'line 24 of it', 'the second page');
  p.type('G');
  await p.see(l => l[22] === 'line 500 of it', 'the end');
  p.type('?line 77\r');
  await p.see(l => l[0] === 'line 77 of it', 'the line searched for');
  p.type('q');
  await p.expect(/\$ $/);
  p.type('(seq 1 30; sleep 1; seq 31 60) | less\r');
  await p.see(l => l[0] === '1' && l[22] === '23', 'what has come so far', 30_000);
  p.type('G');
  await p.see(l => l[22] === '60', 'the end, when it has come');
  p.type('q');
  await p.expect(/\$ $/);
  await leave(p);
});

test('tmux: two panes, typing into each, a second window, detach and attach', { skip, timeout: 180_000 * PATIENCE }, async () => {
  const p = await shell();
  p.type('tmux -f /dev/null new-session -s work "bash --norc"\r');
  await p.see(l => /\[work\] 0:bash\*/.test(l[23]!), 'the status line', 60_000);
  // Keys that come within a millisecond of each other tmux takes for pasted text (assume-paste-time).
  await keys(p, 'echo left $((6*7))\r');
  await p.see(l => l.some(x => x.startsWith('left 42')), 'the left pane', 30_000);
  await keys(p, '\x02%');
  await p.see(l => l.filter(x => /.{40}[x|]/.test(x)).length > 20, 'the line between two panes', 30_000);
  await keys(p, 'echo right $((7*7))\r');
  await p.see(l => l.some(x => x.startsWith('left 42')) && l.some(x => x.slice(41).startsWith('right 49')), 'both panes', 30_000);
  await keys(p, '\x02c');
  await p.see(l => /0:bash- 1:bash\*/.test(l[23]!), 'a second window', 30_000);
  await keys(p, '\x02d');
  await p.expect(/\[detached \(from session work\)\]/, 30_000);
  p.type('tmux list-panes -s -F "#{window_index} #{pane_width}x#{pane_height}"; tmux attach\r');
  await p.see(l => /0:bash- 1:bash\*/.test(l[23]!), 'the session again', 30_000);
  await keys(p, '\x020');
  await p.see(l => l.some(x => x.startsWith('left 42')) && l.some(x => x.slice(41).startsWith('right 49')), 'both panes again', 30_000);
  await keys(p, '\x02:', 'kill-server\r');
  await p.expect(/\[(server exited|exited)\]/, 30_000);
  await leave(p);
});
