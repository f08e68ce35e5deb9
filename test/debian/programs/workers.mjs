// Node: worker threads that share memory and messages, child processes, streams, timers, a local server, crypto, zlib, WebAssembly.
/* oxlint-disable unicorn/require-post-message-target-origin -- these messages go to threads, not to windows */
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { execFileSync, fork, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';

const self = new URL(import.meta.url);
if (process.argv[2] === 'child') {
  process.on('message', n => { process.exitCode = 9; process.send(n.map(x => x * 2), () => process.disconnect()); });
} else if (!isMainThread) {
  const cells = new Int32Array(workerData.shared);
  for (let i = 0; i < 1000; i++) Atomics.add(cells, 0, workerData.n);
  Atomics.add(cells, 1, 1);
  Atomics.notify(cells, 1);
  parentPort.once('message', m => parentPort.postMessage(`${workerData.n}:${m.length}`));
} else await main();

async function main() {
  const shared = new SharedArrayBuffer(8), cells = new Int32Array(shared);
  const workers = [1, 2, 3].map(n => new Worker(self, { workerData: { n, shared } }));
  const answers = workers.map(w => once(w, 'message')), exits = workers.map(async w => (await once(w, 'exit'))[0]);
  for (const w of workers) w.postMessage('x'.repeat(1000));
  console.log('workers', (await Promise.all(answers)).flat().join(' '), await Promise.all(exits), cells.join());

  const child = fork(self, ['child']);
  child.send([1, 2, 3]);
  const left = once(child, 'exit');
  console.log('fork', (await once(child, 'message'))[0], (await left)[0]);
  const sort = spawn('sort', ['-n']);
  sort.stdin.end('10\n9\n8\n');
  console.log('spawn', (await sort.stdout.toArray()).join('').split('\n'), execFileSync('sh', ['-c', 'echo $((6 * 7))'], { encoding: 'utf8' }));
  const sleeper = spawn('sleep', ['100']);
  sleeper.kill();
  console.log('kill', (await once(sleeper, 'exit')).join());

  const server = http.createServer((q, r) => r.end(`you asked for ${q.url}`)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  console.log('http', await (await fetch(`http://127.0.0.1:${server.address().port}/page`)).text());
  server.close();
  const text = 'kspace '.repeat(10_000);
  console.log('zlib', gunzipSync(gzipSync(text)).equals(Buffer.from(text)), createHash('sha256').update('abc').digest('hex').slice(0, 16));
  await fs.promises.writeFile('/tmp/file', text);
  let length = 0;
  for await (const chunk of fs.createReadStream('/tmp/file')) length += chunk.length;
  const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 109, 117, 108, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 108, 11]);
  console.log('files', length, (await WebAssembly.instantiate(wasm)).instance.exports.mul(6, 7));
  let fired = 0;
  const ticking = setInterval(() => { if (++fired === 3) { clearInterval(ticking); console.log('timers', fired); process.exit(3); } }, 5);
}
