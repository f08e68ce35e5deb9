// CPU time and faults of a process or one of its threads, as several files show them.
import { processCpuNs } from '../../kernel/time/cpu-time.ts';
import type { Task } from '../../kernel/task/task.ts';

/** What is asked: the whole process (/proc/PID) or one thread (/proc/PID/task/TID). */
export type Scope = 'process' | 'thread';

export interface Times { utimeNs: number; stimeNs: number; minFaults: number; majFaults: number }

/** Time and faults so far. Threads that have ended count for their process. */
export function timesOf(of: Task, scope: Scope): Times {
  if (scope === 'thread') return { utimeNs: of.utimeNs, stimeNs: of.stimeNs, minFaults: of.minFaults, majFaults: of.majFaults };
  const { user, system } = processCpuNs(of.process);
  const sum = { utimeNs: user, stimeNs: system, minFaults: 0, majFaults: 0 };
  for (const thread of of.process.threads) {
    sum.minFaults += thread.minFaults;
    sum.majFaults += thread.majFaults;
  }
  return sum;
}

/** Threads that exist, a leader that has exited included. */
export function threadCount(of: Task): number {
  return Math.max(1, of.process.threads.size + (of.process.threads.has(of.process.leader) ? 0 : 1));
}
