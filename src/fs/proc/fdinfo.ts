// /proc/PID/fdinfo/N (proc_pid_fdinfo(5)): position, flags and mount of a descriptor, and what special files add.
import { O_CLOEXEC, O_LARGEFILE } from '../../abi/fcntl.ts';
import { wordsToHex } from '../../lib/u64.ts';
import { EpollFile } from '../../kernel/ipc/epoll.ts';
import type { Task } from '../../kernel/task/task.ts';
import { InotifyFile } from '../../kernel/vfs/inotify.ts';
import type { InodeLocks } from '../../kernel/vfs/locks.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import { lockLine } from './locks.ts';

export function describeFd(_t: Task, of: Task, fd: number, file: OpenFile): string {
  const flags = file.flags | O_LARGEFILE | (of.files.isCloexec(fd) ? O_CLOEXEC : 0);
  const head = `pos:\t${file.pos}\nflags:\t0${flags.toString(8)}\nmnt_id:\t${file.path?.mount.id ?? 0}\nino:\t${file.inode.ino}\n`;
  return head + heldLocks(of, file) + special(file);
}

/** The locks that this process or this description holds on the file. */
function heldLocks(of: Task, file: OpenFile): string {
  const locks = file.inode.locks as InodeLocks | null;
  if (locks === null) return '';
  let out = '';
  const whole = locks.whole.get(file);
  if (whole !== undefined) out += `lock:\t${lockLine(1, file.inode, { kind: 'FLOCK', type: whole, pid: of.process.pid, start: 0, end: Infinity })}`;
  for (const lock of locks.records) {
    if (lock.owner !== file && lock.owner !== of.files) continue;
    out += `lock:\t${lockLine(1, file.inode, { kind: lock.owner === file ? 'OFDLCK' : 'POSIX', ...lock })}`;
  }
  return out;
}

function special(file: OpenFile): string {
  if (file instanceof EpollFile) return epollRows(file);
  if (file instanceof InotifyFile) return inotifyRows(file);
  return '';
}

function epollRows(file: EpollFile): string {
  let out = '';
  for (const { fd, events, dataLo, dataHi, file: watched } of file.items()) {
    const { ino, sb } = watched.inode;
    out += `tfd: ${String(fd).padStart(8)} events: ${(events >>> 0).toString(16).padStart(8)} data: ${wordsToHex(dataLo, dataHi).padStart(16)} `
      + ` pos:${watched.pos} ino:${ino.toString(16)} sdev:${sb.dev.toString(16)}\n`;
  }
  return out;
}

function inotifyRows(file: InotifyFile): string {
  let out = '';
  for (const { wd, inode, mask } of file.watches()) {
    out += `inotify wd:${wd.toString(16)} ino:${inode.ino.toString(16)} sdev:${inode.sb.dev.toString(16)} mask:${(mask >>> 0).toString(16)} ignored_mask:0\n`;
  }
  return out;
}
