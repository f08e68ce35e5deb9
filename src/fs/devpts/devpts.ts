// devpts (pts(4)): a directory with a node for each pseudo terminal, kept by the kernel, and ptmx. All instances show the same terminals.
import { type Fallible, EINVAL, isErr } from '../../abi/errno.ts';
import { makedev, S_IFCHR } from '../../abi/stat.ts';
import { DEVPTS_SUPER_MAGIC } from '../../abi/statfs.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { dropName, instantiate } from '../../kernel/vfs/dentry-cache.ts';
import { type PtsEntry, PtsListener } from '../../kernel/vfs/pts.ts';
import { FileSystemType, type FsStats, type SuperBlock } from '../../kernel/vfs/super-block.ts';
import { TmpSpecial } from '../tmpfs/inode.ts';
import { TmpfsSuperBlock } from '../tmpfs/super.ts';

interface Options { gid: number; mode: number; ptmxmode: number }

export class DevptsType extends FileSystemType {
  readonly name = 'devpts';
  mount(t: Task, source: string, _flags: number, data: string): Fallible<SuperBlock> {
    const options = parse(data);
    return isErr(options) ? options : new DevptsSuperBlock(t.kernel, source, options);
  }
}

class DevptsSuperBlock extends TmpfsSuperBlock {
  private readonly keeper: Keeper;
  private readonly options: Options;
  constructor(kernel: Kernel, source: string, options: Options) {
    super(kernel, 'devpts', source, { mode: 0o755 });
    this.options = options;
    this.keeper = new Keeper(this, options);
    const ptmx = new TmpSpecial(this, S_IFCHR | options.ptmxmode, 0, 0, makedev(5, 2));
    this.rootDir.plant('ptmx', ptmx);
    instantiate(this.root, 'ptmx', ptmx);
    for (const entry of kernel.pts.live.values()) this.keeper.added(entry);
    kernel.pts.listeners.add(this.keeper);
  }
  override statfs(): FsStats { return { type: DEVPTS_SUPER_MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 }; }
  override showOptions(): string {
    const { gid, mode, ptmxmode } = this.options;
    return `,gid=${gid},mode=${mode.toString(8)},ptmxmode=${ptmxmode.toString(8).padStart(3, '0')}`;
  }
  override unmount(): void {
    this.kernel.pts.listeners.delete(this.keeper);
    super.unmount();
  }
}

class Keeper extends PtsListener {
  private readonly sb: DevptsSuperBlock;
  private readonly options: Options;
  constructor(sb: DevptsSuperBlock, options: Options) {
    super();
    this.sb = sb;
    this.options = options;
  }
  added(e: PtsEntry): void {
    const node = new TmpSpecial(this.sb, S_IFCHR | this.options.mode, e.uid, this.options.gid, e.rdev);
    this.sb.rootDir.plant(String(e.number), node);
    instantiate(this.sb.root, String(e.number), node);
  }
  removed(e: PtsEntry): void {
    const known = this.sb.root.children?.get(String(e.number));
    this.sb.rootDir.uproot(String(e.number));
    if (known !== undefined) dropName(known);
  }
}

function parse(data: string): Fallible<Options> {
  const o: Options = { gid: 5, mode: 0o600, ptmxmode: 0 };
  for (const word of data.split(',').filter(w => w !== '')) {
    const [key, value = ''] = word.split('=');
    const octal = parseInt(value, 8);
    switch (key) {
      case 'gid': o.gid = parseInt(value, 10); break;
      case 'mode': o.mode = octal & 0o7777; break;
      case 'ptmxmode': o.ptmxmode = octal & 0o7777; break;
      case 'uid': case 'newinstance': case 'max': break;
      default: return EINVAL;
    }
    if (Number.isNaN(o.gid) || Number.isNaN(o.mode) || Number.isNaN(o.ptmxmode)) return EINVAL;
  }
  return o;
}
