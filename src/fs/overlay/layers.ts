// What layers say about names: whiteouts and opaque directories (the marks that hide what lies below), lookups through the layers, and merged
// listings. Marks as in Linux' overlay: a character device 0:0, and the attribute trusted.overlay.opaque = "y".
import { type Errno, type Fallible, ENOENT, ENOTDIR, isErr } from '../../abi/errno.ts';
import { DT_CHR } from '../../abi/dirent.ts';
import { O_DIRECTORY, O_RDONLY } from '../../abi/fcntl.ts';
import { isDirectory, S_IFCHR, S_IFMT } from '../../abi/stat.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import { DirSink } from '../../kernel/vfs/open-file.ts';

const OPAQUE = 'trusted.overlay.opaque';
const YES = Uint8Array.of(0x79);

export const isWhiteout = (inode: Inode): boolean => (inode.mode & S_IFMT) === S_IFCHR && inode.rdev === 0;

export function isOpaque(t: Task, dir: Inode): boolean {
  const value = dir.getxattr(t, OPAQUE);
  return !isErr(value) && value.length === 1 && value[0] === YES[0];
}

export const makeOpaque = (t: Task, dir: Inode): 0 | Errno => dir.setxattr(t, OPAQUE, YES, 0);

/** What a name stands for in the merged tree. */
export interface Found { upper: Inode | null; lowers: Inode[] }

/** Looks through the layers of a directory, top to bottom, until something hides the rest. ENOENT if there is nothing, or a whiteout. */
export function findName(t: Task, upperDir: Inode | null, lowerDirs: readonly Inode[], name: string): Fallible<Found> {
  const found: Found = { upper: null, lowers: [] };
  if (upperDir !== null) {
    const u = upperDir.lookup(t, name);
    if (isErr(u)) {
      if (u !== ENOENT) return u;
    } else {
      if (isWhiteout(u)) return ENOENT;
      found.upper = u;
      if (!isDirectory(u.mode) || isOpaque(t, u)) return found;
    }
  }
  for (const dir of lowerDirs) {
    const l = dir.lookup(t, name);
    if (isErr(l)) {
      if (l === ENOENT || l === ENOTDIR) continue;
      return l;
    }
    if (isWhiteout(l)) break;
    const first = found.upper === null && found.lowers.length === 0;
    if (!isDirectory(l.mode)) {
      if (first) found.lowers.push(l);
      break;
    }
    found.lowers.push(l);
    if (isOpaque(t, l)) break;
  }
  return found.upper === null && found.lowers.length === 0 ? ENOENT : found;
}

/** Does the name exist below the upper layer, so that removing it needs a whiteout? 1, 0, or an errno. */
export function existsBelow(t: Task, lowerDirs: readonly Inode[], name: string): 0 | 1 | Errno {
  if (lowerDirs.length === 0) return 0;
  const found = findName(t, null, lowerDirs, name);
  if (isErr(found)) return found === ENOENT ? 0 : found;
  for (const inode of found.lowers) inode.get().put();       // looked at, not wanted: a remote file system may forget it
  return 1;
}

/** An entry of a merged listing; `layer`: 0 is the upper one. */
export interface MergedEntry { readonly name: string; readonly ino: number; readonly type: number; readonly layer: number }

/** All visible names of a directory, '.' and '..' left out. */
export function mergedEntries(t: Task, upperDir: Inode | null, lowerDirs: readonly Inode[]): Fallible<MergedEntry[]> {
  const seen = new Set<string>();
  const entries: MergedEntry[] = [];
  const layers = [upperDir, ...lowerDirs];
  for (let layer = 0; layer < layers.length; layer++) {
    const dir = layers[layer]!;
    if (dir === null) continue;
    const names = realEntries(t, dir, layer);
    if (isErr(names)) return names;
    for (const e of names) {
      if (seen.has(e.name)) continue;
      seen.add(e.name);
      const hidden = hides(t, dir, e);
      if (isErr(hidden)) return hidden;
      if (!hidden) entries.push(e);
    }
  }
  return entries;
}

/** The names in one layer, whiteouts included. */
export function realEntries(t: Task, dir: Inode, layer: number): Fallible<MergedEntry[]> {
  const file = dir.open(t, O_RDONLY | O_DIRECTORY);
  if (isErr(file)) return file;
  const sink = new Collector(layer);
  let r: 0 | Errno;
  let before: number;
  do {
    before = sink.count;
    r = file.readdir(t, sink);
  } while (r === 0 && sink.count > before);
  file.put();
  return r === 0 ? sink.entries : r;
}

/** Is it a whiteout? */
function hides(t: Task, dir: Inode, e: MergedEntry): Fallible<boolean> {
  if (e.type !== DT_CHR) return false;
  const inode = dir.lookup(t, e.name);
  return isErr(inode) ? inode : isWhiteout(inode);
}

class Collector extends DirSink {
  readonly entries: MergedEntry[] = [];
  private readonly layer: number;
  count = 0;
  constructor(layer: number) {
    super();
    this.layer = layer;
  }
  emit(name: string, ino: number, type: number): boolean {
    this.count++;
    if (name !== '.' && name !== '..') this.entries.push({ name, ino, type, layer: this.layer });
    return true;
  }
}
