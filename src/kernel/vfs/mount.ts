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
  /** Paths that lead through it: open files, working directories. While there are any, umount2(2) says EBUSY. */
  refs = 0;
  /** Taken out of the tree: goes with its last path. */
  detached = false;

  constructor(id: number, sb: SuperBlock, root: Dentry, parent: Mount | null, mountpoint: Dentry | null, flags: number) {
    this.id = id;
    this.sb = sb.get();
    this.root = root.get();
    this.parent = parent;
    this.mountpoint = mountpoint;
    this.flags = flags;
  }
  /** Out of the tree: the file system goes now, or with the last path through here. */
  detach(): void {
    this.detached = true;
    this.refs++;
    this.unref();
  }
  unref(): void {
    if (--this.refs > 0 || !this.detached) return;
    this.root.put();
    this.sb.put();
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
  put(): void { this.dentry.put(); this.mount.unref(); }
}
