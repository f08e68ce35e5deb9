// /proc/meminfo and vmstat: where the frames are (proc_meminfo(5), proc_vmstat(5)). What does not exist here (swap, huge pages) reads 0.
import type { Kernel } from '../../kernel/kernel.ts';
import { KIND_ANON, KIND_FILE, KIND_KERNEL, KIND_SHMEM, KIND_TABLE } from '../../kernel/mm/frame-kinds.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import type { Entries } from '../pseudo/entry.ts';
import { kbLine, pagesToKb } from './format.ts';

export const MEMORY_FILES: Entries<Kernel> = {
  meminfo: { mode: 0o444, show: (_t, k) => showMeminfo(k) },
  vmstat: { mode: 0o444, show: (_t, k) => showVmstat(k) },
};

/** Bytes of the vmalloc area that Linux has under Sv39. */
const VMALLOC_KB = 67108864;

interface MemoryUse {
  total: number; free: number; file: number; shmem: number; anon: number; kernel: number; tables: number; mapped: number; locked: number;
}

function showMeminfo(k: Kernel): string {
  const use = memoryUse(k);
  const rows: [name: string, pages: number][] = [
    ['MemTotal', use.total], ['MemFree', use.free], ['MemAvailable', Math.max(0, use.free - k.frames.reserve + use.file)],
    ['Buffers', 0], ['Cached', use.file + use.shmem], ['SwapCached', 0],
    ['Active', use.anon + use.file], ['Inactive', use.shmem], ['Active(anon)', use.anon], ['Inactive(anon)', use.shmem],
    ['Active(file)', use.file], ['Inactive(file)', 0], ['Unevictable', use.locked], ['Mlocked', use.locked], ['SwapTotal', 0], ['SwapFree', 0],
    ['Dirty', 0], ['Writeback', 0], ['AnonPages', use.anon], ['Mapped', use.mapped], ['Shmem', use.shmem],
    ['KReclaimable', 0], ['Slab', use.kernel], ['SReclaimable', 0], ['SUnreclaim', use.kernel], ['KernelStack', 0], ['PageTables', use.tables],
    ['SecPageTables', 0], ['NFS_Unstable', 0], ['Bounce', 0], ['WritebackTmp', 0],
    ['CommitLimit', k.frames.overcommit.limit(use.total, k.frames.swap.total)], ['Committed_AS', k.frames.committedPages],
    ['VmallocTotal', VMALLOC_KB / 4], ['VmallocUsed', 0], ['VmallocChunk', 0], ['Percpu', 0],
  ];
  return rows.map(([name, pages]) => kbLine(name, pagesToKb(pages))).join('');
}

function showVmstat(k: Kernel): string {
  const use = memoryUse(k);
  let [faults, major] = [0, 0];
  for (const task of k.pids.tasks.values()) {
    faults += task.minFaults + task.majFaults;
    major += task.majFaults;
  }
  const rows: [name: string, value: number][] = [
    ['nr_free_pages', use.free], ['nr_inactive_anon', use.shmem], ['nr_active_anon', use.anon], ['nr_inactive_file', 0], ['nr_active_file', use.file],
    ['nr_unevictable', use.locked], ['nr_mlock', use.locked], ['nr_slab_reclaimable', 0], ['nr_slab_unreclaimable', use.kernel],
    ['nr_anon_pages', use.anon], ['nr_mapped', use.mapped], ['nr_file_pages', use.file + use.shmem], ['nr_dirty', 0], ['nr_writeback', 0],
    ['nr_shmem', use.shmem], ['nr_page_table_pages', use.tables], ['pgpgin', 0], ['pgpgout', 0], ['pswpin', 0], ['pswpout', 0],
    ['pgfault', faults], ['pgmajfault', major],
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join('');
}

function memoryUse(k: Kernel): MemoryUse {
  const { frames } = k;
  const of = (kind: number): number => frames.counts[kind] as number;
  const spaces = new Set<AddressSpace>();
  for (const task of k.pids.tasks.values()) if (task.mm !== null) spaces.add(task.mm);
  let [mapped, locked] = [0, 0];
  for (const mm of spaces) {
    mapped += mm.rssFilePages + mm.rssShmemPages;
    locked += mm.lockedPages;
  }
  const [file, shmem] = [of(KIND_FILE), of(KIND_SHMEM)];
  return {
    total: frames.total, free: frames.freeCount, file, shmem, anon: of(KIND_ANON), kernel: of(KIND_KERNEL), tables: of(KIND_TABLE),
    mapped: Math.min(mapped, file + shmem), locked,
  };
}
