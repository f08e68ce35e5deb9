// File systems served by processes: `mount -t fuse` with the descriptor of /dev/fuse that the server reads (fuse(4), mount.fuse3(8)), and their list, which fusectl shows.
import { EINVAL, ENOTBLK, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { FUSE_DONT_MASK, FUSE_ROOT_ID } from '../../abi/fuse.ts';
import { AT_FDCWD } from '../../abi/fcntl.ts';
import { isBlockDevice, S_IFMT } from '../../abi/stat.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Credentials } from '../../kernel/security/credentials.ts';
import type { Task } from '../../kernel/task/task.ts';
import { FileSystemType, type FsStats, type SuperBlock } from '../../kernel/vfs/super-block.ts';
import { LOOKUP_FOLLOW, lookupPath } from '../../kernel/vfs/walk.ts';
import { FUSE_SUPER_MAGIC } from '../../abi/statfs.ts';
import { FuseConnection } from './connection.ts';
import { DaemonTransport, type TransportListener } from './daemon.ts';
import { FuseDevFile } from './dev-file.ts';
import { offerHand } from './handshake.ts';
import { FuseInode } from './inode.ts';
import { type DaemonOptions, parseOptions, showOptions } from './options.ts';
import { FuseSuperBlock } from './super.ts';

/** The connections of a machine, by the number of their file system's device. */
export class DaemonConnections {
  readonly all = new Map<number, DaemonSuperBlock>();
  /** Counts changes: directories of fusectl. */
  generation = 0;
}

/** `fuse`, or `fuseblk` for servers that keep their file system on a block device. */
export class FuseType extends FileSystemType {
  override readonly name: 'fuse' | 'fuseblk';
  override readonly nodev: boolean;
  override readonly hasSubtypes = true;
  private readonly connections: DaemonConnections;

  constructor(name: 'fuse' | 'fuseblk', connections: DaemonConnections) {
    super();
    this.name = name;
    this.nodev = name === 'fuse';
    this.connections = connections;
  }

  override mount(t: Task, source: string, flags: number, data: string, subtype = ''): Fallible<SuperBlock> {
    const options = parseOptions(data, this.name);
    if (isErr(options)) return options;
    const block = this.nodev ? 0 : isBlock(t, source);
    if (block !== 0) return block;
    const device = t.files.get(options.fd);
    if (isErr(device) || !(device instanceof FuseDevFile)) return EINVAL;
    if (device.sb !== null) return device.sb.connection.state === 'gone' ? EINVAL : device.sb;      // the same file system in another place
    const transport = new DaemonTransport();
    const type = subtype === '' ? this.name : `${this.name}.${subtype}`;
    const sb = new DaemonSuperBlock(t.kernel, type, source, transport, flags, options, this.connections);
    const r = device.serve(transport, sb);
    if (r !== 0) return r;
    offerHand(sb.connection, options.maxRead);
    return sb;
  }
}

function isBlock(t: Task, source: string): 0 | Errno {
  const path = lookupPath(t, AT_FDCWD, source, LOOKUP_FOLLOW);
  if (isErr(path)) return path;
  const r = isBlockDevice(path.dentry.inode!.mode) ? 0 : ENOTBLK;
  path.put();
  return r;
}

export class DaemonSuperBlock extends FuseSuperBlock implements TransportListener {
  readonly options: DaemonOptions;
  readonly daemon: DaemonTransport;
  private readonly connections: DaemonConnections;

  constructor(kernel: Kernel, type: string, source: string, daemon: DaemonTransport, flags: number, options: DaemonOptions, connections: DaemonConnections) {
    super(kernel, type, source, new FuseConnection(daemon), flags);
    this.daemon = daemon;
    this.options = options;
    this.connections = connections;
    this.cachesNames = false;
    this.serverDecides = !options.defaultPermissions;
    this.attributesExpire = options.defaultPermissions;
    this.isPrivate = !options.allowOther;
    daemon.onEnd = this;
    const root = new FuseInode(this, FUSE_ROOT_ID, options.rootMode & S_IFMT);
    root.uid = options.userId;
    root.gid = options.groupId;
    this.inodes.set(FUSE_ROOT_ID, root);
    this.setRoot(root);
    connections.all.set(this.dev, this);
    connections.generation++;
  }

  /** Without allow_other: processes of the user who mounted, by every id they have, root no more than others (fuse.rst, "How do non-privileged mounts work?"). */
  override admits(cred: Credentials): boolean {
    const { userId, groupId } = this.options;
    return cred.uid === userId && cred.euid === userId && cred.suid === userId && cred.gid === groupId && cred.egid === groupId && cred.sgid === groupId;
  }

  override get appliesUmask(): boolean { return this.connection.has(FUSE_DONT_MASK); }

  override showOptions(): string { return showOptions(this.options, this.fsType); }

  override statfs(t: Task): Fallible<FsStats> {
    if (this.isPrivate && !this.admits(t.cred)) return { type: FUSE_SUPER_MAGIC, bsize: 0, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 0 };
    return super.statfs(t);
  }

  /** A machine that is being switched off runs no server any more: nothing would answer. */
  override sync(t: Task): 0 | Errno { return t.process === t.kernel.init ? 0 : super.sync(t); }

  /** TransportListener: the connection is cut. What is asked from now on answers ENOTCONN. */
  ended(): void { this.connection.become('gone'); }

  override unmount(): void {
    super.unmount();
    this.connections.all.delete(this.dev);
    this.connections.generation++;
  }
}
