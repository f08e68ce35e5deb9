// The directories of procfs: those of the entry tables, and those that list processes, threads and descriptors.
// Inode numbers: fixed for global files; for a process its number times 2^22 plus a place, so that stat(2) and getdents64(2) agree.
import { type Errno, type Fallible, EACCES, ENOENT, ESRCH, isErr } from '../../abi/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFREG } from '../../abi/stat.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Process } from '../../kernel/task/process.ts';
import { Task } from '../../kernel/task/task.ts';
import { pathOf } from '../../kernel/vfs/anon-inode.ts';
import { renderFile } from '../../kernel/vfs/d-path.ts';
import { dropName } from '../../kernel/vfs/dentry-cache.ts';
import type { Inode } from '../../kernel/vfs/inode.ts';
import type { Path } from '../../kernel/vfs/mount.ts';
import type { OpenFile } from '../../kernel/vfs/open-file.ts';
import type { SuperBlock } from '../../kernel/vfs/super-block.ts';
import { mayInspect } from './access.ts';
import { checkEntry, isVisible } from './hidepid.ts';
import { type Child, type Entry, type EntryTable, isFile, type Link, type Text } from '../pseudo/entry.ts';
import { describeFd } from './fdinfo.ts';
import { MapFilesDir } from './map-files.ts';
import { MemInode } from './mem.ts';
import { PagemapInode } from './pagemap.ts';
import { refreshOwner } from './owner.ts';

import { DirInode, FIRST_POS, type Listed, PseudoInode, TextInode } from '../pseudo/node.ts';
import { GLOBAL_TABLE, PROCESS_TABLE, THREAD_TABLE } from './tables.ts';

/** Which table an inode belongs to; part of its state instead of the table itself. */
type Where = 'global' | 'process' | 'thread';
type Subject = Kernel | Task;

const GLOBAL_INO = 4026531840;
const TASK_INO = 2 ** 22;
const FD_INO = 2 ** 20;
const THREAD_INO = 3 * 2 ** 20;
/** Links of map_files/: within the space of fdinfo/, whose numbers are far smaller. */
const MAP_INO = 5 * 2 ** 19;
/** Lookups in the root between two looks for names of dead processes. */
const PRUNE_EVERY = 64;
/** Position of the first pid in the root directory. */
const PID_POS = 4096;

function tableOf(where: Where): EntryTable<Subject> {
  switch (where) {
    case 'global': return GLOBAL_TABLE as EntryTable<Subject>;
    case 'process': return PROCESS_TABLE as EntryTable<Subject>;
    case 'thread': return THREAD_TABLE as EntryTable<Subject>;
  }
}

function inoOf(where: Where, subject: Subject, index: number): number {
  if (!(subject instanceof Task)) return GLOBAL_INO + index;
  return subject.tid * TASK_INO + (where === 'thread' ? THREAD_INO : 0) + index;
}

class TableText extends TextInode {
  private readonly where: Where;
  private readonly path: string;
  private readonly subject: Subject;

  constructor(sb: SuperBlock, where: Where, child: Child<Subject>, subject: Subject) {
    super(sb, inoOf(where, subject, child.index), S_IFREG | (child.entry as Text<Subject>).mode);
    this.where = where;
    this.path = child.path;
    this.subject = subject;
    refreshOwner(this, subject);
  }
  private get entry(): Text<Subject> { return tableOf(this.where).find(this.path) as Text<Subject>; }
  override show(t: Task): Fallible<string> { return this.entry.show(t, this.subject); }
  override store(t: Task, text: string): 0 | Errno { return this.entry.store?.(t, this.subject, text) ?? super.store(t, text); }
  override guard(t: Task): 0 | Errno { return this.entry.guard?.(t, this.subject) ?? 0; }
  override version(t: Task): number { return this.entry.version?.(t) ?? -1; }
  override refresh(t: Task): 0 | Errno { return (this.where === 'process' ? checkEntry(t, this.sb, this.subject as Task) : 0) || refreshOwner(this, this.subject); }
}

class TableLink extends PseudoInode {
  private readonly where: Where;
  private readonly path: string;
  private readonly subject: Subject;

  constructor(sb: SuperBlock, where: Where, child: Child<Subject>, subject: Subject) {
    super(sb, inoOf(where, subject, child.index), S_IFLNK | 0o777);
    this.where = where;
    this.path = child.path;
    this.subject = subject;
    refreshOwner(this, subject);
  }
  private get entry(): Link<Subject> { return tableOf(this.where).find(this.path) as Link<Subject>; }
  override readlink(t: Task): Fallible<string> { return this.entry.readlink(t, this.subject); }
  override followMagic(t: Task): Fallible<Path> | null { return this.entry.follow?.(t, this.subject) ?? null; }
  override refresh(t: Task): 0 | Errno { return (this.where === 'process' ? checkEntry(t, this.sb, this.subject as Task) : 0) || refreshOwner(this, this.subject); }
}

