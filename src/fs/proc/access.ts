// Who may look into a process: ptrace(2), "Ptrace access mode checking", PTRACE_MODE_READ_FSCREDS.
import { type Errno, EACCES } from '../../abi/errno.ts';
import { CAP_SYS_PTRACE } from '../../abi/capability.ts';
import type { Task } from '../../kernel/task/task.ts';

/** 0, or EACCES if `t` may not inspect `of`. */
export function mayInspect(t: Task, of: Task): 0 | Errno {
  if (t.process === of.process) return 0;
  if (!t.cred.has(CAP_SYS_PTRACE) && !hasIdsOf(t, of)) return EACCES;
  return t.kernel.security.ptraceAccess(t, of, 'read') === 0 ? 0 : EACCES;
}

function hasIdsOf(t: Task, of: Task): boolean {
  const { cred } = of;
  const { fsuid, fsgid } = t.cred;
  const sameIds = fsuid === cred.uid && fsuid === cred.euid && fsuid === cred.suid && fsgid === cred.gid && fsgid === cred.egid && fsgid === cred.sgid;
  if (!sameIds || of.process.dumpable !== 1) return false;
  const [lo, hi] = t.cred.caps.effective;
  const [wantLo, wantHi] = cred.caps.permitted;
  return (wantLo & ~lo) === 0 && (wantHi & ~hi) === 0;
}
