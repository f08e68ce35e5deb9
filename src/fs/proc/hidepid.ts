// Mount options of proc (proc(5), "Mount options"): who sees the processes of others. The check is ptrace's, so security modules have their say.
import { type Errno, ENOENT, EPERM } from '../../abi/errno.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { SuperBlock } from '../../kernel/vfs/super-block.ts';
import { mayInspect } from './access.ts';

/** 0 off, 1 noaccess, 2 invisible, 4 ptraceable. */
export type HidePid = 0 | 1 | 2 | 4;
export interface ProcOptions { hidepid: HidePid; gid: number }

const NAMES: ReadonlyMap<string, HidePid> = new Map([
  ['0', 0], ['off', 0], ['1', 1], ['noaccess', 1], ['2', 2], ['invisible', 2], ['4', 4], ['ptraceable', 4],
]);

/** `hidepid=invisible,gid=5`; null: something else is in it. */
export function parseOptions(data: string, before: ProcOptions = { hidepid: 0, gid: 0 }): ProcOptions | null {
  const options = { ...before };
  for (const option of data.split(',')) {
    const [key, value = ''] = option.split('=');
    const hidepid = NAMES.get(value);
    if (key === 'hidepid' && hidepid !== undefined) options.hidepid = hidepid;
    else if (key === 'gid' && /^\d+$/.test(value)) options.gid = Number(value);
    else if (option !== '') return null;
  }
  return options;
}

/** As /proc/mounts shows them, with a leading comma. */
export function showOptions({ hidepid, gid }: ProcOptions): string {
  const name = { 0: '', 1: ',hidepid=noaccess', 2: ',hidepid=invisible', 4: ',hidepid=ptraceable' }[hidepid];
  return `${gid === 0 ? '' : `,gid=${gid}`}${name}`;
}

/** A super block that has the options. */
export interface Hiding extends SuperBlock { readonly options: ProcOptions }

/** May `t` see that there is such a process at all? */
export function isVisible(t: Task, sb: SuperBlock, of: Task): boolean {
  const { hidepid, gid } = (sb as Hiding).options;
  return hidepid < 2 || mayEnter(t, of, hidepid, gid);
}

/** May `t` use what lies in the process' directory? 0, ENOENT for one that does not exist for it, EPERM. */
export function checkEntry(t: Task, sb: SuperBlock, of: Task): 0 | Errno {
  const { hidepid, gid } = (sb as Hiding).options;
  if (hidepid === 0 || mayEnter(t, of, hidepid, gid)) return 0;
  return hidepid === 1 ? EPERM : ENOENT;
}

function mayEnter(t: Task, of: Task, hidepid: HidePid, gid: number): boolean {
  return (hidepid !== 4 && t.cred.inGroup(gid)) || mayInspect(t, of) === 0;
}
