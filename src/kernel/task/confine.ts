// What a command is confined by from its first instruction on: the process-wide part of a sandbox, as plain data. Capabilities are in its credentials.
import { imposeFilter } from '../security/seccomp.ts';
import type { Task } from './task.ts';

export interface Confinement {
  readonly noNewPrivs: boolean;
  /** RLIMIT_* that differ from the defaults. */
  readonly limits: readonly { readonly resource: number; readonly soft: number; readonly hard: number }[];
  /** A compiled seccomp filter (security/bpf.ts); null: none. */
  readonly filter: Int32Array | null;
}

/** Before the first program is loaded: the way to it is the host's, and not judged. */
export function confine(t: Task, c: Confinement): void {
  t.noNewPrivs = c.noNewPrivs;
  for (const { resource, soft, hard } of c.limits) t.process.rlimits[resource] = { soft, hard };
  if (c.filter !== null) imposeFilter(t, c.filter);
}
