// Nobody trusts anybody: the block device against drivers that write anything into rings and registers, and the driver against a device whose registers and
// rings say anything. 100,000 mutated states: nothing throws, nothing hangs, memory that was not given away is not touched, and all of it comes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, isErr } from '../../src/abi/errno.ts';
import { AT_FDCWD, O_RDWR } from '../../src/abi/fcntl.ts';
import { probeDevices } from '../../src/drivers/probe.ts';
import { DevtmpfsType } from '../../src/fs/devtmpfs/devtmpfs.ts';
import { TmpfsSuperBlock } from '../../src/fs/tmpfs/super.ts';
import type { DiskBackend } from '../../src/host/host.ts';
import { MemoryDisk } from '../../src/host/memory-disk.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { KIND_KERNEL } from '../../src/kernel/mm/frame-kinds.ts';
import { adoptRoot, createInit } from '../../src/kernel/task/init.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { makeDirectory } from '../../src/kernel/vfs/make.ts';
import { Path } from '../../src/kernel/vfs/mount.ts';
import { openAt } from '../../src/kernel/vfs/open.ts';
import { Rng } from '../../src/lib/rng.ts';
import { type Board, createBoard } from '../../src/machine/board.ts';
import { VirtioBlock } from '../../src/machine/devices/block.ts';
import { createHart } from '../../src/machine/hart/hart.ts';
import type { Bus, Machine, Ram } from '../../src/machine/machine.ts';
import { createRam } from '../../src/machine/ram.ts';
import {
  BLK_T_DISCARD, BLK_T_FLUSH, BLK_T_GET_ID, BLK_T_IN, BLK_T_OUT, BLK_T_WRITE_ZEROES, DESC_F_INDIRECT, DESC_F_NEXT, DESC_F_WRITE, F_EVENT_IDX, F_INDIRECT_DESC,
  F_VERSION_1, MMIO_DRIVER_FEATURES, MMIO_DRIVER_FEATURES_SEL, MMIO_QUEUE_DESC_LOW, MMIO_QUEUE_DEVICE_LOW, MMIO_QUEUE_DRIVER_LOW, MMIO_QUEUE_NOTIFY,
  MMIO_QUEUE_NUM, MMIO_QUEUE_READY, MMIO_STATUS, STATUS_NEEDS_RESET,
} from '../../src/machine/registers.ts';
import { mountAt } from '../../src/system/mounts.ts';

/** Complains about everything that a disk should never be asked. */
class StrictDisk implements DiskBackend {
  readonly size = 1 << 20;
  readonly access = 'read-write';
  private readonly rng: Rng;
  calls = 0;
  constructor(rng: Rng) { this.rng = rng; }
  private check(offset: number, length: number): number {
    assert.ok(Number.isInteger(offset) && offset >= 0 && offset % 512 === 0 && length % 512 === 0 && offset + length <= this.size, `${offset}+${length}`);
    this.calls++;
    return this.rng.below(20) === 0 ? EAGAIN : 0;
  }
  read(offset: number, into: Uint8Array): number {
    const r = this.check(offset, into.length);
    if (r === 0) into.fill(0x5a);
    return r;
  }
  write(offset: number, from: Uint8Array): number { return this.check(offset, from.length); }
  flush(): number { return this.check(0, 0); }
  discard(offset: number, length: number): number { return this.check(offset, length); }
  zero(offset: number, length: number): number { return this.check(offset, length); }
  attach(): void {}
  close(): void {}
}

const RAM_BYTES = 1 << 17, DESC = 0x1000, AVAIL = 0x2000, USED = 0x3000, TABLE = 0x4000, DATA = 0x6000, DATA_END = 0x10000, SIZE = 16;

function newRam(): Ram {
  const b = new ArrayBuffer(RAM_BYTES);
  return {
    size: RAM_BYTES, firstFreePfn: 1, u8: new Uint8Array(b), u16: new Uint16Array(b), i32: new Int32Array(b), u32: new Uint32Array(b), f64: new Float64Array(b),
  };
}

const TYPES = [BLK_T_IN, BLK_T_OUT, BLK_T_FLUSH, BLK_T_GET_ID, BLK_T_DISCARD, BLK_T_WRITE_ZEROES, 99];

class HostileDriver {
  readonly ram = newRam();
  readonly rng: Rng;
  readonly device: VirtioBlock;
  readonly disk: StrictDisk;
  private idx = 0;

  constructor(seed: number) {
    this.rng = new Rng(seed);
    this.disk = new StrictDisk(this.rng);
    this.device = new VirtioBlock(this.ram, { set: () => {} }, this.disk, 'fuzz');
    this.start();
  }

