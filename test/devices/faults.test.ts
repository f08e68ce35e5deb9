// Drivers that fail under load: their cores throw, hang, die, run out of memory and talk nonsense, their device lies. What was acknowledged is on the disk,
// nothing waits for ever, and the kernel does not stumble. KSPACE_DRIVER_FAULTS=1000 makes it a long run.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EIO, errnoName, isErr } from '../../src/abi/errno.ts';
import { AT_FDCWD, O_RDWR } from '../../src/abi/fcntl.ts';
import { memoryFs } from '../../src/host/memory-fs.ts';
import { DirFs } from '../../src/host/node/dir-fs.ts';
import { MemoryDisk } from '../../src/host/memory-disk.ts';
import { CoreLink, MAX_FAILURES } from '../../src/drivers/placement/link.ts';
import type { Inode } from '../../src/kernel/vfs/inode.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { openAt } from '../../src/kernel/vfs/open.ts';
import type { OpenFile } from '../../src/kernel/vfs/open-file.ts';
import { Rng } from '../../src/lib/rng.ts';
import { contentsOf, DiskWorld, LateDisk } from './disk-world.ts';
import { LyingBus } from './lying-bus.ts';
import { must, World } from './world.ts';
import { PATIENCE_MS, PLACEMENTS, SickIsolates, testIsolates } from './placements.ts';

const FAULTS = Number(process.env['KSPACE_DRIVER_FAULTS'] ?? 25);
const SEED = Number(process.env['KSPACE_SEED'] ?? 42);
const SIZE = 1 << 20;

/** Reads and writes of a file, against a model of it. */
class Load {
  readonly world: DiskWorld;
  private readonly disk: MemoryDisk;
  private readonly file: OpenFile;
  private readonly rng: Rng;
  private readonly model = new Uint8Array(SIZE);
  private count = 0;

  constructor(world: DiskWorld, disk: MemoryDisk, rng: Rng) {
    this.world = world;
    this.disk = disk;
    this.rng = rng;
    const file = world.run<OpenFile>(t => openAt(t, AT_FDCWD, '/dev/vda', O_RDWR, 0));
    assert.ok(!isErr(file));
    this.file = file;
  }

  get link(): CoreLink {
    const { handler } = this.world.kernel.hardware!.devices.find(d => d.child?.driver === 'virtio_blk')!;
    assert.ok(handler instanceof CoreLink);
    return handler;
  }

  step(): void {
    const { world, rng, file, model } = this;
    const step = this.count++;
    const at = rng.below(SIZE - 40_000), length = 1 + rng.below(40_000);
    if (rng.below(3) > 0) {
      const bytes = new Uint8Array(length).fill(1 + step % 255);
      model.set(bytes, at);
      assert.equal(fine(world.run(t => file.write(t, new KernelBuffer(bytes), at))), length);
    }
    if (rng.below(4) === 0) {
      fine(world.run(t => file.fsync(t, 'all')));
      assert.ok(Buffer.from(contentsOf(this.disk)).equals(model), `step ${step}: what fsync has promised`);
      world.kernel.block.disks.get('vda')!.whole.pages.invalidate();
    }
    let into = new KernelBuffer(new Uint8Array(0));
    assert.equal(fine(world.run(t => file.read(t, (into = new KernelBuffer(new Uint8Array(length))), at))), length);
    assert.ok(Buffer.from(into.bytes).equals(model.subarray(at, at + length)), `step ${step}: what was written is read`);
  }

  /** Another read that needs the disk. */
  coldRead(): number {
    const { world, file } = this;
    world.kernel.block.disks.get('vda')?.whole.pages.invalidate();
    return world.run(t => file.read(t, new KernelBuffer(new Uint8Array(100)), 0));
  }
}

function fine(r: number): number {
  assert.ok(r >= 0, errnoName(r));
  return r;
}

