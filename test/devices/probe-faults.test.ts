// Drivers whose cores fail, or whose devices lie, while they are probed: entropy (all that its driver ever does), disks, file systems. A probe ends with an errno or with a
// device that works; what it had taken is given back, and no core is left without a driver. KSPACE_DRIVER_FAULTS=1000 makes it a long run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErr } from '../../src/abi/errno.ts';
import { AT_FDCWD, O_RDONLY } from '../../src/abi/fcntl.ts';
import { CoreLink } from '../../src/drivers/placement/link.ts';
import { MemoryDisk } from '../../src/host/memory-disk.ts';
import { memoryFs } from '../../src/host/memory-fs.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { KIND_KERNEL } from '../../src/kernel/mm/frame-kinds.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { openAt } from '../../src/kernel/vfs/open.ts';
import type { OpenFile } from '../../src/kernel/vfs/open-file.ts';
import { Rng } from '../../src/lib/rng.ts';
import { DiskWorld } from './disk-world.ts';
import { LyingBus } from './lying-bus.ts';
import { PLACEMENTS, SickIsolates } from './placements.ts';
import { World } from './world.ts';

const FAULTS = Number(process.env['KSPACE_DRIVER_FAULTS'] ?? 25);
const SEED = Number(process.env['KSPACE_SEED'] ?? 42);

interface Site { readonly kernel: Kernel; turn(): unknown }
type Maker = (o: { isolates: SickIsolates; placement: 'kernel' | 'isolated'; rng: Rng }) => { site: Site; bus: LyingBus; works: () => void };

const MAKERS: Readonly<Record<string, Maker>> = {
  virtio_rng: ({ isolates, placement, rng }) => {
    let bus: LyingBus | null = null;
    const site = new World(memoryFs({}), { isolates, placements: { otherwise: placement, byName: {} }, machineOf: board => (bus = new LyingBus(board, rng, 0x1_1000_1000)).machine() });
    return { site, bus: bus!, works: () => {} };
  },
  virtiofs: ({ isolates, placement, rng }) => {
    let bus: LyingBus | null = null;
    const site = new World(memoryFs({ '/file': { content: 'x' } }), {
      isolates, placements: { otherwise: placement, byName: {} }, machineOf: board => (bus = new LyingBus(board, rng, 0x1_1000_2000)).machine(),
    });
    return {
      site, bus: bus!, works: () => {
        const root = site.mount(site.devices.fuse.get('x')!).root.inode!;
        assert.ok(!isErr(site.run(() => root.lookup(site.task, 'file'))));
      },
    };
  },
  virtio_blk: ({ isolates, placement, rng }) => {
    let bus: LyingBus | null = null;
    const site = new DiskWorld([new MemoryDisk(1 << 20)], placement, 32 << 20, { isolates, machineOf: board => (bus = new LyingBus(board, rng, 0x1_1000_2000)).machine() });
    site.skipsTime = true;
    return {
      site, bus: bus!, works: () => {
        const file = site.run<OpenFile>(t => openAt(t, AT_FDCWD, '/dev/vda', O_RDONLY, 0));
        assert.ok(!isErr(file));
        assert.equal(site.run(t => file.read(t, new KernelBuffer(new Uint8Array(100)), 0)), 100);
        file.put();
      },
    };
  },
};

for (const [driver, make] of Object.entries(MAKERS)) {
  for (const placement of PLACEMENTS) {
    test(`${driver} is probed ${FAULTS} times while cores fail and devices lie, ${placement}`, async () => {
      const rng = new Rng(SEED), isolates = new SickIsolates(rng, 0);
      isolates.isHasty = true;
      const { site, site: { kernel }, bus, works } = make({ isolates, placement, rng });
      const manager = kernel.hardware!;
      const device = manager.devices.find(d => d.child?.driver === driver)!;
      const settle = (): void => { for (let i = 0; i < 40; i++) site.turn(); };
      manager.unbind(device, 'unbound');
      settle();
      const before = kernel.frames.counts[KIND_KERNEL]!;
      let failed = 0;
      for (let round = 0; round < FAULTS; round++) {
        if (placement === 'isolated' && round % 2 === 0) isolates.faults = 1;
        else bus.odds = 3;
        const r = manager.bind(device);
        const { handler } = device;
        if (r !== 0 || (handler instanceof CoreLink && handler.state !== 'up')) failed++;
        isolates.faults = bus.odds = 0;
        assert.equal(device.driver === null, r !== 0);
        manager.unbind(device, 'unbound');
        settle();
        assert.equal(kernel.frames.counts[KIND_KERNEL], before, `round ${round}: memory that nobody has given back`);
        assert.equal(isolates.inUse, placement === 'isolated' ? kernel.hardware!.devices.filter(d => d.handler instanceof CoreLink && d.handler.placement === 'isolated').length : 0, 'cores without a driver');
        if (round % 10 === 0) await new Promise(resolve => { setTimeout(resolve, 0); });
      }
      assert.ok(bus.lies + failed >= FAULTS / 4, `${bus.lies} lies, ${failed} failed`);
      assert.equal(manager.bind(device), 0);
      settle();
      works();
      assert.equal(kernel.oopses, 0);
    });
  }
}
