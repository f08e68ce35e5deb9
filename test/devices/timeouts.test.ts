// A disk that does not answer: it is reset after half a minute of the machine's time and asked once more; who has waited twice gets EIO, a disk that says nothing any
// more is given up, and a host that takes its time is no dead disk.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EIO, isErr } from '../../src/abi/errno.ts';
import { AT_FDCWD, O_RDONLY, O_RDWR } from '../../src/abi/fcntl.ts';
import { CoreLink } from '../../src/drivers/placement/link.ts';
import { MAX_SILENCES } from '../../src/drivers/virtio-blk.ts';
import type { DiskBackend, DiskListener } from '../../src/host/host.ts';
import { MemoryDisk } from '../../src/host/memory-disk.ts';
import { OP_FLUSH } from '../../src/kernel/block/bio.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { openAt } from '../../src/kernel/vfs/open.ts';
import type { OpenFile } from '../../src/kernel/vfs/open-file.ts';
import { Rng } from '../../src/lib/rng.ts';
import { contentsOf, DiskWorld } from './disk-world.ts';
import { LyingBus } from './lying-bus.ts';
import { PLACEMENTS } from './placements.ts';

const SIZE = 1 << 20;
const FIRST_DISK = 0x1_1000_2000;
const S = 1e9;

/** Answers a read when it is told to. */
class SlowDisk implements DiskBackend {
  readonly size = SIZE;
  readonly access = 'read-only';
  private listener: DiskListener | null = null;
  isReady = false;
  read(_offset: number, into: Uint8Array): number {
    into.fill(0x5a);
    return this.isReady ? 0 : EAGAIN;
  }
  write(): number { return EIO; }
  flush(): number { return 0; }
  discard(): number { return EIO; }
  zero(): number { return EIO; }
  close(): void {}
  attach(l: DiskListener | null): void { this.listener = l; }
  answer(): void {
    this.isReady = true;
    this.listener!.ready();
  }
}

for (const placement of PLACEMENTS) {
  const machineWith = (...disks: DiskBackend[]): { world: DiskWorld; bus: LyingBus; link: CoreLink; file: OpenFile } => {
    let bus: LyingBus | null = null;
    const world = new DiskWorld(disks, placement, 32 << 20, { machineOf: board => (bus = new LyingBus(board, new Rng(1), FIRST_DISK)).machine() });
    world.skipsTime = true;
    const access = disks[0]!.access === 'read-only' ? O_RDONLY : O_RDWR;
    const file = world.run<OpenFile>(t => openAt(t, AT_FDCWD, '/dev/vda', access, 0));
    assert.ok(!isErr(file));
    const { handler } = world.kernel.hardware!.devices.find(d => d.child?.driver === 'virtio_blk')!;
    assert.ok(handler instanceof CoreLink);
    return { world, bus: bus!, link: handler, file };
  };
  const read = (world: DiskWorld, file: OpenFile, at = 0): { n: number; byte: number; seconds: number } => {
    const began = world.kernel.now();
    let io = new KernelBuffer(new Uint8Array(0));
    world.kernel.block.disks.get('vda')?.whole.pages.invalidate();
    const n = world.run(t => file.read(t, (io = new KernelBuffer(new Uint8Array(512))), at));
    return { n, byte: io.bytes[0]!, seconds: Math.floor((world.kernel.now() - began) / S) };
  };
  const patterned = (disk: MemoryDisk): MemoryDisk => {
    disk.write(0, new Uint8Array(SIZE).fill(0x5a));
    return disk;
  };

  test(`${placement}: a request that the device has lost is sent again after 30 seconds and a reset, and nobody notices more than that`, () => {
    const disk = patterned(new MemoryDisk(SIZE));
    const { world, bus, link, file } = machineWith(disk);
    for (let round = 1; round <= 3; round++) {
      bus.deaf = 1;
      assert.deepEqual(read(world, file), { n: 512, byte: 0x5a, seconds: 30 });
      assert.equal(link.restarts, round);
      assert.equal(read(world, file).seconds, 0);
    }
    assert.ok(world.kernel.log.lines.some(l => l.level === 3 && l.text.includes('a request was not answered in time')));
    assert.equal(world.kernel.timers.nextDeadline, Infinity, 'no timer is left behind');
  });

  test(`${placement}: dirty pages survive a device that loses their writes`, () => {
    const disk = new MemoryDisk(SIZE);
    const { world, bus, link, file } = machineWith(disk);
    const bytes = new Uint8Array(300_000).fill(7);
    assert.equal(world.run(t => file.write(t, new KernelBuffer(bytes), 4096)), bytes.length);
    bus.deaf = 1;
    assert.equal(world.run(t => file.fsync(t, 'all')), 0);
    assert.ok(Buffer.from(contentsOf(disk).subarray(4096, 4096 + bytes.length)).equals(bytes));
    assert.equal(link.restarts, 1);
  });

  test(`${placement}: who has waited twice gets EIO, and the disk goes on`, () => {
    const { world, bus, link, file } = machineWith(patterned(new MemoryDisk(SIZE)));
    bus.deaf = 2;
    const began = world.kernel.now();
    assert.equal(world.run(t => world.kernel.block.disks.get('vda')!.whole.command(t, OP_FLUSH, 0, 0)), EIO);
    assert.equal(Math.floor((world.kernel.now() - began) / S), 60);
    assert.deepEqual(read(world, file), { n: 512, byte: 0x5a, seconds: 0 });
    assert.deepEqual([link.state, link.restarts], ['up', 2]);
  });

  test(`${placement}: a disk that says nothing any more is given up, and the other one works`, () => {
    const { world, bus, link, file } = machineWith(new MemoryDisk(SIZE), new MemoryDisk(SIZE));
    bus.deaf = Infinity;
    // The pages that were to be read ahead fail after a minute; then the one that is needed is tried once more.
    assert.deepEqual(read(world, file), { n: EIO, byte: 0, seconds: 90 });
    assert.deepEqual([link.state, link.restarts], ['ended', MAX_SILENCES - 1]);
    assert.deepEqual(read(world, file), { n: EIO, byte: 0, seconds: 0 });
    assert.ok(world.kernel.log.lines.some(l => l.level === 2 && l.text.includes('given up')));
    const other = world.run<OpenFile>(t => openAt(t, AT_FDCWD, '/dev/vdb', O_RDWR, 0));
    assert.ok(!isErr(other));
    assert.equal(world.run(t => other.read(t, new KernelBuffer(new Uint8Array(100)), 0)), 100);
    assert.equal(world.kernel.oopses, 0);
  });

  test(`${placement}: a host that takes two minutes is waited for; the limit is io_timeout`, () => {
    const slow = new SlowDisk();
    const { world, link, file } = machineWith(slow);
    const began = world.kernel.now();
    world.kernel.block.disks.get('vda')!.watch.timeoutNs = S;
    let turns = 0;
    let io = new KernelBuffer(new Uint8Array(0));
    const { t } = world;
    world.kernel.block.disks.get('vda')!.whole.pages.invalidate();
    for (;; turns++) {
      const n = file.read(t, (io = new KernelBuffer(new Uint8Array(512))), 0);
      if (n === 512) break;
      for (const q of t.parkedOn.splice(0)) q.remove(t);
      if (t.restart !== null) t.restart.replayed = 0;
      world.turn();
      if (world.kernel.now() - began > 120 * S && !slow.isReady) slow.answer();
      assert.ok(turns < 1000);
    }
    assert.ok(turns > 120, `${turns}: once a second`);
    assert.deepEqual([io.bytes[0], link.restarts], [0x5a, 0]);
  });
}
