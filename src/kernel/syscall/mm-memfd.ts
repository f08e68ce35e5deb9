// memfd_create(2): anonymous files.
import { EACCES, EFAULT, EINVAL, ENAMETOOLONG, isErr } from '../../abi/errno.ts';
import { F_SEAL_EXEC, F_SEAL_SEAL, MFD_ALLOW_SEALING, MFD_CLOEXEC, MFD_EXEC, MFD_HUGETLB, MFD_NOEXEC_SEAL } from '../../abi/fcntl.ts';
import { createMemfd } from '../mm/memfd.ts';
import { flags, string, syscall } from './define.ts';

/** Name and its NUL: NAME_MAX less the length of "memfd:". */
const NAME_ROOM = 250;

export const sys_memfd_create = syscall({
  name: 'memfd_create', args: [string('name'), flags('flags', { MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_HUGETLB, MFD_NOEXEC_SEAL, MFD_EXEC })],
  gaps: 'MFD_HUGETLB answers EINVAL: there are no huge pages',
  run(t, name, how) {
    if ((how & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC)) !== 0) return EINVAL;
    if ((how & (MFD_NOEXEC_SEAL | MFD_EXEC)) === (MFD_NOEXEC_SEAL | MFD_EXEC)) return EINVAL;
    const label = t.user.string(name, NAME_ROOM, ENAMETOOLONG);
    if (isErr(label)) return label === ENAMETOOLONG ? EINVAL : label === EFAULT ? EFAULT : label;
    const { memfdNoexec } = t.kernel;
    const isNoExec = (how & MFD_NOEXEC_SEAL) !== 0 || (memfdNoexec > 0 && (how & MFD_EXEC) === 0);
    if (!isNoExec && memfdNoexec === 2) return EACCES;
    const seals = isNoExec ? F_SEAL_EXEC : (how & MFD_ALLOW_SEALING) !== 0 ? 0 : F_SEAL_SEAL;
    const file = createMemfd(t.kernel, label, isNoExec ? 0o666 : 0o777, seals);
    const at = t.files.install(t, file, (how & MFD_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
    if (isErr(at)) file.put();
    return at;
  },
});
