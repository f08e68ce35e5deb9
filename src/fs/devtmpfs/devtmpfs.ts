// devtmpfs: /dev as the kernel keeps it, a tmpfs that has a node for everything that drivers have registered. One instance, however often mounted.
import type { Fallible } from '../../abi/errno.ts';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK } from '../../abi/stat.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type DeviceNode, NodeListener } from '../../kernel/vfs/devices.ts';
import { dropName, instantiate } from '../../kernel/vfs/dentry-cache.ts';
import type { Dentry } from '../../kernel/vfs/dentry.ts';
import { FileSystemType, type SuperBlock } from '../../kernel/vfs/super-block.ts';
import { TmpDir } from '../tmpfs/dir.ts';
import { type TmpInode, TmpLink, TmpSpecial } from '../tmpfs/inode.ts';
import { TmpfsSuperBlock } from '../tmpfs/super.ts';

/** What every Linux system has in /dev beside devices. */
const LINKS: readonly (readonly [string, string])[] = [
  ['fd', '/proc/self/fd'], ['stdin', '/proc/self/fd/0'], ['stdout', '/proc/self/fd/1'], ['stderr', '/proc/self/fd/2'],
];

export class DevtmpfsType extends FileSystemType {
  readonly name = 'devtmpfs';
  private sb: TmpfsSuperBlock | null = null;

  mount(t: Task, source: string): Fallible<SuperBlock> { return this.instance(t.kernel, source); }

  /** The one instance; made, and filled, on first use. The registry keeps it alive. */
  instance(kernel: Kernel, source = 'devtmpfs'): TmpfsSuperBlock {
    if (this.sb !== null) return this.sb;
    const sb = (this.sb = new TmpfsSuperBlock(kernel, 'devtmpfs', source, { mode: 0o755 }).get());
    for (const [name, target] of LINKS) plant(sb.root, name, new TmpLink(sb, S_IFLNK | 0o777, 0, 0, target));
    plant(sb.root, 'shm', new TmpDir(sb, S_IFDIR | 0o1777, 0, 0));
    plant(sb.root, 'pts', new TmpDir(sb, S_IFDIR | 0o755, 0, 0));
    const keeper = new NodeKeeper(sb);
    for (const node of kernel.devices.nodes.values()) keeper.added(node);
    kernel.devices.listeners.add(keeper);
    return sb;
  }
}

/** Makes and removes nodes as drivers say. */
class NodeKeeper extends NodeListener {
  private readonly sb: TmpfsSuperBlock;
  constructor(sb: TmpfsSuperBlock) {
    super();
    this.sb = sb;
  }

  added(node: DeviceNode): void {
    const [dir, name] = this.place(node.name);
    if (dirOf(dir).entries.has(name)) return;
    plant(dir, name, new TmpSpecial(this.sb, (node.kind === 'block' ? S_IFBLK : S_IFCHR) | node.mode, node.uid, node.gid, node.rdev));
  }

  removed(node: DeviceNode): void {
    const [dir, name] = this.place(node.name);
    const known = dir.children?.get(name);
    dirOf(dir).uproot(name);
    if (known !== undefined) dropName(known);
  }

  /** The directory of 'input/event0' and the last name; directories are made on the way. */
  private place(path: string): [Dentry, string] {
    const parts = path.split('/');
    let at = this.sb.root;
    for (const part of parts.slice(0, -1)) {
      const there = dirOf(at).entries.get(part)?.inode;
      at = there === undefined ? plant(at, part, new TmpDir(this.sb, S_IFDIR | 0o755, 0, 0)) : at.children?.get(part) ?? instantiate(at, part, there);
    }
    return [at, parts.at(-1)!];
  }
}

const dirOf = (d: Dentry): TmpDir => d.inode as TmpDir;

function plant(dir: Dentry, name: string, inode: TmpInode): Dentry {
  dirOf(dir).plant(name, inode);
  return instantiate(dir, name, inode);
}
