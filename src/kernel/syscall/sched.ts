// Scheduling: sched_yield(2), sched_setscheduler(2), sched_setattr(2), sched_setaffinity(2), getcpu(2).
import { EFAULT, EINVAL, EOPNOTSUPP, EPERM, ESRCH, E2BIG, type Errno, isErr } from '../../abi/errno.ts';
import { CAP_SYS_NICE } from '../../abi/capability.ts';
import { RLIMIT_RTPRIO } from '../../abi/resource.ts';
import * as abi from '../../abi/sched.ts';
import { isRealtime } from '../sched/scheduler.ts';
import type { Task } from '../task/task.ts';
import { mayRenice } from './resource.ts';
import { hex, inStruct, oneOf, outStruct, pid, ptr, size, syscall } from './define.ts';

const { SCHED_BATCH, SCHED_DEADLINE, SCHED_FIFO, SCHED_IDLE, SCHED_NORMAL, SCHED_RR, SCHED_RESET_ON_FORK, SchedAttr, SchedParam } = abi;
const POLICIES = { SCHED_OTHER: SCHED_NORMAL, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE };
const UTIL_CLAMP = abi.SCHED_FLAG_UTIL_CLAMP_MIN | abi.SCHED_FLAG_UTIL_CLAMP_MAX;
const KNOWN_ATTR_FLAGS = abi.SCHED_FLAG_RESET_ON_FORK | abi.SCHED_FLAG_RECLAIM | abi.SCHED_FLAG_DL_OVERRUN | abi.SCHED_FLAG_KEEP_POLICY
  | abi.SCHED_FLAG_KEEP_PARAMS | UTIL_CLAMP;
const NO_DEADLINE = 'SCHED_DEADLINE answers EINVAL; one hart, so affinity masks without it answer EINVAL';

export const sys_sched_yield = syscall({
  name: 'sched_yield', args: [],
  run(t) {
    t.kernel.sched.yield(t);
    return 0;
  },
});

const find = (t: Task, who: number): Task | undefined => (who === 0 ? t : t.kernel.pids.tasks.get(who));
const mayChange = (t: Task, o: Task): boolean => t.cred.has(CAP_SYS_NICE) || t.cred.euid === o.cred.uid || t.cred.euid === o.cred.euid;

function setPolicy(t: Task, o: Task, policyAndReset: number, priority: number, nice: number): 0 | Errno {
  const policy = policyAndReset & ~SCHED_RESET_ON_FORK;
  const realtime = policy === SCHED_FIFO || policy === SCHED_RR;
  const { rtPriority } = o.sched;
  if (!realtime && policy !== SCHED_NORMAL && policy !== SCHED_BATCH && policy !== SCHED_IDLE) return EINVAL;
  if (realtime ? priority < 1 || priority > 99 : priority !== 0) return EINVAL;
  if (!mayChange(t, o)) return EPERM;
  if (!t.cred.has(CAP_SYS_NICE)) {
    const limit = o.process.rlimits[RLIMIT_RTPRIO]!.soft;
    if (realtime && ((policy !== o.sched.policy && limit === 0) || (priority > rtPriority && priority > limit))) return EPERM;
    if (o.sched.policy === SCHED_IDLE && policy !== SCHED_IDLE && isErr(mayRenice(t, o, o.sched.nice, 'leaving idle'))) return EPERM;
    if (o.sched.resetOnFork && (policyAndReset & SCHED_RESET_ON_FORK) === 0) return EPERM;
    if (isErr(mayRenice(t, o, nice))) return EPERM;
  }
  const queued = o.sched.heapIndex >= 0;
  t.kernel.sched.dequeue(o);
  o.sched.policy = policy;
  o.sched.rtPriority = priority;
  o.sched.nice = nice;
  o.sched.resetOnFork = (policyAndReset & SCHED_RESET_ON_FORK) !== 0;
  if (queued) t.kernel.sched.enqueue(o, 'requeue');
  t.kernel.sched.needResched = true;
  return 0;
}

export const sys_sched_setscheduler = syscall({
  name: 'sched_setscheduler', args: [pid('pid'), oneOf('policy', POLICIES), inStruct('param', SchedParam)], gaps: NO_DEADLINE,
  run(t, who, policy, param) {
    if (who < 0 || param === 0 || policy < 0) return EINVAL;
    const r = t.user.loadI32(param);
    if (isErr(r)) return r;
    const o = find(t, who);
    return o === undefined ? ESRCH : setPolicy(t, o, policy, t.user.value, o.sched.nice);
  },
});

export const sys_sched_getscheduler = syscall({
  name: 'sched_getscheduler', args: [pid('pid')],
  run(t, who) {
    if (who < 0) return EINVAL;
    const o = find(t, who);
    return o === undefined ? ESRCH : o.sched.policy | (o.sched.resetOnFork ? SCHED_RESET_ON_FORK : 0);
  },
});

export const sys_sched_setparam = syscall({
  name: 'sched_setparam', args: [pid('pid'), inStruct('param', SchedParam)],
  run(t, who, param) {
    if (who < 0 || param === 0) return EINVAL;
    const r = t.user.loadI32(param);
    if (isErr(r)) return r;
    const o = find(t, who);
    return o === undefined ? ESRCH : setPolicy(t, o, o.sched.policy | (o.sched.resetOnFork ? SCHED_RESET_ON_FORK : 0), t.user.value, o.sched.nice);
  },
});

export const sys_sched_getparam = syscall({
  name: 'sched_getparam', args: [pid('pid'), outStruct('param', SchedParam)],
  run(t, who, param) {
    if (who < 0 || param === 0) return EINVAL;
    const o = find(t, who);
    return o === undefined ? ESRCH : t.user.storeU32(param, o.sched.rtPriority);
  },
});

