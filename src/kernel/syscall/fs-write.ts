// write(2), pwrite(2), writev(2), pwritev(2), pwritev2(2).
import { EAGAIN, EBADF, EFAULT, EINVAL, EOPNOTSUPP, ESPIPE, type Errno, isErr } from '../../abi/errno.ts';
import { IN_MODIFY } from '../../abi/eventfd.ts';
import { O_APPEND, RWF_APPEND, RWF_DSYNC, RWF_HIPRI, RWF_NOAPPEND, RWF_NOWAIT, RWF_SYNC } from '../../abi/fcntl.ts';
import type { Task } from '../task/task.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { notifyPath } from '../vfs/notify.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { fd, flags, hex, inBuffer, int, iovec, long, size, syscall, type SysResult } from './define.ts';
import { hasPositions } from './fs-read.ts';
import { failed, MAX_RW_COUNT, pump, transferOut } from './fs-transfer.ts';

/** write(2). A blocking stream takes everything before the call returns; its progress survives the sleep in between. */
export const sys_write = syscall({
  name: 'write',
  args: [fd('fd'), inBuffer('buf', 2), size('count')],
  run(t, fd, buf, count) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if (!file.isWritable) return EBADF;
    if (count > MAX_RW_COUNT) {
      if (count >= 2 ** 63) return EINVAL;
      count = MAX_RW_COUNT;
    }
    const progress = t.restart === null ? 0 : t.restart.progress;
    if (progress > 0) return pump(t, file, t.user.buffer(buf + progress, count - progress), progress);
    return transferOut(t, file, t.user.buffer(buf, count));
  },
});

/** pwrite64(2). */
export const sys_pwrite64 = syscall({
  name: 'pwrite64',
  args: [fd('fd'), inBuffer('buf', 2), size('count'), long('offset')],
  run(t, fd, buf, count, offset) {
    const file = t.files.get(fd);
    if (offset < 0) return EINVAL;
    if (isErr(file)) return file;
    if (count >= 2 ** 63) return EINVAL;
    return writeAt(t, file, t.user.buffer(buf, Math.min(count, MAX_RW_COUNT)), offset);
  },
});

/** writev(2). */
export const sys_writev = syscall({
  name: 'writev',
  args: [fd('fd'), iovec('iov', 2), int('iovcnt')],
  run(t, fd, iov, count) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if (!file.isWritable) return EBADF;
    const io = t.user.vector(iov, count);
    return isErr(io) ? io : writeVector(t, file, io);
  },
});

/** pwritev(2). */
export const sys_pwritev = syscall({
  name: 'pwritev',
  args: [fd('fd'), iovec('iov', 2), int('iovcnt'), long('offset'), hex('offset_high')],
  run(t, fd, iov, count, offset) {
    const file = t.files.get(fd);
    if (offset < 0) return EINVAL;
    if (isErr(file)) return file;
    const io = t.user.vector(iov, count);
    return isErr(io) ? io : writeAt(t, file, io, offset);
  },
});

/** pwritev2(2): offset -1 is the file's own position. */
export const sys_pwritev2 = syscall({
  name: 'pwritev2',
  args: [
    fd('fd'), iovec('iov', 2), int('iovcnt'), long('offset'), hex('offset_high'),
    flags('flags', { RWF_HIPRI, RWF_DSYNC, RWF_SYNC, RWF_NOWAIT, RWF_APPEND, RWF_NOAPPEND }),
  ],
  gaps: 'RWF_NOWAIT and RWF_NOAPPEND answer EOPNOTSUPP',
  run(t, fd, iov, count, offset, _high, flags) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if ((flags & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND)) !== 0) return EOPNOTSUPP;
    if (offset < -1) return EINVAL;
    if (!file.isWritable) return EBADF;
    const io = t.user.vector(iov, count);
    if (isErr(io)) return io;
    const before = file.flags;
    if ((flags & RWF_APPEND) !== 0) file.flags |= O_APPEND;
    const n = offset === -1 ? writeVector(t, file, io) : writeAt(t, file, io, offset);
    file.flags = before;
    const synced = n > 0 && (flags & (RWF_DSYNC | RWF_SYNC)) !== 0 ? file.fsync(t, (flags & RWF_SYNC) !== 0 ? 'all' : 'data') : 0;
    return synced === 0 ? n : synced;
  },
});

function writeVector(t: Task, file: OpenFile, io: IoBuffer): SysResult {
  const progress = t.restart === null ? 0 : t.restart.progress;
  if (progress === 0) return transferOut(t, file, io);
  return skip(io, progress) === 0 ? pump(t, file, io, progress) : progress;
}

/** Bytes that an earlier run of this call has written already. */
function skip(io: IoBuffer, count: number): 0 | Errno {
  const sink = new Uint8Array(Math.min(count, 65536));
  for (let left = count; left > 0;) {
    const n = io.take(sink, 0, Math.min(left, sink.length));
    if (n <= 0) return EFAULT;
    left -= n;
  }
  return 0;
}

function writeAt(t: Task, file: OpenFile, io: IoBuffer, offset: number): SysResult {
  if (!hasPositions(t, file)) return ESPIPE;
  if (!file.isWritable) return EBADF;
  const n = file.write(t, io, offset);
  if (n > 0 && file.path !== null) notifyPath(t, file.path, IN_MODIFY);
  if (n === EAGAIN) return t.waitForFile(file, 'pwrite');
  return n < 0 ? failed(t, file, n as Errno) : n;
}
