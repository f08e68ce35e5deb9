// The tree of mounts (mount(2), umount2(2), pivot_root(2), mount_namespaces(7)): what hangs where. One namespace so far.
// Order of `all` is order of mounting, as /proc/mounts shows it.
import { type Errno, type Fallible, EBUSY, EINVAL, ELOOP, ENOTDIR, ENOSPC } from '../../abi/errno.ts';
import { MS_NOATIME, MS_NODEV, MS_NODIRATIME, MS_NOEXEC, MS_NOSUID, MS_NOSYMFOLLOW, MS_RDONLY, MS_RELATIME, MS_REC } from '../../abi/mount.ts';
import { isDirectory } from '../../abi/stat.ts';
import type { Kernel } from '../kernel.ts';
import { AnonSuperBlock } from './anon-inode.ts';
import type { Dentry } from './dentry.ts';
import { InotifyTable } from './notify.ts';
import { LockTable } from './locks.ts';
import { Mount, Path } from './mount.ts';
import type { SuperBlock } from './super-block.ts';

/** Flags that belong to a mount, not to its file system. */
export const MOUNT_FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_NOSYMFOLLOW;

/** /proc/sys/fs/mount-max; Linux counts each name space, here there is one. */
export const MOUNT_MAX = 100_000;

export class MountTable {
  readonly kernel: Kernel;
  /** Mounts in the tree, oldest first. */
  readonly all = new Set<Mount>();
  /** Homes of the inodes of pipes, sockets and other files without a name, by kind: st_dev and /proc/PID/fd tell them apart. */
  readonly anon: AnonSuperBlock;
  readonly pipes: AnonSuperBlock;
  readonly sockets: AnonSuperBlock;
  /** A mount nobody sees, so that files without a name have a path where one is needed (/proc/PID/fd). */
  readonly anonMount: Mount;
  readonly locks = new LockTable();
  readonly inotify = new InotifyTable();
  /** Counts changes: /proc/mounts polls on it. */
  generation = 0;
  private nextId = 20;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.anon = new AnonSuperBlock(kernel, 'anon_inodefs');
    this.pipes = new AnonSuperBlock(kernel, 'pipefs');
    this.sockets = new AnonSuperBlock(kernel, 'sockfs');
    this.anonMount = new Mount(0, this.anon, this.anon.root, null, null, 0);
  }

  /** The first mount: the root of everything. */
  mountRoot(sb: SuperBlock, flags: number): Mount { return this.attach(sb, sb.root, null, flags); }

  /** Hangs a file system at `at`. Directories over directories, files over files (bind mounts). */
  mount(sb: SuperBlock, at: Path, flags: number): Fallible<Mount> {
    const r = mayCover(sb.root, at) || this.room(1);
    return r === 0 ? this.attach(sb, sb.root, at, flags) : r;
  }

  /** MS_BIND: shows what is at `source` at `at` too; with MS_REC, the mounts below it as well. */
  bind(source: Path, at: Path, flags: number): Fallible<Mount> {
    const r = mayCover(source.dentry, at);
    if (r !== 0) return r;
    const below = (flags & MS_REC) !== 0 ? this.below(source) : [];
    const room = this.room(1 + below.length);
    if (room !== 0) return room;
    const copy = this.attach(source.mount.sb, source.dentry, at, source.mount.flags);
    const copies = new Map<Mount, Mount>([[source.mount, copy]]);
    for (const m of below) {
      const parent = copies.get(m.parent!);
      if (parent !== undefined) copies.set(m, this.attach(m.sb, m.root, new Path(parent, m.mountpoint!), m.flags));
    }
    return copy;
  }

  /** MS_MOVE. */
  move(from: Path, to: Path): 0 | Errno {
    const { mount } = from;
    if (from.dentry !== mount.root || mount.parent === null) return EINVAL;
    const r = mayCover(mount.root, to);
    if (r !== 0) return r;
    for (let m: Mount | null = to.mount; m !== null; m = m.parent) if (m === mount) return ELOOP;
    this.unhang(mount);
    this.hang(mount, to);
    return 0;
  }

  /** MS_REMOUNT: per-mount flags; the file system itself stays as it is. */
  remount(mount: Mount, flags: number): void {
    mount.flags = flags & MOUNT_FLAGS;
    this.generation++;
  }

  /** EBUSY while files are open, directories used, or mounts hang below, unless `lazy` (MNT_DETACH). `held`: references the caller has itself. */
  unmount(mount: Mount, how: 'strict' | 'lazy', held: number): 0 | Errno {
    if (mount.parent === null) return EINVAL;
    if (how === 'strict' && (mount.refs > held || mount.children.length > 0)) return EBUSY;
    this.detach(mount);
    return 0;
  }

  /** What hangs at this place, the topmost last: walk again from its root. */
  mountedOn(parent: Mount, at: Dentry): Mount | null {
    for (let i = parent.children.length - 1; i >= 0; i--) {
      const m = parent.children[i]!;
      if (m.mountpoint === at) return m;
    }
    return null;
  }

  /** pivot_root(2): `newRoot` becomes the root of the tree, the old root hangs at `putOld` below it; tasks that stood on the old root move along. */
  pivot(newRoot: Path, putOld: Path, oldRoot: Path): 0 | Errno {
    const r = mayPivot(newRoot, putOld, oldRoot);
    if (r !== 0) return r;
    const old = oldRoot.mount;
    const top = newRoot.mount;
    const place = old.parent === null ? null : new Path(old.parent, old.mountpoint!);
    this.unhang(top);
    if (place !== null) {
      this.unhang(old);
      this.hang(top, place);
    }
    this.hang(old, putOld);
    return 0;
  }

  private room(more: number): 0 | Errno { return this.all.size + more > MOUNT_MAX ? ENOSPC : 0; }

  private attach(sb: SuperBlock, root: Dentry, at: Path | null, flags: number): Mount {
    const m = new Mount(this.nextId++, sb, root, null, null, flags & MOUNT_FLAGS);
    if (at !== null) this.hang(m, at);
    this.all.add(m);
    this.generation++;
    return m;
  }

  private detach(mount: Mount): void {
    for (const child of mount.children.slice()) this.detach(child);
    this.unhang(mount);
    this.all.delete(mount);
    mount.detach();
  }

  private hang(m: Mount, at: Path): void {
    m.parent = at.mount;
    m.mountpoint = at.dentry.get();
    at.dentry.mountCount++;
    at.mount.children.push(m);
    this.generation++;
  }

  private unhang(m: Mount): void {
    if (m.parent === null || m.mountpoint === null) return;
    m.parent.children.splice(m.parent.children.indexOf(m), 1);
    m.mountpoint.mountCount--;
    m.mountpoint.put();
    m.parent = null;
    m.mountpoint = null;
    this.generation++;
  }

  /** Mounts below a path, parents first. */
  private below(top: Path): Mount[] {
    const found: Mount[] = [];
    const visit = (m: Mount): void => {
      for (const child of m.children) {
        if (m === top.mount && !isBelow(child.mountpoint!, top.dentry)) continue;
        found.push(child);
        visit(child);
      }
    };
    visit(top.mount);
    return found;
  }
}

/** Is `d` `ancestor` or below it? */
export function isBelow(d: Dentry, ancestor: Dentry): boolean {
  for (let at: Dentry | null = d; at !== null; at = at.parent) if (at === ancestor) return true;
  return false;
}

function mayCover(root: Dentry, at: Path): 0 | Errno {
  return isDirectory(root.inode!.mode) === isDirectory(at.dentry.inode!.mode) ? 0 : ENOTDIR;
}

function mayPivot(newRoot: Path, putOld: Path, oldRoot: Path): 0 | Errno {
  if (newRoot.mount === oldRoot.mount || putOld.mount === oldRoot.mount) return EBUSY;
  if (newRoot.dentry !== newRoot.mount.root || oldRoot.dentry !== oldRoot.mount.root) return EINVAL;
  if (newRoot.mount.parent === null) return EINVAL;
  for (let m: Mount | null = putOld.mount, d = putOld.dentry; m !== null; d = m.mountpoint!, m = m.parent) {
    if (m === newRoot.mount) return isBelow(d, newRoot.dentry) ? 0 : EINVAL;
    if (m.parent === null) break;
  }
  return EINVAL;
}
