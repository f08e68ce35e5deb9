// CONTRACT (helper MM owns): one mapping of an address space.
import type { OpenFile } from '../vfs/open-file.ts';
import type { PageCache } from './page-cache.ts';

export interface Vma {
  start: number; end: number;
  /** PROT_*; */ prot: number;
  /** MAP_SHARED, MAP_PRIVATE, MAP_ANONYMOUS, MAP_GROWSDOWN ... as given. */
  flags: number;
  file: OpenFile | null;
  /** The pages behind it: of a file, or of a shared anonymous object; null for private anonymous memory. Set by OpenFile.mmap. */
  pages: PageCache | null;
  /** Byte offset in `pages` of `start`. */
  offset: number;
  /** '[heap]', '[stack]', '[vdso]', '[anon:...]' or ''. */
  name: string;
}
