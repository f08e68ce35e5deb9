// What wait(2) shows a tracer: stops and ends of its tracees, threads as well as processes (ptrace(2), "Death under ptrace").
import { CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_TRAPPED } from '../../abi/signal.ts';
import { WEXITED } from '../../abi/wait.ts';
import type { Task } from '../task/task.ts';

/** A tracee's event: `status` in wait(2)'s encoding, and waitid(2)'s view of it. */
export interface TraceeEvent { kind: 'stop' | 'end'; status: number; code: number; siStatus: number }

/** The event that is there for the tracer; null: none. It stays until `stop.reported` or burial. */
export function traceeEvent(t: Task, options: number): TraceeEvent | null {
  const p = t.process;
  if (t.state === 'Z') {
    if ((options & WEXITED) === 0 || (t === p.leader && !p.isZombie)) return null;
    const status = t === p.leader ? p.exitStatus : p.groupExit >= 0 ? p.groupExit : t.exitCode;
    const sig = status & 0x7f;
    if (sig === 0) return { kind: 'end', status, code: CLD_EXITED, siStatus: (status >> 8) & 0xff };
    return { kind: 'end', status, code: (status & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED, siStatus: sig };
  }
  const stop = t.traceStop;
  if (t.state !== 't' || stop === null || stop.reported || stop.listening) return null;
  return { kind: 'stop', status: (stop.code << 8) | 0x7f, code: CLD_TRAPPED, siStatus: stop.code };
}
