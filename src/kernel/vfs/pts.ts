// Pseudo terminals by number, between the driver that makes them (drivers/tty/pty.ts) and the file systems that show them (fs/devpts).

export interface PtsEntry { readonly number: number; readonly uid: number; readonly rdev: number }

/** Hears of slaves that come and go. */
export abstract class PtsListener {
  abstract added(entry: PtsEntry): void;
  abstract removed(entry: PtsEntry): void;
}

export class PtsRegistry {
  readonly live = new Map<number, PtsEntry>();
  readonly listeners = new Set<PtsListener>();

  add(entry: PtsEntry): void {
    this.live.set(entry.number, entry);
    for (const l of this.listeners) l.added(entry);
  }
  remove(number: number): void {
    const entry = this.live.get(number);
    if (entry === undefined) return;
    this.live.delete(number);
    for (const l of this.listeners) l.removed(entry);
  }
}
