// What such file systems are made of: tables of entries, each a name and a small function that makes the text. Tables are constants of the
// program; inodes and open files remember only the table's name and the path in it, so that kernel state stays plain data.
import type { Errno, Fallible } from '../../abi/errno.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Path } from '../../kernel/vfs/mount.ts';

/** A generated file. Texts are binary strings (one char per byte). `t` is who reads, `subject` what it is about. */
export interface Text<S> {
  readonly mode: number;
  readonly show: (t: Task, subject: S) => Fallible<string>;
  /** A write, whole. Without it, writing answers EIO. */
  readonly store?: (t: Task, subject: S, text: string) => 0 | Errno;
  /** Who may open it beyond what mode says; 0 or EACCES. */
  readonly guard?: (t: Task, subject: S) => 0 | Errno;
  /** poll(2) reports POLLERR | POLLPRI once this number has changed since the last read. */
  readonly version?: (t: Task) => number;
}

/** A symbolic link; with `follow` a magic one, which leads to the object itself. */
export interface Link<S> {
  readonly readlink: (t: Task, subject: S) => Fallible<string>;
  readonly follow?: (t: Task, subject: S) => Fallible<Path>;
}

/** Something with a class of its own: a directory whose contents come from the kernel's state, or a file that is not text (proc/dirs.ts). */
export interface Dynamic { readonly dynamic: 'fd' | 'fdinfo' | 'map_files' | 'task' | 'mem' | 'pagemap'; readonly mode: number }

/** Not a directory? */
export const isFile = (e: Dynamic): boolean => e.dynamic === 'mem' || e.dynamic === 'pagemap';

export type Entry<S> = Text<S> | Link<S> | Dynamic;
export type Entries<S> = Readonly<Record<string, Entry<S>>>;

/** A name in a directory: a file of the table, or a directory that exists because longer paths begin with it. */
export interface Child<S> { readonly name: string; readonly path: string; readonly index: number; readonly entry: Entry<S> | null }

/** Entries by path ('sys/kernel/ostype'), with the directories that these paths imply. */
export class EntryTable<S> {
  private readonly dirs = new Map<string, Map<string, Child<S>>>();

  constructor(entries: Entries<S>) {
    this.dirs.set('', new Map());
    for (const [path, entry] of Object.entries(entries)) this.add(path, entry);
  }

  children(dir: string): ReadonlyMap<string, Child<S>> { return this.dirs.get(dir) as Map<string, Child<S>>; }

  find(path: string): Entry<S> {
    const [dir, name] = splitPath(path);
    return this.children(dir).get(name)?.entry as Entry<S>;
  }

  /** Number of directories directly in `dir`, for st_nlink. */
  subdirectories(dir: string): number {
    let n = 0;
    for (const { entry } of this.children(dir).values()) if (entry === null || ('dynamic' in entry && !isFile(entry))) n++;
    return n;
  }

  private count = 0;
  private add(path: string, entry: Entry<S> | null): void {
    const [dir, name] = splitPath(path);
    if (!this.dirs.has(dir)) {
      this.dirs.set(dir, new Map());
      this.add(dir, null);
    }
    (this.dirs.get(dir) as Map<string, Child<S>>).set(name, { name, path, index: ++this.count, entry });
  }
}

function splitPath(path: string): [dir: string, name: string] {
  const slash = path.lastIndexOf('/');
  return [slash < 0 ? '' : path.slice(0, slash), path.slice(slash + 1)];
}
