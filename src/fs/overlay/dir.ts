// Overlay directories: the merged view of one upper and any number of lower directories. Every change happens in the upper layer; what lies below is
// hidden by whiteouts. Everything that can fail or wait comes before the first change.
import { type Errno, type Fallible, ENOENT, ENOTEMPTY, EPERM, EXDEV, isErr } from '../../abi/errno.ts';
import { RENAME_EXCHANGE, RENAME_NOREPLACE } from '../../abi/fcntl.ts';
import { isDirectory, S_IFCHR, S_IFMT } from '../../abi/stat.ts';
import type { Task } from '../../kernel/task/task.ts';
import { DirFile } from '../../kernel/vfs/dir-file.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import type { DirSink, OpenFile } from '../../kernel/vfs/open-file.ts';
import { OverlayInode } from './inode.ts';
import { existsBelow, findName, isWhiteout, makeOpaque, mergedEntries, type MergedEntry, realEntries } from './layers.ts';
import type { OverlaySuperBlock } from './super.ts';

/** A name that exists only inside of one operation. */
const TEMPORARY = '\x01overlay';

export class OverlayDir extends OverlayInode {
  /** Children in memory that are only below, by name. (Those with an upper part are found through sb.byUpper.) */
  readonly live = new Map<string, OverlayInode>();

  override open(_t: Task, flags: number): OpenFile { return new OverlayDirFile(this, flags); }

  override lookup(t: Task, name: string): Fallible<Inode> {
    const found = findName(t, this.upper, this.lowers, name);
    return isErr(found) ? found : this.child(name, found.upper, found.lowers);
  }

  override create(t: Task, name: string, mode: number): Fallible<Inode> {
    return this.make(t, name, (dir) => dir.create(t, name, mode));
  }
  override mknod(t: Task, name: string, mode: number, rdev: number): Fallible<Inode> {
    if ((mode & S_IFMT) === S_IFCHR && rdev === 0) return EPERM;       // would be a whiteout
    return this.make(t, name, (dir) => dir.mknod(t, name, mode, rdev));
  }
  override symlink(t: Task, name: string, target: string): Fallible<Inode> {
    return this.make(t, name, (dir) => dir.symlink(t, name, target));
  }
  override mkdir(t: Task, name: string, mode: number): Fallible<Inode> {
    const below = existsBelow(t, this.lowers, name);
    if (isErr(below)) return below;
    const made = this.make(t, name, (dir) => dir.mkdir(t, name, mode));
    if (!isErr(made) && below === 1) makeOpaque(t, (made as OverlayInode).upper!);
    return made;
  }
  override tmpfile(t: Task, mode: number): Fallible<Inode> {
    const r = this.raise(t, Infinity);
    if (r !== 0) return r;
    const made = this.upper!.tmpfile(t, mode);
    return isErr(made) ? made : new OverlayInode(this.sb, null, '', made, []);
  }
  override link(t: Task, name: string, inode: Inode): 0 | Errno {
    const source = inode as OverlayInode;
    const r = source.raise(t, Infinity);
    if (r !== 0) return r;
    const made = this.make(t, name, (dir) => {
      const linked = dir.link(t, name, source.upper!);
      return linked === 0 ? source.upper! : linked;
    });
    source.mirror();
    return isErr(made) ? made : 0;
  }

  override unlink(t: Task, name: string, inode: Inode): 0 | Errno {
    const victim = inode as OverlayInode;
    const below = existsBelow(t, this.lowers, name);
    if (isErr(below)) return below;
    const r = this.raise(t, Infinity);
    if (r !== 0) return r;
    const dir = this.upper!;
    const there = victim.upper !== null && !isErr(dir.lookup(t, name));
    const done = below === 1 ? this.cover(t, name) : there ? dir.unlink(t, name, victim.upper!) : 0;
    if (done === 0) this.gone(victim);
    return done;
  }

