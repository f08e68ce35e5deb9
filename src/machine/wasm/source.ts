// Reads the integers of the WebAssembly binary format (core spec, 5.2.2): the other direction of sink.ts. For tools.

export class ByteSource {
  readonly #bytes: Uint8Array;
  at = 0;
  constructor(bytes: Uint8Array) { this.#bytes = bytes; }

  get atEnd(): boolean { return this.at >= this.#bytes.length; }

  u8(): number {
    const b = this.#bytes[this.at++];
    if (b === undefined) throw new Error('the bytes end too early');
    return b;
  }

  u32(): number {
    let value = 0, shift = 0;
    for (let b = this.u8(); ; b = this.u8(), shift += 7) {
      value |= (b & 127) << shift;
      if (b < 128) return value >>> 0;
    }
  }

  /** A signed LEB128 of up to 64 bits. */
  signed(): bigint {
    let value = 0n, shift = 0n;
    for (;;) {
      const b = this.u8();
      value |= BigInt(b & 127) << shift;
      shift += 7n;
      if (b < 128) return BigInt.asIntN(Number(shift), value);
    }
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.#bytes.length) throw new Error('the bytes end too early');
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  view(length: number): DataView {
    const b = this.take(length);
    return new DataView(b.buffer, b.byteOffset, b.byteLength);
  }

  name(): string { return String.fromCharCode(...this.take(this.u32())); }
}
