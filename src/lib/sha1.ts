// SHA-1 (FIPS 180-4): only because formats that exist ask for it (IMA's measurement list, key identifiers). It proves nothing any more; what must be
// proved is hashed with sha256.ts.

export const SHA1_BYTES = 20;
const BLOCK = 64;

/** A hash that grows; used like Sha256. */
export class Sha1 {
  private readonly state = new Int32Array(5);
  private readonly schedule = new Int32Array(80);
  private readonly rest = new Uint8Array(BLOCK);
  private restLength = 0;
  private total = 0;

  constructor() { this.reset(); }

  reset(): this {
    this.state.set([0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]);
    this.restLength = 0;
    this.total = 0;
    return this;
  }

  update(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.total += end - start;
    for (let at = start; at < end;) {
      const n = Math.min(BLOCK - this.restLength, end - at);
      this.rest.set(bytes.subarray(at, at + n), this.restLength);
      this.restLength += n;
      at += n;
      if (this.restLength === BLOCK) this.compress();
    }
    return this;
  }

  digest(out: Uint8Array = new Uint8Array(SHA1_BYTES), at = 0): Uint8Array {
    const { rest, total } = this;
    rest[this.restLength++] = 0x80;
    rest.fill(0, this.restLength);
    if (this.restLength > BLOCK - 8) {
      this.compress();
      rest.fill(0);
    }
    const view = new DataView(rest.buffer);
    view.setUint32(BLOCK - 8, Math.floor(total / 2 ** 29));
    view.setUint32(BLOCK - 4, total << 3);
    this.compress();
    const result = new DataView(out.buffer, out.byteOffset);
    for (let i = 0; i < 5; i++) result.setInt32(at + 4 * i, this.state[i]!);
    return out;
  }

  /** The block in `rest` (6.1.2). */
  private compress(): void {
    const { state, schedule: w, rest } = this;
    for (let i = 0, p = 0; i < 16; i++, p += 4) w[i] = (rest[p]! << 24) | (rest[p + 1]! << 16) | (rest[p + 2]! << 8) | rest[p + 3]!;
    for (let i = 16; i < 80; i++) {
      const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
      w[i] = (x << 1) | (x >>> 31);
    }
    let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!, e = state[4]!;
    for (let i = 0; i < 80; i++) {
      const f = i < 20 ? ((b & c) | (~b & d)) + 0x5a82_7999 : i < 40 ? (b ^ c ^ d) + 0x6ed9_eba1
        : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1b_bcdc : (b ^ c ^ d) + 0xca62_c1d6;
      const next = (((a << 5) | (a >>> 27)) + f + e + w[i]!) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    state[0]! += a; state[1]! += b; state[2]! += c; state[3]! += d; state[4]! += e;
    this.restLength = 0;
  }
}