export const sys_sched_get_priority_max = syscall({
  name: 'sched_get_priority_max', args: [oneOf('policy', POLICIES)],
  run: (_t, policy) => priorityBound(policy, 99),
});
export const sys_sched_get_priority_min = syscall({
  name: 'sched_get_priority_min', args: [oneOf('policy', POLICIES)],
  run: (_t, policy) => priorityBound(policy, 1),
});

function priorityBound(policy: number, bound: number): number {
  if (policy === SCHED_FIFO || policy === SCHED_RR) return bound;
  return policy === SCHED_NORMAL || policy === SCHED_BATCH || policy === SCHED_IDLE || policy === SCHED_DEADLINE ? 0 : EINVAL;
}

export const sys_sched_rr_get_interval = syscall({
  name: 'sched_rr_get_interval', args: [pid('pid'), ptr('tp')],
  run(t, who, at) {
    if (who < 0) return EINVAL;
    const o = find(t, who);
    if (o === undefined) return ESRCH;
    const ns = o.sched.policy === SCHED_RR ? 100_000_000 : isRealtime(o) ? 0 : 4_000_000;
    return isErr(t.user.storeI64(at, 0)) || isErr(t.user.storeI64(at + 8, ns)) ? EFAULT : 0;
  },
});

export const sys_sched_setattr = syscall({
  name: 'sched_setattr', args: [pid('pid'), inStruct('attr', SchedAttr), hex('flags')], gaps: NO_DEADLINE,
  run(t, who, at, f) {
    if (who < 0 || at === 0 || f !== 0) return EINVAL;
    const r = t.user.loadU32(at);
    if (isErr(r)) return r;
    const given = t.user.value || abi.SCHED_ATTR_SIZE_VER0;
    const v = SchedAttr.view();
    if (given < abi.SCHED_ATTR_SIZE_VER0 || given > 4096 || !zeroBehind(t, at, v.byteLength, given)) return t.user.storeU32(at, v.byteLength) || E2BIG;
    const c = t.user.copyIn(at, v.bytes, 0, Math.min(given, v.byteLength));
    if (isErr(c)) return c;
    const o = find(t, who);
    if (o === undefined) return ESRCH;
    if ((v.sched_flags & ~KNOWN_ATTR_FLAGS) !== 0 || v.sched_policy >= SCHED_RESET_ON_FORK) return EINVAL;
    if ((v.sched_flags & UTIL_CLAMP) !== 0) return EOPNOTSUPP;
    const keepParameters = (v.sched_flags & abi.SCHED_FLAG_KEEP_PARAMS) !== 0;
    const policy = (v.sched_flags & abi.SCHED_FLAG_KEEP_POLICY) !== 0 ? o.sched.policy : v.sched_policy;
    const reset = (v.sched_flags & abi.SCHED_FLAG_RESET_ON_FORK) !== 0 ? SCHED_RESET_ON_FORK : 0;
    const realtime = policy === SCHED_FIFO || policy === SCHED_RR;
    const nice = realtime || keepParameters ? o.sched.nice : Math.max(-20, Math.min(19, v.sched_nice));
    return setPolicy(t, o, policy | reset, keepParameters ? o.sched.rtPriority : v.sched_priority, nice);
  },
});

/** A longer struct than ours is fine as long as what we do not know is zero. */
function zeroBehind(t: Task, at: number, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (isErr(t.user.loadU8(at + i)) || t.user.value !== 0) return false;
  return true;
}

export const sys_sched_getattr = syscall({
  name: 'sched_getattr', args: [pid('pid'), outStruct('attr', SchedAttr), size('size'), hex('flags')],
  run(t, who, at, length, f) {
    if (who < 0 || at === 0 || f !== 0 || length < abi.SCHED_ATTR_SIZE_VER0 || length > 4096) return EINVAL;
    const o = find(t, who);
    if (o === undefined) return ESRCH;
    const v = SchedAttr.view();
    v.size = Math.min(length, v.byteLength);
    v.sched_policy = o.sched.policy;
    v.sched_flags = o.sched.resetOnFork ? abi.SCHED_FLAG_RESET_ON_FORK : 0;
    if (isRealtime(o)) v.sched_priority = o.sched.rtPriority;
    else v.sched_nice = o.sched.nice;
    return t.user.copyOut(at, v.bytes, 0, v.size);
  },
});

export const sys_sched_setaffinity = syscall({
  name: 'sched_setaffinity', args: [pid('pid'), size('cpusetsize'), ptr('mask')], gaps: NO_DEADLINE,
  run(t, who, length, mask) {
    const o = find(t, who);
    if (o === undefined) return ESRCH;
    if (!mayChange(t, o)) return EPERM;
    if (length === 0) return EINVAL;
    const r = t.user.loadU8(mask);
    if (isErr(r)) return r;
    return (t.user.value & 1) === 0 ? EINVAL : 0;
  },
});

export const sys_sched_getaffinity = syscall({
  name: 'sched_getaffinity', args: [pid('pid'), size('cpusetsize'), ptr('mask')],
  run(t, who, length, mask) {
    if (length < 8 || length % 8 !== 0) return EINVAL;
    if (find(t, who) === undefined) return ESRCH;
    const r = t.user.storeI64(mask, 1);
    return isErr(r) ? r : 8;
  },
});

export const sys_getcpu = syscall({
  name: 'getcpu', args: [ptr('cpu'), ptr('node')],
  run(t, cpu, node) {
    if (cpu !== 0 && isErr(t.user.storeU32(cpu, 0))) return EFAULT;
    return node === 0 ? 0 : t.user.storeU32(node, 0);
  },
});
