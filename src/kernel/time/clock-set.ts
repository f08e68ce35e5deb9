// The wall clock is set: clock_settime(2), settimeofday(2), ADJ_SETOFFSET. What waits for an instant on CLOCK_REALTIME keeps waiting for that instant,
// which has come nearer or gone further away; relative waits are not touched (POSIX, clock_settime).
import type { Kernel } from '../kernel.ts';
import type { ClockFollower } from './wall-clock.ts';

/** CLOCK_REALTIME reads `sec`.`nsec` now. */
export function setRealtime(k: Kernel, sec: number, nsec: number): void { moved(k, k.clock.set(sec, nsec)); }

/** CLOCK_REALTIME reads so much more than it did. */
export function stepRealtime(k: Kernel, sec: number, nsec: number): void {
  k.clock.step(sec, nsec);
  moved(k, sec * 1e9 + nsec);
}

function moved(k: Kernel, byNs: number): void {
  for (const follower of [...k.clock.followers]) (follower as ClockFollower).clockMoved(byNs);
  for (const t of k.pids.tasks.values()) {
    const { restart } = t;
    if (restart === null || !restart.isRealtime || restart.deadlineNs === Infinity) continue;
    restart.deadlineNs = Math.max(0, restart.deadlineNs - byNs);
    if (t.sleepTimer !== 0) k.armSleep(t, restart.deadlineNs);
  }
}
