// overlay: one tree out of several (lowerdir=, upperdir=, workdir=). Containers have a read-only image below and a tmpfs above.
import { type Errno, type Fallible, EINVAL, isErr, ENOTDIR } from '../../abi/errno.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import { MS_RDONLY } from '../../abi/mount.ts';
import { isDirectory } from '../../abi/stat.ts';
import { OVERLAYFS_SUPER_MAGIC } from '../../abi/statfs.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import type { Path } from '../../kernel/vfs/mount.ts';
import { FileSystemType, type FsStats, SuperBlock } from '../../kernel/vfs/super-block.ts';
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW, lookupPath } from '../../kernel/vfs/walk.ts';
import { OverlayDir } from './dir.ts';
import type { OverlayInode } from './inode.ts';

/** What is laid over what: directories of other file systems, the topmost lower one first. `options` is what /proc/mounts shows. */
export interface OverlayLayers { readonly upper: Inode | null; readonly lowers: readonly Inode[]; readonly options: string }

export class OverlaySuperBlock extends SuperBlock {
  readonly upperRoot: Inode | null;
  readonly lowerRoots: readonly Inode[];
  /** Inodes in memory that have an upper part: names linked there share one. */
  readonly byUpper = new Map<Inode, OverlayInode>();
  /** Inode numbers of copied-up files, by the number of the copy: st_ino does not change when a file is copied up. */
  readonly origins = new Map<number, number>();
  private readonly options: string;

  constructor(kernel: Kernel, source: string, layers: OverlayLayers) {
    super(kernel, 'overlay', source);
    this.upperRoot = layers.upper;
    this.lowerRoots = layers.lowers;
    this.options = layers.options;
    for (const inode of this.roots()) inode.get().sb.get();
    if (this.upperRoot === null) this.flags |= MS_RDONLY;
    this.setRoot(new OverlayDir(this, null, '', this.upperRoot, this.lowerRoots));
  }

  /** The number of an inode of layer `layer` (0: the upper one): unique over all layers, and the original's for what was copied up. */
  inoAt(layer: number, ino: number): number {
    const origin = layer === 0 ? this.origins.get(ino) : undefined;
    return origin ?? ino * (this.lowerRoots.length + 1) + layer;
  }
  inoOf(upper: Inode | null, lower: Inode | null): number {
    if (upper !== null) return this.inoAt(0, upper.ino);
    const layer = this.lowerRoots.findIndex(root => root.sb === lower!.sb);
    return this.inoAt(layer < 0 ? 1 : layer + 1, lower!.ino);
  }

  override statfs(t: Task): Fallible<FsStats> {
    const stats = (this.upperRoot ?? this.lowerRoots[0]!).sb.statfs(t);
    return isErr(stats) ? stats : { ...stats, type: OVERLAYFS_SUPER_MAGIC };
  }
  override showOptions(): string { return this.options === '' ? '' : `,${this.options}`; }
  override sync(t: Task): 0 | Errno { return this.upperRoot?.sb.sync(t) ?? 0; }
  override unmount(): void {
    for (const inode of this.roots()) {
      const { sb } = inode;
      inode.put();
      sb.put();
    }
  }

  private roots(): Inode[] { return this.upperRoot === null ? [...this.lowerRoots] : [this.upperRoot, ...this.lowerRoots]; }
}

/** mount -t overlay. */
export class OverlayType extends FileSystemType {
  readonly name = 'overlay';
  mount(t: Task, source: string, _flags: number, data: string): Fallible<SuperBlock> {
    const paths = new Map(splitOptions(data).map(o => [o.slice(0, Math.max(0, o.indexOf('='))), o.slice(o.indexOf('=') + 1)]));
    const lowerdir = paths.get('lowerdir');
    const upperdir = paths.get('upperdir');
    if (lowerdir === undefined || (upperdir !== undefined && !paths.has('workdir'))) return EINVAL;
    const held: Path[] = [];
    const layers = findLayers(t, held, upperdir, splitLowers(lowerdir), data);
    const sb = isErr(layers) ? layers : new OverlaySuperBlock(t.kernel, source, layers);
    for (const p of held) p.put();
    return sb;
  }
}

function findLayers(t: Task, held: Path[], upperdir: string | undefined, lowerdirs: readonly string[], options: string): Fallible<OverlayLayers> {
  const inodes: Inode[] = [];
  for (const name of upperdir === undefined ? lowerdirs : [upperdir, ...lowerdirs]) {
    const p = lookupPath(t, AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
    if (isErr(p)) return p;
    held.push(p);
    if (!isDirectory(p.dentry.inode!.mode)) return ENOTDIR;
    inodes.push(p.dentry.inode!);
  }
  return upperdir === undefined ? { upper: null, lowers: inodes, options } : { upper: inodes[0]!, lowers: inodes.slice(1), options };
}

/** Options are split at commas, lower directories at colons; a backslash takes either literally. */
const splitOptions = (data: string): string[] => (data.match(/(?:\\.|[^,\\])+/g) ?? []);
const splitLowers = (dirs: string): string[] => (dirs.match(/(?:\\.|[^:\\])+/g) ?? []).map(d => d.replace(/\\(.)/g, '$1'));
