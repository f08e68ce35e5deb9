// A task: one thread of execution, what the scheduler runs and what a tid names. Everything a sleeping thread is lives here as plain data.
import { type Errno, BLOCKED, EAGAIN, ERESTARTSYS, ETIMEDOUT } from '../../abi/errno.ts';
import { O_NONBLOCK } from '../../abi/fcntl.ts';
import { CTX_SIZE } from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import type { PiLock } from '../ipc/futex-pi.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import type { UserMemory } from '../mm/user.ts';
import type { Credentials } from '../security/credentials.ts';
import type { Key } from '../security/keys.ts';
import type { SeccompFilter } from '../security/seccomp.ts';
import type { Notice } from '../security/seccomp-notify.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import type { FdPin } from '../vfs/fd-pins.ts';
import type { FdTable } from '../vfs/fd-table.ts';
import type { FsContext } from '../vfs/fs-context.ts';
import { Waiter, type WaitQueue } from '../sched/wait-queue.ts';
import type { SchedEntity } from '../sched/entity.ts';
import type { Traced, TraceStop } from '../ptrace/state.ts';
import type { SignalHandlers, SignalQueue } from '../signal/state.ts';
import type { LateReply } from './late-reply.ts';
import type { Process } from './process.ts';

/** R running or runnable, S interruptible, D uninterruptible, T stopped, t traced, Z zombie, X gone. As in /proc/PID/stat. */
export type TaskState = 'R' | 'S' | 'D' | 'T' | 't' | 'Z' | 'X';

/** What a parked call holds that must be given back if the call is never run again. */
export abstract class Unfinished {
  abstract abandon(): void;
}

/** What a system call that was parked must remember for its next run. Plain data; null on a first run. */
export class RestartRecord {
  /** Bytes (or items) already transferred. */
  progress = 0;
  /** Absolute monotonic deadline in ns; Infinity: none. Set by the first run, so that re-runs keep it. */
  deadlineNs = Infinity;
  /** The deadline is an instant of CLOCK_REALTIME: it moves when that clock is set. */
  isRealtime = false;
  /** Anything else: plain data owned by the handler. An `Unfinished` one is abandoned with the call. */
  data: unknown = null;
  /** Files that its descriptors have lost to another thread meanwhile (vfs/fd-pins.ts); null: none. */
  files: FdPin[] | null = null;
  /** Replies of slow back ends, in the order the handler asked for them: a re-run takes them instead of asking again (fs/fuse). */
  replies: LateReply[] = [];
  /** Where in `replies` this run looks on; 0 at its start. */
  replayed = 0;
}

export class Task extends Waiter {
  readonly kernel: Kernel;
  tid: number;
  process: Process;
  /** comm: at most 15 bytes. */
  name = '';
  state: TaskState = 'R';

  /** Registers while not running: the hart context (machine.ts, CTX_*). Stale while current. */
  readonly context = new Uint8Array(CTX_SIZE);
  mm: AddressSpace | null;
  files: FdTable;
  fs: FsContext;
  cred: Credentials;
  sched!: SchedEntity;

  // --- signals (signal/) ---
  handlers: SignalHandlers;
  pending: SignalQueue;
  /** Blocked set as two 32-bit words: signals 1-32 and 33-64. */
  sigmaskLo = 0;
  sigmaskHi = 0;
  /** Mask to restore once the handler frame is built or the call returns (sigsuspend, ppoll, pselect, epoll_pwait); null: none. */
  savedMask: { lo: number; hi: number } | null = null;
  altStack = { sp: 0, size: 0, flags: 2 };
  /** True if an unblocked signal (or a stop, or a kill) is waiting: checked when the kernel is left, and by everything that would sleep. */
  signalPending = false;
  /** Must die although no signal says so: another thread execs, or the kernel found a bug in this task's call. */
  killed = false;
  /** Woken when any signal arrives, blocked ones too: signalfd(2), rt_sigtimedwait(2). Made on first use. */
  signalWaiters: WaitQueue | null = null;

  // --- security (seccomp(2), prctl(2)) ---
  /** Somebody looks at its calls before they run: seccomp or a policy. The one test that calls pay when nobody does. */
  guarded = false;
  /** The call in progress has passed: it is not judged again when it runs again after a park. */
  callPassed = false;
  seccompMode = 0;
  seccomp: SeccompFilter | null = null;
  /** The question that its call waits for an answer to. */
  notice: Notice | null = null;
  /** It has been stopped for its tracer by SECCOMP_RET_TRACE at this very call. */
  seccompTraced = false;
  /** Result of a call that did not run. */
  verdict = 0;
  noNewPrivs = false;
  /** The thread's keyring (keyrings(7)). */
  keyring: Key | null = null;

  // --- blocking ---
  readonly parkedOn: WaitQueue[] = [];
  /** State while parked by the call in progress: D is disturbed by SIGKILL only. */
  parkState: 'S' | 'D' = 'S';
  /** The system call in progress, -1 outside: for restarts, /proc/PID/syscall and oops reports. */
  syscallNr = -1;
  /** a0 at entry: a restarted call needs it back. */
  origA0Lo = 0;
  origA0Hi = 0;
  restart: RestartRecord | null = null;
  /** Timer id of the wake-up of a park with a deadline; 0 = none (time/timers.ts). */
  sleepTimer = 0;
  /** What it waits for, for people: /proc/PID/wchan and dumps. */
  waitReason = '';

