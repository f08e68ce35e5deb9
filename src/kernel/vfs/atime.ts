// Access times under relatime (mount(2), MS_RELATIME).
import { O_NOATIME } from '../../abi/fcntl.ts';
import { MS_NOATIME, MS_RDONLY } from '../../abi/mount.ts';
import type { Inode } from './inode.ts';
import type { OpenFile } from './open-file.ts';

const DAY = 86_400;

/** Moves the access time once it is not newer than the last change, or a day old (looked at where a file is read from its start). */
export function touchAtime(file: OpenFile): void {
  const { inode, path } = file;
  if (path === null || (file.flags & O_NOATIME) !== 0) return;
  if (file.pos === 0 || isStale(inode)) touchInodeAtime(inode, path.mount.flags);
}

/** The same for what is read without being opened: symbolic links. */
export function touchInodeAtime(inode: Inode, mountFlags: number): void {
  if (((mountFlags | inode.sb.flags) & (MS_RDONLY | MS_NOATIME)) !== 0) return;
  const now = inode.sb.kernel.realtime();
  if (isStale(inode) || now.sec - inode.atime.sec >= DAY) inode.atime = now;
}

function isStale({ atime, mtime, ctime }: Inode): boolean {
  return atime.sec < mtime.sec || (atime.sec === mtime.sec && atime.nsec <= mtime.nsec)
    || atime.sec < ctime.sec || (atime.sec === ctime.sec && atime.nsec <= ctime.nsec);
}
