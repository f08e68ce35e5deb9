// For unit tests of ipc, net and their calls: a kernel without a machine, tasks without a hart, user memory that is one array.
import { BLOCKED, EFAULT, EINVAL, type Errno, type Fallible } from '../../abi/errno.ts';
import { RLIMIT_MSGQUEUE } from '../../abi/resource.ts';
import { writeU64 } from '../../lib/u64.ts';
import type { Kernel } from '../kernel.ts';
import { Security } from '../security/security.ts';
import { Network } from '../net/network.ts';
import type { UserMemory } from '../mm/user.ts';
import { credentialsFor } from '../security/credentials.ts';
import { UserLimits, UserTable } from '../task/user-counts.ts';
import { SchedEntity } from '../sched/entity.ts';
import { SignalHandlers, SignalQueue } from '../signal/state.ts';
import type { Syscall } from '../syscall/define.ts';
import { PidTable } from '../task/pid-table.ts';
import { Process, ProcessGroup, Session } from '../task/process.ts';
import { Task } from '../task/task.ts';
import { TimerTarget, Timers } from '../time/timers.ts';
import { WallClock } from '../time/wall-clock.ts';
import { FdTable } from '../vfs/fd-table.ts';
import type { FsContext } from '../vfs/fs-context.ts';
import { IoBuffer, KernelBuffer } from '../vfs/io-buffer.ts';
import { Path } from '../vfs/mount.ts';
import { MountTable } from '../vfs/mount-table.ts';
import { Ipc } from './ipc.ts';

class Wake extends TimerTarget {
  readonly t: Task;
  constructor(t: Task) { super(); this.t = t; }
  override expire(): void { this.t.sleepTimer = 0; this.t.kernel.wakeTask(this.t); }
}

