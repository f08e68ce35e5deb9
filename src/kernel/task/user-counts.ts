// What each user keeps in the kernel, over all its processes: the limits of setrlimit(2), inotify(7), epoll(7) and pipe(7) that are "per real user ID"
// compare with this. Whoever counts something keeps the UserCounts it was counted in: ids change, and it is given back where it was taken.

/** Before so many entries there is nothing to tidy up. */
const TIDY_FROM = 1024;
const PIPE_USER_PAGES_SOFT = 16_384, MAX_USER_INSTANCES = 128, MAX_USER_WATCHES = 65_536;

/** max_user_watches of epoll(7): a twenty-fifth of RAM at so many bytes each. */
const EPOLL_SHARE = 1 / 25, EPOLL_ITEM = 160;
export const epollWatchesFor = (ramBytes: number): number => Math.floor(ramBytes * EPOLL_SHARE / EPOLL_ITEM);

export class UserCounts {
  /** Queued signals and POSIX timers: RLIMIT_SIGPENDING. */
  signals = 0;
  /** Room for the messages of POSIX queues: RLIMIT_MSGQUEUE. */
  messageBytes = 0;
  /** System V segments locked by SHM_LOCK, in pages: RLIMIT_MEMLOCK. (mlock(2) counts for each process by itself.) */
  lockedPages = 0;
  /** Capacities of pipes. */
  pipePages = 0;
  inotifyInstances = 0;
  inotifyWatches = 0;
  epollWatches = 0;

  get total(): number {
    return this.signals + this.messageBytes + this.lockedPages + this.pipePages + this.inotifyInstances + this.inotifyWatches + this.epollWatches;
  }
}

/** /proc/sys/fs: what one user may have; 0 is no limit for pipes. */
export class UserLimits {
  pipePagesSoft = PIPE_USER_PAGES_SOFT;
  pipePagesHard = 0;
  inotifyInstances = MAX_USER_INSTANCES;
  inotifyWatches = MAX_USER_WATCHES;
  epollWatches: number;
  constructor(epollWatches: number) { this.epollWatches = epollWatches; }
}

/** `kernel.users`. */
export class UserTable {
  readonly limits: UserLimits;
  private readonly byUid = new Map<number, UserCounts>();
  private tidyAt = TIDY_FROM;
  constructor(limits: UserLimits) { this.limits = limits; }

  /** Not to be kept without counting something in it. */
  of(uid: number): UserCounts {
    let counts = this.byUid.get(uid);
    if (counts === undefined) {
      if (this.byUid.size >= this.tidyAt) this.tidy();
      this.byUid.set(uid, (counts = new UserCounts()));
    }
    return counts;
  }

  /** All that is counted anywhere: 0 when nobody keeps anything. */
  get total(): number {
    let sum = 0;
    for (const c of this.byUid.values()) sum += c.total;
    return sum;
  }

  /** Users that keep nothing need not be remembered. */
  private tidy(): void {
    for (const [uid, c] of this.byUid) if (c.total === 0) this.byUid.delete(uid);
    this.tidyAt = Math.max(TIDY_FROM, 2 * this.byUid.size);
  }
}
