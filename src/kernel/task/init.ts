// Process 1: kernel-owned, without a program. It adopts orphans and buries them, and is the parent of everything the host starts.
import { type Errno, type Fallible, EAGAIN, ENOENT, ENOTDIR, isErr } from '../../abi/errno.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import { RLIM_NLIMITS, RLIMIT_CORE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_RTPRIO, RLIMIT_SIGPENDING, RLIMIT_STACK } from '../../abi/resource.ts';
import type { Kernel } from '../kernel.ts';
import { SchedEntity } from '../sched/entity.ts';
import { type Credentials, credentialsFor } from '../security/credentials.ts';
import { SignalHandlers, SignalQueue } from '../signal/state.ts';
import { FdTable } from '../vfs/fd-table.ts';
import { FsContext } from '../vfs/fs-context.ts';
import type { Path } from '../vfs/mount.ts';
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW, lookupPath } from '../vfs/walk.ts';
import { confine, type Confinement } from './confine.ts';
import { execve } from './exec.ts';
import { reap } from './exit.ts';
import { newGroup } from './job-control.ts';
import { Process, ProcessGroup, Session } from './process.ts';
import { Task } from './task.ts';

/** Linux' defaults for the first process; NPROC and SIGPENDING follow memory. */
function defaultLimits(k: Kernel): { soft: number; hard: number }[] {
  const limits = Array.from({ length: RLIM_NLIMITS }, () => ({ soft: Infinity, hard: Infinity }));
  const set = (i: number, soft: number, hard: number): void => { limits[i] = { soft, hard }; };
  const tasks = Math.floor(k.maxTasks / 2);
  set(RLIMIT_STACK, 8 * 1024 * 1024, Infinity);
  set(RLIMIT_CORE, 0, Infinity);
  set(RLIMIT_NPROC, tasks, tasks);
  set(RLIMIT_NOFILE, 1024, 1_048_576);
  set(RLIMIT_MEMLOCK, 8 * 1024 * 1024, 8 * 1024 * 1024);
  set(RLIMIT_SIGPENDING, tasks, tasks);
  set(RLIMIT_MSGQUEUE, 819_200, 819_200);
  set(RLIMIT_NICE, 0, 0);
  set(RLIMIT_RTPRIO, 0, 0);
  return limits;
}

/** Makes process 1 the current task, before any mount: `adoptRoot` gives it its root directory. */
export function createInit(k: Kernel): Task {
  const pid = k.pids.allocate();
  // The circle process -> group -> session -> process has to be closed by hand once.
  const session = new Session(pid, null as never);
  const p = new Process(k, pid, null, new ProcessGroup(pid, session), new SignalQueue(), defaultLimits(k));
  session.leader = p;
  k.pids.sessions.set(pid, session);
  p.group = newGroup(p, session);
  p.group.members.add(p);
  const t = new Task(k, pid, p, {
    mm: null, files: new FdTable(), fs: null as never, cred: credentialsFor(0, 0), handlers: new SignalHandlers(), pending: new SignalQueue(),
  });
  t.name = 'init';
  t.state = 'S';
  t.sched = new SchedEntity();
  p.leader = t;
  p.threads.add(t);
  k.pids.processes.set(pid, p);
  k.pids.tasks.set(pid, t);
  k.init = p;
  k.current = t;
  return t;
}

export function adoptRoot(t: Task, root: Path): void {
  t.fs = new FsContext(root, root, 0o022);
}

export interface SpawnRequest {
  readonly argv: readonly string[];
  readonly envp: readonly string[];
  readonly path: string;
  /** PATH to search when `path` has no slash; absent: Linux' default. */
  readonly search: string | undefined;
  /** 'controlling': descriptor 0 is a terminal that the new session shall have. */
  readonly terminal: 'controlling' | 'none';
  readonly cwd: string;
  readonly cred: Credentials;
  /** The sandbox it starts in; absent: none. */
  readonly confinement?: Confinement | undefined;
  /** Descriptors 0, 1, 2, ...; the child takes over the references. */
  readonly files: FdTable;
}

/** Starts a program as a child of init in a session of its own. Its end appears in `kernel.hostExits`. */
export function spawn(k: Kernel, q: SpawnRequest): Fallible<Task> {
  const parent = k.init.leader;
  const tid = k.pids.allocate();
  if (tid < 0) return EAGAIN;
  const session = new Session(tid, null as never);
  const p = new Process(k, tid, k.init, new ProcessGroup(tid, session), new SignalQueue(), k.init.rlimits.map(l => ({ ...l })));
  session.leader = p;
  const t = new Task(k, tid, p, {
    mm: null, files: q.files, fs: parent.fs.copy(), cred: q.cred, handlers: new SignalHandlers(), pending: new SignalQueue(),
  });
  t.sched = new SchedEntity();
  t.startNs = p.startNs = k.now();
  t.guarded = k.security.policy !== null;
  if (q.confinement !== undefined) confine(t, q.confinement);
  p.leader = t;
  p.threads.add(t);
  k.pids.sessions.set(tid, session);
  p.group = newGroup(p, session);
  p.group.members.add(p);
  k.pids.tasks.set(tid, t);
  k.pids.processes.set(tid, p);
  k.init.children.add(p);

  const failed = enter(t, q);
  if (failed !== 0) {
    k.detach(t);
    p.threads.delete(t);
    t.fs.put();
    for (const [fd] of [...q.files.entries()]) {
      const f = q.files.remove(fd);
      if (!isErr(f)) f.put();
    }
    t.mm?.put();
    reap(p);
    k.current = parent;
    return failed;
  }
  k.hostSpawned.add(tid);
  k.enqueueNew(t);
  return t;
}

function enter(t: Task, q: SpawnRequest): 0 | Errno {
  t.kernel.switchTo(t);
  const cwd = lookupPath(t, AT_FDCWD, q.cwd, LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
  if (isErr(cwd)) return cwd;
  t.fs.setCwd(cwd);
  cwd.put();
  takeTerminal(t, q);
  let failed: 0 | Errno = ENOENT;
  for (const path of candidates(q)) {
    const r = execve(t, { dirfd: AT_FDCWD, path, argv: [...q.argv], envp: [...q.envp], flags: 0 });
    if (r === 0) return 0;
    if (r !== ENOENT && r !== ENOTDIR) failed = r;
  }
  return failed;
}

/** execvp(3): a name without a slash is looked for in PATH. */
function candidates(q: SpawnRequest): string[] {
  if (q.path.includes('/')) return [q.path];
  return (q.search ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(':').map(dir => `${dir === '' ? '.' : dir}/${q.path}`);
}

function takeTerminal(t: Task, q: SpawnRequest): void {
  const file = q.files.get(0);
  if (q.terminal === 'controlling' && !isErr(file)) file.becomeControlling(t);
}
