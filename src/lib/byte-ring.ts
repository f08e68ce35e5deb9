// A first-in first-out byte queue: pipes, ttys, stream sockets. Storage doubles on demand up to `capacity` and is a power of two, so that
// head and tail wrap by masking; 0 <= length <= capacity always.

/** A byte queue that accepts at most `capacity` bytes. */
export class ByteRing {
  /** The limit; change it with resize(). */
  capacity: number;
  /** Bytes queued; read-only outside. */
  length = 0;
  private bytes: Uint8Array;
  private head = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.bytes = new Uint8Array(Math.min(powerOfTwo(capacity), SMALL));
  }

  get free(): number { return this.capacity - this.length; }
  get isEmpty(): boolean { return this.length === 0; }
  get isFull(): boolean { return this.length >= this.capacity; }

  /** Changes the limit (F_SETPIPE_SZ); false, and nothing changes, if what is queued would not fit. */
  resize(capacity: number): boolean {
    if (capacity < this.length) return false;
    this.capacity = capacity;
    return true;
  }

  /** Takes as many of source[start, end) as fit; returns how many. */
  push(source: Uint8Array, start = 0, end = source.length): number {
    const n = Math.min(end - start, this.free);
    if (n <= 0) return 0;
    this.reserve(this.length + n);
    const size = this.bytes.length;
    const tail = (this.head + this.length) & (size - 1);
    const first = Math.min(n, size - tail);
    this.bytes.set(source.subarray(start, start + first), tail);
    if (n > first) this.bytes.set(source.subarray(start + first, start + n), 0);
    this.length += n;
    return n;
  }

  /** Appends one byte; false when full. */
  pushByte(byte: number): boolean {
    if (this.isFull) return false;
    this.reserve(this.length + 1);
    this.bytes[(this.head + this.length) & (this.bytes.length - 1)] = byte;
    this.length++;
    return true;
  }

  /** Moves up to end - start bytes into `into`; returns how many. */
  drain(into: Uint8Array, start = 0, end = into.length): number {
    const n = this.peek(into, start, end);
    this.discard(n);
    return n;
  }

  /** Like drain, but the bytes stay: MSG_PEEK, copy-then-consume. `skip` bytes at the front are passed over. */
  peek(into: Uint8Array, start = 0, end = into.length, skip = 0): number {
    const n = Math.min(end - start, this.length - skip);
    if (n <= 0) return 0;
    const head = (this.head + skip) & (this.bytes.length - 1);
    const first = Math.min(n, this.bytes.length - head);
    into.set(this.bytes.subarray(head, head + first), start);
    if (n > first) into.set(this.bytes.subarray(0, n - first), start + first);
    return n;
  }

  /** The longest run at the front that lies in one piece: a window for a copy without a buffer, valid until the next change. */
  front(limit = this.length): Uint8Array {
    return this.bytes.subarray(this.head, this.head + Math.min(limit, this.length, this.bytes.length - this.head));
  }

  /** The byte `index` places from the front, or -1. */
  at(index: number): number {
    return index < this.length ? this.bytes[(this.head + index) & (this.bytes.length - 1)] as number : -1;
  }

  /** How far from the front the first `byte` is, or -1. */
  indexOf(byte: number): number {
    const mask = this.bytes.length - 1;
    for (let i = 0; i < this.length; i++) if (this.bytes[(this.head + i) & mask] === byte) return i;
    return -1;
  }

  /** Drops up to n bytes from the front. */
  discard(n: number): void {
    const drop = Math.min(n, this.length);
    this.head = (this.head + drop) & (this.bytes.length - 1);
    this.length -= drop;
    if (this.length === 0) this.head = 0;
  }

  /** Takes back the newest byte (a terminal's erase); -1 when empty. */
  popByte(): number {
    if (this.length === 0) return -1;
    this.length--;
    return this.bytes[(this.head + this.length) & (this.bytes.length - 1)] as number;
  }

  clear(): void {
    this.head = 0;
    this.length = 0;
  }

  private reserve(length: number): void {
    if (length <= this.bytes.length) return;
    const bigger = new Uint8Array(powerOfTwo(length));
    this.peek(bigger);
    this.bytes = bigger;
    this.head = 0;
  }
}

/** Most pipes carry a line or two: start small. */
const SMALL = 256;

function powerOfTwo(n: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(n, 1)));
}
