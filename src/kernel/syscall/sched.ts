// Scheduling: sched_yield(2), sched_setscheduler(2), sched_setattr(2), sched_setaffinity(2), getcpu(2).
import { EBUSY, EFAULT, EINVAL, EOPNOTSUPP, EPERM, ESRCH, E2BIG, type Errno, isErr } from '../../abi/errno.ts';
import { CAP_SYS_NICE } from '../../abi/capability.ts';
import { RLIMIT_RTPRIO } from '../../abi/resource.ts';
import * as abi from '../../abi/sched.ts';
import { areValid } from '../sched/deadline.ts';
import { BASE_SLICE_NS } from '../sched/fair.ts';
import { RR_TURN_NS } from '../sched/realtime.ts';
import { levelChanged } from '../ipc/futex-pi.ts';
import { isRealtime } from '../sched/scheduler.ts';
import { hasCapsOf } from '../ptrace/relation.ts';
import type { Task } from '../task/task.ts';
import { mayRenice } from './resource.ts';
import { hex, inStruct, oneOf, outStruct, pid, ptr, size, syscall } from './define.ts';

const { SCHED_BATCH, SCHED_DEADLINE, SCHED_FIFO, SCHED_IDLE, SCHED_NORMAL, SCHED_RR, SCHED_RESET_ON_FORK, SchedAttr, SchedParam } = abi;
const POLICIES = { SCHED_OTHER: SCHED_NORMAL, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE };
const UTIL_CLAMP = abi.SCHED_FLAG_UTIL_CLAMP_MIN | abi.SCHED_FLAG_UTIL_CLAMP_MAX;
const KNOWN_ATTR_FLAGS = abi.SCHED_FLAG_RESET_ON_FORK | abi.SCHED_FLAG_RECLAIM | abi.SCHED_FLAG_DL_OVERRUN | abi.SCHED_FLAG_KEEP_POLICY
  | abi.SCHED_FLAG_KEEP_PARAMS | UTIL_CLAMP;
export const sys_sched_yield = syscall({
  name: 'sched_yield', args: [],
  run(t) {
    t.kernel.sched.yield(t);
    return 0;
  },
});

/** Bounds of the slice that a fair task may ask for (sched_setattr(2), sched_runtime). */
const MIN_SLICE_NS = 100_000, MAX_SLICE_NS = 100_000_000;
const DEADLINE_FLAGS = abi.SCHED_FLAG_RECLAIM | abi.SCHED_FLAG_DL_OVERRUN;

const find = (t: Task, who: number): Task | undefined => (who === 0 ? t : t.kernel.pids.tasks.get(who));
const mayChange = (t: Task, o: Task): boolean => t.cred.has(CAP_SYS_NICE) || ((t.cred.euid === o.cred.uid || t.cred.euid === o.cred.euid) && hasCapsOf(t, o));

/** What a call asks for, as the task has it unless said otherwise. */
function presentOf(o: Task): Wanted {
  const { policy, rtPriority, nice, sliceNs, dlRuntimeNs, dlDeadlineNs, dlPeriodNs, dlFlags, resetOnFork } = o.sched;
  return { policy, priority: rtPriority, nice, sliceNs, dlRuntimeNs, dlDeadlineNs, dlPeriodNs, dlFlags, resetOnFork };
}
interface Wanted {
  policy: number; priority: number; nice: number; sliceNs: number; dlRuntimeNs: number; dlDeadlineNs: number; dlPeriodNs: number; dlFlags: number; resetOnFork: boolean;
}

/** sched_setscheduler(2) and sched_setattr(2): errors in the order of what is wrong with the request, who may ask, what there is room for. */
function setPolicy(t: Task, o: Task, w: Wanted): 0 | Errno {
  const realtime = w.policy === SCHED_FIFO || w.policy === SCHED_RR, deadline = w.policy === SCHED_DEADLINE;
  if (!realtime && !deadline && w.policy !== SCHED_NORMAL && w.policy !== SCHED_BATCH && w.policy !== SCHED_IDLE) return EINVAL;
  if (realtime ? w.priority < 1 || w.priority > 99 : w.priority !== 0) return EINVAL;
  if (deadline && !areValid(w.dlRuntimeNs, w.dlDeadlineNs, w.dlPeriodNs)) return EINVAL;
  const denied = mayChange(t, o) ? mayHave(t, o, w) : EPERM;
  if (denied !== 0) return denied;
  const { sched } = t.kernel, e = o.sched, period = w.dlPeriodNs || w.dlDeadlineNs;
  const wasDeadline = e.policy === SCHED_DEADLINE;
  if ((deadline || wasDeadline) && !sched.deadline.admit(e, deadline ? w.dlRuntimeNs : 0, deadline ? period : 0)) return EBUSY;
  const was = sched.beginChange(o);
  e.policy = w.policy;
  e.rtPriority = w.priority;
  e.nice = w.nice;
  e.sliceNs = w.sliceNs;
  e.resetOnFork = w.resetOnFork;
  e.dlRuntimeNs = deadline ? w.dlRuntimeNs : 0;
  e.dlDeadlineNs = deadline ? w.dlDeadlineNs : 0;
  e.dlPeriodNs = deadline ? period : 0;
  e.dlFlags = deadline ? w.dlFlags : 0;
  e.dlAbsolute = 0; // a new server starts with the next wake-up, or now
  sched.endChange(o, was);
  levelChanged(o);
  return 0;
}

