// kspace in a realm of its own: a worker thread, hardened, beside a program that stays as it is. Run it with: node examples/own-worker.mjs
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.on('message', text => {
    console.log(`worker: ${text}`);
    console.log(`this program: hardened ${Object.isFrozen(Array.prototype)}`);
  });
} else {
  const { boot } = await import('kspace');
  const machine = await boot({ hardening: 'realm', memory: '64M' });
  const { stdout } = await machine.run('echo hello from the guest');
  await machine.stop();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort.postMessage(`hardened ${Object.isFrozen(Array.prototype)}, ${stdout.trim()}`);
}
