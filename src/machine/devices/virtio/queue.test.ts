// Hostile drivers: whatever lies in descriptors and rings, the device keeps to RAM, ends, and says that it needs a reset.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ram } from '../../machine.ts';
import { Rng } from '../../../lib/rng.ts';
import {
  DESC_F_INDIRECT, DESC_F_NEXT, DESC_F_WRITE, F_EVENT_IDX, F_VERSION_1, ID_ENTROPY, INTERRUPT_CONFIG, MMIO_DEVICE_FEATURES, MMIO_DEVICE_FEATURES_SEL,
  MMIO_DEVICE_ID, MMIO_DRIVER_FEATURES, MMIO_DRIVER_FEATURES_SEL, MMIO_INTERRUPT_ACK, MMIO_INTERRUPT_STATUS, MMIO_MAGIC_VALUE, MMIO_QUEUE_DESC_LOW,
  MMIO_QUEUE_DEVICE_LOW, MMIO_QUEUE_DRIVER_LOW, MMIO_QUEUE_NOTIFY, MMIO_QUEUE_NUM, MMIO_QUEUE_NUM_MAX, MMIO_QUEUE_READY, MMIO_QUEUE_SEL, MMIO_STATUS,
  MMIO_VERSION, STATUS_DRIVER_OK, STATUS_FEATURES_OK, STATUS_NEEDS_RESET, VIRTIO_MAGIC, passedEvent,
} from '../../registers.ts';
import { VirtioEntropy } from '../entropy.ts';

const DESC = 0x1000, AVAIL = 0x2000, USED = 0x3000, DATA = 0x4000, TABLE = 0x6000;
const SIZE = 8;
const RAM_BYTES = 0x10000;

interface Part { addr: number; length: number; flags: number; next?: number }

/** An entropy device and a driver that can be as rude as it likes. */
class Rig {
  readonly ram: Ram;
  readonly device: VirtioEntropy;
  level = false;
  #idx = 0;

