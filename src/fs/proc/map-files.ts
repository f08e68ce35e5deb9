// /proc/PID/map_files: one link for every mapping of a file, named after its range (proc_pid_map_files(5)).
import { type Errno, type Fallible, EACCES, ENOENT, EPERM } from '../../abi/errno.ts';
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN } from '../../abi/capability.ts';
import { S_IFLNK } from '../../abi/stat.ts';
import type { Vma } from '../../kernel/mm/vma.ts';
import type { Task } from '../../kernel/task/task.ts';
import { pathOf } from '../../kernel/vfs/anon-inode.ts';
import { renderFile } from '../../kernel/vfs/d-path.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import type { Path } from '../../kernel/vfs/mount.ts';
import type { SuperBlock } from '../../kernel/vfs/super-block.ts';
import { mayInspect } from './access.ts';
import { DirInode, FIRST_POS, type Listed, PseudoInode } from '../pseudo/node.ts';
import { refreshOwner } from './owner.ts';

/** The directory of `of`; its links are numbered from `firstLink` on. */
export class MapFilesDir extends DirInode {
  private readonly of: Task;
  private readonly firstLink: number;
  constructor(sb: SuperBlock, ino: number, mode: number, of: Task, firstLink: number) {
    super(sb, ino, mode);
    this.of = of;
    this.firstLink = firstLink;
    this.refresh();
  }
  override refresh(): 0 | Errno { return refreshOwner(this, this.of); }

  override lookup(t: Task, name: string): Fallible<Inode> {
    const denied = mayInspect(t, this.of);
    if (denied !== 0) return denied;
    const range = /^([0-9a-f]{1,12})-([0-9a-f]{1,12})$/.exec(name);
    if (range === null) return ENOENT;
    const [start, end] = [parseInt(range[1]!, 16), parseInt(range[2]!, 16)];
    if (mappingAt(this.of, start, end) === null) return ENOENT;
    return new MapLink(this.sb, this.firstLink + filesOf(this.of).findIndex(v => v.start === start), this.of, start, end);
  }

  override list(t: Task): Fallible<readonly Listed[]> {
    const denied = mayInspect(t, this.of);
    if (denied !== 0) return denied;
    return filesOf(this.of).map((v, i) => ({ name: `${v.start.toString(16)}-${v.end.toString(16)}`, ino: this.firstLink + i, mode: S_IFLNK, pos: FIRST_POS + i }));
  }
}

/** Leads to the file itself, wherever it may be; its mode tells how the file was opened. */
class MapLink extends PseudoInode {
  private readonly of: Task;
  private readonly start: number;
  private readonly end: number;
  constructor(sb: SuperBlock, ino: number, of: Task, start: number, end: number) {
    super(sb, ino, S_IFLNK);
    this.of = of;
    this.start = start;
    this.end = end;
    this.refresh();
  }
  override refresh(): 0 | Errno {
    const v = mappingAt(this.of, this.start, this.end);
    if (v === null) return ENOENT;
    this.mode = S_IFLNK | (v.file!.isReadable ? 0o400 : 0) | (v.file!.isWritable ? 0o200 : 0);
    this.size = 64;
    return refreshOwner(this, this.of);
  }
  override readlink(t: Task): Fallible<string> {
    const v = mappingAt(this.of, this.start, this.end);
    if (v === null) return ENOENT;
    return mayInspect(t, this.of) !== 0 ? EACCES : renderFile(v.file!, t.fs.root);
  }
  /** Opening what has no other name takes a privilege. */
  override followMagic(t: Task): Fallible<Path> {
    if (!t.cred.has(CAP_SYS_ADMIN) && !t.cred.has(CAP_CHECKPOINT_RESTORE)) return EPERM;
    const v = mappingAt(this.of, this.start, this.end);
    if (v === null) return ENOENT;
    return mayInspect(t, this.of) !== 0 ? EACCES : pathOf(v.file!);
  }
}

const filesOf = (of: Task): Vma[] => (of.mm?.vmas() ?? []).filter(v => v.file !== null);

/** The mapping of a file that is exactly [start, end). */
function mappingAt(of: Task, start: number, end: number): Vma | null {
  const v = of.mm?.findVma(start) ?? null;
  return v !== null && v.start === start && v.end === end && v.file !== null ? v : null;
}
