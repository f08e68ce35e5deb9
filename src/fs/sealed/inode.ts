// Inodes of a sealed image: rows of its index, which was checked as a whole when the image was mounted.
import { EINVAL, EIO, ENOENT, ENOTDIR, EROFS, type Errno, type Fallible } from '../../abi/errno.ts';
import { O_ACCMODE, O_RDONLY, O_TRUNC } from '../../abi/fcntl.ts';
import { direntType } from '../../abi/dirent.ts';
import { isDirectory, isRegular, isSymlink } from '../../abi/stat.ts';
import { latin1Decode } from '../../lib/utf8.ts';
import type { Task } from '../../kernel/task/task.ts';
import { DirFile } from '../../kernel/vfs/dir-file.ts';
import { Inode } from '../../kernel/vfs/inode.ts';
import type { DirSink, OpenFile } from '../../kernel/vfs/open-file.ts';
import { RegularFile } from '../../kernel/vfs/regular-file.ts';
import { SealedPageCache } from './page-cache.ts';
import type { SealedSuperBlock } from './super.ts';

/** '.' and '..' come before the entries. */
const DOTS = 2;

export class SealedInode extends Inode {
  declare readonly sb: SealedSuperBlock;
  /** In the index. */
  readonly row: number;
  override pages: SealedPageCache | null = null;

  constructor(sb: SealedSuperBlock, row: number) {
    const { index } = sb;
    super(sb, row + 1, index.mode[row]!);
    this.row = row;
    this.uid = index.uid[row]!;
    this.gid = index.gid[row]!;
    this.nlink = index.nlink[row]!;
    this.rdev = index.rdev[row]!;
    this.size = index.size[row]!;
    this.atime = this.mtime = this.ctime = { sec: index.mtimeSec[row]!, nsec: index.mtimeNsec[row]! };
    if (isRegular(this.mode)) this.pages = new SealedPageCache(sb.kernel.frames, this, index.offset[row]!);
  }

  override lookup(_t: Task, name: string): Fallible<Inode> {
    if (!isDirectory(this.mode)) return ENOTDIR;
    const row = this.sb.index.lookup(this.row, name);
    return row < 0 ? ENOENT : this.sb.inodeAt(row) ?? EIO;
  }

  override readlink(): Fallible<string> {
    return isSymlink(this.mode) ? latin1Decode(this.sb.index.target(this.row)) : EINVAL;
  }

  override open(_t: Task, flags: number): Fallible<OpenFile> {
    if ((flags & O_ACCMODE) !== O_RDONLY || (flags & O_TRUNC) !== 0) return EROFS;
    return isDirectory(this.mode) ? new SealedDirFile(this, flags) : new RegularFile(this, flags);
  }

  override setattr(): Errno { return EROFS; }
  override usedBlocks(): number { return Math.ceil(this.size / 512); }

  override evict(): void {
    this.pages?.destroy();
    this.sb.inodes.delete(this.row);
  }
}

class SealedDirFile extends DirFile {
  declare inode: SealedInode;

  override readdir(_t: Task, sink: DirSink): 0 | Errno {
    if (!this.emitDots(sink)) return 0;
    const { row, sb: { index } } = this.inode;
    const first = index.firstEntry[row]!, count = index.entryCount[row]!;
    for (let i = this.pos - DOTS; i < count; i++) {
      const node = index.entryNode[first + i];
      if (node === undefined || node >= index.nodes) return EIO;
      if (!sink.emit(index.nameOf(first + i), node + 1, direntType(index.mode[node]!), i + 1 + DOTS)) return 0;
      this.pos = i + 1 + DOTS;
    }
    return 0;
  }
}
