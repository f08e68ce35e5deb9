// epoll instances (epoll(7)). An item listens on its file's wait queue and puts itself on the ready list; a wait looks only at that list, so
// its cost follows the number of ready files. Level-triggered items go back to the tail of the list until they are found idle.
import { type Errno, EEXIST, EINVAL, ELOOP, ENOENT, ENOSPC } from '../../abi/errno.ts';
import { EPOLLET, EPOLLEXCLUSIVE, EPOLLONESHOT, EPOLLWAKEUP, POLLERR, POLLHUP, POLLIN, POLLRDNORM } from '../../abi/poll.ts';
import { O_RDWR } from '../../abi/fcntl.ts';
import { Waiter, WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import { OpenFile } from '../vfs/open-file.ts';

/** Epoll files may watch epoll files this deep. */
const MAX_NESTING = 4;
const FLAGS = EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP;
/** Reported whether asked for or not. */
const ALWAYS = POLLERR | POLLHUP;

/** One registration: a description under the descriptor number it was added with. */
export class EpollItem extends Waiter {
  readonly epoll: EpollFile;
  readonly file: OpenFile;
  readonly fd: number;
  /** EPOLL* as given to epoll_ctl. */
  events: number;
  dataLo: number;
  dataHi: number;
  /** Another description that was added under the same number before. */
  next: EpollItem | null = null;

  constructor(epoll: EpollFile, file: OpenFile, fd: number, events: number, dataLo: number, dataHi: number) {
    super();
    this.epoll = epoll;
    this.file = file;
    this.fd = fd;
    this.events = events | ALWAYS;
    this.dataLo = dataLo;
    this.dataHi = dataHi;
  }

  /** What it reports: nothing once EPOLLONESHOT has fired. */
  get mask(): number { return this.events & ~FLAGS; }

  /** Waiter: the file may have become ready. */
  override notify(events: number): void {
    if (events !== 0 && (events & this.mask) === 0) return;
    if (this.mask !== 0) this.epoll.makeReady(this);
  }

  /** Waiter, with EPOLLEXCLUSIVE: somebody who waits for this instance is woken; without one the next instance is asked, too. */
  override offer(events: number): boolean {
    if (this.mask === 0 || (events !== 0 && (events & this.mask) === 0)) return false;
    const isAwaited = !this.epoll.waiters.isEmpty;
    this.epoll.makeReady(this);
    return isAwaited;
  }

  /** The file is gone, or EPOLL_CTL_DEL. */
  drop(): void { this.epoll.forget(this); }
}

export class EpollFile extends OpenFile {
  private readonly byFd = new Map<number, EpollItem>();
  /** Items to look at, oldest first. */
  private readonly ready = new Set<EpollItem>();
  private readonly queue = new WaitQueue();

  /** The user whose watches its items are. */
  private readonly user: number;

  constructor(t: Task) {
    super(anonInode(t.kernel, 0o600), O_RDWR);
    this.user = t.cred.uid;
  }

  override get anonName(): string { return 'anon_inode:[eventpoll]'; }
  override get waiters(): WaitQueue { return this.queue; }
  /** Moves nothing, and is no error. */
  override seek(): number { return 0; }

  override poll(t: Task): number {
    for (const item of this.ready) {
      if ((item.file.poll(t) & item.mask) !== 0) return POLLIN | POLLRDNORM;
      this.ready.delete(item);
    }
    return 0;
  }

  /** epoll_ctl(2) EPOLL_CTL_ADD. `file` can be waited for (it has a wait queue). */
  add(t: Task, file: OpenFile, fd: number, events: number, dataLo: number, dataHi: number): 0 | Errno {
    if (this.find(file, fd) !== null) return EEXIST;
    if (file instanceof EpollFile && (file.reaches(this, MAX_NESTING) || this.depthAbove() + file.depth() > MAX_NESTING)) return ELOOP;
    const { users } = t.kernel, counts = users.of(this.user);
    if (counts.epollWatches >= users.limits.epollWatches) return ENOSPC;
    counts.epollWatches++;
    const item = new EpollItem(this, file, fd, events, dataLo, dataHi);
    item.next = this.byFd.get(fd) ?? null;
    this.byFd.set(fd, item);
    (file.epollItems ??= []).push(item);
    if ((events & EPOLLEXCLUSIVE) !== 0) file.waiters?.addExclusive(item);
    else file.waiters?.add(item);
    if ((file.poll(t) & item.mask) !== 0) this.makeReady(item);
    return 0;
  }

  modify(t: Task, file: OpenFile, fd: number, events: number, dataLo: number, dataHi: number): 0 | Errno {
    const item = this.find(file, fd);
    if (item === null) return ENOENT;
    if ((item.events & EPOLLEXCLUSIVE) !== 0) return EINVAL;
    item.events = events | ALWAYS;
    item.dataLo = dataLo;
    item.dataHi = dataHi;
    if ((file.poll(t) & item.mask) !== 0) this.makeReady(item);
    return 0;
  }

  delete(file: OpenFile, fd: number): 0 | Errno {
    const item = this.find(file, fd);
    if (item === null) return ENOENT;
    item.drop();
    return 0;
  }

  /** Takes what is ready, up to `max` items, through `sink`; how many. EFAULT from the sink ends it. */
  collect(t: Task, max: number, sink: EpollSink): number | Errno {
    let taken = 0;
    for (let left = this.ready.size; left > 0 && taken < max; left--) {
      const item = this.first()!;
      this.ready.delete(item);
      const events = item.file.poll(t) & item.mask;
      if (events === 0) continue;
      const stored = sink.event(taken, events, item.dataLo, item.dataHi);
      if (stored !== 0) {
        this.ready.add(item);
        return taken > 0 ? taken : stored;
      }
      taken++;
      if ((item.events & EPOLLONESHOT) !== 0) item.events &= FLAGS;
      else if ((item.events & EPOLLET) === 0) this.ready.add(item);
    }
    return taken;
  }

  makeReady(item: EpollItem): void {
    this.ready.add(item);
    this.queue.wake(POLLIN | POLLRDNORM);
  }

  forget(item: EpollItem): void {
    this.inode.sb.kernel.users.of(this.user).epollWatches--;
    item.file.waiters?.remove(item);
    const of = item.file.epollItems!;
    of.splice(of.indexOf(item), 1);
    this.ready.delete(item);
    const head = this.byFd.get(item.fd)!;
    if (head !== item) {
      for (let i = head; i.next !== null; i = i.next) if (i.next === item) { i.next = item.next; break; }
    } else if (item.next === null) {
      this.byFd.delete(item.fd);
    } else {
      this.byFd.set(item.fd, item.next);
    }
  }

  /** Registrations, for /proc/PID/fdinfo. */
  *items(): IterableIterator<EpollItem> {
    for (let item of this.byFd.values()) for (;;) {
      yield item;
      if (item.next === null) break;
      item = item.next;
    }
  }

  override release(): void {
    for (const item of this.items()) this.forget(item);
  }

  private first(): EpollItem | undefined {
    for (const item of this.ready) return item;
    return undefined;
  }

  private find(file: OpenFile, fd: number): EpollItem | null {
    let item = this.byFd.get(fd) ?? null;
    while (item !== null && item.file !== file) item = item.next;
    return item;
  }

  /** Would watching us close a loop through `other`? */
  private reaches(other: EpollFile, depth: number): boolean {
    if (this === other || depth < 0) return true;
    for (const item of this.items()) if (item.file instanceof EpollFile && item.file.reaches(other, depth - 1)) return true;
    return false;
  }

  /** Longest chain of epoll files below, this one included. */
  private depth(): number {
    let d = 0;
    for (const item of this.items()) if (item.file instanceof EpollFile) d = Math.max(d, item.file.depth());
    return d + 1;
  }

  /** Longest chain of epoll files that watch this one. */
  private depthAbove(): number {
    let d = 0;
    for (const item of this.epollItems ?? []) d = Math.max(d, item.epoll.depthAbove() + 1);
    return d;
  }
}

/** Receives the events of `collect`. */
export abstract class EpollSink {
  abstract event(index: number, events: number, dataLo: number, dataHi: number): 0 | Errno;
}
