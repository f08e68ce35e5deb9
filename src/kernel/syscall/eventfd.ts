// eventfd2(2).
import { EINVAL } from '../../abi/errno.ts';
import { EFD_CLOEXEC, EFD_NONBLOCK, EFD_SEMAPHORE } from '../../abi/eventfd.ts';
import { EventFile } from '../ipc/eventfd.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { flags, syscall, uint, type SysResult } from './define.ts';

const EVENTFD_FLAGS = { EFD_CLOEXEC, EFD_NONBLOCK, EFD_SEMAPHORE };

/** eventfd(2). */
export const sys_eventfd2 = syscall({
  name: 'eventfd2',
  args: [uint('initval'), flags('flags', EVENTFD_FLAGS)],
  run(t, initval, flags) {
    if ((flags & ~(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)) !== 0) return EINVAL;
    return installFile(t, new EventFile(t, initval, flags & ~EFD_CLOEXEC), (flags & EFD_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
  },
});

/** A descriptor for a fresh file; the file goes again if there is none (EMFILE). */
export function installFile(t: Task, file: OpenFile, cloexec: 'cloexec' | 'keep'): SysResult {
  const fd = t.files.install(t, file, cloexec);
  if (fd < 0) file.put();
  return fd;
}
