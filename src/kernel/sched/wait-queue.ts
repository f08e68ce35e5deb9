// Wait queues. Being woken promises nothing: the system call runs again and looks (house rule `try-dont-block`).
// A queue holds plain objects: tasks, epoll items, poll tables. No closures, so a sleeping machine can be saved.

/** Something that wants to hear when a file or object may have become ready. */
export abstract class Waiter {
  /** `events`: POLL* bits that may have become true; 0 = "look again, whatever you wait for". Must not touch the queue it is called from except `remove(this)`. */
  abstract notify(events: number): void;
  /** Of those that were added with addExclusive one is told: answers whether this one takes it upon itself. */
  offer(_events: number): boolean { return false; }
}

/** Waiters in order of arrival. */
export class WaitQueue {
  readonly waiters = new Set<Waiter>();
  /** Waiters of which one is enough (epoll_ctl(2), EPOLLEXCLUSIVE). Made on first use. */
  private exclusive: Set<Waiter> | null = null;

  add(w: Waiter): void { this.waiters.add(w); }
  addExclusive(w: Waiter): void { (this.exclusive ??= new Set()).add(w); }
  remove(w: Waiter): void {
    this.waiters.delete(w);
    if (this.exclusive !== null) this.exclusive.delete(w);
  }
  get isEmpty(): boolean { return this.waiters.size === 0 && (this.exclusive === null || this.exclusive.size === 0); }

  /** Tells every waiter, and one of those of which one is enough. Tasks leave the queue themselves when they wake (Task.notify). */
  wake(events = 0): void {
    if (this.waiters.size > 0) for (const w of this.waiters) w.notify(events);
    if (this.exclusive !== null) for (const w of this.exclusive) if (w.offer(events)) return;
  }
}
