// splice(2), tee(2), vmsplice(2). Between a pipe and a file or pipe, through a small kernel buffer: what one side does not take stays where it
// was, so a call may stop anywhere. Nothing is moved by reference: pages given with vmsplice are copied.
import { BLOCKED, EAGAIN, EBADF, EINVAL, EPIPE, ESPIPE, type Errno, isErr } from '../../abi/errno.ts';
import { O_APPEND, O_DIRECT, O_NONBLOCK } from '../../abi/fcntl.ts';
import { PIPE_BUF } from '../../abi/limits.ts';
import { SIGPIPE } from '../../abi/signal.ts';
import { PipeFile } from '../ipc/pipe.ts';
import type { Task } from '../task/task.ts';
import { KernelBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { fd, flags, iovec, ptr, size, syscall, type SysResult } from './define.ts';
import { hasPositions } from './fs-read.ts';
import { failed, MAX_RW_COUNT, raise } from './fs-transfer.ts';

const SPLICE_F_MOVE = 1, SPLICE_F_NONBLOCK = 2, SPLICE_F_MORE = 4, SPLICE_F_GIFT = 8;
const FLAGS = { SPLICE_F_MOVE, SPLICE_F_NONBLOCK, SPLICE_F_MORE, SPLICE_F_GIFT };
const ALL_FLAGS = 15;
const CHUNK = 65536;

/** splice(2). */
export const sys_splice = syscall({
  name: 'splice',
  args: [fd('fd_in'), ptr('off_in'), fd('fd_out'), ptr('off_out'), size('len'), flags('flags', FLAGS)],
  gaps: 'bytes are copied, SPLICE_F_MOVE and SPLICE_F_GIFT have no effect',
  run(t, inFd, inPtr, outFd, outPtr, length, flags) {
    if (length === 0) return 0;
    if ((flags & ~ALL_FLAGS) !== 0) return EINVAL;
    const from = t.files.get(inFd);
    if (isErr(from)) return from;
    const to = t.files.get(outFd);
    if (isErr(to)) return to;
    if (!from.isReadable || !to.isWritable) return EBADF;
    const count = Math.min(length, MAX_RW_COUNT);
    if (from instanceof PipeFile) {
      if (inPtr !== 0) return ESPIPE;
      if (to instanceof PipeFile) return outPtr !== 0 ? ESPIPE : betweenPipes(t, from, to, count, flags, 'move');
      return fromPipe(t, from, to, outPtr, count, flags);
    }
    if (!(to instanceof PipeFile)) return EINVAL;
    return outPtr !== 0 ? ESPIPE : intoPipe(t, from, inPtr, to, count, flags);
  },
});

/** tee(2): copies between pipes without using up the source. */
export const sys_tee = syscall({
  name: 'tee',
  args: [fd('fd_in'), fd('fd_out'), size('len'), flags('flags', FLAGS)],
  run(t, inFd, outFd, length, flags) {
    if ((flags & ~ALL_FLAGS) !== 0) return EINVAL;
    if (length === 0) return 0;
    const from = t.files.get(inFd);
    if (isErr(from)) return from;
    const to = t.files.get(outFd);
    if (isErr(to)) return to;
    if (!from.isReadable || !to.isWritable) return EBADF;
    if (!(from instanceof PipeFile) || !(to instanceof PipeFile)) return EINVAL;
    return betweenPipes(t, from, to, Math.min(length, MAX_RW_COUNT), flags, 'copy');
  },
});

/** vmsplice(2): user pages to a pipe, or a pipe to user memory. */
export const sys_vmsplice = syscall({
  name: 'vmsplice',
  args: [fd('fd'), iovec('iov', 2), size('nr_segs'), flags('flags', FLAGS)],
  gaps: 'pages are copied: a later change of the memory shows only in the first page, and only to files that take messages (/dev/fuse)',
  run(t, fd, iov, count, flags) {
    if ((flags & ~ALL_FLAGS) !== 0) return EINVAL;
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if (!(file instanceof PipeFile)) return EBADF;
    const io = t.user.vector(iov, count);
    if (isErr(io)) return io;
    if (io.remaining === 0) return 0;
    const isFirst = file.isWritable && count === 1 && io.remaining <= PIPE_BUF && file.pipe.data.length === 0;
    const n = file.isWritable ? file.write(t, io) : file.read(t, io);
    if (isFirst && n > 0) file.pipe.lent = lend(t, iov, n);
    if (n === EAGAIN) return mustNotWait(file, flags) ? EAGAIN : t.waitOn(file.waiters, 'vmsplice');
    return n < 0 && n !== BLOCKED ? failed(t, file, n as Errno) : n;
  },
});

/** The memory of a single range. */
function lend(t: Task, iov: number, length: number): PipeFile['pipe']['lent'] {
  return t.mm === null || t.user.loadU64(iov) !== 0 ? null : { mm: t.mm, addr: t.user.value, length };
}

const mustNotWait = (pipe: PipeFile, flags: number): boolean => (flags & SPLICE_F_NONBLOCK) !== 0 || (pipe.flags & O_NONBLOCK) !== 0;

/** Waits for the pipe, unless that is not wanted. */
function waitForPipe(t: Task, pipe: PipeFile, flags: number): Errno {
  return mustNotWait(pipe, flags) ? EAGAIN : t.waitOn(pipe.waiters, 'splice');
}

function betweenPipes(t: Task, from: PipeFile, to: PipeFile, count: number, flags: number, how: 'move' | 'copy'): SysResult {
  if (from.pipe === to.pipe) return EINVAL;
  if (from.pipe.data.length === 0) return from.pipe.writers === 0 ? 0 : waitForPipe(t, from, flags);
  if (to.pipe.readers === 0) return brokenPipe(t);
  const n = Math.min(count, from.pipe.data.length, to.pipe.data.free);
  if (n === 0) return waitForPipe(t, to, flags);
  const bytes = new Uint8Array(n);
  from.pipe.peek(new KernelBuffer(bytes), n);
  const put = to.write(t, new KernelBuffer(bytes));
  if (put === EAGAIN) return waitForPipe(t, to, flags);
  if (put > 0 && how === 'move') from.pipe.consume(put);
  return put;
}

function fromPipe(t: Task, from: PipeFile, to: OpenFile, outPtr: number, count: number, flags: number): SysResult {
  if ((to.flags & O_APPEND) !== 0) return EINVAL;
  if (outPtr !== 0 && !hasPositions(t, to)) return ESPIPE;
  let pos = loadOffset(t, outPtr, to.pos);
  if (pos < 0) return pos;
  let total = 0;
  while (total < count && from.pipe.data.length > 0) {
    const bytes = new Uint8Array(Math.min(count - total, from.pipe.data.length, to.isMessages ? Infinity : CHUNK));
    from.pipe.peek(new KernelBuffer(bytes), bytes.length);
    const { lent } = from.pipe;
    if (to.isMessages && lent !== null && lent.mm === t.mm) t.user.copyIn(lent.addr, bytes, 0, Math.min(lent.length, bytes.length));
    const put = to.write(t, new KernelBuffer(bytes), pos);
    if (put <= 0) {
      if (total > 0) break;
      if (put === EAGAIN) return (flags & SPLICE_F_NONBLOCK) !== 0 ? EAGAIN : t.waitForFile(to, 'splice');
      return put === BLOCKED ? put : failed(t, to, put as Errno);
    }
    from.pipe.consume(put);
    total += put;
    if (to.isMessages) break;
    if (to.isSeekable) pos = to.writeEnd;
  }
  if (total === 0) return from.pipe.writers === 0 ? 0 : waitForPipe(t, from, flags);
  return storeOffset(t, outPtr, to, pos) || total;
}

function intoPipe(t: Task, from: OpenFile, inPtr: number, to: PipeFile, count: number, flags: number): SysResult {
  if (inPtr !== 0 && !hasPositions(t, from)) return ESPIPE;
  let pos = loadOffset(t, inPtr, from.pos);
  if (pos < 0) return pos;
  if (to.pipe.readers === 0) return brokenPipe(t);
  const chunk = from.isMessages ? Infinity : (to.flags & O_DIRECT) !== 0 ? PIPE_BUF : CHUNK;
  let total = 0;
  while (total < count && hasRoomFor(to, count - total)) {
    const length = Math.min(count - total, to.pipe.data.free, chunk);
    const input = new KernelBuffer(from.isMessages ? scratchOf(length) : new Uint8Array(length));
    const got = from.read(t, input, pos);
    if (got <= 0) {
      if (total > 0 || got === 0) break;
      if (got === EAGAIN) return (flags & SPLICE_F_NONBLOCK) !== 0 ? EAGAIN : t.waitForFile(from, 'splice');
      return got;
    }
    to.write(t, new KernelBuffer(input.bytes.subarray(0, got)));
    pos += got;
    total += got;
    if (got < input.bytes.length) break;
  }
  if (total === 0 && !hasRoomFor(to, count)) return waitForPipe(t, to, flags);
  return storeOffset(t, inPtr, from, pos) || total;
}

/** What is read must be sure to fit. */
const hasRoomFor = ({ pipe }: PipeFile, count: number): boolean => pipe.data.free >= Math.min(PIPE_BUF, count) && !pipe.slotsUsed();

/** Messages are read with room for the longest, which they rarely need. Nothing in it survives a call. */
let scratch = new Uint8Array(0);
function scratchOf(length: number): Uint8Array {
  if (scratch.length < length) scratch = new Uint8Array(length);
  return scratch.subarray(0, length);
}

function brokenPipe(t: Task): Errno {
  raise(t, SIGPIPE);
  return EPIPE;
}

function loadOffset(t: Task, ptr: number, own: number): number {
  if (ptr === 0) return own;
  const e = t.user.loadI64(ptr);
  if (e !== 0) return e;
  return t.user.value < 0 ? EINVAL : t.user.value;
}

function storeOffset(t: Task, ptr: number, file: OpenFile, pos: number): 0 | Errno {
  if (ptr !== 0) return t.user.storeI64(ptr, pos);
  if (file.isSeekable) file.pos = pos;
  return 0;
}
