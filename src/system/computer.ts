// A running machine: board, kernel and trap loop put together, its root file system mounted, processes started in it, their ends reported.
// The same for every host: what differs (clock, entropy, terminal, file systems) comes in as interfaces of host/host.ts.
import { BLOCKED, type Errno, type Fallible, EAGAIN, isErr } from '../abi/errno.ts';
import { AT_FDCWD, O_NOCTTY, O_RDWR } from '../abi/fcntl.ts';
import { SI_USER } from '../abi/signal.ts';
import type { Entropy, HostClock, NetBackend } from '../host/host.ts';
import { PcapTap } from '../host/pcap.ts';
import { OverlayType } from '../fs/overlay/super.ts';
import { Ext2Type } from '../fs/ext2/super.ts';
import { VirtioFsType } from '../fs/fuse/super.ts';
import { SealedType } from '../fs/sealed/super.ts';
import { syncDevice } from '../kernel/block/device-file.ts';
import { TrapLoop } from '../kernel/entry/trap-loop.ts';
import { Kernel } from '../kernel/kernel.ts';
import { LineSink, Strace } from '../kernel/strace/strace.ts';
import { credentialsFor } from '../kernel/security/credentials.ts';
import { sendToGroup } from '../kernel/signal/send.ts';
import { createInit, spawn } from '../kernel/task/init.ts';
import type { Task } from '../kernel/task/task.ts';
import { KERNEL_RELEASE, KERNEL_VERSION } from '../kernel/version.ts';
import { KernelLog } from '../kernel/trace/log.ts';
import { FdTable } from '../kernel/vfs/fd-table.ts';
import { openAt } from '../kernel/vfs/open.ts';
import type { OpenFile } from '../kernel/vfs/open-file.ts';
import type { Picture } from '../lib/png.ts';
import { createBoard, type Board } from '../machine/board.ts';
import { HostBackedClock, VirtualClock } from '../machine/devices/clock.ts';
import { createHart } from '../machine/hart/hart.ts';
import type { TranslationStore } from '../machine/jit/store.ts';
import { type Engine, MADE_ANEW, probeEngine } from '../machine/engine.ts';
import { addTranslator, type Translator } from '../machine/jit/translator.ts';
import { type Isolates, PAGE_SIZE } from '../machine/machine.ts';
import { createRam } from '../machine/ram.ts';
import type { BalloonRequest, Disk, Ending, GuestMachine, GuestProcess, MachineRequest, MachineSandbox, NetCard, ProfileRequest, SpawnRequest, TraceRequest, TranslationRequest } from './contract.ts';
import { MachineDisassembler } from './disassembler.ts';
import { probeDevices, type Devices } from './devices.ts';
import { driverTable } from './driver-stats.ts';
import { RealmCheck } from './hardening/audit.ts';
import { isHardened } from './hardening/realm.ts';
import { measureBoot } from './measured-boot.ts';
import { mountAll } from './mount-all.ts';
import { insertModule, type KernelModule } from './modules/module-api.ts';
import { registerBuiltins } from './mounts.ts';
import { pictureOf, Screenshot } from './picture.ts';
import { profileOf, renderProfile } from './profile/profile.ts';
import { Profiler } from './profile/profiler.ts';
import { readWhole } from './profile/whole-file.ts';
import { TranslationRecorder } from './translation/recorder.ts';
import { reportOf } from './translation/report.ts';
import { Pump } from './pump.ts';
import { AuditLog } from './sandbox/audit-log.ts';
import { HostPolicy } from './sandbox/policy.ts';
import { startSwapDisk, startZram, swapDisk } from './swap.ts';

/** What the host contributes beside file systems and streams. */
export interface Platform {
  readonly clock: HostClock;
  readonly entropy: Entropy;
  /** Where isolated drivers run; absent: nowhere. */
  readonly isolates?: (Isolates & { closeAll(): void }) | undefined;
  /** Translations of earlier runs for a kind of machine, and where this one's are kept; absent: none, nowhere. */
  readonly translations?: ((machine: string) => TranslationStore) | undefined;
  /** Takes the kernel's emergency messages (oops reports), a line each. */
  readonly report: (line: string) => void;
}

