// Inodes of files without a name: pipes, sockets, eventfds, epoll instances. They live on internal super blocks that nobody mounts.
import type { Fallible } from '../../abi/errno.ts';
import { ANON_INODE_FS_MAGIC, PIPEFS_MAGIC, SOCKFS_MAGIC } from '../../abi/statfs.ts';
import { isFifo, isSocket, S_IFDIR } from '../../abi/stat.ts';
import type { Kernel } from '../kernel.ts';
import { namelessDentry } from './dentry-cache.ts';
import { type AttrChange, Inode } from './inode.ts';
import { Path } from './mount.ts';
import type { OpenFile } from './open-file.ts';
import { applyChange } from './setattr.ts';
import { type FsStats, SuperBlock } from './super-block.ts';

/** pipefs, sockfs, anon_inodefs: `kernel.mounts.pipes`, `.sockets`, `.anon`. */
export class AnonSuperBlock extends SuperBlock {
  constructor(kernel: Kernel, fsType: 'anon_inodefs' | 'pipefs' | 'sockfs') {
    super(kernel, fsType, fsType);
    this.setRoot(new AnonInode(this, S_IFDIR | 0o555));
    this.get();
  }
  statfs(): Fallible<FsStats> {
    const type = this.fsType === 'pipefs' ? PIPEFS_MAGIC : this.fsType === 'sockfs' ? SOCKFS_MAGIC : ANON_INODE_FS_MAGIC;
    return { type, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
}

/** An inode that only descriptors lead to. */
export class AnonInode extends Inode {
  constructor(sb: AnonSuperBlock, mode: number) {
    super(sb, sb.kernel.nextIno(), mode);
    const t = sb.kernel.current as { cred: { fsuid: number; fsgid: number } } | undefined;
    this.uid = t?.cred.fsuid ?? 0;
    this.gid = t?.cred.fsgid ?? 0;
    const now = sb.kernel.realtime();
    this.atime = this.mtime = this.ctime = now;
  }
  override setattr(_t: unknown, change: AttrChange): 0 {
    applyChange(this, change);
    return 0;
  }
}

/** A fresh inode for a file without a name. `mode`: S_IFIFO | 0600 for pipes, S_IFSOCK | 0777 for sockets, 0600 (no type, as on Linux) for the rest. */
export function anonInode(kernel: Kernel, mode: number): Inode {
  const { pipes, sockets, anon } = kernel.mounts;
  return new AnonInode(isFifo(mode) ? pipes : isSocket(mode) ? sockets : anon, mode);
}

/** The path of an open file, made up for files without a name: what /proc/PID/fd/N leads to. Belongs to the file: borrow it. */
export function pathOf(file: OpenFile): Path {
  const { mounts } = file.inode.sb.kernel;
  return (file.path ??= new Path(mounts.anonMount, namelessDentry(mounts.anon.root, file.inode)).get());
}
