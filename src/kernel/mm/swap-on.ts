// The start of a swap area: its header (mkswap(8), "SWAPSPACE2") says how many pages there are and in which format.
import { type Errno, EINVAL, EPERM, isErr } from '../../abi/errno.ts';
import { isBlockDevice, isRegular } from '../../abi/stat.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';

const MAGIC = 'SWAPSPACE2';
const MAGIC_AT = PAGE_SIZE - MAGIC.length, VERSION_AT = 1024, LAST_PAGE_AT = 1028, BAD_PAGES_AT = 1032;

/** `file`, opened for both, becomes an area, which keeps it. EINVAL where nothing can be swapped to it or its header is none; BLOCKED. */
export function startSwap(t: Task, file: OpenFile, path: string, priority: number | null): 0 | Errno {
  if (!isBlockDevice(file.inode.mode) && !isRegular(file.inode.mode)) return EINVAL;
  const header = new KernelBuffer(new Uint8Array(PAGE_SIZE));
  const n = file.read(t, header, 0);
  if (isErr(n)) return n;
  const pages = n < PAGE_SIZE ? EINVAL : parseHeader(header.bytes);
  if (isErr(pages)) return pages;
  const store = file.swapStore(t, pages);
  if (isErr(store)) return store;
  const type = isBlockDevice(file.inode.mode) ? 'partition' : 'file';
  const { swap } = t.kernel.frames;
  const area = swap.add(store, { path, type, file }, pages, priority);
  if (isErr(area)) return area;
  const opened = store.open(area);
  if (isErr(opened)) {
    swap.remove(area);
    return opened;
  }
  t.kernel.log.add(6, t.kernel.now(), `Adding ${area.usable * 4}k swap on ${path}.  Priority:${area.priority} extents:${store.extents} across:${area.usable * 4}k`);
  return 0;
}

/** Pages of the area, the header's included. A list of bad pages is of another age. */
function parseHeader(bytes: Uint8Array): number | Errno {
  const v = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) if (bytes[MAGIC_AT + i] !== MAGIC.charCodeAt(i)) return EINVAL;
  if (v.getUint32(VERSION_AT, true) !== 1) return EINVAL;
  if (v.getUint32(BAD_PAGES_AT, true) !== 0) return EPERM;
  return v.getUint32(LAST_PAGE_AT, true) + 1;
}

/** What mkswap(8) writes to page 0 of an area of `pages` pages. */
export function swapHeader(pages: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PAGE_SIZE);
  const v = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) bytes[MAGIC_AT + i] = MAGIC.charCodeAt(i);
  v.setUint32(VERSION_AT, 1, true);
  v.setUint32(LAST_PAGE_AT, pages - 1, true);
  return bytes;
}