  override rmdir(t: Task, name: string, inode: Inode): 0 | Errno {
    const victim = inode as OverlayDir;
    const below = existsBelow(t, this.lowers, name);
    if (isErr(below)) return below;
    const r = victim.checkEmpty(t) || this.raise(t, Infinity);
    if (r !== 0) return r;
    if (victim.upper !== null) {
      const done = removeUpper(t, this.upper!, name, victim.upper);
      if (done !== 0) return done;
    }
    if (below === 1) this.upper!.mknod(t, name, S_IFCHR, 0);            // the directory's own charge is free again
    this.gone(victim);
    return 0;
  }

  override rename(t: Task, name: string, newDir: Inode, newName: string, flags: number): 0 | Errno {
    const to = newDir as OverlayDir;
    const [moved, target] = [this.loaded(t, name), to.loaded(t, newName)];
    if (moved === null) return ENOENT;
    const exchange = (flags & RENAME_EXCHANGE) !== 0;
    if (hasLowerTree(moved) || (exchange && target !== null && hasLowerTree(target))) return EXDEV;   // no redirect_dir
    const [here, there] = [existsBelow(t, this.lowers, name), existsBelow(t, to.lowers, newName)];
    if (isErr(here)) return here;
    if (isErr(there)) return there;
    const empty = !exchange && target instanceof OverlayDir ? target.checkEmpty(t) : 0;
    const r = empty || this.raise(t, Infinity) || to.raise(t, Infinity) || moved.raise(t, Infinity)
      || (exchange && target !== null ? target.raise(t, Infinity) : 0);
    if (r !== 0) return r;
    if (isDirectory(moved.mode) && there === 1) makeOpaque(t, moved.upper!);
    if (exchange) {
      if (isDirectory(target!.mode) && here === 1) makeOpaque(t, target!.upper!);
      const done = this.upper!.rename(t, name, to.upper!, newName, RENAME_EXCHANGE);
      for (const i of [this, to, moved, target!]) i.mirror();
      return done;
    }
    return this.move(t, moved, name, to, newName, target, { flags, coverOld: here === 1 });
  }

  /** ENOTEMPTY if any name is visible in here. */
  checkEmpty(t: Task): 0 | Errno {
    const entries = mergedEntries(t, this.upper, this.lowers);
    if (isErr(entries)) return entries;
    return entries.length > 0 ? ENOTEMPTY : 0;
  }

  /** A child leaves memory, or has been copied up. */
  forget(child: OverlayInode): void {
    if (this.live.get(child.name) === child) this.live.delete(child.name);
  }

  private child(name: string, upper: Inode | null, lowers: readonly Inode[]): OverlayInode {
    if (upper !== null) return this.sb.byUpper.get(upper) ?? makeInode(this.sb, this, name, upper, lowers);
    const known = this.live.get(name);
    if (known !== undefined && known.lowers[0] === lowers[0]) return known;
    const child = makeInode(this.sb, this, name, null, lowers);
    this.live.set(name, child);
    return child;
  }

  /** The inode in memory that a name stands for. The VFS has just looked it up, so it is there if the name exists. */
  private loaded(t: Task, name: string): OverlayInode | null {
    const u = this.upper?.lookup(t, name);
    const above = u === undefined || isErr(u) ? undefined : this.sb.byUpper.get(u);
    return above ?? this.live.get(name) ?? null;
  }

  /** Makes something in the upper directory; a whiteout of that name goes before, and comes back if that fails. */
  private make(t: Task, name: string, make: (dir: Inode) => Fallible<Inode>): Fallible<Inode> {
    const r = this.raise(t, Infinity);
    if (r !== 0) return r;
    const dir = this.upper!;
    const old = dir.lookup(t, name);
    if (!isErr(old) && isWhiteout(old)) dir.unlink(t, name, old);
    const made = make(dir);
    if (isErr(made)) {
      if (!isErr(old)) dir.mknod(t, name, S_IFCHR, 0);
      return made;
    }
    this.mirror();
    return this.child(name, made, []);
  }

