// Process and thread ids: one number space, handed out cyclically (pid_max), freed when nothing bears the number any more.
import type { Process, ProcessGroup, Session } from './process.ts';
import type { Task } from './task.ts';

export const PID_MAX = 32768;

export class PidTable {
  readonly tasks = new Map<number, Task>();
  readonly processes = new Map<number, Process>();
  readonly groups = new Map<number, ProcessGroup>();
  readonly sessions = new Map<number, Session>();
  private lastPid = 0;
  /** Tasks created since boot, for /proc/stat. */
  forks = 0;

  /** A fresh number, or -1 when all are taken (EAGAIN). */
  allocate(): number {
    for (let i = 0; i < PID_MAX; i++) {
      this.lastPid = this.lastPid >= PID_MAX - 1 ? 1 : this.lastPid + 1;
      if (!this.inUse(this.lastPid)) {
        this.forks++;
        return this.lastPid;
      }
    }
    return -1;
  }
  /** This very number, or -1 when somebody has it. */
  claim(n: number): number {
    if (this.inUse(n)) return -1;
    this.forks++;
    return n;
  }
  get last(): number { return this.lastPid; }

  private inUse(n: number): boolean { return this.tasks.has(n) || this.processes.has(n) || this.groups.has(n) || this.sessions.has(n); }
}
