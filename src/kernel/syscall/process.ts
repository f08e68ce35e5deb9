// clone, fork's kin, exec, exit, wait and ids of processes: clone(2), execve(2), _exit(2), wait4(2), getpid(2), setpgid(2), ...
import { E2BIG, BLOCKED, EAGAIN, EBADF, EFAULT, EINVAL, ENOENT, EPERM, ESRCH, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_NONBLOCK } from '../../abi/fcntl.ts';
import * as sched from '../../abi/sched.ts';
import { SiginfoChild, SIGCHLD, SIGINFO_SIZE } from '../../abi/signal.ts';
import { P_ALL, P_PGID, P_PID, P_PIDFD, WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WSTOPPED, WUNTRACED, __WALL, __WCLONE, __WNOTHREAD } from '../../abi/wait.ts';
import { exitStop, traceNewTask, vforkDone } from '../ptrace/stop.ts';
import { isDoomed } from '../signal/send.ts';
import { clone, type CloneRequest } from '../task/fork.ts';
import { execve } from '../task/exec.ts';
import { exitGroup, exitThread } from '../task/exit.ts';
import { createSession, setProcessGroup } from '../task/job-control.ts';
import { createPidfd, PidFile } from '../task/pidfd.ts';
import { PID_MAX } from '../task/pid-table.ts';
import type { Task } from '../task/task.ts';
import { type WaitEvent, type WaitTarget, waitForChild } from '../task/wait.ts';
import { storeRusage } from './resource.ts';
import { dirfd, fd, flags, hex, int, oneOf, path, pid, ptr, size, strings, syscall } from './define.ts';

const CLONE_FLAGS = Object.fromEntries(Object.entries(sched).filter(([k, v]) => k.startsWith('CLONE_') && !k.startsWith('CLONE_ARGS') && typeof v === 'number' && v <= 0xffff_ffff)) as Record<string, number>;
const WAIT_FLAGS = { WNOHANG, WUNTRACED, WCONTINUED, __WALL, __WCLONE, __WNOTHREAD };
const WAITID_FLAGS = { WNOHANG, WEXITED, WSTOPPED, WCONTINUED, WNOWAIT, __WALL, __WCLONE, __WNOTHREAD };
const NO_NAMESPACES = 'CLONE_NEW* answer EINVAL: there are no namespaces yet';

/** clone(2), riscv argument order. */
export const sys_clone = syscall({
  name: 'clone',
  args: [flags('flags', CLONE_FLAGS), ptr('stack'), ptr('parent_tid'), ptr('tls'), ptr('child_tid')],
  gaps: NO_NAMESPACES,
  run(t, f, stack, parentTid, tls, childTid) {
    return startChild(t, {
      flagsLo: (f & ~sched.CSIGNAL) | 0, flagsHi: 0, exitSignal: f & sched.CSIGNAL, stack, stackSize: 0, parentTid, pidfd: parentTid, tls, childTid, setTid: 0,
    });
  },
});

/** clone3(2). */
export const sys_clone3 = syscall({
  name: 'clone3',
  args: [ptr('cl_args'), size('size')],
  gaps: `${NO_NAMESPACES}; CLONE_INTO_CGROUP answers EINVAL`,
  run(t, args, length) {
    if (length < sched.CLONE_ARGS_SIZE_VER0) return EINVAL;
    if (length > 4096) return E2BIG;
    const bytes = new Uint8Array(Math.max(length, 88));
    const r = t.user.copyIn(args, bytes, 0, length);
    if (isErr(r)) return r;
    for (let i = 88; i < length; i++) if (bytes[i] !== 0) return E2BIG;
    const d = new DataView(bytes.buffer);
    const u64 = (at: number): number => d.getUint32(at + 4, true) * 2 ** 32 + d.getUint32(at, true);
    const flagsLo = d.getInt32(0, true);
    if ((flagsLo & sched.CSIGNAL & ~sched.CLONE_NEWTIME) !== 0 || (flagsLo & sched.CLONE_DETACHED) !== 0) return EINVAL;
    const stack = u64(40), stackSize = u64(48);
    if ((stack === 0) !== (stackSize === 0)) return EINVAL;
    const setTid = wantedTid(t, u64(64), u64(72));
    if (isErr(setTid)) return setTid;
    return startChild(t, {
      flagsLo, flagsHi: d.getUint32(4, true), pidfd: u64(8), childTid: u64(16), parentTid: u64(24), exitSignal: u64(32), stack, stackSize, tls: u64(56), setTid,
    });
  },
});

/** clone3(2), set_tid: the number that the child shall have, for those who may; 0: any. There is one PID name space. */
function wantedTid(t: Task, at: number, count: number): number | Errno {
  if ((at === 0) !== (count === 0) || count > 1) return EINVAL;
  if (count === 0) return 0;
  const r = t.user.loadI32(at);
  if (isErr(r)) return r;
  const tid = t.user.value;
  if (tid < 1 || tid >= PID_MAX) return EINVAL;
  return t.cred.has(CAP_CHECKPOINT_RESTORE) || t.cred.has(CAP_SYS_ADMIN) ? tid : EPERM;
}

