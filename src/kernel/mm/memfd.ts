// memfd_create(2): a file of shmem pages without a name in any directory, and its seals (fcntl(2), "File Sealing").
import { type Errno, EBUSY, EINVAL, EPERM } from '../../abi/errno.ts';
import {
  F_ADD_SEALS, F_GET_SEALS, F_SEAL_EXEC, F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE, FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE, O_RDWR,
} from '../../abi/fcntl.ts';
import { PROT_WRITE } from '../../abi/mman.ts';
import { S_IFREG } from '../../abi/stat.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { type AttrChange, Inode } from '../vfs/inode.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { RegularFile } from '../vfs/regular-file.ts';
import { applyChange } from '../vfs/setattr.ts';
import { ShmemCache } from './shmem.ts';
import type { Vma } from './vma.ts';

const ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_EXEC;
const EXEC_BITS = 0o111;

export class MemfdInode extends Inode {
  override pages: ShmemCache;
  /** The name that memfd_create was given. */
  readonly label: string;

  constructor(kernel: Kernel, label: string, mode: number, seals: number) {
    super(kernel.mounts.anon, kernel.nextIno(), S_IFREG | mode);
    this.nlink = 0;
    this.label = label;
    this.pages = new ShmemCache(kernel.frames, this);
    this.pages.seals = seals;
    this.atime = this.mtime = this.ctime = kernel.realtime();
  }

  override open(_t: Task, flags: number): OpenFile { return new MemfdFile(this, flags); }

  override setattr(_t: Task, change: AttrChange): 0 | Errno {
    const { seals } = this.pages;
    const { size, mode } = change;
    if (mode !== undefined && (seals & F_SEAL_EXEC) !== 0 && ((mode ^ this.mode) & EXEC_BITS) !== 0) return EPERM;
    if (size !== undefined) {
      if (size < this.size && (seals & F_SEAL_SHRINK) !== 0) return EPERM;
      if (size > this.size && (seals & F_SEAL_GROW) !== 0) return EPERM;
      this.pages.truncate(size);
    }
    applyChange(this, change);
    return 0;
  }

  override evict(): void { this.pages.destroy(); }
}

export class MemfdFile extends RegularFile {
  declare inode: MemfdInode;
  override get anonName(): string { return `/memfd:${this.inode.label} (deleted)`; }

  override fcntl(t: Task, cmd: number, arg: number): number | Errno {
    if (cmd === F_GET_SEALS) return this.inode.pages.seals;
    return cmd === F_ADD_SEALS ? this.addSeals(arg) : super.fcntl(t, cmd, arg);
  }

  /** F_SEAL_EXEC on an executable file also seals what could change it, as Linux has it. */
  private addSeals(given: number): 0 | Errno {
    const { pages } = this.inode;
    if (!this.isWritable) return EPERM;
    if ((given & ~ALL_SEALS) !== 0) return EINVAL;
    if ((pages.seals & F_SEAL_SEAL) !== 0) return EPERM;
    if ((given & F_SEAL_WRITE) !== 0 && (pages.seals & F_SEAL_WRITE) === 0 && hasWritableMapping(pages)) return EBUSY;
    const isExecSealed = (given & F_SEAL_EXEC) !== 0 && (this.inode.mode & EXEC_BITS) !== 0;
    pages.seals |= isExecSealed ? given | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE : given;
    return 0;
  }

  override mmap(t: Task, v: Vma): 0 | Errno {
    const { seals } = this.inode.pages;
    if (v.isShared && (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) {
      if ((v.prot & PROT_WRITE) !== 0) return EPERM;
      v.maxProt &= ~PROT_WRITE;
    }
    return super.mmap(t, v);
  }

  override fallocate(t: Task, mode: number, offset: number, length: number): 0 | Errno {
    const { seals } = this.inode.pages;
    if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0 && (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) return EPERM;
    if ((mode & FALLOC_FL_KEEP_SIZE) === 0 && (seals & F_SEAL_GROW) !== 0 && offset + length > this.inode.size) return EPERM;
    return super.fallocate(t, mode, offset, length);
  }
}

function hasWritableMapping(pages: ShmemCache): boolean {
  for (const v of pages.mappings) if (v.isShared && (v.maxProt & PROT_WRITE) !== 0) return true;
  return false;
}

/** A fresh memfd, open for reading and writing. */
export const createMemfd = (kernel: Kernel, label: string, mode: number, seals: number): OpenFile =>
  new MemfdFile(new MemfdInode(kernel, label, mode, seals), O_RDWR);
