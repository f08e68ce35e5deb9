// unshare(2): a thread leaves what it shares with others: descriptors, working directory and umask.
import { EINVAL } from '../../abi/errno.ts';
import { CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD, CLONE_VM } from '../../abi/sched.ts';
import { unshareFiles } from '../vfs/close.ts';
import { flags, syscall } from './define.ts';

/** What only a process of one thread may name; it shares none of it then. */
const ALONE = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;

export const sys_unshare = syscall({
  name: 'unshare',
  args: [flags('flags', { CLONE_FILES, CLONE_FS, CLONE_SYSVSEM, CLONE_THREAD, CLONE_SIGHAND, CLONE_VM })],
  gaps: 'name spaces answer EINVAL, as a kernel built without them; CLONE_SYSVSEM has nothing to do',
  run(t, flags) {
    if ((flags & ~(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | ALONE)) !== 0) return EINVAL;
    if ((flags & ALONE) !== 0 && (t.process.threads.size > 1 || t.handlers.refs > 1)) return EINVAL;
    if ((flags & CLONE_VM) !== 0 && t.mm!.users > 1) return EINVAL;
    if ((flags & CLONE_FS) !== 0 && t.fs.users > 1) {
      const own = t.fs.copy();
      t.fs.put();
      t.fs = own;
    }
    if ((flags & CLONE_FILES) !== 0) unshareFiles(t);
    return 0;
  },
});
