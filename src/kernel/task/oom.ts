// The OOM killer: when a page cannot be had, the process that holds most memory dies, alone, and the log names it (proc(5), oom_score).
import { SIGKILL } from '../../abi/signal.ts';
import type { Kernel } from '../kernel.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { KIND_SHMEM, KIND_TABLE } from '../mm/frame-kinds.ts';
import { ACTIVE_ANON, ACTIVE_FILE, INACTIVE_ANON, INACTIVE_FILE, UNEVICTABLE } from '../mm/lru.ts';
import { kernelSignal, sendToProcess } from '../signal/send.ts';
import type { Process } from './process.ts';
import type { Task } from './task.ts';

/** Rows of the table of tasks in the log: those that hold most. */
const TABLE_ROWS = 20;

/** Somebody who holds memory that can be had before anybody dies (Linux: register_oom_notifier). */
export abstract class OomNotifier {
  /** Pages that it has given back. */
  abstract release(): number;
}

/** vm.oom_*. */
export class OomSettings {
  readonly notifiers = new Set<OomNotifier>();
  /** vm.oom_kill_allocating_task: who asks dies, whoever holds more. */
  killsAllocating = false;
  /** vm.oom_dump_tasks. */
  dumpsTasks = true;
}

/** Pages resident, swapped and for page tables, moved by oom_score_adj in thousandths of all memory; below 0: never chosen. */
export function oomBadness(p: Process): number {
  const mm = memoryOf(p);
  if (mm === null || p === p.kernel.init || p.oomScoreAdj === -1000) return -1;
  const pages = mm.rssPages + mm.swapPages + mm.table.tables;
  const { frames } = p.kernel;
  return Math.max(0, pages + (p.oomScoreAdj * (frames.total + frames.swap.total)) / 1000);
}

/** `t` could not get a page. Kills one process, unless memory can be had otherwise; `t` tries again when it runs next (or is the victim). */
export function outOfMemory(k: Kernel, t: Task): void {
  k.sched.needResched = true;
  let released = 0;
  for (const n of k.oom.notifiers) released += n.release();
  if (released > 0) return;
  const before = dying(k);
  if (before !== null) return letRun(k, before, t);
  const victim = chooseVictim(k, t);
  report(k, t, victim);
  k.oomKills++;
  const mm = memoryOf(victim);
  sendToProcess(victim, kernelSignal(SIGKILL));
  // Whoever shares its memory would keep it.
  for (const p of k.pids.processes.values()) if (p !== victim && mm !== null && memoryOf(p) === mm && p.oomScoreAdj !== -1000) sendToProcess(p, kernelSignal(SIGKILL));
  letRun(k, victim, t);
}

function chooseVictim(k: Kernel, t: Task): Process {
  if (k.oom.killsAllocating && oomBadness(t.process) >= 0) return t.process;
  let victim: Process | null = null, worst = -1;
  for (const p of k.pids.processes.values()) {
    const badness = p.isZombie ? -1 : oomBadness(p);
    if (badness <= worst) continue;
    worst = badness;
    victim = p;
  }
  return victim ?? t.process;
}

const memoryOf = (p: Process): AddressSpace | null => p.leader.mm ?? [...p.threads][0]?.mm ?? null;

/** What a person needs to know: who asked, where memory is, who holds it, and who was chosen. */
function report(k: Kernel, t: Task, victim: Process): void {
  const { frames } = k;
  const { lru, swap, counts } = frames;
  const say = (level: 3 | 4 | 6, text: string): void => { k.log.add(level, k.now(), text); };
  const list = (n: number): number => lru.counts[n]!;
  say(4, `${t.name} invoked oom-killer: order=0, oom_score_adj=${t.process.oomScoreAdj}`);
  say(4, `Mem-Info: free:${frames.freeCount} min:${frames.reserve} active_anon:${list(ACTIVE_ANON)} inactive_anon:${list(INACTIVE_ANON)} active_file:${list(ACTIVE_FILE)} `
    + `inactive_file:${list(INACTIVE_FILE)} unevictable:${list(UNEVICTABLE)} shmem:${counts[KIND_SHMEM]} pagetables:${counts[KIND_TABLE]} dirty:${frames.caches.dirtyPages} (pages)`);
  say(4, `Free swap = ${swap.free * 4}kB, total swap = ${swap.total * 4}kB`);
  if (k.oom.dumpsTasks) dumpTasks(k, say);
  const mm = memoryOf(victim) ?? t.mm!;
  const name = victim.leader.name, { uid } = victim.leader.cred;
  say(6, `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=${name},pid=${victim.pid},uid=${uid}`);
  say(3, `Out of memory: Killed process ${victim.pid} (${name}) total-vm:${mm.totalPages * 4}kB, anon-rss:${mm.rssAnonPages * 4}kB, file-rss:${mm.rssFilePages * 4}kB, `
    + `shmem-rss:${mm.rssShmemPages * 4}kB, UID:${uid} pgtables:${mm.table.tables * 4}kB oom_score_adj:${victim.oomScoreAdj}`);
}

function dumpTasks(k: Kernel, say: (level: 6, text: string) => void): void {
  say(6, 'Tasks state (memory values in pages):');
  say(6, '[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name');
  const held = [...k.pids.processes.values()].filter(p => !p.isZombie && p !== k.init && memoryOf(p) !== null);
  held.sort((a, b) => memoryOf(b)!.rssPages + memoryOf(b)!.swapPages - memoryOf(a)!.rssPages - memoryOf(a)!.swapPages);
  for (const p of held.slice(0, TABLE_ROWS)) {
    const mm = memoryOf(p)!;
    const columns: [number, number][] = [
      [p.leader.cred.uid, 5], [p.pid, 5], [mm.totalPages, 8], [mm.rssPages, 8], [mm.rssAnonPages, 8], [mm.rssFilePages, 8], [mm.rssShmemPages, 9],
      [mm.table.tables * 4096, 14], [mm.swapPages, 8], [p.oomScoreAdj, 13],
    ];
    say(6, `[${String(p.pid).padStart(7)}] ${columns.map(([n, width]) => String(n).padStart(width)).join(' ')} ${p.leader.name}`);
  }
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