  constructor(features = 0) {
    const buffer = new ArrayBuffer(RAM_BYTES);
    this.ram = {
      size: RAM_BYTES, firstFreePfn: 1, u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), i32: new Int32Array(buffer),
      u32: new Uint32Array(buffer), f64: new Float64Array(buffer),
    };
    this.device = new VirtioEntropy(this.ram, { set: l => { this.level = l; } }, { fill: b => { b.fill(0xab); } });
    this.start(features);
  }

  start(features: number): void {
    const w = (offset: number, value: number) => this.device.write32(offset, value);
    w(MMIO_STATUS, 0);
    w(MMIO_STATUS, 3);
    w(MMIO_DRIVER_FEATURES_SEL, 0);
    w(MMIO_DRIVER_FEATURES, features);
    w(MMIO_DRIVER_FEATURES_SEL, 1);
    w(MMIO_DRIVER_FEATURES, F_VERSION_1);
    w(MMIO_STATUS, 3 | STATUS_FEATURES_OK);
    w(MMIO_QUEUE_SEL, 0);
    w(MMIO_QUEUE_NUM, SIZE);
    w(MMIO_QUEUE_DESC_LOW, DESC);
    w(MMIO_QUEUE_DRIVER_LOW, AVAIL);
    w(MMIO_QUEUE_DEVICE_LOW, USED);
    w(MMIO_QUEUE_READY, 1);
    w(MMIO_STATUS, 3 | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
    this.#idx = 0;
    this.ram.u16[(AVAIL >>> 1) + 1] = 0;
  }

  describe(index: number, p: Part, table = DESC): void {
    const at = table + index * 16;
    this.ram.u32[at >>> 2] = p.addr;
    this.ram.u32[(at + 4) >>> 2] = Math.floor(p.addr / 2 ** 32);
    this.ram.u32[(at + 8) >>> 2] = p.length;
    this.ram.u16[(at + 12) >>> 1] = p.flags;
    this.ram.u16[(at + 14) >>> 1] = p.next ?? 0;
  }

  /** Makes descriptor `head` available and notifies. */
  offer(head: number): void {
    this.ram.u16[(AVAIL + 4 + 2 * (this.#idx % SIZE)) >>> 1] = head;
    this.ram.u16[(AVAIL >>> 1) + 1] = ++this.#idx;
    this.device.write32(MMIO_QUEUE_NOTIFY, 0);
  }

  get status(): number { return this.device.read32(MMIO_STATUS); }
  get needsReset(): boolean { return (this.status & STATUS_NEEDS_RESET) !== 0; }
  get used(): number { return this.ram.u16[(USED >>> 1) + 1]!; }
  usedElement(i: number): [id: number, length: number] { return [this.ram.u32[(USED + 4 + 8 * i) >>> 2]!, this.ram.u32[(USED + 8 + 8 * i) >>> 2]!]; }
}

test('a plain request is answered before the notifying store returns', () => {
  const r = new Rig();
  r.describe(3, { addr: DATA, length: 10, flags: DESC_F_WRITE | DESC_F_NEXT, next: 5 });
  r.describe(5, { addr: DATA + 100, length: 6, flags: DESC_F_WRITE });
  r.offer(3);
  assert.equal(r.used, 1);
  assert.deepEqual(r.usedElement(0), [3, 16]);
  assert.equal(r.ram.u8[DATA + 9], 0xab);
  assert.equal(r.ram.u8[DATA + 10], 0);
  assert.equal(r.ram.u8[DATA + 105], 0xab);
  assert.equal(r.level, true);
  r.device.write32(MMIO_INTERRUPT_ACK, r.device.read32(MMIO_INTERRUPT_STATUS));
  assert.equal(r.level, false);
});

test('an indirect table serves as well', () => {
  const r = new Rig();
  r.describe(0, { addr: DATA, length: 4, flags: DESC_F_WRITE | DESC_F_NEXT, next: 1 }, TABLE);
  r.describe(1, { addr: DATA + 8, length: 4, flags: DESC_F_WRITE }, TABLE);
  r.describe(2, { addr: TABLE, length: 32, flags: DESC_F_INDIRECT });
  r.offer(2);
  assert.deepEqual(r.usedElement(0), [2, 8]);
});

const HOSTILE: Record<string, (r: Rig) => void> = {
  'a head beyond the table': r => r.offer(SIZE),
  'a next beyond the table': r => { r.describe(0, { addr: DATA, length: 1, flags: DESC_F_NEXT, next: 99 }); r.offer(0); },
  'a loop': r => { r.describe(0, { addr: DATA, length: 1, flags: DESC_F_NEXT, next: 0 }); r.offer(0); },
  'a longer loop': r => {
    for (let i = 0; i < 3; i++) r.describe(i, { addr: DATA, length: 1, flags: DESC_F_NEXT | DESC_F_WRITE, next: (i + 1) % 3 });
    r.offer(0);
  },
  'a buffer that ends beyond RAM': r => { r.describe(0, { addr: RAM_BYTES - 4, length: 5, flags: DESC_F_WRITE }); r.offer(0); },
  'a buffer above 4 GiB': r => { r.describe(0, { addr: 2 ** 32 + DATA, length: 5, flags: DESC_F_WRITE }); r.offer(0); },
  'an address that overflows': r => { r.describe(0, { addr: 2 ** 64 - 4096, length: 0xffff_ffff, flags: DESC_F_WRITE }); r.offer(0); },
  'readable after writable': r => {
    r.describe(0, { addr: DATA, length: 1, flags: DESC_F_NEXT | DESC_F_WRITE, next: 1 });
    r.describe(1, { addr: DATA, length: 1, flags: 0 });
    r.offer(0);
  },
  'an indirect table in an indirect table': r => {
    r.describe(0, { addr: TABLE, length: 16, flags: DESC_F_INDIRECT }, TABLE);
    r.describe(0, { addr: TABLE, length: 16, flags: DESC_F_INDIRECT });
    r.offer(0);
  },
  'an indirect descriptor with a successor': r => { r.describe(0, { addr: TABLE, length: 16, flags: DESC_F_INDIRECT | DESC_F_NEXT, next: 1 }); r.offer(0); },
  'an indirect table of odd length': r => { r.describe(0, { addr: TABLE, length: 17, flags: DESC_F_INDIRECT }); r.offer(0); },
  'an empty indirect table': r => { r.describe(0, { addr: TABLE, length: 0, flags: DESC_F_INDIRECT }); r.offer(0); },
  'an available index that jumps': r => { r.ram.u16[(AVAIL >>> 1) + 1] = SIZE + 1; r.device.write32(MMIO_QUEUE_NOTIFY, 0); },
};

for (const [name, attack] of Object.entries(HOSTILE)) {
  test(`hostile driver: ${name}`, () => {
    const r = new Rig();
    attack(r);
    assert.equal(r.used, 0);
    assert.ok(r.needsReset);
    assert.ok((r.device.read32(MMIO_INTERRUPT_STATUS) & INTERRUPT_CONFIG) !== 0);
    // Deaf until the reset, well afterwards.
    r.describe(0, { addr: DATA, length: 4, flags: DESC_F_WRITE });
    r.offer(0);
    assert.equal(r.used, 0);
    r.start(0);
    assert.equal(r.needsReset, false);
    r.offer(0);
    assert.deepEqual(r.usedElement(0), [0, 4]);
  });
}

test('rings outside RAM or misaligned are refused', () => {
  for (const [register, value] of [[MMIO_QUEUE_DESC_LOW, RAM_BYTES - 16], [MMIO_QUEUE_DESC_LOW, DESC + 8], [MMIO_QUEUE_DRIVER_LOW, AVAIL + 1],
    [MMIO_QUEUE_DEVICE_LOW, RAM_BYTES - 8], [MMIO_QUEUE_DEVICE_LOW, USED + 2], [MMIO_QUEUE_NUM, 6], [MMIO_QUEUE_NUM, 4096], [MMIO_QUEUE_NUM, 0]] as const) {
    const r = new Rig();
    r.device.write32(MMIO_QUEUE_READY, 0);
    r.device.write32(register, value);
    r.device.write32(MMIO_QUEUE_READY, 1);
    assert.equal(r.device.read32(MMIO_QUEUE_READY), 0);
    assert.ok(r.needsReset);
  }
});

test('features: what was not offered, or no VERSION_1, is not accepted; nothing works before DRIVER_OK', () => {
  const r = new Rig();
  const w = (offset: number, value: number) => r.device.write32(offset, value);
  assert.equal(r.device.read32(MMIO_MAGIC_VALUE), VIRTIO_MAGIC);
  assert.equal(r.device.read32(MMIO_VERSION), 2);
  assert.equal(r.device.read32(MMIO_DEVICE_ID), ID_ENTROPY);
  w(MMIO_DEVICE_FEATURES_SEL, 1);
  assert.equal(r.device.read32(MMIO_DEVICE_FEATURES), F_VERSION_1);
  for (const [lo, hi] of [[1, F_VERSION_1], [0, 0], [0, F_VERSION_1 | 2]] as const) {
    w(MMIO_STATUS, 0);
    w(MMIO_DRIVER_FEATURES_SEL, 0);
    w(MMIO_DRIVER_FEATURES, lo);
    w(MMIO_DRIVER_FEATURES_SEL, 1);
    w(MMIO_DRIVER_FEATURES, hi);
    w(MMIO_STATUS, 3 | STATUS_FEATURES_OK);
    assert.equal(r.status & STATUS_FEATURES_OK, 0);
    w(MMIO_STATUS, 3 | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
    assert.equal(r.status & STATUS_DRIVER_OK, 0);
  }
  assert.equal(r.device.read32(MMIO_QUEUE_NUM_MAX), 8);
  w(MMIO_QUEUE_SEL, 77);
  assert.equal(r.device.read32(MMIO_QUEUE_NUM_MAX), 0);
  w(MMIO_QUEUE_READY, 1);
  w(MMIO_QUEUE_NOTIFY, 77);
});

test('event index: an interrupt only when the index asked for is passed', () => {
  assert.ok(passedEvent(5, 6, 5));
  assert.ok(!passedEvent(6, 6, 5));
  assert.ok(passedEvent(0xffff, 0, 0xffff));
  const r = new Rig(F_EVENT_IDX);
  r.describe(0, { addr: DATA, length: 4, flags: DESC_F_WRITE });
  r.ram.u16[(AVAIL + 4 + 2 * SIZE) >>> 1] = 1;
  r.offer(0);
  assert.equal(r.used, 1);
  assert.equal(r.level, false);
  r.offer(0);
  assert.equal(r.level, true);
  assert.equal(r.ram.u16[(USED + 4 + 8 * SIZE) >>> 1], 2, 'avail_event follows');
});

test('random rings never reach beyond RAM and never hang', () => {
  const rng = new Rng(7);
  for (let round = 0; round < 300; round++) {
    const r = new Rig(round % 2 === 0 ? 0 : F_EVENT_IDX);
    for (let i = 0; i < SIZE; i++) {
      r.describe(i, { addr: rng.below(4) === 0 ? rng.next() : rng.below(RAM_BYTES), length: rng.below(3) === 0 ? rng.next() : rng.below(4096), flags: rng.below(8), next: rng.below(SIZE + 1) });
    }
    for (let i = 0; i < 4; i++) r.offer(rng.below(SIZE + 2));
    assert.ok(r.used <= 4 || r.needsReset || r.used <= 0xffff);
  }
});
