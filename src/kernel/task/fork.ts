// New tasks: fork, vfork, clone and clone3 (clone(2)) share one way. Everything that can fail comes first; then the child exists at once.
import { type Errno, EAGAIN, EEXIST, EINVAL, isErr } from '../../abi/errno.ts';
import {
  CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_CLEAR_SIGHAND, CLONE_FILES, CLONE_FS, CLONE_PARENT, CLONE_PARENT_SETTID, CLONE_PIDFD,
  CLONE_SETTLS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VFORK, CLONE_VM, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID,
  CLONE_NEWTIME, CLONE_NEWUSER, CLONE_NEWUTS, CLONE_INTO_CGROUP,
} from '../../abi/sched.ts';
import { RLIMIT_NPROC } from '../../abi/resource.ts';
import { SCHED_BATCH, SCHED_DEADLINE, SCHED_IDLE } from '../../abi/sched.ts';
import { SIG_IGN } from '../../abi/signal.ts';
import { CTX_PC, CTX_SIZE } from '../../machine/machine.ts';
import { SchedEntity } from '../sched/entity.ts';
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from '../../abi/capability.ts';
import { enterDomain, leaveDomain } from '../security/landlock/domain.ts';
import { inheritSeccomp, releaseSeccomp } from '../security/seccomp.ts';
import { SignalHandlers, SignalQueue } from '../signal/state.ts';
import { createPidfd } from './pidfd.ts';
import { Process } from './process.ts';
import { Task } from './task.ts';

/** struct clone_args as numbers. `flags` may exceed 32 bits (CLONE_CLEAR_SIGHAND), so it comes as two words. */
export interface CloneRequest {
  flagsLo: number; flagsHi: number; exitSignal: number;
  pidfd: number; childTid: number; parentTid: number; stack: number; stackSize: number; tls: number;
  /** The child's number; 0: any. */
  setTid: number;
}

const NAMESPACES = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS;
const HI_CLEAR_SIGHAND = CLONE_CLEAR_SIGHAND / 2 ** 32;
const HI_INTO_CGROUP = CLONE_INTO_CGROUP / 2 ** 32;
/** What they cost, in instructions (Kernel.work). */
const THREAD_WORK = 5000, FORK_WORK = 30_000;
const REG_SP = 2, REG_TP = 4, REG_A0 = 10;

/** The child's tid, or an errno. The child starts behind the `ecall` with a0 = 0. */
export function clone(t: Task, req: CloneRequest): number | Errno {
  const bad = checkFlags(req);
  if (bad !== 0) return bad;
  const k = t.kernel;
  const flags = req.flagsLo;
  const limit = t.process.rlimits[RLIMIT_NPROC]!.soft;
  if (k.tasksOf(t.cred.uid) >= limit && t.cred.uid !== 0 && !t.cred.has(CAP_SYS_RESOURCE) && !t.cred.has(CAP_SYS_ADMIN)) return EAGAIN;
  if (k.pids.tasks.size >= k.maxTasks) return EAGAIN;
  if (t.sched.policy === SCHED_DEADLINE && !t.sched.resetOnFork) return EAGAIN; // its bandwidth cannot be had twice (sched(7))

  k.work += flags & CLONE_VM ? THREAD_WORK : FORK_WORK;
  const mm = flags & CLONE_VM ? t.mm!.get() : t.mm!.fork(t);
  if (isErr(mm)) return mm;
  const tid = req.setTid === 0 ? k.pids.allocate() : k.pids.claim(req.setTid);
  if (tid < 0) {
    mm.put();
    return req.setTid === 0 ? EAGAIN : EEXIST;
  }
  const child = copyTask(t, tid, req, mm);
  const done = writeTids(t, child, req);
  if (isErr(done)) {
    abandon(child);
    return done;
  }
  k.pids.tasks.set(tid, child);
  if (!(flags & CLONE_THREAD)) addProcess(t, child, req);
  child.process.threads.add(child);
  k.enqueueNew(child);
  if (flags & CLONE_VFORK) child.vforkParent = t;
  k.trace.clone(t, child);
  return tid;
}

function checkFlags(req: CloneRequest): 0 | Errno {
  const f = req.flagsLo;
  if ((f & CLONE_SIGHAND) !== 0 && (f & CLONE_VM) === 0) return EINVAL;
  if ((f & CLONE_THREAD) !== 0 && (f & CLONE_SIGHAND) === 0) return EINVAL;
  if ((f & CLONE_FS) !== 0 && (f & CLONE_NEWNS) !== 0) return EINVAL;
  if ((req.flagsHi & HI_CLEAR_SIGHAND) !== 0 && (f & CLONE_SIGHAND) !== 0) return EINVAL;
  if ((req.flagsHi & ~(HI_CLEAR_SIGHAND | HI_INTO_CGROUP)) !== 0) return EINVAL;
  if ((f & (NAMESPACES | CLONE_NEWTIME)) !== 0 || (req.flagsHi & HI_INTO_CGROUP) !== 0) return EINVAL; // no namespaces yet, as a kernel built without them
  if (req.exitSignal < 0 || req.exitSignal > 64) return EINVAL;
  return 0;
}

