// ioctl(2): what every descriptor understands; the rest is the file's business, then the inode's.
import { EBADF, ENOTTY, isErr } from '../../abi/errno.ts';
import { FASYNC, O_NONBLOCK } from '../../abi/fcntl.ts';
import { FS_IOC_ENABLE_VERITY, FS_IOC_MEASURE_VERITY, FS_IOC_READ_VERITY_METADATA } from '../../abi/fsverity.ts';
import { FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIOQSIZE, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS } from '../../abi/ioctl.ts';
import { isDirectory, isRegular, isSymlink } from '../../abi/stat.ts';
import { enableVerity, measureVerity, readVerityMetadata } from '../integrity/verity-file.ts';
import type { Task } from '../task/task.ts';
import { getAttrFlags, setAttrFlags } from '../vfs/attr-flags.ts';
import { updateAsync } from '../vfs/async-notify.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { isPathOnly } from '../vfs/path-file.ts';
import { type Arg, AS_U32, fd, hex, syscall, type SysResult } from './define.ts';

const cmd: Arg = { name: 'request', as: AS_U32, kind: 'hex' };

/** ioctl(2). */
export const sys_ioctl = syscall({
  name: 'ioctl',
  args: [fd('fd'), cmd, hex('arg')],
  run(t, fd, cmd, arg) {
    const file = t.files.get(fd);
    if (isErr(file)) return file;
    if (isPathOnly(file)) return EBADF;
    const denied = t.kernel.security.fileIoctl(t, file, cmd);
    if (denied !== 0) return denied;
    switch (cmd) {
      case FIOCLEX:
        t.files.setCloexec(fd, true);
        return 0;
      case FIONCLEX:
        t.files.setCloexec(fd, false);
        return 0;
      case FIONBIO: return switchFlag(t, file, O_NONBLOCK, arg);
      case FIOASYNC: {
        const r = switchFlag(t, file, FASYNC, arg);
        if (r === 0) updateAsync(file, fd);
        return r;
      }
      case FS_IOC_GETFLAGS: return getAttrFlags(t, file.inode, arg);
      case FS_IOC_SETFLAGS: return setAttrFlags(t, file, arg);
      case FS_IOC_ENABLE_VERITY: return enableVerity(t, file, arg);
      case FS_IOC_MEASURE_VERITY: return measureVerity(t, file.inode, arg);
      case FS_IOC_READ_VERITY_METADATA: return readVerityMetadata(t, file.inode, arg);
      case FIOQSIZE: {
        const { mode, size } = file.inode;
        return isRegular(mode) || isDirectory(mode) || isSymlink(mode) ? t.user.storeI64(arg, size) : ENOTTY;
      }
    }
    const r = file.ioctl(t, cmd, arg);
    return r === ENOTTY ? file.inode.ioctl(t, cmd, arg) : r;
  },
});

/** An int in user memory says on or off. */
function switchFlag(t: Task, file: OpenFile, flag: number, arg: number): SysResult {
  const r = t.user.loadI32(arg);
  if (r !== 0) return r;
  return file.setFlags(t.user.value !== 0 ? file.flags | flag : file.flags & ~flag);
}
