// /proc/sys (proc_sys(5)): what the kernel is set to. Values that cannot be changed are read-only files, so that nobody believes otherwise.
import { type Errno, EINVAL, EPERM } from '../../abi/errno.ts';
import { CAP_LAST_CAP, CAP_SYS_ADMIN, CAP_SYS_MODULE, CAP_SYS_PTRACE } from '../../abi/capability.ts';
import { NGROUPS_MAX } from '../../abi/limits.ts';
import { SOMAXCONN } from '../../abi/socket.ts';
import { __NEW_UTS_LEN } from '../../abi/utsname.ts';
import { PIPE_MAX_SIZE } from '../../kernel/ipc/pipe.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Randomization } from '../../kernel/mm/aslr.ts';
import { BUFFER_SIZE } from '../../kernel/net/socket.ts';
import { PID_MAX } from '../../kernel/task/pid-table.ts';
import type { Task } from '../../kernel/task/task.ts';
import { MAX_QUEUED_EVENTS } from '../../kernel/vfs/inotify.ts';
import { TAINTS } from '../../kernel/taint.ts';
import { KERNEL_RELEASE, KERNEL_VERSION } from '../../kernel/version.ts';
import type { Entries, Text } from '../pseudo/entry.ts';
import { parseNumber } from './format.ts';
import { setting, VM_SETTINGS } from './sysctl-vm.ts';

/** Largest value that Linux shows for "no limit" of System V shared memory: ULONG_MAX - 2^24. */
const SHM_UNLIMITED = '18446744073692774399';
const SECCOMP_ACTIONS = 'kill_process kill_thread trap errno user_notif trace log allow';
const MAX_INT = 0x7fff_ffff;
const FILE_MAX = '9223372036854775807';

const KERNEL_SETTINGS: Entries<Kernel> = {
  'sys/kernel/arch': fixed('riscv64'),
  'sys/kernel/cap_last_cap': fixed(CAP_LAST_CAP),
  'sys/kernel/core_pattern': fixed('core'),
  'sys/kernel/core_uses_pid': fixed(0),
  'sys/kernel/domainname': nameSetting('domainname'),
  'sys/kernel/dmesg_restrict': fixed(0),
  'sys/kernel/hostname': nameSetting('hostname'),
  'sys/kernel/kptr_restrict': fixed(0),
  'sys/kernel/modules_disabled': { mode: 0o644, show: (_t, k) => `${k.modules.disabled}\n`, store: disableModules },
  'sys/kernel/msgmax': fixed(8192),
  'sys/kernel/msgmnb': fixed(16384),
  'sys/kernel/msgmni': fixed(32000),
  'sys/kernel/ngroups_max': fixed(NGROUPS_MAX),
  'sys/kernel/osrelease': fixed(KERNEL_RELEASE),
  'sys/kernel/ostype': fixed('Linux'),
  'sys/kernel/overflowgid': fixed(65534),
  'sys/kernel/overflowuid': fixed(65534),
  'sys/kernel/panic': fixed(0),
  'sys/kernel/panic_on_oops': setting(k => k.panicOnOops, (k, n) => { k.panicOnOops = n; }, 0, 1),
  'sys/kernel/pid_max': fixed(PID_MAX),
  'sys/kernel/printk': fixed('4\t4\t1\t7'),
  'sys/kernel/random/boot_id': { mode: 0o444, show: (_t, k) => `${bootId(k)}\n` },
  'sys/kernel/random/entropy_avail': fixed(256),
  'sys/kernel/random/poolsize': fixed(256),
  'sys/kernel/random/uuid': { mode: 0o444, show: (_t, k) => `${randomUuid(k)}\n` },
  'sys/kernel/randomize_va_space': setting(k => k.randomizeVaSpace, (k, n) => { k.randomizeVaSpace = n as Randomization; }, 0, 2),
  'sys/kernel/seccomp/actions_avail': fixed(SECCOMP_ACTIONS),
  'sys/kernel/seccomp/actions_logged': fixed(SECCOMP_ACTIONS.replace(' allow', '')),
  'sys/kernel/sem': fixed('32000\t1024000000\t500\t32000'),
  'sys/kernel/shmall': fixed(SHM_UNLIMITED),
  'sys/kernel/shmmax': fixed(SHM_UNLIMITED),
  'sys/kernel/shmmni': fixed(4096),
  'sys/kernel/tainted': { mode: 0o644, show: (_t, k) => `${k.taint}\n`, store: addTaint },
  'sys/kernel/threads-max': { mode: 0o444, show: (_t, k) => `${k.maxTasks}\n` },
  'sys/kernel/version': fixed(KERNEL_VERSION),
  'sys/kernel/yama/ptrace_scope': { mode: 0o644, show: (_t, k) => `${k.security.yama.scope}\n`, store: setPtraceScope },
};

