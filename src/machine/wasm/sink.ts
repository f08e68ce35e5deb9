// An append-only byte buffer with the integer encodings of the WebAssembly binary format (core spec, 5.2.2). No BigInt: 64-bit values come as
// two 32-bit halves. Hot in the translator: nothing here allocates except when the buffer doubles.

export class ByteSink {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 1024) { this.bytes = new Uint8Array(capacity); }

  u8(b: number): void {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = b;
  }

  /** Two bytes, the second one as u32 would write it. */
  pair(b: number, n: number): void {
    const { bytes, length } = this;
    if (n > 127 || length + 2 > bytes.length) { this.u8(b); this.u32(n); return; }
    bytes[length] = b;
    bytes[length + 1] = n;
    this.length = length + 2;
  }

  /** Unsigned LEB128 of a 32-bit value. */
  u32(n: number): void {
    if (this.length + 5 > this.bytes.length) this.#grow(5);
    const { bytes } = this;
    let v = n >>> 0, at = this.length;
    while (v > 127) { bytes[at++] = v & 127 | 128; v >>>= 7; }
    bytes[at++] = v;
    this.length = at;
  }

  /** Signed LEB128 of a 32-bit value (also a valid s64 encoding of it). */
  s32(n: number): void {
    if (this.length + 5 > this.bytes.length) this.#grow(5);
    const { bytes } = this;
    let v = n | 0, at = this.length;
    while (v < -64 || v > 63) { bytes[at++] = v & 127 | 128; v >>= 7; }
    bytes[at++] = v & 127;
    this.length = at;
  }

  /** Signed LEB128 of the 64-bit value hi:lo. */
  s64(lo: number, hi: number): void {
    let l = lo | 0, h = hi | 0;
    while (h !== l >> 31) {
      this.u8(l & 127 | 128);
      l = l >>> 7 | h << 25;
      h >>= 7;
    }
    this.s32(l);
  }

  /** A name or export string: length and bytes (ASCII only, all our names are). */
  name(s: string): void {
    this.u32(s.length);
    for (let i = 0; i < s.length; i++) this.u8(s.charCodeAt(i));
  }

  /** Makes room for so many bytes. */
  reserve(need: number): void { if (this.length + need > this.bytes.length) this.#grow(need); }

  /** Puts the length of what was written since `from` in front of it. */
  measure(from: number): void {
    const size = this.length - from, bytes = size < 1 << 7 ? 1 : size < 1 << 14 ? 2 : size < 1 << 21 ? 3 : size < 1 << 28 ? 4 : 5;
    this.reserve(bytes);
    this.bytes.copyWithin(from + bytes, from, this.length);
    this.length = from;
    this.u32(size);
    this.length += size;
  }

  append(other: ByteSink): void { this.put(other.view()); }

  /** What was written before. */
  put(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The bytes written so far, as a view. */
  view(): Uint8Array<ArrayBuffer> { return this.bytes.subarray(0, this.length); }

  clear(): void { this.length = 0; }

  #grow(need: number): void {
    const bigger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + need));
    bigger.set(this.bytes);
    this.bytes = bigger;
  }
}
