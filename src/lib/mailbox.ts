// A mailbox between two threads that take turns: one posts and waits, the other works and posts back. All of it lies in one SharedArrayBuffer; whose turn
// it is says a single word, so that nothing else needs to be atomic. Waiting is a short spin, then sleep. The kernel uses it to call a driver's core in
// a worker as if it were a function.

/** Whose turn it is. */
export const KERNEL = 0, WORKER = 1;
export type Side = typeof KERNEL | typeof WORKER;

/** What the kernel posts: operations of a core, and the answer to what the core asked meanwhile. */
export const START = 1, CALL = 2, IRQ = 3, REPLY = 4;
/** What the worker posts: the end of an operation (`result`), its failure (`text`), and what it asks of the kernel on the way; first of all, that it has come up. */
export const DONE = 10, THREW = 11, READ32 = 12, WRITE32 = 13, LOG = 14, BROKEN = 15, EVENTS = 16, UP = 17;

/** Words of `args`, events that fit, words of one, bytes of `text`. */
const ARGS = 512, MAX_EVENTS = 256, EVENT_WORDS = 5, TEXT = 2048;
const TURN = 0, WHAT = 1, EVENT_COUNT = 2, TEXT_LENGTH = 3, ASLEEP = 4;
const WORDS_BYTES = 64, PARAMETERS = 8;
const ARGS_AT = WORDS_BYTES + PARAMETERS * 8, EVENTS_AT = ARGS_AT + ARGS * 8, TEXT_AT = EVENTS_AT + MAX_EVENTS * EVENT_WORDS * 8;
export const MAILBOX_BYTES = TEXT_AT + TEXT;

/** Looks before sleep, a few microseconds: on a busy machine the other side is not running anyway, and to look longer costs more than it saves (measured). */
const SPINS = 200;

export class Mailbox {
  /** Operation and four numbers; offset and value; a result. */
  readonly parameters: Float64Array;
  readonly args: Float64Array;
  private readonly words: Int32Array;
  private readonly events: Float64Array;
  private readonly bytes: Uint8Array;
  private readonly side: Side;
  private readonly other: Side;
  /** False where threads may not sleep: a page's own. */
  private mayBlock = true;

  constructor(shared: SharedArrayBuffer, side: Side) {
    this.words = new Int32Array(shared, 0, WORDS_BYTES / 4);
    this.parameters = new Float64Array(shared, WORDS_BYTES, PARAMETERS);
    this.args = new Float64Array(shared, ARGS_AT, ARGS);
    this.events = new Float64Array(shared, EVENTS_AT, MAX_EVENTS * EVENT_WORDS);
    this.bytes = new Uint8Array(shared, TEXT_AT, TEXT);
    this.side = side;
    this.other = side === KERNEL ? WORKER : KERNEL;
  }

  /** What the other side has posted. */
  get what(): number { return this.words[WHAT]!; }

  /** It is the other's turn. */
  post(what: number): void {
    const { words, other } = this;
    words[WHAT] = what;
    Atomics.store(words, TURN, other);
    if (Atomics.load(words, ASLEEP + other) === 1) Atomics.notify(words, TURN);
  }

  /** Until it is our turn; false: not within `timeoutMs`. */
  wait(timeoutMs: number): boolean {
    const { words, side, other } = this;
    for (let i = 0; i < SPINS; i++) if (Atomics.load(words, TURN) === side) return true;
    if (!this.mayBlock) return false;
    Atomics.store(words, ASLEEP + side, 1);
    let woken: string;
    try {
      woken = Atomics.wait(words, TURN, other, timeoutMs);
    } catch {
      this.mayBlock = false;                 // the caller asks again until its time is over
      woken = 'not-equal';
    }
    Atomics.store(words, ASLEEP + side, 0);
    return woken !== 'timed-out' && Atomics.load(words, TURN) === side;
  }

  // --- events, worker to kernel --------------------------------------------------------------------------------------------------------

  get eventCount(): number { return Math.min(Math.max(0, this.words[EVENT_COUNT]!), MAX_EVENTS); }
  get hasRoom(): boolean { return this.words[EVENT_COUNT]! < MAX_EVENTS; }

  addEvent(kind: number, a: number, b: number, c: number, d: number): void {
    const at = this.words[EVENT_COUNT]!++ * EVENT_WORDS;
    const { events } = this;
    events[at] = kind;
    events[at + 1] = a;
    events[at + 2] = b;
    events[at + 3] = c;
    events[at + 4] = d;
  }

  /** Word `word` (kind, a, b, c, d) of event `index`. */
  eventWord(index: number, word: number): number { return this.events[index * EVENT_WORDS + word]!; }
  clearEvents(): void { this.words[EVENT_COUNT] = 0; }

  // --- text, worker to kernel ----------------------------------------------------------------------------------------------------------

  get text(): string {
    const length = Math.min(Math.max(0, this.words[TEXT_LENGTH]!), TEXT);
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.bytes[i]!);
    return text;
  }
  set text(text: string) {
    const length = Math.min(text.length, TEXT);
    for (let i = 0; i < length; i++) this.bytes[i] = text.charCodeAt(i) < 256 ? text.charCodeAt(i) : 63;
    this.words[TEXT_LENGTH] = length;
  }
}
