// Reads tar archives as a stream: ustar, GNU long names, pax headers, base-256 numbers (tar(5)). Names stay byte strings.
// The whole of an archive is never in memory; an entry's body must be consumed, or is skipped, before the next entry is asked for.
import { UserError } from '../host/user-error.ts';
import type { Chunks } from './decompress.ts';

export type TarKind = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo';

/** One member. */
export interface TarEntry {
  readonly path: string;
  readonly kind: TarKind;
  /** Permission bits only. */
  readonly mode: number;
  readonly uid: number; readonly gid: number;
  readonly mtimeSec: number; readonly mtimeNsec: number;
  readonly size: number;
  /** Target of a link or symlink. */
  readonly target: string;
  readonly major: number; readonly minor: number;
  /** Hands the body to `sink` in order. */
  body(sink: (chunk: Uint8Array) => void): Promise<void>;
}

export class BadTar extends UserError {}

const BLOCK = 512;
const KINDS: Readonly<Record<string, TarKind>> = {
  '0': 'file', '\0': 'file', '7': 'file', '1': 'link', '2': 'symlink', '3': 'char', '4': 'block', '5': 'directory', '6': 'fifo',
};

/** The members of the (uncompressed) archive in order. */
export async function* readTar(chunks: Chunks): AsyncGenerator<TarEntry> {
  const input = new ChunkReader(chunks);
  try {
    yield* members(input);
    await input.drain(); // padding; and decompressors want to be read to their end
  } finally {
    await input.close();
  }
}

async function* members(input: ChunkReader): AsyncGenerator<TarEntry> {
  const global = new Map<string, string>();
  let next = new Map<string, string>();
  for (;;) {
    const block = await input.take(BLOCK);
    if (block === undefined || block.every(b => b === 0)) return;
    verify(block);
    const type = String.fromCharCode(block[156]!);
    const size = number(block, 124, 12);
    if ('xgLK'.includes(type)) {
      const meta = await input.take(size);
      await input.skip(padding(size));
      if (meta === undefined) throw new BadTar('the archive is truncated');
      if (type === 'L') next.set('path', text(meta, 0, size));
      else if (type === 'K') next.set('linkpath', text(meta, 0, size));
      else readPax(meta, type === 'g' ? global : next);
      continue;
    }
    const facts = new Map([...global, ...next]);
    next = new Map();
    const entry = member(block, type, facts, input);
    yield entry;
    await entry.finish();
  }
}

function member(b: Uint8Array, type: string, pax: Map<string, string>, input: ChunkReader): TarEntry & { finish(): Promise<void> } {
  const kind = KINDS[type];
  const prefix = text(b, 257, 6).startsWith('ustar') && b[262] === 0 ? text(b, 345, 155) : '';
  const name = text(b, 0, 100);
  const path = pax.get('path') ?? (prefix === '' ? name : `${prefix}/${name}`);
  if (kind === undefined || [...pax.keys()].some(k => k.startsWith('GNU.sparse'))) {
    throw new BadTar(`${path}: members of type '${kind === undefined ? type : 'sparse'}' are not supported`);
  }
  const recorded = pax.has('size') ? Number(pax.get('size')) : number(b, 124, 12);
  const size = kind === 'file' ? recorded : 0;
  const mtime = pax.has('mtime') ? pax.get('mtime')! : String(number(b, 136, 12));
  let left = kind === 'file' || kind === 'link' ? recorded : 0;
  const pad = padding(left);
  return {
    path, kind, size,
    mode: number(b, 100, 8) & 0o7777,
    uid: Number(pax.get('uid') ?? number(b, 108, 8)), gid: Number(pax.get('gid') ?? number(b, 116, 8)),
    mtimeSec: Math.floor(Number(mtime)), mtimeNsec: Number((mtime.split('.')[1] ?? '').padEnd(9, '0').slice(0, 9)),
    target: pax.get('linkpath') ?? text(b, 157, 100),
    major: number(b, 329, 8), minor: number(b, 337, 8),
    async body(sink) {
      const n = left;
      left = 0;
      await input.pass(n, sink);
    },
    finish: () => input.skip(left + pad),
  };
}

/** Records of the form "LENGTH KEY=VALUE\n", length in bytes (pax, POSIX.1-2001). */
function readPax(meta: Uint8Array, into: Map<string, string>): void {
  const s = text(meta, 0, meta.length, 'whole');
  for (let at = 0; at < s.length;) {
    const space = s.indexOf(' ', at);
    const length = Number(s.slice(at, space));
    const equals = s.indexOf('=', space);
    if (space < 0 || !(length > 0) || equals < 0) throw new BadTar('a pax header is damaged');
    into.set(s.slice(space + 1, equals), s.slice(equals + 1, at + length - 1));
    at += length;
  }
}

/** Octal text, or base 256 when the first bit is set (GNU). */
function number(b: Uint8Array, at: number, length: number): number {
  if ((b[at]! & 0x80) !== 0) {
    let n = b[at]! & 0x3f;
    for (let i = at + 1; i < at + length; i++) n = n * 256 + b[i]!;
    return n;
  }
  const digits = text(b, at, length).trim();
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

function text(b: Uint8Array, at: number, length: number, until: 'nul' | 'whole' = 'nul'): string {
  let s = '';
  for (let i = at; i < at + length; i++) {
    if (b[i] === 0 && until === 'nul') break;
    s += String.fromCharCode(b[i]!);
  }
  return s;
}

function verify(b: Uint8Array): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : b[i]!;
  if (sum !== number(b, 148, 8)) throw new BadTar('this is no tar archive, or it is damaged');
}

const padding = (size: number) => (BLOCK - size % BLOCK) % BLOCK;

/** Exact byte counts out of chunks of any size. */
class ChunkReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk = new Uint8Array(0);

  constructor(chunks: Chunks) { this.#source = chunks[Symbol.asyncIterator](); }

  /** Exactly `n` bytes, or undefined when the input ends before the first of them. */
  async take(n: number): Promise<Uint8Array | undefined> {
    if (this.#chunk.length >= n && n > 0) return this.#cut(n);
    const out = new Uint8Array(n);
    let at = 0;
    while (at < n) {
      if (this.#chunk.length === 0 && !(await this.#more())) {
        if (at === 0) return undefined;
        throw new BadTar('the archive is truncated');
      }
      const part = this.#cut(Math.min(n - at, this.#chunk.length));
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  async pass(n: number, sink: (chunk: Uint8Array) => void): Promise<void> {
    while (n > 0) {
      if (this.#chunk.length === 0 && !(await this.#more())) throw new BadTar('the archive is truncated');
      const part = this.#cut(Math.min(n, this.#chunk.length));
      sink(part);
      n -= part.length;
    }
  }

  skip(n: number): Promise<void> { return this.pass(n, () => {}); }

  async drain(): Promise<void> {
    while (await this.#more());
  }

  /** Tells the source that nothing more will be read. */
  async close(): Promise<void> { await this.#source.return?.(); }

  #cut(n: number): Uint8Array {
    const part = this.#chunk.subarray(0, n);
    this.#chunk = this.#chunk.subarray(n);
    return part;
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    this.#chunk = next.value as Uint8Array<ArrayBuffer>;
    return true;
  }
}