  /** A whiteout takes the place of whatever the upper directory has there. */
  private cover(t: Task, name: string): 0 | Errno {
    const dir = this.upper!;
    const whiteout = dir.mknod(t, TEMPORARY, S_IFCHR, 0);
    if (isErr(whiteout)) return whiteout;
    return dir.rename(t, TEMPORARY, dir, name, 0);
  }

  private gone(victim: OverlayInode): void {
    victim.removed = victim.upper === null || victim.upper.nlink === 0;
    if (victim.upper === null) this.forget(victim);
    victim.mirror();
    this.mirror();
  }

  /** The whiteout for the old name is made first: then nothing after the move can fail. */
  private move(t: Task, moved: OverlayInode, name: string, to: OverlayDir, newName: string, target: OverlayInode | null, how: { flags: number; coverOld: boolean }): 0 | Errno {
    const [from, dir] = [this.upper!, to.upper!];
    if (how.coverOld) {
      const whiteout = from.mknod(t, TEMPORARY, S_IFCHR, 0);
      if (isErr(whiteout)) return whiteout;
    }
    const squatter = dir.lookup(t, newName);
    const clears = isDirectory(moved.mode) && !isErr(squatter);
    if (clears) removeUpper(t, dir, newName, squatter);
    const r = from.rename(t, name, dir, newName, clears || (!isErr(squatter) && isWhiteout(squatter)) ? how.flags & ~RENAME_NOREPLACE : how.flags);
    if (r !== 0) {
      if (clears && isWhiteout(squatter)) dir.mknod(t, newName, S_IFCHR, 0);
      if (how.coverOld) dropTemporary(t, from);
      return r;
    }
    if (how.coverOld) from.rename(t, TEMPORARY, from, name, 0);
    if (target !== null) to.gone(target);
    for (const i of [this, to, moved]) i.mirror();
    return 0;
  }
}

/** The inode object for what a lookup found. */
export function makeInode(sb: OverlaySuperBlock, parent: OverlayDir | null, name: string, upper: Inode | null, lowers: readonly Inode[]): OverlayInode {
  return isDirectory((upper ?? lowers[0]!).mode) ? new OverlayDir(sb, parent, name, upper, lowers) : new OverlayInode(sb, parent, name, upper, lowers);
}

/** A listing is taken when reading starts (position 0): merging and stable cursors do not go together otherwise. */
class OverlayDirFile extends DirFile {
  declare inode: OverlayDir;
  private entries: MergedEntry[] | null = null;

  override readdir(t: Task, sink: DirSink): 0 | Errno {
    if (this.entries === null || this.pos === 0) {
      const entries = mergedEntries(t, this.inode.upper, this.inode.lowers);
      if (isErr(entries)) return entries;
      this.entries = entries;
    }
    if (!this.emitDots(sink)) return 0;
    const { sb } = this.inode;
    for (let i = this.pos - 2; i < this.entries.length; i++) {
      const e = this.entries[i]!;
      if (!sink.emit(e.name, sb.inoAt(e.layer, e.ino), e.type, i + 3)) return 0;
      this.pos = i + 3;
    }
    return 0;
  }
}

/** A directory that has parts below cannot move: the parts would stay. */
const hasLowerTree = (inode: OverlayInode): boolean => isDirectory(inode.mode) && inode.lowers.length > 0;

/** Takes a name out of an upper directory; a directory may still hold whiteouts. */
function removeUpper(t: Task, dir: Inode, name: string, victim: Inode): 0 | Errno {
  if (!isDirectory(victim.mode)) return dir.unlink(t, name, victim);
  const entries = realEntries(t, victim, 0);
  if (isErr(entries)) return entries;
  for (const e of entries) {
    const inode = victim.lookup(t, e.name);
    if (!isErr(inode)) victim.unlink(t, e.name, inode);
  }
  return dir.rmdir(t, name, victim);
}

function dropTemporary(t: Task, dir: Inode): void {
  const inode = dir.lookup(t, TEMPORARY);
  if (!isErr(inode)) dir.unlink(t, TEMPORARY, inode);
}

