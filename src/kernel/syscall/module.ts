// Kernel modules (init_module(2), delete_module(2)). Modules of this kernel come from the host (kspace run --module); no ELF file is one, so whoever
// may load modules is told what Linux tells of a file that it cannot use.
import { EBADF, EFAULT, EINVAL, ENOEXEC, EPERM, type Errno, isErr } from '../../abi/errno.ts';
import { CAP_SYS_MODULE } from '../../abi/capability.ts';
import type { Task } from '../task/task.ts';
import { fd, hex, inBuffer, size, string, syscall } from './define.ts';

const MODULE_INIT_IGNORE_MODVERSIONS = 1, MODULE_INIT_IGNORE_VERMAGIC = 2, MODULE_INIT_COMPRESSED_FILE = 4;
const KNOWN = MODULE_INIT_IGNORE_MODVERSIONS | MODULE_INIT_IGNORE_VERMAGIC | MODULE_INIT_COMPRESSED_FILE;
/** No ELF header fits into less. */
const ELF_HEADER = 64;
const NAME_LENGTH = 56;

/** init_module(2). */
export const sys_init_module = syscall({
  name: 'init_module', args: [inBuffer('module_image', 1), size('len'), string('param_values')], gaps: 'modules come from the host: every image answers ENOEXEC, under lockdown EPERM',
  run(t, image, length) {
    const denied = mayLoad(t);
    if (denied !== 0) return denied;
    if (length < ELF_HEADER) return ENOEXEC;
    const r = t.user.loadU8(image);
    return isErr(r) ? EFAULT : locked(t);
  },
});

/** finit_module(2). */
export const sys_finit_module = syscall({
  name: 'finit_module', args: [fd('fd'), string('param_values'), hex('flags')], gaps: 'modules come from the host: every file answers ENOEXEC, under lockdown EPERM',
  run(t, fileno, _params, flags) {
    const denied = mayLoad(t);
    if (denied !== 0) return denied;
    if ((flags & ~KNOWN) !== 0) return EINVAL;
    const file = t.files.get(fileno);
    if (isErr(file)) return file;
    return file.isReadable ? locked(t) : EBADF;
  },
});

/** delete_module(2). */
export const sys_delete_module = syscall({
  name: 'delete_module', args: [string('name'), hex('flags')], gaps: 'modules of this kernel cannot be removed: EBUSY',
  run(t, name) {
    const denied = mayLoad(t);
    if (denied !== 0) return denied;
    const text = t.user.string(name, NAME_LENGTH);
    return isErr(text) ? text : t.kernel.modules.remove(text);
  },
});

function mayLoad(t: Task): 0 | Errno { return !t.cred.has(CAP_SYS_MODULE) || t.kernel.modules.disabled !== 0 ? EPERM : 0; }

/** Its signature is asked for before its format. */
function locked(t: Task): Errno { return t.kernel.security.lockedDown(t, 'module') !== 0 ? EPERM : ENOEXEC; }