/** Makes the child; a vfork parent then waits for its exec or exit, and a traced one stops for its tracer: the re-run finds the child in its restart record. */
function startChild(t: Task, req: CloneRequest): number | Errno {
  let tid = t.restart?.data as number | null | undefined;
  if (tid === null || tid === undefined) {
    const made = clone(t, req);
    if (isErr(made)) return made;
    const stopped = t.traced !== null && traceNewTask(t, t.kernel.pids.tasks.get(made)!, req.flagsLo, req.exitSignal);
    if (!stopped && (req.flagsLo & sched.CLONE_VFORK) === 0) return made;
    tid = made;
    t.record().data = tid;
    if (stopped) return BLOCKED;
  }
  if ((req.flagsLo & sched.CLONE_VFORK) === 0) return tid;
  const child = t.kernel.pids.tasks.get(tid);
  if (child?.vforkParent === t && !isDoomed(t)) return t.waitKillable('vfork');
  const record = t.record();
  if (record.progress++ === 0 && t.traced !== null && vforkDone(t, tid)) return BLOCKED;
  return tid;
}

/** execve(2). */
export const sys_execve = syscall({
  name: 'execve',
  args: [path('pathname'), strings('argv'), strings('envp')],
  setsRegisters: true,
  run: (t, name, argv, envp) => exec(t, AT_FDCWD, name, argv, envp, 0),
});

/** execveat(2). */
export const sys_execveat = syscall({
  name: 'execveat',
  args: [dirfd('dirfd'), path('pathname'), strings('argv'), strings('envp'), flags('flags', { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW })],
  setsRegisters: true,
  run(t, dir, name, argv, envp, f) {
    if ((f & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) !== 0) return EINVAL;
    return exec(t, dir, name, argv, envp, f);
  },
});

function exec(t: Task, dir: number, name: number, argvPtr: number, envpPtr: number, f: number): number {
  const file = t.user.path(name);
  if (isErr(file)) return file;
  if (file === '' && (f & AT_EMPTY_PATH) === 0) return ENOENT;
  const argv = stringArray(t, argvPtr);
  if (isErr(argv)) return argv;
  const envp = stringArray(t, envpPtr);
  if (isErr(envp)) return envp;
  return execve(t, { dirfd: dir, path: file, argv, envp, flags: f });
}

/** A NULL-terminated array of strings; a NULL array counts as empty (execve(2), "NOTES"). */
function stringArray(t: Task, at: number): Fallible<string[]> {
  const MAX_STRING = 131_072, MAX_TOTAL = 8 * 1024 * 1024;
  const out: string[] = [];
  if (at === 0) return out;
  for (let total = 0; ; at += 8) {
    const r = t.user.loadU64(at);
    if (isErr(r)) return r;
    if (t.user.value === 0) return out;
    const s = t.user.string(t.user.value, MAX_STRING, E2BIG);
    if (isErr(s)) return s;
    total += s.length + 9;
    if (total > MAX_TOTAL) return E2BIG;
    out.push(s);
  }
}

/** _exit(2) of one thread. */
export const sys_exit = syscall({
  name: 'exit', args: [int('status')], setsRegisters: true,
  run(t, status) {
    t.exitCode = (status & 0xff) << 8;
    if (exitStop(t, t.exitCode)) return BLOCKED;
    exitThread(t);
    return BLOCKED;
  },
});

/** exit_group(2). */
export const sys_exit_group = syscall({
  name: 'exit_group', args: [int('status')], setsRegisters: true,
  run(t, status) {
    exitGroup(t, (status & 0xff) << 8);
    return BLOCKED;
  },
});

/** wait4(2). */
export const sys_wait4 = syscall({
  name: 'wait4',
  args: [pid('pid'), ptr('wstatus'), flags('options', WAIT_FLAGS), ptr('rusage')],
  run(t, who, wstatus, options, rusage) {
    if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WALL | __WCLONE | __WNOTHREAD)) !== 0) return EINVAL;
    if (who === -2147483648) return ESRCH;
    const target: WaitTarget = who > 0 ? { kind: 'pid', pid: who } : who === -1 ? { kind: 'all' } : { kind: 'group', pgid: who === 0 ? t.process.group.id : -who };
    const event = waitForChild(t, target, options | WEXITED);
    if (event === null) return 0;
    if (isErr(event)) return event;
    if (wstatus !== 0 && isErr(t.user.storeU32(wstatus, event.status))) return EFAULT;
    if (rusage !== 0 && isErr(storeRusage(t, rusage, event))) return EFAULT;
    return event.pid;
  },
});

