// A root file system under construction: a tree of nodes in memory whose contents lie somewhere else (a pack being written, a buffer).
// Hard links are one node in two places. Paths are byte strings and are resolved inside the tree: a symbolic link on the way is followed
// (so /lib/x lands in /usr/lib of a merged-/usr tree), '..' never leaves the root.
import {
  HEADER_BYTES, H_BYTES, H_CHECKSUM, H_ENTRIES, H_NODES, H_PACK_F64, H_STRINGS, H_VERSION, INDEX_MAGIC, INDEX_VERSION, checksum, columnOffsets,
} from '../lib/image-index.ts';
import { UserError } from './user-error.ts';

export const S_IFMT = 0o170000, S_IFIFO = 0o010000, S_IFCHR = 0o020000, S_IFDIR = 0o040000, S_IFBLK = 0o060000, S_IFREG = 0o100000,
  S_IFLNK = 0o120000, S_IFSOCK = 0o140000;

/** What a new node is made of; everything but `mode` (with its S_IF* bits) has a default. */
export interface NodeInit {
  mode: number;
  uid?: number; gid?: number; rdev?: number;
  mtimeSec?: number; mtimeNsec?: number;
  /** Symbolic link target, a byte string. */
  target?: string;
  /** Where a regular file's bytes are. */
  size?: number; offset?: number;
}

/** One inode. */
export class TreeNode {
  mode: number; uid: number; gid: number; rdev: number;
  mtimeSec: number; mtimeNsec: number;
  target: string;
  size: number; offset: number;
  readonly children: Map<string, TreeNode> | null;

  constructor(init: NodeInit) {
    this.mode = init.mode;
    this.uid = init.uid ?? 0; this.gid = init.gid ?? 0; this.rdev = init.rdev ?? 0;
    this.mtimeSec = init.mtimeSec ?? 0; this.mtimeNsec = init.mtimeNsec ?? 0;
    this.target = init.target ?? '';
    this.size = init.size ?? 0; this.offset = init.offset ?? 0;
    this.children = (init.mode & S_IFMT) === S_IFDIR ? new Map() : null;
  }

  get isDirectory(): boolean { return this.children !== null; }
  get isSymlink(): boolean { return (this.mode & S_IFMT) === S_IFLNK; }
  get isFile(): boolean { return (this.mode & S_IFMT) === S_IFREG; }
}

/** Thrown for a path that cannot be: a file where a directory is needed, a link that loops. */
export class TreeError extends UserError {}

const MAX_LINKS = 40; // path_resolution(7)

export class ImageTree {
  readonly root = new TreeNode({ mode: S_IFDIR | 0o755 });

  /** The node at `path`; `last` says whether a symbolic link in the last place is followed. */
  find(path: string, last: 'follow' | 'nofollow' = 'nofollow'): TreeNode | undefined {
    return this.#walk(split(path), last, 'find')?.node;
  }

  /**
   * Puts a node at `path`, making missing parents. What is there gives way as under dpkg: a directory stays and takes the new attributes, a
   * symbolic link to a directory stays when a directory comes, everything else is replaced.
   */
  put(path: string, init: NodeInit | TreeNode): TreeNode {
    const node = init instanceof TreeNode ? init : new TreeNode(init);
    const parts = split(path);
    const name = parts.pop();
    if (name === undefined) return copyAttributes(this.root, node);
    const parent = this.#directory(parts);
    const old = parent.children!.get(name);
    if (node.isDirectory) {
      if (old?.isDirectory) return copyAttributes(old, node);
      if (old?.isSymlink && this.find(path, 'follow')?.isDirectory) return old;
    } else if (old?.isDirectory) {
      if (node.isSymlink) return old;
      if (old.children!.size > 0) throw new TreeError(`${path}: a directory is in the way`);
    }
    parent.children!.set(name, node);
    return node;
  }

  /** A second name for the file at `target`. */
  link(target: string, path: string): TreeNode {
    const node = this.find(target);
    if (node === undefined || node.isDirectory) throw new TreeError(`${path}: hard link to ${target}, which is not there`);
    return this.put(path, node);
  }

  /** The directory at `path`, made with its parents where missing. */
  mkdirp(path: string, mode = 0o755): TreeNode {
    return this.find(path, 'follow') ?? this.put(path, { mode: S_IFDIR | mode });
  }

  /** Takes one name away; false when there was none. */
  remove(path: string): boolean {
    const parts = split(path);
    const name = parts.pop();
    const at = name === undefined ? undefined : this.#walk(parts, 'follow', 'find')?.node;
    return at?.children?.delete(name!) ?? false;
  }

  /** Every name in the tree below the root, parents first, siblings by byte order. */
  *paths(): Generator<{ path: string; node: TreeNode }> {
    const below = function* (prefix: string, dir: TreeNode): Generator<{ path: string; node: TreeNode }> {
      for (const [name, node] of sorted(dir)) {
        yield { path: `${prefix}/${name}`, node };
        if (node.isDirectory) yield* below(`${prefix}/${name}`, node);
      }
    };
    yield* below('', this.root);
  }

