// A growable set of small integers, one bit each: fd tables, pids, page maps. The lowest free number is found a word at a time.

/** A set of non-negative integers. */
export class Bitmap {
  private words: Uint32Array;

  constructor(bits = 64) {
    this.words = new Uint32Array(Math.max(1, Math.ceil(bits / 32)));
  }

  has(bit: number): boolean {
    return ((this.words[bit >>> 5] ?? 0) >>> (bit & 31) & 1) === 1;
  }

  add(bit: number): void {
    const word = bit >>> 5;
    if (word >= this.words.length) this.grow(word + 1);
    this.words[word] = (this.words[word] as number) | (1 << (bit & 31));
  }

  delete(bit: number): void {
    const word = bit >>> 5;
    if (word < this.words.length) this.words[word] = (this.words[word] as number) & ~(1 << (bit & 31));
  }

  /** The lowest number at or above `from` that is not in the set; always exists. */
  firstFree(from = 0): number {
    for (let word = from >>> 5; word < this.words.length; word++) {
      let free = ~(this.words[word] as number);
      if (word === from >>> 5) free &= -1 << (from & 31);
      if (free !== 0) return word * 32 + ctz(free);
    }
    return Math.max(from, this.words.length * 32);
  }

  /** The lowest number at or above `from` in the set, or -1. */
  next(from = 0): number {
    for (let word = from >>> 5; word < this.words.length; word++) {
      let set = this.words[word] as number;
      if (word === from >>> 5) set &= -1 << (from & 31);
      if (set !== 0) return word * 32 + ctz(set);
    }
    return -1;
  }

  /** How many numbers are in the set. */
  get count(): number {
    let n = 0;
    for (const word of this.words) n += popcount(word);
    return n;
  }

  clear(): void {
    this.words.fill(0);
  }

  clone(): Bitmap {
    const copy = new Bitmap(this.words.length * 32);
    copy.words.set(this.words);
    return copy;
  }

  private grow(words: number): void {
    const bigger = new Uint32Array(Math.max(words, this.words.length * 2));
    bigger.set(this.words);
    this.words = bigger;
  }
}

/** Trailing zero bits of a 32-bit word; 32 for 0. */
export const ctz = (word: number): number => (word === 0 ? 32 : 31 - Math.clz32(word & -word));

/** One bits of a 32-bit word. */
export function popcount(word: number): number {
  let n = word - ((word >>> 1) & 0x5555_5555);
  n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
