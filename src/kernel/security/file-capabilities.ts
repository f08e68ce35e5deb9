// File capabilities: the attribute security.capability (capabilities(7), "File capabilities"), versions 2 and 3.
import { type Errno, EINVAL, isErr } from '../../abi/errno.ts';
import { VFS_CAP_FLAGS_EFFECTIVE, VFS_CAP_REVISION_2, VFS_CAP_REVISION_3, VFS_CAP_REVISION_MASK } from '../../abi/capability.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from '../vfs/inode.ts';

export const CAPABILITY_XATTR = 'security.capability';
const SIZE_2 = 20, SIZE_3 = 24;

export interface FileCapabilities {
  readonly permitted: readonly [number, number];
  readonly inheritable: readonly [number, number];
  readonly effective: boolean;
}

/** What a program's file brings; null: nothing that counts here. */
export function fileCapabilities(t: Task, inode: Inode): FileCapabilities | null {
  if (!inode.hasFileCaps) return null;
  const bytes = inode.getxattr(t, CAPABILITY_XATTR);
  if (isErr(bytes) || checkCapabilities(bytes) !== 0) return null;
  const d = new DataView(bytes.buffer, bytes.byteOffset);
  const word = (at: number): number => d.getUint32(at, true);
  // Version 3 belongs to a user namespace by its root; ours is user 0.
  if (bytes.length === SIZE_3 && word(20) !== 0) return null;
  return {
    permitted: [word(4), word(12)], inheritable: [word(8), word(16)], effective: (word(0) & VFS_CAP_FLAGS_EFFECTIVE) !== 0,
  };
}

/** setxattr(2): EINVAL for what is not such a value. */
export function checkCapabilities(bytes: Uint8Array): 0 | Errno {
  if (bytes.length !== SIZE_2 && bytes.length !== SIZE_3) return EINVAL;
  const magic = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const revision = (magic & VFS_CAP_REVISION_MASK) >>> 0;
  if ((magic & ~VFS_CAP_REVISION_MASK & ~VFS_CAP_FLAGS_EFFECTIVE) !== 0) return EINVAL;
  return revision === (bytes.length === SIZE_2 ? VFS_CAP_REVISION_2 : VFS_CAP_REVISION_3) ? 0 : EINVAL;
}

/** The contents or the owner have changed: nobody vouches for the program any more. */
export function dropCapabilities(t: Task, inode: Inode): void {
  if (inode.hasFileCaps) inode.removexattr(t, CAPABILITY_XATTR);
}
