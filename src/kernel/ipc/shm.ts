// System V shared memory (shmop(2)): segments of shmem pages. An attach is a mapping of a file that stands for it, so that fork, exit and
// munmap count without help: the number of attaches is the number of references to such files.
import { type Errno, type Fallible, EINVAL, ENOMEM } from '../../abi/errno.ts';
import { O_RDONLY, O_RDWR } from '../../abi/fcntl.ts';
import { S_IFREG } from '../../abi/stat.ts';
import { ShmemCache } from '../mm/shmem.ts';
import type { Vma } from '../mm/vma.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Task } from '../task/task.ts';
import type { UserCounts } from '../task/user-counts.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import { OpenFile } from '../vfs/open-file.ts';
import { SysvObject, SysvTable } from './sysv.ts';

/** Limits of /proc/sys/kernel/shm*: segments, pages in all. */
export const SHMMNI = 4096, SHMMAX = 2 ** 53;
/** In `mode`: the segment goes with its last attach. */
export const SHM_DEST = 0o1000, SHM_LOCKED = 0o2000;

export class ShmSegment extends SysvObject {
  readonly size: number;
  readonly pages: ShmemCache;
  readonly attached = new Set<ShmFile>();
  readonly creator: number;
  private lockedBy: UserCounts | null = null;
  lastPid = 0;
  atime = 0;
  dtime = 0;

  constructor(t: Task, id: number, key: number, mode: number, size: number) {
    super(t, id, key, mode);
    this.size = size;
    this.creator = t.process.pid;
    this.pages = new ShmemCache(t.kernel.frames, null, Math.ceil(size / PAGE_SIZE) * PAGE_SIZE);
    this.pages.hold();
  }

  /** shmctl(2) SHM_LOCK by this user: does it fit into RLIMIT_MEMLOCK with all others that the user has locked? Who has locked it first pays. */
  lock(user: UserCounts, limitBytes: number): boolean {
    if (this.lockedBy !== null) return true;
    const pages = Math.ceil(this.size / PAGE_SIZE);
    if (user.lockedPages + pages > Math.floor(limitBytes / PAGE_SIZE)) return false;
    user.lockedPages += pages;
    this.lockedBy = user;
    this.mode |= SHM_LOCKED;
    return true;
  }

  /** SHM_UNLOCK, or the segment goes. */
  unlock(): void {
    if (this.lockedBy !== null) this.lockedBy.lockedPages -= Math.ceil(this.size / PAGE_SIZE);
    this.lockedBy = null;
    this.mode &= ~SHM_LOCKED;
  }

  /** shm_nattch. */
  get attaches(): number {
    let n = 0;
    for (const f of this.attached) n += f.refs;
    return n;
  }
}

/** One shmat(2): what its mappings refer to. */
export class ShmFile extends OpenFile {
  readonly segment: ShmSegment;
  constructor(t: Task, segment: ShmSegment, access: 'read' | 'write') {
    super(anonInode(t.kernel, S_IFREG | 0o600), access === 'read' ? O_RDONLY : O_RDWR);
    this.segment = segment;
    segment.attached.add(this);
    segment.atime = t.kernel.realtime().sec;
    segment.lastPid = t.process.pid;
  }
  override get anonName(): string { return `/SYSV${(this.segment.key >>> 0).toString(16).padStart(8, '0')} (deleted)`; }
  override mmap(_t: Task, vma: Vma): 0 {
    vma.pages = this.segment.pages;
    return 0;
  }
  override release(): void {
    const { segment } = this;
    const k = this.inode.sb.kernel;
    segment.attached.delete(this);
    segment.dtime = k.realtime().sec;
    segment.lastPid = k.current.process.pid;
    if ((segment.mode & SHM_DEST) !== 0) k.ipc.segments.destroyIfUnused(segment);
  }
}

/** `kernel.ipc.segments`. */
export class ShmTable extends SysvTable<ShmSegment> {
  constructor() { super(SHMMNI); }
  protected make(t: Task, id: number, key: number, mode: number, size: number): Fallible<ShmSegment> {
    if (size < 1 || size > SHMMAX) return EINVAL;
    return size > t.kernel.machine.ram.size ? ENOMEM : new ShmSegment(t, id, key, mode, size);
  }
  protected checkSize(segment: ShmSegment, size: number): 0 | Errno { return size > segment.size ? EINVAL : 0; }

  /** shmctl(2) IPC_RMID. */
  markForRemoval(segment: ShmSegment): void {
    segment.mode |= SHM_DEST;
    this.unkey(segment);
    this.destroyIfUnused(segment);
  }

  destroyIfUnused(segment: ShmSegment): void {
    if (segment.attached.size > 0 || segment.removed) return;
    this.remove(segment);
    segment.unlock();
    segment.pages.release();
  }
}
