// What the read and write families share: how a file's answer becomes the result of a call, when a call parks, and which signals failures raise.
// The life of a read(): sys_read -> transferIn -> OpenFile.read -> PageCache.read -> IoBuffer.put.
import { BLOCKED, EAGAIN, EFBIG, EPIPE, type Errno } from '../../abi/errno.ts';
import { IN_ACCESS, IN_MODIFY } from '../../abi/eventfd.ts';
import { O_NONBLOCK } from '../../abi/fcntl.ts';
import { SIGPIPE, SIGXFSZ, SI_USER } from '../../abi/signal.ts';
import { sendToTask } from '../signal/send.ts';
import type { Task } from '../task/task.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { notifyPath } from '../vfs/notify.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { fileSizeLimit } from '../vfs/setattr.ts';
import type { SysResult } from './define.ts';

/** Most that one call moves (read(2), NOTES). */
export const MAX_RW_COUNT = 0x7fff_f000;

/** Reads at the file's own position, and moves it. */
export function transferIn(t: Task, file: OpenFile, io: IoBuffer): SysResult {
  const n = file.read(t, io, file.pos);
  if (n > 0) {
    if (file.isSeekable) file.pos += n;
    if (file.path !== null) notifyPath(t, file.path, IN_ACCESS);
    return n;
  }
  return n === EAGAIN ? t.waitForFile(file, 'read') : n;
}

/** Writes at the file's own position, and moves it. */
export function transferOut(t: Task, file: OpenFile, io: IoBuffer): SysResult {
  if (file.waiters !== null) return pump(t, file, io, 0);
  const n = file.write(t, io, file.pos);
  if (n < 0) return failed(t, file, n as Errno);
  if (n > 0 && file.isSeekable) file.pos = file.writeEnd;
  if (n > 0 && file.path !== null) notifyPath(t, file.path, IN_MODIFY);
  return n;
}

/** Blocking streams take all bytes of a write before it returns: what was taken already is the call's progress, `io` the rest. */
export function pump(t: Task, file: OpenFile, io: IoBuffer, progress: number): SysResult {
  const total = io.remaining;
  let done = 0;
  for (;;) {
    const n = file.write(t, io, file.pos);
    if (n > 0) {
      done += n;
      if (file.path !== null) notifyPath(t, file.path, IN_MODIFY);
      if (done < total) continue;
      return progress + done;
    }
    if (n === 0) return progress + done;
    if (n === BLOCKED) {
      if (progress + done > 0) t.record().progress = progress + done; // a page of the buffer is on its way in
      return BLOCKED;
    }
    if (n !== EAGAIN) {
      const r = failed(t, file, n as Errno);
      return progress + done > 0 ? progress + done : r;
    }
    if (progress + done === 0) return t.waitForFile(file, 'write');
    if ((file.flags & O_NONBLOCK) !== 0) return progress + done;
    t.record().progress = progress + done;
    return t.waitForFile(file, 'write') === BLOCKED ? BLOCKED : progress + done;
  }
}

/** SIGPIPE for a pipe or socket without readers, SIGXFSZ at RLIMIT_FSIZE: sent by the kernel as if by the process itself. */
export function failed(t: Task, file: OpenFile, r: Errno): Errno {
  if (r === EPIPE && file.raisesSigpipe) raise(t, SIGPIPE);
  else if (r === EFBIG && Math.max(file.pos, file.inode.size) >= fileSizeLimit(t)) raise(t, SIGXFSZ);
  return r;
}

/** A signal to the caller itself. */
export function raise(t: Task, signo: number): void {
  sendToTask(t, { signo, code: SI_USER, pid: t.process.pid, uid: t.cred.uid });
}
