// seccomp(2): the filters of a task as a chain that only grows, and what their verdict on a call means. A filter is immutable once attached, so
// threads and children share it; the newest filter's data wins among equally strict verdicts.
import { type Errno, EACCES, EBUSY, EINVAL, ENOMEM, ENOSYS, ESRCH } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import * as abi from '../../abi/seccomp.ts';
import { SIGKILL, SIGSYS, SYS_SECCOMP } from '../../abi/signal.ts';
import { CTX_PC } from '../../machine/machine.ts';
import { RLIMIT_CORE } from '../../abi/resource.ts';
import { SYSCALL_NUMBERS } from '../../abi/syscall-numbers.ts';
import { seccompStop } from '../ptrace/stop.ts';
import { forceSignal } from '../signal/send.ts';
import { exitGroup, exitThread } from '../task/exit.ts';
import type { Task } from '../task/task.ts';
import { printable } from './audit.ts';
import { allowsAlways, DATA_WORDS, run } from './bpf.ts';
import type { SeccompListener } from './seccomp-notify.ts';

const MAX_CHAIN_INSNS = 32_768, FILTER_PENALTY = 4;
const CACHED_CALLS = 512;
const STATUS_CORE = 0x80;
const ALLOW_BIT = 2, KNOWN_BIT = 1;

/** One attached filter; `prev` was attached before it. */
export class SeccompFilter {
  readonly prev: SeccompFilter | null;
  readonly program: Int32Array;
  readonly log: boolean;
  readonly waitKillable: boolean;
  /** Whoever answers SECCOMP_RET_USER_NOTIF; null: nobody, the call answers ENOSYS. */
  listener: SeccompListener | null = null;
  /** Tasks whose newest filter this is, and filters attached behind it. */
  users = 0;
  /** By call number: is it known, and allowed by the whole chain whatever the arguments are? */
  readonly verdicts = new Uint8Array(CACHED_CALLS);

  constructor(prev: SeccompFilter | null, program: Int32Array, flags: number) {
    this.prev = prev;
    this.program = program;
    this.log = (flags & abi.SECCOMP_FILTER_FLAG_LOG) !== 0;
    this.waitKillable = (flags & abi.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) !== 0;
  }
}

/**
 * What becomes of a call: it runs, it is over with `task.verdict` as its result, it waits (verdict: BLOCKED or ERESTARTSYS),
 * or the task has left it (killed, stopped, a signal in its place).
 */
export type CallFate = 'runs' | 'answered' | 'waits' | 'left';

const data = new Int32Array(DATA_WORDS);
const PC = CTX_PC >> 2;
const A0 = 20;
const STRICT_CALLS: readonly number[] = [SYSCALL_NUMBERS.read, SYSCALL_NUMBERS.write, SYSCALL_NUMBERS.exit, SYSCALL_NUMBERS.rt_sigreturn];

/** The fate of the current task's call `nr` under its seccomp mode. */
export function seccompCall(t: Task, nr: number): CallFate {
  const filter = t.seccomp;
  if (filter === null) {
    if (t.seccompMode !== abi.SECCOMP_MODE_STRICT || STRICT_CALLS.includes(nr)) return 'runs';
    return killThread(t, SIGKILL);
  }
  if (t.notice !== null) return t.notice.resume(t);
  const asked = t.seccompTraced;
  t.seccompTraced = false;
  if (asked && nr === -1) return skipped(t);
  return nr >= 0 && nr < CACHED_CALLS && isAlwaysAllowed(filter, nr) ? 'runs' : judge(t, filter, nr, asked ? 'asked' : 'new');
}

function isAlwaysAllowed(filter: SeccompFilter, nr: number): boolean {
  const known = filter.verdicts[nr]!;
  if ((known & KNOWN_BIT) !== 0) return (known & ALLOW_BIT) !== 0;
  const arch = abi.AUDIT_ARCH_RISCV64 | 0;
  const allowed = allowsAlways(filter.program, nr, arch) && (filter.prev === null || isAlwaysAllowed(filter.prev, nr));
  filter.verdicts[nr] = allowed ? KNOWN_BIT | ALLOW_BIT : KNOWN_BIT;
  return allowed;
}

