// PR_SET_MDWE(2const), "memory deny write execute": an address space that refuses mappings which are writable and executable, and ones that become
// executable. One-way; children and new programs have it too, unless PR_MDWE_NO_INHERIT was set with it.
import { type Errno, EINVAL, EPERM } from '../../abi/errno.ts';
import { PROT_EXEC, PROT_WRITE } from '../../abi/mman.ts';
import { PR_MDWE_NO_INHERIT, PR_MDWE_REFUSE_EXEC_GAIN } from '../../abi/prctl.ts';
import type { AddressSpace } from './address-space.ts';

export function setMdwe(mm: AddressSpace, bits: number): 0 | Errno {
  if ((bits & ~(PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT)) !== 0 || bits > 0xffff_ffff || bits === PR_MDWE_NO_INHERIT) return EINVAL;
  if (mm.mdwe !== 0 && mm.mdwe !== bits) return EPERM;
  mm.mdwe = bits;
  return 0;
}

/** What a copy of the space, or the space of the next program, begins with. */
export const inheritedMdwe = (mm: AddressSpace): number => ((mm.mdwe & PR_MDWE_NO_INHERIT) !== 0 ? 0 : mm.mdwe);

/** Is it refused that a mapping with `old` rights gets `next`? A new mapping has what it asks for already. */
export function refusesExec(mm: AddressSpace, old: number, next: number): boolean {
  return mm.mdwe !== 0 && (next & PROT_EXEC) !== 0 && ((next & PROT_WRITE) !== 0 || (old & PROT_EXEC) === 0);
}
