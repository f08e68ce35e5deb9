// signalfd4(2).
import { EINVAL, isErr } from '../../abi/errno.ts';
import { SFD_CLOEXEC, SFD_NONBLOCK } from '../../abi/eventfd.ts';
import { SIGSET_SIZE } from '../../abi/signal.ts';
import { SignalFile } from '../ipc/signalfd.ts';
import { UNMASKABLE } from '../signal/sets.ts';
import { POLLIN } from '../../abi/poll.ts';
import { fd, flags, sigset, size, syscall } from './define.ts';
import { installFile } from './eventfd.ts';

/** signalfd(2): a new descriptor, or a new set for the one given. */
export const sys_signalfd4 = syscall({
  name: 'signalfd4',
  args: [fd('fd'), sigset('mask'), size('sizemask'), flags('flags', { SFD_CLOEXEC, SFD_NONBLOCK })],
  gaps: 'a descriptor inherited over fork is woken by signals of the process that made it',
  run(t, fd, mask, sizemask, flags) {
    if (sizemask !== SIGSET_SIZE) return EINVAL;
    const e = t.user.loadU64(mask);
    if (e !== 0) return e;
    const lo = t.user.lo & ~UNMASKABLE, hi = t.user.hi;
    if ((flags & ~(SFD_CLOEXEC | SFD_NONBLOCK)) !== 0) return EINVAL;
    if (fd === -1) return installFile(t, new SignalFile(t, flags & SFD_NONBLOCK, lo, hi), (flags & SFD_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if (!(file instanceof SignalFile)) return EINVAL;
    file.maskLo = lo;
    file.maskHi = hi;
    file.waiters.wake(POLLIN);
    return fd;
  },
});
