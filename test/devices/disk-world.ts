// A machine with disks, its kernel probed, and a root on tmpfs: for tests of the block layer and of file systems on disks. Calls that park are run again
// after the disk has been let go on, as the trap loop would.
import { BLOCKED, EAGAIN, type Errno, isErr } from '../../src/abi/errno.ts';
import { registerMemoryDevices } from '../../src/drivers/mem.ts';
import { probeDevices } from '../../src/drivers/probe.ts';
import { DevtmpfsType } from '../../src/fs/devtmpfs/devtmpfs.ts';
import { Ext2Type } from '../../src/fs/ext2/super.ts';
import { TmpfsSuperBlock } from '../../src/fs/tmpfs/super.ts';
import type { NodeIsolates } from '../../src/host/node/isolates.ts';
import type { DiskBackend, DiskListener } from '../../src/host/host.ts';
import { MemoryDisk } from '../../src/host/memory-disk.ts';
import type { Placement } from '../../src/kernel/device/manager.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { adoptRoot, createInit } from '../../src/kernel/task/init.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { makeDirectory } from '../../src/kernel/vfs/make.ts';
import { Path } from '../../src/kernel/vfs/mount.ts';
import type { Rng } from '../../src/lib/rng.ts';
import { type Board, createBoard } from '../../src/machine/board.ts';
import { createHart } from '../../src/machine/hart/hart.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { createRam } from '../../src/machine/ram.ts';
import { mountAt } from '../../src/system/mounts.ts';
import { testIsolates } from './placements.ts';

/** A disk that answers some calls late: EAGAIN until `goOn`. */
export class LateDisk implements DiskBackend {
  readonly size: number;
  readonly access = 'read-write';
  private readonly inner: DiskBackend;
  private readonly rng: Rng;
  private listener: DiskListener | null = null;
  private isWaiting = false;
  private isGranted = false;
  /** Calls fail with this errno while it is not 0. */
  failure = 0;
  late = 0;

  constructor(inner: DiskBackend, rng: Rng) {
    this.inner = inner;
    this.rng = rng;
    this.size = inner.size;
  }

  goOn(): boolean {
    if (!this.isWaiting) return false;
    this.isWaiting = false;
    this.isGranted = true;
    this.listener?.ready();
    return true;
  }

  private gate(): number {
    if (this.failure !== 0) return this.failure;
    if (this.isGranted || this.rng.below(3) > 0) {
      this.isGranted = false;
      return 0;
    }
    this.isWaiting = true;
    this.late++;
    return EAGAIN;
  }

  read(offset: number, into: Uint8Array): number { return this.gate() || this.inner.read(offset, into); }
  write(offset: number, from: Uint8Array): number { return this.gate() || this.inner.write(offset, from); }
  flush(): number { return this.gate() || this.inner.flush(); }
  discard(offset: number, length: number): number { return this.gate() || this.inner.discard(offset, length); }
  zero(offset: number, length: number, storage: 'free' | 'keep'): number { return this.gate() || this.inner.zero(offset, length, storage); }
  attach(l: DiskListener | null): void { this.listener = l; }
  close(): void { this.inner.close(); }
}

export class DiskWorld {
  readonly kernel: Kernel;
  readonly board: Board;
  readonly t: Task;
  private readonly disks: readonly DiskBackend[];
  private now = 1_000_000_000;
  /** Waiting is over at once: the clock jumps to the next timer when nothing else happens. */
  skipsTime = false;

  constructor(disks: readonly DiskBackend[], placement: Placement = 'kernel', ramBytes = 64 << 20, {
    isolates = placement === 'isolated' ? testIsolates() : undefined, machineOf = board => board,
  }: { isolates?: NodeIsolates | undefined; machineOf?: (board: Board) => Machine } = {}) {
    this.disks = disks;
    const ram = createRam(ramBytes);
    const clock = { monotonicNs: () => (this.now += 1000) };
    this.board = createBoard({
      ram, hart: createHart(ram, clock), clock, boot: { sec: 1_767_225_600, nsec: 0 }, entropy: { fill: b => { b.fill(9); } }, console: null, bootargs: '', fs: [], isolates,
      disks: disks.map((backend, i) => ({ id: `disk${i}`, backend })),
    });
    const kernel = (this.kernel = new Kernel(machineOf(this.board), 1));
    this.t = createInit(kernel);
    probeDevices(kernel, { otherwise: 'kernel', byName: { 'virtio-blk': placement } });
    for (const type of [new Ext2Type(), new DevtmpfsType()]) kernel.filesystems.set(type.name, type);
    registerMemoryDevices(kernel);
    const sb = new TmpfsSuperBlock(kernel, 'tmpfs', 'none', { mode: 0o755 });
    const mount = kernel.mounts.mountRoot(sb, 0);
    adoptRoot(this.t, new Path(mount, mount.root));
    makeDirectory(this.t, -100, '/dev', 0o755);
    makeDirectory(this.t, -100, '/m', 0o755);
    mountAt(this.t, 'devtmpfs', 'devtmpfs', '/dev', 0, '', 'skip');
    this.settle();
  }

  /** A call that may park, to its end. */
  run<T>(f: (t: Task) => T | Errno): T | Errno {
    const { t } = this;
    for (let i = 0; i < 100_000; i++) {
      const r = f(t);
      if (r !== BLOCKED) {
        t.restart = null;
        return r;
      }
      if (t.restart !== null) t.restart.replayed = 0;
      for (let tries = 0; t.parkedOn.length > 0 && tries < 1000; tries++) this.turn();
      if (t.parkedOn.length > 0) throw new Error(`parked for ever: ${t.waitReason}`);
    }
    throw new Error('a call that never ends');
  }

  /** Until nothing is under way. */
  settle(): void { for (let i = 0; i < 10_000 && this.turn(); i++); }

  /** Disks go on, interrupts and timers are served. False: nothing happened. */
  turn(): boolean {
    const { kernel, t } = this;
    let any = false;
    for (const d of this.disks) if (d instanceof LateDisk && d.goOn()) any = true;
    if (this.board.interruptPending) {
      kernel.interrupts!.dispatch();
      any = true;
    }
    if (kernel.timers.nextDeadline <= kernel.now()) {
      kernel.timers.run(kernel.now());
      any = true;
    }
    if (!any && this.skipsTime && kernel.timers.nextDeadline !== Infinity) {
      this.now = Math.max(this.now, kernel.timers.nextDeadline);
      any = true;
    }
    if (t.state === 'R') {
      kernel.sched.dequeue(t);
      t.state = 'S';
    }
    return any;
  }

  mount(device: string, at: string, flags = 0): void {
    const r = this.run(t => mountAt(t, 'ext2', device, at, flags, '', 'skip'));
    if (isErr(r)) throw new Error(`mount: errno ${-r}`);
  }

  unmount(at: string): void {
    const mount = [...this.kernel.mounts.all].find(m => m.mountpoint?.name === at.slice(1))!;
    const r = this.run(t => mount.sb.sync(t) || this.kernel.mounts.unmount(mount, 'strict', 0));
    if (isErr(r)) throw new Error(`unmount: errno ${-r}`);
    this.settle();
  }
}

/** The bytes of a disk. */
export function contentsOf(disk: MemoryDisk): Uint8Array {
  const bytes = new Uint8Array(disk.size);
  disk.read(0, bytes);
  return bytes;
}
