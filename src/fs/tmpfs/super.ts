// tmpfs(5): files in memory. The super block counts pages and inodes against its limits; pages are swap-less shmem pages of the kernel's mm.
import { type Errno, type Fallible, EINVAL, ENOSPC, isErr } from '../../abi/errno.ts';
import { S_IFDIR } from '../../abi/stat.ts';
import { TMPFS_MAGIC } from '../../abi/statfs.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { ShmemQuota } from '../../kernel/mm/shmem.ts';
import type { Task } from '../../kernel/task/task.ts';
import { type FsStats, FileSystemType, SuperBlock } from '../../kernel/vfs/super-block.ts';
import { TmpDir } from './dir.ts';

const PAGE = 4096;

/** Mount options; absent limits are Linux' defaults: half of RAM, and an inode for every two pages of it. 0: no limit. */
export interface TmpfsOptions { sizeBytes?: number; inodes?: number; mode?: number; uid?: number; gid?: number }

export class TmpfsSuperBlock extends SuperBlock {
  readonly pages: ShmemQuota;
  maxInodes: number;
  /** The root counts. */
  usedInodes = 1;
  readonly rootDir: TmpDir;
  private inoCounter = 1;
  private given: TmpfsOptions;

  constructor(kernel: Kernel, fsType: string, source: string, options: TmpfsOptions) {
    super(kernel, fsType, source);
    const ramPages = Math.floor(kernel.machine.ram.size / PAGE);
    this.given = options;
    this.pages = new ShmemQuota(limit(options.sizeBytes === undefined ? Math.floor(ramPages / 2) : Math.ceil(options.sizeBytes / PAGE)));
    this.maxInodes = limit(options.inodes ?? Math.floor(ramPages / 2));
    this.rootDir = new TmpDir(this, S_IFDIR | (options.mode ?? 0o1777), options.uid ?? 0, options.gid ?? 0);
    this.rootDir.nlink = 2;
    this.setRoot(this.rootDir);
  }

  nextIno(): number { return this.inoCounter++; }

  chargeInode(): 0 | Errno {
    if (this.usedInodes >= this.maxInodes) return ENOSPC;
    this.usedInodes++;
    return 0;
  }

  override statfs(): FsStats {
    const blocks = finite(this.pages.maxPages), files = finite(this.maxInodes);
    const bfree = Math.max(0, blocks - this.pages.usedPages);
    return { type: TMPFS_MAGIC, bsize: PAGE, blocks, bfree, bavail: bfree, files, ffree: Math.max(0, files - this.usedInodes), namelen: 255 };
  }

  /** New limits must leave room for what is there. */
  override reconfigure(t: Task, data: string): 0 | Errno {
    const options = parseTmpfsOptions(data, t.kernel.machine.ram.size);
    if (isErr(options)) return options;
    const { sizeBytes, inodes } = options;
    const maxPages = sizeBytes === undefined ? this.pages.maxPages : limit(Math.ceil(sizeBytes / PAGE));
    const maxInodes = inodes === undefined ? this.maxInodes : limit(inodes);
    if (maxPages < this.pages.usedPages || maxInodes < this.usedInodes) return EINVAL;
    this.pages.maxPages = maxPages;
    this.maxInodes = maxInodes;
    this.given = { ...this.given, ...options };
    return 0;
  }

  override showOptions(): string {
    const { sizeBytes, inodes, mode, uid, gid } = this.given;
    return (sizeBytes === undefined ? '' : `,size=${finite(this.pages.maxPages) * 4}k`)
      + (inodes === undefined ? '' : `,nr_inodes=${finite(this.maxInodes)}`)
      + (mode === undefined ? '' : `,mode=${mode.toString(8)}`)
      + (uid === undefined ? '' : `,uid=${uid}`) + (gid === undefined ? '' : `,gid=${gid}`);
  }

  /** All inodes go: directories let their entries go, the deepest first, so that no recursion is needed. */
  override unmount(): void {
    const dirs: TmpDir[] = [this.rootDir];
    for (let i = 0; i < dirs.length; i++) for (const e of dirs[i]!.entries.values()) if (e.inode instanceof TmpDir) dirs.push(e.inode);
    for (const d of dirs.reverse()) d.clear();
  }
}

/** mount -t tmpfs. */
export class TmpfsType extends FileSystemType {
  readonly name: string = 'tmpfs';
  mount(t: Task, source: string, _flags: number, data: string): Fallible<SuperBlock> {
    const options = parseTmpfsOptions(data, t.kernel.machine.ram.size);
    return isErr(options) ? options : new TmpfsSuperBlock(t.kernel, this.name, source, options);
  }
}

/** `size=64m,nr_inodes=10k,mode=755,uid=0,gid=0`; sizes in bytes with k, m, g or in per cent of RAM. EINVAL for what tmpfs does not know. */
export function parseTmpfsOptions(data: string, ramBytes: number): Fallible<TmpfsOptions> {
  const options: TmpfsOptions = {};
  for (const part of data.split(',')) {
    if (part === '') continue;
    const [key = '', value = ''] = part.split('=', 2);
    const r = setOption(options, key, value, ramBytes);
    if (r !== 0) return r;
  }
  return options;
}

function setOption(options: TmpfsOptions, key: string, value: string, ramBytes: number): 0 | Errno {
  let n: number;
  switch (key) {
    case 'size': n = options.sizeBytes = value.endsWith('%') ? Math.floor(ramBytes * number(value.slice(0, -1), 10) / 100) : scaled(value); break;
    case 'nr_blocks': n = options.sizeBytes = scaled(value) * PAGE; break;
    case 'nr_inodes': n = options.inodes = scaled(value); break;
    case 'mode': n = options.mode = number(value, 8) & 0o7777; break;
    case 'uid': n = options.uid = number(value, 10); break;
    case 'gid': n = options.gid = number(value, 10); break;
    case 'huge': case 'inode64': case 'inode32': case 'noswap': return 0;
    default: return EINVAL;
  }
  return Number.isNaN(n) ? EINVAL : 0;
}

function scaled(text: string): number {
  const shift = 'kmgt'.indexOf(text.slice(-1).toLowerCase());
  return shift < 0 || text === '' ? number(text, 10) : number(text.slice(0, -1), 10) * 1024 ** (shift + 1);
}

const number = (text: string, base: 8 | 10): number =>
  (base === 8 ? /^[0-7]+$/ : /^\d+$/).test(text) ? parseInt(text, base) : NaN;
const limit = (n: number): number => n === 0 ? Infinity : n;
const finite = (n: number): number => n === Infinity ? 0 : n;
