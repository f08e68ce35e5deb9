// The input queue of a terminal: bytes, and which of them end a line. In canonical mode only complete lines can be read; an end-of-file
// character ends a line without being part of it (termios(3), "Canonical and noncanonical mode").
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';

/** MAX_CANON and the size of the whole queue. */
export const CAPACITY = 4096;
const PLAIN = 0, LINE_END = 1, END_OF_FILE = 2;

export class InputQueue {
  private readonly bytes = new Uint8Array(CAPACITY);
  private readonly kinds = new Uint8Array(CAPACITY);
  /** Running counters; masked by CAPACITY - 1 they are positions. tail <= canonical <= head. */
  private tail = 0;
  private canonical = 0;
  private head = 0;
  /** ^V: the next byte is taken literally. */
  literalNext = false;

  get length(): number { return this.head - this.tail; }
  get free(): number { return CAPACITY - this.length; }
  /** A complete line (or end of file) is there. */
  get hasLine(): boolean { return this.canonical > this.tail; }
  /** Length of the line that is being edited. */
  get editing(): number { return this.head - this.canonical; }

  push(byte: number): void { this.put(byte, PLAIN); }
  pushLineEnd(byte: number): void {
    this.put(byte, LINE_END);
    this.canonical = this.head;
  }
  pushEndOfFile(): void {
    this.put(0, END_OF_FILE);
    this.canonical = this.head;
  }
  /** Takes the last byte of the unfinished line back; -1 if there is none. */
  erase(): number {
    if (this.editing === 0) return -1;
    return this.bytes[--this.head & (CAPACITY - 1)]!;
  }
  eraseLine(): void { this.head = this.canonical; }
  /** Byte `i` of the unfinished line. */
  editedByte(i: number): number { return this.bytes[(this.canonical + i) & (CAPACITY - 1)]!; }

  /** Canonical mode was switched on or off: what is there becomes one line, or plain bytes. */
  switchMode(to: 'canonical' | 'raw'): void {
    this.canonical = this.head;
    this.kinds.fill(PLAIN);
    if (to === 'canonical' && this.head > this.tail) this.kinds[(this.head - 1) & (CAPACITY - 1)] ||= LINE_END;
  }

  /** One line, or as much of it as `io` takes. 0: an end of file with nothing before it. */
  readLine(io: IoBuffer): number {
    let n = 0;
    const one = new Uint8Array(Math.min(io.remaining, this.canonical - this.tail));
    let at = this.tail;
    for (;;) {
      if (at === this.canonical) break;
      const kind = this.kinds[at & (CAPACITY - 1)]!;
      if (kind === END_OF_FILE) {
        at++;
        break;
      }
      if (n === one.length) break;
      one[n++] = this.bytes[at++ & (CAPACITY - 1)]!;
      if (kind === LINE_END) break;
    }
    const moved = n === 0 ? 0 : io.put(one, 0, n);
    if (moved < n) return moved;
    this.tail = at;
    return n;
  }

  /** Raw mode: whatever is there. */
  readBytes(io: IoBuffer): number {
    const n = Math.min(io.remaining, this.length);
    const bytes = new Uint8Array(n);
    for (let i = 0; i < n; i++) bytes[i] = this.bytes[(this.tail + i) & (CAPACITY - 1)]!;
    const moved = io.put(bytes, 0, n);
    if (moved > 0) this.tail += moved;
    if (this.canonical < this.tail) this.canonical = this.tail;
    return moved;
  }

  /** Bytes of the first line, for FIONREAD in canonical mode. */
  lineLength(): number {
    let n = 0;
    for (let at = this.tail; at < this.canonical; at++) if (this.kinds[at & (CAPACITY - 1)] !== END_OF_FILE) n++;
    return n;
  }

  flush(): void { this.tail = this.canonical = this.head; }

  private put(byte: number, kind: number): void {
    if (this.free === 0) return;
    this.bytes[this.head & (CAPACITY - 1)] = byte;
    this.kinds[this.head & (CAPACITY - 1)] = kind;
    this.head++;
  }
}
