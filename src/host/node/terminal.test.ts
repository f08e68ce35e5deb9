// This file is also the program under test: with KSPACE_TERMINAL_CHILD set it opens the terminal and does what the variable says.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EAGAIN } from '../../abi/errno.ts';
import { Terminal } from './terminal.ts';

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
  terminal.attach({
    readable() {
      const n = terminal.read(buf);
      if (n === EAGAIN) return;
      say(Buffer.from(buf.subarray(0, n)).toString('hex') + ';');
      if (n <= 0 || buf.includes(0x71)) { terminal.restore(); process.exit(0); }
    },
    writable() {},
    resized() { say(`<${terminal.columns}x${terminal.rows}>`); },
  });
}

function tests(): void {
  const noScript = spawnSync('script', ['--version']).status === 0 ? false : 'no script(1) to make a terminal with';

  for (const how of ['exit', 'throw', 'term', 'kill']) {
    test(`terminal: settings are put back after ${how}`, { skip: noScript, timeout: 20_000 }, () => {
      const out = inTerminal(`stty rows 33 cols 77; stty -g; KSPACE_TERMINAL_CHILD=${how} "${process.execPath}" "${self}" 2>/dev/null; sleep 0.3; stty -g`);
      assert.match(out, /\[raw 77x33\]\n/, out); // a bare newline: output processing was off
      const settings = out.split(/\r?\n/).filter(l => /^[0-9a-f]+:[0-9a-f:]+$/.test(l.trim()));
      assert.equal(settings.length, 2, out);
      assert.equal(settings[0]!.trim(), settings[1]!.trim());
    });
  }

  test('terminal: every key arrives as it is, ^C and ^Z too, and a new size is told', { skip: noScript, timeout: 20_000 }, async () => {
    const run = spawn('script', ['-qfec', `stty cols 80 rows 24; (sleep 0.6; stty cols 99 rows 44 </dev/tty) & KSPACE_TERMINAL_CHILD=echo "${process.execPath}" "${self}"`, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    let sent = false;
    run.stdout.on('data', (d: Buffer) => {
      out += d.toString('latin1');
      if (out.includes('<99x44>')) run.stdin.write('q');
      if (sent || !out.includes('[raw')) return;
      sent = true;
      run.stdin.write('\x03\x1a\x04\r');
    });
    await new Promise(resolve => run.on('close', resolve));
    assert.match(out, /\[raw 80x24\]\n031a040d;(<99x24>)?<99x44>71;/, JSON.stringify(out));
  });
}

function inTerminal(command: string): string {
  return spawnSync('script', ['-qfec', command, '/dev/null'], { encoding: 'latin1', input: '', timeout: 15_000, killSignal: 'SIGKILL' }).stdout;
}
