// The one way through which decisions pass: every hook asks the stacked modules in order. One object a kernel, with the settings that modules have.
import type { Errno } from '../../abi/errno.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import type { Vma } from '../mm/vma.ts';
import type { Socket } from '../net/socket.ts';
import type { Dentry } from '../vfs/dentry.ts';
import type { Path } from '../vfs/mount.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { BootLog } from '../integrity/boot-log.ts';
import type { AuditSink } from './audit.ts';
import { KeyTable } from './keys.ts';
import { Landlock } from './landlock/landlock.ts';
import { Lockdown } from './lockdown.ts';
import { type LockdownReason, type OpenUse, opinions, type Place, type PtraceAccess, type SecurityModule } from './module.ts';
import type { CallPolicy } from './policy.ts';
import { Ima } from '../integrity/ima.ts';
import { Verity } from '../integrity/verity.ts';
import { WriteXorExecute } from './wx.ts';
import { Yama } from './yama.ts';

export class Security {
  readonly yama = new Yama();
  readonly lockdown = new Lockdown();
  readonly wx = new WriteXorExecute();
  /** What this machine is made of, and the registers that stand for it. */
  readonly bootLog = new BootLog();
  /** Merkle trees under files and images. */
  readonly verity = new Verity();
  /** Measures and appraises files, by policy. */
  readonly ima = new Ima(this.bootLog.registers, this.verity);
  /** In the order they are asked. Capabilities and file permissions (access.ts, credentials.ts) come before all of them. */
  readonly modules: readonly SecurityModule[] = Object.freeze([this.yama, new Landlock(), this.lockdown, this.wx, this.ima]);
  /** By hook, those of them that have an opinion: nobody else is called. */
  readonly asked = opinions(this.modules);
  /** Judges calls before they run; null: nobody does. Tasks made before it was attached are not guarded by it. */
  policy: CallPolicy | null = null;
  readonly keys = new KeyTable();
  /** Collects audit records; null: nobody does. */
  audit: AuditSink | null = null;

  /** /sys/kernel/security/lsm. */
  get names(): string { return ['capability', ...this.modules.map(m => m.name)].join(','); }

  ptraceAccess(t: Task, of: Task, access: PtraceAccess): 0 | Errno {
    for (const m of this.asked.ptraceAccess) { const r = m.ptraceAccess(t, of, access); if (r !== 0) return r; }
    return 0;
  }
  ptraceTraceme(t: Task, tracer: Task): 0 | Errno {
    for (const m of this.asked.ptraceTraceme) { const r = m.ptraceTraceme(t, tracer); if (r !== 0) return r; }
    return 0;
  }
  signal(t: Task, target: Process): 0 | Errno {
    for (const m of this.asked.signal) { const r = m.signal(t, target); if (r !== 0) return r; }
    return 0;
  }
  fileOpen(t: Task, place: Place, flags: number, use: OpenUse): 0 | Errno {
    for (const m of this.asked.fileOpen) { const r = m.fileOpen(t, place, flags, use); if (r !== 0) return r; }
    return 0;
  }
  fileOpened(t: Task, place: Place, file: OpenFile): void { for (const m of this.asked.fileOpened) m.fileOpened(t, place, file); }
  filePostOpen(t: Task, place: Place, file: OpenFile, use: OpenUse): 0 | Errno {
    for (const m of this.asked.filePostOpen) { const r = m.filePostOpen(t, place, file, use); if (r !== 0) return r; }
    return 0;
  }
  bprmCheck(t: Task, file: OpenFile): 0 | Errno {
    for (const m of this.asked.bprmCheck) { const r = m.bprmCheck(t, file); if (r !== 0) return r; }
    return 0;
  }
  fileTruncate(t: Task, file: OpenFile): 0 | Errno {
    for (const m of this.asked.fileTruncate) { const r = m.fileTruncate(t, file); if (r !== 0) return r; }
    return 0;
  }
  fileIoctl(t: Task, file: OpenFile, cmd: number): 0 | Errno {
    for (const m of this.asked.fileIoctl) { const r = m.fileIoctl(t, file, cmd); if (r !== 0) return r; }
    return 0;
  }
  pathTruncate(t: Task, place: Place): 0 | Errno {
    for (const m of this.asked.pathTruncate) { const r = m.pathTruncate(t, place); if (r !== 0) return r; }
    return 0;
  }
  pathMake(t: Task, dir: Place, mode: number): 0 | Errno {
    for (const m of this.asked.pathMake) { const r = m.pathMake(t, dir, mode); if (r !== 0) return r; }
    return 0;
  }
  pathRemove(t: Task, dir: Place, victim: Dentry): 0 | Errno {
    for (const m of this.asked.pathRemove) { const r = m.pathRemove(t, dir, victim); if (r !== 0) return r; }
    return 0;
  }
  pathLink(t: Task, from: Place, dir: Place): 0 | Errno {
    for (const m of this.asked.pathLink) { const r = m.pathLink(t, from, dir); if (r !== 0) return r; }
    return 0;
  }
  pathRename(t: Task, from: Place, source: Dentry, to: Place, target: Dentry | null, exchange: 'move' | 'exchange'): 0 | Errno {
    for (const m of this.asked.pathRename) { const r = m.pathRename(t, from, source, to, target, exchange); if (r !== 0) return r; }
    return 0;
  }
  mountTopology(t: Task): 0 | Errno {
    for (const m of this.asked.mountTopology) { const r = m.mountTopology(t); if (r !== 0) return r; }
    return 0;
  }
  programStarts(t: Task, program: Path): void { for (const m of this.asked.programStarts) m.programStarts(t, program); }
  mmapFile(t: Task, file: OpenFile | null, prot: number, flags: number): 0 | Errno {
    for (const m of this.asked.mmapFile) { const r = m.mmapFile(t, file, prot, flags); if (r !== 0) return r; }
    return 0;
  }
  mprotect(t: Task, v: Vma, prot: number): 0 | Errno {
    for (const m of this.asked.mprotect) { const r = m.mprotect(t, v, prot); if (r !== 0) return r; }
    return 0;
  }
  forcedWrite(t: Task, v: Vma): 0 | Errno {
    for (const m of this.asked.forcedWrite) { const r = m.forcedWrite(t, v); if (r !== 0) return r; }
    return 0;
  }
  socketBind(t: Task, socket: Socket, address: Uint8Array): 0 | Errno {
    for (const m of this.asked.socketBind) { const r = m.socketBind(t, socket, address); if (r !== 0) return r; }
    return 0;
  }
  socketConnect(t: Task, socket: Socket, address: Uint8Array): 0 | Errno {
    for (const m of this.asked.socketConnect) { const r = m.socketConnect(t, socket, address); if (r !== 0) return r; }
    return 0;
  }
  unixAbstract(t: Task, peer: Socket): 0 | Errno {
    for (const m of this.asked.unixAbstract) { const r = m.unixAbstract(t, peer); if (r !== 0) return r; }
    return 0;
  }
  lockedDown(t: Task, what: LockdownReason): 0 | Errno {
    for (const m of this.asked.lockedDown) { const r = m.lockedDown(t, what); if (r !== 0) return r; }
    return 0;
  }
}
