// File descriptors of a process (shared by CLONE_FILES): small integers to open file descriptions.
import { type Errno, type Fallible, EBADF, EMFILE } from '../../abi/errno.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from './open-file.ts';

export class FdTable {
  private files: (OpenFile | null)[] = [];
  private cloexec = new Set<number>();
  /** No descriptor below is free: where the search for the lowest starts. */
  private firstFree = 0;
  users = 1;

  /** One past the highest descriptor in use. */
  get size(): number { return this.files.length; }

  get(fd: number): Fallible<OpenFile> { return this.files[fd] ?? EBADF; }

  /** The lowest free descriptor from `min` on becomes `file` (takes over the caller's reference). EMFILE at RLIMIT_NOFILE. */
  install(t: Task, file: OpenFile, cloexec: 'cloexec' | 'keep', min = 0): number | Errno {
    const fd = this.lowestFree(min);
    if (fd >= t.process.rlimits[7]!.soft) return EMFILE;
    this.set(fd, file, cloexec);
    return fd;
  }

  lowestFree(min = 0): number {
    let fd = Math.max(min, this.firstFree);
    while (this.files[fd]) fd++;
    return fd;
  }

  /** Puts `file` at `fd`, which must be free. */
  set(fd: number, file: OpenFile, cloexec: 'cloexec' | 'keep'): void {
    while (this.files.length <= fd) this.files.push(null);
    this.files[fd] = file;
    if (cloexec === 'cloexec') this.cloexec.add(fd);
    if (fd === this.firstFree) this.firstFree = fd + 1;
  }

  isCloexec(fd: number): boolean { return this.cloexec.has(fd); }
  setCloexec(fd: number, on: boolean): void {
    if (on) this.cloexec.add(fd);
    else this.cloexec.delete(fd);
  }

  /** Removes `fd`; the caller gets the reference (and puts it, via vfs/close). */
  remove(fd: number): Fallible<OpenFile> {
    const file = this.files[fd];
    if (!file) return EBADF;
    this.files[fd] = null;
    this.cloexec.delete(fd);
    if (fd < this.firstFree) this.firstFree = fd;
    while (this.files.length > 0 && this.files[this.files.length - 1] === null) this.files.pop();
    return file;
  }

  /** Another file (or none) at `fd`, for as long as a call runs; answers the one that was there. References stay where they are. */
  exchange(fd: number, file: OpenFile | null): OpenFile | null {
    while (this.files.length <= fd) this.files.push(null);
    const was = this.files[fd]!;
    this.files[fd] = file;
    return was;
  }

  /** fork: the same descriptions under the same numbers. */
  copy(): FdTable {
    const c = new FdTable();
    c.files = this.files.slice();
    for (const f of c.files) f?.get();
    c.cloexec = new Set(this.cloexec);
    c.firstFree = this.firstFree;
    return c;
  }

  *entries(): IterableIterator<[number, OpenFile]> {
    for (let fd = 0; fd < this.files.length; fd++) {
      const f = this.files[fd];
      if (f) yield [fd, f];
    }
  }
}
