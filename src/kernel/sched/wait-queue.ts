// Wait queues. Being woken promises nothing: the system call runs again and looks (house rule `try-dont-block`).
// A queue holds plain objects: tasks, epoll items, poll tables. No closures, so a sleeping machine can be saved.

/** Something that wants to hear when a file or object may have become ready. */
export abstract class Waiter {
  /** `events`: POLL* bits that may have become true; 0 = "look again, whatever you wait for". Must not touch the queue it is called from except `remove(this)`. */
  abstract notify(events: number): void;
}

/** Waiters in order of arrival. */
export class WaitQueue {
  readonly waiters = new Set<Waiter>();

  add(w: Waiter): void { this.waiters.add(w); }
  remove(w: Waiter): void { this.waiters.delete(w); }
  get isEmpty(): boolean { return this.waiters.size === 0; }

  /** Tells every waiter. Tasks leave the queue themselves when they wake (Task.notify). */
  wake(events = 0): void {
    if (this.waiters.size === 0) return;
    for (const w of this.waiters) w.notify(events);
  }
}
