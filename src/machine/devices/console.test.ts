// The console device against hostile drivers: random rings and control messages; and the interrupt controller and clocks beside it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondsOf } from '../../drivers/goldfish-rtc.ts';
import { EAGAIN } from '../../abi/errno.ts';
import type { BytePort } from '../../host/host.ts';
import { Rng } from '../../lib/rng.ts';
import type { Hart, Ram } from '../machine.ts';
import {
  CONSOLE_CONTROL_RX, CONSOLE_CONTROL_TX, CONSOLE_F_MULTIPORT, F_VERSION_1, MMIO_DRIVER_FEATURES, MMIO_DRIVER_FEATURES_SEL, MMIO_QUEUE_DESC_LOW,
  MMIO_QUEUE_DEVICE_LOW, MMIO_QUEUE_DRIVER_LOW, MMIO_QUEUE_NOTIFY, MMIO_QUEUE_NUM, MMIO_QUEUE_READY, MMIO_QUEUE_SEL, MMIO_STATUS, PLIC_CLAIM, PLIC_CONTEXT,
  PLIC_ENABLE, PLIC_PENDING, PLIC_PRIORITY, PLIC_THRESHOLD, RTC_TIME_HIGH, RTC_TIME_LOW, STATUS_NEEDS_RESET,
} from '../registers.ts';
import { VirtualClock, HostBackedClock } from './clock.ts';
import { MAX_PORTS, VirtioConsole } from './console.ts';
import { GoldfishRtc } from './goldfish-rtc.ts';
import { Plic } from './plic.ts';

const RAM_BYTES = 1 << 20;
const QUEUE_BYTES = 0x800;

function newRam(): Ram {
  const b = new ArrayBuffer(RAM_BYTES);
  return {
    size: RAM_BYTES, firstFreePfn: 1, u8: new Uint8Array(b), u16: new Uint16Array(b), i32: new Int32Array(b), u32: new Uint32Array(b), f64: new Float64Array(b),
  };
}

