// An image being made: a tree in memory and a pack in a temporary directory of the store. It appears, or replaces another, by rename, so that
// a reader sees the old image or the new one, never half of one; a running machine keeps the files it has opened. Builders do not disturb
// each other: each has its own directory, and of two that commit the same name the later one wins.
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readSync, readdirSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ImageFs } from '../host/image-fs.ts';
import { ImageIndex } from '../lib/image-index.ts';
import { ImageTree, encodeIndex } from '../host/image-tree.ts';
import { DATA_FILE, INDEX_FILE, MANIFEST_FILE } from '../host/node/image-fs.ts';
import { ImageError, storeDir } from './store.ts';
import type { Manifest } from './store.ts';

const PAGE = 4096;

/** An image being made: a tree and the pack its contents go to. Ends with `commit` or `abandon`. */
export class ImageBuilder {
  readonly tree = new ImageTree();
  readonly #store: string;
  readonly #dir: string;
  readonly #fd: number;
  readonly #hash = createHash('sha256');
  #length = 0;

  constructor(store = storeDir()) {
    this.#store = store;
    this.#dir = join(store, 'images', `.new-${tag()}`);
    try {
      makeDirs(join(store, 'images'));
      sweep(join(store, 'images'));
      mkdirSync(this.#dir);
      this.#fd = openSync(join(this.#dir, DATA_FILE), 'wx+');
    } catch (e) {
      throw new ImageError(`cannot write to the image store ${store}: ${(e as Error).message}`);
    }
  }

  /** Contents of a regular file that is in the tree already; links are followed. */
  read(path: string): Uint8Array | undefined {
    const node = this.tree.find(path, 'follow');
    if (node === undefined || !node.isFile) return undefined;
    const bytes = new Uint8Array(node.size);
    readSync(this.#fd, bytes, 0, bytes.length, node.offset);
    return bytes;
  }

  /** What the image would be now, as a file system. */
  view(): { fs: ImageFs; close(): void } {
    const index = new ImageIndex(encodeIndex(this.tree, this.#length));
    const fd = openSync(join(this.#dir, DATA_FILE), 'r');
    const pack = { readAt: (into: Uint8Array, offset: number) => readSync(fd, into, 0, into.length, offset) };
    return { fs: new ImageFs(index, pack), close: () => closeSync(fd) };
  }

  /** Room for `size` bytes: a file begins on a page unless it fits into what is left of one. Call `append` until it is filled. */
  reserve(size: number): number {
    const left = (PAGE - this.#length % PAGE) % PAGE;
    if (size > left) this.append(new Uint8Array(left));
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) done += writeSync(this.#fd, bytes, done);
    this.#hash.update(bytes);
    this.#length += bytes.length;
  }

  /** A whole file at once. */
  store(bytes: Uint8Array): { size: number; offset: number } {
    const offset = this.reserve(bytes.length);
    this.append(bytes);
    return { size: bytes.length, offset };
  }

  /** The image becomes visible as `name`, replacing one of that name. */
  commit(name: string, facts: Pick<Manifest, 'source' | 'packages'>): Manifest {
    this.reserve(PAGE);
    const index = encodeIndex(this.tree, this.#length);
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    writeFileSync(join(this.#dir, INDEX_FILE), index);
    const manifest: Manifest = {
      name, created: new Date().toISOString(), kspace: KSPACE_VERSION, ...facts,
      files: [...this.tree.paths()].length, bytes: this.#length + index.length,
      sha256: createHash('sha256').update(index).update(this.#hash.digest()).digest('hex'),
    };
    writeFileSync(join(this.#dir, MANIFEST_FILE), JSON.stringify(manifest, null, 1) + '\n');
    const place = join(this.#store, 'images', name);
    const old = join(this.#store, 'images', `.old-${tag()}`);
    for (;;) {
      try {
        renameSync(this.#dir, place); // fails when a non-empty directory is there
        break;
      } catch (e) {
        if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((e as NodeJS.ErrnoException).code ?? '') || !existsSync(place)) throw e;
        renameSync(place, old);
      }
    }
    rmSync(old, { recursive: true, force: true });
    return manifest;
  }

  abandon(): void {
    try { closeSync(this.#fd); } catch { /* closed already */ }
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

declare const KSPACE_VERSION: string;

const tag = () => `${process.pid}-${randomBytes(4).toString('hex')}`;

/** mkdir -p. Node's own `recursive` never comes back for a path below /proc. */
function makeDirs(path: string): void {
  if (existsSync(path)) return;
  makeDirs(dirname(path));
  try {
    mkdirSync(path);
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e; // somebody else was faster
  }
}

/** Leftovers of builders that died: their process is gone, or they are older than a day (process numbers come round). */
function sweep(images: string): void {
  for (const name of readdirSync(images)) {
    const pid = /^\.(?:new|old)-(\d+)-/.exec(name)?.[1];
    if (pid === undefined) continue;
    const path = join(images, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 86_400_000 || !isAlive(Number(pid))) rmSync(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
