// /proc/meminfo, vmstat, swaps and pressure/memory: where the frames are and what happened to them (proc_meminfo(5), proc_vmstat(5), proc_swaps(5)).
// The figures add up: the lists of use hold all pages of files and of programs, and these with free, table and kernel frames are MemTotal.
import type { Kernel } from '../../kernel/kernel.ts';
import { KIND_ANON, KIND_FILE, KIND_KERNEL, KIND_SHMEM, KIND_TABLE } from '../../kernel/mm/frame-kinds.ts';
import { ACTIVE_ANON, ACTIVE_FILE, INACTIVE_ANON, INACTIVE_FILE, UNEVICTABLE } from '../../kernel/mm/lru.ts';
import { pressureLine } from '../../kernel/sched/psi.ts';
import type { Entries } from '../pseudo/entry.ts';
import { escapeOctal, kbLine, pagesToKb } from './format.ts';

export const MEMORY_FILES: Entries<Kernel> = {
  meminfo: { mode: 0o444, show: (_t, k) => showMeminfo(k) },
  'pressure/memory': { mode: 0o444, show: (_t, k) => showPressure(k) },
  swaps: { mode: 0o444, show: (_t, k) => showSwaps(k) },
  vmstat: { mode: 0o444, show: (_t, k) => showVmstat(k) },
};

/** Bytes of the vmalloc area that Linux has under Sv39. */
const VMALLOC_KB = 67108864;

/** Pages by use. */
export interface MemoryUse {
  readonly total: number; readonly free: number; readonly file: number; readonly shmem: number; readonly anon: number; readonly kernel: number; readonly tables: number;
  readonly mapped: number; readonly locked: number; readonly swapCached: number; readonly dirty: number;
  readonly inactiveAnon: number; readonly activeAnon: number; readonly inactiveFile: number; readonly activeFile: number; readonly unevictable: number;
}

export function memoryUse(k: Kernel): MemoryUse {
  const { frames } = k;
  const { counts } = frames.lru;
  const of = (kind: number): number => frames.counts[kind] as number;
  let [mapped, locked] = [0, 0];
  for (const mm of frames.spaces.values()) {
    mapped += mm.rssFilePages + mm.rssShmemPages;
    locked += mm.lockedPages;
  }
  const [file, shmem] = [of(KIND_FILE), of(KIND_SHMEM)];
  return {
    total: frames.total, free: frames.freeCount, file, shmem, anon: of(KIND_ANON), kernel: of(KIND_KERNEL), tables: of(KIND_TABLE),
    mapped: Math.min(mapped, file + shmem), locked, swapCached: frames.swap.cached, dirty: frames.caches.dirtyPages,
    inactiveAnon: counts[INACTIVE_ANON]!, activeAnon: counts[ACTIVE_ANON]!, inactiveFile: counts[INACTIVE_FILE]!, activeFile: counts[ACTIVE_FILE]!,
    unevictable: counts[UNEVICTABLE]!,
  };
}

function showMeminfo(k: Kernel): string {
  const use = memoryUse(k);
  const { swap, reserve, committedPages } = k.frames;
  const rows: [name: string, pages: number][] = [
    ['MemTotal', use.total], ['MemFree', use.free], ['MemAvailable', Math.max(0, use.free - reserve + use.activeFile + use.inactiveFile)],
    ['Buffers', 0], ['Cached', use.file + use.shmem], ['SwapCached', use.swapCached],
    ['Active', use.activeAnon + use.activeFile], ['Inactive', use.inactiveAnon + use.inactiveFile],
    ['Active(anon)', use.activeAnon], ['Inactive(anon)', use.inactiveAnon], ['Active(file)', use.activeFile], ['Inactive(file)', use.inactiveFile],
    ['Unevictable', use.unevictable], ['Mlocked', use.locked], ['SwapTotal', swap.total], ['SwapFree', swap.free],
    ['Dirty', use.dirty], ['Writeback', 0], ['AnonPages', use.anon], ['Mapped', use.mapped], ['Shmem', use.shmem],
    ['KReclaimable', 0], ['Slab', use.kernel], ['SReclaimable', 0], ['SUnreclaim', use.kernel], ['KernelStack', 0], ['PageTables', use.tables],
    ['SecPageTables', 0], ['NFS_Unstable', 0], ['Bounce', 0], ['WritebackTmp', 0],
    ['CommitLimit', k.frames.overcommit.limit(use.total, swap.total)], ['Committed_AS', committedPages],
    ['VmallocTotal', VMALLOC_KB / 4], ['VmallocUsed', 0], ['VmallocChunk', 0], ['Percpu', 0],
  ];
  return rows.map(([name, pages]) => kbLine(name, pagesToKb(pages))).join('');
}

