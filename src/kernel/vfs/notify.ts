// Telling watchers (inotify(7)): the VFS calls notify* after an operation has succeeded; while nobody watches anything that costs one comparison.
import {
  IN_ALL_EVENTS, IN_DELETE_SELF, IN_EXCL_UNLINK, IN_ISDIR, IN_ONESHOT, IN_UNMOUNT,
} from '../../abi/eventfd.ts';
import { isDirectory } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import type { Dentry } from './dentry.ts';
import type { Inode } from './inode.ts';
import type { InotifyFile } from './inotify.ts';
import type { Path } from './mount.ts';

/** Machine-wide: how many watches there are (0: nothing to do, quickly), and the cookie that pairs IN_MOVED_FROM with IN_MOVED_TO. */
export class InotifyTable {
  watches = 0;
  private cookie = 0;
  nextCookie(): number { return (this.cookie = (this.cookie + 1) >>> 0); }
}

/** One inode watched by one instance. */
export class Watch {
  readonly file: InotifyFile;
  readonly inode: Inode;
  readonly wd: number;
  mask: number;
  constructor(file: InotifyFile, inode: Inode, wd: number, mask: number) {
    this.file = file;
    this.inode = inode.get();
    this.wd = wd;
    this.mask = mask;
  }
}

/** An event on its way to a reader. */
export interface WatchEvent { readonly wd: number; readonly mask: number; readonly cookie: number; readonly name: string }

/** What happened to what `path` names: told to its watchers and, with its name, to those of its directory. */
export function notifyPath(t: Task, path: Path, mask: number): void {
  if (t.kernel.mounts.inotify.watches === 0) return;
  const { dentry } = path;
  const { inode } = dentry;
  if (inode === null) return;
  const bits = isDirectory(inode.mode) ? mask | IN_ISDIR : mask;
  if (dentry.parent !== null && dentry.parent.inode?.marks) tell(dentry.parent.inode, bits, dentry.name, 0, dentry.unlinked);
  tell(inode, bits, '', 0, false);
}

/** What happened to the name `name` in `dir`: IN_CREATE, IN_DELETE, IN_MOVED_*. */
export function notifyName(t: Task, dir: Dentry, name: string, child: Inode, mask: number, cookie = 0): void {
  if (t.kernel.mounts.inotify.watches === 0 || dir.inode === null) return;
  tell(dir.inode, isDirectory(child.mode) ? mask | IN_ISDIR : mask, name, cookie, false);
}

/** What happened to the inode itself: IN_MOVE_SELF, IN_ATTRIB of a link count. */
export function notifyInode(t: Task, inode: Inode, mask: number): void {
  if (t.kernel.mounts.inotify.watches !== 0) tell(inode, isDirectory(inode.mode) ? mask | IN_ISDIR : mask, '', 0, false);
}

/** The last name and the last user are gone: watches end. */
export function inodeRemoved(inode: Inode): void {
  tell(inode, IN_DELETE_SELF, '', 0, false);
  for (const w of [...marksOf(inode)]) w.file.drop(w);
}

/** The file system goes away. */
export function inodeUnmounted(inode: Inode): void {
  tell(inode, IN_UNMOUNT, '', 0, false);
  for (const w of [...marksOf(inode)]) w.file.drop(w);
}

/** The watches on an inode. */
export const marksOf = (inode: Inode): Set<Watch> => (inode.marks as Set<Watch> | null) ?? new Set<Watch>();

function tell(inode: Inode, mask: number, name: string, cookie: number, unlinked: boolean): void {
  if (inode.marks === null) return;
  for (const w of [...marksOf(inode)]) {
    const wanted = w.mask & IN_ALL_EVENTS | IN_UNMOUNT;
    if ((mask & wanted) === 0 || (unlinked && (w.mask & IN_EXCL_UNLINK) !== 0)) continue;
    w.file.push({ wd: w.wd, mask, cookie, name });
    if ((w.mask & IN_ONESHOT) !== 0) w.file.drop(w);
  }
}
