// swapon(2) and swapoff(2).
import { type Errno, EBUSY, EINVAL, EPERM, isErr } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { AT_FDCWD, O_LARGEFILE, O_RDWR } from '../../abi/fcntl.ts';
import { LOOKUP_FOLLOW, lookupPath } from '../vfs/walk.ts';
import {
  SWAP_FLAG_DISCARD, SWAP_FLAG_DISCARD_ONCE, SWAP_FLAG_DISCARD_PAGES, SWAP_FLAG_PREFER, SWAP_FLAG_PRIO_MASK, SWAP_FLAGS_VALID,
} from '../../abi/mman.ts';
import { startSwap } from '../mm/swap-on.ts';
import { stopSwap } from '../mm/swap-off.ts';
import type { Task } from '../task/task.ts';
import { openAt } from '../vfs/open.ts';
import { flags, path, syscall } from './define.ts';

const FLAGS = { SWAP_FLAG_PREFER, SWAP_FLAG_DISCARD, SWAP_FLAG_DISCARD_ONCE, SWAP_FLAG_DISCARD_PAGES };

/** swapon(2). */
export const sys_swapon = syscall({
  name: 'swapon', args: [path('path'), flags('swapflags', FLAGS)],
  gaps: 'block devices and files of ext2; freed slots of a disk are not discarded',
  run(t, path, given) {
    if ((given & ~SWAP_FLAGS_VALID) !== 0) return EINVAL;
    if (!t.cred.has(CAP_SYS_ADMIN)) return EPERM;
    const name = t.user.path(path);
    if (isErr(name)) return name;
    return swapOnPath(t, name, (given & SWAP_FLAG_PREFER) !== 0 ? given & SWAP_FLAG_PRIO_MASK : null);
  },
});

/** swapoff(2). */
export const sys_swapoff = syscall({
  name: 'swapoff', args: [path('path')],
  run(t, path) {
    if (!t.cred.has(CAP_SYS_ADMIN)) return EPERM;
    const name = t.user.path(path);
    if (isErr(name)) return name;
    const at = lookupPath(t, AT_FDCWD, name, LOOKUP_FOLLOW);
    if (isErr(at)) return at;
    const { inode } = at.dentry;
    const area = t.kernel.frames.swap.areas.find(a => a.name.file?.inode === inode || (a.name.file?.inode.rdev === inode!.rdev && inode!.rdev !== 0));
    at.put();
    return area === undefined ? EINVAL : stopSwap(t, area);
  },
});

/** The area becomes usable; `priority` null: the system chooses. */
export function swapOnPath(t: Task, name: string, priority: number | null): 0 | Errno {
  const file = openAt(t, AT_FDCWD, name, O_RDWR | O_LARGEFILE, 0);
  if (isErr(file)) return file;
  const { areas } = t.kernel.frames.swap;
  const isUsed = areas.some(a => a.name.file?.inode === file.inode || (file.inode.rdev !== 0 && a.name.file?.inode.rdev === file.inode.rdev));
  const r = isUsed ? EBUSY : startSwap(t, file, name, priority);
  if (isErr(r)) file.put();
  return r;
}
