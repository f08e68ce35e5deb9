// /sys/kernel/security/ima (Documentation/ABI/testing/ima_policy, IMA-templates.rst): the policy, to be read and added to; the measurement list in both forms.
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { EACCES, EPERM } from '../../abi/errno.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Entries } from '../pseudo/entry.ts';

const admin = (t: Task): 0 | typeof EACCES => (t.cred.has(CAP_SYS_ADMIN) ? 0 : EACCES);

/** A write to `policy` is taken whole: EINVAL, and nothing added, for a rule that cannot be understood. */
export const IMA_FILES: Entries<Kernel> = {
  'ima/ascii_runtime_measurements': { mode: 0o440, show: (_t, k) => k.security.ima.list.ascii },
  'ima/binary_runtime_measurements': { mode: 0o440, show: (_t, k) => k.security.ima.list.binary },
  'ima/policy': { mode: 0o600, guard: admin, show: (_t, k) => k.security.ima.policy, store: (t, k, text) => (t.cred.has(CAP_SYS_ADMIN) ? k.security.ima.load(text) : EPERM) },
  'ima/runtime_measurements_count': { mode: 0o440, show: (_t, k) => `${k.security.ima.list.count}\n` },
  'ima/violations': { mode: 0o440, show: (_t, k) => `${k.security.ima.list.violations}\n` },
};
