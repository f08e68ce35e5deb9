// The library for browsers with isolated drivers: workers are started ahead, a driver whose worker died gets another, and a page that cannot is told so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { CoreLink } from '../../src/drivers/placement/link.ts';
import { IsolatePool, type WorkerLike } from '../../src/host/isolate-pool.ts';
import { memoryFs } from '../../src/host/memory-fs.ts';
import { boot } from '../../src/system/browser/api.ts';
import { workerModule } from '../../src/system/node/isolates.ts';

/** A DOM Worker's face on a thread. */
class PageWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  readonly thread = new Worker(workerModule('page-worker'));
  constructor() {
    this.thread.unref();
    this.thread.on('message', data => this.onmessage?.({ data }));
    this.thread.on('error', e => this.onerror?.({ message: e.message }));
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin.
  postMessage(message: unknown): void { this.thread.postMessage(message); }
  terminate(): void { void this.thread.terminate(); }
}

test('a machine in a page: all drivers in workers, and one that dies gets another', async () => {
  const made: PageWorker[] = [];
  const machine = await boot({
    root: memoryFs({ '/etc/motd': 'hello', '/tmp': { directory: true, mode: 0o1777 } }), drivers: 'hybrid',
    driverWorker: () => made[made.push(new PageWorker()) - 1]!,
  });
  try {
    assert.equal(machine.readTextFile('/etc/motd'), 'hello');
    const links = machine.computer.kernel.hardware!.devices.flatMap(d => (d.handler instanceof CoreLink ? [d.handler] : []));
    assert.ok(links.length >= 3 && links.every(l => l.placement === 'isolated' && l.state === 'up'));
    assert.equal(made.length, 8 + links.length);
    const fs = links.find(l => l.front.name === 'virtio-fs')!;
    fs.broken('by the test');
    fs.irq();
    assert.equal(fs.state, 'down');
    const { timers } = machine.computer.kernel;
    timers.run(timers.nextDeadline);
    assert.equal(fs.state, 'up');
    assert.equal(machine.readTextFile('/etc/motd'), 'hello');
  } finally {
    await machine.stop();
  }
});

test('isolated drivers in a page need a worker to run in, and shared memory', async () => {
  await assert.rejects(boot({ root: memoryFs({}), drivers: 'hybrid' }), /driverWorker/);
  Object.defineProperty(globalThis, 'crossOriginIsolated', { value: false, configurable: true });
  try {
    await assert.rejects(IsolatePool.create(() => new PageWorker(), [], 1), /cross-origin isolated/);
  } finally {
    Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
  }
});
