// The OOM killer: when a page cannot be had, the process that holds most memory dies, alone, and the log names it (proc(5), oom_score).
import { SIGKILL } from '../../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import { kernelSignal, sendToProcess } from '../signal/send.ts';
import type { Process } from './process.ts';
import type { Task } from './task.ts';

/** /proc/PID/oom_score times total pages / 1000: resident pages and page tables, moved by oom_score_adj; below 0: never chosen. */
export function oomBadness(p: Process): number {
  const mm = p.leader.mm ?? [...p.threads][0]?.mm;
  if (mm === null || mm === undefined || p === p.kernel.init || p.oomScoreAdj === -1000) return -1;
  const pages = mm.rssPages + mm.table.tables;
  return Math.max(0, pages + (p.oomScoreAdj * p.kernel.frames.total) / 1000);
}

/** `t` could not get a page. Kills one process; `t` tries again when it runs next (or is the victim). */
export function outOfMemory(k: Kernel, t: Task): void {
  k.sched.needResched = true;
  const before = dying(k);
  if (before !== null) return letRun(k, before, t);
  let victim: Process | null = null, worst = -1;
  for (const p of k.pids.processes.values()) {
    const badness = p.isZombie ? -1 : oomBadness(p);
    if (badness <= worst) continue;
    worst = badness;
    victim = p;
  }
  victim ??= t.process;
  const mm = victim.leader.mm ?? t.mm!;
  k.log.add(3, k.now(), `Out of memory: Killed process ${victim.pid} (${victim.leader.name}) total-vm:${mm.totalPages * 4}kB, `
    + `anon-rss:${mm.rssAnonPages * 4}kB, file-rss:${mm.rssFilePages * 4}kB, shmem-rss:${mm.rssShmemPages * 4}kB, UID:${victim.leader.cred.uid} `
    + `oom_score_adj:${victim.oomScoreAdj}`);
  k.oomKills++;
  sendToProcess(victim, kernelSignal(SIGKILL));
  letRun(k, victim, t);
}

/** The victim goes first: those who wait for its memory run no instructions, so their turns would never pass by fairness. */
function letRun(k: Kernel, victim: Process, t: Task): void {
  for (const v of victim.threads) k.sched.favour(v);
  k.sched.yield(t);
}

/** Somebody was killed already and only needs to run to give its memory back. */
function dying(k: Kernel): Process | null {
  for (const p of k.pids.processes.values()) {
    if (p.isZombie || p.threads.size === 0) continue;
    if (p.groupExit >= 0 || (p.pending.lo & (1 << (SIGKILL - 1))) !== 0) return p;
  }
  return null;
}
