// What a security module may have an opinion about. Modules are stacked (security.ts): each may only forbid, the first refusal counts, and all of
// it comes after the ordinary permission checks (access.ts), as Linux' LSM hooks do.
import type { Errno } from '../../abi/errno.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import type { Vma } from '../mm/vma.ts';
import type { Socket } from '../net/socket.ts';
import type { Dentry } from '../vfs/dentry.ts';
import type { Mount, Path } from '../vfs/mount.ts';
import type { OpenFile } from '../vfs/open-file.ts';

/** A name's place: a Path, or where a walk stands. */
export interface Place { readonly mount: Mount; readonly dentry: Dentry }

/** PTRACE_MODE_* (ptrace(2)): looking at, or controlling. */
export type PtraceAccess = 'read' | 'attach';

/** open(2), open(2) of a file that it has just made, or execve(2) of a program. */
export type OpenUse = 'open' | 'create' | 'exec';

/** What lockdown can forbid (kernel_lockdown(7)). */
export type LockdownReason = 'module' | 'dev-mem' | 'kexec' | 'debugfs' | 'kcore' | 'perf' | 'trace';

/** The questions. */
export type Hook = Exclude<keyof SecurityModule, 'name'>;

export abstract class SecurityModule {
  /** As in /sys/kernel/security/lsm. */
  abstract readonly name: string;

  /** May `t` look at or control `of`? Ids were compared already. */
  ptraceAccess(_t: Task, _of: Task, _access: PtraceAccess): 0 | Errno { return 0; }
  /** PTRACE_TRACEME: may `tracer` get `t`? */
  ptraceTraceme(_t: Task, _tracer: Task): 0 | Errno { return 0; }
  signal(_t: Task, _target: Process): 0 | Errno { return 0; }

  /** A file is about to be opened; `flags` as open(2) has them, 'exec' for execve(2). */
  fileOpen(_t: Task, _place: Place, _flags: number, _use: OpenUse): 0 | Errno { return 0; }
  /** The description is there: rights that count later may be noted in it. */
  fileOpened(_t: Task, _place: Place, _file: OpenFile): void {}
  /** The description is complete, contents can be looked at; BLOCKED is an answer. */
  filePostOpen(_t: Task, _place: Place, _file: OpenFile, _use: OpenUse): 0 | Errno { return 0; }
  /** execve(2): a program, or the interpreter of a script, is open; BLOCKED is an answer. */
  bprmCheck(_t: Task, _file: OpenFile): 0 | Errno { return 0; }
  fileTruncate(_t: Task, _file: OpenFile): 0 | Errno { return 0; }
  fileIoctl(_t: Task, _file: OpenFile, _cmd: number): 0 | Errno { return 0; }
  pathTruncate(_t: Task, _place: Place): 0 | Errno { return 0; }
  /** A name is made in the directory; `mode` has its type. */
  pathMake(_t: Task, _dir: Place, _mode: number): 0 | Errno { return 0; }
  pathRemove(_t: Task, _dir: Place, _victim: Dentry): 0 | Errno { return 0; }
  pathLink(_t: Task, _from: Place, _dir: Place): 0 | Errno { return 0; }
  pathRename(_t: Task, _from: Place, _source: Dentry, _to: Place, _target: Dentry | null, _exchange: 'move' | 'exchange'): 0 | Errno { return 0; }
  /** mount(2), umount2(2), pivot_root(2) and their kin. */
  mountTopology(_t: Task): 0 | Errno { return 0; }

  /** execve(2): `t` has its new, still empty address space. */
  programStarts(_t: Task, _program: Path): void {}
  /** mmap(2) and what maps programs: `file` null is anonymous memory; PROT_* and MAP_*. The file has allowed it. */
  mmapFile(_t: Task, _file: OpenFile | null, _prot: number, _flags: number): 0 | Errno { return 0; }
  /** mprotect(2) of (a part of) one mapping; `v.prot` is what it had. */
  mprotect(_t: Task, _v: Vma, _prot: number): 0 | Errno { return 0; }
  /** /proc/PID/mem and PTRACE_POKE*: a write that does not ask for the mapping's protection. */
  forcedWrite(_t: Task, _v: Vma): 0 | Errno { return 0; }

  socketBind(_t: Task, _socket: Socket, _address: Uint8Array): 0 | Errno { return 0; }
  socketConnect(_t: Task, _socket: Socket, _address: Uint8Array): 0 | Errno { return 0; }
  /** A connection or a message to the UNIX socket that was found by an abstract name. */
  unixAbstract(_t: Task, _peer: Socket): 0 | Errno { return 0; }

  lockedDown(_t: Task, _what: LockdownReason): 0 | Errno { return 0; }
}

/** Who answers which question in other words than 0, in the order of `modules`; found once, as Linux links only the hooks that a module registers. */
export function opinions(modules: readonly SecurityModule[]): Readonly<Record<Hook, readonly SecurityModule[]>> {
  const silent = SecurityModule.prototype;
  const hooks = Object.getOwnPropertyNames(silent).filter(name => name !== 'constructor') as Hook[];
  return Object.freeze(Object.fromEntries(hooks.map(h => [h, Object.freeze(modules.filter(m => m[h] !== silent[h]))])) as Record<Hook, readonly SecurityModule[]>);
}
