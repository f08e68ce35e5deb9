// Writable or executable, never both, never one after the other (W^X): what SELinux' execmem, execmod and execstack permissions keep from a domain,
// here for the whole machine. Programs that make code at run time need an exemption, which is by path: worth as much as that file is protected.
import { type Errno, EACCES } from '../../abi/errno.ts';
import { MAP_SHARED, PROT_EXEC, PROT_WRITE } from '../../abi/mman.ts';
import type { Vma } from '../mm/vma.ts';
import type { Task } from '../task/task.ts';
import { renderPath } from '../vfs/d-path.ts';
import type { Path } from '../vfs/mount.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { printable } from './audit.ts';
import { SecurityModule } from './module.ts';

export class WriteXorExecute extends SecurityModule {
  readonly name = 'wx';
  private state: 'off' | 'on' = 'off';
  /** Programs (binary strings, absolute) that may do what they like. */
  private readonly exempt = new Set<string>();

  get isOn(): boolean { return this.state === 'on'; }

  /** From now on, for good; only what is set here is exempt. */
  enforce(exempt: readonly string[]): void {
    if (this.isOn) return;
    this.state = 'on';
    for (const path of exempt) this.exempt.add(path);
  }

  /** /sys/kernel/security/wx. */
  get text(): string { return [this.state, ...[...this.exempt].map(path => `exempt ${path}`)].join('\n'); }

  /** A new program, once it is known and before it is mapped. */
  override programStarts(t: Task, program: Path): void {
    if (this.isOn) t.mm!.mayMakeCode = this.exempt.size > 0 && this.exempt.has(renderPath(program, t.kernel.init.leader.fs.root));
  }

  override mmapFile(t: Task, file: OpenFile | null, prot: number, flags: number): 0 | Errno {
    if ((prot & PROT_EXEC) === 0 || !this.isOn || t.mm!.mayMakeCode) return 0;
    if ((prot & PROT_WRITE) !== 0) return this.refuse(t, 'a mapping that is writable and executable');
    if (file === null) return this.refuse(t, 'executable memory without a file');
    if (isNameless(t, file)) return this.refuse(t, 'executable memory of a file without a name');
    return (flags & MAP_SHARED) !== 0 && file.isWritable ? this.refuse(t, 'executable pages of a file that is open for writing') : 0;
  }

  override mprotect(t: Task, v: Vma, prot: number): 0 | Errno {
    if ((prot & PROT_EXEC) === 0 || !this.isOn || v.mm.mayMakeCode) return 0;
    if ((prot & PROT_WRITE) !== 0) return this.refuse(t, 'a mapping that is writable and executable');
    if ((v.prot & PROT_EXEC) !== 0) return 0;
    if (v.file === null || isNameless(t, v.file)) return this.refuse(t, 'memory that becomes executable');
    if (v.hasAnon) return this.refuse(t, 'executable pages that were written to');
    return v.isShared && (v.maxProt & PROT_WRITE) !== 0 ? this.refuse(t, 'executable pages of a file that is open for writing') : 0;
  }

  /** /proc/PID/mem writes through protection; a tracer may, nobody else. */
  override forcedWrite(t: Task, v: Vma): 0 | Errno {
    if (!this.isOn || (v.prot & PROT_EXEC) === 0 || v.mm.mayMakeCode || isTraced(t, v)) return 0;
    return this.refuse(t, 'code written through /proc/PID/mem');
  }

  private refuse(t: Task, what: string): Errno {
    t.kernel.security.audit?.record({ event: 'wx', pid: t.tid, uid: t.cred.uid, comm: printable(t.name), what });
    return EACCES;
  }
}

/** memfd_create(2), shared anonymous memory, System V segments: files that are only memory. */
const isNameless = (t: Task, file: OpenFile): boolean => file.inode.sb === t.kernel.mounts.anon && file !== t.kernel.vdso;

/** Does `t` trace somebody who runs in the mapping's space? */
function isTraced(t: Task, v: Vma): boolean {
  for (const other of t.kernel.pids.tasks.values()) if (other.mm === v.mm && other.traced?.tracer.process === t.process) return true;
  return false;
}
