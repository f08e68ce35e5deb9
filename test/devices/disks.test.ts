// The block layer on a whole machine: partitions, merging and order of requests, statistics, late and failing disks, plugging in and pulling out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EBUSY, EIO, ENXIO, errnoName, isErr } from '../../src/abi/errno.ts';
import { AT_FDCWD, O_EXCL, O_RDONLY, O_RDWR } from '../../src/abi/fcntl.ts';
import type { DiskBackend } from '../../src/host/host.ts';
import { HttpDisk } from '../../src/host/http-disk.ts';
import { CowDisk, MemoryDisk } from '../../src/host/memory-disk.ts';
import { Bio, IoBatch, OP_READ, OP_WRITE } from '../../src/kernel/block/bio.ts';
import { syncDevice } from '../../src/kernel/block/device-file.ts';
import { DeadlineScheduler } from '../../src/kernel/block/scheduler.ts';
import { NETLINK_KOBJECT_UEVENT } from '../../src/kernel/device/uevent.ts';
import { KIND_KERNEL } from '../../src/kernel/mm/frame-kinds.ts';
import { NetlinkSocket } from '../../src/kernel/net/netlink/socket.ts';
import { Received } from '../../src/kernel/net/message.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { openAt } from '../../src/kernel/vfs/open.ts';
import type { OpenFile } from '../../src/kernel/vfs/open-file.ts';
import { crc32 } from '../../src/lib/crc32.ts';
import { Rng } from '../../src/lib/rng.ts';
import { showDiskstats, showPartitions } from '../../src/fs/proc/disks.ts';
import { sysTree } from '../../src/fs/sysfs/tree.ts';
import { contentsOf, DiskWorld, LateDisk } from './disk-world.ts';
import { PLACEMENTS } from './placements.ts';

const MIB = 1 << 20;

function openDisk(world: DiskWorld, path = '/dev/vda', flags = O_RDWR): OpenFile {
  const file = world.run(t => openAt(t, AT_FDCWD, path, flags, 0));
  assert.ok(!isErr(file), errnoName(file as number));
  return file;
}

function mbr(rows: readonly (readonly [type: number, start: number, sectors: number])[]): Uint8Array {
  const sector = new Uint8Array(512);
  const view = new DataView(sector.buffer);
  rows.forEach(([type, start, sectors], i) => {
    view.setUint8(446 + 16 * i + 4, type);
    view.setUint32(446 + 16 * i + 8, start, true);
    view.setUint32(446 + 16 * i + 12, sectors, true);
  });
  view.setUint16(510, 0xaa55, true);
  return sector;
}

const partitions = (world: DiskWorld): unknown[] => [...world.kernel.block.devices()].map(d => [d.name, d.start, d.sectors]);

test('MBR: primary, extended and logical partitions; what lies beyond the disk is cut', () => {
  const disk = new MemoryDisk(MIB);
  disk.write(0, mbr([[0x83, 64, 100], [0x05, 200, 1000], [0x83, 1900, 9999], [0x83, 5000, 10]]));
  disk.write(200 * 512, mbr([[0x83, 10, 50], [0x05, 300, 200]]));
  disk.write(500 * 512, mbr([[0x82, 20, 60]]));
  assert.deepEqual(partitions(new DiskWorld([disk])), [
    ['vda', 0, 2048], ['vda1', 64, 100], ['vda2', 200, 2], ['vda3', 1900, 148], ['vda5', 210, 50], ['vda6', 520, 60],
  ]);
});