const FILE_SETTINGS: Entries<Kernel> = {
  'sys/fs/aio-max-nr': fixed(0),
  'sys/fs/aio-nr': fixed(0),
  'sys/fs/dentry-state': { mode: 0o444, show: (_t, k) => `${dentryCount(k)}\t0\t45\t0\t0\t0\n` },
  'sys/fs/epoll/max_user_watches': setting(k => k.users.limits.epollWatches, (k, n) => { k.users.limits.epollWatches = n; }, 0, Number.MAX_SAFE_INTEGER),
  'sys/fs/file-max': fixed(FILE_MAX),
  'sys/fs/file-nr': { mode: 0o444, show: (_t, k) => `${openFileCount(k)}\t0\t${FILE_MAX}\n` },
  'sys/fs/inotify/max_queued_events': fixed(MAX_QUEUED_EVENTS),
  'sys/fs/inotify/max_user_instances': setting(k => k.users.limits.inotifyInstances, (k, n) => { k.users.limits.inotifyInstances = n; }, 0, MAX_INT),
  'sys/fs/inotify/max_user_watches': setting(k => k.users.limits.inotifyWatches, (k, n) => { k.users.limits.inotifyWatches = n; }, 0, MAX_INT),
  'sys/fs/nr_open': fixed(1048576),
  'sys/fs/overflowgid': fixed(65534),
  'sys/fs/overflowuid': fixed(65534),
  'sys/fs/pipe-max-size': fixed(PIPE_MAX_SIZE),
  'sys/fs/pipe-user-pages-hard': setting(k => k.users.limits.pipePagesHard, (k, n) => { k.users.limits.pipePagesHard = n; }, 0, Number.MAX_SAFE_INTEGER),
  'sys/fs/pipe-user-pages-soft': setting(k => k.users.limits.pipePagesSoft, (k, n) => { k.users.limits.pipePagesSoft = n; }, 0, Number.MAX_SAFE_INTEGER),
  'sys/fs/protected_fifos': fixed(0),
  'sys/fs/protected_hardlinks': fixed(0),
  'sys/fs/protected_regular': fixed(0),
  'sys/fs/protected_symlinks': fixed(0),
  'sys/fs/suid_dumpable': fixed(0),
};

const NETWORK_SETTINGS: Entries<Kernel> = {
  'sys/net/core/rmem_default': fixed(BUFFER_SIZE),
  'sys/net/core/rmem_max': fixed(BUFFER_SIZE),
  'sys/net/core/somaxconn': fixed(SOMAXCONN),
  'sys/net/core/wmem_default': fixed(BUFFER_SIZE),
  'sys/net/core/wmem_max': fixed(BUFFER_SIZE),
  'sys/net/ipv4/ip_forward': fixed(0),
  'sys/net/ipv4/ip_local_port_range': fixed('32768\t60999'),
  'sys/net/ipv4/ip_unprivileged_port_start': fixed(1024),
  'sys/net/ipv6/bindv6only': fixed(0),
  'sys/net/ipv6/conf/all/disable_ipv6': fixed(0),
  'sys/net/unix/max_dgram_qlen': fixed(10),
};

export const SYSCTL_FILES: Entries<Kernel> = { ...KERNEL_SETTINGS, ...VM_SETTINGS, ...FILE_SETTINGS, ...NETWORK_SETTINGS };

function fixed(value: string | number): Text<Kernel> {
  return { mode: 0o444, show: () => `${value}\n` };
}

/** sethostname(2) and setdomainname(2) as files. */
function nameSetting(which: 'hostname' | 'domainname'): Text<Kernel> {
  return {
    mode: 0o644,
    show: (_t, k) => `${k[which]}\n`,
    store: (t, k, text) => {
      if (!t.cred.has(CAP_SYS_ADMIN)) return EPERM;
      k[which] = text.replace(/[\n\0][^]*$/, '').slice(0, __NEW_UTS_LEN);
      return 0;
    },
  };
}

/** 1 is for good: nothing is loaded any more. */
function disableModules(t: Task, k: Kernel, text: string): 0 | Errno {
  if (!t.cred.has(CAP_SYS_MODULE)) return EPERM;
  if (parseNumber(text) !== 1) return EINVAL;
  k.modules.disabled = 1;
  return 0;
}

/** Bits can be added by CAP_SYS_ADMIN, and never go away. */
function addTaint(t: Task, k: Kernel, text: string): 0 | Errno {
  const bits = parseNumber(text);
  if (!t.cred.has(CAP_SYS_ADMIN)) return EPERM;
  if (!(bits >= 0 && bits < 2 ** TAINTS.length)) return EINVAL;
  k.taint |= bits;
  return 0;
}

/** Yama: needs CAP_SYS_PTRACE, and 3 is for good. */
function setPtraceScope(t: Task, k: Kernel, text: string): 0 | Errno {
  const scope = parseNumber(text);
  if (scope !== 0 && scope !== 1 && scope !== 2 && scope !== 3) return EINVAL;
  if (!t.cred.has(CAP_SYS_PTRACE)) return EPERM;
  if (k.security.yama.scope === 3 && scope !== 3) return EINVAL;
  k.security.yama.scope = scope;
  return 0;
}

function bootId(k: Kernel): string {
  if (k.bootId === '') k.bootId = randomUuid(k);
  return k.bootId;
}

/** RFC 9562, version 4. */
function randomUuid(k: Kernel): string {
  const bytes = new Uint8Array(16);
  k.random.fillBytes(bytes);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = [...bytes].map(b => b.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function dentryCount(k: Kernel): number {
  const supers = new Set([...k.mounts.all].map(mount => mount.sb));
  let n = 0;
  for (const sb of supers) n += sb.dentries.names.size;
  return n;
}

function openFileCount(k: Kernel): number {
  const files = new Set<object>();
  for (const process of k.pids.processes.values()) {
    if (!process.isZombie) for (const [, file] of process.leader.files.entries()) files.add(file);
  }
  return files.size;
}
