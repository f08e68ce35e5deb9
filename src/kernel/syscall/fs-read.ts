// read(2), pread(2), readv(2), preadv(2), preadv2(2), lseek(2).
import { EAGAIN, EBADF, EINVAL, EOPNOTSUPP, ESPIPE, isErr } from '../../abi/errno.ts';
import { IN_ACCESS } from '../../abi/eventfd.ts';
import { RWF_DSYNC, RWF_HIPRI, RWF_NOWAIT, RWF_SYNC, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET } from '../../abi/fcntl.ts';
import type { Task } from '../task/task.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { notifyPath } from '../vfs/notify.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { fd, flags, hex, int, iovec, long, oneOf, outBuffer, size, syscall, type SysResult } from './define.ts';
import { MAX_RW_COUNT, transferIn } from './fs-transfer.ts';

/** read(2). Files never block: they answer EAGAIN, and only here does that become sleep. */
export const sys_read = syscall({
  name: 'read',
  args: [fd('fd'), outBuffer('buf', 2), size('count')],
  run(t, fd, buf, count) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if (!file.isReadable) return EBADF;
    if (count > MAX_RW_COUNT) {
      if (count >= 2 ** 63) return EINVAL;
      count = MAX_RW_COUNT;
    }
    return transferIn(t, file, t.user.buffer(buf, count));
  },
});

/** pread64(2). */
export const sys_pread64 = syscall({
  name: 'pread64',
  args: [fd('fd'), outBuffer('buf', 2), size('count'), long('offset')],
  run(t, fd, buf, count, offset) {
    const file = t.files.get(fd);
    if (offset < 0) return EINVAL;
    if (isErr(file)) return file;
    if (count >= 2 ** 63) return EINVAL;
    return readAt(t, file, t.user.buffer(buf, Math.min(count, MAX_RW_COUNT)), offset);
  },
});

/** readv(2). */
export const sys_readv = syscall({
  name: 'readv',
  args: [fd('fd'), iovec('iov', 2), int('iovcnt')],
  run(t, fd, iov, count) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if (!file.isReadable) return EBADF;
    const io = t.user.vector(iov, count);
    return isErr(io) ? io : transferIn(t, file, io);
  },
});

/** preadv(2). The offset comes in one register on 64-bit machines; the second is ignored. */
export const sys_preadv = syscall({
  name: 'preadv',
  args: [fd('fd'), iovec('iov', 2), int('iovcnt'), long('offset'), hex('offset_high')],
  run(t, fd, iov, count, offset) {
    const file = t.files.get(fd);
    if (offset < 0) return EINVAL;
    if (isErr(file)) return file;
    const io = t.user.vector(iov, count);
    return isErr(io) ? io : readAt(t, file, io, offset);
  },
});

/** preadv2(2): offset -1 is the file's own position. */
export const sys_preadv2 = syscall({
  name: 'preadv2',
  args: [fd('fd'), iovec('iov', 2), int('iovcnt'), long('offset'), hex('offset_high'), flags('flags', { RWF_HIPRI, RWF_DSYNC, RWF_SYNC, RWF_NOWAIT })],
  run(t, fd, iov, count, offset, _high, flags) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if ((flags & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT)) !== 0) return EOPNOTSUPP;
    if (offset < -1) return EINVAL;
    if (!file.isReadable) return EBADF;
    const io = t.user.vector(iov, count);
    if (isErr(io)) return io;
    if ((flags & RWF_NOWAIT) !== 0 && file.waiters !== null) {
      const n = file.read(t, io, file.pos);
      return n === EAGAIN ? EAGAIN : n;
    }
    return offset === -1 ? transferIn(t, file, io) : readAt(t, file, io, offset);
  },
});

/** lseek(2). */
export const sys_lseek = syscall({
  name: 'lseek',
  args: [fd('fd'), long('offset'), oneOf('whence', { SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE })],
  run(t, fd, offset, whence) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    return whence < SEEK_SET || whence > SEEK_HOLE ? EINVAL : file.seek(t, offset, whence);
  },
});

function readAt(t: Task, file: OpenFile, io: IoBuffer, offset: number): SysResult {
  if (!hasPositions(t, file)) return ESPIPE;
  if (!file.isReadable) return EBADF;
  const n = file.read(t, io, offset);
  if (n > 0 && file.path !== null) notifyPath(t, file.path, IN_ACCESS);
  return n === EAGAIN ? t.waitForFile(file, 'pread') : n;
}

/** pipes, sockets and terminals have none; memory devices accept any. */
export function hasPositions(t: Task, file: OpenFile): boolean {
  return file.isSeekable || file.seek(t, 0, SEEK_CUR) !== ESPIPE;
}
