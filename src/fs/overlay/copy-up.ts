// Copy-up: something that is only in a lower layer is made in the upper one, with contents, attributes and extended attributes, its directories
// first. All of a file is there before its name is, so an interrupted copy (BLOCKED, ENOSPC) leaves nothing behind.
import { type Errno, type Fallible, EIO, isErr } from '../../abi/errno.ts';
import { O_RDONLY } from '../../abi/fcntl.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../abi/stat.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import { KernelBuffer } from '../../kernel/vfs/io-buffer.ts';
import { type OverlayInode, PRIVATE_XATTR } from './inode.ts';

const CHUNK = 65536;

/** Regular files take at most `size` bytes along: who truncates needs no more. */
export function copyUp(t: Task, inode: OverlayInode, size: number): 0 | Errno {
  const parent = inode.parent!;                              // the root is in the upper layer from the start
  const r = inode.removed ? 0 : parent.raise(t, Infinity);
  if (r !== 0) return r;
  const dir = inode.removed ? inode.sb.upperRoot! : parent.upper!;
  const lower = inode.lowers[0]!;
  const { mtime, ctime } = dir;
  const upper = (lower.mode & S_IFMT) === S_IFREG ? copyFile(t, inode, lower, dir, size) : copyOther(t, inode, lower, dir);
  if (isErr(upper)) return upper;
  dir.setattr(t, { mtime, ctime });                          // a copy-up is no change that the directory's readers see
  parent.forget(inode);
  inode.upper = upper;
  inode.sb.byUpper.set(upper, inode);
  inode.sb.origins.set(upper.ino, inode.ino);
  inode.mirror();
  return 0;
}

/** The result is held. */
function copyFile(t: Task, inode: OverlayInode, lower: Inode, dir: Inode, size: number): Fallible<Inode> {
  const copy = dir.tmpfile(t, lower.mode);
  if (isErr(copy)) return copy;
  copy.get();
  let r = copyData(t, lower, copy, Math.min(size, lower.size)) || copyXattrs(t, lower, copy) || copyAttributes(t, lower, copy);
  if (r === 0 && !inode.removed) {
    const linked = dir.link(t, inode.name, copy);
    if (isErr(linked)) r = linked;
  }
  if (r === 0) return copy;
  copy.put();
  return r;
}

function copyData(t: Task, lower: Inode, copy: Inode, size: number): 0 | Errno {
  if (size === 0) return 0;
  const from = lower.open(t, O_RDONLY);
  if (isErr(from)) return from;
  const bytes = new Uint8Array(Math.min(CHUNK, size));
  let r: 0 | Errno = 0;
  for (let pos = 0; pos < size && r === 0;) {
    const chunk = bytes.subarray(0, Math.min(CHUNK, size - pos));
    const got = from.read(t, new KernelBuffer(chunk), pos);
    if (got === 0) break;
    const put = isErr(got) ? got : copy.pages!.write(t, new KernelBuffer(chunk.subarray(0, got)), pos);
    if (isErr(put)) r = put;
    else pos += put;
  }
  from.put();
  return r;
}

function copyOther(t: Task, inode: OverlayInode, lower: Inode, dir: Inode): Fallible<Inode> {
  if (inode.removed) return EIO;
  const { name } = inode;
  const type = lower.mode & S_IFMT;
  let copy: Fallible<Inode>;
  if (type === S_IFDIR) copy = dir.mkdir(t, name, lower.mode);
  else if (type === S_IFLNK) {
    const target = lower.readlink(t);
    copy = isErr(target) ? target : dir.symlink(t, name, target);
  } else copy = dir.mknod(t, name, lower.mode, lower.rdev);
  if (isErr(copy)) return copy;
  copy.get();
  const r = copyXattrs(t, lower, copy) || copyAttributes(t, lower, copy);
  if (r === 0) return copy;
  if (type === S_IFDIR) dir.rmdir(t, name, copy);
  else dir.unlink(t, name, copy);
  copy.put();
  return r;
}

function copyXattrs(t: Task, from: Inode, to: Inode): 0 | Errno {
  const names = from.listxattr(t);
  if (isErr(names)) return 0;                                // no attributes where they are not supported
  for (const name of names) {
    if (name.startsWith(PRIVATE_XATTR)) continue;
    const value = from.getxattr(t, name);
    const r = isErr(value) ? value : to.setxattr(t, name, value, 0);
    if (r !== 0) return r;
  }
  return 0;
}

function copyAttributes(t: Task, from: Inode, to: Inode): 0 | Errno {
  const { mode, uid, gid, atime, mtime } = from;
  const lists = from.acl !== null || from.defaultAcl !== null ? to.setAcls(t, from.acl, from.defaultAcl) : 0;
  return lists || to.setattr(t, { mode, uid, gid, atime, mtime, ctime: t.kernel.realtime() });
}
