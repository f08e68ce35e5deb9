// CONTRACT (helper MM owns): the cached pages of one file, shared by read(), write(), mmap and exec.
import type { Errno } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import type { Inode } from '../vfs/inode.ts';

export interface PageCache {
  readonly inode: Inode | null;
  /** The frame holding page `index`, filled (zeros for tmpfs holes, or the back end's bytes); ENOMEM, EIO, or BLOCKED. Not past the end: the caller checks size. */
  getPage(t: Task, index: number): number | Errno;
  /** Copies file bytes [pos, min(pos+remaining, inode.size)) to `io`; the generic read. */
  read(t: Task, io: IoBuffer, pos: number): number | Errno;
  /** Generic write: grows inode.size, marks pages dirty. */
  write(t: Task, io: IoBuffer, pos: number): number | Errno;
  /** The file now ends at `size`: pages beyond go, mappings of them too, the partial page is zeroed. */
  truncate(size: number): void;
  /** A hole (fallocate PUNCH_HOLE, MADV_REMOVE). */
  punchHole(start: number, end: number): void;
  /** Pages allocated (st_blocks). */
  readonly pageCount: number;
  /** Writes dirty pages back. */
  sync(t: Task): 0 | Errno;
  /** All pages go (inode eviction). */
  destroy(): void;
}
