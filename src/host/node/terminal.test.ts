// This file is also the program under test: with KSPACE_TERMINAL_CHILD set it opens the terminal and does what the variable says.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EAGAIN } from '../../abi/errno.ts';
import { Terminal } from './terminal.ts';

/** Milliseconds that a busy host may take; nothing waits for them otherwise. */
const LONG = 60_000;
const role = process.env['KSPACE_TERMINAL_CHILD'];
const self = fileURLToPath(import.meta.url);

if (role !== undefined) child(role);
else tests();

function child(what: string): void {
  const terminal = new Terminal();
  const say = (s: string) => terminal.write(Buffer.from(s));
  say(`[raw ${terminal.columns}x${terminal.rows}]\n`);
  if (what === 'exit') process.exit(3);
  if (what === 'throw') setTimeout(() => { throw new Error('oh'); }, 10);
  if (what === 'kill') setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);
  if (what === 'term') setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50);
  if (what !== 'echo') return;
  const buf = new Uint8Array(64);
  const readable = (): void => {
    const n = terminal.read(buf);
    if (n === EAGAIN) return;
    say(Buffer.from(buf.subarray(0, n)).toString('hex') + ';');
    if (n <= 0 || buf.includes(0x71)) { terminal.restore(); process.exit(0); }
  };
  terminal.attach({ readable, writable() {}, resized() { say(`<${terminal.columns}x${terminal.rows}>`); } });
  // Input comes to those who have asked for it.
  readable();
}

function tests(): void {
  const noScript = spawnSync('script', ['--version']).status === 0 ? false : 'no script(1) to make a terminal with';

  for (const how of ['exit', 'throw', 'term', 'kill']) {
    test(`terminal: settings are put back after ${how}`, { skip: noScript, timeout: 2 * LONG }, () => {
      // After SIGKILL somebody else puts them back, some time later.
      const soon = 'for i in $(seq 300); do [ "$(stty -g)" = "$was" ] && break; sleep 0.1; done';
      const out = inTerminal(`stty rows 33 cols 77; was=$(stty -g); echo $was; KSPACE_TERMINAL_CHILD=${how} "${process.execPath}" "${self}" 2>/dev/null; ${soon}; stty -g`);
      assert.match(out, /\[raw 77x33\]\n/, out); // a bare newline: output processing was off
      const settings = out.split(/\r?\n/).filter(l => /^[0-9a-f]+:[0-9a-f:]+$/.test(l.trim()));
      assert.equal(settings.length, 2, out);
      assert.equal(settings[0]!.trim(), settings[1]!.trim());
    });
  }

  test('terminal: every key arrives as it is, ^C and ^Z too, and a new size is told', { skip: noScript, timeout: LONG }, async () => {
    // The size changes when the keys have come back: a line on descriptor 3 says so.
    const command = `stty cols 80 rows 24; (read go <&3; stty cols 99 rows 44 </dev/tty) & KSPACE_TERMINAL_CHILD=echo "${process.execPath}" "${self}"`;
    const run = spawn('script', ['-qfec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] });
    let out = '', step = 0;
    const steps: [seen: string, act: () => void][] = [
      ['[raw', () => run.stdin!.write('\x03\x1a\x04\r')],
      ['031a040d;', () => (run.stdio[3] as Writable).end('go\n')],
      ['<99x44>', () => run.stdin!.write('q')],
    ];
    run.stdout!.on('data', (d: Buffer) => {
      out += d.toString('latin1');
      while (step < steps.length && out.includes(steps[step]![0])) steps[step++]![1]();
    });
    await new Promise(resolve => run.on('close', resolve));
    assert.match(out, /\[raw 80x24\]\n031a040d;(<99x24>)?<99x44>71;/, JSON.stringify(out));
  });
}

function inTerminal(command: string): string {
  return spawnSync('script', ['-qfec', command, '/dev/null'], { encoding: 'latin1', input: '', timeout: LONG, killSignal: 'SIGKILL' }).stdout;
}
