// What the scheduler tells of itself: /proc/PID/sched, /proc/PID/schedstat, /proc/schedstat, /proc/pressure/cpu (proc(5); Linux,
// Documentation/scheduler/sched-stats.rst and accounting/psi.rst).
import { SCHED_DEADLINE } from '../../abi/sched.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { SchedEntity } from '../../kernel/sched/entity.ts';
import { MAX_PERIOD_NS, MIN_PERIOD_NS } from '../../kernel/sched/deadline.ts';
import { BASE_SLICE_NS } from '../../kernel/sched/fair.ts';
import { RR_TURN_NS } from '../../kernel/sched/realtime.ts';
import { pressureLine } from '../../kernel/sched/psi.ts';
import { RT_PERIOD_NS, RT_RUNTIME_NS } from '../../kernel/sched/scheduler.ts';
import { taskCpuNs } from '../../kernel/time/cpu-time.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Entries } from '../pseudo/entry.ts';

const fixed = (value: number): Entries<Kernel>[string] => ({ mode: 0o444, show: () => `${value}\n` });

export const SCHED_FILES: Entries<Kernel> = {
  'pressure/cpu': { mode: 0o444, show: (_t, k) => showCpuPressure(k) },
  schedstat: { mode: 0o444, show: (_t, k) => showSchedstats(k) },
  'sys/kernel/sched_deadline_period_max_us': fixed(MAX_PERIOD_NS / 1000),
  'sys/kernel/sched_deadline_period_min_us': fixed(MIN_PERIOD_NS / 1000),
  'sys/kernel/sched_rr_timeslice_ms': fixed(RR_TURN_NS / 1e6),
  'sys/kernel/sched_rt_period_us': fixed(RT_PERIOD_NS / 1000),
  'sys/kernel/sched_rt_runtime_us': fixed(RT_RUNTIME_NS / 1000),
};

/** As the kernel counts: 20 + nice, -1 - priority for real-time tasks, -101 for deadline ones. */
export function priorityOf(of: Task): number {
  if (of.sched.policy === SCHED_DEADLINE) return -101;
  return of.sched.level > 0 ? -1 - of.sched.level : 20 + of.sched.nice;
}

/** schedstat: time on the CPU in ns, time waiting for it, times it was given the CPU. */
export function showSchedstat(_t: Task, of: Task): string {
  return `${cpuNs(of)} ${waited(of)} ${of.sched.runs}\n`;
}

/** `sched`: names and numbers in two columns; times in ms. */
export function showSched(_t: Task, of: Task): string {
  const { sched } = of;
  const rows: [name: string, value: string | number][] = [
    ['se.exec_start', ms(of.kernel.now())], ['se.vruntime', ms(sched.vruntime)], ['se.sum_exec_runtime', ms(cpuNs(of))], ['se.nr_migrations', 0],
    ['wait_max', ms(sched.maxDelayNs)], ['wait_sum', ms(waited(of))], ['wait_count', sched.runs], ['nr_wakeups', sched.wakeups],
    ['nr_switches', of.voluntarySwitches + of.involuntarySwitches], ['nr_voluntary_switches', of.voluntarySwitches],
    ['nr_involuntary_switches', of.involuntarySwitches], ['se.load.weight', sched.weight * 1024], ['se.slice', sched.sliceNs || BASE_SLICE_NS],
    ['policy', sched.policy], ['prio', 100 + priorityOf(of)], ...deadlineRows(sched),
  ];
  return `${of.name} (${of.tid}, #threads: ${of.process.threads.size})\n${'-'.repeat(67)}\n`
    + rows.map(([name, value]) => `${name.padEnd(45)}:${String(value).padStart(21)}\n`).join('');
}

function deadlineRows(e: SchedEntity): [string, string | number][] {
  return e.policy === SCHED_DEADLINE ? [['dl.runtime', Math.floor(e.dlLeftNs)], ['dl.deadline', Math.floor(e.dlAbsolute)]] : [];
}

const ms = (ns: number): string => (ns / 1e6).toFixed(6);

function cpuNs(of: Task): number {
  const { user, system } = taskCpuNs(of);
  return Math.floor(user + system);
}

/** Time spent waiting for the CPU, the present wait included. */
function waited({ sched, kernel }: Task): number { return sched.runDelayNs + (sched.place === 'queued' ? kernel.now() - sched.queuedNs : 0); }

/** Version 17; one CPU, and no scheduling domains because there is only one. */
function showSchedstats(k: Kernel): string {
  const { yields, picks, idles, wakeups, busyNs, delayNs, switches } = k.sched;
  return `version 17\ntimestamp ${Math.floor(k.now() / 1e6)}\ncpu0 ${yields} 0 ${picks} ${idles} ${wakeups} ${wakeups} ${busyNs} ${delayNs} ${switches}\n`;
}

/** With one CPU there is nobody to be stalled "in full" by: Linux shows zeros. */
function showCpuPressure(k: Kernel): string {
  return `${pressureLine('some', k.sched.pressure, k.now())}full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`;
}
