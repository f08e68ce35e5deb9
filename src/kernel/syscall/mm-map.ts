// Mappings: mmap(2), munmap(2), mprotect(2), mremap(2), remap_file_pages(2), mseal(2), brk(2).
import { EBADF, EINVAL, isErr } from '../../abi/errno.ts';
import { O_PATH } from '../../abi/fcntl.ts';
import * as mman from '../../abi/mman.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { remapFilePages } from '../mm/remap-file.ts';
import { sealRange } from '../mm/seal.ts';
import { fd, flags, hex, ptr, size, syscall } from './define.ts';

const { PROT_EXEC, PROT_GROWSDOWN, PROT_GROWSUP, PROT_READ, PROT_SEM, PROT_WRITE, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE } = mman;
const PROT = { PROT_READ, PROT_WRITE, PROT_EXEC, PROT_SEM, PROT_GROWSDOWN, PROT_GROWSUP };
const {
  MAP_ANONYMOUS, MAP_DENYWRITE, MAP_EXECUTABLE, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_GROWSDOWN, MAP_HUGETLB, MAP_LOCKED, MAP_NONBLOCK, MAP_NORESERVE,
  MAP_POPULATE, MAP_PRIVATE, MAP_SHARED, MAP_STACK, MAP_SYNC,
} = mman;
const MAP = {
  MAP_SHARED, MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS, MAP_GROWSDOWN, MAP_DENYWRITE, MAP_EXECUTABLE, MAP_LOCKED, MAP_NORESERVE, MAP_POPULATE, MAP_NONBLOCK,
  MAP_STACK, MAP_HUGETLB, MAP_SYNC, MAP_FIXED_NOREPLACE,
};

/** mmap(2). */
export const sys_mmap = syscall({
  name: 'mmap', args: [ptr('addr'), size('length'), flags('prot', PROT), flags('flags', MAP), fd('fd'), size('offset')],
  gaps: 'MAP_HUGETLB: there are no huge pages (ENOMEM). MAP_SYNC: no file supports it',
  run(t, addr, length, prot, mapFlags, fileno, offset) {
    if (offset % PAGE_SIZE !== 0) return EINVAL;
    if ((mapFlags & MAP_ANONYMOUS) !== 0) return t.mm!.map(t, { addr, length, prot, flags: mapFlags, file: null, offset: 0 });
    const file = t.files.get(fileno);
    if (isErr(file)) return file;
    if ((file.flags & O_PATH) !== 0) return EBADF;
    return t.mm!.map(t, { addr, length, prot, flags: mapFlags, file, offset });
  },
});

/** munmap(2). */
export const sys_munmap = syscall({
  name: 'munmap', args: [ptr('addr'), size('length')],
  run: (t, addr, length) => t.mm!.unmap(t, addr, length),
});

/** mprotect(2). */
export const sys_mprotect = syscall({
  name: 'mprotect', args: [ptr('addr'), size('len'), flags('prot', PROT)],
  run: (t, addr, length, prot) => t.mm!.protect(t, addr, length, prot),
});

/** mremap(2). */
export const sys_mremap = syscall({
  name: 'mremap',
  args: [ptr('old_address'), size('old_size'), size('new_size'), flags('flags', { MREMAP_MAYMOVE, MREMAP_FIXED, MREMAP_DONTUNMAP }), ptr('new_address')],
  run: (t, addr, oldLength, newLength, how, to) => t.mm!.remap(t, addr, oldLength, newLength, how, to),
});

/** brk(2), as the kernel has it: the new break, or the present one if it cannot be moved. */
export const sys_brk = syscall({
  name: 'brk', args: [ptr('addr')],
  run: (t, addr) => t.mm!.setBrk(t, addr),
});

/** remap_file_pages(2). */
export const sys_remap_file_pages = syscall({
  name: 'remap_file_pages', args: [ptr('addr'), size('size'), flags('prot', PROT), size('pgoff'), flags('flags', MAP)],
  run: (t, addr, length, prot, page, how) => remapFilePages(t.mm!, t, addr, length, prot, page, how),
});

/** mseal(2). */
export const sys_mseal = syscall({
  name: 'mseal', args: [ptr('addr'), size('len'), hex('flags')],
  run: (t, addr, length, how) => sealRange(t.mm!, addr, length, how),
});
