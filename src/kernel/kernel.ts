// The kernel object: where the subsystems find each other, and the few operations that touch several of them (who runs, who sleeps, who is told).
// One per machine; all of it plain data.
import type { Fallible } from '../abi/errno.ts';
import { CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, SA_NOCLDSTOP, SIGCHLD, SIGCONT } from '../abi/signal.ts';
import { ChaChaRng } from '../lib/chacha.ts';
import { Rng } from '../lib/rng.ts';
import { CTX_PC, CTX_SIZE, type Hart, type Machine } from '../machine/machine.ts';
import { BlockLayer } from './block/block-layer.ts';
import type { DeviceManager } from './device/manager.ts';
import { Uevents } from './device/uevent.ts';
import { FbLayer } from './fb/fb-layer.ts';
import { InputLayer } from './input/input-layer.ts';
import { Ipc } from './ipc/ipc.ts';
import { epollWatchesFor, UserLimits, UserTable } from './task/user-counts.ts';
import type { Disassembler } from './entry/oops.ts';
import { ModuleTable } from './integrity/modules.ts';
import { SelfAudit } from './integrity/self-audit.ts';
import { AddressSpace } from './mm/address-space.ts';
import type { Randomization } from './mm/aslr.ts';
import { Frames, reservedRanges } from './mm/frames.ts';
import { UserMemory } from './mm/user.ts';
import { Writeback } from './mm/writeback.ts';
import { Network } from './net/network.ts';
import { LoadAverages } from './sched/load.ts';
import { Scheduler } from './sched/scheduler.ts';
import { Security } from './security/security.ts';
import { refreshPending, sendToProcess } from './signal/send.ts';
import { OomSettings } from './task/oom.ts';
import { PidTable } from './task/pid-table.ts';
import type { Process } from './task/process.ts';
import type { Task } from './task/task.ts';
import type { VdsoFile } from './task/vdso/vdso.ts';
import { NearClock } from './time/near-clock.ts';
import { Timers, TimerTarget } from './time/timers.ts';
import { WallClock } from './time/wall-clock.ts';
import { KernelLog } from './trace/log.ts';
import { TraceHub } from './trace/hub.ts';
import { DeviceTable } from './vfs/devices.ts';
import type { FdArguments } from './vfs/fd-pins.ts';
import { PtsRegistry } from './vfs/pts.ts';
import { MountTable } from './vfs/mount-table.ts';
import type { FileSystemType } from './vfs/super-block.ts';
import type { Timestamp } from './vfs/inode.ts';

/** Whoever serves the machine's interrupts: kernel/device. */
export abstract class InterruptHandler {
  /** Claims and serves everything that is pending. */
  abstract dispatch(): void;
}

/** A process that the host started has ended; the system layer collects these. */
export interface HostExit { readonly pid: number; readonly status: number }

export class Kernel {
  readonly machine: Machine;
  readonly hart: Hart;
  readonly frames: Frames;
  /** User memory of the current task. */
  readonly user: UserMemory;
  readonly sched: Scheduler;
  readonly timers = new Timers();
  readonly clock: WallClock;
  readonly pids = new PidTable();
  readonly mounts: MountTable;
  /** Character and block device drivers by number. */
  readonly devices: DeviceTable;
  /** Devices of the machine and their drivers; null before they were looked for. */
  hardware: DeviceManager | null = null;
  /** Tells programs of devices that come and go. */
  readonly uevents = new Uevents(this);
  /** Disks and partitions. */
  readonly block: BlockLayer;
  /** Keyboards, mice, tablets. */
  readonly input = new InputLayer(this);
  /** Screens. */
  readonly fb = new FbLayer(this);
  /** Pseudo terminals, for devpts. */
  readonly pts = new PtsRegistry();
  readonly filesystems = new Map<string, FileSystemType>();
  /** The kernel's own dice (scheduling under a seed): repeatable, not secret. */
  readonly rng: Rng;
  /** Random numbers for programs: getrandom(2), /dev/urandom, AT_RANDOM, address space layout. */
  readonly random = new ChaChaRng();
  readonly log = new KernelLog();
  readonly trace = new TraceHub();
  /** Futexes, System V objects, ... by key. */
  readonly ipc: Ipc;
  /** What users keep, and how much they may. */
  readonly users: UserTable;
  /** Socket families and their name spaces. */
  readonly net: Network;
  readonly security = new Security();
  interrupts: InterruptHandler | null = null;
  hostname = 'kspace';
  domainname = '(none)';
  /** The task that runs, or ran last; system calls are always by it. */
  current!: Task;
  /** pid 1: adopts orphans, parent of what the host starts. */
  init!: Process;
  /** The registers in the hart. */
  private readonly context: Uint8Array;
  /** Whose registers are in the hart; null: nobody's worth saving. */
  loaded: Task | null = null;
  /** Children of init that the host waits for, and their ends. */
  readonly hostSpawned = new Set<number>();
  readonly hostExits: HostExit[] = [];
  /** Tasks at most: every one costs page tables and a stack, so the bound follows RAM as on Linux. */
  maxTasks: number;
  /** Start of the running task's stretch, for CPU clocks. */
  stretchStartNs = 0;
  stretchStartInstret = 0;
  /** What calls and faults of the running stretch cost, in instructions: work of the kernel uses up the slice like work of the program. */
  work = 0;
  workLimit = 0;
  stretchStartWork = 0;
  /** reboot(2) was called: the host stops the machine. */
  halted: 'running' | 'restart' | 'halt' | 'power-off' | 'panic' = 'running';
  /** What was loaded beside the build. */
  readonly modules = new ModuleTable();
  /** /proc/sys/kernel/tainted (taint.ts). */
  taint = 0;
  /** /proc/sys/kernel/panic_on_oops. */
  panicOnOops = 0;
  /** Looks at the kernel while it runs. */
  readonly selfAudit = new SelfAudit(this);
  /** /proc/sys/kernel/randomize_va_space (mm/aslr.ts); off under a seed. */
  randomizeVaSpace: Randomization = 0;
  /** /proc/sys/vm/unprivileged_userfaultfd: 1 lets everybody watch faults of the kernel's own accesses. */
  unprivilegedUserfaultfd = 0;
  /** /proc/sys/vm/memfd_noexec: what memfd_create(2) makes that says nothing: 0 executable, 1 not; 2: nothing executable at all. */
  memfdNoexec = 0;
  /** Oopses and unknown system calls, for reports. */
  oopses = 0;
  /** When dirty pages go to their files. */
  readonly writeback = new Writeback(this);
  oomKills = 0;
  readonly oom = new OomSettings();
  disassembler: Disassembler | null = null;
  readonly unknownCalls = new Map<number, number>();
  readonly load = new LoadAverages();
  /** CPU time of all tasks since boot. */
  cpuUserNs = 0;
  cpuSystemNs = 0;
  /** Which arguments of system calls are descriptors (vfs/fd-pins.ts); the dispatcher knows. */
  fdArguments: FdArguments = new Uint8Array(0);
  /** The page with the signal trampoline, made when the first program starts. */
  vdso: VdsoFile | null = null;
  /** /proc/sys/kernel/random/boot_id, made on first use. */
  bootId = '';
  private dev = 0;
  private ino = 0;

