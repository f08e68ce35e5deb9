// The file systems that a machine starts with: its root, what Linux has at fixed places, and what the host shares (-v).
import { isErr, strerror } from '../abi/errno.ts';
import { MS_RDONLY, MS_RELATIME } from '../abi/mount.ts';
import { OverlaySuperBlock } from '../fs/overlay/super.ts';
import { TmpfsSuperBlock } from '../fs/tmpfs/super.ts';
import { UserError } from '../host/user-error.ts';
import { adoptRoot } from '../kernel/task/init.ts';
import type { Task } from '../kernel/task/task.ts';
import { Path } from '../kernel/vfs/mount.ts';
import type { SuperBlock } from '../kernel/vfs/super-block.ts';
import type { MachineRequest } from './contract.ts';
import { mountAt, mountStandard } from './mounts.ts';

/** A `-v` that cannot be shown in the guest. */
export class MountError extends UserError {
  constructor(target: string, why: string) { super(`cannot mount at ${target}: ${why}`); }
}

/** Mounts all of them for process 1. Throws MountError, or UserError for a sealed image that is not what it was. */
export function mountAll(t: Task, q: MachineRequest): void {
  const { kernel } = t, root = rootFileSystem(t, q);
  const mount = kernel.mounts.mountRoot(q.rootAccess === 'direct' ? root : overlay(t, root), MS_RELATIME);
  adoptRoot(t, new Path(mount, mount.root));
  const missing = q.rootAccess === 'direct' ? 'skip' : 'make';
  mountStandard(t, missing);
  if (q.rootAccess === 'read-only') mountAt(t, 'tmpfs', 'tmpfs', '/tmp', MS_RELATIME, 'mode=1777', 'skip');
  q.mounts.forEach((m, i) => {
    const r = mountAt(t, 'virtiofs', `mount${i}`, m.target, MS_RELATIME | (m.access === 'read-only' ? MS_RDONLY : 0), '', missing);
    if (isErr(r)) throw new MountError(m.target, strerror(r));
  });
  // Only now: mount points that the image lacks have been made in the layer above it.
  if (q.rootAccess === 'read-only') mount.flags |= MS_RDONLY;
}

function rootFileSystem(t: Task, { rootAccess, rootHash }: MachineRequest): SuperBlock {
  const { filesystems, log } = t.kernel;
  const sb = rootHash === undefined ? filesystems.get('virtiofs')!.mount(t, 'root', rootAccess === 'direct' ? 0 : MS_RDONLY, '')
    : filesystems.get('sealed')!.mount(t, 'root', MS_RDONLY, `roothash=${rootHash}`);
  if (!isErr(sb)) return sb;
  if (rootHash === undefined) throw new Error(`the root file system cannot be mounted: errno ${-sb}`);
  throw new UserError(`the sealed image is refused: ${[...log.lines].findLast(l => l.text.startsWith('verity'))?.text ?? strerror(sb)}`);
}

/** The image below, memory above: what the guest changes is gone with the machine. */
function overlay({ kernel }: Task, lower: SuperBlock): SuperBlock {
  const upper = new TmpfsSuperBlock(kernel, 'tmpfs', 'tmpfs', { mode: 0o755 });
  return new OverlaySuperBlock(kernel, 'overlay', { upper: upper.root.inode, lowers: [lower.root.inode!], options: 'lowerdir=image,upperdir=memory' });
}
