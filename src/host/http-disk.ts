// A disk behind HTTP: read-only, fetched in chunks by range requests (RFC 9110, 14), kept in memory. The first place where a disk answers late.
import { EAGAIN, EIO, EROFS } from '../abi/errno.ts';
import { type DiskBackend, type DiskListener, SECTOR } from './host.ts';
import { UserError } from './user-error.ts';

const CHUNK = 262_144;
/** Chunks kept: 64 MiB. */
const KEPT = 256;
const TRIES = 3;

/** Asks the server for the size; throws UserError if it does not know ranges. */
export async function openHttpDisk(url: string, get: typeof fetch = fetch): Promise<HttpDisk> {
  const r = await get(url, { headers: { range: 'bytes=0-0' } });
  const total = /^bytes 0-0\/(\d+)$/.exec(r.headers.get('content-range') ?? '')?.[1];
  await r.body?.cancel();
  if (r.status !== 206 || total === undefined) throw new UserError(`${url}: the server does not answer range requests (status ${r.status})`);
  return new HttpDisk(url, Number(total), get);
}

export class HttpDisk implements DiskBackend {
  readonly size: number;
  readonly access = 'read-only';
  readonly #url: string;
  readonly #length: number;
  readonly #get: typeof fetch;
  /** In order of use; 'failed' is told once, then tried again. */
  readonly #chunks = new Map<number, Uint8Array | 'failed'>();
  readonly #coming = new Set<number>();
  #listener: DiskListener | null = null;

  constructor(url: string, length: number, get: typeof fetch) {
    this.#url = url;
    this.#length = length;
    this.#get = get;
    this.size = length - (length % SECTOR);
  }

  /** All chunks of the range are asked for at once. */
  read(offset: number, into: Uint8Array): number {
    const first = Math.floor(offset / CHUNK), last = Math.floor((offset + into.length - 1) / CHUNK);
    let missing = 0;
    for (let i = first; i <= last; i++) {
      const chunk = this.#chunks.get(i);
      if (chunk === 'failed') {
        this.#chunks.delete(i);
        return EIO;
      }
      if (chunk !== undefined) continue;
      missing++;
      if (!this.#coming.has(i)) void this.#fetch(i);
    }
    if (missing > 0) return EAGAIN;
    for (let i = first; i <= last; i++) this.#copy(i, offset, into);
    return 0;
  }

  write(): number { return EROFS; }
  discard(): number { return EROFS; }
  zero(): number { return EROFS; }
  flush(): number { return 0; }
  attach(listener: DiskListener | null): void { this.#listener = listener; }
  close(): void { this.#listener = null; }

  #copy(index: number, offset: number, into: Uint8Array): void {
    const chunk = this.#chunks.get(index) as Uint8Array;
    this.#chunks.delete(index);
    this.#chunks.set(index, chunk);
    const from = Math.max(offset, index * CHUNK), end = Math.min(offset + into.length, index * CHUNK + chunk.length);
    into.set(chunk.subarray(from - index * CHUNK, end - index * CHUNK), from - offset);
  }

  async #fetch(index: number): Promise<void> {
    this.#coming.add(index);
    let chunk: Uint8Array | undefined;
    for (let i = 0; i < TRIES && chunk === undefined; i++) chunk = await this.#try(index);
    this.#coming.delete(index);
    for (const old of this.#chunks.keys()) {
      if (this.#chunks.size < KEPT) break;
      this.#chunks.delete(old);
    }
    this.#chunks.set(index, chunk ?? 'failed');
    this.#listener?.ready();
  }

  async #try(index: number): Promise<Uint8Array | undefined> {
    const start = index * CHUNK, end = Math.min(start + CHUNK, this.#length);
    try {
      const r = await this.#get(this.#url, { headers: { range: `bytes=${start}-${end - 1}` } });
      if (r.status !== 206) return undefined;
      const bytes = new Uint8Array(await r.arrayBuffer());
      return bytes.length === end - start ? bytes : undefined;
    } catch {
      return undefined;
    }
  }
}