test(`${FAULTS} cores of a block driver fail under load: every byte that was acknowledged is on the disk`, async () => {
  const rng = new Rng(SEED);
  const isolates = new SickIsolates(rng, 0);
  const disk = new MemoryDisk(SIZE), late = new LateDisk(disk, rng);
  const world = new DiskWorld([late], 'isolated', 32 << 20, { isolates });
  world.skipsTime = true;
  const load = new Load(world, disk, rng);
  isolates.faults = FAULTS;
  void isolates.workerOf(0)!.terminate();                     // the core that booted is well
  for (let step = 0; isolates.faults > 0 || step % 50 !== 0; step++) {
    load.step();
    if (step % 10 === 0) await new Promise(resolve => { setTimeout(resolve, 0); });
  }
  assert.ok(late.late > 10 && load.link.restarts >= FAULTS, `${late.late}, ${load.link.restarts}`);
  assert.equal(world.kernel.oopses, 0);
  assert.ok(world.kernel.log.lines.some(l => l.level === 3 && l.text.includes('driver failed')));
});

for (const placement of PLACEMENTS) {
  test(`a device that lies ${FAULTS} times and more, ${placement}: it is reset, and no byte is wrong`, () => {
    const rng = new Rng(SEED);
    const disk = new MemoryDisk(SIZE), late = new LateDisk(disk, rng);
    let bus: LyingBus | null = null;
    const world = new DiskWorld([late], placement, 32 << 20, {
      isolates: placement === 'isolated' ? testIsolates() : undefined,
      machineOf: board => (bus = new LyingBus(board, rng, 0x1_1000_2000)).machine(),
    });
    world.skipsTime = true;
    bus!.deaf = 'at times';
    const load = new Load(world, disk, rng);
    const { link } = load;
    if (placement === 'kernel') bus!.victim = link;
    for (let step = 0; link.restarts < FAULTS && step < 100 * FAULTS; step++) {
      // Resets that never end would be the device's end: rightly so.
      bus!.odds = step % 3 === 0 ? 10 : 0;
      load.step();
    }
    assert.ok(link.restarts >= FAULTS && bus!.lies >= FAULTS, `${link.restarts}, ${bus!.lies}`);
    assert.equal(world.kernel.oopses, 0);
  });
}

for (const [failure, why] of [['throw', 'sick from birth'], ['hang', `no answer within ${PATIENCE_MS} ms`]] as const) {
  test(`a core that never runs well (${failure}) is given up: EIO for what waits and what comes, and the rest of the machine goes on`, () => {
    const isolates = new SickIsolates(new Rng(SEED), 0);
    const world = new DiskWorld([new MemoryDisk(SIZE), new MemoryDisk(SIZE)], 'isolated', 32 << 20, { isolates });
    world.skipsTime = true;
    const load = new Load(world, new MemoryDisk(SIZE), new Rng(1));
    const { link } = load;
    assert.equal(load.coldRead(), 100);
    isolates.bootFailure = failure;
    void isolates.workerOf(0)!.terminate();
    assert.equal(load.coldRead(), EIO);
    assert.equal(link.state, 'ended');
    assert.equal(link.restarts, MAX_FAILURES);
    assert.equal(load.coldRead(), EIO);
    assert.ok(world.kernel.log.lines.some(l => l.level === 2 && l.text.includes('given up')));
    assert.ok(world.kernel.log.lines.filter(l => l.text.includes(why)).length >= MAX_FAILURES, why);
    const other = world.run<OpenFile>(t => openAt(t, AT_FDCWD, '/dev/vdb', O_RDWR, 0));
    assert.ok(!isErr(other));
    assert.equal(world.run(t => other.read(t, new KernelBuffer(new Uint8Array(100)), 0)), 100);
  });
}

/** Reads, writes, and changes of names on a FUSE mount, against what the back end has. A change whose core died may have been made or not: EIO says so. */
class FileLoad {
  readonly world: World;
  private readonly rng: Rng;
  private readonly root: Inode;
  private readonly file: OpenFile;
  /** The directory that is shown. */
  private readonly host: string;
  private readonly model = new Uint8Array(SIZE);
  private count = 0;
  /** Calls that ended with EIO. */
  lost = 0;

  constructor(world: World, host: string, rng: Rng) {
    this.world = world;
    this.host = host;
    this.rng = rng;
    this.root = world.mount().root.inode!;
    const inode = must(world.run(() => this.root.create(world.task, 'file', 0o100644))).get();
    this.file = must(world.run(() => inode.open(world.task, 2)));
    fine(world.run(() => this.file.write(world.task, new KernelBuffer(this.model), 0)));
  }

