// seccomp(2): strict mode and filters; prctl(2) PR_SET_SECCOMP comes here too.
import { type Errno, EFAULT, EINVAL, EOPNOTSUPP, isErr } from '../../abi/errno.ts';
import { BPF_MAXINSNS, SockFilter, SockFprog } from '../../abi/filter.ts';
import * as abi from '../../abi/seccomp.ts';
import { compile } from '../security/bpf.ts';
import { attachFilter, enterStrict } from '../security/seccomp.ts';
import { SeccompListener } from '../security/seccomp-notify.ts';
import type { Task } from '../task/task.ts';
import { flags, oneOf, ptr, syscall, type SysResult } from './define.ts';

const OPERATIONS = {
  SECCOMP_SET_MODE_STRICT: abi.SECCOMP_SET_MODE_STRICT, SECCOMP_SET_MODE_FILTER: abi.SECCOMP_SET_MODE_FILTER,
  SECCOMP_GET_ACTION_AVAIL: abi.SECCOMP_GET_ACTION_AVAIL, SECCOMP_GET_NOTIF_SIZES: abi.SECCOMP_GET_NOTIF_SIZES,
};
const FLAGS = {
  SECCOMP_FILTER_FLAG_TSYNC: abi.SECCOMP_FILTER_FLAG_TSYNC, SECCOMP_FILTER_FLAG_LOG: abi.SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: abi.SECCOMP_FILTER_FLAG_SPEC_ALLOW, SECCOMP_FILTER_FLAG_NEW_LISTENER: abi.SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH: abi.SECCOMP_FILTER_FLAG_TSYNC_ESRCH, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: abi.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};
const ALL_FLAGS = Object.values(FLAGS).reduce((all, f) => all | f, 0);
const ACTIONS: readonly number[] = [
  abi.SECCOMP_RET_KILL_PROCESS, abi.SECCOMP_RET_KILL_THREAD, abi.SECCOMP_RET_TRAP, abi.SECCOMP_RET_ERRNO, abi.SECCOMP_RET_USER_NOTIF,
  abi.SECCOMP_RET_TRACE, abi.SECCOMP_RET_LOG, abi.SECCOMP_RET_ALLOW,
];

/** seccomp(2). */
export const sys_seccomp = syscall({
  name: 'seccomp',
  args: [oneOf('operation', OPERATIONS), flags('flags', FLAGS), ptr('args')],
  run(t, operation, flags, args) {
    switch (operation) {
      case abi.SECCOMP_SET_MODE_STRICT: return flags !== 0 || args !== 0 ? EINVAL : enterStrict(t);
      case abi.SECCOMP_SET_MODE_FILTER: return setFilter(t, flags, args);
      case abi.SECCOMP_GET_ACTION_AVAIL: {
        if (flags !== 0) return EINVAL;
        const r = t.user.loadU32(args);
        if (isErr(r)) return r;
        return ACTIONS.includes(t.user.value) ? 0 : EOPNOTSUPP;
      }
      case abi.SECCOMP_GET_NOTIF_SIZES: {
        if (flags !== 0) return EINVAL;
        const sizes = abi.SeccompNotifSizes.view();
        sizes.seccomp_notif = abi.SeccompNotif.size;
        sizes.seccomp_notif_resp = abi.SeccompNotifResp.size;
        sizes.seccomp_data = abi.SeccompData.size;
        return t.user.copyOut(args, sizes.bytes);
      }
      default: return EINVAL;
    }
  },
});

/** SECCOMP_SET_MODE_FILTER: 0, the listener's descriptor, an errno, or the tid of a thread that does not follow. */
export function setFilter(t: Task, flags: number, args: number): SysResult {
  if ((flags & ~ALL_FLAGS) !== 0) return EINVAL;
  const listens = (flags & abi.SECCOMP_FILTER_FLAG_NEW_LISTENER) !== 0;
  const syncs = (flags & abi.SECCOMP_FILTER_FLAG_TSYNC) !== 0;
  if (listens && syncs && (flags & abi.SECCOMP_FILTER_FLAG_TSYNC_ESRCH) === 0) return EINVAL;
  if (!listens && (flags & abi.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) !== 0) return EINVAL;
  const filter = readFilter(t, args);
  if (isErr(filter)) return filter;
  const program = compile(filter);
  if (isErr(program)) return program;
  if (!listens) return attachFilter(t, program, flags, null);
  const listener = new SeccompListener(t);
  const fd = t.files.install(t, listener, 'cloexec');
  const r = isErr(fd) ? fd : attachFilter(t, program, flags, listener);
  if (r === 0) return fd;
  if (!isErr(fd)) t.files.remove(fd);
  listener.put();
  return r;
}

/** The instructions that a struct sock_fprog leads to. */
function readFilter(t: Task, at: number): Uint8Array | Errno {
  const prog = SockFprog.view();
  if (isErr(t.user.copyIn(at, prog.bytes))) return EFAULT;
  if (prog.filter === 0 || prog.len === 0 || prog.len > BPF_MAXINSNS) return EINVAL;
  const bytes = new Uint8Array(prog.len * SockFilter.size);
  const r = t.user.copyIn(prog.filter, bytes);
  return isErr(r) ? r : bytes;
}
