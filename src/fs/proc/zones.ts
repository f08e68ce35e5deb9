// /proc/buddyinfo, pagetypeinfo's counterpart zoneinfo (proc_buddyinfo(5), proc_zoneinfo(5)): one node, one zone, free blocks by order, watermarks.
import type { Kernel } from '../../kernel/kernel.ts';
import { MAX_ORDER } from '../../kernel/mm/frames.ts';
import type { Entries } from '../pseudo/entry.ts';
import { memoryUse } from './memory.ts';

export const ZONE_FILES: Entries<Kernel> = {
  buddyinfo: { mode: 0o444, show: (_t, k) => showBuddyinfo(k) },
  zoneinfo: { mode: 0o444, show: (_t, k) => showZoneinfo(k) },
};

function showBuddyinfo({ frames }: Kernel): string {
  let line = 'Node 0, zone   Normal ';
  for (let order = 0; order <= MAX_ORDER; order++) line += `${String(frames.blocks(order)).padStart(6)} `;
  return `${line}\n`;
}

function showZoneinfo(k: Kernel): string {
  const { frames } = k;
  const use = memoryUse(k);
  const rows = (pairs: readonly (readonly [string, number])[], width: number): string => pairs.map(([name, n]) => `${name.padEnd(width)} ${n}\n`).join('');
  return `Node 0, zone   Normal\n  per-node stats\n${rows([
    ['      nr_inactive_anon', use.inactiveAnon], ['      nr_active_anon', use.activeAnon], ['      nr_inactive_file', use.inactiveFile],
    ['      nr_active_file', use.activeFile], ['      nr_unevictable', use.unevictable], ['      nr_anon_pages', use.anon], ['      nr_mapped', use.mapped],
    ['      nr_file_pages', use.file + use.shmem], ['      nr_dirty', use.dirty], ['      nr_writeback', 0], ['      nr_shmem', use.shmem],
    ['      nr_page_table_pages', use.tables], ['      nr_swapcached', use.swapCached],
  ], 24)}${rows([['  pages free', use.free], ['        min', frames.reserve], ['        low', frames.low], ['        high', frames.high], ['        spanned', frames.limit],
    ['        present', frames.limit], ['        managed', frames.total]], 15)}      nr_free_pages ${use.free}\n`
    + `  node_unreclaimable:  ${frames.reclaimer.hasGivenUp ? 1 : 0}\n  start_pfn:           0\n`;
}
