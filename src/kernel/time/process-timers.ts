// The end of a process' timers: at exit all of them, at execve the POSIX ones (timer_create(2), execve(2)).
import type { Process } from '../task/process.ts';
import type { Itimers } from './itimers.ts';
import type { PosixTimer } from './posix-timers.ts';

/** exit: nothing of the process fires any more. */
export function releaseProcessTimers(p: Process): void {
  releasePosixTimers(p);
  (p.itimers as Itimers | null)?.release();
  p.itimers = null;
}

/** execve: timers made by timer_create do not survive. */
export function releasePosixTimers(p: Process): void {
  for (const timer of p.posixTimers?.values() ?? []) (timer as PosixTimer).release();
  p.posixTimers = null;
}
