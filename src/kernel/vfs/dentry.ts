// Dentries: names that were looked up, positive or negative (Linux: the dcache). The tree of names of one super block.
import type { Inode } from './inode.ts';
import type { Mount } from './mount.ts';
import type { SuperBlock } from './super-block.ts';

export class Dentry {
  readonly sb: SuperBlock;
  name: string;
  parent: Dentry | null;
  /** null: a negative dentry, "this name is known not to exist". */
  inode: Inode | null;
  children: Map<string, Dentry> | null = null;
  /** Mounts on top of this dentry, over all mount points (a quick test before the mount table is asked). */
  mountCount = 0;
  /** True once it was unlinked or renamed over: getcwd says ENOENT, /proc shows ' (deleted)'. */
  unlinked = false;
  /** Paths, open files, cwd and root, mounts, and children that hold it. */
  refs = 0;

  constructor(sb: SuperBlock, name: string, parent: Dentry | null, inode: Inode | null) {
    this.sb = sb;
    this.name = name;
    this.parent = parent;
    this.inode = inode;
    inode?.get();
  }
  get(): this { this.refs++; return this; }
  put(): void { this.refs--; }
}

/** Type-only anchor: mounts know dentries, dentries are looked up by mount. */
export type MountedOn = Mount;
