// Lockdown (kernel_lockdown(7)): what even root may not do to the kernel. One-way: the level only rises.
import { type Errno, EINVAL, EPERM } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import { printable } from './audit.ts';
import { type LockdownReason, SecurityModule } from './module.ts';

export const LEVELS = ['none', 'integrity', 'confidentiality'] as const;
export type LockdownLevel = typeof LEVELS[number];

/** The level from which a thing is forbidden: changing the kernel, or reading what it keeps to itself. */
const FORBIDDEN_FROM: Readonly<Record<LockdownReason, LockdownLevel>> = {
  'module': 'integrity', 'dev-mem': 'integrity', 'kexec': 'integrity', 'debugfs': 'integrity', 'kcore': 'confidentiality', 'perf': 'confidentiality', 'trace': 'confidentiality',
};

export class Lockdown extends SecurityModule {
  readonly name = 'lockdown';
  private current: LockdownLevel = 'none';

  get level(): LockdownLevel { return this.current; }

  /** EPERM for a level that is not higher than the current one. */
  raise(level: string): 0 | Errno {
    const to = LEVELS.indexOf(level as LockdownLevel);
    if (to < 0) return EINVAL;
    if (to <= LEVELS.indexOf(this.current)) return EPERM;
    this.current = LEVELS[to]!;
    return 0;
  }

  override lockedDown(t: Task, what: LockdownReason): 0 | Errno {
    if (LEVELS.indexOf(this.current) < LEVELS.indexOf(FORBIDDEN_FROM[what])) return 0;
    t.kernel.log.add(5, t.kernel.now(), `Lockdown: ${printable(t.name)}: ${what} is restricted; see man kernel_lockdown.7`);
    t.kernel.security.audit?.record({ event: 'lockdown', pid: t.tid, uid: t.cred.uid, comm: t.name, what });
    return EPERM;
  }

  /** /sys/kernel/security/lockdown. */
  get text(): string { return LEVELS.map(l => (l === this.current ? `[${l}]` : l)).join(' '); }
}
