// Web streams as the byte ports behind a guest's descriptors, with backpressure both ways: a full reader parks the guest's write.
import { EAGAIN, EPIPE } from '../abi/errno.ts';
import type { BytePort, PortListener } from '../host/host.ts';

/** Bytes held for a slow reader or guest before the other side has to wait. */
const HIGH_WATER = 65_536;

/** The guest writes, the host reads `stream`. */
export class OutputStreamPort implements BytePort {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #listener: PortListener | null = null;
  #state: 'open' | 'closed' | 'cancelled' = 'open';

  constructor() {
    this.stream = new ReadableStream<Uint8Array>({
      start: c => { this.#controller = c; },
      // Enqueueing may pull at once: the device must not be called from inside its own write.
      pull: () => { queueMicrotask(() => this.#listener?.writable()); },
      cancel: () => {
        this.#state = 'cancelled';
        this.#listener?.writable();
      },
    }, { highWaterMark: HIGH_WATER, size: chunk => chunk?.byteLength ?? 0 });
  }

  write(bytes: Uint8Array): number {
    if (this.#state !== 'open') return EPIPE;
    const room = this.#controller.desiredSize ?? 0;
    if (room <= 0) return EAGAIN;
    const n = Math.min(bytes.length, room);
    this.#controller.enqueue(bytes.slice(0, n));
    return n;
  }
  read(): number { return 0; }
  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    this.#controller.close();
  }
  attach(listener: PortListener | null): void { this.#listener = listener; }
}

/** The host writes to `stream`, the guest reads; closing the stream is end of file. */
export class InputStreamPort implements BytePort {
  readonly stream: WritableStream<Uint8Array>;
  #chunks: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #listener: PortListener | null = null;
  #drained: (() => void) | null = null;

  constructor() {
    this.stream = new WritableStream<Uint8Array>({
      write: chunk => this.#push(chunk),
      close: () => this.#end(),
      abort: () => this.#end(),
    });
  }

  read(into: Uint8Array): number {
    let done = 0;
    while (done < into.length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0]!;
      const part = chunk.subarray(0, into.length - done);
      into.set(part, done);
      done += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#queued -= done;
    if (this.#queued < HIGH_WATER && this.#drained !== null) {
      const go = this.#drained;
      this.#drained = null;
      go();
    }
    if (done > 0 || into.length === 0) return done;
    return this.#ended ? 0 : EAGAIN;
  }
  write(): number { return EPIPE; }
  close(): void { this.#end(); }
  attach(listener: PortListener | null): void {
    this.#listener = listener;
    if (listener !== null && (this.#queued > 0 || this.#ended)) queueMicrotask(() => this.#listener?.readable());
  }

  #push(chunk: Uint8Array): Promise<void> | void {
    this.#chunks.push(chunk);
    this.#queued += chunk.length;
    this.#listener?.readable();
    if (this.#queued >= HIGH_WATER) return new Promise(resolve => { this.#drained = resolve; });
  }
  #end(): void {
    this.#ended = true;
    this.#listener?.readable();
  }
}
