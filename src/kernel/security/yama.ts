// Yama (Documentation/admin-guide/LSM/Yama, ptrace(2) "/proc/sys/kernel/yama/ptrace_scope"): who may attach to processes that it could attach to by
// its ids. 0 anybody, 1 ancestors and whom PR_SET_PTRACER named, 2 CAP_SYS_PTRACE, 3 nobody (and no way back).
import { type Errno, EINVAL, EPERM } from '../../abi/errno.ts';
import { CAP_SYS_PTRACE } from '../../abi/capability.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import { type PtraceAccess, SecurityModule } from './module.ts';

/** PR_SET_PTRACER_ANY. */
const ANYBODY = 'anybody';

export class Yama extends SecurityModule {
  readonly name = 'yama';
  /** 0 as Debian's kernels have it; `kernel.yama.ptrace_scope` raises it. */
  scope: 0 | 1 | 2 | 3 = 0;
  /** PR_SET_PTRACER: tracee to its one exception. */
  private readonly exceptions = new Map<Process, Process | typeof ANYBODY>();

  override ptraceAccess(t: Task, of: Task, access: PtraceAccess): 0 | Errno {
    if (access !== 'attach' || this.scope === 0) return 0;
    if (this.scope === 3) return EPERM;
    if (t.cred.has(CAP_SYS_PTRACE)) return 0;
    return this.scope === 1 && (isAncestor(t.process, of.process) || this.isException(t.process, of.process)) ? 0 : EPERM;
  }

  override ptraceTraceme(_t: Task, tracer: Task): 0 | Errno {
    if (this.scope < 2) return 0;
    return this.scope === 2 && tracer.cred.has(CAP_SYS_PTRACE) ? 0 : EPERM;
  }

  /** PR_SET_PTRACER(pid): 0 takes the exception back, -1 admits everybody. */
  setPtracer(t: Task, pid: number): 0 | Errno {
    if (pid === 0) this.exceptions.delete(t.process);
    else if (pid === -1) this.exceptions.set(t.process, ANYBODY);
    else {
      const tracer = t.kernel.pids.tasks.get(pid)?.process;
      if (tracer === undefined) return EINVAL;
      this.exceptions.set(t.process, tracer);
    }
    return 0;
  }

  /** A process is gone: so are its exception, and it as one. */
  forget(p: Process): void {
    if (this.exceptions.size === 0) return;
    this.exceptions.delete(p);
    for (const [of, tracer] of this.exceptions) if (tracer === p) this.exceptions.delete(of);
  }

  private isException(tracer: Process, of: Process): boolean {
    const who = this.exceptions.get(of);
    return who === ANYBODY || (who !== undefined && (who === tracer || isAncestor(who, tracer)));
  }
}

function isAncestor(of: Process, p: Process): boolean {
  for (let q: Process | null = p; q !== null; q = q.parent) if (q === of) return true;
  return false;
}
