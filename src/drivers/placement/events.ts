// Events of a core on their way to its front: five numbers each, first in, first out. Kept until the call under way has returned.
const WORDS = 5;

export class EventQueue {
  private words = new Float64Array(64 * WORDS);
  private head = 0;
  private tail = 0;
  /** The event that `take` took. */
  kind = 0;
  a = 0;
  b = 0;
  c = 0;
  d = 0;

  push(kind: number, a: number, b: number, c: number, d: number): void {
    if (this.tail === this.words.length) this.makeRoom();
    const { words, tail } = this;
    words[tail] = kind;
    words[tail + 1] = a;
    words[tail + 2] = b;
    words[tail + 3] = c;
    words[tail + 4] = d;
    this.tail = tail + WORDS;
  }

  /** The next event into `kind` and `a` to `d`; false: none. */
  take(): boolean {
    const { words, head } = this;
    if (head === this.tail) {
      this.clear();
      return false;
    }
    this.kind = words[head]!;
    this.a = words[head + 1]!;
    this.b = words[head + 2]!;
    this.c = words[head + 3]!;
    this.d = words[head + 4]!;
    this.head = head + WORDS;
    return true;
  }

  clear(): void { this.head = this.tail = 0; }

  private makeRoom(): void {
    const rest = this.words.subarray(this.head, this.tail);
    const words = rest.length * 2 > this.words.length ? new Float64Array(this.words.length * 2) : this.words;
    words.set(rest);
    this.words = words;
    this.tail = rest.length;
    this.head = 0;
  }
}
