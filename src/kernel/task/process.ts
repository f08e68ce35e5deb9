// A process: a thread group, what a pid names, with what its threads share by being one process.
import type { Kernel } from '../kernel.ts';
import type { Key } from '../security/keys.ts';
import type { Path } from '../vfs/mount.ts';
import type { SignalQueue } from '../signal/state.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from './task.ts';

/** Process groups and sessions by id; members are found through here by kill(2), tty job control and setpgid(2). */
export class ProcessGroup {
  readonly id: number;
  readonly session: Session;
  readonly members = new Set<Process>();
  constructor(id: number, session: Session) {
    this.id = id;
    this.session = session;
  }
}

export class Session {
  readonly id: number;
  leader: Process | null;
  readonly groups = new Map<number, ProcessGroup>();
  /** The controlling terminal (drivers/tty), null: none. */
  tty: ControllingTty | null = null;
  /** Foreground group of a terminal that was hung up: it is told when the leader ends. */
  oldForeground: ProcessGroup | null = null;
  constructor(id: number, leader: Process) {
    this.id = id;
    this.leader = leader;
  }
}

/** What job control needs to know of a terminal. drivers/tty/tty.ts implements it. */
export interface ControllingTty {
  /** st_rdev encoding, for /proc/PID/stat's tty_nr. */
  readonly rdev: number;
  session: Session | null;
  foreground: ProcessGroup | null;
  /** The session leader exits or gives the terminal up: SIGHUP (and, given up, SIGCONT) to the foreground group. */
  disassociate(byLeader: Process, why: 'exit' | 'given up'): void;
}

export class Process {
  readonly kernel: Kernel;
  readonly pid: number;
  leader!: Task;
  readonly threads = new Set<Task>();
  parent: Process | null;
  readonly children = new Set<Process>();
  group: ProcessGroup;
  /** Signals sent to the process as a whole. */
  pending: SignalQueue;
  /** Woken when a child changes state, for wait4(2) and waitid(2). */
  readonly childEvents = new WaitQueue();
  /** Woken when this process exits: pidfds. */
  readonly exitEvents = new WaitQueue();

  /** wait status (wait(2) encoding) once all threads are gone; -1 while alive. */
  exitStatus = -1;
  /** Set when the group is exiting: all threads leave with this status. */
  groupExit = -1;
  /** Signal sent to the parent at exit: SIGCHLD, or clone's choice; 0 none. */
  exitSignal = 17;
  /** Stopped by job control; `stopReported`/`continueReported`: what WUNTRACED and WCONTINUED have already seen. */
  stopSignal = 0;
  stopPending = false;
  stopReported = true;
  continueReported = true;

  exe: Path | null = null;
  /** RLIMIT_*: soft and hard, Infinity = RLIM_INFINITY. */
  rlimits: { soft: number; hard: number }[];
  /** The session's terminal, when this process alone has given it up (TIOCNOTTY); children inherit that. */
  ttyGivenUp: ControllingTty | null = null;
  childSubreaper = false;
  dumpable = 1;
  keepCaps = false;
  /** Keyrings of the process, and of its session: children inherit the latter (keyrings(7)). */
  keyring: Key | null = null;
  sessionKeyring: Key | null = null;
  thpDisabled = false;
  personality = 0;
  oomScoreAdj = 0;
  /** ITIMER_REAL/VIRTUAL/PROF and POSIX timers: time/. */
  itimers: object | null = null;
  posixTimers: Map<number, object> | null = null;
  nextTimerId = 0;
  didExec = false;
  /** A set*uid(2) went over RLIMIT_NPROC: execve checks again. */
  overNproc = false;
  /** The thread that made this process: its end is the 'parent death' of prctl(2), and __WNOTHREAD asks for it. Another thread after reparenting. */
  forkedBy: Task | null = null;
  // accounting of dead threads and waited-for children, in ns
  deadUtimeNs = 0;
  deadStimeNs = 0;
  childUtimeNs = 0;
  childStimeNs = 0;
  childMaxRssPages = 0;
  maxRssPages = 0;
  startNs = 0;

  constructor(kernel: Kernel, pid: number, parent: Process | null, group: ProcessGroup, pending: SignalQueue, rlimits: { soft: number; hard: number }[]) {
    this.kernel = kernel;
    this.pid = pid;
    this.parent = parent;
    this.group = group;
    this.pending = pending;
    this.rlimits = rlimits;
  }
  get session(): Session { return this.group.session; }
  /** The controlling terminal: the session's, unless given up. */
  get tty(): ControllingTty | null { return this.session.tty === this.ttyGivenUp ? null : this.session.tty; }
  get isZombie(): boolean { return this.exitStatus >= 0; }
}
