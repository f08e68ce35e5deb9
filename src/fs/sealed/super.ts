// `sealed`: an image of the store whose every bit is checked by this kernel. `mount -t sealed -o roothash=HEX TAG DIR`: TAG is a virtio-fs device that
// shows the image's directory. What is below the root hash cannot change unseen: a wrong page answers EIO, a wrong index cannot be mounted.
import { EINVAL, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { MS_RDONLY } from '../../abi/mount.ts';
import { isDirectory } from '../../abi/stat.ts';
import type { FuseTransport } from '../../kernel/device/fuse-transport.ts';
import type { VerifiedStore } from '../../kernel/integrity/verity.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { FileSystemType, type FsStats, SuperBlock } from '../../kernel/vfs/super-block.ts';
import type { ImageIndex } from '../../lib/image-index.ts';
import { SealedInode } from './inode.ts';
import { SealedSource } from './source.ts';

/** statfs(2) f_type: 'ksse'. */
const SEALED_MAGIC = 0x6b73_7365;

/** `mount -t sealed`. */
export class SealedType extends FileSystemType {
  override readonly name = 'sealed';
  private readonly transports: ReadonlyMap<string, FuseTransport>;

  /** `transports`: what the drivers have found, by tag. */
  constructor(transports: ReadonlyMap<string, FuseTransport>) {
    super();
    this.transports = transports;
  }

  override mount(t: Task, source: string, _flags: number, data: string): Fallible<SuperBlock> {
    const transport = this.transports.get(source);
    const rootHash = /^roothash=([0-9a-f]{64})$/.exec(data)?.[1];
    if (transport === undefined || rootHash === undefined) return EINVAL;
    const image = new SealedSource(transport, t.kernel.security.verity);
    const index = image.start(t, rootHash);
    if (isErr(index)) return index;
    if (index.nodes === 0 || !isDirectory(index.mode[0]!)) return EINVAL;
    return new SealedSuperBlock(t.kernel, source, image, index, rootHash);
  }
}

export class SealedSuperBlock extends SuperBlock implements VerifiedStore {
  readonly image: SealedSource;
  readonly index: ImageIndex;
  /** Inodes in memory by row of the index. */
  readonly inodes = new Map<number, SealedInode>();
  private readonly rootHash: string;

  constructor(kernel: Kernel, source: string, image: SealedSource, index: ImageIndex, rootHash: string) {
    super(kernel, 'sealed', source);
    this.image = image;
    this.index = index;
    this.rootHash = rootHash;
    this.flags |= MS_RDONLY;
    kernel.security.verity.stores.add(this);
    this.setRoot(this.inodeAt(0)!);
  }

  /** The inode of a row; null: the index speaks of one that it does not have. */
  inodeAt(row: number): SealedInode | null {
    let inode = this.inodes.get(row);
    if (inode === undefined) {
      if (!(row < this.index.nodes)) return null;
      inode = new SealedInode(this, row);
      this.inodes.set(row, inode);
    }
    return inode;
  }

  override statfs(): FsStats {
    return { type: SEALED_MAGIC, bsize: 4096, blocks: Math.ceil(this.index.packBytes / 4096), bfree: 0, bavail: 0, files: this.index.nodes, ffree: 0, namelen: 255 };
  }
  override showOptions(): string { return `,roothash=${this.rootHash}`; }

  /** How many cached pages are not what the image says. */
  recheck(t: Task): number {
    let wrong = 0;
    for (const inode of this.inodes.values()) wrong += inode.pages?.recheck(t) ?? 0;
    return wrong;
  }

  override setAccess(): 0 | Errno { return 0; }
  override unmount(): void {
    this.kernel.security.verity.stores.delete(this);
    this.image.connection.close(this.kernel.frames);
  }
}
