// All system calls. A row is an exported `sys_*` of one of these files; its number comes from abi/syscall-numbers.ts.
import { SYSCALL_NUMBERS, type SyscallName } from '../../abi/syscall-numbers.ts';
import type { Syscall } from './define.ts';
import * as adjtimex from './adjtimex.ts';
import * as credentials from './credentials.ts';
import * as epoll from './epoll.ts';
import * as eventfd from './eventfd.ts';
import * as fsAttr from './fs-attr.ts';
import * as fsCopy from './fs-copy.ts';
import * as fsDir from './fs-dir.ts';
import * as fsFcntl from './fs-fcntl.ts';
import * as fsInotify from './fs-inotify.ts';
import * as fsIoctl from './fs-ioctl.ts';
import * as fsMount from './fs-mount.ts';
import * as fsNames from './fs-names.ts';
import * as fsOpen from './fs-open.ts';
import * as fsRead from './fs-read.ts';
import * as fsStat from './fs-stat.ts';
import * as fsSync from './fs-sync.ts';
import * as fsWrite from './fs-write.ts';
import * as fsXattr from './fs-xattr.ts';
import * as futex from './futex.ts';
import * as ioprio from './ioprio.ts';
import * as ipcMsg from './ipc-msg.ts';
import * as ipcMqueue from './ipc-mqueue.ts';
import * as ipcPipe from './ipc-pipe.ts';
import * as ipcSem from './ipc-sem.ts';
import * as ipcShm from './ipc-shm.ts';
import * as keyctl from './keyctl.ts';
import * as landlock from './landlock.ts';
import * as mmAdvise from './mm-advise.ts';
import * as mmBarrier from './mm-barrier.ts';
import * as mmMap from './mm-map.ts';
import * as mmMemfd from './mm-memfd.ts';
import * as mmPolicy from './mm-policy.ts';
import * as mmRemote from './mm-remote.ts';
import * as mmSwap from './mm-swap.ts';
import * as mmUserfaultfd from './mm-userfaultfd.ts';
import * as moduleCalls from './module.ts';
import * as poll from './poll.ts';
import * as prctl from './prctl.ts';
import * as process from './process.ts';
import * as ptrace from './ptrace.ts';
import * as resource from './resource.ts';
import * as sched from './sched.ts';
import * as seccomp from './seccomp.ts';
import * as signal from './signal.ts';
import * as signalfd from './signalfd.ts';
import * as socketCreate from './socket-create.ts';
import * as socketOptions from './socket-options.ts';
import * as socketTransfer from './socket-transfer.ts';
import * as splice from './splice.ts';
import * as system from './system.ts';
import * as time from './time.ts';
import * as timer from './timer.ts';
import * as unshare from './unshare.ts';

const FILES: readonly Readonly<Record<string, unknown>>[] = [
  adjtimex, credentials, epoll, eventfd, fsAttr, fsCopy, fsDir, fsFcntl, fsInotify, fsIoctl, fsMount, fsNames, fsOpen, fsRead, fsStat, fsSync, fsWrite,
  fsXattr, futex, ioprio, ipcMsg, ipcMqueue, ipcPipe, ipcSem, ipcShm, keyctl, landlock, mmAdvise, mmBarrier, mmMap, mmMemfd, mmRemote, mmSwap, moduleCalls, poll, prctl, process, ptrace, resource, sched, seccomp, signal, signalfd,
  mmPolicy, mmUserfaultfd,
  socketCreate, socketOptions, socketTransfer, splice, system,
  time, timer, unshare,
];

/** The rows by number; undefined = ENOSYS. Dense, so that dispatch is one array load. */
export const syscalls: readonly (Syscall | undefined)[] = byNumber();

/** Frozen, as its rows are: nothing that the kernel runs is exchanged behind its back (entry/table-check.ts). */
function byNumber(): readonly (Syscall | undefined)[] {
  const table: (Syscall | undefined)[] = new Array(Math.max(...Object.values(SYSCALL_NUMBERS)) + 1).fill(undefined);
  for (const file of FILES) {
    for (const [key, row] of Object.entries(file)) {
      if (!key.startsWith('sys_')) continue;
      const call = row as Syscall;
      const nr = SYSCALL_NUMBERS[call.name as SyscallName];
      if (nr === undefined || key !== `sys_${call.name}` || table[nr] !== undefined) throw new Error(`system call table: bad or double row ${key}`);
      table[nr] = Object.freeze(call);
    }
  }
  return Object.freeze(table) as readonly (Syscall | undefined)[];
}