function gpt(disk: MemoryDisk, at: number, entriesAt: number): void {
  const entries = new Uint8Array(128 * 128);
  entries.set([0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4], 0);
  entries.set([4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, 16], 16);
  const e = new DataView(entries.buffer);
  e.setUint32(32, 64, true);
  e.setUint32(40, 163, true);
  for (const [i, c] of [...'root'].entries()) e.setUint16(56 + 2 * i, c.charCodeAt(0), true);
  const header = new Uint8Array(512);
  const h = new DataView(header.buffer);
  header.set(Buffer.from('EFI PART'));
  h.setUint32(8, 0x10000, true);
  h.setUint32(12, 92, true);
  h.setUint32(24, at, true);
  h.setUint32(72, entriesAt, true);
  h.setUint32(80, 128, true);
  h.setUint32(84, 128, true);
  h.setUint32(88, crc32(entries), true);
  h.setUint32(16, crc32(header.subarray(0, 92)), true);
  disk.write(at * 512, header);
  disk.write(entriesAt * 512, entries);
}

test('GPT: ids and names; the backup serves when the primary is damaged, and none when both are', () => {
  const disk = new MemoryDisk(MIB);
  disk.write(0, mbr([[0xee, 1, 2047]]));
  gpt(disk, 1, 2);
  gpt(disk, 2047, 2000);
  for (const round of ['both', 'backup', 'none'] as const) {
    if (round === 'backup') disk.write(2 * 512, new Uint8Array(512).fill(7));
    if (round === 'none') disk.write(2000 * 512, new Uint8Array(512).fill(7));
    const world = new DiskWorld([disk]);
    assert.deepEqual(partitions(world), round === 'none' ? [['vda', 0, 2048]] : [['vda', 0, 2048], ['vda1', 64, 100]]);
    const part = world.kernel.block.disks.get('vda')!.devices.get(1);
    if (round !== 'none') assert.deepEqual([part!.label, part!.uuid], ['root', '01020304-0506-0708-090a-0b0c0d0e0f10']);
  }
});

for (const placement of PLACEMENTS) {
  test(`a partition is a window on its disk: its own end, its own numbers, ${placement}`, () => {
    const disk = new MemoryDisk(MIB);
    disk.write(0, mbr([[0x83, 64, 100]]));
    const world = new DiskWorld([disk], placement);
    const file = openDisk(world, '/dev/vda1');
    assert.equal(world.run(t => file.write(t, new KernelBuffer(new Uint8Array(1000).fill(5)), 51_000)), 200);
    assert.equal(errnoName(world.run(t => file.write(t, new KernelBuffer(new Uint8Array(1)), 51_200)) as number), 'ENOSPC');
    assert.equal(world.run(t => file.fsync(t, 'all')), 0);
    const bytes = contentsOf(disk);
    assert.deepEqual([bytes[64 * 512 + 50_999], bytes[64 * 512 + 51_000], bytes[164 * 512 - 1], bytes[164 * 512]], [0, 5, 5, 0]);
    assert.match(showPartitions(world.kernel), / 254 {8}1 {9}50 vda1\n/);
    assert.match(showDiskstats(world.kernel), / vda1 \d+ \d+ \d+ \d+ 1 0 4 /);
    const other = openDisk(world, '/dev/vda', O_RDONLY | O_EXCL);
    assert.equal(world.run(t => openAt(t, AT_FDCWD, '/dev/vda1', O_RDONLY | O_EXCL, 0)), EBUSY);
    other.put();
    openDisk(world, '/dev/vda1', O_RDONLY | O_EXCL).put();
  });
}