function showVmstat(k: Kernel): string {
  const use = memoryUse(k);
  const { frames } = k;
  const e = frames.events;
  const rows: [name: string, value: number][] = [
    ['nr_free_pages', use.free], ['nr_inactive_anon', use.inactiveAnon], ['nr_active_anon', use.activeAnon], ['nr_inactive_file', use.inactiveFile],
    ['nr_active_file', use.activeFile], ['nr_unevictable', use.unevictable], ['nr_mlock', use.locked], ['nr_slab_reclaimable', 0],
    ['nr_slab_unreclaimable', use.kernel], ['nr_anon_pages', use.anon], ['nr_mapped', use.mapped], ['nr_file_pages', use.file + use.shmem],
    ['nr_dirty', use.dirty], ['nr_writeback', 0], ['nr_shmem', use.shmem], ['nr_page_table_pages', use.tables], ['nr_swapcached', use.swapCached],
    ['nr_dirty_threshold', frames.shareOf(frames.caches.dirtyRatio)], ['nr_dirty_background_threshold', frames.shareOf(k.writeback.backgroundRatio)],
    ['workingset_refault_anon', e.workingset_refault_anon], ['workingset_refault_file', e.workingset_refault_file],
    ['workingset_activate_anon', e.workingset_activate_anon], ['workingset_activate_file', e.workingset_activate_file],
    ['pgpgin', 0], ['pgpgout', 0], ['pswpin', e.pswpin], ['pswpout', e.pswpout], ['pgalloc_normal', e.pgalloc], ['allocstall_normal', e.allocstall],
    ['pgfree', e.pgfree], ['pgactivate', e.pgactivate], ['pgdeactivate', e.pgdeactivate], ['pgfault', e.pgfault], ['pgmajfault', e.pgmajfault],
    ['pgrefill', e.pgrefill], ['pgsteal_kswapd', e.pgsteal_kswapd], ['pgsteal_direct', e.pgsteal_direct], ['pgscan_kswapd', e.pgscan_kswapd],
    ['pgscan_direct', e.pgscan_direct], ['pgscan_anon', e.pgscan_anon], ['pgscan_file', e.pgscan_file], ['pgsteal_anon', e.pgsteal_anon],
    ['pgsteal_file', e.pgsteal_file], ['pageoutrun', e.pageoutrun], ['pgrotated', e.pgrotated], ['drop_pagecache', e.drop_pagecache],
    ['drop_slab', e.drop_slab], ['oom_kill', k.oomKills], ['unevictable_pgs_culled', e.unevictable_pgs_culled],
    ['unevictable_pgs_rescued', e.unevictable_pgs_rescued], ['balloon_inflate', e.balloon_inflate], ['balloon_deflate', e.balloon_deflate],
    ['zswpin', e.zswpin], ['zswpout', e.zswpout],
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join('');
}

function showSwaps(k: Kernel): string {
  const rows = k.frames.swap.areas.map(({ name, usable, used, priority }) => `${escapeOctal(name.path).padEnd(39)} ${name.type.padEnd(15)} `
    + `${pagesToKb(usable)}\t${pagesToKb(usable) < 1e7 ? '\t' : ''}${pagesToKb(used)}\t${pagesToKb(used) < 1e7 ? '\t' : ''}${priority}\n`);
  return `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${rows.join('')}`;
}

function showPressure(k: Kernel): string {
  const { pressure } = k.frames.reclaimer, now = k.now();
  return pressureLine('some', pressure, now) + pressureLine('full', pressure, now);
}
