// userfaultfd(2): page faults handled in user space.
import { EINVAL, EPERM, isErr } from '../../abi/errno.ts';
import { CAP_SYS_PTRACE } from '../../abi/capability.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../abi/fcntl.ts';
import { UFFD_USER_MODE_ONLY } from '../../abi/userfaultfd.ts';
import { Userfaultfd } from '../mm/uffd.ts';
import { flags, syscall } from './define.ts';

/** userfaultfd(2). */
export const sys_userfaultfd = syscall({
  name: 'userfaultfd', args: [flags('flags', { O_CLOEXEC, O_NONBLOCK, UFFD_USER_MODE_ONLY })],
  gaps: 'no minor faults, UFFDIO_CONTINUE, MOVE and POISON; events do not hold up the process they tell of, but come in order',
  run(t, how) {
    if ((how & ~(O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY)) !== 0) return EINVAL;
    const userModeOnly = (how & UFFD_USER_MODE_ONLY) !== 0;
    if (!userModeOnly && t.kernel.unprivilegedUserfaultfd === 0 && !t.cred.has(CAP_SYS_PTRACE)) return EPERM;
    const file = new Userfaultfd(t, t.mm!, how, userModeOnly ? 'user mode only' : 'all faults');
    const fd = t.files.install(t, file, (how & O_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
    if (isErr(fd)) file.put();
    return fd;
  },
});
