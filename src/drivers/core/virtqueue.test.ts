// The driver's queue against devices that lie, and over many turns of the rings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErr } from '../../abi/errno.ts';
import { KIND_KERNEL } from '../../kernel/mm/frame-kinds.ts';
import { Frames } from '../../kernel/mm/frames.ts';
import { FakeRam } from '../../kernel/mm/test-util.ts';
import { type Machine, PAGE_SIZE } from '../../machine/machine.ts';
import { MMIO_QUEUE_DESC_LOW, MMIO_QUEUE_DEVICE_LOW, MMIO_QUEUE_DRIVER_LOW, MMIO_QUEUE_NOTIFY, MMIO_QUEUE_NUM, MMIO_QUEUE_NUM_MAX } from '../../machine/registers.ts';
import { DeviceQueue, Chain } from '../../machine/devices/virtio/queue.ts';
import type { DevicePort } from './core.ts';
import { VirtioMmio } from './virtio.ts';
import { VirtQueue } from './virtqueue.ts';

class Rig {
  readonly ram = new FakeRam(1 << 20);
  readonly device: DeviceQueue;
  readonly queue: VirtQueue;
  notified = 0;

  constructor(features = 0) {
    this.device = new DeviceQueue(this.ram, 8);
    const machine = { ram: this.ram, harts: [] } as unknown as Machine;
    const frames = new Frames(machine);
    const platform = {
      memory: this.ram, allocDma: (order: number) => frames.allocBlock(KIND_KERNEL, order) * PAGE_SIZE,
      read32: (offset: number) => (offset === MMIO_QUEUE_NUM_MAX ? 8 : 0),
      write32: (offset: number, value: number) => {
        if (offset === MMIO_QUEUE_NUM) this.device.size = value;
        if (offset === MMIO_QUEUE_DESC_LOW) this.device.desc = value;
        if (offset === MMIO_QUEUE_DRIVER_LOW) this.device.avail = value;
        if (offset === MMIO_QUEUE_DEVICE_LOW) this.device.used = value;
        if (offset === MMIO_QUEUE_NOTIFY) this.notified++;
      },
    } as unknown as DevicePort;
    const virtio = new VirtioMmio(platform);
    virtio.features = features;
    const queue = VirtQueue.create(virtio, 0, 8);
    assert.ok(!isErr(queue));
    this.queue = queue;
    assert.ok(this.device.enable());
  }

  request(token: number, parts = 2): void {
    for (let i = 0; i < parts; i++) this.queue.add(0x8_0000 + i * 64, 64, i === 0 ? 'out' : 'in');
    this.queue.submit(token);
  }

  /** Writes a used element past the device's own rules. */
  forge(id: number, length: number): void {
    const { u16, u32 } = this.ram;
    const idx = u16[(this.device.used + 2) >>> 1]!;
    const at = (this.device.used + 4 + 8 * (idx & 7)) >>> 2;
    u32[at] = id;
    u32[at + 1] = length;
    u16[(this.device.used + 2) >>> 1] = idx + 1;
  }
}

test('200000 requests of changing shape, answered out of order', () => {
  const r = new Rig();
  const a = new Chain(), b = new Chain();
  for (let i = 0; i < 100_000; i++) {
    r.request(i & 0xff, 1 + (i % 3));
    r.request((i + 1) & 0xff, 2);
    assert.ok(r.device.pop(a) && r.device.pop(b));
    r.device.push(b.head, 5);
    r.device.push(a.head, 0);
    assert.equal(r.queue.poll(), (i + 1) & 0xff);
    assert.equal(r.queue.usedLength, 5);
    assert.equal(r.queue.poll(), i & 0xff);
    assert.equal(r.queue.poll(), -1);
  }
  assert.equal(r.queue.freeCount, 8);
});

test('used elements that make no sense are dropped, lengths are cut to what was asked', () => {
  const r = new Rig();
  r.request(1);
  r.request(2);
  const c = new Chain();
  r.device.pop(c);
  r.forge(99, 1);            // no such descriptor
  r.forge(0xffff_ffff, 1);
  r.forge(1, 1);             // the middle of a chain
  r.forge(c.head, 0xffff_ffff);
  assert.equal(r.queue.poll(), 1);
  assert.equal(r.queue.usedLength, 64);
  assert.equal(r.queue.badUsed, 3);
  r.forge(c.head, 4);        // a second time
  assert.equal(r.queue.poll(), -1);
  assert.equal(r.queue.badUsed, 4);
  assert.equal(r.queue.freeCount, 6);
});

test('a device that scribbles over the descriptors cannot lead the driver astray', () => {
  const r = new Rig();
  r.request(1, 3);
  const c = new Chain();
  r.device.pop(c);
  for (let i = 0; i < 8; i++) {
    r.ram.u16[(r.device.desc + 16 * i + 12) >>> 1] = 1;        // every descriptor claims a successor
    r.ram.u16[(r.device.desc + 16 * i + 14) >>> 1] = 0xfff0;   // far away
  }
  r.forge(c.head, 1);
  assert.equal(r.queue.poll(), 1);
  assert.equal(r.queue.freeCount, 8);
  r.request(2, 8);
  assert.ok(r.device.pop(c));
  assert.equal(c.readAddr.length + c.writeAddr.length, 8);
});