  start(): void {
    const w = (at: number, value: number) => this.device.write32(at, value);
    w(MMIO_STATUS, 0);
    w(MMIO_STATUS, 3);
    w(MMIO_DRIVER_FEATURES, F_INDIRECT_DESC | (this.rng.below(2) === 0 ? F_EVENT_IDX : 0));
    w(MMIO_DRIVER_FEATURES_SEL, 1);
    w(MMIO_DRIVER_FEATURES, F_VERSION_1);
    w(MMIO_STATUS, 11);
    w(MMIO_QUEUE_NUM, SIZE);
    w(MMIO_QUEUE_DESC_LOW, DESC);
    w(MMIO_QUEUE_DRIVER_LOW, AVAIL);
    w(MMIO_QUEUE_DEVICE_LOW, USED);
    w(MMIO_QUEUE_READY, 1);
    w(MMIO_STATUS, 15);
    this.idx = 0;
    this.ram.u16[(AVAIL >>> 1) + 1] = 0;
    this.ram.u16[(USED >>> 1) + 1] = 0;
  }

  /** A request that is right, except where the dice say otherwise. Buffers are in the data pages, or outside of RAM. */
  step(): void {
    const { ram, rng } = this;
    const odd = (one: number): boolean => rng.below(one) === 0;
    const indirect = odd(3);
    const table = indirect ? TABLE : DESC;
    const count = 2 + rng.below(4);
    const type = TYPES[rng.below(TYPES.length)]!;
    const header = DATA + 16 * rng.below(64);
    ram.u32.set([odd(30) ? rng.next() : type, 0, odd(20) ? rng.next() : rng.below(3000), odd(40) ? rng.next() : 0], header >>> 2);
    for (let i = 0; i < count; i++) {
      const isLast = i === count - 1;
      const length = odd(25) ? rng.next() : i === 0 ? (odd(15) ? rng.below(40) : 16) : isLast ? 1 + (odd(8) ? rng.below(600) : 0) : odd(5) ? rng.below(5000) : 512 * (1 + rng.below(6));
      const addr = odd(40) ? RAM_BYTES - rng.below(100) + (odd(2) ? 2 ** 40 : 0) : i === 0 ? header : DATA + 0x1000 + rng.below(0x6000);
      const ok = addr + length <= DATA_END || addr + length > RAM_BYTES;
      const at = table + 16 * i;
      ram.u32[at >>> 2] = addr >>> 0;
      ram.u32[(at >>> 2) + 1] = Math.floor(addr / 2 ** 32);
      ram.u32[(at >>> 2) + 2] = ok ? length : 512;
      const writes = isLast || (i > 0 && type !== BLK_T_OUT && type !== BLK_T_DISCARD && type !== BLK_T_WRITE_ZEROES);
      ram.u16[(at >>> 1) + 6] = odd(40) ? rng.below(8) : (writes ? DESC_F_WRITE : 0) | (isLast ? 0 : DESC_F_NEXT);
      ram.u16[(at >>> 1) + 7] = odd(40) ? rng.below(40) : i + 1;
    }
    if (indirect) {
      ram.u32.set([TABLE, 0, odd(30) ? rng.below(400) : 16 * count], DESC >>> 2);
      ram.u16[(DESC >>> 1) + 6] = DESC_F_INDIRECT | (odd(40) ? DESC_F_NEXT : 0);
    }
    ram.u16[(AVAIL >>> 1) + 2 + this.idx % SIZE] = odd(60) ? rng.below(65536) : 0;
    this.idx = (this.idx + (odd(200) ? rng.below(100) : 1)) & 0xffff;
    ram.u16[(AVAIL >>> 1) + 1] = this.idx;
    this.device.write32(MMIO_QUEUE_NOTIFY, odd(50) ? rng.below(9) : 0);
    if (odd(3)) this.device.ready();
    if (odd(60)) this.device.write32(rng.below(0x80) * 4, rng.next());
    if (odd(20)) this.device.read32(rng.below(0x80) * 4);
    if ((this.device.read32(MMIO_STATUS) & STATUS_NEEDS_RESET) !== 0 || odd(100)) this.start();
  }
}

test('60,000 mutated requests and registers: the device asks its disk nothing wrong, and writes nowhere but where it may', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const d = new HostileDriver(seed);
    // Ring registers written by the fuzz may move the rings, but never what lies beyond the data pages and below the rings.
    d.ram.u8.fill(0xc3, DATA_END);
    let moved = false;
    for (let i = 0; i < 5000; i++) d.step();
    for (let at = DATA_END; at < RAM_BYTES && !moved; at++) if (d.ram.u8[at] !== 0xc3) moved = true;
    assert.equal(moved, false);
    assert.ok(d.disk.calls > 500, `${d.disk.calls}`);
  }
});

