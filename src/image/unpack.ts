// Puts the members of a tar archive into an image under construction.
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG } from '../host/image-tree.ts';
import type { NodeInit, TreeNode } from '../host/image-tree.ts';
import type { ImageBuilder } from './builder.ts';
import type { TarEntry } from './tar.ts';

/** S_IF* of every kind of member but the hard link. */
const TYPE = { file: S_IFREG, symlink: S_IFLNK, char: S_IFCHR, block: S_IFBLK, directory: S_IFDIR, fifo: S_IFIFO } as const;

/** Adds one member at its own path: the node, with its contents in the pack. */
export async function unpackEntry(builder: ImageBuilder, entry: TarEntry): Promise<TreeNode> {
  if (entry.kind === 'link') return builder.tree.link(entry.target, entry.path);
  const init: NodeInit = {
    mode: TYPE[entry.kind] | (entry.kind === 'symlink' ? 0o777 : entry.mode),
    uid: entry.uid, gid: entry.gid, mtimeSec: entry.mtimeSec, mtimeNsec: entry.mtimeNsec,
  };
  if (entry.kind === 'symlink') init.target = entry.target;
  if (entry.kind === 'char' || entry.kind === 'block') init.rdev = encodeDev(entry.major, entry.minor);
  if (entry.kind === 'file') {
    init.size = entry.size;
    init.offset = builder.reserve(entry.size);
    await entry.body(chunk => builder.append(chunk));
  }
  return builder.tree.put(entry.path, init);
}

/** Linux's 32-bit form of a device number (new_encode_dev). */
export function encodeDev(major: number, minor: number): number {
  return (minor & 0xff) | (major & 0xfff) << 8 | (minor & 0xfff00) << 12;
}
