// What programs say and ask about their memory: madvise(2), mincore(2), mlock(2) and its family, msync(2).
import { EFAULT, EINVAL, ENOMEM, isErr } from '../../abi/errno.ts';
import * as mman from '../../abi/mman.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { advise } from '../mm/advise.ts';
import { TASK_SIZE } from '../mm/layout.ts';
import { lockAll, lockRange, unlockAll, unlockRange } from '../mm/lock.ts';
import { residency, syncRange } from '../mm/msync.ts';
import { flags, oneOf, ptr, size, syscall } from './define.ts';

const ADVICE = Object.fromEntries(Object.entries(mman).filter(([k]) => k.startsWith('MADV_'))) as Record<string, number>;
const { MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT, MS_ASYNC, MS_INVALIDATE, MS_SYNC } = mman;

/** madvise(2). */
export const sys_madvise = syscall({
  name: 'madvise', args: [ptr('addr'), size('length'), oneOf('advice', ADVICE)],
  gaps: 'MADV_FREE frees at once; no KSM, no huge pages: MADV_MERGEABLE and MADV_COLLAPSE answer EINVAL, MADV_HUGEPAGE is only remembered',
  run: (t, addr, length, advice) => advise(t.mm!, t, addr, length, advice),
});

/** mincore(2). Looked at in pieces, so that a huge range costs no huge vector. */
export const sys_mincore = syscall({
  name: 'mincore', args: [ptr('addr'), size('length'), ptr('vec')],
  run(t, addr, length, vec) {
    if (addr % PAGE_SIZE !== 0) return EINVAL;
    if (addr + length > TASK_SIZE) return ENOMEM;
    const pages = Math.ceil(length / PAGE_SIZE);
    if (vec + pages > TASK_SIZE) return EFAULT;
    for (let done = 0; done < pages; done += PAGE_SIZE) {
      const part = residency(t.mm!, t, addr + done * PAGE_SIZE, Math.min(PAGE_SIZE, pages - done));
      if (isErr(part)) return part;
      const r = t.user.copyOut(vec + done, part);
      if (isErr(r)) return r;
    }
    return 0;
  },
});

/** mlock(2). */
export const sys_mlock = syscall({
  name: 'mlock', args: [ptr('addr'), size('len')],
  run: (t, addr, length) => lockRange(t.mm!, t, addr, length, 'now'),
});

/** mlock2(2). */
export const sys_mlock2 = syscall({
  name: 'mlock2', args: [ptr('addr'), size('len'), flags('flags', { MLOCK_ONFAULT })],
  run: (t, addr, length, how) => ((how & ~MLOCK_ONFAULT) !== 0 ? EINVAL : lockRange(t.mm!, t, addr, length, how === 0 ? 'now' : 'on fault')),
});

/** munlock(2). */
export const sys_munlock = syscall({
  name: 'munlock', args: [ptr('addr'), size('len')],
  run: (t, addr, length) => unlockRange(t.mm!, addr, length),
});

/** mlockall(2). */
export const sys_mlockall = syscall({
  name: 'mlockall', args: [flags('flags', { MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT })],
  run: (t, how) => lockAll(t.mm!, t, how),
});

/** munlockall(2). */
export const sys_munlockall = syscall({ name: 'munlockall', args: [], run: t => unlockAll(t.mm!) });

/** msync(2). */
export const sys_msync = syscall({
  name: 'msync', args: [ptr('addr'), size('length'), flags('flags', { MS_ASYNC, MS_INVALIDATE, MS_SYNC })],
  gaps: 'MS_SYNC writes the whole file back, not only the range',
  run: (t, addr, length, how) => syncRange(t.mm!, t, addr, length, how),
});
