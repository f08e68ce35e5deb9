// The gate in front of system calls: seccomp first, then the host's policy. Only tasks that are `guarded` come here; all others pay one test.
import { BLOCKED } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import type { CallPolicy } from './policy.ts';
import { answer, type CallFate, seccompCall } from './seccomp.ts';

/** What becomes of the current task's call `nr`. */
export function guardCall(t: Task, nr: number): CallFate {
  const fate = t.seccompMode === 0 ? 'runs' : seccompCall(t, nr);
  const { policy } = t.kernel.security;
  return fate !== 'runs' || policy === null || !policy.sees(nr) ? fate : consult(t, nr, policy);
}

function consult(t: Task, nr: number, policy: CallPolicy): CallFate {
  const verdict = policy.judge(t, nr);
  if (verdict === 'allow') {
    t.restart = null;
    return 'runs';
  }
  if (verdict !== 'wait') return answer(t, verdict);
  t.verdict = t.waitOn(policy.answers, 'policy');
  if (t.verdict !== BLOCKED) policy.forget(t);
  return 'waits';
}
