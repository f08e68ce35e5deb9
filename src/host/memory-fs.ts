// A read-only file system given as data: for tests, browsers and the built-in programs. It is an image whose pack is a buffer.
import { ImageFs } from './image-fs.ts';
import type { Pack } from './image-fs.ts';
import { ImageIndex } from '../lib/image-index.ts';
import { ImageTree, S_IFDIR, S_IFLNK, S_IFREG, encodeIndex } from './image-tree.ts';

/**
 * A path's meaning: bytes or text (UTF-8) make a file, an object says more. Directories on the way appear by themselves.
 * The default mode is 0644 for files, 0755 for directories.
 */
export type MemoryFile = Uint8Array | string | { readonly content?: Uint8Array | string; readonly link?: string; readonly directory?: true; readonly mode?: number };

/** Builds the file system of a record `{ '/bin/hello': { content: elf, mode: 0o755 }, '/tmp': { directory: true, mode: 0o1777 } }`. */
export function memoryFs(files: Readonly<Record<string, MemoryFile>>): ImageFs {
  const tree = new ImageTree();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const [path, given] of Object.entries(files)) {
    const file = typeof given === 'string' || given instanceof Uint8Array ? { content: given } : given;
    const name = utf8ByteString(path);
    if ('directory' in file) {
      tree.put(name, { mode: S_IFDIR | (file.mode ?? 0o755) });
    } else if ('link' in file) {
      tree.put(name, { mode: S_IFLNK | 0o777, target: utf8ByteString(file.link!) });
    } else {
      const bytes = typeof file.content === 'string' ? new TextEncoder().encode(file.content) : file.content ?? new Uint8Array(0);
      tree.put(name, { mode: S_IFREG | (file.mode ?? 0o644), size: bytes.length, offset: length });
      chunks.push(bytes);
      length += bytes.length;
    }
  }
  return new ImageFs(new ImageIndex(encodeIndex(tree, length)), new MemoryPack(chunks, length));
}

/** Contents in one buffer. */
export class MemoryPack implements Pack {
  readonly #bytes: Uint8Array;

  constructor(chunks: readonly Uint8Array[], length: number) {
    this.#bytes = new Uint8Array(length);
    let at = 0;
    for (const c of chunks) { this.#bytes.set(c, at); at += c.length; }
  }

  readAt(into: Uint8Array, offset: number): number {
    const part = this.#bytes.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  }
}

/** JavaScript text to the byte string of its UTF-8 form: one character a byte. */
export function utf8ByteString(text: string): string {
  let s = '';
  for (const b of new TextEncoder().encode(text)) s += String.fromCharCode(b);
  return s;
}
