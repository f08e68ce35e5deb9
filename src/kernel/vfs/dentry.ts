// Dentries: names that were looked up, positive or negative (Linux: the dcache). The tree of names of one super block.
// A dentry holds its inode and its parent. One that nobody holds stays in its super block's DentryCache until that is full; an unlinked one
// goes with its last holder, so that the inode (and its frames) go too.
import { inodeRemoved } from './notify.ts';
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
  /** True once it was unlinked or renamed over: getcwd says ENOENT, /proc shows ' (deleted)'. Such a dentry is in no parent's `children`. */
  unlinked = false;
  /** Used since the cache last looked for victims (second chance). */
  referenced = true;
  /** Paths, open files, cwd and root, mounts, and children that hold it. */
  refs = 0;

  constructor(sb: SuperBlock, name: string, parent: Dentry | null, inode: Inode | null) {
    this.sb = sb;
    this.name = name;
    this.parent = parent?.get() ?? null;
    this.inode = inode?.get() ?? null;
  }
  get(): this { this.refs++; return this; }
  put(): void {
    if (--this.refs === 0 && this.unlinked) this.release();
  }

  /** Nobody can reach it any more. */
  release(): void { releaseChain(this); }
}

/** Lets inode and parent go, and removed parents after it: a loop, because chains of removed directories can be long. */
function releaseChain(first: Dentry): void {
  let d = first;
  for (;;) {
    const { inode, parent } = d;
    d.inode = null;
    d.parent = null;
    if (inode !== null) {
      if (inode.marks !== null && inode.nlink === 0) inodeRemoved(inode);
      inode.put();
    }
    if (parent === null || --parent.refs > 0 || !parent.unlinked) return;
    d = parent;
  }
}

/** Type-only anchor: mounts know dentries, dentries are looked up by mount. */
export type MountedOn = Mount;