  constructor(machine: Machine, seed: number) {
    this.machine = machine;
    this.hart = machine.harts[0]!;
    this.context = machine.ram.u8.subarray(this.hart.base, this.hart.base + CTX_SIZE);
    this.frames = new Frames(machine, reservedRanges(machine));
    this.frames.reclaimer.clock = machine.clock;
    this.user = new UserMemory(this);
    const clock = new NearClock(machine.clock, this.hart);
    this.clock = new WallClock(clock);
    this.sched = new Scheduler(clock, this.timers);
    this.rng = new Rng(seed);
    this.random.reseed([seed, seed / 2 ** 32]);
    this.mounts = new MountTable(this);
    this.devices = new DeviceTable();
    this.block = new BlockLayer(this);
    this.ipc = new Ipc(machine.ram.size);
    this.users = new UserTable(new UserLimits(epollWatchesFor(machine.ram.size)));
    this.net = new Network(this);
    this.maxTasks = Math.max(64, Math.floor(machine.ram.size / (8 * 4096 * 8)));
  }

  /** CLOCK_MONOTONIC in ns: exact integer. */
  now(): number { return this.clock.monotonicNs(); }
  /** CLOCK_REALTIME, for file times. A fresh object. */
  realtime(): Timestamp { return this.clock.realtime(); }
  /** A device number for an anonymous super block (major 0). */
  nextDev(): number { return ++this.dev; }
  /** An inode number for anonymous inodes (pipes, sockets, ...). */
  nextIno(): number { return ++this.ino; }

  // --- running and sleeping -----------------------------------------------------------------------------------------------------------

  /** A new task may run; who made it goes on first. */
  enqueueNew(t: Task): void { this.sched.enqueue(t, 'new'); }

  /** Makes a parked task runnable (spurious wake-ups are legal). */
  wakeTask(t: Task): void {
    if (t.state !== 'S' && t.state !== 'D') return;
    this.leaveSleep(t);
    t.state = 'R';
    this.sched.enqueue(t, 'wakeup');
  }

  /** A signal became deliverable: an interruptible sleeper runs; 'kill' also gets stopped and uninterruptible tasks going. */
  wakeForSignal(t: Task, why: 'signal' | 'kill'): void {
    if (t.state === 'S' || (t.state === 'D' && why === 'kill')) this.wakeTask(t);
    else if ((t.state === 'T' || t.state === 't') && why === 'kill') this.resumeStopped(t);
  }

  /** SIGCONT, or its tracer: a stopped task goes on. */
  resumeStopped(t: Task): void {
    t.state = 'R';
    refreshPending(t);
    this.sched.enqueue(t, 'wakeup');
  }

  /** Wakes `t` at `deadlineNs` unless it wakes before. */
  armSleep(t: Task, deadlineNs: number): void {
    if (t.sleepTimer !== 0) this.timers.cancel(t.sleepTimer);
    t.sleepTimer = this.timers.add(deadlineNs, new SleepTimer(t));
  }

