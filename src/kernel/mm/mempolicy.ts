// NUMA policies on a machine with one node (mbind(2), set_mempolicy(2)): every rule of their arguments, and nothing to choose. A policy is a number,
// MPOL_* mode and mode flags; which nodes it names follows, because only node 0 exists.
import { type Errno, EFAULT, EINVAL, isErr } from '../../abi/errno.ts';
import {
  MPOL_BIND, MPOL_DEFAULT, MPOL_F_NUMA_BALANCING, MPOL_F_RELATIVE_NODES, MPOL_F_STATIC_NODES, MPOL_LOCAL, MPOL_PREFERRED, MPOL_WEIGHTED_INTERLEAVE,
} from '../../abi/mman.ts';
import type { Task } from '../task/task.ts';
import type { AddressSpace } from './address-space.ts';
import { eachMapping, isolate } from './advise.ts';
import { mergeAround } from './unmap.ts';

const MODE_FLAGS = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES | MPOL_F_NUMA_BALANCING;
/** Longest mask that is read: one page of bits, as Linux allows. */
const MAX_BITS = 4096 * 8;

export const modeOf = (policy: number): number => policy & ~MODE_FLAGS;
/** Does the policy name nodes (then it is node 0)? */
export const namesNodes = (policy: number): boolean => modeOf(policy) !== MPOL_DEFAULT && modeOf(policy) !== MPOL_LOCAL;

/** Which nodes a user's mask names: none, only node 0, or others too (which do not exist). */
export type Nodes = 'none' | 'zero' | 'others';

/** A mask of `bits` - 1 bits, as these calls count them. */
export function readNodes(t: Task, at: number, bits: number): Nodes | Errno {
  if (at === 0 || bits <= 1) return 'none';
  if (bits - 1 > MAX_BITS) return EINVAL;
  let nodes: Nodes = 'none';
  for (let bit = 0; bit < bits - 1; bit += 32) {
    const r = t.user.loadU32(at + bit / 8);
    if (isErr(r)) return r;
    const left = bits - 1 - bit;
    const word = left < 32 ? t.user.value & (2 ** left - 1) : t.user.value;
    if ((bit === 0 ? word & ~1 : word) !== 0) return 'others';
    if (bit === 0 && word !== 0) nodes = 'zero';
  }
  return nodes;
}

/** The policy that `mode` and `nodes` ask for, or EINVAL. */
export function makePolicy(mode: number, nodes: Nodes): number | Errno {
  const flags = mode & MODE_FLAGS, plain = mode & ~MODE_FLAGS;
  if (plain < 0 || plain > MPOL_WEIGHTED_INTERLEAVE) return EINVAL;
  if ((flags & MPOL_F_STATIC_NODES) !== 0 && (flags & MPOL_F_RELATIVE_NODES) !== 0) return EINVAL;
  if ((flags & MPOL_F_NUMA_BALANCING) !== 0 && plain !== MPOL_BIND) return EINVAL;
  if (plain === MPOL_DEFAULT) return nodes === 'none' ? 0 : EINVAL;
  if (plain === MPOL_LOCAL) return nodes === 'none' && flags === 0 ? MPOL_LOCAL : EINVAL;
  if (plain === MPOL_PREFERRED && nodes === 'none') return flags === 0 ? MPOL_LOCAL : EINVAL;
  // Nodes that do not exist are left out; nothing may be left of a mask only where it was empty.
  return nodes === 'zero' ? mode : EINVAL;
}

/** mbind(2): EFAULT if part of the range is not mapped. */
export function bindRange(mm: AddressSpace, start: number, end: number, policy: number): 0 | Errno {
  if (eachMapping(mm, start, end, () => 0) !== 0) return EFAULT;
  return eachMapping(mm, start, end, (v, from, to) => {
    if (v.policy === policy) return 0;
    const part = isolate(mm, v, from, to);
    if (isErr(part)) return part;
    part.policy = policy;
    mergeAround(mm, from, to);
    return 0;
  });
}
