// Opens an image directory (index + data, see ../image-index.ts) as a read-only file system. The index is read at once, contents on demand.
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { EIO } from '../../abi/errno.ts';
import type { ImageIndex } from '../../lib/image-index.ts';
import { ImageFs } from '../image-fs.ts';
import type { Pack } from '../image-fs.ts';
import { BadImage, openIndex } from '../image-index.ts';

/** Names of the two files that make an image; the manifest beside them is for people and tools. */
export const INDEX_FILE = 'index', DATA_FILE = 'data', MANIFEST_FILE = 'manifest.json';

/** The image in `dir`; `digest`: of its index. Throws BadImage where something is missing or damaged; `close` ends it. */
export function openImage(dir: string): { fs: ImageFs; index: ImageIndex; digest(): Uint8Array; close(): void } {
  const bytes = read(join(dir, INDEX_FILE)), index = openIndex(bytes);
  const pack = new FilePack(join(dir, DATA_FILE), index.packBytes);
  return { fs: new ImageFs(index, pack), index, digest: () => createHash('sha256').update(bytes).digest(), close: () => pack.close() };
}

/** A pack in a host file. */
class FilePack implements Pack {
  readonly #fd: number;

  constructor(path: string, expected: number) {
    this.#fd = attempt(() => openSync(path, 'r'));
    const { size } = fstatSync(this.#fd);
    if (size !== expected) {
      closeSync(this.#fd);
      throw new BadImage(`its data has ${size} bytes where the index expects ${expected}`);
    }
  }

  readAt(into: Uint8Array, offset: number): number {
    try {
      let done = 0;
      while (done < into.length) {
        const n = readSync(this.#fd, into, done, into.length - done, offset + done);
        if (n === 0) break;
        done += n;
      }
      return done;
    } catch {
      return EIO;
    }
  }

  close(): void { closeSync(this.#fd); }
}

function read(path: string): Uint8Array<ArrayBuffer> {
  const bytes = attempt(() => readFileSync(path));
  // readFileSync may hand out a slice of a pool at an odd offset; float64 columns need alignment.
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}

function attempt<T>(f: () => T): T {
  try {
    return f();
  } catch (e) {
    throw new BadImage((e as Error).message);
  }
}