  #directory(parts: string[]): TreeNode {
    const found = this.#walk(parts, 'follow', 'make')!;
    if (!found.node.isDirectory) throw new TreeError(`/${parts.join('/')}: not a directory`);
    return found.node;
  }

  #walk(parts: string[], last: 'follow' | 'nofollow', missing: 'find' | 'make'): { node: TreeNode } | undefined {
    const todo = parts.toReversed();
    const trail: TreeNode[] = [this.root];
    let links = 0;
    while (todo.length > 0) {
      const name = todo.pop()!;
      const here = trail.at(-1)!;
      if (name === '..') { if (trail.length > 1) trail.pop(); continue; }
      if (here.children === null) return undefined;
      let next = here.children.get(name);
      if (next === undefined) {
        if (missing === 'find') return undefined;
        next = new TreeNode({ mode: S_IFDIR | 0o755 });
        here.children.set(name, next);
      }
      if (next.isSymlink && (todo.length > 0 || last === 'follow')) {
        if (++links > MAX_LINKS) throw new TreeError(`/${parts.join('/')}: too many symbolic links`);
        if (next.target.startsWith('/')) trail.length = 1;
        todo.push(...split(next.target).toReversed());
      } else {
        trail.push(next);
      }
    }
    return { node: trail.at(-1)! };
  }
}

/** The index of `tree` (image-index.ts) over a pack of `packBytes` bytes. */
export function encodeIndex(tree: ImageTree, packBytes: number): Uint8Array<ArrayBuffer> {
  const { nodes, parents, subdirs, links, entryCount } = number(tree);
  const strings: number[] = [];
  const layout = columnOffsets(nodes.length, entryCount);
  const names: { start: number; node: number }[] = [];
  const ids = new Map(nodes.map((node, i) => [node, i]));
  const first = new Uint32Array(nodes.length);
  for (const [i, node] of nodes.entries()) {
    if (!node.isDirectory) continue;
    first[i] = names.length;
    for (const [name, child] of sorted(node)) {
      names.push({ start: strings.length, node: ids.get(child)! });
      pushBytes(strings, name);
    }
  }
  const nameEnd = strings.length;
  const targetAt = nodes.map(node => { const at = strings.length; if (node.isSymlink) pushBytes(strings, node.target); return at; });

  const bytes = new Uint8Array((layout.strings + strings.length + 3) & ~3);
  bytes.set(INDEX_MAGIC);
  const words = new Uint32Array(bytes.buffer);
  words[H_VERSION] = INDEX_VERSION;
  words[H_NODES] = nodes.length; words[H_ENTRIES] = entryCount; words[H_STRINGS] = strings.length; words[H_BYTES] = bytes.length;
  new Float64Array(bytes.buffer, 0, HEADER_BYTES / 8)[H_PACK_F64] = packBytes;
  const n = nodes.length;
  const f64 = new Float64Array(bytes.buffer, layout.f64, 3 * n);
  const u32 = new Uint32Array(bytes.buffer, layout.u32, 9 * n);
  for (const [i, node] of nodes.entries()) {
    f64[i] = node.isSymlink ? node.target.length : node.size;
    f64[n + i] = node.isSymlink ? targetAt[i]! : node.offset;
    f64[2 * n + i] = node.mtimeSec;
    const row = [node.mtimeNsec, node.mode, node.uid, node.gid, node.rdev, node.isDirectory ? 2 + subdirs[i]! : links[i]!, parents[i]!,
      first[i]!, node.children?.size ?? 0];
    for (const [c, value] of row.entries()) u32[c * n + i] = value;
  }
  const entryNode = new Uint32Array(bytes.buffer, layout.entries, entryCount);
  const nameStart = new Uint32Array(bytes.buffer, layout.entries + entryCount * 4, entryCount + 1);
  for (const [i, e] of names.entries()) { entryNode[i] = e.node; nameStart[i] = e.start; }
  nameStart[entryCount] = nameEnd;
  bytes.set(strings, layout.strings);
  words[H_CHECKSUM] = checksum(words);
  return bytes;
}

function number(tree: ImageTree): { nodes: TreeNode[]; parents: number[]; subdirs: number[]; links: number[]; entryCount: number } {
  const ids = new Map<TreeNode, number>([[tree.root, 0]]);
  const nodes = [tree.root];
  const parents = [0], subdirs = [0], links = [1];
  let entryCount = 0;
  for (let i = 0; i < nodes.length; i++) {
    const dir = nodes[i]!;
    if (dir.children === null) continue;
    for (const [, child] of sorted(dir)) {
      entryCount++;
      const known = ids.get(child);
      if (known !== undefined) { links[known]!++; continue; }
      if (child.isDirectory) subdirs[i]!++;
      ids.set(child, nodes.length);
      nodes.push(child); parents.push(i); subdirs.push(0); links.push(1);
    }
  }
  return { nodes, parents, subdirs, links, entryCount };
}

const split = (path: string) => path.split('/').filter(p => p !== '' && p !== '.');

/** UTF-16 order equals byte order for byte strings. */
const sorted = (dir: TreeNode) => [...dir.children!].sort((a, b) => (a[0] < b[0] ? -1 : 1));

function pushBytes(out: number[], s: string): void {
  for (let i = 0; i < s.length; i++) out.push(s.charCodeAt(i) & 0xff);
}

function copyAttributes(to: TreeNode, from: TreeNode): TreeNode {
  to.mode = from.mode; to.uid = from.uid; to.gid = from.gid; to.mtimeSec = from.mtimeSec; to.mtimeNsec = from.mtimeNsec;
  return to;
}
