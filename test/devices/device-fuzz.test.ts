// Drivers that write anything anywhere, against every device model: mutated queues, requests, registers and configuration. Nothing throws, nothing hangs, and no
// byte changes in memory that was not given to the device. KSPACE_DEVICE_FUZZ=100000 makes so many mutations of each; KSPACE_SEED other ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EIO, EPIPE } from '../../src/abi/errno.ts';
import type { BytePort, NetListener } from '../../src/host/host.ts';
import { MemoryDisk } from '../../src/host/memory-disk.ts';
import { memoryFs } from '../../src/host/memory-fs.ts';
import { Rng } from '../../src/lib/rng.ts';
import { VirtioBalloon } from '../../src/machine/devices/balloon.ts';
import { VirtioBlock } from '../../src/machine/devices/block.ts';
import { VirtioConsole } from '../../src/machine/devices/console.ts';
import { VirtioEntropy } from '../../src/machine/devices/entropy.ts';
import { VirtioFs } from '../../src/machine/devices/fs.ts';
import { GoldfishRtc } from '../../src/machine/devices/goldfish-rtc.ts';
import { VirtioGpu } from '../../src/machine/devices/gpu.ts';
import { VirtioInput } from '../../src/machine/devices/input.ts';
import { INPUT_DEVICES } from '../../src/machine/devices/input-kinds.ts';
import type { IrqLine, MmioDevice } from '../../src/machine/devices/mmio-bus.ts';
import { VirtioNet } from '../../src/machine/devices/net.ts';
import { Plic } from '../../src/machine/devices/plic.ts';
import { SlotController } from '../../src/machine/devices/slots.ts';
import type { Ram } from '../../src/machine/machine.ts';
import {
  DESC_F_INDIRECT, DESC_F_NEXT, DESC_F_WRITE, MMIO_CONFIG, MMIO_DEVICE_FEATURES, MMIO_DEVICE_FEATURES_SEL, MMIO_QUEUE_DESC_LOW, MMIO_QUEUE_DEVICE_LOW, MMIO_QUEUE_DRIVER_LOW,
  MMIO_QUEUE_NUM, MMIO_QUEUE_READY, MMIO_QUEUE_SEL, MMIO_STATUS, PLIC_SIZE, STATUS_NEEDS_RESET,
} from '../../src/machine/registers.ts';
import { AVAIL_AT, newRam, Rig, RIG_DATA, RINGS, USED_AT } from './rig.ts';

const MUTATIONS = Number(process.env['KSPACE_DEVICE_FUZZ'] ?? 3000);
const SEED = Number(process.env['KSPACE_SEED'] ?? 1);
/** What the device may touch ends here; everything behind is somebody else's. */
const RAM_BYTES = 1 << 18, GRANTED = 0x30000;
const CANARY = 0xc3;

interface Subject {
  readonly queues: number;
  make(ram: Ram, irq: IrqLine, rng: Rng): MmioDevice;
  /** The beginning of a request as a driver could have meant it. */
  request?(rng: Rng): readonly number[];
  /** Something happens at the host's end. */
  host?(device: MmioDevice, rng: Rng): void;
}

const word = (n: number): number[] => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24];
const long = (n: number): number[] => [...word(n), 0, 0, 0, 0];
const pick = <T>(rng: Rng, all: readonly T[]): T => all[rng.below(all.length)]!;
const bytes = (rng: Rng, count: number): number[] => Array.from({ length: count }, () => rng.below(256));

class DicePort implements BytePort {
  private readonly rng: Rng;
  constructor(rng: Rng) { this.rng = rng; }
  read(into: Uint8Array): number { return this.rng.below(3) === 0 ? pick(this.rng, [EAGAIN, 0, EIO]) : Math.min(into.length, 1 + this.rng.below(100)); }
  write(from: Uint8Array): number { return this.rng.below(3) === 0 ? pick(this.rng, [EAGAIN, EPIPE]) : Math.min(from.length, 1 + this.rng.below(100)); }
  close(): void {}
  attach(): void {}
}

