// Copying inside the kernel: sendfile(2), copy_file_range(2). Bytes go through a small kernel buffer; what the target does not take is not
// consumed from the source.
import { BLOCKED, EAGAIN, EBADF, EINVAL, EISDIR, EOPNOTSUPP, EOVERFLOW, ESPIPE, EXDEV, type Errno, isErr } from '../../abi/errno.ts';
import { O_APPEND, O_NONBLOCK } from '../../abi/fcntl.ts';
import { isDirectory, isRegular } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { fd, ptr, size, syscall, type SysResult, uint } from './define.ts';
import { failed } from './fs-transfer.ts';
import { hasPositions } from './fs-read.ts';

const CHUNK = 65536;
/** One call moves no more, and says so with its result: the kernel is not preempted in the middle. */
const MAX_COPY = 16 << 20;

/** sendfile(2). */
export const sys_sendfile = syscall({
  name: 'sendfile',
  args: [fd('out_fd'), fd('in_fd'), ptr('offset'), size('count')],
  run(t, outFd, inFd, offsetPtr, count) {
    const from = t.files.get(inFd);
    if (isErr(from)) return from;
    if (!from.isReadable) return EBADF;
    const to = t.files.get(outFd);
    if (isErr(to)) return to;
    if (!to.isWritable) return EBADF;
    if (!hasPositions(t, from)) return offsetPtr !== 0 ? ESPIPE : EINVAL;
    if ((to.flags & O_APPEND) !== 0) return EINVAL;
    let pos = from.pos;
    if (offsetPtr !== 0) {
      const r = t.user.loadI64(offsetPtr);
      if (r !== 0) return r;
      pos = t.user.value;
      if (pos < 0) return EINVAL;
    }
    const copy = new Copy(from, pos, to, to.pos);
    const n = copy.run(t, Math.min(count, MAX_COPY));
    return n < 0 ? n : finish(t, copy, n, offsetPtr, 0);
  },
});

/** copy_file_range(2): between regular files, also of different file systems. */
export const sys_copy_file_range = syscall({
  name: 'copy_file_range',
  args: [fd('fd_in'), ptr('off_in'), fd('fd_out'), ptr('off_out'), size('len'), uint('flags')],
  run(t, inFd, inPtr, outFd, outPtr, length, flags) {
    const from = t.files.get(inFd);
    if (isErr(from)) return from;
    const to = t.files.get(outFd);
    if (isErr(to)) return to;
    const r = checkRange(from, to, flags);
    if (r !== 0) return r;
    const [inPos, outPos] = [loadOffset(t, inPtr, from), loadOffset(t, outPtr, to)];
    if (inPos < 0) return inPos;
    if (outPos < 0) return outPos;
    const wanted = Math.min(length, MAX_COPY); // cp(1) asks for nearly 2^63
    if (inPos + wanted > Number.MAX_SAFE_INTEGER || outPos + wanted > Number.MAX_SAFE_INTEGER) return EOVERFLOW;
    const count = Math.min(wanted, Math.max(0, from.inode.size - inPos)); // what there is: only that may overlap
    if (from.inode === to.inode && inPos < outPos + count && outPos < inPos + count) return EINVAL;
    const copy = new Copy(from, inPos, to, outPos);
    const own = from.inode.sb === to.inode.sb && count > 0 ? from.copyRange(t, inPos, to, outPos, count) : EOPNOTSUPP;
    if (own !== EOPNOTSUPP) return own < 0 ? own : finish(t, copy.jump(own), own, inPtr, outPtr);
    const n = copy.run(t, count);
    return n < 0 ? n : finish(t, copy, n, inPtr, outPtr);
  },
});

/** One copy in progress. */
class Copy {
  readonly from: OpenFile;
  readonly to: OpenFile;
  inPos: number;
  outPos: number;

  constructor(from: OpenFile, inPos: number, to: OpenFile, outPos: number) {
    this.from = from;
    this.to = to;
    this.inPos = inPos;
    this.outPos = outPos;
  }

  /** The file system has copied `n` bytes itself. */
  jump(n: number): this {
    this.inPos += n;
    this.outPos += n;
    return this;
  }

  /** Bytes copied; an errno or a park only if there were none. The source has positions, so nothing is lost when the target takes less. */
  run(t: Task, count: number): SysResult {
    const bytes = new Uint8Array(Math.min(count, CHUNK));
    let total = 0;
    while (total < count) {
      const input = new KernelBuffer(bytes.subarray(0, Math.min(bytes.length, count - total)));
      const got = this.from.read(t, input, this.inPos);
      if (got <= 0) return total > 0 ? total : got === EAGAIN ? t.waitForFile(this.from, 'sendfile') : got;
      const put = this.to.write(t, new KernelBuffer(bytes.subarray(0, got)), this.outPos);
      if (put <= 0) {
        if (total > 0) return total;
        return put === EAGAIN ? t.waitForFile(this.to, 'sendfile') : put === BLOCKED ? put : failed(t, this.to, put as Errno);
      }
      this.inPos += put;
      this.outPos = this.to.isSeekable ? this.to.writeEnd : 0;
      total += put;
      if (put < got && (this.to.flags & O_NONBLOCK) !== 0) break;
    }
    return total;
  }
}

/** Positions move where they were taken from: user memory or the files. */
function finish(t: Task, copy: Copy, n: number, inPtr: number, outPtr: number): SysResult {
  if (inPtr === 0) {
    if (copy.from.isSeekable) copy.from.pos = copy.inPos;
  } else {
    const r = t.user.storeI64(inPtr, copy.inPos);
    if (r !== 0) return r;
  }
  if (outPtr !== 0) return t.user.storeI64(outPtr, copy.outPos) || n;
  if (copy.to.isSeekable) copy.to.pos = copy.outPos;
  return n;
}

function checkRange(from: OpenFile, to: OpenFile, flags: number): 0 | Errno {
  if (!from.isReadable || !to.isWritable || (to.flags & O_APPEND) !== 0) return EBADF;
  if (flags !== 0) return EINVAL;
  if (isDirectory(from.inode.mode) || isDirectory(to.inode.mode)) return EISDIR;
  if (!isRegular(from.inode.mode) || !isRegular(to.inode.mode)) return EINVAL;
  return from.inode.pages === null && from.inode.size === 0 ? EXDEV : 0;
}

function loadOffset(t: Task, ptr: number, file: OpenFile): number {
  if (ptr === 0) return file.pos;
  const r = t.user.loadI64(ptr);
  if (r !== 0) return r;
  return t.user.value < 0 ? EINVAL : t.user.value;
}
