// I/O scheduling classes (ioprio_set(2)): kept and inherited, weighed by nobody: no device of the machine has a queue longer than one request.
import { CAP_SYS_ADMIN, CAP_SYS_NICE } from '../../abi/capability.ts';
import { EINVAL, EPERM, ESRCH, type Errno } from '../../abi/errno.ts';
import * as abi from '../../abi/sched.ts';
import { hasCapsOf } from '../ptrace/relation.ts';
import type { Task } from '../task/task.ts';
import { int, oneOf, pid, syscall } from './define.ts';
import { selected } from './resource.ts';

const { IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE, IOPRIO_CLASS_NONE, IOPRIO_CLASS_RT, IOPRIO_CLASS_SHIFT, IOPRIO_WHO_PGRP, IOPRIO_WHO_PROCESS, IOPRIO_WHO_USER } = abi;
const WHO = { IOPRIO_WHO_PROCESS, IOPRIO_WHO_PGRP, IOPRIO_WHO_USER };
/** Lowest bits of a priority: the level within its class. Ten bits of hints lie between. */
const LEVEL = 7;
const classOf = (ioprio: number): number => (ioprio >> IOPRIO_CLASS_SHIFT) & 7;

/** ioprio_get(2): of one task what was set; of several the best, where those without take theirs from scheduling policy and nice. */
export const sys_ioprio_get = syscall({
  name: 'ioprio_get', args: [oneOf('which', WHO), pid('who')],
  run(t, which, who) {
    if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER) return EINVAL;
    const tasks = selected(t, which - IOPRIO_WHO_PROCESS, who);
    if (tasks.length === 0) return ESRCH;
    return which === IOPRIO_WHO_PROCESS ? tasks[0]!.sched.ioprio : Math.min(...tasks.map(effective));
  },
});

function effective(t: Task): number {
  const { ioprio, nice, policy } = t.sched;
  if (classOf(ioprio) !== IOPRIO_CLASS_NONE) return ioprio;
  const realTime = policy === abi.SCHED_FIFO || policy === abi.SCHED_RR || policy === abi.SCHED_DEADLINE;
  const byPolicy = policy === abi.SCHED_IDLE ? IOPRIO_CLASS_IDLE : realTime ? IOPRIO_CLASS_RT : IOPRIO_CLASS_BE;
  return (byPolicy << IOPRIO_CLASS_SHIFT) | Math.floor((nice + 20) / 5);
}

/** ioprio_set(2). */
export const sys_ioprio_set = syscall({
  name: 'ioprio_set', args: [oneOf('which', WHO), pid('who'), int('ioprio')],
  gaps: 'kept and inherited; no queue of the machine is long enough to be ordered by it',
  run(t, which, who, ioprio) {
    const wrong = check(t, ioprio);
    if (wrong !== 0) return wrong;
    if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER) return EINVAL;
    const tasks = selected(t, which - IOPRIO_WHO_PROCESS, who);
    for (const o of tasks) {
      if (!t.cred.has(CAP_SYS_NICE) && ((o.cred.uid !== t.cred.euid && o.cred.uid !== t.cred.uid) || !hasCapsOf(t, o))) return EPERM;
      o.sched.ioprio = ioprio & 0xffff;
    }
    return tasks.length === 0 ? ESRCH : 0;
  },
});

function check(t: Task, ioprio: number): 0 | Errno {
  switch (classOf(ioprio)) {
    case IOPRIO_CLASS_RT: return t.cred.has(CAP_SYS_NICE) || t.cred.has(CAP_SYS_ADMIN) ? 0 : EPERM;
    case IOPRIO_CLASS_BE: case IOPRIO_CLASS_IDLE: return 0;
    case IOPRIO_CLASS_NONE: return (ioprio & LEVEL) === 0 ? 0 : EINVAL;
    default: return EINVAL;
  }
}
