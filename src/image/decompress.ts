// Byte streams that may be compressed: gzip by Node, xz and zstd by small libraries that are loaded only when they are needed
// (Node has no xz, and zstd only from 22.15 on). The kind is told by the first bytes, never by a name.
import zlib from 'node:zlib';
import { Readable } from 'node:stream';
import { UserError } from '../host/user-error.ts';

export type Chunks = AsyncIterable<Uint8Array>;

/** `bytes` in one piece as a stream. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> { yield bytes; }

/** The plain bytes of `input`, which may be gzip, xz, zstd or plain already. */
export async function* decompress(input: Chunks): AsyncGenerator<Uint8Array> {
  const source = input[Symbol.asyncIterator]();
  const first = await source.next();
  if (first.done) return;
  const whole = rejoin(first.value, source);
  switch (kindOf(first.value)) {
    case 'gzip': yield* Readable.from(whole).pipe(zlib.createGunzip()); return;
    case 'xz': yield* unxz(whole); return;
    case 'zstd': yield* unzstd(whole); return;
    case 'bzip2': throw new UserError('bzip2 compression is not supported: use gzip, xz or zstd');
    case 'plain': yield* whole;
  }
}

async function* rejoin(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (;;) {
    const next = await rest.next();
    if (next.done) return;
    yield next.value;
  }
}

function kindOf(b: Uint8Array): 'gzip' | 'xz' | 'zstd' | 'bzip2' | 'plain' {
  if (b[0] === 0x1f && b[1] === 0x8b) return 'gzip';
  if (b[0] === 0xfd && b[1] === 0x37 && b[2] === 0x7a && b[3] === 0x58 && b[4] === 0x5a) return 'xz';
  if (b[0] === 0x28 && b[1] === 0xb5 && b[2] === 0x2f && b[3] === 0xfd) return 'zstd';
  if (b[0] === 0x42 && b[1] === 0x5a && b[2] === 0x68) return 'bzip2';
  return 'plain';
}

async function* unxz(input: Chunks): AsyncGenerator<Uint8Array> {
  const lib = (await import('xz-decompress')) as unknown as { default: typeof import('xz-decompress') };
  const source = Readable.toWeb(Readable.from(input, { objectMode: true })) as unknown as ReadableStream<Uint8Array>;
  const reader = new lib.default.XzReadableStream(source).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

async function* unzstd(input: Chunks): AsyncGenerator<Uint8Array> {
  const native = (zlib as unknown as { createZstdDecompress?: () => NodeJS.ReadWriteStream }).createZstdDecompress;
  if (native !== undefined) { yield* Readable.from(input).pipe(native()) as unknown as Chunks; return; }
  const { Decompress } = await import('fzstd');
  const out: Uint8Array[] = [];
  const stream = new Decompress(chunk => { out.push(chunk); });
  for await (const chunk of input) {
    stream.push(chunk);
    yield* out.splice(0);
  }
  stream.push(new Uint8Array(0), true);
  yield* out.splice(0);
}
