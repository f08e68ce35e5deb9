// This process' standard streams as byte ports. Output is written at once and completely (write(2) on the descriptor itself), so nothing can
// be lost at exit; a full non-blocking descriptor answers a short count and tries again later. Input is read ahead a little and then paused.
import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { EAGAIN, EBADF, EIO, EPIPE } from '../../abi/errno.ts';
import type { BytePort, PortListener } from '../host.ts';
import { errnoOf } from './host-errno.ts';

/** Bytes read ahead before the stream is paused. */
const HIGH_WATER = 1 << 16;
const RETRY_MS = 5;

/** An output descriptor: 1 or 2, or any file opened for writing. */
export class OutputPort implements BytePort {
  readonly #fd: number;
  #listener: PortListener | null = null;
  #retry: NodeJS.Timeout | undefined;

  constructor(fd: number) { this.#fd = fd; }

  write(bytes: Uint8Array): number {
    const n = writeSome(this.#fd, bytes);
    if ((n === EAGAIN || (n >= 0 && n < bytes.length)) && this.#retry === undefined) {
      this.#retry = setTimeout(() => { this.#retry = undefined; this.#listener?.writable(); }, RETRY_MS);
    }
    return n;
  }

  read(_into: Uint8Array): number { return EBADF; }
  close(): void {}
  attach(listener: PortListener | null): void { this.#listener = listener; }
}

/** As much of `bytes` as the descriptor takes: a count, EAGAIN when it takes nothing now, EPIPE when nobody reads. */
export function writeSome(fd: number, bytes: Uint8Array): number {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done, bytes.length - done);
    } catch (e) {
      const errno = errnoOf(e);
      return done > 0 && errno === EAGAIN ? done : errno;
    }
  }
  return done;
}

/** All of `text`, waiting where the descriptor is full; gives up when nobody reads. */
export function writeText(fd: number, text: string): void {
  let bytes: Uint8Array = Buffer.from(text);
  while (bytes.length > 0) {
    const n = writeSome(fd, bytes);
    if (n < 0 && n !== EAGAIN) return;
    if (n > 0) bytes = bytes.subarray(n);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
  }
}

/** A Node stream (process.stdin, a web stream's adapter) as an input. */
export class InputPort implements BytePort {
  readonly #source: () => Readable;
  #stream: Readable | undefined;
  #listener: PortListener | null = null;
  #chunks: Uint8Array[] = [];
  #queued = 0;
  #state: 'open' | 'ended' | 'failed' = 'open';

  /** `source` is asked for when somebody first wants to read: touching process.stdin has costs and effects. */
  constructor(source: () => Readable) { this.#source = source; }

  read(into: Uint8Array): number {
    this.#start();
    let done = 0;
    while (done < into.length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0]!;
      const part = chunk.subarray(0, into.length - done);
      into.set(part, done);
      done += part.length;
      if (part.length === chunk.length) this.#chunks.shift(); else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#queued -= done;
    if (this.#queued < HIGH_WATER / 2 && this.#state === 'open') this.#stream?.resume();
    if (done > 0 || into.length === 0) return done;
    return this.#state === 'open' ? EAGAIN : this.#state === 'ended' ? 0 : EIO;
  }

  write(_bytes: Uint8Array): number { return EPIPE; }

  close(): void {
    this.#state = 'ended';
    this.#chunks = [];
    this.#queued = 0;
    this.#stream?.pause();
    (this.#stream as { unref?(): void } | undefined)?.unref?.();
  }

  attach(listener: PortListener | null): void {
    this.#listener = listener;
    if (listener === null || this.#stream === undefined) return;
    if (this.#queued > 0 || this.#state !== 'open') setImmediate(() => this.#listener?.readable());
  }

  #start(): void {
    if (this.#stream !== undefined || this.#state !== 'open') return;
    const stream = this.#stream = this.#source();
    stream.on('data', (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#queued += chunk.length;
      if (this.#queued >= HIGH_WATER) stream.pause();
      this.#listener?.readable();
    });
    const end = (state: 'ended' | 'failed') => () => {
      if (this.#state !== 'open') return;
      this.#state = state;
      this.#listener?.readable();
    };
    stream.on('end', end('ended'));
    stream.on('close', end('ended'));
    stream.on('error', end('failed'));
  }
}

/** An input that is at its end from the start (docker run without -i). */
export class NullPort implements BytePort {
  read(_into: Uint8Array): number { return 0; }
  write(bytes: Uint8Array): number { return bytes.length; }
  close(): void {}
  attach(listener: PortListener | null): void {
    if (listener !== null) setImmediate(() => listener.readable());
  }
}