test('the scheduler joins neighbours, keeps sector order, lets reads pass, and starves nobody', () => {
  const limits = { maxSectors: 64, maxSegments: 8 };
  const frames = { get() {}, put() {} } as never;
  const bio = (op: typeof OP_READ | typeof OP_WRITE, sector: number, n = 8) => new Bio(op, sector, n, [0], [n * 512], new IoBatch(frames));
  const s = new DeadlineScheduler(limits);
  for (const sector of [80, 0, 8, 72, 16, 200]) s.add(bio(OP_WRITE, sector), 0);
  assert.equal(s.add(bio(OP_WRITE, 24), 0), true);
  s.add(bio(OP_READ, 500), 0);
  s.add(bio(OP_READ, 100), 0);
  const order: string[] = [];
  for (let r = s.next(0); r !== null; r = s.next(0)) order.push(`${r.op === OP_READ ? 'r' : 'w'}${r.sector}+${r.sectors}/${r.bios.length}`);
  assert.deepEqual(order, ['r100+8/1', 'r500+8/1', 'w72+16/2', 'w200+8/1', 'w0+32/4'].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
  assert.ok(order[0]!.startsWith('r') && order[1]!.startsWith('r'));
  // A stream of reads in front of one write: the write is served before long, and at once when its time is up.
  const t = new DeadlineScheduler(limits);
  t.add(bio(OP_WRITE, 1000), 0);
  let served = -1;
  for (let i = 0; i < 100 && served < 0; i++) {
    t.add(bio(OP_READ, 5000 + i * 50), i);
    if (t.next(i)!.op === OP_WRITE) served = i;
  }
  assert.ok(served > 0 && served <= 64, `${served}`);
});

for (const placement of PLACEMENTS) {
  test(`a disk that answers late parks its readers and writers; a disk that fails says EIO, once for a lost write, ${placement}`, () => {
    const disk = new LateDisk(new MemoryDisk(4 * MIB), new Rng(3));
    const world = new DiskWorld([disk], placement);
    const file = openDisk(world);
    const bytes = new Uint8Array(3 * MIB).map((_, i) => i * 3);
    assert.equal(world.run(t => file.write(t, new KernelBuffer(bytes), 5000)), bytes.length);
    assert.equal(world.run(t => file.fsync(t, 'all')), 0);
    world.kernel.block.disks.get('vda')!.whole.pages.invalidate();
    let into = new KernelBuffer(new Uint8Array(bytes.length));
    assert.equal(world.run(t => file.read(t, (into = new KernelBuffer(new Uint8Array(bytes.length))), 5000)), bytes.length);
    assert.ok(Buffer.from(into.bytes).equals(bytes));
    assert.ok(disk.late > 3);
    disk.failure = EIO;
    assert.equal(world.run(t => file.write(t, new KernelBuffer(new Uint8Array(4096).fill(9)), 0)), 4096);
    assert.equal(world.run(t => file.fsync(t, 'all')), EIO);
    world.kernel.block.disks.get('vda')!.whole.pages.invalidate();
    assert.equal(world.run(t => file.read(t, new KernelBuffer(new Uint8Array(100)), 2 * MIB)), EIO);
    disk.failure = 0;
    assert.equal(world.run(t => file.fsync(t, 'all')), 0);
  });
}

test('copy-on-write over HTTP: ranges are fetched once, writes stay here, EAGAIN until the bytes are there', async () => {
  const content = new Uint8Array(1_000_000).map((_, i) => i >>> 7);
  let requests = 0;
  const get = (async (_url: unknown, init: RequestInit) => {
    requests++;
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec((init.headers as Record<string, string>)['range']!)!;
    return new Response(content.slice(Number(from), Number(to) + 1), { status: 206 });
  }) as typeof fetch;
  const http = new HttpDisk('http://x/', content.length, get);
  const disk = new CowDisk(http);
  let ready = 0;
  disk.attach({ ready: () => ready++ });
  const into = new Uint8Array(4096);
  assert.equal(disk.read(8192, into), EAGAIN);
  assert.equal(disk.write(8192 + 512, new Uint8Array(512).fill(255)), EAGAIN);
  await new Promise(resolve => { setTimeout(resolve, 10); });
  assert.equal(ready, 1);
  assert.equal(disk.write(8192 + 512, new Uint8Array(512).fill(255)), 0);
  assert.equal(disk.read(8192, into), 0);
  assert.deepEqual([into[0], into[511], into[512], into[1023], into[1024]], [64, 67, 255, 255, 72]);
  assert.equal(http.write(), -30);
  assert.equal(requests, 1);
  assert.equal(content.length - disk.size, content.length % 512);
});

/** What a program that listens for uevents has been told: the first line of each. */
class Listener {
  private readonly socket: NetlinkSocket;
  private readonly world: DiskWorld;
  constructor(world: DiskWorld) {
    this.world = world;
    this.socket = new NetlinkSocket(world.t, 3, NETLINK_KOBJECT_UEVENT);
    const address = new Uint8Array(12);
    address[0] = 16;
    address[8] = 1;
    assert.equal(this.socket.bind(world.t, address), 0);
  }
  news(): string[] {
    const out: string[] = [];
    for (;;) {
      const io = new KernelBuffer(new Uint8Array(2048));
      const n = this.socket.receive(this.world.t, io, 'consume', new Received());
      if (n < 0) return out;
      out.push(Buffer.from(io.bytes.subarray(0, n)).toString('latin1').split('\0')[0]!.replace(/devices\/platform\/soc\/\w+\.virtio_mmio/, '*'));
    }
  }
}

for (const placement of PLACEMENTS) {
  test(`plugging in and pulling out: nodes, uevents, errors for who uses it, and everything comes back, ${placement}`, () => {
    const first = new MemoryDisk(MIB);
    first.write(0, mbr([[0x83, 64, 100]]));
    const world = new DiskWorld([], placement);
    const { board, kernel } = world;
    const listener = new Listener(world);
    const frames = kernel.frames.counts[KIND_KERNEL]!;
    for (let round = 0; round < (placement === 'kernel' ? 30 : 4); round++) {
      assert.ok(board.plugDisk('usb', first));
      assert.equal(board.plugDisk('usb', first), false);
      world.settle();
      assert.deepEqual(listener.news(), ['add@/*/virtio2', 'add@/*/virtio2/block/vda', 'add@/*/virtio2/block/vda/vda1', 'bind@/*/virtio2', 'bind@/*']);
      assert.ok(sysTree(kernel).has('block/vda'));
      const file = openDisk(world), part = openDisk(world, '/dev/vda1');
      assert.equal(world.run(t => file.write(t, new KernelBuffer(new Uint8Array(9000).fill(round)), 100_000)), 9000);
      if (round % 2 === 0) assert.equal(world.run(t => syncDevice(t, kernel.block.disks.get('vda')!.whole)), 0);
      assert.equal(board.unplugDisk('usb'), first);
      world.settle();
      assert.deepEqual(listener.news(), ['remove@/*/virtio2/block/vda/vda1', 'remove@/*/virtio2/block/vda', 'remove@/*/virtio2', 'unbind@/*']);
      assert.equal(world.run(t => file.read(t, new KernelBuffer(new Uint8Array(10)), 0)), EIO);
      assert.equal(world.run(t => part.write(t, new KernelBuffer(new Uint8Array(10)), 0)), EIO);
      assert.equal(world.run(t => file.fsync(t, 'all')), EIO);
      assert.ok([ENXIO, -2].includes(world.run(t => openAt(t, AT_FDCWD, '/dev/vda', O_RDONLY, 0)) as number));
      file.put();
      part.put();
      assert.equal(kernel.frames.counts[KIND_KERNEL], frames);
      assert.equal(contentsOf(first)[100_000], round % 2 === 0 ? round : Math.max(0, round - 1));
    }
  });
}

for (const placement of PLACEMENTS) {
  test(`pulled out while requests are under way: they end with EIO, nothing stays parked, ${placement}`, () => {
    for (let seed = 1; seed <= (placement === 'kernel' ? 40 : 5); seed++) {
      const disk: DiskBackend = new LateDisk(new MemoryDisk(2 * MIB), new Rng(seed));
      const world = new DiskWorld([disk], placement);
      const file = openDisk(world);
      const { t } = world;
      let r = 0;
      for (let i = 0; i < 20 && r !== -600; i++) r = file.read(t, new KernelBuffer(new Uint8Array(8192)), i * 65_536);
      world.board.unplugDisk('disk0');
      for (let i = 0; i < 10; i++) world.turn();
      assert.equal(t.parkedOn.length, 0);
      t.restart = null;
      assert.equal(world.run(t => file.read(t, new KernelBuffer(new Uint8Array(8192)), 1_900_000)), EIO);
      file.put();
    }
  });
}