class TableDir extends DirInode {
  protected readonly where: Where;
  protected readonly path: string;
  protected readonly subject: Subject;

  constructor(sb: SuperBlock, where: Where, path: string, index: number, subject: Subject) {
    super(sb, inoOf(where, subject, index), 0o555);
    this.where = where;
    this.path = path;
    this.subject = subject;
    this.nlink = 2 + tableOf(where).subdirectories(path);
    refreshOwner(this, subject);
  }
  /** Of a process' own directory: hidden processes do not exist, and their entries cannot be reached. */
  protected checkEntry(t: Task): 0 | Errno { return this.where === 'process' && this.path === '' ? checkEntry(t, this.sb, this.subject as Task) : 0; }
  override refresh(t: Task): 0 | Errno {
    const hidden = this.checkEntry(t);
    return hidden === ENOENT ? hidden : refreshOwner(this, this.subject);
  }
  override get processBehind(): Process | null { return this.where === 'process' && this.path === '' ? (this.subject as Task).process : null; }

  override lookup(t: Task, name: string): Fallible<Inode> {
    const hidden = this.checkEntry(t);
    if (hidden !== 0) return hidden;
    const child = tableOf(this.where).children(this.path).get(name);
    if (child === undefined) return ENOENT;
    const { entry } = child;
    if (entry === null) return new TableDir(this.sb, this.where, child.path, child.index, this.subject);
    if ('show' in entry) return new TableText(this.sb, this.where, child, this.subject);
    if ('readlink' in entry) return new TableLink(this.sb, this.where, child, this.subject);
    const of = this.subject as Task;
    const ino = inoOf(this.where, of, child.index);
    switch (entry.dynamic) {
      case 'fd': return new FdDir(this.sb, ino, entry.mode, of);
      case 'fdinfo': return new FdInfoDir(this.sb, ino, entry.mode, of);
      case 'map_files': return new MapFilesDir(this.sb, ino, entry.mode, of, of.tid * TASK_INO + MAP_INO);
      case 'task': return new ThreadsDir(this.sb, ino, entry.mode, of);
      case 'mem': return new MemInode(this.sb, ino, entry.mode, of);
      case 'pagemap': return new PagemapInode(this.sb, ino, entry.mode, of);
    }
  }

  override list(t: Task): Fallible<readonly Listed[]> {
    const hidden = this.checkEntry(t);
    if (hidden !== 0) return hidden;
    return [...tableOf(this.where).children(this.path).values()].map(({ name, index, entry }) =>
      ({ name, ino: inoOf(this.where, this.subject, index), mode: modeOf(entry), pos: FIRST_POS + index }));
  }
}

function modeOf(entry: Entry<Subject> | null): number {
  if (entry === null) return S_IFDIR;
  if ('dynamic' in entry) return isFile(entry) ? S_IFREG : S_IFDIR;
  return 'show' in entry ? S_IFREG : S_IFLNK;
}

/** /proc itself: the global files, then every process by number. A thread's number can be looked up but is not listed. */
export class RootDir extends TableDir {
  private lookups = 0;
  constructor(sb: SuperBlock) { super(sb, 'global', '', 0, sb.kernel); }

  override refresh(): 0 | Errno {
    this.nlink = 2 + GLOBAL_TABLE.subdirectories('') + this.sb.kernel.pids.processes.size;
    return 0;
  }

  override lookup(t: Task, name: string): Fallible<Inode> {
    if (++this.lookups % PRUNE_EVERY === 0) this.forgetDead(t);
    const of = taskNamed(this.sb.kernel, name);
    if (of === undefined) return super.lookup(t, name);
    return isVisible(t, this.sb, of) ? new TableDir(this.sb, 'process', '', 0, of) : ENOENT;
  }

  /** Cached names keep their tasks in memory: those of the dead go now and then, not only when somebody asks for them again. */
  private forgetDead(t: Task): void {
    for (const dentry of [...this.sb.root.children?.values() ?? []]) if (dentry.inode?.refresh(t) === ESRCH) dropName(dentry);
  }

  override list(t: Task): Fallible<readonly Listed[]> {
    const names = super.list(t);
    if (isErr(names)) return names;
    const pids = [...this.sb.kernel.pids.processes.values()].filter(p => isVisible(t, this.sb, p.leader)).map(p => p.pid).sort((a, b) => a - b);
    return [...names, ...pids.map(pid => ({ name: String(pid), ino: pid * TASK_INO, mode: S_IFDIR, pos: PID_POS + pid }))];
  }
}

function taskNamed(k: Kernel, name: string): Task | undefined {
  return /^[1-9]\d{0,8}$/.test(name) ? k.pids.tasks.get(Number(name)) : undefined;
}