function copyTask(t: Task, tid: number, req: CloneRequest, mm: NonNullable<Task['mm']>): Task {
  const k = t.kernel;
  const f = req.flagsLo;
  const files = f & CLONE_FILES ? t.files : t.files.copy();
  const fs = f & CLONE_FS ? t.fs : t.fs.copy();
  if (f & CLONE_FILES) files.users++;
  if (f & CLONE_FS) fs.users++;
  const handlers = f & CLONE_SIGHAND ? t.handlers : new SignalHandlers(t.handlers.actions.map(a => ({ ...a })));
  if (f & CLONE_SIGHAND) handlers.refs++;
  if (req.flagsHi & HI_CLEAR_SIGHAND) for (const a of handlers.actions) if (a.handler !== SIG_IGN) a.handler = 0;

  const child = new Task(k, tid, t.process, { mm, files, fs, cred: t.cred, handlers, pending: new SignalQueue() });
  child.name = t.name;
  child.sigmaskLo = t.sigmaskLo;
  child.sigmaskHi = t.sigmaskHi;
  if ((f & CLONE_VM) === 0 || (f & CLONE_VFORK) !== 0) child.altStack = { ...t.altStack };
  if ((f & CLONE_VM) === 0) {
    child.rseqAddr = t.rseqAddr;
    child.rseqLen = t.rseqLen;
    child.rseqSig = t.rseqSig;
  }
  child.timerSlackNs = t.timerSlackNs;
  child.memPolicy = t.memPolicy;
  child.noNewPrivs = t.noNewPrivs;
  inheritSeccomp(t, child);
  enterDomain(child.cred.landlock);
  child.startNs = k.now();
  child.sched = copySched(t.sched);
  copyRegisters(t, child, req);
  return child;
}

function copySched(from: SchedEntity): SchedEntity {
  const s = new SchedEntity();
  s.nice = from.nice;
  s.queue = from.queue;
  s.affinity = from.affinity;
  s.ioprio = from.ioprio;
  if (from.resetOnFork) {
    if (s.nice < 0) s.nice = 0;
    if (from.policy === SCHED_BATCH || from.policy === SCHED_IDLE) s.policy = from.policy;
    return s;
  }
  s.sliceNs = from.sliceNs;
  s.policy = from.policy;
  s.rtPriority = from.rtPriority;
  return s;
}

function copyRegisters(t: Task, child: Task, req: CloneRequest): void {
  const { hart, machine } = t.kernel;
  child.context.set(machine.ram.u8.subarray(hart.base, hart.base + CTX_SIZE));
  const x = new Int32Array(child.context.buffer);
  setRegister(x, REG_A0, 0);
  const pc = (x[CTX_PC >> 2]! >>> 0) + (x[(CTX_PC >> 2) + 1]! >>> 0) * 2 ** 32;
  setRegister(x, CTX_PC / 8, pc + 4);
  if (req.stack !== 0) setRegister(x, REG_SP, req.stack + req.stackSize);
  if (req.flagsLo & CLONE_SETTLS) setRegister(x, REG_TP, req.tls);
}

function setRegister(x: Int32Array, i: number, value: number): void {
  x[2 * i] = value | 0;
  x[2 * i + 1] = Math.floor(value / 2 ** 32);
}

/** The stores into parent and child memory. The child's own copy is written through its address space. */
function writeTids(t: Task, child: Task, req: CloneRequest): 0 | Errno {
  const f = req.flagsLo;
  if (f & CLONE_CHILD_CLEARTID) child.clearChildTid = req.childTid;
  if (f & CLONE_PARENT_SETTID) {
    const r = t.user.storeU32(req.parentTid, child.tid);
    if (isErr(r)) return r;
  }
  if (f & CLONE_CHILD_SETTID) {
    const word = new Uint8Array(new Int32Array([child.tid]).buffer);
    if (f & CLONE_VM) t.user.copyOut(req.childTid, word);
    else child.mm!.writeRemote(child, req.childTid, word);
  }
  if ((f & CLONE_PIDFD) === 0) return 0;
  if ((f & CLONE_THREAD) !== 0) return EINVAL;
  child.process = makeProcess(t, child, req);
  const fd = createPidfd(t, child.process, 0);
  if (isErr(fd)) return fd;
  const r = t.user.storeU32(req.pidfd, fd);
  if (isErr(r)) {
    const file = t.files.remove(fd);
    if (!isErr(file)) file.put();
    return r;
  }
  return 0;
}

function makeProcess(t: Task, child: Task, req: CloneRequest): Process {
  const from = t.process;
  const parent = req.flagsLo & CLONE_PARENT ? from.parent! : from;
  const p = new Process(t.kernel, child.tid, parent, from.group, new SignalQueue(), from.rlimits.map(l => ({ ...l })));
  p.leader = child;
  p.forkedBy = req.flagsLo & CLONE_PARENT ? from.forkedBy : t;
  p.exe = from.exe?.get() ?? null;
  p.exitSignal = req.flagsLo & CLONE_PARENT ? from.exitSignal : req.exitSignal;
  p.ttyGivenUp = from.ttyGivenUp;
  p.dumpable = from.dumpable;
  p.keepCaps = from.keepCaps;
  if (from.sessionKeyring !== null) p.sessionKeyring = t.kernel.security.keys.hold(from.sessionKeyring);
  p.personality = from.personality;
  p.oomScoreAdj = from.oomScoreAdj;
  p.startNs = child.startNs;
  return p;
}

function addProcess(t: Task, child: Task, req: CloneRequest): void {
  if (child.process === t.process) child.process = makeProcess(t, child, req);
  const p = child.process;
  p.parent!.children.add(p);
  p.group.members.add(p);
  t.kernel.pids.processes.set(p.pid, p);
}

function abandon(child: Task): void {
  releaseSeccomp(child);
  leaveDomain(child.cred.landlock);
  child.mm!.put();
  if (--child.files.users === 0) for (const [, f] of child.files.entries()) f.put();
  child.fs.put();
  child.handlers.refs--;
  if (child.process.leader === child) child.process.exe?.put();
}