/** Between kernel and board: while armed, registers read as anything, stores get lost, rings are scribbled over after each notification. */
class EvilBus implements Bus {
  odds = 0;
  private readonly board: Board;
  private readonly rng: Rng;
  private readonly rings: number[] = [];
  private readonly from: number;

  constructor(board: Board, rng: Rng, from: number) {
    this.board = board;
    this.rng = rng;
    this.from = from;
  }
  private odd(): boolean { return this.odds > 0 && this.rng.below(this.odds) === 0; }

  read32(paddr: number): number {
    const value = this.board.bus.read32(paddr);
    if (paddr < this.from || !this.odd()) return value;
    return [0, 1, value ^ (1 << this.rng.below(32)), this.rng.next(), 0xffff_ffff][this.rng.below(5)]! >>> 0;
  }

  write32(paddr: number, value: number): void {
    const offset = paddr % 0x1000;
    if (paddr >= this.from && (offset === MMIO_QUEUE_DEVICE_LOW || offset === MMIO_QUEUE_DESC_LOW)) this.rings.push(value);
    if (paddr >= this.from && this.odds > 0 && this.rng.below(this.odds * 8) === 0) return;
    this.board.bus.write32(paddr, value);
    if (paddr >= this.from && offset === MMIO_QUEUE_NOTIFY && this.odd()) this.scribble();
  }

  /** Anything into the used ring or the descriptors: what a device may write to, or could if it were evil. */
  private scribble(): void {
    const ring = this.rings[this.rng.below(this.rings.length)];
    if (ring === undefined) return;
    const { u16 } = this.board.ram;
    for (let i = this.rng.below(6); i >= 0; i--) u16[(ring >>> 1) + this.rng.below(60)] = this.rng.below(4) === 0 ? this.rng.below(65536) : this.rng.below(20);
  }
}

test('40,000 lies of the device: the driver does not throw or hang, and gives everything back when it is unplugged', () => {
  let errors = 0, lies = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const rng = new Rng(seed);
    const ram = createRam(24 << 20);
    let now = 1e9;
    const clock = { monotonicNs: () => (now += 1000) };
    const board = createBoard({
      ram, hart: createHart(ram, clock), clock, boot: { sec: 1_767_225_600, nsec: 0 }, entropy: { fill: b => { b.fill(9); } }, console: null, bootargs: '', fs: [],
    });
    const evil = new EvilBus(board, rng, 0x1_1000_2000);
    const machine: Machine = {
      ram, harts: board.harts, clock, dtb: board.dtb, bus: evil, get interruptPending() { return board.interruptPending; },
    };
    const kernel = new Kernel(machine, seed);
    const t = createInit(kernel);
    probeDevices(kernel);
    kernel.filesystems.set('devtmpfs', new DevtmpfsType());
    const mount = kernel.mounts.mountRoot(new TmpfsSuperBlock(kernel, 'tmpfs', 'none', { mode: 0o755 }), 0);
    adoptRoot(t, new Path(mount, mount.root));
    makeDirectory(t, AT_FDCWD, '/dev', 0o755);
    mountAt(t, 'devtmpfs', 'devtmpfs', '/dev', 0, '', 'skip');
    const calm = () => { evil.odds = 0; };
    const serve = () => { for (let i = 0; i < 20 && board.interruptPending; i++) kernel.interrupts!.dispatch(); };
    const frames = kernel.frames.counts[KIND_KERNEL]!;
    for (let round = 0; round < 40; round++) {
      evil.odds = round % 3 === 0 ? 6 : 0;                     // probing meets lies, too
      board.plugDisk('d', new MemoryDisk(1 << 20));
      serve();
      evil.odds = 4;
      const file = openAt(t, AT_FDCWD, '/dev/vda', O_RDWR, 0);
      for (let i = 0; i < 100 && !isErr(file); i++, lies++) {
        const pos = 4096 * rng.below(250);
        const r = i % 3 === 0 ? file.write(t, new KernelBuffer(new Uint8Array(8192)), pos) : i % 10 === 0 ? file.fsync(t, 'all') : file.read(t, new KernelBuffer(new Uint8Array(16384)), pos);
        if (r < 0) errors++;
        t.unpark();
        t.restart = null;
        serve();
      }
      calm();
      board.unplugDisk('d');
      serve();
      assert.equal(kernel.block.disks.size, 0);
      if (!isErr(file)) file.put();
      if (kernel.timers.nextDeadline <= now) kernel.timers.run(now);
    }
    assert.equal(kernel.frames.counts[KIND_KERNEL], frames);
    assert.equal(kernel.oopses, 0);
  }
  assert.ok(errors > 500 && lies > 20_000, `${errors} of ${lies}`);
});
