// Limits and accounting: prlimit64(2), getrusage(2), times(2), getpriority(2).
import { EACCES, EINVAL, EPERM, ESRCH, type Errno, isErr } from '../../abi/errno.ts';
import { CAP_SYS_NICE, CAP_SYS_RESOURCE } from '../../abi/capability.ts';
import * as res from '../../abi/resource.ts';
import { Tms } from '../../abi/time.ts';
import { processCpuNs, taskCpuNs } from '../time/cpu-time.ts';
import type { Process } from '../task/process.ts';
import { hasCapsOf } from '../ptrace/relation.ts';
import type { Task } from '../task/task.ts';
import type { WaitEvent } from '../task/wait.ts';
import { inStruct, int, oneOf, outStruct, pid, syscall } from './define.ts';

const { RLIM_INFINITY, RLIM_NLIMITS, RUSAGE_CHILDREN, RUSAGE_SELF, RUSAGE_THREAD, Rlimit, Rusage, PRIO_PGRP, PRIO_PROCESS, PRIO_USER } = res;
const LIMIT_NAMES = Object.fromEntries(Object.entries(res).filter(([k]) => k.startsWith('RLIMIT_'))) as Record<string, number>;
const WHO = { RUSAGE_SELF, RUSAGE_CHILDREN, RUSAGE_THREAD };
const WHICH = { PRIO_PROCESS, PRIO_PGRP, PRIO_USER };
const NS_PER_TICK = 1e7;

function setLimit(t: Task, p: Process, resource: number, soft: number, hard: number): 0 | Errno {
  const limit = p.rlimits[resource]!;
  const s = soft >= RLIM_INFINITY ? Infinity : soft, h = hard >= RLIM_INFINITY ? Infinity : hard;
  if (s > h) return EINVAL;
  if (h > limit.hard && !t.cred.has(CAP_SYS_RESOURCE)) return EPERM;
  const MAX_FILES = 1_048_576;
  if (resource === res.RLIMIT_NOFILE && h > MAX_FILES) return EPERM;
  // A CPU limit of 0 is reached by any program that runs: it counts as the second in which that happens.
  p.rlimits[resource] = { soft: resource === res.RLIMIT_CPU && s === 0 ? 1 : s, hard: h };
  return 0;
}

/** prlimit(2), "PERMISSIONS". */
function mayLimit(t: Task, p: Process): boolean {
  const c = t.cred, o = p.leader.cred;
  const same = c.uid === o.euid && c.uid === o.suid && c.uid === o.uid && c.gid === o.egid && c.gid === o.sgid && c.gid === o.gid;
  return p === t.process || same || c.has(CAP_SYS_RESOURCE);
}

/** prlimit(2): getrlimit and setrlimit of glibc come here too. */
export const sys_prlimit64 = syscall({
  name: 'prlimit64', args: [pid('pid'), oneOf('resource', LIMIT_NAMES), inStruct('new_limit', Rlimit), outStruct('old_limit', Rlimit)],
  run(t, who, resource, next, old) {
    if (resource < 0 || resource >= RLIM_NLIMITS) return EINVAL;
    const p = who === 0 ? t.process : t.kernel.pids.tasks.get(who)?.process;
    if (p === undefined) return ESRCH;
    if (!mayLimit(t, p)) return EPERM;
    const view = Rlimit.view();
    const { soft, hard } = p.rlimits[resource]!;
    if (next !== 0) {
      const r = t.user.copyIn(next, view.bytes);
      if (isErr(r)) return r;
      const s = setLimit(t, p, resource, view.rlim_cur, view.rlim_max);
      if (isErr(s)) return s;
    }
    return old === 0 ? 0 : storeLimit(t, old, soft, hard);
  },
});

function storeLimit(t: Task, at: number, soft: number, hard: number): 0 | Errno {
  const view = Rlimit.view();
  view.rlim_cur = soft === Infinity ? RLIM_INFINITY : soft;
  view.rlim_max = hard === Infinity ? RLIM_INFINITY : hard;
  return t.user.copyOut(at, view.bytes);
}

export const sys_getrlimit = syscall({
  name: 'getrlimit', args: [oneOf('resource', LIMIT_NAMES), outStruct('rlim', Rlimit)],
  run(t, resource, at) {
    const limit = t.process.rlimits[resource];
    return limit === undefined ? EINVAL : storeLimit(t, at, limit.soft, limit.hard);
  },
});

export const sys_setrlimit = syscall({
  name: 'setrlimit', args: [oneOf('resource', LIMIT_NAMES), inStruct('rlim', Rlimit)],
  run(t, resource, at) {
    if (resource < 0 || resource >= RLIM_NLIMITS) return EINVAL;
    const view = Rlimit.view();
    const r = t.user.copyIn(at, view.bytes);
    return isErr(r) ? r : setLimit(t, t.process, resource, view.rlim_cur, view.rlim_max);
  },
});

