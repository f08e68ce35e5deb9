// NUMA memory policy on one node: get_mempolicy(2), set_mempolicy(2), mbind(2), set_mempolicy_home_node(2), migrate_pages(2), move_pages(2).
import { type Errno, type Fallible, EFAULT, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, EPERM, ESRCH, isErr } from '../../abi/errno.ts';
import { CAP_SYS_NICE } from '../../abi/capability.ts';
import * as mman from '../../abi/mman.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { pageUp, TASK_SIZE, vpnOf } from '../mm/layout.ts';
import { bindRange, makePolicy, modeOf, namesNodes, readNodes } from '../mm/mempolicy.ts';
import { isPresent, ptePfn } from '../mm/page-table.ts';
import { mayRead } from '../ptrace/relation.ts';
import type { Task } from '../task/task.ts';
import { flags, int, pid, ptr, size, syscall } from './define.ts';

const { MPOL_BIND, MPOL_F_ADDR, MPOL_F_MEMS_ALLOWED, MPOL_F_NODE, MPOL_INTERLEAVE, MPOL_MF_MOVE, MPOL_MF_MOVE_ALL, MPOL_MF_STRICT, MPOL_PREFERRED_MANY } = mman;

/** get_mempolicy(2). */
export const sys_get_mempolicy = syscall({
  name: 'get_mempolicy', args: [ptr('mode'), ptr('nodemask'), size('maxnode'), ptr('addr'), flags('flags', { MPOL_F_NODE, MPOL_F_ADDR, MPOL_F_MEMS_ALLOWED })],
  run(t, mode, mask, bits, addr, how) {
    if ((mask !== 0 && bits < 1) || (how & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) !== 0) return EINVAL;
    if ((how & MPOL_F_MEMS_ALLOWED) !== 0) return (how & (MPOL_F_NODE | MPOL_F_ADDR)) !== 0 ? EINVAL : answer(t, mode, 0, mask, bits, 1);
    const policy = policyAt(t, addr, how);
    if (isErr(policy)) return policy;
    let value = policy;
    if ((how & MPOL_F_NODE) !== 0) {
      if ((how & MPOL_F_ADDR) === 0 && modeOf(policy) !== MPOL_INTERLEAVE) return EINVAL;
      value = 0;           // the node itself: of the page, or the next to interleave
    }
    return answer(t, mode, value, mask, bits, namesNodes(policy) ? 1 : 0);
  },
});

/** set_mempolicy(2). */
export const sys_set_mempolicy = syscall({
  name: 'set_mempolicy', args: [int('mode'), ptr('nodemask'), size('maxnode')],
  run(t, mode, mask, bits) {
    const policy = readPolicy(t, mode, mask, bits);
    if (isErr(policy)) return policy;
    t.memPolicy = policy;
    return 0;
  },
});

