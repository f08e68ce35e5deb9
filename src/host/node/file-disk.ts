// Disks in files of the host, sparse where the host's file system is. Node cannot punch holes: a discarded range that reaches the end of the data is
// cut off and grown again; elsewhere discard only forgets, which the device allows.
import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { EIO, ENOSPC, EROFS } from '../../abi/errno.ts';
import { type DiskBackend, SECTOR } from '../host.ts';
import { UserError } from '../user-error.ts';

const ZEROS = new Uint8Array(1 << 20);

export class FileDisk implements DiskBackend {
  readonly size: number;
  readonly access: 'read-write' | 'read-only';
  readonly #fd: number;
  #open = true;

  constructor(path: string, access: 'read-write' | 'read-only') {
    this.access = access;
    this.#fd = openFile(path, access);
    const { size } = fstatSync(this.#fd);
    this.size = size - (size % SECTOR);
    if (this.size > 0) return;
    closeSync(this.#fd);
    throw new UserError(`${path} is empty: a disk has a size (kspace disk create FILE SIZE)`);
  }

  /** Beyond the data of a sparse file, which was cut by somebody else, lie zeros. */
  read(offset: number, into: Uint8Array): number {
    return attempt(() => {
      for (let done = 0; done < into.length;) {
        const n = readSync(this.#fd, into, done, into.length - done, offset + done);
        if (n === 0) into.fill(0, done);
        done += n === 0 ? into.length - done : n;
      }
    });
  }

  write(offset: number, from: Uint8Array): number {
    if (this.access === 'read-only') return EROFS;
    return attempt(() => {
      for (let done = 0; done < from.length;) done += writeSync(this.#fd, from, done, from.length - done, offset + done);
    });
  }

  flush(): number { return this.access === 'read-only' ? 0 : attempt(() => fdatasyncSync(this.#fd)); }

  discard(offset: number, length: number): number {
    if (this.access === 'read-only') return EROFS;
    return offset + length === this.size ? this.#cut(offset) : 0;
  }

  zero(offset: number, length: number, storage: 'free' | 'keep'): number {
    if (this.access === 'read-only') return EROFS;
    if (storage === 'free' && offset + length === this.size) return this.#cut(offset);
    for (let done = 0; done < length;) {
      const n = Math.min(ZEROS.length, length - done);
      const r = this.write(offset + done, ZEROS.subarray(0, n));
      if (r !== 0) return r;
      done += n;
    }
    return 0;
  }

  attach(): void {}
  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }

  #cut(offset: number): number {
    return attempt(() => {
      ftruncateSync(this.#fd, offset);
      ftruncateSync(this.#fd, this.size);
    });
  }
}

function openFile(path: string, access: 'read-write' | 'read-only'): number {
  try {
    return openSync(path, access === 'read-only' ? constants.O_RDONLY : constants.O_RDWR);
  } catch (e) {
    throw new UserError(`the disk ${path} cannot be opened: ${(e as Error).message}`);
  }
}

function attempt(f: () => void): number {
  try {
    f();
    return 0;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'ENOSPC' ? ENOSPC : EIO;
  }
}
