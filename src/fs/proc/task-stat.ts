// /proc/PID/stat, statm: one line of numbers each, read by ps, top and every libc (proc_pid_stat(5)).
import { RLIMIT_RSS } from '../../abi/resource.ts';
import { codePages } from '../../kernel/mm/residency.ts';
import type { SignalHandlers } from '../../kernel/signal/state.ts';
import type { Task } from '../../kernel/task/task.ts';
import { mayInspect } from './access.ts';
import { pagesToKb, ticks, unsignedLimit } from './format.ts';
import { priorityOf } from './sched.ts';
import { type Scope, threadCount, timesOf } from './task-times.ts';

const PF_FORKNOEXEC = 0x40;
const PF_EXITING = 0x4;
/** Obsolete signal fields show the low 31 only. */
const LOW_31 = 0x7fff_ffff;

/** The 52 fields of stat, in order. Addresses are 0 for those who may not inspect the process. */
export function showStat(t: Task, of: Task, scope: Scope): string {
  const { process, mm, pending, handlers } = of;
  const { session, group } = process;
  const times = timesOf(of, scope);
  const seen = mm !== null && mayInspect(t, of) === 0 ? mm : null;
  const flags = (process.didExec ? 0 : PF_FORKNOEXEC) | (of.state === 'Z' ? PF_EXITING : 0);
  return [
    of.tid, `(${of.name})`, of.state, process.parent?.pid ?? 0, group.id, session.id, process.tty?.rdev ?? 0, process.tty?.foreground?.id ?? -1,
    flags, times.minFaults, 0, times.majFaults, 0, ticks(times.utimeNs), ticks(times.stimeNs), ticks(process.childUtimeNs),
    ticks(process.childStimeNs), priorityOf(of), of.sched.nice, threadCount(of), 0, ticks(scope === 'thread' ? of.startNs : process.startNs),
    pagesToKb(mm?.totalPages ?? 0) * 1024, mm?.rssPages ?? 0, unsignedLimit(process.rlimits[RLIMIT_RSS]?.soft ?? Infinity),
    seen?.startCode ?? 0, seen?.endCode ?? 0, seen?.startStack ?? 0, 0, 0,
    pending.lo & LOW_31, of.sigmaskLo & LOW_31, dispositions(handlers, 1).lo & LOW_31, dispositions(handlers, 'caught').lo & LOW_31,
    of.state === 'S' || of.state === 'D' ? 1 : 0, 0, 0, of === process.leader ? process.exitSignal : -1, 0,
    of.sched.rtPriority, of.sched.policy, 0, 0, 0,
    seen?.startData ?? 0, seen?.endData ?? 0, seen?.startBrk ?? 0, seen?.argStart ?? 0, seen?.argEnd ?? 0, seen?.envStart ?? 0, seen?.envEnd ?? 0,
    mayInspect(t, of) === 0 && process.exitStatus >= 0 ? process.exitStatus : 0,
  ].join(' ') + '\n';
}

/** statm: sizes in pages: total, resident, shared, text, 0, data and stack, 0. */
export function showStatm(_t: Task, of: Task): string {
  const { mm } = of;
  if (mm === null) return '0 0 0 0 0 0 0\n';
  return `${mm.totalPages} ${mm.rssPages} ${mm.rssFilePages + mm.rssShmemPages} ${codePages(mm)} 0 ${mm.dataPages + mm.stackPages} 0\n`;
}

/** The signals that are ignored (handler 1) or caught, as two words. */
export function dispositions(handlers: SignalHandlers, which: 1 | 'caught'): { lo: number; hi: number } {
  const set = { lo: 0, hi: 0 };
  for (let sig = 1; sig <= 64; sig++) {
    const handler = handlers.actions[sig]?.handler ?? 0;
    if (which === 1 ? handler !== 1 : handler <= 1) continue;
    if (sig <= 32) set.lo |= 1 << (sig - 1);
    else set.hi |= 1 << (sig - 33);
  }
  return set;
}