/** mbind(2). Every page is on the one node already: MPOL_MF_STRICT and MPOL_MF_MOVE are always satisfied. */
export const sys_mbind = syscall({
  name: 'mbind', args: [ptr('addr'), size('len'), int('mode'), ptr('nodemask'), size('maxnode'), flags('flags', { MPOL_MF_STRICT, MPOL_MF_MOVE, MPOL_MF_MOVE_ALL })],
  run(t, addr, length, mode, mask, bits, how) {
    if ((how & ~(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) return EINVAL;
    if ((how & MPOL_MF_MOVE_ALL) !== 0 && !t.cred.has(CAP_SYS_NICE)) return EPERM;
    const policy = readPolicy(t, mode, mask, bits);
    if (isErr(policy)) return policy;
    const end = addr + pageUp(length);
    if (addr % PAGE_SIZE !== 0 || end >= 2 ** 64) return EINVAL;
    return end === addr ? 0 : bindRange(t.mm!, addr, end, policy);
  },
});

/** set_mempolicy_home_node(2). */
export const sys_set_mempolicy_home_node = syscall({
  name: 'set_mempolicy_home_node', args: [ptr('start'), size('len'), size('home_node'), size('flags')],
  run(t, start, length, node, how) {
    const end = start + pageUp(length);
    if (start % PAGE_SIZE !== 0 || how !== 0 || node !== 0 || end >= 2 ** 64) return EINVAL;
    if (end === start) return 0;
    let r: 0 | Errno = ENOENT;
    for (let v = t.mm!.list.after(start); v !== null && v.start < end; v = v.next) {
      if (v.policy === 0) continue;
      if (modeOf(v.policy) !== MPOL_BIND && modeOf(v.policy) !== MPOL_PREFERRED_MANY) return EOPNOTSUPP;
      r = 0;
    }
    return r;
  },
});

/** migrate_pages(2): nowhere to go but where they are. */
export const sys_migrate_pages = syscall({
  name: 'migrate_pages', args: [pid('pid'), size('maxnode'), ptr('old_nodes'), ptr('new_nodes')],
  run(t, who, bits, from, to) {
    const old = readNodes(t, from, bits);
    const wanted = isErr(old) ? old : readNodes(t, to, bits);
    if (isErr(wanted)) return wanted;
    const mm = spaceOf(t, who);
    if (isErr(mm)) return mm;
    return wanted === 'zero' ? 0 : EINVAL;
  },
});

/** move_pages(2): where pages are (status), or that they are there already. */
export const sys_move_pages = syscall({
  name: 'move_pages', args: [pid('pid'), size('count'), ptr('pages'), ptr('nodes'), ptr('status'), flags('flags', { MPOL_MF_MOVE, MPOL_MF_MOVE_ALL })],
  run(t, who, count, pages, nodes, status, how) {
    if ((how & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) return EINVAL;
    if ((how & MPOL_MF_MOVE_ALL) !== 0 && !t.cred.has(CAP_SYS_NICE)) return EPERM;
    const mm = spaceOf(t, who);
    if (isErr(mm)) return mm;
    for (let i = 0; i < count; i++) {
      const r = t.user.loadU64(pages + 8 * i);
      if (isErr(r)) return r;
      const addr = t.user.value;
      const wanted = nodes === 0 ? 0 : t.user.loadI32(nodes + 4 * i);
      if (isErr(wanted)) return wanted;
      if (nodes !== 0 && t.user.value !== 0) return ENODEV;
      const stored = t.user.storeU32(status + 4 * i, nodeOf(mm, addr) >>> 0);
      if (isErr(stored)) return stored;
    }
    return 0;
  },
});

function policyAt(t: Task, addr: number, how: number): number | Errno {
  if ((how & MPOL_F_ADDR) === 0) return addr !== 0 ? EINVAL : t.memPolicy;
  const v = addr < TASK_SIZE ? t.mm!.findVma(addr) : null;
  return v === null ? EFAULT : v.policy || t.memPolicy;
}

function readPolicy(t: Task, mode: number, mask: number, bits: number): number | Errno {
  const nodes = readNodes(t, mask, bits);
  return isErr(nodes) ? nodes : makePolicy(mode, nodes);
}

/** The mode, and a mask of `bits` bits of which at most the first is set. */
function answer(t: Task, modeAt: number, mode: number, mask: number, bits: number, nodes: number): 0 | Errno {
  const r = modeAt === 0 ? 0 : t.user.storeU32(modeAt, mode);
  if (isErr(r) || mask === 0) return r;
  const bytes = Math.ceil((bits - 1) / 64) * 8;
  if (bytes > PAGE_SIZE) return EINVAL;
  return bytes === 0 ? 0 : t.user.zero(mask, bytes) || t.user.storeU32(mask, nodes);
}

/** Status of a page as move_pages reports it: its node, or why there is none. */
function nodeOf(mm: AddressSpace, addr: number): number {
  if (addr >= TASK_SIZE || mm.findVma(addr) === null) return EFAULT;
  const pte = mm.table.read(vpnOf(addr));
  if (!isPresent(pte)) return ENOENT;
  return ptePfn(pte) === mm.frames.zeroPfn ? EFAULT : 0;
}

function spaceOf(t: Task, who: number): Fallible<AddressSpace> {
  const other = who === 0 ? t : t.kernel.pids.tasks.get(who);
  if (other === undefined) return ESRCH;
  if (!mayRead(t, other)) return EPERM;
  return other.mm ?? EINVAL;
}
