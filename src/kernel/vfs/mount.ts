// Mounts and paths: a path is a dentry seen through a mount.
import type { Dentry } from './dentry.ts';
import type { SuperBlock } from './super-block.ts';

export class Mount {
  readonly id: number;
  readonly sb: SuperBlock;
  /** Root of what is visible here (a bind mount shows a subtree). */
  readonly root: Dentry;
  /** Where it hangs; null for the root of the tree (or a detached mount). */
  parent: Mount | null;
  mountpoint: Dentry | null;
  /** MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME, MS_RELATIME ... per mount. */
  flags: number;
  children: Mount[] = [];
  refs = 0;

  constructor(id: number, sb: SuperBlock, root: Dentry, parent: Mount | null, mountpoint: Dentry | null, flags: number) {
    this.id = id;
    this.sb = sb;
    this.root = root;
    this.parent = parent;
    this.mountpoint = mountpoint;
    this.flags = flags;
  }
}

/** A reference-counted (mount, dentry) pair. Immutable: a walk makes new ones. */
export class Path {
  readonly mount: Mount;
  readonly dentry: Dentry;
  constructor(mount: Mount, dentry: Dentry) {
    this.mount = mount;
    this.dentry = dentry;
  }
  get(): this { this.mount.refs++; this.dentry.get(); return this; }
  put(): void { this.mount.refs--; this.dentry.put(); }
}
