// A machine with one virtio-fs device, its kernel probed, and a task that can make file system calls: for tests and benchmarks of fs/fuse.
import { type Errno, isErr } from '../../src/abi/errno.ts';
import { probeDevices } from '../../src/drivers/probe.ts';
import { type FuseSuperBlock, mountFuse } from '../../src/fs/fuse/super.ts';
import type { FsBackend } from '../../src/host/host.ts';
import type { FuseTransport } from '../../src/kernel/device/fuse-transport.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { credentialsFor } from '../../src/kernel/security/credentials.ts';
import { RestartRecord, type Task } from '../../src/kernel/task/task.ts';
import { createBoard } from '../../src/machine/board.ts';
import { createHart } from '../../src/machine/hart/hart.ts';
import { createRam } from '../../src/machine/ram.ts';
import { isolatesOfRun, placementsOfRun } from './placements.ts';

/** As much of a task as a file system looks at. */
export class TestTask {
  readonly kernel: Kernel;
  restart: RestartRecord | null = null;
  readonly cred = credentialsFor(process.getuid!(), process.getgid!());
  readonly process: object = { pid: 1, rlimits: Array.from({ length: 16 }, () => ({ soft: Infinity, hard: Infinity })) };
  readonly parkedOn: { remove(t: unknown): void }[] = [];
  wakeUps = 0;
  constructor(kernel: Kernel) { this.kernel = kernel; }
  record(): RestartRecord { return (this.restart ??= new RestartRecord()); }
  notify(): void { this.wakeUps++; }
}

export class World {
  nowNs = 1_000_000_000;
  readonly kernel: Kernel;
  readonly transport: FuseTransport;
  readonly task: Task;

  constructor(backend: FsBackend) {
    const ram = createRam(32 << 20);
    const clock = { monotonicNs: () => this.nowNs };
    const board = createBoard({
      ram, hart: createHart(ram, clock), clock, boot: { sec: 1_767_225_600, nsec: 0 }, entropy: { fill: b => { b.fill(9); } }, console: null, bootargs: '', isolates: isolatesOfRun(),
      fs: [{ tag: 'x', backend }],
    });
    this.kernel = new Kernel(board, 1);
    this.transport = probeDevices(this.kernel, placementsOfRun()).fuse.get('x')!;
    this.task = new TestTask(this.kernel) as unknown as Task;
    this.kernel.current = this.task;
  }

  mount(transport = this.transport): FuseSuperBlock { return must(mountFuse(this.task, 'virtiofs', 'x', transport, 0)); }
}

export function must<T>(r: T | Errno): T {
  if (isErr(r)) throw new Error(`errno ${-r}`);
  return r as T;
}