  // --- threads ---
  clearChildTid = 0;
  robustList = 0;
  /** PI futexes it owns and others wait for; made on first use (ipc/futex-pi.ts). */
  piLocks: Set<PiLock> | null = null;
  rseqAddr = 0;
  rseqLen = 0;
  rseqSig = 0;
  exitCode = 0;
  /** Parent waits for exec or exit of this vfork child. */
  vforkParent: Task | null = null;
  pdeathsig = 0;
  timerSlackNs = 50_000;
  /** MPOL_* of set_mempolicy(2) (mm/mempolicy.ts). */
  memPolicy = 0;
  startNs = 0;
  /** Instructions spent in user mode, and system calls made. */
  utimeNs = 0;
  stimeNs = 0;
  minFaults = 0;
  majFaults = 0;
  voluntarySwitches = 0;
  involuntarySwitches = 0;
  // --- ptrace(2) ---
  /** The relation to a tracer, seen from the tracee; null: not traced. */
  traced: Traced | null = null;
  /** The stop it is in, until the task itself has gone on from it (which may be after its tracer has left). */
  traceStop: TraceStop | null = null;
  /** Whom it traces; made on first use. */
  tracees: Set<Task> | null = null;

  constructor(kernel: Kernel, tid: number, process: Process, parts: {
    mm: AddressSpace | null; files: FdTable; fs: FsContext; cred: Credentials; handlers: SignalHandlers; pending: SignalQueue;
  }) {
    super();
    this.kernel = kernel;
    this.tid = tid;
    this.process = process;
    this.mm = parts.mm;
    this.files = parts.files;
    this.fs = parts.fs;
    this.cred = parts.cred;
    this.handlers = parts.handlers;
    this.pending = parts.pending;
  }

  /** Accessors for the user memory of the *current* task (system calls run only as current). */
  get user(): UserMemory { return this.kernel.user; }

  /**
   * Ends this run of the system call without a result: it runs again when `queue` wakes (or at once, with EINTR rules, if a signal is pending).
   * Nothing observable may have happened before. `return t.waitOn(q)` is the only use. May be preceded by `t.alsoWaitOn(q2)`.
   */
  waitOn(queue: WaitQueue, reason = ''): Errno {
    if (this.signalPending) return ERESTARTSYS;
    queue.add(this);
    this.parkedOn.push(queue);
    this.waitReason = reason;
    return BLOCKED;
  }

  /** Like waitOn, but the call gives up with `late` (default ETIMEDOUT) once the restart record's deadline has passed. */
  waitOnUntil(queue: WaitQueue | null, deadlineNs: number, reason = '', late: Errno | 0 = ETIMEDOUT): Errno | 0 {
    if (deadlineNs <= this.kernel.now()) return late;
    if (this.signalPending) return ERESTARTSYS;
    this.record().deadlineNs = deadlineNs;
    if (deadlineNs !== Infinity) this.kernel.armSleep(this, deadlineNs);
    if (queue !== null) {
      queue.add(this);
      this.parkedOn.push(queue);
    }
    this.waitReason = reason;
    return BLOCKED;
  }

  /** Parks until woken by wakeTask; only SIGKILL disturbs it (vfork). */
  waitKillable(reason: string): Errno {
    this.parkState = 'D';
    this.waitReason = reason;
    return BLOCKED;
  }

  /** A queue more to be woken from; to be called before the waitOn that ends the run (poll over many files). */
  alsoWaitOn(queue: WaitQueue): void {
    queue.add(this);
    this.parkedOn.push(queue);
  }

  /** For `read`-like calls: EAGAIN for O_NONBLOCK files, otherwise parks on the file's queue. */
  waitForFile(file: OpenFile, reason = ''): Errno {
    if ((file.flags & O_NONBLOCK) !== 0 || file.waiters === null) return EAGAIN;
    const patience = file.patienceNs(reason.endsWith('write') ? 'write' : 'read');
    if (patience === Infinity) return this.waitOn(file.waiters, reason);
    const deadline = this.record().deadlineNs;
    return this.waitOnUntil(file.waiters, deadline === Infinity ? this.kernel.now() + patience : deadline, reason, EAGAIN) as Errno;
  }

  /** The restart record of the call in progress, made on first use; cleared when the call ends. */
  record(): RestartRecord { return (this.restart ??= new RestartRecord()); }

  /** The call in progress is over, done or not: what it still had asked for is given back, and nothing of a park stays. */
  dropRecord(): void {
    const { restart } = this;
    if (restart === null) return;
    this.restart = null;
    for (const reply of restart.replies) reply.abandon();
    if (restart.data instanceof Unfinished) restart.data.abandon();
    if (restart.files !== null) for (const { file } of restart.files) file.put();
    if (this.parkedOn.length === 0) return;
    this.unpark();      // it has parked, and then finished with what it had got before
    this.parkState = 'S';
  }

  /** Waiter: whatever the task waited for may have happened. */
  notify(_events: number): void { this.kernel.wakeTask(this); }

  /** Leaves all wait queues; part of waking. */
  unpark(): void {
    for (const q of this.parkedOn) q.remove(this);
    this.parkedOn.length = 0;
  }
}