/** FUSE opcodes that servers get, from LOOKUP to SYNCFS. */
const fuseRequest = (rng: Rng): number[] => [...word(40 + rng.below(60)), ...word(rng.below(52)), ...long(rng.below(50)), ...long(rng.below(6)), ...word(0), ...word(0), ...word(1), ...word(0),
  ...bytes(rng, 8), ...pick(rng, [[97, 0], [46, 46, 0], bytes(rng, 20), long(rng.below(8))])];
const gpuRequest = (rng: Rng): number[] => [...word(pick(rng, [0x100, 0x100, 0x300]) + rng.below(16)), ...word(rng.below(4)), ...bytes(rng, 8), ...word(0), ...word(0),
  ...Array.from({ length: 8 }, () => word(pick(rng, [0, 1, 2, 64, 640, 67, 0xffff_ffff, rng.next()]))).flat()];
const consoleRequest = (rng: Rng): number[] => [...word(rng.below(5)), rng.below(9), 0, rng.below(3), 0];
const netRequest = (rng: Rng): number[] => (rng.below(2) === 0 ? [rng.below(3), rng.below(3), ...word(rng.below(70)), ...bytes(rng, 12)] : [...Array.from({ length: 10 }, () => 0), ...bytes(rng, 30)]);
const blockRequest = (rng: Rng): number[] => [...word(pick(rng, [0, 1, 4, 8, 11, 13, 99])), ...word(0), ...long(rng.below(300)), ...long(rng.below(300)), ...word(rng.below(64)), ...word(rng.below(3))];

const SUBJECTS: Readonly<Record<string, Subject>> = {
  block: { queues: 1, make: (ram, irq) => new VirtioBlock(ram, irq, new MemoryDisk(1 << 17), 'fuzz'), request: blockRequest },
  entropy: { queues: 1, make: (ram, irq) => new VirtioEntropy(ram, irq, { fill: b => { b.fill(7); } }) },
  console: {
    queues: 8, request: consoleRequest,
    make: (ram, irq, rng) => {
      const device = new VirtioConsole(ram, irq, null);
      for (let i = 0; i < 3; i++) device.addPort('p', new DicePort(rng));
      return device;
    },
    host: (device, rng) => { if (rng.below(20) === 0) (device as VirtioConsole).addPort('q', new DicePort(rng)); },
  },
  fs: { queues: 2, make: (ram, irq) => new VirtioFs(ram, irq, 'fuzz', memoryFs({ '/a': 'hello', '/d/b': 'x'.repeat(5000) })), request: fuseRequest },
  net: {
    queues: 3, request: netRequest,
    make: (ram, irq) => new VirtioNet(ram, irq, { mac: new Uint8Array([2, 0, 0, 0, 0, 1]), mtu: 1500, isLinkUp: true, send: f => { assert.ok(f.length >= 14 && f.length <= 1518); }, attach: () => {}, close: () => {} }),
    host: (device, rng) => {
      const net = device as unknown as NetListener;
      net.received(new Uint8Array(rng.below(1600)).fill(rng.below(2) * 255));
      if (rng.below(50) === 0) net.linkChanged();
    },
  },
  gpu: { queues: 2, make: (ram, irq) => new VirtioGpu(ram, irq, { width: 64, height: 48 }), request: gpuRequest },
  input: {
    queues: 2, make: (ram, irq) => new VirtioInput(ram, irq, INPUT_DEVICES.keyboard),
    host: (device, rng) => {
      const input = device as VirtioInput;
      input.send(rng.below(5), rng.below(700), rng.below(3));
      input.send(1, 1 + rng.below(80), rng.below(3));
      if (rng.below(3) > 0) input.send(0, 0, 0);
    },
  },
  balloon: {
    queues: 3, make: (ram, irq) => new VirtioBalloon(ram, irq, 1000, 'strict'), request: rng => [...word(rng.below(1100)), ...word(rng.next())],
    host: (device, rng) => {
      const balloon = device as VirtioBalloon;
      balloon.target = rng.below(2000);
      balloon.askStats();
    },
  },
};

