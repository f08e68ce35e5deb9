// /proc/PID/net: the network as the process sees it (proc_pid_net(5)). There is one network so far.
import type { Task } from '../../kernel/task/task.ts';
import type { Entries } from '../pseudo/entry.ts';

export const NET_FILES: Entries<Task> = {
  'net/dev': { mode: 0o444, show: () => 'Inter-|   Receive                                                |  Transmit\n'
    + ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n' },
};
