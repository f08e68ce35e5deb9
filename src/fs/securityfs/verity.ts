// /sys/kernel/security/verity: how many blocks of sealed images and fs-verity files were hashed and right, how many wrong; writing to `recheck` hashes every
// verified page that is in memory once more, and answers EIO if one is not what it was.
import { EIO } from '../../abi/errno.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Entries } from '../pseudo/entry.ts';

export const VERITY_FILES: Entries<Kernel> = {
  'verity/verified': { mode: 0o444, show: (_t, k) => `${k.security.verity.verified}\n` },
  'verity/corrupted': { mode: 0o444, show: (_t, k) => `${k.security.verity.corrupted}\n` },
  'verity/recheck': { mode: 0o600, show: () => '', store: (t, k) => (k.security.verity.recheck(t) === 0 ? 0 : EIO) },
};