/** sched(7), "Privileges and resource limits". */
function mayHave(t: Task, o: Task, w: Wanted): 0 | Errno {
  if (t.cred.has(CAP_SYS_NICE)) return 0;
  const { policy, rtPriority, nice, resetOnFork } = o.sched;
  const limit = o.process.rlimits[RLIMIT_RTPRIO]!.soft;
  if (w.policy === SCHED_DEADLINE) return EPERM;
  if (w.priority > 0 && ((w.policy !== policy && limit === 0) || (w.priority > rtPriority && w.priority > limit))) return EPERM;
  if (policy === SCHED_IDLE && w.policy !== SCHED_IDLE && isErr(mayRenice(t, o, nice, 'leaving idle'))) return EPERM;
  if (resetOnFork && !w.resetOnFork) return EPERM;
  return isErr(mayRenice(t, o, w.nice)) ? EPERM : 0;
}

/** sched_setscheduler(2) and sched_setparam(2): nice value and slice stay. */
function setParam(t: Task, who: number, policyAndReset: number | 'as it is', param: number): 0 | Errno {
  if (who < 0 || param === 0) return EINVAL;
  const r = t.user.loadI32(param);
  if (isErr(r)) return r;
  const o = find(t, who);
  if (o === undefined) return ESRCH;
  const w = presentOf(o);
  w.priority = t.user.value;
  w.dlRuntimeNs = 0; // these calls cannot give what a deadline needs
  if (policyAndReset !== 'as it is') {
    w.policy = policyAndReset & ~SCHED_RESET_ON_FORK;
    w.resetOnFork = (policyAndReset & SCHED_RESET_ON_FORK) !== 0;
  }
  return setPolicy(t, o, w);
}

export const sys_sched_setscheduler = syscall({
  name: 'sched_setscheduler', args: [pid('pid'), oneOf('policy', POLICIES), inStruct('param', SchedParam)],
  run: (t, who, policy, param) => (policy < 0 ? EINVAL : setParam(t, who, policy, param)),
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
  run: (t, who, param) => setParam(t, who, 'as it is', param),
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
    const { policy, sliceNs } = o.sched;
    const ns = policy === SCHED_RR ? RR_TURN_NS : policy === SCHED_FIFO || policy === SCHED_DEADLINE ? 0 : sliceNs || BASE_SLICE_NS;
    return isErr(t.user.storeI64(at, 0)) || isErr(t.user.storeI64(at + 8, ns)) ? EFAULT : 0;
  },
});

export const sys_sched_setattr = syscall({
  name: 'sched_setattr', args: [pid('pid'), inStruct('attr', SchedAttr), hex('flags')],
  gaps: 'SCHED_FLAG_RECLAIM is kept, but a task gets no more than its own runtime',
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
    const w = presentOf(o);
    w.resetOnFork = (v.sched_flags & abi.SCHED_FLAG_RESET_ON_FORK) !== 0;
    // To keep the parameters is to keep the policy, too: Linux does not say so, but does it.
    if ((v.sched_flags & abi.SCHED_FLAG_KEEP_PARAMS) === 0) {
      if ((v.sched_flags & abi.SCHED_FLAG_KEEP_POLICY) === 0) w.policy = v.sched_policy;
      takeParameters(w, v);
    }
    return setPolicy(t, o, w);
  },
});

function takeParameters(w: Wanted, v: ReturnType<typeof SchedAttr.view>): void {
  w.priority = v.sched_priority;
  w.dlFlags = v.sched_flags & DEADLINE_FLAGS;
  w.dlRuntimeNs = v.sched_runtime;
  w.dlDeadlineNs = v.sched_deadline;
  w.dlPeriodNs = v.sched_period;
  if (w.policy !== SCHED_NORMAL && w.policy !== SCHED_BATCH) return;
  w.nice = Math.max(-20, Math.min(19, v.sched_nice));
  w.sliceNs = v.sched_runtime === 0 ? 0 : Math.max(MIN_SLICE_NS, Math.min(MAX_SLICE_NS, v.sched_runtime));
}

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
    const e = o.sched;
    v.sched_policy = e.policy;
    v.sched_flags = (e.resetOnFork ? abi.SCHED_FLAG_RESET_ON_FORK : 0) | e.dlFlags;
    if (isRealtime(o)) {
      v.sched_priority = e.rtPriority;
    } else if (e.policy === SCHED_DEADLINE) {
      v.sched_runtime = e.dlRuntimeNs;
      v.sched_deadline = e.dlDeadlineNs;
      v.sched_period = e.dlPeriodNs;
    } else {
      v.sched_nice = e.nice;
      v.sched_runtime = e.sliceNs || BASE_SLICE_NS;
    }
    return t.user.copyOut(at, v.bytes, 0, v.size);
  },
});

export const sys_sched_setaffinity = syscall({
  name: 'sched_setaffinity', args: [pid('pid'), size('cpusetsize'), ptr('mask')], gaps: 'one hart, so masks without it answer EINVAL',
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