function judge(t: Task, newest: SeccompFilter, nr: number, tracer: 'new' | 'asked'): CallFate {
  describeCall(t, nr);
  let verdict = abi.SECCOMP_RET_ALLOW | 0;
  let by = newest;
  for (let f: SeccompFilter | null = newest; f !== null; f = f.prev) {
    const v = run(f.program, data);
    if (action(v) < action(verdict)) {
      verdict = v;
      by = f;
    }
  }
  const value = verdict & abi.SECCOMP_RET_DATA;
  switch (action(verdict)) {
    case abi.SECCOMP_RET_ALLOW: return 'runs';
    case abi.SECCOMP_RET_LOG:
      record(t, nr, 0, verdict);
      return 'runs';
    case abi.SECCOMP_RET_TRACE: return tracer === 'asked' ? 'runs' : trace(t, value);
    case abi.SECCOMP_RET_USER_NOTIF: return by.listener === null ? answer(t, ENOSYS) : by.listener.ask(t, by, data);
    case abi.SECCOMP_RET_ERRNO:
      if (by.log) record(t, nr, 0, verdict);
      return answer(t, -Math.min(value, 4095));
    case abi.SECCOMP_RET_TRAP:
      if (by.log) record(t, nr, SIGSYS, verdict);
      return trap(t, nr, value);
    case abi.SECCOMP_RET_KILL_THREAD:
      record(t, nr, SIGSYS, verdict);
      return t.process.threads.size > 1 ? killThread(t, SIGSYS) : killProcess(t);
    default:              // KILL_PROCESS, and every action that nobody knows
      record(t, nr, SIGSYS, verdict);
      return killProcess(t);
  }
}

/** Strictness orders verdicts: the signed action word, as SECCOMP_RET_KILL_PROCESS is negative. */
const action = (verdict: number): number => verdict & ~abi.SECCOMP_RET_DATA;

/** struct seccomp_data of the call that the current task makes; pc counts as behind the `ecall`, as on Linux. */
function describeCall(t: Task, nr: number): void {
  const { x } = t.kernel.hart;
  data[0] = nr;
  data[1] = abi.AUDIT_ARCH_RISCV64 | 0;
  const lo = (x[PC]! >>> 0) + 4;
  data[2] = lo | 0;
  data[3] = x[PC + 1]! + (lo > 0xffff_ffff ? 1 : 0);
  for (let i = 0; i < 12; i++) data[4 + i] = x[A0 + i]!;
}

export function answer(t: Task, result: number): CallFate {
  t.verdict = result;
  return 'answered';
}

/** SECCOMP_RET_TRACE: the tracer decides; a second look at the same call does not ask it again. Without a tracer the call does not exist. */
function trace(t: Task, value: number): CallFate {
  if (!seccompStop(t, value)) return answer(t, ENOSYS);
  t.seccompTraced = true;
  return 'left';
}

/** The tracer has made the number -1: what it has put into a0 is the result. */
function skipped(t: Task): CallFate {
  const { x } = t.kernel.hart;
  return answer(t, x[A0 + 1]! * 2 ** 32 + (x[A0]! >>> 0));
}

/** SIGSYS instead of the call: pc behind it, a0 as it was. */
function trap(t: Task, nr: number, value: number): CallFate {
  const { hart } = t.kernel;
  const lo = hart.x[A0]!, hi = hart.x[A0 + 1]!;
  t.kernel.finishSyscall(0);
  hart.x[A0] = lo;
  hart.x[A0 + 1] = hi;
  const addr = (hart.x[PC]! >>> 0) + hart.x[PC + 1]! * 2 ** 32;
  forceSignal(t, { signo: SIGSYS, code: SYS_SECCOMP, errno: value, addr, call: nr });
  return 'left';
}

function killThread(t: Task, signo: number): CallFate {
  if (t.process.threads.size === 1) exitGroup(t, signo);
  else {
    t.exitCode = signo;
    exitThread(t);
  }
  return 'left';
}

function killProcess(t: Task): CallFate {
  const core = t.process.rlimits[RLIMIT_CORE]!.soft > 0 && t.process.dumpable === 1 ? STATUS_CORE : 0;
  exitGroup(t, SIGSYS | core);
  return 'left';
}

/** The kernel log's line for an action that is worth one (seccomp(2), "Seccomp-specific BPF details"; audit type 1326). */
function record(t: Task, nr: number, sig: number, verdict: number): void {
  const { cred, kernel } = t;
  const ip = ((data[2]! >>> 0) + data[3]! * 2 ** 32).toString(16);
  kernel.log.add(5, kernel.now(), `audit: type=1326 uid=${cred.uid} gid=${cred.gid} pid=${t.tid} comm="${printable(t.name)}" sig=${sig} `
    + `arch=${abi.AUDIT_ARCH_RISCV64.toString(16)} syscall=${nr} compat=0 ip=0x${ip} code=0x${(verdict >>> 0).toString(16)}`);
  kernel.security.audit?.record({ event: 'seccomp', pid: t.tid, uid: cred.uid, comm: t.name, syscall: nr, signal: sig, verdict: verdict >>> 0 });
}