/** /proc/PID/task. */
class ThreadsDir extends DirInode {
  private readonly of: Task;
  constructor(sb: SuperBlock, ino: number, mode: number, of: Task) {
    super(sb, ino, mode);
    this.of = of;
    this.refresh();
  }
  override refresh(): 0 | Errno {
    this.nlink = 2 + this.of.process.threads.size;
    return refreshOwner(this, this.of);
  }
  override lookup(_t: Task, name: string): Fallible<Inode> {
    const thread = taskNamed(this.sb.kernel, name);
    return thread?.process === this.of.process ? new TableDir(this.sb, 'thread', '', 0, thread) : ENOENT;
  }
  override list(_t: Task): Fallible<readonly Listed[]> {
    const { process } = this.of;
    const tids = new Set([process.leader.tid, ...[...process.threads].map(thread => thread.tid)]);
    return [...tids].sort((a, b) => a - b)
      .map(tid => ({ name: String(tid), ino: tid * TASK_INO + THREAD_INO, mode: S_IFDIR, pos: FIRST_POS + tid }));
  }
}

/** What fd/ and fdinfo/ share: a name for every open descriptor, for those who may inspect the process. */
abstract class DescriptorsDir extends DirInode {
  protected readonly of: Task;
  constructor(sb: SuperBlock, ino: number, mode: number, of: Task) {
    super(sb, ino, mode);
    this.of = of;
    this.refresh();
  }
  protected abstract readonly place: number;
  protected abstract readonly childType: number;
  protected abstract make(fd: number): Inode;

  override refresh(): 0 | Errno { return refreshOwner(this, this.of); }
  override lookup(t: Task, name: string): Fallible<Inode> {
    const denied = mayInspect(t, this.of);
    if (denied !== 0) return denied;
    const file = /^(0|[1-9]\d{0,8})$/.test(name) ? openFile(this.of, Number(name)) : null;
    return file === null ? ENOENT : this.make(Number(name));
  }
  override list(t: Task): Fallible<readonly Listed[]> {
    const denied = mayInspect(t, this.of);
    if (denied !== 0) return denied;
    const base = this.of.tid * TASK_INO + this.place;
    const names: Listed[] = [];
    for (let fd = 0; fd < this.of.files.size; fd++) {
      if (openFile(this.of, fd) !== null) names.push({ name: String(fd), ino: base + fd, mode: this.childType, pos: FIRST_POS + fd });
    }
    return names;
  }
}

/** /proc/PID/fd. */
class FdDir extends DescriptorsDir {
  protected override get place(): number { return FD_INO; }
  protected override get childType(): number { return S_IFLNK; }
  protected override make(fd: number): Inode { return new FdLink(this.sb, this.of.tid * TASK_INO + FD_INO + fd, this.of, fd); }
}

/** /proc/PID/fdinfo. */
class FdInfoDir extends DescriptorsDir {
  protected override get place(): number { return 2 * FD_INO; }
  protected override get childType(): number { return S_IFREG; }
  protected override make(fd: number): Inode { return new FdInfo(this.sb, this.of.tid * TASK_INO + 2 * FD_INO + fd, this.of, fd); }
}

/** /proc/PID/fd/N: leads to the file itself, deleted or nameless as it may be. Its mode tells how the descriptor was opened. */
class FdLink extends PseudoInode {
  private readonly of: Task;
  private readonly fd: number;
  constructor(sb: SuperBlock, ino: number, of: Task, fd: number) {
    super(sb, ino, S_IFLNK);
    this.of = of;
    this.fd = fd;
    this.refresh();
  }
  override refresh(): 0 | Errno {
    const file = openFile(this.of, this.fd);
    if (file === null) return ENOENT;
    this.mode = S_IFLNK | (file.isReadable ? 0o500 : 0) | (file.isWritable ? 0o300 : 0);
    this.size = 64;
    return refreshOwner(this, this.of);
  }
  override readlink(t: Task): Fallible<string> {
    const file = openFile(this.of, this.fd);
    if (file === null) return ENOENT;
    return mayInspect(t, this.of) !== 0 ? EACCES : renderFile(file, t.fs.root);
  }
  override followMagic(t: Task): Fallible<Path> {
    const file = openFile(this.of, this.fd);
    if (file === null) return ENOENT;
    return mayInspect(t, this.of) !== 0 ? EACCES : pathOf(file);
  }
}

/** /proc/PID/fdinfo/N. */
class FdInfo extends TextInode {
  private readonly of: Task;
  private readonly fd: number;
  constructor(sb: SuperBlock, ino: number, of: Task, fd: number) {
    super(sb, ino, S_IFREG | 0o444);
    this.of = of;
    this.fd = fd;
    refreshOwner(this, of);
  }
  override refresh(): 0 | Errno { return openFile(this.of, this.fd) === null ? ENOENT : refreshOwner(this, this.of); }
  override show(t: Task): Fallible<string> {
    const file = openFile(this.of, this.fd);
    return file === null ? ENOENT : describeFd(t, this.of, this.fd, file);
  }
}

function openFile(of: Task, fd: number): OpenFile | null {
  if (of.state === 'Z' || of.state === 'X') return null;
  const file = of.files.get(fd);
  return isErr(file) ? null : file;
}
