// The library with many processes at once: each has three streams of its own, and every stream is a port of the console device.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boot, GuestError, type Process } from '../../src/system/api.ts';
import { noImage } from '../cli/images.ts';

const skip = await noImage('busybox', ['busybox-static']);
const text = async (s: ReadableStream<Uint8Array>): Promise<string> => new Response(s).text();

test('two hundred processes with streams run side by side; nothing is left of any', { skip, timeout: 120_000 }, async () => {
  const machine = await boot({ memory: '256M' });
  const all = Array.from({ length: 200 }, (_, i) => machine.spawn(['sh', '-c', `read line; echo "$line"; echo error ${i} >&2; exit ${i % 100}`]));
  await Promise.all(all.map(async (p, i) => { // all of them wait for their line: none has ended before the last began
    const writer = p.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`line ${i}\n`));
    await writer.close();
  }));
  const results = await Promise.all(all.map(async p => ({ out: await text(p.stdout), err: await text(p.stderr), ...await p.status })));
  results.forEach((r, i) => assert.deepEqual(r, { out: `line ${i}\n`, err: `error ${i}\n`, code: i % 100, signal: null }));
  await machine.stop();
});

test('when no more streams can be had spawn says EAGAIN; what could not start gives its streams back', { skip, timeout: 120_000 }, async () => {
  const machine = await boot({ memory: '256M' });
  for (let i = 0; i < 400; i++) assert.throws(() => machine.spawn(['/no/such/program']), (e: unknown) => e instanceof GuestError && e.code === 'ENOENT');
  const sleepers: Process[] = [];
  assert.throws(() => {
    for (let i = 0; i < 400; i++) sleepers.push(machine.spawn(['sleep', '1000']));
  }, (e: unknown) => e instanceof GuestError && e.code === 'EAGAIN');
  assert.ok(sleepers.length > 300, String(sleepers.length));
  for (const p of sleepers) p.kill('SIGKILL');
  await Promise.all(sleepers.map(p => Promise.all([p.status, text(p.stdout), text(p.stderr)])));
  assert.equal((await machine.run(['echo', 'room again'])).stdout, 'room again\n');
  await machine.stop();
});