// --- attaching --------------------------------------------------------------------------------------------------------------------------------

/** SECCOMP_SET_MODE_STRICT. */
export function enterStrict(t: Task): 0 | Errno {
  if (t.seccompMode !== abi.SECCOMP_MODE_DISABLED && t.seccompMode !== abi.SECCOMP_MODE_STRICT) return EINVAL;
  t.seccompMode = abi.SECCOMP_MODE_STRICT;
  t.guarded = true;
  return 0;
}

/** SECCOMP_SET_MODE_FILTER with a checked program: 0, an errno, or the tid of a thread that could not be brought along (SECCOMP_FILTER_FLAG_TSYNC). */
export function attachFilter(t: Task, program: Int32Array, flags: number, listener: SeccompListener | null): number {
  if (!t.noNewPrivs && !t.cred.has(CAP_SYS_ADMIN)) return EACCES;
  if (t.seccompMode === abi.SECCOMP_MODE_STRICT) return EINVAL;
  let insns = program.length / 4;
  for (let f = t.seccomp; f !== null; f = f.prev) {
    insns += f.program.length / 4 + FILTER_PENALTY;
    if (listener !== null && f.listener !== null) return EBUSY;
  }
  if (insns > MAX_CHAIN_INSNS) return ENOMEM;
  if ((flags & abi.SECCOMP_FILTER_FLAG_TSYNC) !== 0) {
    for (const other of t.process.threads) {
      if (other !== t && (other.seccompMode === abi.SECCOMP_MODE_STRICT || !isAncestor(other.seccomp, t.seccomp))) {
        return (flags & abi.SECCOMP_FILTER_FLAG_TSYNC_ESRCH) !== 0 ? ESRCH : other.tid;
      }
    }
  }
  const filter = new SeccompFilter(t.seccomp, program, flags);
  if (filter.prev !== null) filter.prev.users++;
  if (listener !== null) {
    filter.listener = listener;
    listener.filter = filter;
  }
  adopt(t, filter);
  if ((flags & abi.SECCOMP_FILTER_FLAG_TSYNC) !== 0) {
    for (const other of t.process.threads) {
      if (other === t) continue;
      adopt(other, filter);
      if (t.noNewPrivs) other.noNewPrivs = true;
    }
  }
  return 0;
}

/** The first filter that nobody put there, or one that leads to `newest`. */
function isAncestor(candidate: SeccompFilter | null, newest: SeccompFilter | null): boolean {
  if (candidate === null) return true;
  for (let f = newest; f !== null; f = f.prev) if (f === candidate) return true;
  return false;
}

/** A filter that was there before the first program (a container's profile). */
export function imposeFilter(t: Task, program: Int32Array): void { adopt(t, new SeccompFilter(null, program, 0)); }

function adopt(t: Task, filter: SeccompFilter): void {
  const old = t.seccomp;
  filter.users++;
  t.seccomp = filter;
  t.seccompMode = abi.SECCOMP_MODE_FILTER;
  t.guarded = true;
  releaseFilter(old);
}

/** clone(2): the child obeys what its parent obeys. */
export function inheritSeccomp(from: Task, child: Task): void {
  child.guarded = from.guarded;
  child.seccompMode = from.seccompMode;
  child.seccomp = from.seccomp;
  if (child.seccomp !== null) child.seccomp.users++;
}

/** A task ends: filters without a task have nothing to ask any more, and their listeners hang up. */
export function releaseSeccomp(t: Task): void {
  t.kernel.security.policy?.forget(t);
  t.notice?.withdraw();
  t.notice = null;
  releaseFilter(t.seccomp);
  t.seccomp = null;
}

function releaseFilter(filter: SeccompFilter | null): void {
  for (let f = filter; f !== null && --f.users === 0; f = f.prev) f.listener?.hangUp();
}

/** How many filters a task has, for /proc/PID/status. */
export function filterCount(t: Task): number {
  let n = 0;
  for (let f = t.seccomp; f !== null; f = f.prev) n++;
  return n;
}
