// Process groups and sessions (setpgid(2), setsid(2), credentials(7)), and what POSIX says of orphaned groups.
import { type Errno, EACCES, EINVAL, EPERM, ESRCH } from '../../abi/errno.ts';
import { SIGCONT, SIGHUP, SI_KERNEL } from '../../abi/signal.ts';
import { sendToGroup } from '../signal/send.ts';
import { type Process, ProcessGroup, Session } from './process.ts';
import type { Task } from './task.ts';

/** No member has a parent in the same session but another group: nobody could continue it after a stop (POSIX 3.264). */
export function isOrphaned(group: ProcessGroup, leaving: Process | null = null): boolean {
  for (const p of group.members) {
    if (p === leaving || p.isZombie) continue;
    const parent = p.parent;
    if (parent !== null && parent.pid !== 1 && parent.group !== group && parent.session === group.session) return false;
  }
  return true;
}

/** A group that has just been orphaned with stopped members gets SIGHUP and SIGCONT. */
export function hangupIfOrphaned(group: ProcessGroup, leaving: Process | null): void {
  if (!isOrphaned(group, leaving)) return;
  let stopped = false;
  for (const p of group.members) if (p !== leaving && p.stopSignal !== 0 && !p.isZombie) stopped = true;
  if (!stopped) return;
  hangUp(group);
}

export function hangUp(group: ProcessGroup): void {
  sendToGroup(group, { signo: SIGHUP, code: SI_KERNEL });
  sendToGroup(group, { signo: SIGCONT, code: SI_KERNEL });
}

/** setpgid(2). */
export function setProcessGroup(t: Task, pid: number, pgid: number): 0 | Errno {
  if (pgid < 0) return EINVAL;
  const self = t.process;
  const p = pid === 0 || pid === self.pid ? self : self.kernel.pids.processes.get(pid);
  if (p === undefined || p.isZombie || (p !== self && p.parent !== self)) return ESRCH;
  if (p !== self) {
    if (p.session !== self.session) return EPERM;
    if (p.didExec) return EACCES;
  }
  if (p.session.leader === p) return EPERM;
  const id = pgid === 0 ? p.pid : pgid;
  let group = self.kernel.pids.groups.get(id);
  if (group === undefined) {
    if (id !== p.pid) return EPERM;
    group = newGroup(p, p.session);
  } else if (group.session !== self.session) {
    return EPERM;
  }
  joinGroup(p, group);
  return 0;
}

/** setsid(2): the new session id. */
export function createSession(t: Task): number | Errno {
  const p = t.process;
  if (p.kernel.pids.groups.has(p.pid)) return EPERM;
  const session = new Session(p.pid, p);
  p.kernel.pids.sessions.set(p.pid, session);
  joinGroup(p, newGroup(p, session));
  return p.pid;
}

/** Moves `p`; groups and sessions without members vanish. */
export function joinGroup(p: Process, group: ProcessGroup): void {
  const old = p.group;
  if (old === group) return;
  leaveGroup(p);
  p.group = group;
  group.members.add(p);
  hangupIfOrphaned(old, null);
}

export function leaveGroup(p: Process): void {
  const { group } = p;
  const { pids } = p.kernel;
  group.members.delete(p);
  if (group.members.size > 0) return;
  pids.groups.delete(group.id);
  group.session.groups.delete(group.id);
  if (group.session.groups.size === 0) pids.sessions.delete(group.session.id);
}

export function newGroup(p: Process, session: Session): ProcessGroup {
  const group = new ProcessGroup(p.pid, session);
  p.kernel.pids.groups.set(group.id, group);
  session.groups.set(group.id, group);
  return group;
}
