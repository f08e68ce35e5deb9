// This file is also the program under test: with KSPACE_STDIO_CHILD set it copies or produces bytes through the ports.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EAGAIN, EPIPE } from '../../abi/errno.ts';
import { InputPort, OutputPort } from './stdio.ts';

const role = process.env['KSPACE_STDIO_CHILD'];
const self = fileURLToPath(import.meta.url);
const BIG = 5_000_000;

/** cat(1) with both kinds of backpressure, as a device would do it. */
function copy(): void {
  const input = new InputPort(() => process.stdin), output = new OutputPort(1);
  const buf = new Uint8Array(10_000);
  let held = buf.subarray(0, 0);
  const pump = (): void => {
    for (;;) {
      while (held.length > 0) {
        const n = output.write(held);
        if (n === EAGAIN) return;
        if (n < 0) process.exit(9);
        held = held.subarray(n);
      }
      const n = input.read(buf);
      if (n === EAGAIN) return;
      if (n <= 0) process.exit(n === 0 ? 0 : 8);
      held = buf.subarray(0, n);
    }
  };
  const listener = { readable: pump, writable: pump, resized() {} };
  output.attach(listener);
  input.attach(listener);
  pump();
}

function produce(): void {
  const output = new OutputPort(1);
  for (let i = 0; i < BIG / 1000; i++) if (output.write(Buffer.alloc(1000, i)) === EPIPE) process.exit(141);
  process.exit(0);
}

const sha = (b: Uint8Array) => createHash('sha256').update(b).digest('hex');
const env = (r: string) => ({ ...process.env, KSPACE_STDIO_CHILD: r });

function tests(): void {
  const data = Buffer.alloc(BIG, 'the quick brown fox\n');

  test('stdio: five megabytes through pipes arrive complete, a slow reader included', { timeout: 30_000 }, async () => {
    const child = spawn(process.execPath, [self], { env: env('copy'), stdio: ['pipe', 'pipe', 'inherit'] });
    const hash = createHash('sha256');
    child.stdout.on('data', (d: Buffer) => {
      hash.update(d);
      child.stdout.pause();
      setTimeout(() => child.stdout.resume(), 1);
    });
    child.stdin.end(data);
    const [status] = await new Promise<number[]>(r => child.on('close', (...a) => r(a as number[])));
    assert.equal(status, 0);
    assert.equal(hash.digest('hex'), sha(data));
  });

  test('stdio: files, closed input and a closed reader', { timeout: 30_000 }, t => {
    const dir = mkdtempSync(join(tmpdir(), 'kspace-stdio-'));
    t.after(() => rmSync(dir, { recursive: true }));
    writeFileSync(join(dir, 'in'), data);
    const fd = openSync(join(dir, 'in'), 'r');
    const r = spawnSync(process.execPath, [self], { env: env('copy'), stdio: [fd, 'pipe', 'inherit'], maxBuffer: 2 * BIG });
    closeSync(fd);
    assert.deepEqual([r.status, sha(r.stdout)], [0, sha(data)]);
    const sh = (script: string) => spawnSync('sh', ['-c', script, 'sh', process.execPath, self], { encoding: 'utf8' }).stdout;
    assert.equal(sh('KSPACE_STDIO_CHILD=copy "$1" "$2" <&-; echo $?'), '0\n');
    assert.equal(sh('exec 3>&1; { KSPACE_STDIO_CHILD=produce "$1" "$2"; echo $? >&3; } | head -c 10 >/dev/null'), '141\n');
  });
}

if (role === 'copy') copy();
else if (role === 'produce') produce();
else tests();
