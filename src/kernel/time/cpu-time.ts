// CPU time of tasks: charged by the trap loop after each stretch, read by times(2), getrusage(2), CPU clocks and /proc/PID/stat.
// The split into user and system follows the instructions of the program and what the kernel reckons its own work to be worth in instructions.
import { SIGKILL, SIGXCPU } from '../../abi/signal.ts';
import { RLIMIT_CPU } from '../../abi/resource.ts';
import { kernelSignal, sendToProcess } from '../signal/send.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';

/** Charges `t`, the running task, with what went by since its stretch began or was charged last. */
export function chargeStretch(t: Task, now = t.kernel.now()): void {
  const k = t.kernel;
  const elapsedNs = Math.max(0, now - k.stretchStartNs), user = userShare(k, elapsedNs);
  k.stretchStartNs = now;
  k.stretchStartInstret = k.hart.instret;
  k.stretchStartWork = k.work;
  t.utimeNs += user;
  t.stimeNs += elapsedNs - user;
  t.kernel.cpuUserNs += user;
  t.kernel.cpuSystemNs += elapsedNs - user;
  const limit = t.process.rlimits[RLIMIT_CPU]!;
  if (limit.soft !== Infinity && t.process.exitStatus < 0) enforceLimit(t.process, limit);
}

/** How much of the stretch in progress, which has taken `elapsedNs`, was the program's. */
function userShare(k: Kernel, elapsedNs: number): number {
  const own = k.hart.instret - k.stretchStartInstret, all = own + k.work - k.stretchStartWork;
  return all <= 0 ? 0 : Math.floor(elapsedNs * own / all);
}

/** User and system time of a thread, the stretch in progress included. */
export function taskCpuNs(t: Task): { user: number; system: number } {
  const k = t.kernel;
  if (k.sched.current !== t) return { user: t.utimeNs, system: t.stimeNs };
  const running = Math.max(0, k.now() - k.stretchStartNs), user = userShare(k, running);
  return { user: t.utimeNs + user, system: t.stimeNs + running - user };
}

/** User and system time of all threads, dead ones included. */
export function processCpuNs(p: Process): { user: number; system: number } {
  let user = p.deadUtimeNs, system = p.deadStimeNs;
  for (const t of p.threads) {
    const own = taskCpuNs(t);
    user += own.user;
    system += own.system;
  }
  return { user, system };
}

/** setrlimit(2): SIGXCPU at the soft limit and each second after, SIGKILL at the hard one. */
function enforceLimit(p: Process, limit: { soft: number; hard: number }): void {
  const { user, system } = processCpuNs(p);
  const seconds = (user + system) / 1e9;
  if (seconds >= limit.hard) sendToProcess(p, kernelSignal(SIGKILL));
  else if (seconds >= limit.soft) {
    sendToProcess(p, kernelSignal(SIGXCPU));
    limit.soft = Math.floor(seconds) + 1;
  }
}