for (const [name, subject] of Object.entries(SUBJECTS)) {
  test(`${name}: ${MUTATIONS} mutated queues, requests and registers`, () => {
    const rng = new Rng(SEED);
    const ram = newRam(RAM_BYTES);
    ram.u8.fill(CANARY, GRANTED);
    const device = subject.make(ram, { set: () => {} }, rng);
    const driver = new HostileDriver(ram, device, subject, rng);
    for (let i = 0; i < MUTATIONS; i++) {
      driver.step();
      if (i % 500 === 499) checkCanary(ram, `mutation ${i}`);
    }
    checkCanary(ram, 'the end');
    assert.ok(driver.answered > MUTATIONS / 20, `only ${driver.answered} requests were answered`);
  });
}

function checkCanary(ram: Ram, when: string): void {
  for (let at = GRANTED; at < RAM_BYTES; at++) if (ram.u8[at] !== CANARY) assert.fail(`${when}: the byte at ${at.toString(16)} was written`);
}

class HostileDriver {
  answered = 0;
  private readonly rig: Rig;
  private readonly ram: Ram;
  private readonly device: MmioDevice;
  private readonly subject: Subject;
  private readonly rng: Rng;

  constructor(ram: Ram, device: MmioDevice, subject: Subject, rng: Rng) {
    this.rig = new Rig(ram, device, subject.queues);
    this.ram = ram;
    this.device = device;
    this.subject = subject;
    this.rng = rng;
    this.restart();
  }

  private odd(one: number): boolean { return this.rng.below(one) === 0; }

  /** With some of what the device offers. */
  private restart(): void {
    this.device.write32(MMIO_DEVICE_FEATURES_SEL, 0);
    const offered = this.device.read32(MMIO_DEVICE_FEATURES);
    this.rig.start(this.odd(3) ? (offered & this.rng.next()) >>> 0 : this.odd(30) ? this.rng.next() : offered);
  }

  /** A request that could be right, except where the dice say otherwise. */
  step(): void {
    const { rng, rig, device } = this;
    const q = rng.below(rig.queues);
    this.describe(q);
    if (rig.out(q) < rig.sizes[q]! || this.odd(20)) rig.offer(q, this.odd(60) ? rng.below(65536) : 0, this.odd(200) ? rng.below(100) : 1);
    device.write32(0x50, this.odd(40) ? rng.below(2100) : q);
    for (let i = 0; i < rig.queues; i++) while (rig.used(i) !== null) this.answered++;
    if (this.odd(2)) this.subject.host?.(device, rng);
    if (this.odd(25)) this.register();
    if (this.odd(10)) device.read32(rng.below(0x200) * 4);
    if ((device.read32(MMIO_STATUS) & STATUS_NEEDS_RESET) !== 0 || this.odd(80)) this.restart();
  }

