// --swap: a disk in the host's memory, sparse, with a swap area on it, and the guest's use of it.
import { isErr, strerror } from '../abi/errno.ts';
import { MemoryDisk } from '../host/memory-disk.ts';
import { swapHeader } from '../kernel/mm/swap-on.ts';
import { swapOnPath } from '../kernel/syscall/mm-swap.ts';
import type { Task } from '../kernel/task/task.ts';
import type { Disk } from './contract.ts';

const PAGE = 4096;
const SERIAL = 'swap';

/** The disk, behind all others; none without a size. */
export function swapDisk(bytes: number | undefined): Disk[] {
  if (bytes === undefined) return [];
  const pages = Math.ceil(bytes / PAGE) + 1;
  return [{ id: SERIAL, backend: new MemoryDisk(pages * PAGE, 'read-write', swapHeader(pages)) }];
}

/** swapon(8) of the disk. */
export function startSwapDisk(t: Task): void {
  const disk = [...t.kernel.block.disks.values()].findLast(d => d.serial === SERIAL);
  const r = disk === undefined ? 0 : swapOnPath(t, `/dev/${disk.name}`, null);
  if (isErr(r)) t.kernel.log.add(3, t.kernel.now(), `swap on /dev/${disk?.name} failed: ${strerror(r)}`);
}