/** waitid(2). */
export const sys_waitid = syscall({
  name: 'waitid',
  args: [oneOf('idtype', { P_ALL, P_PID, P_PGID, P_PIDFD }), pid('id'), ptr('infop'), flags('options', WAITID_FLAGS), ptr('rusage')],
  run(t, idtype, id, infop, options, rusage) {
    if ((options & ~(WNOHANG | WEXITED | WSTOPPED | WCONTINUED | WNOWAIT | __WALL | __WCLONE | __WNOTHREAD)) !== 0) return EINVAL;
    if ((options & (WEXITED | WSTOPPED | WCONTINUED)) === 0) return EINVAL;
    const target = waitidTarget(t, idtype, id);
    if (isErr(target)) return target;
    const nonblocking = idtype === P_PIDFD && (options & WNOHANG) === 0 && ((t.files.get(id) as PidFile).flags & O_NONBLOCK) !== 0;
    const event = waitForChild(t, target, nonblocking ? options | WNOHANG : options);
    if (isErr(event)) return event;
    if (event === null && nonblocking) return EAGAIN;
    if (infop !== 0 && isErr(storeChildInfo(t, infop, event))) return EFAULT;
    if (rusage !== 0 && event !== null && isErr(storeRusage(t, rusage, event))) return EFAULT;
    return 0;
  },
});

function waitidTarget(t: Task, idtype: number, id: number): Fallible<WaitTarget> {
  switch (idtype) {
    case P_ALL: return { kind: 'all' };
    case P_PID: return id > 0 ? { kind: 'pid', pid: id } : EINVAL;
    case P_PGID: return id >= 0 ? { kind: 'group', pgid: id === 0 ? t.process.group.id : id } : EINVAL;
    case P_PIDFD: {
      const file = t.files.get(id);
      if (isErr(file)) return file;
      return file instanceof PidFile ? { kind: 'pid', pid: file.process.pid } : EBADF;
    }
    default: return EINVAL;
  }
}

function storeChildInfo(t: Task, at: number, e: WaitEvent | null): 0 | Errno {
  const info = SiginfoChild.view();
  if (e !== null) {
    info.si_signo = SIGCHLD;
    info.si_code = e.code;
    info.si_pid = e.pid;
    info.si_uid = e.uid;
    info.si_status = e.siStatus;
  }
  // Linux leaves the tail of the union alone here: only signo, errno, code, pid, uid and status are stored.
  return t.user.copyOut(at, info.bytes, 0, SiginfoChild.offsets.si_status + 4 <= SIGINFO_SIZE ? SiginfoChild.offsets.si_status + 4 : SIGINFO_SIZE);
}

export const sys_getpid = syscall({ name: 'getpid', args: [], run: t => t.process.pid });
export const sys_gettid = syscall({ name: 'gettid', args: [], run: t => t.tid });
export const sys_getppid = syscall({ name: 'getppid', args: [], run: t => t.process.parent?.pid ?? 0 });

/** set_tid_address(2). */
export const sys_set_tid_address = syscall({
  name: 'set_tid_address', args: [ptr('tidptr')],
  run(t, addr) {
    t.clearChildTid = addr;
    return t.tid;
  },
});

export const sys_setpgid = syscall({ name: 'setpgid', args: [pid('pid'), pid('pgid')], run: (t, p, g) => setProcessGroup(t, p, g) });
export const sys_getpgid = syscall({
  name: 'getpgid', args: [pid('pid')],
  run: (t, p) => (p === 0 ? t.process : t.kernel.pids.tasks.get(p)?.process)?.group.id ?? ESRCH,
});
export const sys_setsid = syscall({ name: 'setsid', args: [], run: t => createSession(t) });
export const sys_getsid = syscall({
  name: 'getsid', args: [pid('pid')],
  run: (t, p) => (p === 0 ? t.process : t.kernel.pids.tasks.get(p)?.process)?.session.id ?? ESRCH,
});

/** pidfd_open(2). */
export const sys_pidfd_open = syscall({
  name: 'pidfd_open', args: [pid('pid'), flags('flags', { PIDFD_NONBLOCK: O_NONBLOCK })],
  gaps: 'PIDFD_THREAD answers EINVAL',
  run(t, who, f) {
    if ((f & ~O_NONBLOCK) !== 0 || who <= 0) return EINVAL;
    const p = t.kernel.pids.processes.get(who);
    if (p === undefined) return t.kernel.pids.tasks.has(who) ? EINVAL : ESRCH;
    return createPidfd(t, p, f);
  },
});

/** pidfd_getfd(2). */
export const sys_pidfd_getfd = syscall({
  name: 'pidfd_getfd', args: [fd('pidfd'), fd('targetfd'), hex('flags')],
  run(t, pidfd, target, f) {
    if (f !== 0) return EINVAL;
    const file = t.files.get(pidfd);
    if (isErr(file)) return file;
    if (!(file instanceof PidFile)) return EBADF;
    if (file.process.isZombie) return ESRCH;
    if (t.cred.uid !== 0 && file.process.leader.cred.uid !== t.cred.uid) return EPERM;
    const wanted = file.process.leader.files.get(target);
    if (isErr(wanted)) return wanted;
    const n = t.files.install(t, wanted.get(), 'cloexec');
    if (n < 0) wanted.put();
    return n;
  },
});