  /** A chain from descriptor 0 on, of the queue's table or an indirect one; buffers are in granted memory, or nowhere. */
  private describe(q: number): void {
    const { rng, rig, ram } = this;
    const isIndirect = this.odd(4);
    const table = isIndirect ? RIG_DATA : rig.ring(q);
    const count = 1 + rng.below(4), outs = rng.below(count + 1);
    for (let i = 0; i < count; i++) {
      const at = table + 16 * i;
      const size = this.odd(30) ? rng.next() : pick(rng, [0, 1, 8, 16, 40, 80, 512, 2048, 4096]);
      const addr = this.odd(40) ? RAM_BYTES - rng.below(100) + (this.odd(2) ? 2 ** 40 : 0) : RIG_DATA + 0x1000 + 8 * rng.below(0x1000);
      // What would end in memory that was not granted is made to end beyond all memory: there no device may go.
      const length = addr + size <= GRANTED || addr + size > RAM_BYTES ? size : RAM_BYTES + 1 - addr + rng.below(1000);
      const isRead = i < outs;
      if (isRead && addr + length <= GRANTED) ram.u8.set((this.subject.request?.(rng) ?? bytes(rng, 16)).slice(0, length), addr);
      ram.u32.set([addr >>> 0, Math.floor(addr / 2 ** 32), length], at >>> 2);
      ram.u16[(at >>> 1) + 6] = this.odd(40) ? rng.below(8) : (isRead ? 0 : DESC_F_WRITE) | (i === count - 1 ? 0 : DESC_F_NEXT);
      ram.u16[(at >>> 1) + 7] = this.odd(40) ? rng.below(40) : i + 1;
    }
    if (!isIndirect) return;
    ram.u32.set([RIG_DATA, 0, this.odd(30) ? rng.below(400) : 16 * count], rig.ring(q) >>> 2);
    ram.u16[(rig.ring(q) >>> 1) + 6] = DESC_F_INDIRECT | (this.odd(40) ? DESC_F_NEXT : 0);
  }

  /** A store to any register. Rings may be moved, but not into memory that was not granted: that would be a driver's right. */
  private register(): void {
    const { device, rng } = this;
    const offset = this.odd(3) ? MMIO_CONFIG + 4 * rng.below(16) : 4 * rng.below(0x40);
    const isRing = offset >= MMIO_QUEUE_DESC_LOW && offset < 0xb0;
    const value = isRing ? pick(rng, [RINGS, RINGS + 1, RAM_BYTES - 4, RAM_BYTES, 0xffff_fff0, 0]) : pick(rng, [0, 1, 2, 15, 255, rng.next(), 0xffff_ffff]);
    device.write32(offset, value);
    if (!isRing || !this.odd(2)) return;
    // A queue is set up again, with one thing wrong.
    const q = rng.below(this.rig.queues), at = this.rig.ring(q), wrong = rng.below(4);
    const bad = pick(rng, [RAM_BYTES - 64, RAM_BYTES - 16, 0xffff_fff0, 5]);
    device.write32(MMIO_QUEUE_SEL, q);
    device.write32(MMIO_QUEUE_READY, 0);
    device.write32(MMIO_QUEUE_NUM, wrong === 0 ? pick(rng, [0, 3, 1024, 0xffff_ffff]) : this.rig.sizes[q]!);
    device.write32(MMIO_QUEUE_DESC_LOW, wrong === 1 ? bad : at);
    device.write32(MMIO_QUEUE_DRIVER_LOW, wrong === 2 ? bad : at + AVAIL_AT);
    device.write32(MMIO_QUEUE_DEVICE_LOW, wrong === 3 ? bad : at + USED_AT);
    device.write32(MMIO_QUEUE_READY, 1);
  }
}

test(`interrupt controller, clock, slots: ${MUTATIONS} mutated accesses`, () => {
  const rng = new Rng(SEED);
  const plic = new Plic();
  const lines = [1, 2, 3].map(n => plic.line(n));
  const slots = new SlotController(lines[2]!);
  const rtc = new GoldfishRtc({ monotonicNs: () => 5e9 }, 1000, 7);
  for (let i = 0; i < MUTATIONS; i++) {
    for (const [device, size] of [[plic, PLIC_SIZE], [rtc, 0x1000], [slots, 0x1000]] as const) {
      const offset = 4 * rng.below((rng.below(2) === 0 ? Math.min(size, 0x4000) : size) / 4);
      device.write32(offset, rng.next());
      const value = device.read32(offset);
      assert.ok(Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32, `${offset.toString(16)}: ${value}`);
    }
    lines[rng.below(2)]!.set(rng.below(2) === 0);
    if (rng.below(5) === 0) slots.changed(rng.below(40));
  }
  for (let i = 0; i < 100; i++) slots.read32(0);
  assert.equal(slots.read32(0), 0);
});