/** getrusage(2). */
export const sys_getrusage = syscall({
  name: 'getrusage', args: [oneOf('who', WHO), outStruct('usage', Rusage)],
  gaps: 'block I/O, message and swap counts are 0, as on Linux without accounting',
  run(t, who, at) {
    const p = t.process;
    const view = Rusage.view();
    if (who === RUSAGE_THREAD) {
      const { user, system } = taskCpuNs(t);
      fill(view, user, system, t.mm?.rssPeakPages ?? 0);
      view.ru_minflt = t.minFaults;
      view.ru_majflt = t.majFaults;
      view.ru_nvcsw = t.voluntarySwitches;
      view.ru_nivcsw = t.involuntarySwitches;
    } else if (who === RUSAGE_SELF) {
      const { user, system } = processCpuNs(p);
      fill(view, user, system, Math.max(t.mm?.rssPeakPages ?? 0, p.maxRssPages));
      for (const th of p.threads) {
        view.ru_minflt += th.minFaults;
        view.ru_majflt += th.majFaults;
        view.ru_nvcsw += th.voluntarySwitches;
        view.ru_nivcsw += th.involuntarySwitches;
      }
    } else if (who === RUSAGE_CHILDREN) {
      fill(view, p.childUtimeNs, p.childStimeNs, p.childMaxRssPages);
    } else {
      return EINVAL;
    }
    return t.user.copyOut(at, view.bytes);
  },
});

/** The rusage of a waited-for child. */
export function storeRusage(t: Task, at: number, e: WaitEvent): 0 | Errno {
  const view = Rusage.view();
  fill(view, e.utimeNs, e.stimeNs, e.maxRssPages);
  return t.user.copyOut(at, view.bytes);
}

function fill(view: ReturnType<typeof Rusage.view>, userNs: number, systemNs: number, rssPages: number): void {
  view.ru_utime.tv_sec = Math.floor(userNs / 1e9);
  view.ru_utime.tv_usec = Math.floor((userNs % 1e9) / 1000);
  view.ru_stime.tv_sec = Math.floor(systemNs / 1e9);
  view.ru_stime.tv_usec = Math.floor((systemNs % 1e9) / 1000);
  view.ru_maxrss = rssPages * 4;
}

/** times(2): clock ticks of 10 ms; the result counts from boot. */
export const sys_times = syscall({
  name: 'times', args: [outStruct('buf', Tms)],
  run(t, at) {
    if (at !== 0) {
      const { user, system } = processCpuNs(t.process);
      const view = Tms.view();
      view.tms_utime = Math.floor(user / NS_PER_TICK);
      view.tms_stime = Math.floor(system / NS_PER_TICK);
      view.tms_cutime = Math.floor(t.process.childUtimeNs / NS_PER_TICK);
      view.tms_cstime = Math.floor(t.process.childStimeNs / NS_PER_TICK);
      const r = t.user.copyOut(at, view.bytes);
      if (isErr(r)) return r;
    }
    return Math.floor(t.kernel.now() / NS_PER_TICK);
  },
});

/** The tasks that PRIO_PROCESS, PRIO_PGRP or PRIO_USER names. */
export function selected(t: Task, which: number, who: number): Task[] {
  const { tasks } = t.kernel.pids;
  if (which === PRIO_PROCESS) {
    const one = who === 0 ? t : tasks.get(who);
    return one === undefined ? [] : [one];
  }
  const id = which === PRIO_PGRP ? who || t.process.group.id : who || t.cred.uid;
  return [...tasks.values()].filter(o => (which === PRIO_PGRP ? o.process.group.id : o.cred.uid) === id);
}

/** getpriority(2): the raw call answers 20 - nice. */
export const sys_getpriority = syscall({
  name: 'getpriority', args: [oneOf('which', WHICH), pid('who')],
  run(t, which, who) {
    if (which < PRIO_PROCESS || which > PRIO_USER) return EINVAL;
    let best = -1;
    for (const o of selected(t, which, who)) best = Math.max(best, 20 - o.sched.nice);
    return best < 0 ? ESRCH : best;
  },
});

/** setpriority(2). */
export const sys_setpriority = syscall({
  name: 'setpriority', args: [oneOf('which', WHICH), pid('who'), int('prio')],
  run(t, which, who, prio) {
    if (which < PRIO_PROCESS || which > PRIO_USER) return EINVAL;
    const nice = Math.max(-20, Math.min(19, prio));
    let result: 0 | Errno = ESRCH;
    for (const o of selected(t, which, who)) {
      const allowed = mayRenice(t, o, nice);
      if (allowed === 0) renice(o, nice);
      result = result === ESRCH || isErr(allowed) ? allowed : result;
    }
    return result;
  },
});

function renice(o: Task, nice: number): void {
  const { sched } = o.kernel, was = sched.beginChange(o);
  o.sched.nice = nice;
  sched.endChange(o, was);
}

/** Others' tasks: EPERM. Lower than before and below RLIMIT_NICE: EACCES. */
export function mayRenice(t: Task, o: Task, nice: number, why: 'lowering' | 'leaving idle' = 'lowering'): 0 | Errno {
  if (t.cred.has(CAP_SYS_NICE)) return 0;
  if ((t.cred.euid !== o.cred.uid && t.cred.euid !== o.cred.euid) || !hasCapsOf(t, o)) return EPERM;
  const limit = o.process.rlimits[res.RLIMIT_NICE]!.soft;
  return (nice < o.sched.nice || why === 'leaving idle') && 20 - nice > limit ? EACCES : 0;
}
