// securityfs (Linux: Documentation/ABI, /sys/kernel/security): what security modules show and are told. The files are a table (files.ts); inodes
// remember only the path in it.
import { type Errno, type Fallible, EINVAL, ENOENT } from '../../abi/errno.ts';
import { NAME_MAX } from '../../abi/limits.ts';
import { S_IFDIR, S_IFLNK, S_IFREG } from '../../abi/stat.ts';
import { SECURITYFS_MAGIC } from '../../abi/statfs.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import { FileSystemType, type FsStats, SuperBlock } from '../../kernel/vfs/super-block.ts';
import { EntryTable, type Entry, type Link, type Text } from '../pseudo/entry.ts';
import { DirInode, FIRST_POS, type Listed, PseudoInode, TextInode } from '../pseudo/node.ts';
import { SECURITY_FILES } from './files.ts';

const TABLE = new EntryTable<Kernel>(SECURITY_FILES);
const ROOT_INO = 1;

/** `securityfs` of /proc/filesystems. */
export class SecurityFileSystem extends FileSystemType {
  override readonly name = 'securityfs';
  override mount(t: Task, source: string, _flags: number, data: string): Fallible<SuperBlock> {
    return data === '' ? new SecuritySuperBlock(t.kernel, source) : EINVAL;
  }
}

class SecuritySuperBlock extends SuperBlock {
  override canCreate = false;
  constructor(kernel: Kernel, source: string) {
    super(kernel, 'securityfs', source);
    this.setRoot(new SecurityDir(this, '', ROOT_INO));
  }
  override statfs(): Fallible<FsStats> {
    return { type: SECURITYFS_MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: NAME_MAX };
  }
}

class SecurityDir extends DirInode {
  private readonly path: string;
  constructor(sb: SuperBlock, path: string, ino: number) {
    super(sb, ino, 0o755);
    this.path = path;
    this.nlink = 2 + TABLE.subdirectories(path);
  }
  override refresh(): 0 { return 0; }

  override lookup(_t: Task, name: string): Fallible<Inode> {
    const child = TABLE.children(this.path).get(name);
    if (child === undefined) return ENOENT;
    const ino = ROOT_INO + child.index, { entry, path } = child;
    if (entry === null) return new SecurityDir(this.sb, path, ino);
    return 'show' in entry ? new SecurityText(this.sb, path, ino, entry.mode) : new SecurityLink(this.sb, path, ino);
  }

  override list(): Fallible<readonly Listed[]> {
    return [...TABLE.children(this.path).values()].map(({ name, index, entry }) => ({ name, ino: ROOT_INO + index, mode: typeOf(entry), pos: FIRST_POS + index }));
  }
}

function typeOf(entry: Entry<Kernel> | null): number {
  if (entry === null) return S_IFDIR;
  return 'show' in entry ? S_IFREG : S_IFLNK;
}

class SecurityText extends TextInode {
  private readonly path: string;
  constructor(sb: SuperBlock, path: string, ino: number, mode: number) {
    super(sb, ino, S_IFREG | mode);
    this.path = path;
  }
  private get entry(): Text<Kernel> { return TABLE.find(this.path) as Text<Kernel>; }
  override refresh(): 0 { return 0; }
  override show(t: Task): Fallible<string> { return this.entry.show(t, t.kernel); }
  override store(t: Task, text: string): 0 | Errno { return this.entry.store?.(t, t.kernel, text) ?? EINVAL; }
  override guard(t: Task): 0 | Errno { return this.entry.guard?.(t, t.kernel) ?? 0; }
}

class SecurityLink extends PseudoInode {
  private readonly path: string;
  constructor(sb: SuperBlock, path: string, ino: number) {
    super(sb, ino, S_IFLNK | 0o777);
    this.path = path;
  }
  override refresh(): 0 { return 0; }
  override readlink(t: Task): Fallible<string> { return (TABLE.find(this.path) as Link<Kernel>).readlink(t, t.kernel); }
}
