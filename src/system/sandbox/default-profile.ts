// The seccomp profile that comes with kspace: everything that programs of a container need, calls with privileges only together with the
// capability that they ask for anyway, and nothing that reaches far into a kernel for little use. Unknown calls answer ENOSYS, so that
// libraries fall back.
import { SYSCALL_NUMBERS } from '../../abi/syscall-numbers.ts';
import type { ProfileRule, SeccompProfile } from './seccomp-profile.ts';

const ENOSYS = 38;
const [ALLOW, ERRNO] = ['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO'];

/** Never: kernel-wide key rings, rings of calls behind the filter's back, and what is obsolete. */
const NEVER = ['add_key', 'keyctl', 'request_key', 'io_uring_setup', 'io_uring_enter', 'io_uring_register', 'userfaultfd', 'nfsservctl', 'lookup_dcookie', 'memfd_secret'];

/** Only with the capability. */
const PRIVILEGED: Readonly<Record<string, readonly string[]>> = {
  CAP_SYS_ADMIN: [
    'mount', 'umount2', 'pivot_root', 'move_mount', 'open_tree', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'mount_setattr', 'setns', 'unshare', 'quotactl',
    'quotactl_fd', 'sethostname', 'setdomainname', 'bpf', 'perf_event_open', 'fanotify_init', 'swapon', 'swapoff',
  ],
  CAP_SYS_BOOT: ['reboot', 'kexec_load', 'kexec_file_load'],
  CAP_SYS_MODULE: ['init_module', 'finit_module', 'delete_module'],
  CAP_SYS_TIME: ['settimeofday', 'clock_settime'],
  CAP_SYS_PACCT: ['acct'],
  CAP_SYS_CHROOT: ['chroot'],
  CAP_SYS_PTRACE: ['process_vm_readv', 'process_vm_writev', 'kcmp', 'pidfd_getfd', 'process_madvise'],
  CAP_SYS_NICE: ['mbind', 'set_mempolicy', 'get_mempolicy', 'migrate_pages', 'move_pages', 'set_mempolicy_home_node'],
  CAP_DAC_READ_SEARCH: ['open_by_handle_at'],
  CAP_SYSLOG: ['syslog'],
  CAP_SYS_TTY_CONFIG: ['vhangup'],
};
/** Flags of clone(2) that make name spaces. */
const NAMESPACE_FLAGS = 0x7e02_0000;
const AF_ALG = 38, AF_VSOCK = 40;
/** personality(2): Linux, with or without 32 bits shown by uname, and the question. */
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffff_ffff];

const special = [...NEVER, ...Object.values(PRIVILEGED).flat(), 'clone', 'clone3', 'socket', 'personality'];

export const DEFAULT_PROFILE: SeccompProfile = {
  defaultAction: ERRNO!, defaultErrnoRet: ENOSYS,
  syscalls: [
    { names: Object.keys(SYSCALL_NUMBERS).filter(n => !special.includes(n)), action: ALLOW! },
    { names: NEVER, action: ERRNO!, errnoRet: 1 },
    ...Object.entries(PRIVILEGED).flatMap(([cap, names]): ProfileRule[] => [
      { names, action: ALLOW!, includes: { caps: [cap] } }, { names, action: ERRNO!, errnoRet: 1, excludes: { caps: [cap] } },
    ]),
    { names: ['clone', 'clone3'], action: ALLOW!, includes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['clone'], action: ALLOW!, args: [{ index: 0, value: NAMESPACE_FLAGS, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }], excludes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['clone'], action: ERRNO!, errnoRet: 1, excludes: { caps: ['CAP_SYS_ADMIN'] } },
    // clone3's flags lie in memory, where no filter sees them: libraries fall back to clone.
    { names: ['clone3'], action: ERRNO!, errnoRet: ENOSYS, excludes: { caps: ['CAP_SYS_ADMIN'] } },
    { names: ['socket'], action: ALLOW!, args: [{ index: 0, value: AF_ALG, op: 'SCMP_CMP_NE' }, { index: 0, value: AF_VSOCK, op: 'SCMP_CMP_NE' }] },
    { names: ['socket'], action: ERRNO!, errnoRet: 97 },
    ...PERSONALITIES.map((value): ProfileRule => ({ names: ['personality'], action: ALLOW!, args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }] })),
    { names: ['personality'], action: ERRNO!, errnoRet: 1 },
  ],
};
