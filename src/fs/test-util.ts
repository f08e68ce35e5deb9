// A small world for tests of the VFS and of file systems: mm's test world, a root on tmpfs, and one task with descriptors and real user memory, so
// that system calls can be made with strings and buffers as arguments.
import { isErr } from '../abi/errno.ts';
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '../abi/mman.ts';
import { ChaChaRng } from '../lib/chacha.ts';
import { Rng } from '../lib/rng.ts';
import { latin1Decode, latin1Encode } from '../lib/utf8.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { UserLimits, UserTable } from '../kernel/task/user-counts.ts';
import { Ipc } from '../kernel/ipc/ipc.ts';
import { enterSpace, testWorld } from '../kernel/mm/test-util.ts';
import { credentialsFor } from '../kernel/security/credentials.ts';
import { SignalHandlers, SignalQueue } from '../kernel/signal/state.ts';
import { Process, ProcessGroup, Session } from '../kernel/task/process.ts';
import { Task } from '../kernel/task/task.ts';
import { KernelLog } from '../kernel/trace/log.ts';
import { DeviceTable } from '../kernel/vfs/devices.ts';
import { FdTable } from '../kernel/vfs/fd-table.ts';
import { FsContext } from '../kernel/vfs/fs-context.ts';
import { Path } from '../kernel/vfs/mount.ts';
import { Security } from '../kernel/security/security.ts';
import { MountTable } from '../kernel/vfs/mount-table.ts';
import { TmpfsSuperBlock, TmpfsType } from './tmpfs/super.ts';

/** What a system call row has to have here (the layer below may not know more). */
interface Callable { run(t: Task, a0: number, a1: number, a2: number, a3: number, a4: number, a5: number): number }

/** Room for arguments in the task's memory. */
const ARENA = 1 << 20;

export class FsWorld {
  readonly kernel: Kernel;
  readonly root: TmpfsSuperBlock;
  t: Task;
  /** Signals sent to the task so far. */
  readonly tasks: Task[] = [];
  readonly arena: number;
  #arenaUsed = 0;
  #clock = 1_000_000;
  #dev = 0;
  #ino = 0;

  constructor(ramBytes = 16 << 20) {
    const mm = testWorld(ramBytes);
    const kernel = (this.kernel = mm.kernel);
    const self = {
      nextDev: () => ++this.#dev, nextIno: () => ++this.#ino, now: () => this.#clock * 1e9,
      realtime: () => ({ sec: 1_700_000_000 + Math.floor(this.#clock / 1000), nsec: (this.#clock++ % 1000) * 1_000_000 }),
      devices: new DeviceTable(), filesystems: new Map([['tmpfs', new TmpfsType()]]), pids: { tasks: new Map<number, Task>(), processes: new Map() },
      ipc: new Ipc(ramBytes), users: new UserTable(new UserLimits(1 << 20)), security: new Security(), rng: new Rng(1), random: new ChaChaRng(), log: new KernelLog(), wakeTask: (t: Task) => { t.unpark(); t.state = 'R'; }, wakeForSignal: () => {}, armSleep: () => {}, current: undefined,
    };
    Object.assign(kernel, self);
    Object.assign(kernel, { mounts: new MountTable(kernel) });
    this.root = new TmpfsSuperBlock(kernel, 'tmpfs', 'none', { mode: 0o755 });
    const mount = kernel.mounts.mountRoot(this.root, 0);
    this.t = this.newTask(new FsContext(new Path(mount, mount.root), new Path(mount, mount.root), 0o022));
    const space = enterSpace({ ...mm, task: this.t });
    kernel.current = this.t;
    const arena = space.map(this.t, { addr: 0, length: ARENA, prot: PROT_READ | PROT_WRITE, flags: MAP_PRIVATE | MAP_ANONYMOUS, file: null, offset: 0 });
    if (isErr(arena)) throw new Error('no room for the arena');
    this.arena = arena;
  }

  /** Another process, root unless said otherwise. */
  newTask(fs: FsContext = this.t.fs.copy(), uid = 0): Task {
    const session = new Session(1, null as unknown as Process);
    const rlimits = Array.from({ length: 16 }, () => ({ soft: Infinity, hard: Infinity }));
    rlimits[7] = { soft: 64, hard: 64 };
    const pid = 100 + this.tasks.length;
    const p = new Process(this.kernel, pid, null, new ProcessGroup(1, session), new SignalQueue(), rlimits);
    const t = new Task(this.kernel, pid, p, {
      mm: this.tasks[0]?.mm ?? null, files: new FdTable(), fs, cred: credentialsFor(uid, uid), handlers: new SignalHandlers(), pending: new SignalQueue(),
    });
    p.leader = t;
    p.threads.add(t);
    this.tasks.push(t);
    this.kernel.pids.tasks.set(pid, t);
    return t;
  }

  /** Acts as `t` from now on. */
  become(t: Task): void {
    this.t = t;
    this.kernel.current = t;
  }

  /** Makes a system call: strings become NUL-terminated user memory, byte arrays are copied in. Addresses of earlier arguments die. */
  call(sys: Callable, ...args: (number | string | Uint8Array)[]): number {
    this.#arenaUsed = 0;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args.map(x => typeof x === 'number' ? x : this.place(typeof x === 'string' ? latin1Encode(`${x}\0`) : x));
    const r = sys.run(this.t, a, b, c, d, e, f);
    if (r !== -600) this.t.restart = null;
    return r;
  }

  /** Copies bytes to user memory; their address. */
  place(bytes: Uint8Array): number {
    const at = this.arena + this.#arenaUsed;
    this.#arenaUsed += Math.ceil((bytes.length + 1) / 8) * 8;
    if (this.#arenaUsed > ARENA / 2) throw new Error('arena full');
    if (this.t.user.copyIn(at, new Uint8Array(0)) !== 0 || this.t.user.copyOut(at, bytes) !== 0) throw new Error('arena fault');
    return at;
  }

  /** The upper half of the arena: for results. */
  get out(): number { return this.arena + ARENA / 2; }
  bytesAt(addr: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (length > 0 && this.t.user.copyIn(addr, bytes) !== 0) throw new Error('arena fault');
    return bytes;
  }
  textAt(addr: number, length: number): string { return latin1Decode(this.bytesAt(addr, length)); }
}
