// CPU time of tasks: charged by the trap loop after each stretch, read by times(2), getrusage(2), CPU clocks and /proc/PID/stat.
// The split into user and system follows the share of instructions at the machine's nominal speed.
import { SIGKILL, SIGXCPU } from '../../abi/signal.ts';
import { RLIMIT_CPU } from '../../abi/resource.ts';
import { kernelSignal, sendToProcess } from '../signal/send.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';

/** An instruction takes about this long in the interpreter; what a stretch took beyond that was kernel work. */
const NS_PER_INSTRUCTION = 5;

/** Charges `t`, the running task, with what went by since its stretch began or was charged last. */
export function chargeStretch(t: Task): void {
  const k = t.kernel;
  const now = k.now(), retired = k.hart.instret;
  const elapsedNs = now - k.stretchStartNs;
  const user = Math.min(elapsedNs, (retired - k.stretchStartInstret) * NS_PER_INSTRUCTION);
  k.stretchStartNs = now;
  k.stretchStartInstret = retired;
  t.utimeNs += user;
  t.stimeNs += elapsedNs - user;
  t.kernel.cpuUserNs += user;
  t.kernel.cpuSystemNs += elapsedNs - user;
  const limit = t.process.rlimits[RLIMIT_CPU]!;
  if (limit.soft !== Infinity && t.process.exitStatus < 0) enforceLimit(t.process, limit);
}

/** User and system time of a thread, the stretch in progress included. */
export function taskCpuNs(t: Task): { user: number; system: number } {
  const k = t.kernel;
  const running = k.sched.current === t ? k.now() - k.stretchStartNs : 0;
  return { user: t.utimeNs + running, system: t.stimeNs };
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
