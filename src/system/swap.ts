// --swap: a disk in the host's memory, sparse, with a swap area on it, and the guest's use of it. --zram: the same in the machine's own, compressed.
import { type Errno, isErr, strerror } from '../abi/errno.ts';
import { AT_FDCWD, O_WRONLY } from '../abi/fcntl.ts';
import { addZram } from '../drivers/zram.ts';
import { MemoryDisk } from '../host/memory-disk.ts';
import { swapHeader } from '../kernel/mm/swap-on.ts';
import { swapOnPath } from '../kernel/syscall/mm-swap.ts';
import type { Task } from '../kernel/task/task.ts';
import { KernelBuffer } from '../kernel/vfs/io-buffer.ts';
import { openAt } from '../kernel/vfs/open.ts';
import type { OpenFile } from '../kernel/vfs/open-file.ts';
import type { Disk } from './contract.ts';

const PAGE = 4096;
const SERIAL = 'swap';
/** Before disks, whose priorities are negative unless given. */
const ZRAM_PRIORITY = 100;

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

/** --zram: pages are compressed before any goes to a disk. */
export function startZram(t: Task, bytes: number): void {
  const disk = addZram(t.kernel, bytes);
  const path = `/dev/${disk.name}`;
  const file = openAt(t, AT_FDCWD, path, O_WRONLY, 0);
  const r = isErr(file) ? file : writeHeader(t, file, bytes / PAGE) || swapOnPath(t, path, ZRAM_PRIORITY);
  if (isErr(r)) t.kernel.log.add(3, t.kernel.now(), `swap on ${path} failed: ${strerror(r)}`);
}

function writeHeader(t: Task, file: OpenFile, pages: number): 0 | Errno {
  const n = file.write(t, new KernelBuffer(swapHeader(pages)), 0);
  const r = isErr(n) ? n : file.fsync(t, 'data');
  file.put();
  return r;
}