/** User memory of 1 MiB at address 0; addresses beyond fault. Shared by all tasks. */
export class FakeUser {
  readonly bytes = new Uint8Array(1 << 20);
  readonly view = new DataView(this.bytes.buffer);
  value = 0; lo = 0; hi = 0;
  #ok(a: number, n: number): boolean { return a >= 0 && a + n <= this.bytes.length; }
  loadU8(a: number): 0 | Errno { return this.#ok(a, 1) ? (this.value = this.bytes[a]!, 0) : EFAULT; }
  loadU16(a: number): 0 | Errno { return this.#ok(a, 2) ? (this.value = this.view.getUint16(a, true), 0) : EFAULT; }
  loadU32(a: number): 0 | Errno { return this.#ok(a, 4) ? (this.value = this.view.getUint32(a, true), 0) : EFAULT; }
  loadI32(a: number): 0 | Errno { return this.#ok(a, 4) ? (this.value = this.view.getInt32(a, true), 0) : EFAULT; }
  loadU64(a: number): 0 | Errno {
    if (!this.#ok(a, 8)) return EFAULT;
    this.lo = this.view.getUint32(a, true);
    this.hi = this.view.getUint32(a + 4, true);
    this.value = this.hi * 2 ** 32 + this.lo;
    return 0;
  }
  loadI64(a: number): 0 | Errno {
    const e = this.loadU64(a);
    this.value = (this.hi | 0) * 2 ** 32 + this.lo;
    return e;
  }
  storeU8(a: number, v: number): 0 | Errno { return this.#ok(a, 1) ? (this.view.setUint8(a, v), 0) : EFAULT; }
  storeU16(a: number, v: number): 0 | Errno { return this.#ok(a, 2) ? (this.view.setUint16(a, v, true), 0) : EFAULT; }
  storeU32(a: number, v: number): 0 | Errno { return this.#ok(a, 4) ? (this.view.setUint32(a, v, true), 0) : EFAULT; }
  storeI64(a: number, v: number): 0 | Errno { return this.#ok(a, 8) ? (writeU64(this.view, a, v), 0) : EFAULT; }
  storeWords(a: number, lo: number, hi: number): 0 | Errno {
    if (!this.#ok(a, 8)) return EFAULT;
    this.view.setUint32(a, lo, true);
    this.view.setUint32(a + 4, hi, true);
    return 0;
  }
  copyIn(a: number, to: Uint8Array, offset = 0, n = to.length - offset): 0 | Errno {
    if (!this.#ok(a, n)) return EFAULT;
    to.set(this.bytes.subarray(a, a + n), offset);
    return 0;
  }
  copyOut(a: number, from: Uint8Array, offset = 0, n = from.length - offset): 0 | Errno {
    if (!this.#ok(a, n)) return EFAULT;
    this.bytes.set(from.subarray(offset, offset + n), a);
    return 0;
  }
  buffer(a: number, n: number): IoBuffer { return new KernelBuffer(this.bytes.subarray(a, a + n)); }
  vector(iov: number, count: number): Fallible<IoBuffer> {
    if (count > 1024) return EINVAL;
    if (!this.#ok(iov, 16 * count)) return EFAULT;
    for (let i = 0; i < count; i++) if (!this.#ok(this.u32(iov + 16 * i), this.u32(iov + 16 * i + 8))) return EFAULT;
    return new VectorBuffer(this, iov, count);
  }
  futexKey(a: number, shared: string): string { return shared[0]! + a; }
  write(a: number, s: string): void { for (let i = 0; i < s.length; i++) this.bytes[a + i] = s.charCodeAt(i); }
  text(a: number, n: number): string {
    let s = '';
    for (let i = 0; i < n; i++) s += String.fromCharCode(this.bytes[a + i]!);
    return s;
  }
  string(a: number): string { return this.text(a, this.bytes.indexOf(0, a) - a); }
  u32(a: number): number { return this.view.getUint32(a, true); }
  i32(a: number): number { return this.view.getInt32(a, true); }
}

/** iovecs over FakeUser, gathered byte by byte. */
class VectorBuffer extends IoBuffer {
  readonly #at: number[] = [];
  readonly #user: FakeUser;
  done = 0;
  constructor(user: FakeUser, iov: number, count: number) {
    super();
    this.#user = user;
    for (let i = 0; i < count; i++) {
      const base = user.u32(iov + 16 * i), n = user.u32(iov + 16 * i + 8);
      for (let k = 0; k < n; k++) this.#at.push(base + k);
    }
  }
  get remaining(): number { return this.#at.length - this.done; }
  put(src: Uint8Array, offset: number, length: number): number {
    const n = Math.min(length, this.remaining);
    for (let i = 0; i < n; i++) this.#user.bytes[this.#at[this.done++]!] = src[offset + i]!;
    return n;
  }
  take(dst: Uint8Array, offset: number, length: number): number {
    const n = Math.min(length, this.remaining);
    for (let i = 0; i < n; i++) dst[offset + i] = this.#user.bytes[this.#at[this.done++]!]!;
    return n;
  }
  rewind(n: number): void { this.done -= n; }
  skip(n: number): void { this.done += n; }
  putZeros(length: number): number { return this.put(new Uint8Array(length), 0, length); }
}

export class FakeKernel {
  readonly user = new FakeUser();
  nowNs = 1_000_000;
  readonly sched = { current: null };
  stretchStartNs = 0;
  readonly timers = new Timers();
  readonly clock = new WallClock({ monotonicNs: () => this.nowNs });
  readonly ipc = new Ipc(256 << 20);
  readonly users = new UserTable(new UserLimits(1 << 20));
  readonly net = new Network(this as unknown as Kernel);
  readonly security = new Security();
  readonly pids = new PidTable();
  current!: Task;
  #ino = 0;
  /** Nobody is pid 1: init is immune to signals. */
  #tid = 1;
  readonly mounts: MountTable = new MountTable(this as unknown as Kernel);
  now(): number { return this.nowNs; }
  realtime(): { sec: number; nsec: number } { return this.clock.realtime(); }
  nextDev(): number { return 1; }
  nextIno(): number { return ++this.#ino; }
  wakeTask(t: Task): void {
    if (t.state !== 'S' && t.state !== 'D') return;
    t.unpark();
    if (t.sleepTimer !== 0) this.timers.cancel(t.sleepTimer);
    t.sleepTimer = 0;
    t.state = 'R';
  }
  wakeForSignal(t: Task): void { this.wakeTask(t); }
  armSleep(t: Task, deadlineNs: number): void {
    if (t.sleepTimer !== 0) this.timers.cancel(t.sleepTimer);
    t.sleepTimer = this.timers.add(deadlineNs, new Wake(t));
  }
  /** Lets time pass. */
  advance(ns: number): void {
    this.nowNs += ns;
    this.timers.run(this.nowNs);
  }
  /** A process with one thread. */
  spawn(uid = 0): Task {
    const pid = ++this.#tid;
    const session = new Session(pid, null as never);
    const limits = Array.from({ length: 16 }, (_, i) => ({ soft: i === RLIMIT_MSGQUEUE ? 819200 : 1024, hard: 819200 }));
    const p = new Process(this as unknown as Kernel, pid, null, new ProcessGroup(pid, session), new SignalQueue(), limits);
    const t = this.thread(p, uid);
    p.leader = t;
    this.pids.processes.set(pid, p);
    return t;
  }
  /** A root directory with nothing in it, and no room. */
  #emptyFs(): object {
    const root = new Path(this.mounts.anonMount, this.mounts.anon.root);
    return { umask: 0o022, root, cwd: root, put: () => {} };
  }
  thread(p: Process, uid = 0): Task {
    const tid = p.threads.size === 0 ? p.pid : ++this.#tid;
    const t = new Task(this as unknown as Kernel, tid, p, {
      mm: null, files: p.leader?.files ?? new FdTable(), fs: this.#emptyFs() as unknown as FsContext, cred: credentialsFor(uid, uid),
      handlers: new SignalHandlers(), pending: new SignalQueue(),
    });
    t.sched = new SchedEntity();
    p.threads.add(t);
    this.pids.tasks.set(tid, t);
    this.current = t;
    return t;
  }
}

/** Runs (or re-runs) a call the way the dispatcher does: the result, or 'parked'. */
export function call(t: Task, row: Syscall, ...args: number[]): number | 'parked' {
  (t.kernel as unknown as FakeKernel).current = t;
  const a = [...args, 0, 0, 0, 0, 0, 0];
  const r = row.run(t, a[0]!, a[1]!, a[2]!, a[3]!, a[4]!, a[5]!);
  if (r === BLOCKED) {
    t.state = 'S';
    t.record();
    return 'parked';
  }
  t.restart = null;
  return r;
}

export const asUser = (k: FakeKernel): UserMemory => k.user as unknown as UserMemory;
