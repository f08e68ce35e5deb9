// What ptrace(2) knows of a task: the relation to its tracer, and the stop it is in. Plain data; a stopped task's registers are in Task.context.
import type { SigInfo } from '../signal/state.ts';
import type { Task } from '../task/task.ts';

/**
 * Where a task stands while its tracer looks at it.
 * 'syscall-enter', 'seccomp' and 'in-call': pc is on the `ecall`, which runs (again) afterwards. 'syscall-exit' and 'after-call': the call is complete.
 * 'signal': a signal has been taken from the queue. 'group': the process is stopped. 'trap': PTRACE_EVENT_STOP.
 */
export type StopKind = 'syscall-enter' | 'seccomp' | 'in-call' | 'after-call' | 'syscall-exit' | 'signal' | 'group' | 'trap';

/** One stop, from its announcement until the task itself goes on from it. */
export class TraceStop {
  readonly kind: StopKind;
  /** What wait(2) shows above 0x7f: signal | event << 8. */
  readonly code: number;
  /** PTRACE_GETSIGINFO; null: a group-stop has none. */
  info: SigInfo | null;
  /** wait(2) has seen it. */
  reported = false;
  /** PTRACE_LISTEN: stays stopped, is not the tracer's to handle. */
  listening = false;
  /** Signal that the tracer gives back; 0: none. */
  inject = 0;
  /** ERESTART* of the call on whose `ecall` pc stands, 0: none. */
  interrupted: number;
  /** a0 as the call found it. */
  a0Lo = 0;
  a0Hi = 0;

  constructor(kind: StopKind, code: number, info: SigInfo | null, interrupted = 0) {
    this.kind = kind;
    this.code = code;
    this.info = info;
    this.interrupted = interrupted;
  }
}

/** A tracee's side of the relation. */
export class Traced {
  tracer: Task;
  /** 'attached' covers PTRACE_TRACEME. */
  readonly mode: 'attached' | 'seized';
  /** PTRACE_O_*. */
  options: number;
  /** PTRACE_GETEVENTMSG. */
  eventMsg = 0;
  /** How it was last resumed: PTRACE_SYSCALL stops at both ends of a call. */
  resumed: 'cont' | 'syscall' = 'cont';
  /** A call that parks is entered once, however often it runs. */
  call: 'none' | 'stopped at entry' | 'entered' = 'none';
  /** An event to report once the call is complete: exec. */
  after: { event: number; msg: number } | null = null;
  /** PTRACE_INTERRUPT, or news of group stops for a seized task. */
  trapPending = false;
  /** The tracer has seen the current group-stop and let the task go on. */
  stopSeen = false;
  exitSeen = false;
  /** Whoever made the relation could have attached to anything: programs with more rights keep them (execve(2)). For PTRACE_TRACEME that is the tracee. */
  readonly isPrivileged: boolean;

  constructor(tracer: Task, mode: 'attached' | 'seized', options: number, isPrivileged: boolean) {
    this.isPrivileged = isPrivileged;
    this.tracer = tracer;
    this.mode = mode;
    this.options = options;
  }
}
