// What fs-verity, dm-verity and the audit have in common: who keeps verified pages, how many were found wrong, and what is said about it. A block that is
// not what was promised answers EIO, counts, and leaves an audit record (Documentation/admin-guide/device-mapper/verity.rst, fsverity.rst).
import { EIO, type Errno } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import { printable } from '../security/audit.ts';

/** Somebody whose cached pages can be compared with what they were promised to be. */
export abstract class VerifiedStore {
  /** Looks at every page in memory again, and only there; how many are wrong (each was reported). */
  abstract recheck(t: Task): number;
}

/** Where a wrong block was found. */
export type VerityWhere = 'data' | 'tree' | 'header' | 'index' | 'seal' | 'memory';

export class Verity {
  /** Blocks that were hashed and found right, and wrong ones: /sys/kernel/security/verity. */
  verified = 0;
  corrupted = 0;
  readonly stores = new Set<VerifiedStore>();

  /** A block of `device` (an image, a file) is not what it should be: always EIO. */
  corrupt(t: Task, device: string, where: VerityWhere, block: number): typeof EIO {
    this.corrupted++;
    const { kernel } = t;
    kernel.log.add(3, kernel.now(), `verity: ${printable(device)}: ${where} block ${block} is corrupted`);
    kernel.security.audit?.record({ event: 'integrity', pid: t.tid, uid: t.cred.uid, comm: t.name, module: 'verity', op: `verify-${where}`, device, block, res: 0 });
    return EIO;
  }

  /** The content audit: every verified page that is in memory, hashed again. How many are wrong. */
  recheck(t: Task): number {
    let wrong = 0;
    for (const s of this.stores) wrong += s.recheck(t);
    return wrong;
  }
}

/** A result of `corrupt` or of reading. */
export type Checked = 0 | Errno;
