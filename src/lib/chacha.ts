// A cryptographic generator: ChaCha20 (RFC 8439) with fast key erasure: of every batch of output the first 32 bytes become the next key, so that
// a later look at the state does not give away earlier output. Plain data, and a fixed sequence for a fixed seed.

const ROUNDS = 20;
const KEY_WORDS = 8;
const BLOCK_WORDS = 16;
/** Blocks of one batch. */
const BATCH = 16;
/** "expand 32-byte k" */
const SIGMA = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574] as const;

export class ChaChaRng {
  readonly key = new Uint32Array(KEY_WORDS);
  private readonly batch = new Uint32Array(BATCH * BLOCK_WORDS);
  private readonly bytes = new Uint8Array(this.batch.buffer);
  /** Bytes of the batch that were handed out; all of them at first. */
  private used = this.bytes.length;

  /** Mixes 32-bit words into the key; what was generated before stays secret from who knows the new key. */
  reseed(words: ArrayLike<number>): void {
    for (let i = 0; i < words.length; i++) this.key[i % KEY_WORDS]! ^= words[i]!;
    this.refill();
  }

  fillBytes(into: Uint8Array): void {
    for (let at = 0; at < into.length;) {
      if (this.used === this.bytes.length) this.refill();
      const n = Math.min(into.length - at, this.bytes.length - this.used);
      into.set(this.bytes.subarray(this.used, this.used + n), at);
      this.bytes.fill(0, this.used, this.used + n);
      this.used += n;
      at += n;
    }
  }

  /** An integer in [0, n) for n up to 2^32. */
  below(n: number): number {
    const word = new Uint8Array(4);
    this.fillBytes(word);
    const [a, b, c, d] = word as unknown as [number, number, number, number];
    return Math.floor(((a + b * 256 + c * 65_536 + d * 16_777_216) / 2 ** 32) * n);
  }

  private refill(): void {
    for (let i = 0; i < BATCH; i++) chachaBlock(this.key, i, [0, 0, 0], this.batch, i * BLOCK_WORDS);
    this.key.set(this.batch.subarray(0, KEY_WORDS));
    this.batch.fill(0, 0, KEY_WORDS);
    this.used = KEY_WORDS * 4;
  }
}

/** The ChaCha20 block function (RFC 8439, 2.3): 16 words to `out` at `at`. */
export function chachaBlock(key: Uint32Array, counter: number, nonce: readonly [number, number, number], out: Uint32Array, at: number): void {
  const input = Uint32Array.of(...SIGMA, ...key, counter, ...nonce);
  const x = input.slice();
  for (let i = 0; i < ROUNDS; i += 2) {
    quarter(x, 0, 4, 8, 12);
    quarter(x, 1, 5, 9, 13);
    quarter(x, 2, 6, 10, 14);
    quarter(x, 3, 7, 11, 15);
    quarter(x, 0, 5, 10, 15);
    quarter(x, 1, 6, 11, 12);
    quarter(x, 2, 7, 8, 13);
    quarter(x, 3, 4, 9, 14);
  }
  for (let i = 0; i < BLOCK_WORDS; i++) out[at + i] = x[i]! + input[i]!;
}

function quarter(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  x[a]! += x[b]!; x[d] = rotl(x[d]! ^ x[a]!, 16);
  x[c]! += x[d]!; x[b] = rotl(x[b]! ^ x[c]!, 12);
  x[a]! += x[b]!; x[d] = rotl(x[d]! ^ x[a]!, 8);
  x[c]! += x[d]!; x[b] = rotl(x[b]! ^ x[c]!, 7);
}

const rotl = (v: number, n: number): number => (v << n) | (v >>> (32 - n));
