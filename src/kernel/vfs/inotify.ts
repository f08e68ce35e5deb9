// inotify instances (inotify(7)): a file from which events are read. Who tells them is in notify.ts.
import { type Errno, EAGAIN, EINVAL, ENOSPC, ENOTTY } from '../../abi/errno.ts';
import { IN_IGNORED, IN_MASK_ADD, IN_Q_OVERFLOW } from '../../abi/eventfd.ts';
import { FIONREAD } from '../../abi/ioctl.ts';
import { POLLIN, POLLRDNORM } from '../../abi/poll.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import type { UserCounts } from '../task/user-counts.ts';
import type { Inode } from './inode.ts';
import type { IoBuffer } from './io-buffer.ts';
import { marksOf, Watch, type WatchEvent } from './notify.ts';
import { OpenFile } from './open-file.ts';

/** /proc/sys/fs/inotify/max_queued_events. */
export const MAX_QUEUED_EVENTS = 16384;

const HEAD = 16;

export class InotifyFile extends OpenFile {
  private readonly events: WatchEvent[] = [];
  private readonly byWd = new Map<number, Watch>();
  private readonly queue = new WaitQueue();
  private nextWd = 1;
  /** Whose instance and watches it counts as. */
  private readonly user: UserCounts;

  constructor(inode: Inode, flags: number, user: UserCounts) {
    super(inode, flags);
    this.user = user;
    user.inotifyInstances++;
  }

  override get anonName(): string { return 'anon_inode:inotify'; }
  override get waiters(): WaitQueue { return this.queue; }
  override poll(): number { return this.events.length > 0 ? POLLIN | POLLRDNORM : 0; }
  /** Moves nothing, and is no error. */
  override seek(): number { return 0; }
  watches(): IterableIterator<Watch> { return this.byWd.values(); }

  /** inotify_add_watch(2) on an inode: a new watch, or a change of the one there is. */
  add(inode: Inode, mask: number): number {
    for (const w of marksOf(inode)) {
      if (w.file !== this) continue;
      w.mask = (mask & IN_MASK_ADD) !== 0 ? w.mask | mask : mask;
      return w.wd;
    }
    if (this.user.inotifyWatches >= inode.sb.kernel.users.limits.inotifyWatches) return ENOSPC;
    const w = new Watch(this, inode, this.nextWd++, mask);
    (inode.marks ??= new Set<Watch>());
    (inode.marks as Set<Watch>).add(w);
    this.byWd.set(w.wd, w);
    this.user.inotifyWatches++;
    inode.sb.kernel.mounts.inotify.watches++;
    return w.wd;
  }

  watch(wd: number): Watch | undefined { return this.byWd.get(wd); }

  /** The watch ends; the reader learns of it through IN_IGNORED. */
  drop(w: Watch): void {
    this.forget(w);
    this.push({ wd: w.wd, mask: IN_IGNORED, cookie: 0, name: '' });
  }

  /** Queues an event; one equal to the last in the queue adds nothing. */
  push(e: WatchEvent): void {
    const last = this.events.at(-1);
    if (last !== undefined && last.wd === e.wd && last.mask === e.mask && last.cookie === e.cookie && last.name === e.name) return;
    if (this.events.length > MAX_QUEUED_EVENTS) return;
    this.events.push(this.events.length === MAX_QUEUED_EVENTS ? { wd: -1, mask: IN_Q_OVERFLOW, cookie: 0, name: '' } : e);
    this.queue.wake(POLLIN | POLLRDNORM);
  }

  override read(_t: Task, io: IoBuffer): number | Errno {
    let total = 0;
    while (this.events.length > 0) {
      const bytes = encode(this.events[0]!);
      if (bytes.length > io.remaining) return total > 0 ? total : EINVAL;
      const n = io.put(bytes, 0, bytes.length);
      if (n < bytes.length) return total > 0 ? total : n;
      total += n;
      this.events.shift();
    }
    return total > 0 ? total : EAGAIN;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    if (cmd !== FIONREAD) return ENOTTY;
    return t.user.storeU32(arg, this.events.reduce((sum, e) => sum + HEAD + nameLength(e.name), 0));
  }

  /** The user whose instance it is counts one less. */
  override release(): void {
    this.user.inotifyInstances--;
    for (const w of [...this.byWd.values()]) this.forget(w);
  }

  private forget(w: Watch): void {
    this.byWd.delete(w.wd);
    const marks = marksOf(w.inode);
    marks.delete(w);
    if (marks.size === 0) w.inode.marks = null;
    this.user.inotifyWatches--;
    w.inode.sb.kernel.mounts.inotify.watches--;
    w.inode.put();
  }
}

/** Names are padded with NULs to a multiple of the head's size. */
const nameLength = (name: string): number => name === '' ? 0 : Math.ceil((name.length + 1) / HEAD) * HEAD;

function encode(e: WatchEvent): Uint8Array {
  const length = nameLength(e.name);
  const bytes = new Uint8Array(HEAD + length);
  const words = new Int32Array(bytes.buffer, 0, 4);
  words[0] = e.wd;
  words[1] = e.mask;
  words[2] = e.cookie;
  words[3] = length;
  for (let i = 0; i < e.name.length; i++) bytes[HEAD + i] = e.name.charCodeAt(i);
  return bytes;
}
