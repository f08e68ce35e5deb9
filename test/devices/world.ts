// A machine with one virtio-fs device, its kernel probed, and a task that can make file system calls: for tests and benchmarks of fs/fuse.
import { BLOCKED, type Errno, isErr } from '../../src/abi/errno.ts';
import { type Devices, probeDevices } from '../../src/drivers/probe.ts';
import { type FuseSuperBlock, mountFuse } from '../../src/fs/fuse/super.ts';
import type { ConsolePort, FsBackend } from '../../src/host/host.ts';
import type { NodeIsolates } from '../../src/host/node/isolates.ts';
import type { Placements } from '../../src/kernel/device/manager.ts';
import type { FuseTransport } from '../../src/kernel/device/fuse-transport.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { credentialsFor } from '../../src/kernel/security/credentials.ts';
import { RestartRecord, type Task } from '../../src/kernel/task/task.ts';
import { type Board, createBoard } from '../../src/machine/board.ts';
import { createHart } from '../../src/machine/hart/hart.ts';
import type { Machine } from '../../src/machine/machine.ts';
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
  readonly board: Board;
  readonly kernel: Kernel;
  readonly devices: Devices;
  readonly transport: FuseTransport;
  readonly task: Task;

  constructor(backend: FsBackend, {
    isolates = isolatesOfRun(), placements = placementsOfRun(), machineOf = board => board, terminal = null,
  }: { isolates?: NodeIsolates | undefined; placements?: Placements; machineOf?: (board: Board) => Machine; terminal?: ConsolePort | null } = {}) {
    const ram = createRam(32 << 20);
    const clock = { monotonicNs: () => this.nowNs };
    const board = createBoard({
      ram, hart: createHart(ram, clock), clock, boot: { sec: 1_767_225_600, nsec: 0 }, entropy: { fill: b => { b.fill(9); } }, console: terminal, bootargs: '', isolates,
      fs: [{ tag: 'x', backend }],
    });
    this.board = board;
    this.kernel = new Kernel(machineOf(board), 1);
    this.devices = probeDevices(this.kernel, placements);
    this.transport = this.devices.fuse.get('x')!;
    this.task = new TestTask(this.kernel) as unknown as Task;
    this.kernel.current = this.task;
  }

  /** A call to its end, again and again as the dispatcher would; while it waits, interrupts are served and the clock jumps to the next timer. */
  run<T>(call: () => T): T {
    const t = this.task as unknown as TestTask;
    for (let runs = 0; runs < 1000; runs++) {
      const result = call();
      if (result !== BLOCKED) {
        t.restart = null;
        return result;
      }
      t.record().replayed = 0;
      for (const q of t.parkedOn.splice(0)) q.remove(t);
      this.turn();
    }
    throw new Error('it never ends');
  }

  /** Interrupts are served; if there were none, time passes. */
  turn(): void {
    if (this.board.interruptPending) return this.kernel.interrupts!.dispatch();
    const { nextDeadline } = this.kernel.timers;
    if (nextDeadline === Infinity) return;
    this.nowNs = Math.max(this.nowNs, nextDeadline);
    this.kernel.timers.run(this.nowNs);
  }

  mount(transport = this.transport): FuseSuperBlock { return must(mountFuse(this.task, 'virtiofs', 'x', transport, 0)); }
}

export function must<T>(r: T | Errno): T {
  if (isErr(r)) throw new Error(`errno ${-r}`);
  return r as T;
}
