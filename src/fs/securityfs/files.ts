// The files of securityfs: which modules there are, what lockdown forbids. Others add their tables here.
import type { Kernel } from '../../kernel/kernel.ts';
import type { Entries } from '../pseudo/entry.ts';

const GENERAL: Entries<Kernel> = {
  /** Without a newline, as Linux has it. */
  'lsm': { mode: 0o444, show: (_t, k) => k.security.names },
  /** One-way (lockdown.ts); whoever may write to the file may raise it. */
  'lockdown': { mode: 0o644, show: (_t, k) => `${k.security.lockdown.text}\n`, store: (_t, k, text) => k.security.lockdown.raise(text.replace(/\n$/, '')) },
};

/** By path below /sys/kernel/security. */
export const SECURITY_FILES: Entries<Kernel> = { ...GENERAL };
