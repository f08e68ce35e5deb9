// procfs (proc(5)): the kernel's state as files. Everything is made when it is asked for.
import { type Fallible, EINVAL } from '../../abi/errno.ts';
import { NAME_MAX } from '../../abi/limits.ts';
import { PROC_SUPER_MAGIC } from '../../abi/statfs.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { FileSystemType, type FsStats, SuperBlock } from '../../kernel/vfs/super-block.ts';
import { RootDir } from './dirs.ts';

/** `proc` of /proc/filesystems. hidepid= and subset= are not there yet, so only their defaults are accepted. */
export class ProcFileSystem extends FileSystemType {
  override readonly name = 'proc';
  override mount(t: Task, source: string, _flags: number, data: string): Fallible<SuperBlock> {
    const known = data.split(',').every(option => option === '' || option === 'hidepid=0' || option === 'hidepid=off' || /^gid=\d+$/.test(option));
    return known ? new ProcSuperBlock(t.kernel, source) : EINVAL;
  }
}

/** One instance. Without PID namespaces all instances show the same. */
export class ProcSuperBlock extends SuperBlock {
  override cachesNames = false;
  override canCreate = false;

  constructor(kernel: Kernel, source = 'proc') {
    super(kernel, 'proc', source);
    this.setRoot(new RootDir(this));
  }
  override statfs(): Fallible<FsStats> {
    return { type: PROC_SUPER_MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: NAME_MAX };
  }
}
