// procfs (proc(5)): the kernel's state as files. Everything is made when it is asked for.
import { type Errno, type Fallible, EINVAL } from '../../abi/errno.ts';
import { NAME_MAX } from '../../abi/limits.ts';
import { PROC_SUPER_MAGIC } from '../../abi/statfs.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { FileSystemType, type FsStats, SuperBlock } from '../../kernel/vfs/super-block.ts';
import { RootDir } from './dirs.ts';
import { parseOptions, type ProcOptions, showOptions } from './hidepid.ts';

/** `proc` of /proc/filesystems. subset= is not there, and so not accepted. */
export class ProcFileSystem extends FileSystemType {
  override readonly name = 'proc';
  override mount(t: Task, source: string, _flags: number, data: string): Fallible<SuperBlock> {
    const options = parseOptions(data);
    return options === null ? EINVAL : new ProcSuperBlock(t.kernel, source, options);
  }
}

/** One instance. Without PID namespaces all instances show the same. */
export class ProcSuperBlock extends SuperBlock {
  override cachesNames = false;
  override canCreate = false;

  options: ProcOptions;

  constructor(kernel: Kernel, source = 'proc', options: ProcOptions = { hidepid: 0, gid: 0 }) {
    super(kernel, 'proc', source);
    this.options = options;
    this.setRoot(new RootDir(this));
  }
  override showOptions(): string { return showOptions(this.options); }
  override reconfigure(_t: Task, data: string): 0 | Errno {
    const options = parseOptions(data, this.options);
    if (options === null) return EINVAL;
    this.options = options;
    return 0;
  }
  override statfs(): Fallible<FsStats> {
    return { type: PROC_SUPER_MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: NAME_MAX };
  }
}
