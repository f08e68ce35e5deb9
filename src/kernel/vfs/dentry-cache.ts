// The dentry cache of a super block: finds a name through its parent, asks the file system once, remembers the answer, and forgets the
// answers that nobody used lately when there are too many. Also how names appear, go and move when the VFS changes a directory.
import { type Fallible, BLOCKED, ENAMETOOLONG, ENOENT, ERESTARTSYS, isErr } from '../../abi/errno.ts';
import { NAME_MAX } from '../../abi/limits.ts';
import type { Task } from '../task/task.ts';
import { Dentry } from './dentry.ts';
import type { Inode } from './inode.ts';

/** Names kept per super block, held ones included. */
const LIMIT = 16384;
/** Candidates looked at per new name once the cache is full: more than one on average would shrink it faster than it grows. */
const SCAN = 8;

export class DentryCache {
  /** Hashed dentries below the root, oldest first. */
  readonly names = new Set<Dentry>();

  add(d: Dentry): void {
    if (this.names.size >= LIMIT) this.shrink();
    this.names.add(d);
  }
  remove(d: Dentry): void { this.names.delete(d); }

  /** Second chance: held or recently used names move to the young end, the others go. */
  private shrink(): void {
    let looks = SCAN;
    for (const d of this.names) {
      if (looks-- === 0) return;
      if (d.refs === 0 && !d.referenced) {
        forget(d);
        continue;
      }
      d.referenced = false;
      this.names.delete(d);
      this.names.add(d);
    }
  }
}

/** The child `name` of a directory: a positive dentry, or ENOENT, ENAMETOOLONG. BLOCKED and other failures of the file system pass through. */
export function lookupChild(t: Task, parent: Dentry, name: string): Fallible<Dentry> {
  const cached = parent.children?.get(name);
  if (cached === undefined) return askFileSystem(t, parent, name);
  if (!parent.sb.cachesNames) return revalidate(t, parent, cached);
  cached.referenced = true;
  return cached.inode === null ? ENOENT : cached;
}

/** The file system has made `inode` under `name`. Returns its dentry. */
export function instantiate(parent: Dentry, name: string, inode: Inode): Dentry {
  const known = parent.children?.get(name);
  if (known !== undefined && known.inode === null) {
    known.inode = inode.get();
    return known;
  }
  return insert(parent, name, inode);
}

/** The file system has told by the way, in the list of a directory, what `name` is. */
export function learnName(parent: Dentry, name: string, inode: Inode): void {
  const known = parent.children?.get(name);
  if (known?.inode === inode) return;
  if (known !== undefined) dropName(known);
  insert(parent, name, inode);
}

/** The name is gone (unlink, rmdir, renamed over): whoever holds the dentry keeps it, the tree does not. */
export function dropName(d: Dentry): void {
  if (d.children !== null) forgetTree(d);
  unhash(d);
  d.unlinked = true;
  if (d.refs === 0) d.release();
}

/** rename(2): `d` is now `name` in `parent`. What was there (negative, or replaced) must be gone already. */
export function moveName(d: Dentry, parent: Dentry, name: string): void {
  const squatter = parent.children?.get(name);
  if (squatter !== undefined) dropName(squatter);
  const oldParent = d.parent!;
  unhash(d);
  d.name = name;
  d.parent = parent.get();
  hash(d, parent);
  oldParent.put();
}

/** RENAME_EXCHANGE. */
export function exchangeNames(a: Dentry, b: Dentry): void {
  const [aParent, aName, bParent, bName] = [a.parent!, a.name, b.parent!, b.name];
  unhash(a);
  unhash(b);
  a.name = bName;
  a.parent = bParent;
  b.name = aName;
  b.parent = aParent;
  hash(a, bParent);
  hash(b, aParent);
}

/** Drops every name below `root` that nobody holds (umount, and tests). */
export function forgetTree(root: Dentry): void {
  const stack = [root];
  const order: Dentry[] = [];
  for (let d = stack.pop(); d !== undefined; d = stack.pop()) {
    if (d.children !== null) stack.push(...d.children.values());
    if (d !== root) order.push(d);
  }
  for (const d of order.reverse()) if (d.refs === 0) forget(d);
}

/** A dentry for a file without a name (O_TMPFILE, anonymous mappings): goes with its last holder. */
export function namelessDentry(parent: Dentry, inode: Inode): Dentry {
  const d = new Dentry(parent.sb, `#${inode.ino}`, parent, inode);
  d.unlinked = true;
  return d;
}

function askFileSystem(t: Task, parent: Dentry, name: string): Fallible<Dentry> {
  if (name.length > NAME_MAX) return ENAMETOOLONG;
  if (parent.inode!.nlink === 0) return ENOENT;                // removed
  const inode = parent.inode!.lookup(t, name);
  if (!isErr(inode)) return insert(parent, name, inode);
  if (inode === ENOENT && parent.sb.cachesNames) insert(parent, name, null);
  return inode;
}

/** Where names may change behind our back, a cached one counts only as long as the file system says so. */
function revalidate(t: Task, parent: Dentry, cached: Dentry): Fallible<Dentry> {
  const r = cached.inode === null ? ENOENT : cached.inode.revalidate(t, parent.inode!, cached.name);
  if (r === 0) return cached;
  if (r === BLOCKED || r === ERESTARTSYS) return r;
  dropName(cached);
  return askFileSystem(t, parent, cached.name);
}

/** The new dentry holds its parent already when the cache makes room, so the walk's last step is safe. */
function insert(parent: Dentry, name: string, inode: Inode | null): Dentry {
  const d = new Dentry(parent.sb, name, parent, inode);
  hash(d, parent);
  return d;
}

function hash(d: Dentry, parent: Dentry): void {
  (parent.children ??= new Map()).set(d.name, d);
  d.sb.dentries.add(d);
}

function unhash(d: Dentry): void {
  if (d.parent?.children?.get(d.name) === d) d.parent.children.delete(d.name);
  d.sb.dentries.remove(d);
}

function forget(d: Dentry): void {
  unhash(d);
  d.unlinked = true;
  d.release();
}
