// sysfs (sysfs(5)): the file system around tree.ts. Inodes know their path; whether it still exists is asked at every walk.
import { type Errno, type Fallible, EINVAL, EIO, ENOENT } from '../../abi/errno.ts';
import { NAME_MAX } from '../../abi/limits.ts';
import { S_IFDIR, S_IFLNK, S_IFREG } from '../../abi/stat.ts';
import { SYSFS_MAGIC } from '../../abi/statfs.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import { FileSystemType, type FsStats, SuperBlock } from '../../kernel/vfs/super-block.ts';
import { DirInode, FIRST_POS, type Listed, PseudoInode, TextInode } from '../pseudo/node.ts';
import { carryOut } from './control.ts';
import type { SysNode } from './nodes.ts';
import { SysIndex } from './sys-index.ts';
import { isFixed } from './tree.ts';

/** `sysfs` of /proc/filesystems. */
export class SysFileSystem extends FileSystemType {
  override readonly name = 'sysfs';
  override mount(t: Task, source: string, _flags: number, data: string): Fallible<SuperBlock> {
    return data === '' ? new SysSuperBlock(t.kernel, source) : EINVAL;
  }
}

export class SysSuperBlock extends SuperBlock {
  override cachesNames = false;
  /** Inode numbers by path, given out on first sight. */
  private readonly index = new SysIndex();
  private readonly inos = new Map<string, number>();

  constructor(kernel: Kernel, source = 'sysfs') {
    super(kernel, 'sysfs', source);
    this.setRoot(new SysDir(this, ''));
  }
  override statfs(): Fallible<FsStats> {
    return { type: SYSFS_MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: NAME_MAX };
  }
  inoOf(path: string): number {
    let ino = this.inos.get(path);
    if (ino === undefined) this.inos.set(path, (ino = this.inos.size + 1));
    return ino;
  }
  /**
   * What kind of thing is there; the line of a file is asked for with `fresh`. Directories that are always there are on the way to what is mounted on them: the
   * tree is not made for those.
   */
  node(path: string): SysNode | undefined { return isFixed(path) ? 'directory' : this.index.node(this.kernel, path); }
  fresh(path: string): SysNode | undefined { return this.index.fresh(this.kernel, path); }
  names(path: string): readonly string[] { return this.index.names(this.kernel, path); }
}

class SysDir extends DirInode {
  private readonly path: string;
  constructor(sb: SysSuperBlock, path: string) {
    super(sb, sb.inoOf(path), 0o555);
    this.path = path;
  }
  private get home(): SysSuperBlock { return this.sb as SysSuperBlock; }
  override refresh(): 0 | Errno { return this.home.node(this.path) === 'directory' ? 0 : ENOENT; }

  override lookup(_t: Task, name: string): Fallible<Inode> {
    const path = this.path === '' ? name : `${this.path}/${name}`;
    const node = this.home.node(path);
    if (node === undefined) return ENOENT;
    if (node === 'directory') return new SysDir(this.home, path);
    return 'text' in node ? new SysText(this.home, path, node.write === undefined ? 0o444 : node.write.action === 'bind' || node.write.action === 'unbind' ? 0o200 : 0o644) : new SysLink(this.home, path);
  }

  override list(_t: Task): Fallible<readonly Listed[]> {
    const prefix = this.path === '' ? '' : `${this.path}/`;
    const names: Listed[] = [];
    for (const name of this.home.names(this.path)) {
      const node = this.home.node(prefix + name)!, ino = this.home.inoOf(prefix + name);
      names.push({ name, ino, mode: node === 'directory' ? S_IFDIR : 'text' in node ? S_IFREG : S_IFLNK, pos: FIRST_POS + ino });
    }
    return names.sort((a, b) => a.pos - b.pos);
  }
}

class SysText extends TextInode {
  private readonly path: string;
  constructor(sb: SysSuperBlock, path: string, permissions: number) {
    super(sb, sb.inoOf(path), S_IFREG | permissions);
    this.path = path;
    this.size = 4096;
  }
  private get node(): SysNode | undefined { return (this.sb as SysSuperBlock).node(this.path); }
  override refresh(): 0 | Errno { return this.node === undefined ? ENOENT : 0; }
  override store(t: Task, text: string): 0 | Errno {
    const { node } = this;
    return typeof node === 'object' && 'text' in node && node.write !== undefined ? carryOut(t.kernel, node.write, text) : EIO;
  }
  override show(): Fallible<string> {
    const node = (this.sb as SysSuperBlock).fresh(this.path);
    return typeof node === 'object' && 'text' in node ? node.error ?? node.text : ENOENT;
  }
}

class SysLink extends PseudoInode {
  private readonly path: string;
  constructor(sb: SysSuperBlock, path: string) {
    super(sb, sb.inoOf(path), S_IFLNK | 0o777);
    this.path = path;
  }
  private get node(): SysNode | undefined { return (this.sb as SysSuperBlock).node(this.path); }
  override refresh(): 0 | Errno { return this.node === undefined ? ENOENT : 0; }
  override readlink(): Fallible<string> {
    const { node } = this;
    return typeof node === 'object' && 'link' in node ? node.link : ENOENT;
  }
}
