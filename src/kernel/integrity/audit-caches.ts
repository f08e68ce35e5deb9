// What the hart remembers must follow from what memory says: every TLB entry from a page table, every decoded or translated page from its frame.
// Both live in RAM or beside it for speed; an entry without its origin would be a way around the page tables.
import { PTE_R, PTE_U, PTE_V, PTE_W } from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import { vpnOf } from '../mm/layout.ts';
import { ptePfn } from '../mm/page-table.ts';

const MAX_FINDINGS = 20;

export function auditCaches(k: Kernel): string[] {
  const out: string[] = [];
  const { cached } = k.hart.mmu;
  for (const { rootPfn, vaddr, pfn, writable } of cached?.call(k.hart.mmu) ?? []) {
    const space = k.frames.spaces.get(rootPfn);
    const need = PTE_V | PTE_U | PTE_R | (writable ? PTE_W : 0);
    const pte = space === undefined || !(vaddr >= 0 && vaddr < 2 ** 38) ? 0 : space.table.read(vpnOf(vaddr));
    if (((pte & need) !== need || ptePfn(pte) !== pfn) && out.length < MAX_FINDINGS) {
      out.push(`TLB: space ${rootPfn} has ${writable ? 'a writable' : 'an'} entry ${hex(vaddr)} -> frame ${pfn}, its table says ${hex(pte)}`);
    }
  }
  for (const pfn of k.hart.staleCode?.() ?? []) if (out.length < MAX_FINDINGS) out.push(`code of frame ${pfn} (${k.frames.kind[pfn]}) was decoded from other contents`);
  return out;
}

const hex = (n: number): string => `0x${n.toString(16)}`;
