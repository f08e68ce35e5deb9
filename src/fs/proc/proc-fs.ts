// procfs (proc(5)): the kernel's state as files. Everything is made when it is asked for.
import type { Fallible } from '../../abi/errno.ts';
import { NAME_MAX } from '../../abi/limits.ts';
import { PROC_SUPER_MAGIC } from '../../abi/statfs.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { FileSystemType, type FsStats, SuperBlock } from '../../kernel/vfs/super-block.ts';
import { RootDir } from './dirs.ts';

/** `proc` of /proc/filesystems. Options (hidepid=, gid=, subset=) are not there yet: mount(2) ignores them as Linux' own parser does not. */
export class ProcFileSystem extends FileSystemType {
  override readonly name = 'proc';
  override mount(t: Task, source: string): Fallible<SuperBlock> { return new ProcSuperBlock(t.kernel, source); }
}

/** One instance. Without PID namespaces all instances show the same. */
export class ProcSuperBlock extends SuperBlock {
  override cachesNames = false;

  constructor(kernel: Kernel, source = 'proc') {
    super(kernel, 'proc', source);
    this.setRoot(new RootDir(this));
  }
  override statfs(): Fallible<FsStats> {
    return { type: PROC_SUPER_MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: NAME_MAX };
  }
}