  /** Takes a dying task off everything that could run or wake it. */
  detach(t: Task): void {
    this.leaveSleep(t);
    this.sched.release(t);
    if (this.loaded === t) this.loaded = null;
  }

  private leaveSleep(t: Task): void {
    t.unpark();
    if (t.sleepTimer === 0) return;
    this.timers.cancel(t.sleepTimer);
    t.sleepTimer = 0;
  }

  /** Puts `t`'s registers and address space into the hart. */
  switchTo(t: Task): void {
    this.current = t;
    if (this.loaded === t) return;
    if (this.loaded !== null) this.loaded.context.set(this.context);
    this.context.set(t.context);
    this.loaded = t;
    this.hart.clearReservation();
    if (t.mm !== null) this.hart.activate(t.mm.rootPfn);
  }

  // --- address spaces -----------------------------------------------------------------------------------------------------------------

  newAddressSpace(): Fallible<AddressSpace> { return AddressSpace.create(this); }
  /** exec: the current task goes on in `mm`. */
  enterSpace(mm: AddressSpace): void { this.hart.activate(mm.rootPfn); }
  /** Is `mm` the one that user accessors and the hart see? */
  isActive(mm: AddressSpace): boolean { return this.current.mm === mm; }

  // --- registers of the current task --------------------------------------------------------------------------------------------------

  /** Completes the system call: a0 = result, pc behind the `ecall`. */
  finishSyscall(result: number): void {
    const { x } = this.hart;
    x[20] = result | 0;
    x[21] = Math.floor(result / 2 ** 32);
    const pc = CTX_PC >> 2;
    const lo = (x[pc]! + 4) | 0;
    x[pc] = lo;
    if (lo >>> 0 < 4) x[pc + 1] = (x[pc + 1]! + 1) | 0;
  }

  /** Over 1, 5 and 15 minutes, brought up to date. */
  get loadAverages(): readonly number[] {
    const now = this.now();
    if (now >= this.load.nextSampleNs) this.sampleLoad(now);
    return this.load.values;
  }
  sampleLoad(nowNs: number): void {
    let active = 0;
    for (const t of this.pids.tasks.values()) if (t.state === 'R' || t.state === 'D') active++;
    this.load.sample(nowNs, active);
  }

  // --- processes ----------------------------------------------------------------------------------------------------------------------

  /** Threads of all processes of a user, for RLIMIT_NPROC. */
  tasksOf(uid: number): number {
    let n = 0;
    for (const t of this.pids.tasks.values()) if (t.cred.uid === uid) n++;
    return n;
  }

  /** exec from a thread: it takes over the leader's number (execve(2)). */
  becomeLeader(t: Task): void {
    const p = t.process;
    const old = p.leader;
    this.pids.tasks.delete(t.tid);
    t.tid = p.pid;
    this.pids.tasks.set(p.pid, t);
    p.leader = t;
    old.state = 'X';
  }

  /** SIGCHLD and wait(2) wake-ups for a child that stopped, continued or died. */
  notifyParent(p: Process, what: 'stopped' | 'continued' | 'exited'): void {
    const parent = p.parent;
    if (parent === null) return;
    const signo = what === 'exited' ? p.exitSignal : SIGCHLD;
    const action = parent.leader.handlers.actions[SIGCHLD];
    const silent = signo === 0 || parent === this.init || (what !== 'exited' && action !== undefined && (action.flags & SA_NOCLDSTOP) !== 0);
    if (!silent) sendToProcess(parent, { signo, pid: p.pid, uid: p.leader.cred.uid, ...childCode(p, what) });
    parent.childEvents.wake();
  }

  /** Bookkeeping at the end of a process: the host may be waiting for it. */
  processExited(p: Process): void {
    if (this.hostSpawned.delete(p.pid)) this.hostExits.push({ pid: p.pid, status: p.exitStatus });
  }
}

/** Wakes a task at its deadline. */
class SleepTimer extends TimerTarget {
  readonly task: Task;
  constructor(task: Task) {
    super();
    this.task = task;
  }
  expire(): void {
    this.task.sleepTimer = 0;
    this.task.kernel.wakeTask(this.task);
  }
}

/** si_code, si_status and times of a SIGCHLD; times in clock ticks. */
function childCode(p: Process, what: 'stopped' | 'continued' | 'exited'): { code: number; status: number; utime: number; stime: number } {
  const times = { utime: Math.floor(p.deadUtimeNs / 1e7), stime: Math.floor(p.deadStimeNs / 1e7) };
  if (what === 'stopped') return { code: CLD_STOPPED, status: p.stopSignal, ...times };
  if (what === 'continued') return { code: CLD_CONTINUED, status: SIGCONT, ...times };
  const sig = p.exitStatus & 0x7f;
  if (sig === 0) return { code: CLD_EXITED, status: (p.exitStatus >> 8) & 0xff, ...times };
  return { code: p.exitStatus & 0x80 ? CLD_DUMPED : CLD_KILLED, status: sig, ...times };
}
