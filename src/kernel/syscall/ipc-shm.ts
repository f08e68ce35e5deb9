// shmget(2), shmat(2), shmdt(2), shmctl(2).
import { type Errno, type Fallible, EACCES, EINVAL, ENOMEM, EPERM, isErr } from '../../abi/errno.ts';
import { CAP_IPC_LOCK } from '../../abi/capability.ts';
import {
  IPC_CREAT, IPC_EXCL, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, SHM_EXEC, SHM_HUGETLB, SHM_INFO, SHM_LOCK, SHM_NORESERVE, SHM_RDONLY, SHM_REMAP, SHM_RND,
  SHM_STAT, SHM_STAT_ANY, SHM_UNLOCK, ShmidDs,
} from '../../abi/ipc.ts';
import { MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman.ts';
import { RLIMIT_MEMLOCK } from '../../abi/resource.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { ShmFile, SHMMAX, SHMMNI, SHM_DEST, type ShmSegment } from '../ipc/shm.ts';
import { IPC_R, IPC_W } from '../ipc/sysv.ts';
import type { Task } from '../task/task.ts';
import { flags, int, oneOf, ptr, size, syscall } from './define.ts';

const COMMANDS = { IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO, SHM_STAT, SHM_INFO, SHM_STAT_ANY, SHM_LOCK, SHM_UNLOCK };
/** SHMLBA. */
const LOW_BOUNDARY = PAGE_SIZE;
const ds = ShmidDs.view();

/** shmget(2). */
export const sys_shmget = syscall({
  name: 'shmget',
  args: [int('key'), size('size'), flags('shmflg', { IPC_CREAT, IPC_EXCL, SHM_NORESERVE, SHM_HUGETLB })],
  gaps: 'no SHM_HUGETLB',
  run: (t, key, length, flags) => ((flags & SHM_HUGETLB) !== 0 ? EINVAL : t.kernel.ipc.segments.get(t, key, length, flags)),
});

/** shmat(2): the address. */
export const sys_shmat = syscall({
  name: 'shmat',
  args: [int('shmid'), ptr('shmaddr'), flags('shmflg', { SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC })],
  run(t, id, addr, flags) {
    const readOnly = (flags & SHM_RDONLY) !== 0;
    let at = addr;
    if (at % LOW_BOUNDARY !== 0) {
      if ((flags & SHM_RND) === 0) return EINVAL;
      at -= at % LOW_BOUNDARY;
      if (at === 0 && (flags & SHM_REMAP) !== 0) return EINVAL;
    }
    if (at === 0 && (flags & SHM_REMAP) !== 0) return EINVAL;
    const segment = t.kernel.ipc.segments.find(id);
    if (isErr(segment)) return segment;
    if (!segment.permits(t, readOnly ? IPC_R : IPC_R | IPC_W)) return EACCES;
    const file = new ShmFile(t, segment, readOnly ? 'read' : 'write');
    const prot = PROT_READ | (readOnly ? 0 : PROT_WRITE) | ((flags & SHM_EXEC) !== 0 ? PROT_EXEC : 0);
    const place = at === 0 ? 0 : (flags & SHM_REMAP) !== 0 ? MAP_FIXED : MAP_FIXED_NOREPLACE;
    const r = t.mm!.map(t, { addr: at, length: segment.size, prot, flags: MAP_SHARED | place, file, offset: 0 });
    file.put(); // the mapping has its own reference
    return isErr(r) && place === MAP_FIXED_NOREPLACE ? EINVAL : r;
  },
});

/** shmdt(2): all of what one shmat mapped at `addr`. */
export const sys_shmdt = syscall({
  name: 'shmdt',
  args: [ptr('shmaddr')],
  run(t, addr) {
    const mm = t.mm!;
    const first = addr % PAGE_SIZE === 0 ? mm.findVma(addr) : null;
    const file = first?.file;
    if (!first || first.start !== addr || first.offset !== 0 || !(file instanceof ShmFile)) return EINVAL;
    const parts = [...mm.vmas()].filter(v => v.file === file && v.start >= addr && v.start - addr === v.offset);
    for (const { start, end } of parts.map(v => ({ start: v.start, end: v.end }))) mm.unmap(t, start, end - start);
    return 0;
  },
});

/** shmctl(2). */
export const sys_shmctl = syscall({
  name: 'shmctl',
  args: [int('shmid'), oneOf('cmd', COMMANDS), ptr('buf')],
  gaps: 'SHM_LOCK is remembered and shown; reclaim may swap the segment all the same',
  run(t, id, cmd, at) {
    const table = t.kernel.ipc.segments;
    switch (cmd) {
      case IPC_INFO: return storeLimits(t, at);
      case SHM_INFO: return storeUsage(t, at);
      case IPC_STAT: return stat(t, table.findFor(t, id, IPC_R), at, 0);
      case SHM_STAT: case SHM_STAT_ANY: {
        const segment = table.at(id);
        if (isErr(segment)) return segment;
        return stat(t, cmd === SHM_STAT ? table.findFor(t, segment.id, IPC_R) : segment, at, segment.id);
      }
      case IPC_SET: {
        const e = t.user.copyIn(at, ds.bytes);
        if (e !== 0) return e;
        const segment = table.findOwned(t, id);
        if (isErr(segment)) return segment;
        segment.setPerm(t, ds.shm_perm);
        return 0;
      }
      case IPC_RMID: {
        const segment = table.findOwned(t, id);
        if (isErr(segment)) return segment;
        table.markForRemoval(segment);
        return 0;
      }
      case SHM_LOCK: case SHM_UNLOCK: return lock(t, id, cmd);
      default: return EINVAL;
    }
  },
});

function lock(t: Task, id: number, cmd: number): 0 | Errno {
  const segment = t.kernel.ipc.segments.find(id);
  if (isErr(segment)) return segment;
  if (!t.cred.has(CAP_IPC_LOCK)) {
    if (t.cred.euid !== segment.uid && t.cred.euid !== segment.cuid) return EPERM;
    if (cmd === SHM_LOCK && t.process.rlimits[RLIMIT_MEMLOCK]!.soft === 0) return EPERM;
  }
  if (cmd === SHM_UNLOCK) segment.unlock();
  else if (!segment.lock(t.kernel.users.of(t.cred.uid), t.cred.has(CAP_IPC_LOCK) ? Infinity : t.process.rlimits[RLIMIT_MEMLOCK]!.soft)) return ENOMEM;
  return 0;
}

function stat(t: Task, segment: Fallible<ShmSegment>, at: number, result: number): number {
  if (isErr(segment)) return segment;
  ds.zero();
  segment.storePerm(ds.shm_perm);
  if ((segment.mode & SHM_DEST) !== 0) ds.shm_perm.key = 0;
  ds.shm_segsz = segment.size;
  ds.shm_atime = segment.atime;
  ds.shm_dtime = segment.dtime;
  ds.shm_ctime = segment.ctime;
  ds.shm_cpid = segment.creator;
  ds.shm_lpid = segment.lastPid;
  ds.shm_nattch = segment.attaches;
  return t.user.copyOut(at, ds.bytes) || result;
}

/** struct shminfo64: longs shmmax, shmmin, shmmni, shmseg, shmall, and four unused. */
function storeLimits(t: Task, at: number): number {
  const limits = [SHMMAX, 1, SHMMNI, SHMMNI, Math.floor(SHMMAX / PAGE_SIZE), 0, 0, 0, 0];
  for (let i = 0; i < limits.length; i++) {
    const e = t.user.storeI64(at + 8 * i, limits[i]!);
    if (e !== 0) return e;
  }
  return t.kernel.ipc.segments.highestIndex;
}

/** struct shm_info: int used_ids, longs shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes. */
function storeUsage(t: Task, at: number): number {
  const table = t.kernel.ipc.segments;
  let total = 0, resident = 0;
  for (const s of table.all()) {
    total += Math.ceil(s.size / PAGE_SIZE);
    resident += s.pages.pageCount;
  }
  const usage = [table.count, total, resident, 0, 0, 0];
  for (let i = 0; i < usage.length; i++) {
    const e = t.user.storeI64(at + 8 * i, usage[i]!);
    if (e !== 0) return e;
  }
  return table.highestIndex;
}
