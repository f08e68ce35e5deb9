// The end of the machine: something is not as it must be, and going on could only make it worse (Linux: panic()). A report into the log at the highest
// level, which hosts print; no task runs any more, nothing is written to disks, and who waits for a process is told that the machine is gone.
import { taintLetters } from './taint.ts';
import type { Kernel } from './kernel.ts';

export function panic(k: Kernel, why: string, details: readonly string[] = []): void {
  if (k.halted === 'panic') return;
  k.halted = 'panic';
  k.sched.needResched = true;
  const now = k.now(), t = k.current;
  const lines = [
    `Kernel panic - not syncing: ${why}`, ...details.map(d => `  ${d}`),
    `task ${t?.name || '?'}[${t?.tid ?? 0}], up ${(now / 1e9).toFixed(3)} s, ${k.taint === 0 ? 'not tainted' : `tainted: ${taintLetters(k.taint)}`}`,
    `---[ end Kernel panic - not syncing: ${why} ]---`,
  ];
  k.log.add(0, now, lines.join('\n'));
  k.security.audit?.record({ event: 'integrity', pid: t?.tid ?? 0, uid: t?.cred.uid ?? 0, comm: t?.name ?? '', panic: why, details });
}