class Sink implements BytePort {
  closed = 0;
  readonly #rng: Rng;
  constructor(rng: Rng) { this.#rng = rng; }
  read(into: Uint8Array): number { return this.#rng.below(3) === 0 ? EAGAIN : Math.min(into.length, this.#rng.below(100)); }
  write(bytes: Uint8Array): number { return this.#rng.below(3) === 0 ? EAGAIN : Math.min(bytes.length, 1 + this.#rng.below(50)); }
  close(): void { this.closed++; }
  attach(): void {}
}

test('random control messages and buffers: no throw, no hang, bounded memory', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const rng = new Rng(seed);
    const ram = newRam();
    const device = new VirtioConsole(ram, { set: () => {} }, null);
    const w = (offset: number, value: number) => device.write32(offset, value);
    w(MMIO_STATUS, 3);
    w(MMIO_DRIVER_FEATURES, CONSOLE_F_MULTIPORT);
    w(MMIO_DRIVER_FEATURES_SEL, 1);
    w(MMIO_DRIVER_FEATURES, F_VERSION_1);
    w(MMIO_STATUS, 11);
    for (let q = 0; q < 8; q++) {
      w(MMIO_QUEUE_SEL, q);
      w(MMIO_QUEUE_NUM, 16);
      w(MMIO_QUEUE_DESC_LOW, 0x1000 + q * QUEUE_BYTES);
      w(MMIO_QUEUE_DRIVER_LOW, 0x1100 + q * QUEUE_BYTES);
      w(MMIO_QUEUE_DEVICE_LOW, 0x1200 + q * QUEUE_BYTES);
      w(MMIO_QUEUE_READY, 1);
    }
    w(MMIO_STATUS, 15);
    const ports = Array.from({ length: 2 }, () => new Sink(rng));
    for (const p of ports) device.addPort('p', p);
    const idx = new Uint16Array(8);
    for (let round = 0; round < 3000 && (device.read32(MMIO_STATUS) & STATUS_NEEDS_RESET) === 0; round++) {
      const q = rng.below(8);
      const desc = 0x1000 + q * QUEUE_BYTES, i = rng.below(16), data = 0x8000 + rng.below(0x1000) * 8;
      ram.u32[desc / 4 + 4 * i] = data;
      ram.u32[desc / 4 + 4 * i + 2] = q === CONSOLE_CONTROL_TX ? 8 : 1 + rng.below(300);
      ram.u16[desc / 2 + 8 * i + 6] = q === CONSOLE_CONTROL_RX || (q % 2 === 0) ? 2 : 0;
      if (q === CONSOLE_CONTROL_TX) {
        ram.u32[data / 4] = rng.below(4) === 0 ? rng.next() : rng.below(4);
        ram.u16[data / 2 + 2] = rng.below(9);
        ram.u16[data / 2 + 3] = rng.below(3);
      }
      const avail = 0x1100 + q * QUEUE_BYTES;
      ram.u16[avail / 2 + 2 + (idx[q]! % 16)] = i;
      idx[q]!++;
      // At most 16 requests may be out.
      if (((idx[q]! - ram.u16[(0x1200 + q * QUEUE_BYTES) / 2 + 1]!) & 0xffff) <= 16) ram.u16[avail / 2 + 1] = idx[q]!;
      else idx[q]!--;
      w(MMIO_QUEUE_NOTIFY, q);
    }
    assert.ok(ports.every(p => p.closed <= 1));
  }
});

test('a driver that asks on without giving buffers is told to reset', () => {
  const ram = newRam();
  const device = new VirtioConsole(ram, { set: () => {} }, null);
  for (const [at, value] of [[MMIO_STATUS, 3], [MMIO_DRIVER_FEATURES_SEL, 1], [MMIO_DRIVER_FEATURES, F_VERSION_1], [MMIO_STATUS, 11], [MMIO_QUEUE_SEL, CONSOLE_CONTROL_TX],
    [MMIO_QUEUE_NUM, 16], [MMIO_QUEUE_DESC_LOW, 0x1000], [MMIO_QUEUE_DRIVER_LOW, 0x2000], [MMIO_QUEUE_DEVICE_LOW, 0x3000], [MMIO_QUEUE_READY, 1], [MMIO_STATUS, 15]] as const) {
    device.write32(at, value);
  }
  device.addPort('p', new Sink(new Rng(1)));
  ram.u32[0x1000 / 4] = 0x4000;
  ram.u32[0x1000 / 4 + 2] = 8;
  ram.u32[0x4000 / 4] = 1;
  ram.u16[0x4000 / 2 + 2] = 3;
  ram.u16[0x4000 / 2 + 3] = 1;
  for (let i = 1; i < 8 * MAX_PORTS; i++) {
    ram.u16[0x2000 / 2 + 1] = i;
    device.write32(MMIO_QUEUE_NOTIFY, CONSOLE_CONTROL_TX);
  }
  assert.ok((device.read32(MMIO_STATUS) & STATUS_NEEDS_RESET) !== 0);
});

test('PLIC: priorities, enables, threshold, claim and completion', () => {
  const plic = new Plic();
  const claim = PLIC_CONTEXT + PLIC_CLAIM;
  const a = plic.line(3), b = plic.line(40);
  a.set(true);
  assert.equal(plic.interruptPending, false);
  plic.write32(PLIC_PRIORITY + 4 * 3, 1);
  plic.write32(PLIC_PRIORITY + 4 * 40, 2);
  plic.write32(PLIC_ENABLE, 1 << 3);
  assert.equal(plic.interruptPending, true);
  assert.equal(plic.read32(PLIC_PENDING), 1 << 3);
  plic.write32(PLIC_ENABLE + 4, 1 << 8);
  b.set(true);
  assert.equal(plic.read32(claim), 40);
  assert.equal(plic.read32(claim), 3);
  assert.equal(plic.read32(claim), 0);
  assert.equal(plic.interruptPending, false);
  plic.write32(claim, 40);
  assert.equal(plic.interruptPending, true, 'its line is still high');
  b.set(false);
  a.set(false);
  plic.write32(claim, 3);
  assert.equal(plic.interruptPending, false);
  plic.write32(PLIC_CONTEXT + PLIC_THRESHOLD, 1);
  a.set(true);
  assert.equal(plic.interruptPending, false);
  plic.write32(PLIC_CONTEXT + PLIC_THRESHOLD, 0);
  assert.equal(plic.read32(claim), 3);
  plic.write32(claim, 9999);
});

test('clocks: the wall clock keeps every nanosecond, virtual time is instructions and skips', () => {
  let ns = 0;
  const rtc = new GoldfishRtc({ monotonicNs: () => ns }, 1_767_225_600, 999_999_999);
  for (const t of [0, 1, 2, 123_456_789_012, 2 ** 52]) {
    ns = t;
    const low = rtc.read32(RTC_TIME_LOW);
    const { sec, nsec } = secondsOf(rtc.read32(RTC_TIME_HIGH), low);
    const exact = 1_767_225_600_999_999_999n + BigInt(t);
    assert.deepEqual([BigInt(sec), BigInt(nsec)], [exact / 1_000_000_000n, exact % 1_000_000_000n]);
  }
  const hart = { instret: 0, ecalls: 0 };
  const virtual = new VirtualClock();
  virtual.follow(hart as Hart);
  hart.instret = 500;
  assert.equal(virtual.monotonicNs(), 500);
  virtual.skipTo(10_000.5);
  assert.equal(virtual.monotonicNs(), 10_001);
  virtual.skipTo(3);
  virtual.skipTo(Infinity);
  hart.instret = 501;
  assert.equal(virtual.monotonicNs(), 10_002);
  let now = 100;
  const backed = new HostBackedClock({ nowNs: () => now, bootSec: 0, bootNsec: 0 });
  assert.equal(backed.monotonicNs(), 100);
  now = 50;
  assert.equal(backed.monotonicNs(), 100);
});