  get link(): CoreLink {
    const { handler } = this.world.kernel.hardware!.devices.find(d => d.child?.driver === 'virtiofs')!;
    assert.ok(handler instanceof CoreLink);
    return handler;
  }

  step(): void {
    const { world, world: { task }, rng, file, model } = this;
    const step = this.count++;
    const at = rng.below(SIZE - 40_000), length = 1 + rng.below(40_000);
    const bytes = new Uint8Array(length).fill(1 + step % 255);
    model.set(bytes, at);
    assert.equal(fine(world.run(() => file.write(task, new KernelBuffer(bytes), at))), length);
    assert.ok(readFileSync(`${this.host}/file`).subarray(at, at + length).equals(bytes), `step ${step}: what write has promised`);
    file.inode.pages!.invalidate();
    let into = new KernelBuffer(new Uint8Array(0));
    assert.equal(fine(world.run(() => file.read(task, (into = new KernelBuffer(new Uint8Array(length))), at))), length);
    assert.ok(Buffer.from(into.bytes).equals(model.subarray(at, at + length)), `step ${step}: what was written is read`);
    this.rename(`name${step}`);
  }

  private rename(name: string): void {
    const { world, world: { task }, root } = this;
    const made = world.run(() => root.mkdir(task, name, 0o40755));
    if (isErr(made)) {
      assert.equal(made, EIO);
      this.lost++;
    } else {
      assert.ok(existsSync(`${this.host}/${name}`), `${name}: what mkdir has promised`);
    }
  }
}

for (const kind of ['cores fail', 'a device lies, kernel', 'a device lies, isolated'] as const) {
  test(`file system: ${kind} ${FAULTS} times under load: writes are where they belong, reads are right, EIO only for what may be done once`, async () => {
    const rng = new Rng(SEED);
    const isolates = new SickIsolates(rng, 0);
    const host = mkdtempSync(join(tmpdir(), 'kspace-faults-'));
    after(() => rmSync(host, { recursive: true, force: true }));
    let bus: LyingBus | null = null;
    const world = new World(new DirFs(host, { access: 'read-write' }), {
      isolates, placements: { otherwise: 'kernel', byName: { 'virtio-fs': kind.endsWith('kernel') ? 'kernel' : 'isolated' } },
      machineOf: board => (bus = new LyingBus(board, rng, 0x1_1000_2000)).machine(),
    });
    const load = new FileLoad(world, host, rng);
    const { link } = load;
    if (kind.endsWith('kernel')) bus!.victim = link;
    if (kind === 'cores fail') {
      isolates.faults = FAULTS;
      void isolates.workerOf(0)!.terminate();
    }
    for (let step = 0; link.restarts < FAULTS && step < 200 * FAULTS; step++) {
      bus!.odds = kind !== 'cores fail' && step % 3 === 0 ? 10 : 0;
      load.step();
      if (step % 10 === 0) await new Promise(resolve => { setTimeout(resolve, 0); });
    }
    assert.ok(link.restarts >= FAULTS, `${link.restarts}`);
    assert.ok(load.lost < 3 * FAULTS, `${load.lost}`);
    assert.equal(world.kernel.oopses, 0);
  });
}

for (const placement of PLACEMENTS) {
  test(`file system: a reply that is shorter than it says is no reply, ${placement}: it is asked for again`, () => {
    let bus: LyingBus | null = null;
    const world = new World(memoryFs({ '/file': { content: 'x'.repeat(10_000) } }), {
      isolates: placement === 'isolated' ? testIsolates() : undefined, placements: { otherwise: 'kernel', byName: { 'virtio-fs': placement } },
      machineOf: board => (bus = new LyingBus(board, new Rng(1), 0x1_1000_2000)).machine(),
    });
    const { task } = world, root = world.mount().root.inode!;
    const inode = must(world.run(() => root.lookup(task, 'file')));
    const file = must(world.run(() => inode.open(task, 0)));
    bus!.miscounts = 1;
    const io = new KernelBuffer(new Uint8Array(10_000));
    assert.equal(world.run(() => file.read(task, io, 0)), 10_000);
    assert.ok(io.bytes.every(b => b === 120));
    assert.equal(bus!.miscounts, 0);
    assert.ok(world.kernel.log.lines.some(l => l.text.includes('not as long as it says')));
  });
}
