// /proc/PID/clear_refs (proc_pid_clear_refs(5)): forgets which pages of a process were used, or its peak.
import { type Errno, EINVAL } from '../../abi/errno.ts';
import { clearReferenced, type Which } from '../../kernel/mm/residency.ts';
import type { Task } from '../../kernel/task/task.ts';
import { parseNumber } from './format.ts';

const WHICH: readonly (Which | null)[] = [null, 'all', 'anonymous', 'of files'];
/** Soft-dirty bits: Linux for riscv64 has none, takes the number, and does nothing; so do we. */
const SOFT_DIRTY = 4;
const RESET_PEAK = 5;

export function storeClearRefs(_t: Task, of: Task, text: string): 0 | Errno {
  const what = parseNumber(text);
  if (!(what >= 1 && what <= RESET_PEAK)) return EINVAL;
  const { mm } = of;
  if (mm === null || what === SOFT_DIRTY) return 0;
  const which = WHICH[what];
  if (which !== null && which !== undefined) clearReferenced(mm, which);
  else mm.rssPeakPages = mm.rssPages;
  return 0;
}
