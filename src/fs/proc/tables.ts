// The three tables of procfs: global files, those of a process, those of a thread.
import type { Kernel } from '../../kernel/kernel.ts';
import type { Task } from '../../kernel/task/task.ts';
import { mayInspect } from './access.ts';
import { storeClearRefs } from './clear-refs.ts';
import { type Entries, EntryTable } from '../pseudo/entry.ts';
import { GADGET_FILES } from './gadgets.ts';
import { KEY_FILES } from './keys.ts';
import { MEMORY_FILES } from './memory.ts';
import { MOUNT_FILES } from './mounts.ts';
import { NET_FILES } from './net.ts';
import { SCHED_FILES, showSchedstat } from './sched.ts';
import { SYSCTL_FILES } from './sysctl.ts';
import { SYSTEM_FILES } from './system.ts';
import { TASK_FILES } from './task-files.ts';
import { showMaps, showSmaps, showSmapsRollup } from './task-maps.ts';
import { showStat, showStatm } from './task-stat.ts';
import { showStatus } from './task-status.ts';
import type { Scope } from './task-times.ts';
import { ZONE_FILES } from './zones.ts';

export const GLOBAL_TABLE = new EntryTable<Kernel>(inOrder({ ...SYSTEM_FILES, ...MEMORY_FILES, ...GADGET_FILES, ...SCHED_FILES, ...SYSCTL_FILES, ...ZONE_FILES, ...KEY_FILES }));
export const PROCESS_TABLE = new EntryTable<Task>(inOrder({ ...taskEntries('process'), task: { dynamic: 'task', mode: 0o555 } }));
export const THREAD_TABLE = new EntryTable<Task>(inOrder({ ...taskEntries('thread'), children: { mode: 0o444, show: (_t, of) => childrenOf(of) } }));

function taskEntries(scope: Scope): Entries<Task> {
  return {
    ...TASK_FILES, ...MOUNT_FILES, ...NET_FILES,
    clear_refs: { mode: 0o200, show: () => '', store: storeClearRefs },
    fd: { dynamic: 'fd', mode: 0o500 },
    fdinfo: { dynamic: 'fdinfo', mode: 0o555 },
    mem: { dynamic: 'mem', mode: 0o600 },
    pagemap: { dynamic: 'pagemap', mode: 0o400 },
    map_files: { dynamic: 'map_files', mode: 0o500 },
    maps: { mode: 0o444, guard: mayInspect, show: showMaps },
    schedstat: { mode: 0o444, show: showSchedstat },
    smaps: { mode: 0o444, guard: mayInspect, show: showSmaps },
    smaps_rollup: { mode: 0o444, guard: mayInspect, show: showSmapsRollup },
    stat: { mode: 0o444, show: (t, of) => showStat(t, of, scope) },
    statm: { mode: 0o444, show: showStatm },
    status: { mode: 0o444, show: showStatus },
  };
}

/** Children count as those of the leader: who of the threads forked them is not kept. */
function childrenOf(of: Task): string {
  return of === of.process.leader ? [...of.process.children].map(child => `${child.pid} `).join('') : '';
}

/** Directories list their names sorted: nothing promises an order, but people read them. */
function inOrder<S>(entries: Entries<S>): Entries<S> {
  return Object.fromEntries(Object.entries(entries).sort((a, b) => (a[0] < b[0] ? -1 : 1)));
}
