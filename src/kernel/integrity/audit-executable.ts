// W^X as found in the page tables: while the policy holds, no page of a program that is not exempt can be both written and executed.
import { PTE_U, PTE_V, PTE_W, PTE_X } from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { isPresent, ptePfn } from '../mm/page-table.ts';
import { vpnOf } from '../mm/layout.ts';

const MAX_FINDINGS = 20;

export function auditExecutable(k: Kernel): string[] {
  const out: string[] = [];
  if (!k.security.wx.isOn) return out;
  for (const mm of new Set([...k.pids.tasks.values()].map(t => t.mm))) if (mm !== null && !mm.mayMakeCode && out.length < MAX_FINDINGS) auditSpace(mm, out);
  return out;
}

function auditSpace(mm: AddressSpace, out: string[]): void {
  const { table, frames: { ram: { u32 } } } = mm, both = PTE_V | PTE_U | PTE_W | PTE_X;
  for (const v of mm.vmas()) {
    const end = vpnOf(v.end - 1) + 1;
    for (let vpn = table.find(vpnOf(v.start), end); vpn >= 0; vpn = table.find(vpn + 1, end)) {
      const pte = u32[table.walk(vpn)]!;
      if (isPresent(pte) && (pte & both) === both) out.push(`space ${mm.rootPfn}: page 0x${(vpn * 4096).toString(16)} (frame ${ptePfn(pte)}) is writable and executable`);
    }
  }
}
