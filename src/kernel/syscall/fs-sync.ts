// fsync(2), fdatasync(2), sync(2), syncfs(2), sync_file_range(2), posix_fadvise(2), readahead(2).
import { BLOCKED, EBADF, EINVAL, ESPIPE, isErr } from '../../abi/errno.ts';
import {
  POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE, POSIX_FADV_NORMAL, POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL, POSIX_FADV_WILLNEED,
  SYNC_FILE_RANGE_WAIT_AFTER, SYNC_FILE_RANGE_WAIT_BEFORE, SYNC_FILE_RANGE_WRITE,
} from '../../abi/fcntl.ts';
import { isBlockDevice, isDirectory, isFifo, isRegular, isSocket, isSymlink } from '../../abi/stat.ts';
import { fd, flags, long, oneOf, size, syscall } from './define.ts';
import { contents } from './fs-attr.ts';

const PAGE = 4096;

/** fsync(2). */
export const sys_fsync = syscall({
  name: 'fsync',
  args: [fd('fd')],
  run(t, fd) {
    const file = contents(t, fd);
    if (isErr(file)) return file;
    const { mode } = file.inode;
    return isRegular(mode) || isDirectory(mode) || isBlockDevice(mode) ? file.fsync(t, 'all') : EINVAL;
  },
});

/** fdatasync(2). */
export const sys_fdatasync = syscall({
  name: 'fdatasync',
  args: [fd('fd')],
  run(t, fd) {
    const file = contents(t, fd);
    if (isErr(file)) return file;
    const { mode } = file.inode;
    return isRegular(mode) || isDirectory(mode) || isBlockDevice(mode) ? file.fsync(t, 'data') : EINVAL;
  },
});

/** sync(2): cannot fail. */
export const sys_sync = syscall({
  name: 'sync',
  args: [],
  run(t) {
    for (const m of t.kernel.mounts.all) if (m.sb.sync(t) === BLOCKED) return BLOCKED;
    return 0;
  },
});

/** syncfs(2). */
export const sys_syncfs = syscall({
  name: 'syncfs',
  args: [fd('fd')],
  run(t, fd) {
    const file = contents(t, fd);
    return isErr(file) ? file : file.inode.sb.sync(t);
  },
});

/** sync_file_range(2): here the whole file is written. */
export const sys_sync_file_range = syscall({
  name: 'sync_file_range',
  args: [
    fd('fd'), long('offset'), long('nbytes'),
    flags('flags', { SYNC_FILE_RANGE_WAIT_BEFORE, SYNC_FILE_RANGE_WRITE, SYNC_FILE_RANGE_WAIT_AFTER }),
  ],
  run(t, fd, offset, bytes, flags) {
    const file = contents(t, fd);
    if (isErr(file)) return file;
    if ((flags & ~7) !== 0 || offset < 0 || bytes < 0) return EINVAL;
    const { mode } = file.inode;
    if (!isRegular(mode) && !isDirectory(mode) && !isBlockDevice(mode) && !isSymlink(mode)) return ESPIPE;
    return (flags & SYNC_FILE_RANGE_WRITE) === 0 || file.inode.pages === null ? 0 : file.fsync(t, 'data');
  },
});

/** posix_fadvise(2): DONTNEED drops clean pages; the page cache finds its own read-ahead. */
export const sys_fadvise64 = syscall({
  name: 'fadvise64',
  args: [
    fd('fd'), long('offset'), long('len'),
    oneOf('advice', { POSIX_FADV_NORMAL, POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL, POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE }),
  ],
  gaps: 'only POSIX_FADV_DONTNEED does anything',
  run(t, fd, offset, length, advice) {
    const file = contents(t, fd);
    if (isErr(file)) return file;
    if (isFifo(file.inode.mode) || isSocket(file.inode.mode)) return ESPIPE;
    if (length < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE) return EINVAL;
    if (advice === POSIX_FADV_DONTNEED) {
      file.inode.pages?.invalidate(Math.ceil(offset / PAGE), length === 0 ? Infinity : Math.floor((offset + length) / PAGE));
    }
    return 0;
  },
});

/** readahead(2): a hint, and the page cache reads ahead by itself. */
export const sys_readahead = syscall({
  name: 'readahead',
  args: [fd('fd'), long('offset'), size('count')],
  gaps: 'checks its arguments only',
  run(t, fd) {
    const file = contents(t, fd);
    if (isErr(file)) return file;
    if (!file.isReadable) return EBADF;
    return isRegular(file.inode.mode) || isBlockDevice(file.inode.mode) ? 0 : EINVAL;
  },
});