export class Computer implements GuestMachine {
  readonly kernel: Kernel;
  readonly board: Board;
  readonly init: Task;
  readonly translator: Translator | null;
  readonly #loop: TrapLoop;
  readonly #pump: Pump;
  readonly #devices: Devices;
  readonly #waiting = new Map<number, (e: Ending) => void>();
  readonly #endings = new Map<number, Ending>();
  readonly #strace: Strace | null;
  /** Opened by strace -c at the end. */
  readonly #trace: TraceRequest | undefined;
  readonly #profiler: Profiler | null;
  readonly #profile: ProfileRequest | undefined;
  readonly #recorder: TranslationRecorder | null;
  readonly #translation: TranslationRequest | undefined;
  readonly #screenshot: Screenshot | null;
  #halted: (() => void) | null = null;
  readonly #report: (line: string) => void;
  readonly #isolates: Platform['isolates'];
  readonly #driverStats: MachineRequest['driverStats'];
  /** Log lines up to here were looked at for emergencies. */
  #reported = 0;

  constructor(q: MachineRequest, platform: Platform) {
    this.#report = platform.report;
    this.#isolates = platform.isolates;
    this.#driverStats = q.driverStats;
    const virtual = q.seed === undefined ? null : new VirtualClock();
    const clock = virtual ?? new HostBackedClock(platform.clock);
    const ram = createRam(q.memoryBytes);
    const engine = probeEngine(), store = storeFor(q, platform, ram, engine), hart = createHart(ram, clock, engine, store ?? MADE_ANEW);
    this.translator = q.translator === 'off' ? null : addTranslator(hart, ram, q.translator ?? 'on', store);
    this.#recorder = q.translation === undefined ? null : new TranslationRecorder(q.translation);
    this.#translation = q.translation;
    if (this.translator !== null) this.translator.observer = this.#recorder;
    virtual?.follow(hart);
    this.#profiler = q.profile === undefined ? null : new Profiler(hart, q.profile.interval);
    this.#profile = q.profile;
    const bootargs = q.rootHash !== undefined ? `root=sealed:root roothash=${q.rootHash} ro` : `root=virtiofs:root ${q.rootAccess === 'direct' ? 'rw' : 'ro'}`;
    this.board = createBoard({
      ram, hart: this.#profiler?.hart ?? hart, clock, boot: { sec: platform.clock.bootSec, nsec: platform.clock.bootNsec }, entropy: platform.entropy, console: q.console ?? null,
      fs: [{ tag: 'root', backend: q.root }, ...q.mounts.map((m, i) => ({ tag: `mount${i}`, backend: m.fs }))],
      disks: [...q.disks ?? [], ...swapDisk(q.swapBytes)], display: q.display, inputs: q.inputs, nets: (q.nets ?? []).map(n => ({ id: n.id, backend: this.#tapped(n) })),
      isolates: platform.isolates,
      bootargs,
    });
    this.kernel = new Kernel(this.board, q.seed ?? 1);
    measureBoot(this.kernel, q, bootargs);
    this.kernel.hostname = q.hostname;
    this.kernel.randomizeVaSpace = q.seed === undefined ? 2 : 0;
    this.kernel.disassembler = new MachineDisassembler();
    this.#loop = new TrapLoop(this.kernel);
    this.#loop.jitter = q.seed !== undefined;
    this.init = createInit(this.kernel);
    this.#profiler?.attach(this.kernel, this.init);
    this.#recorder?.attach(this.kernel, this.init);
    this.#devices = probeDevices(this.kernel, q.drivers);
    registerBuiltins(this.kernel, [new OverlayType(), new VirtioFsType(this.#devices.fuse), new SealedType(this.#devices.fuse), new Ext2Type()]);
    this.#announce(q.memoryBytes);
    if (q.sandbox?.lockdown !== undefined) this.kernel.security.lockdown.raise(q.sandbox.lockdown);
    for (const m of q.modules ?? []) this.insertModule(m);
    if (q.sandbox?.audit !== undefined) this.kernel.security.audit = new AuditLog(q.sandbox.audit);
    mountAll(this.init, q);
    if (q.swapBytes !== undefined) this.asInit(startSwapDisk);
    if (q.zramBytes !== undefined) this.asInit(t => startZram(t, q.zramBytes!));
    this.#trace = q.trace;
    this.#strace = q.trace === undefined ? null : new Strace(q.trace, new PortSink(q.trace));
    this.kernel.trace.tracer = this.#strace;
    this.#pump = new Pump(this.kernel, this.#loop, virtual, () => this.#afterSlice());
    this.board.onInterrupt = () => this.#pump.kick();
    this.#screenshot = q.screenshot === undefined ? null : new Screenshot(q.screenshot, this.kernel);
    if (q.balloon !== undefined) this.inflate(q.balloon);
    if (isHardened()) this.kernel.selfAudit.checks.push(new RealmCheck());
    this.#restrict(q.sandbox ?? {});
  }

  spawn(q: SpawnRequest): GuestProcess | number {
    const files = this.#openStreams(q);
    if (isErr(files)) return files;
    const t = spawn(this.kernel, {
      argv: q.argv, envp: q.env, path: q.argv[0] ?? '', search: q.env.find(e => e.startsWith('PATH='))?.slice(5), cwd: q.cwd,
      cred: credentialsFor(q.uid, q.gid, [], q.capabilities), confinement: q.confinement, files, terminal: q.stdio.kind === 'terminal' ? 'controlling' : 'none',
    });
    if (isErr(t)) return t;
    this.#strace?.follow(t);
    this.#pump.kick();
    return new HostedProcess(this, t.process.pid);
  }

  /** The machine is up: from now on its restrictions hold. */
  #restrict({ pidsLimit, lockdown, wx, ima, selfAuditSeconds, policy }: MachineSandbox): void {
    const { security, pids } = this.kernel;
    if (pidsLimit !== undefined) this.kernel.maxTasks = Math.min(this.kernel.maxTasks, pids.tasks.size + pidsLimit);
    if (policy !== undefined) security.policy = new HostPolicy(policy, () => this.#pump.kick());
    if (lockdown !== undefined) security.lockdown.raise(lockdown);
    for (const key of ima?.keys ?? []) security.ima.trust(key);
    if (ima !== undefined) security.ima.load(ima.policy);
    if (wx !== undefined) security.wx.enforce(wx.exempt);
    const period = selfAuditSeconds ?? (lockdown === undefined ? 0 : LOCKED_AUDIT_SECONDS);
    if (period > 0) this.kernel.selfAudit.setPeriod(period);
    security.bootLog.close();
  }

  /** Resolves when the process has ended. */
  wait(pid: number): Promise<Ending> {
    const ended = this.#endings.get(pid);
    return ended !== undefined ? Promise.resolve(ended) : new Promise(resolve => this.#waiting.set(pid, resolve));
  }

  /** From the host's keyboard or its own signals: to the whole group of the process. */
  signal(pid: number, signo: number): void {
    const p = this.kernel.pids.processes.get(pid);
    if (p === undefined || p.isZombie) return;
    sendToGroup(p.group, { signo, code: SI_USER, pid: 0, uid: 0 });
    this.#pump.kick();
  }

  /** Runs `f` as the kernel's own task, for access to files from outside. Nothing else runs meanwhile. */
  asInit<T>(f: (t: Task) => T): T {
    const { kernel, init } = this;
    const { current } = kernel, { nextDeadline } = kernel.timers;
    kernel.current = init;
    try {
      return f(init);
    } finally {
      kernel.current = current;
      if (kernel.sched.runnable > 0 || kernel.timers.nextDeadline < nextDeadline) this.#pump.kick();
    }
  }

  /** A module of the host; EPERM, EEXIST, or EIO where its init failed. */
  insertModule(m: KernelModule): 0 | Errno { return this.asInit(() => insertModule(this.kernel, m)); }

  /** A disk comes while the machine runs; false: no slot is free, or the id is taken. */
  plugDisk({ id, backend }: Disk): boolean {
    const isIn = this.board.plugDisk(id, backend);
    if (isIn) this.#pump.kick();
    return isIn;
  }

  /** A disk is pulled out, in use or not. False: there is none of that id. */
  unplugDisk(id: string): boolean {
    const backend = this.board.unplugDisk(id);
    backend?.close();
    this.#pump.kick();
    return backend !== null;
  }

  /** A network card comes, or is pulled out, in use or not; as with disks. */
  plugNet(card: NetCard): boolean {
    const isIn = this.board.plugNet(card.id, this.#tapped(card));
    if (isIn) this.#pump.kick();
    return isIn;
  }
  unplugNet(id: string): boolean {
    const wire = this.board.unplugNet(id);
    wire?.close();
    this.#pump.kick();
    return wire !== null;
  }

  /** Its wire, with a tap that tells the machine's time. */
  #tapped({ wire, capture }: NetCard): NetBackend {
    return capture === undefined ? wire : new PcapTap(wire, capture, { now: () => this.kernel.realtime() });
  }

  /** What the display shows, with everything that programs have drawn; null: there is no display. */
  picture(): Picture | null { return this.asInit(t => pictureOf(t.kernel, this.board)); }

  /** The host wants so much of the machine's memory; `rule` counts when there was no balloon. False: there is no slot for one. */
  inflate({ bytes, rule }: BalloonRequest): boolean {
    const { peripherals } = this.board;
    if (peripherals.balloon === null && !peripherals.plugBalloon(rule)) return false;
    this.asInit(t => t.kernel.interrupts?.dispatch());
    peripherals.balloon!.target = Math.floor(bytes / PAGE_SIZE);
    this.#pump.kick();
    return true;
  }

  /** Resolves when reboot(2) has halted the machine. */
  halted(): Promise<void> { return new Promise(resolve => { this.#halted = resolve; }); }

  async stop(): Promise<void> {
    if (this.#trace?.mode === 'summary') for (const line of this.#strace!.summary.lines()) this.#strace!.sink.line(line);
    this.#pump.stop();
    if (this.#profiler !== null) this.#profile!.done(renderProfile(profileOf(this.#profiler, path => this.asInit(t => readWhole(t, path))), this.#profile!.format));
    if (this.#recorder !== null) this.#translation!.done(reportOf(this.#recorder, this.board.harts[0]!.base, path => this.asInit(t => readWhole(t, path))));
    this.#screenshot?.take(this.kernel, this.board, 'end');
    this.translator?.keep();
    await this.#devices.flush(this.board);
    // What a broken kernel holds is better not written anywhere.
    if (this.kernel.halted === 'panic') for (const disk of this.board.disks) disk.close();
    else await this.#syncDisks();
    for (const wire of this.board.nets) wire.close();
    this.#driverStats?.(driverTable(this.kernel));
    this.#isolates?.closeAll();
  }

  /** Power-off comes after everything that was written is on the disks. A disk that answers late is given its time. */
  async #syncDisks(): Promise<void> {
    if (this.board.disks.length === 0) return;
    for (let i = 0; i < SYNC_TRIES && this.asInit(syncAll) === BLOCKED; i++) {
      await new Promise(resolve => { setTimeout(resolve, SYNC_POLL_MS); });
      this.#loop.serveDevices();
    }
    for (const disk of this.board.disks) disk.close();
  }

  #afterSlice(): void {
    this.#reportEmergencies();
    this.#screenshot?.take(this.kernel, this.board, 'running');
    const { hostExits, halted } = this.kernel;
    for (const { pid, status } of hostExits.splice(0)) {
      const sig = status & 0x7f;
      const ending: Ending = sig === 0 ? { kind: 'exited', status: (status >> 8) & 0xff } : { kind: 'killed', signal: sig };
      this.#endings.set(pid, ending);
      this.#waiting.get(pid)?.(ending);
      this.#waiting.delete(pid);
    }
    if (halted === 'running') return;
    this.#pump.stop();
    this.#halted?.();
    for (const [pid, resolve] of this.#waiting) resolve(this.#endings.get(pid) ?? { kind: 'exited', status: halted === 'panic' ? PANIC_STATUS : 0 });
  }

  #reportEmergencies(): void {
    const { log } = this.kernel;
    if (log.nextSeq === this.#reported) return;
    for (const line of log.lines) if (line.seq >= this.#reported && line.level === 0) this.#report(KernelLog.format(line));
    this.#reported = log.nextSeq;
  }

  #openStreams(q: SpawnRequest): Fallible<FdTable> {
    const files = new FdTable();
    if (q.stdio.kind === 'terminal') {
      const tty = this.asInit(t => openAt(t, AT_FDCWD, '/dev/hvc0', O_RDWR | O_NOCTTY, 0));
      if (isErr(tty)) return tty;
      for (let fd = 0; fd < 3; fd++) files.set(fd, fd === 0 ? tty : tty.get(), 'keep');
      return files;
    }
    const ports = [['stdin', q.stdio.stdin, 'read'], ['stdout', q.stdio.stdout, 'write'], ['stderr', q.stdio.stderr, 'write']] as const;
    for (const [fd, [name, port, use]] of ports.entries()) {
      const file: OpenFile | null = this.#devices.openPort(this.board, name, port, use);
      if (file === null) {
        for (const [, opened] of files.entries()) opened.put();
        return EAGAIN;
      }
      files.set(fd, file, 'keep');
    }
    return files;
  }

  #announce(memoryBytes: number): void {
    const { log, frames } = this.kernel;
    const say = (text: string): void => { log.add(5, this.kernel.now(), text); };
    say(`Linux version ${KERNEL_RELEASE} (TypeScript) ${KERNEL_VERSION}`);
    say(`Machine model: kspace, one rv64imafdc hart, Sv39`);
    say(`Memory: ${frames.freeCount * 4}K/${memoryBytes / 1024}K available`);
  }
}

/** A machine that is locked down looks at itself so often, unless it is told otherwise. */
const LOCKED_AUDIT_SECONDS = 60;

/** What is told of a process whose machine has panicked: not its own doing (session.ts). */
const PANIC_STATUS = 125;

/** How often a stopping machine looks whether its disks have taken everything. */
const SYNC_POLL_MS = 2, SYNC_TRIES = 5000;

/** sync(2), as far as it can get now. */
function syncAll(t: Task): 0 | Errno {
  t.unpark();
  t.parkState = 'S';
  t.waitReason = '';
  for (const m of t.kernel.mounts.all) if (m.sb.setAccess(t, 'read-only') === BLOCKED) return BLOCKED;
  for (const d of t.kernel.block.devices()) if (syncDevice(t, d) === BLOCKED) return BLOCKED;
  t.dropRecord();
  return 0;
}

class HostedProcess implements GuestProcess {
  readonly #computer: Computer;
  readonly pid: number;
  constructor(computer: Computer, pid: number) {
    this.#computer = computer;
    this.pid = pid;
  }
  wait(): Promise<Ending> { return this.#computer.wait(this.pid); }
  signal(number: number): void { this.#computer.signal(this.pid, number); }
}

/** Lines of strace to a byte port; what the port does not take at once waits. */
class PortSink extends LineSink {
  readonly #request: TraceRequest;
  #rest: Uint8Array = new Uint8Array(0);
  constructor(request: TraceRequest) {
    super();
    this.#request = request;
  }
  line(text: string): void {
    const bytes = new Uint8Array(this.#rest.length + text.length + 1);
    bytes.set(this.#rest);
    for (let i = 0; i < text.length; i++) bytes[this.#rest.length + i] = text.charCodeAt(i);
    bytes[bytes.length - 1] = 10;
    const n = this.#request.sink.write(bytes);
    this.#rest = n < 0 ? bytes : bytes.subarray(n);
  }
}

/** What is observed or forced has modules of its own. */
function storeFor(q: MachineRequest, platform: Platform, ram: { readonly wasmPages: number }, engine: Engine): TranslationStore | null {
  if (q.translation !== undefined || q.translator === 'eager') return null;
  return platform.translations?.(`${ram.wasmPages}${engine.fusedMadd ? '-fused' : ''}`) ?? null;
}
