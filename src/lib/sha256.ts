// SHA-256 (FIPS 180-4), synchronous and as plain data: measurements, Merkle trees and module hashes are made inside the kernel, where nothing can be
// awaited and no host is known. Secrets are not hashed here, so nothing about it is constant-time on purpose.

export const SHA256_BYTES = 32;
const BLOCK = 64;

/** A hash that grows: update as often as needed, then digest once; reset starts over. Nothing is allocated on the way. */
export class Sha256 {
  private readonly state = new Int32Array(8);
  private readonly schedule = new Int32Array(64);
  /** What does not fill a block yet. */
  private readonly rest = new Uint8Array(BLOCK);
  private restLength = 0;
  private total = 0;

  constructor() { this.reset(); }

  reset(): this {
    this.state.set(INITIAL);
    this.restLength = 0;
    this.total = 0;
    return this;
  }

  /** Adds `bytes` from `start` to `end`. */
  update(bytes: Uint8Array, start = 0, end = bytes.length): this {
    let at = start;
    this.total += end - start;
    if (this.restLength > 0) {
      while (at < end && this.restLength < BLOCK) this.rest[this.restLength++] = bytes[at++]!;
      if (this.restLength < BLOCK) return this;
      compress(this.state, this.schedule, this.rest, 0);
      this.restLength = 0;
    }
    for (; at + BLOCK <= end; at += BLOCK) compress(this.state, this.schedule, bytes, at);
    while (at < end) this.rest[this.restLength++] = bytes[at++]!;
    return this;
  }

  /** The hash, into `out` at `at` (a new array without it). The object must be reset before it is used again. */
  digest(out: Uint8Array = new Uint8Array(SHA256_BYTES), at = 0): Uint8Array {
    const { rest, state, total } = this;
    rest[this.restLength++] = 0x80;
    if (this.restLength > BLOCK - 8) {
      rest.fill(0, this.restLength);
      compress(state, this.schedule, rest, 0);
      this.restLength = 0;
    }
    rest.fill(0, this.restLength);
    putBig32(rest, BLOCK - 8, Math.floor(total / 2 ** 29));
    putBig32(rest, BLOCK - 4, total << 3);
    compress(state, this.schedule, rest, 0);
    for (let i = 0; i < 8; i++) putBig32(out, at + i * 4, state[i]!);
    return out;
  }
}

/** The hash of some bytes. */
export const sha256 = (bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array => new Sha256().update(bytes, start, end).digest();

/** Lower-case hexadecimal digits, as sha256sum(1) prints them. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const b of bytes) text += (b < 16 ? '0' : '') + b.toString(16);
  return text;
}

/** Square roots of the first eight primes, 32 bits of their fractions (FIPS 180-4, 5.3.3). */
const INITIAL = Int32Array.of(
  0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
);

/** Cube roots of the first 64 primes, likewise (4.2.2). */
const K = Int32Array.of(
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
  0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
  0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
  0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
  0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
  0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
  0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
);

/** One block (6.2.2). Eight variables in locals: V8 keeps them in registers. */
function compress(state: Int32Array, w: Int32Array, bytes: Uint8Array, at: number): void {
  for (let i = 0, p = at; i < 16; i++, p += 4) w[i] = (bytes[p]! << 24) | (bytes[p + 1]! << 16) | (bytes[p + 2]! << 8) | bytes[p + 3]!;
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!, y = w[i - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!, e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e;
    e = (d + t1) | 0;
    d = c; c = b; b = a;
    a = (t1 + t2) | 0;
  }
  state[0]! += a; state[1]! += b; state[2]! += c; state[3]! += d; state[4]! += e; state[5]! += f; state[6]! += g; state[7]! += h;
}

function putBig32(out: Uint8Array, at: number, v: number): void {
  out[at] = v >>> 24;
  out[at + 1] = v >>> 16;
  out[at + 2] = v >>> 8;
  out[at + 3] = v;
}
