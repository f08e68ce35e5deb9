// Disks in memory: one that is all memory, and copy-on-write over any other. Sparse: a chunk exists once it was written.
import { EIO, EROFS } from '../abi/errno.ts';
import { type DiskBackend, type DiskListener, SECTOR } from './host.ts';

const CHUNK = 65536;

/** A disk that is forgotten with the machine. */
export class MemoryDisk implements DiskBackend {
  readonly size: number;
  readonly access: 'read-write' | 'read-only';
  readonly #chunks = new Map<number, Uint8Array>();

  /** `initial`: contents of the first bytes. */
  constructor(size: number, access: 'read-write' | 'read-only' = 'read-write', initial = new Uint8Array(0)) {
    if (size % SECTOR !== 0 || size < initial.length) throw new RangeError(`a disk of ${size} bytes`);
    this.size = size;
    this.access = access;
    if (initial.length > 0) this.#put(0, initial);
  }

  read(offset: number, into: Uint8Array): number {
    for (let done = 0; done < into.length;) {
      const at = offset + done, skip = at % CHUNK;
      const n = Math.min(CHUNK - skip, into.length - done);
      const chunk = this.#chunks.get(Math.floor(at / CHUNK));
      if (chunk === undefined) into.fill(0, done, done + n);
      else into.set(chunk.subarray(skip, skip + n), done);
      done += n;
    }
    return 0;
  }

  write(offset: number, from: Uint8Array): number {
    if (this.access === 'read-only') return EROFS;
    this.#put(offset, from);
    return 0;
  }

  flush(): number { return 0; }
  discard(offset: number, length: number): number { return this.zero(offset, length); }

  zero(offset: number, length: number): number {
    if (this.access === 'read-only') return EROFS;
    for (let done = 0; done < length;) {
      const at = offset + done, skip = at % CHUNK;
      const n = Math.min(CHUNK - skip, length - done);
      const index = Math.floor(at / CHUNK);
      if (n === CHUNK) this.#chunks.delete(index);
      else this.#chunks.get(index)?.fill(0, skip, skip + n);
      done += n;
    }
    return 0;
  }

  attach(): void {}
  close(): void { this.#chunks.clear(); }

  #put(offset: number, from: Uint8Array): void {
    for (let done = 0; done < from.length;) {
      const at = offset + done, skip = at % CHUNK;
      const n = Math.min(CHUNK - skip, from.length - done);
      const index = Math.floor(at / CHUNK);
      let chunk = this.#chunks.get(index);
      if (chunk === undefined) this.#chunks.set(index, (chunk = new Uint8Array(CHUNK)));
      chunk.set(from.subarray(done, done + n), skip);
      done += n;
    }
  }
}

const PAGE = 4096;

/** Writes stay in memory, reads see them over `base`, which is never written. */
export class CowDisk implements DiskBackend {
  readonly size: number;
  readonly access = 'read-write';
  readonly #base: DiskBackend;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(base: DiskBackend) {
    this.#base = base;
    this.size = base.size;
  }

  /** The base is asked for runs of pages that were never written. */
  read(offset: number, into: Uint8Array): number {
    for (let done = 0; done < into.length;) {
      const at = offset + done, skip = at % PAGE;
      const page = this.#pages.get(Math.floor(at / PAGE));
      let n = Math.min(PAGE - skip, into.length - done);
      if (page !== undefined) {
        into.set(page.subarray(skip, skip + n), done);
      } else {
        while (done + n < into.length && !this.#pages.has(Math.floor((at + n) / PAGE))) n = Math.min(n + PAGE, into.length - done);
        const r = this.#base.read(at, into.subarray(done, done + n));
        if (r !== 0) return r;
      }
      done += n;
    }
    return 0;
  }

  write(offset: number, from: Uint8Array): number { return this.#change(offset, from.length, from); }
  zero(offset: number, length: number): number { return this.#change(offset, length, null); }
  discard(offset: number, length: number): number { return this.zero(offset, length); }
  flush(): number { return 0; }
  attach(listener: DiskListener | null): void { this.#base.attach(listener); }
  close(): void {
    this.#pages.clear();
    this.#base.close();
  }

  /** `from` null: zeros. Pages are fetched whole before they are changed in part; doing so twice, after EAGAIN, does no harm. */
  #change(offset: number, length: number, from: Uint8Array | null): number {
    if (offset + length > this.size) return EIO;
    for (let done = 0; done < length;) {
      const at = offset + done, skip = at % PAGE;
      const n = Math.min(PAGE - skip, length - done);
      const index = Math.floor(at / PAGE);
      let page = this.#pages.get(index);
      if (page === undefined) {
        page = new Uint8Array(PAGE);
        const r = n === PAGE ? 0 : this.#base.read(index * PAGE, page.subarray(0, Math.min(PAGE, this.size - index * PAGE)));
        if (r !== 0) return r;
        this.#pages.set(index, page);
      }
      if (from === null) page.fill(0, skip, skip + n);
      else page.set(from.subarray(done, done + n), skip);
      done += n;
    }
    return 0;
  }
}
