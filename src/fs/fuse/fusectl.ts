// fusectl, mounted at /sys/fs/fuse/connections (fuse.rst, "Control filesystem"): a directory for each connection to a server, through which it can be looked at and cut.
import { EACCES, EINVAL, ENOENT, EPERM, ECONNABORTED, ENODEV, type Errno, type Fallible } from '../../abi/errno.ts';
import { CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { FUSE_ABORT_ERROR } from '../../abi/fuse.ts';
import { NAME_MAX } from '../../abi/limits.ts';
import { S_IFDIR, S_IFREG } from '../../abi/stat.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import { FileSystemType, type FsStats, SuperBlock } from '../../kernel/vfs/super-block.ts';
import { DirInode, FIRST_POS, type Listed, TextInode } from '../pseudo/node.ts';
import type { DaemonConnections, DaemonSuperBlock } from './daemon-super.ts';

/** f_type of statfs(2) (linux/magic.h has none of its name; fs/fuse/control.c). */
const FUSE_CTL_SUPER_MAGIC = 0x6573_5543;
/** File names and modes. Inode numbers are made of the connection's number and their place here. */
const FILES = { waiting: 0o400, abort: 0o200, max_background: 0o600, congestion_threshold: 0o600 } as const;
type Name = keyof typeof FILES;
const NAMES = Object.keys(FILES) as Name[];

export class FusectlType extends FileSystemType {
  override readonly name = 'fusectl';
  private readonly connections: DaemonConnections;

  constructor(connections: DaemonConnections) {
    super();
    this.connections = connections;
  }

  override mount(t: Task, source: string, _flags: number, data: string): Fallible<SuperBlock> {
    return data === '' ? new FusectlSuperBlock(t.kernel, source, this.connections) : EINVAL;
  }
}

class FusectlSuperBlock extends SuperBlock {
  override cachesNames = false;
  override canCreate = false;
  readonly connections: DaemonConnections;

  constructor(kernel: Kernel, source: string, connections: DaemonConnections) {
    super(kernel, 'fusectl', source);
    this.connections = connections;
    this.setRoot(new RootDir(this, 1, 0o755));
  }

  override statfs(): Fallible<FsStats> {
    return { type: FUSE_CTL_SUPER_MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: NAME_MAX };
  }
}

class RootDir extends DirInode {
  private get connections(): DaemonConnections { return (this.sb as FusectlSuperBlock).connections; }
  override refresh(): 0 { return 0; }
  override lookup(_t: Task, name: string): Fallible<Inode> {
    const of = /^[1-9][0-9]*$/.test(name) ? this.connections.all.get(Number(name)) : undefined;
    return of === undefined ? ENOENT : new ConnectionDir(this.sb as FusectlSuperBlock, of);
  }
  override list(): Fallible<readonly Listed[]> {
    return [...this.connections.all.values()].map(of => ({ name: String(of.dev), ino: inoOf(of, 0), mode: S_IFDIR, pos: FIRST_POS + of.dev }));
  }
}

class ConnectionDir extends DirInode {
  private readonly of: DaemonSuperBlock;

  constructor(sb: FusectlSuperBlock, of: DaemonSuperBlock) {
    super(sb, inoOf(of, 0), 0o500);
    this.of = of;
    this.uid = of.options.userId;
    this.gid = of.options.groupId;
  }

  override refresh(): 0 | Errno { return isThere(this.sb as FusectlSuperBlock, this.of); }
  override lookup(_t: Task, name: string): Fallible<Inode> {
    return NAMES.includes(name as Name) ? new ControlFile(this.sb as FusectlSuperBlock, this.of, name as Name) : ENOENT;
  }
  override list(): Fallible<readonly Listed[]> {
    return NAMES.map((name, i) => ({ name, ino: inoOf(this.of, i + 1), mode: S_IFREG, pos: FIRST_POS + i }));
  }
}

class ControlFile extends TextInode {
  private readonly of: DaemonSuperBlock;
  private readonly name: Name;

  constructor(sb: FusectlSuperBlock, of: DaemonSuperBlock, name: Name) {
    super(sb, inoOf(of, NAMES.indexOf(name) + 1), S_IFREG | FILES[name]);
    this.of = of;
    this.name = name;
    this.uid = of.options.userId;
    this.gid = of.options.groupId;
  }

  override refresh(): 0 | Errno { return isThere(this.sb as FusectlSuperBlock, this.of); }

  override show(): Fallible<string> {
    const { connection, daemon } = this.of;
    switch (this.name) {
      case 'waiting': return `${daemon.waiting}\n`;
      case 'max_background': return `${connection.maxBackground}\n`;
      case 'congestion_threshold': return `${connection.congestionThreshold}\n`;
      case 'abort': return EACCES;
    }
  }

  /** Writing anything to `abort` cuts the connection. */
  override store(t: Task, text: string): 0 | Errno {
    const { connection, daemon } = this.of;
    if (this.name === 'abort') {
      daemon.abort(connection.has(FUSE_ABORT_ERROR) ? ECONNABORTED : ENODEV);
      return 0;
    }
    const value = Number(text.trim());
    if (this.name === 'waiting' || !Number.isInteger(value) || value < 0 || text.trim() === '') return EINVAL;
    if (value > 65_535 || (value > 0x1000 && !t.cred.has(CAP_SYS_ADMIN))) return value > 65_535 ? EINVAL : EPERM;
    if (this.name === 'max_background') connection.maxBackground = value;
    else connection.congestionThreshold = value;
    return 0;
  }
}

const isThere = (sb: FusectlSuperBlock, of: DaemonSuperBlock): 0 | Errno => sb.connections.all.get(of.dev) === of ? 0 : ENOENT;
const inoOf = (of: DaemonSuperBlock, place: number): number => 2 + of.dev * (NAMES.length + 1) + place;
