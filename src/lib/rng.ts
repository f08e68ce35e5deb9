// xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators"): small, fast, seedable, its state four words of
// plain data. For everything that must be unpredictable *and* repeatable under --seed; not a cipher.

/** A deterministic stream of 32-bit words. */
export class Rng {
  readonly state = new Uint32Array(4);

  /** Any integer; splitmix32 spreads it over the state, which must not be all zero. */
  constructor(seed: number) {
    let s = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0;
    for (let i = 0; i < 4; i++) {
      s = (s + 0x9e37_79b9) >>> 0;
      let z = Math.imul(s ^ (s >>> 16), 0x21f0_aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a_2d97);
      this.state[i] = z ^ (z >>> 15);
    }
    if ((this.state[0] as number) === 0) this.state[0] = 1;
  }

  /** The next word, unsigned. */
  next(): number {
    const s = this.state;
    const s1 = s[1] as number;
    const result = Math.imul(rotl(Math.imul(s1, 5), 7), 9) >>> 0;
    s[2] = (s[2] as number) ^ (s[0] as number);
    s[3] = (s[3] as number) ^ s1;
    s[1] = s1 ^ (s[2] as number);
    s[0] = (s[0] as number) ^ (s[3] as number);
    s[2] = (s[2] as number) ^ (s1 << 9);
    s[3] = rotl(s[3] as number, 11);
    return result;
  }

  /** An integer in [0, n), without modulo bias worth speaking of for n below 2^21. */
  below(n: number): number {
    return Math.floor(this.next() / 2 ** 32 * n);
  }

  /** Fills a buffer with random bytes. */
  fillBytes(into: Uint8Array): void {
    for (let at = 0; at < into.length; at += 4) {
      const word = this.next();
      for (let i = 0; i < 4 && at + i < into.length; i++) into[at + i] = word >>> (8 * i);
    }
  }
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));
