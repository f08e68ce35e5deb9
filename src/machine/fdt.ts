// Flattened device trees (Devicetree Specification 0.4, chapter 5): how the machine tells its kernel what there is. A builder: nodes are opened,
// given properties, and closed; `finish` makes the blob.
import { utf8Encode } from '../lib/utf8.ts';

const MAGIC = 0xd00d_feed;
const VERSION = 17, COMPATIBLE_VERSION = 16;
const BEGIN_NODE = 1, END_NODE = 2, PROP = 3, END = 9;
const HEADER_BYTES = 40;
/** One terminating entry: no reserved memory beyond what the kernel knows. */
const RESERVE_BYTES = 16;

export class FdtBuilder {
  readonly #structure: number[] = [];
  readonly #strings: number[] = [];
  readonly #offsets = new Map<string, number>();

  /** A node with its properties and children; `''` is the root. */
  node(name: string, properties: Readonly<Record<string, FdtValue>>, children: () => void = () => {}): this {
    this.#word(BEGIN_NODE);
    this.#bytes([...utf8Encode(name), 0]);
    for (const [key, value] of Object.entries(properties)) this.#property(key, value);
    children();
    this.#word(END_NODE);
    return this;
  }

  finish(): Uint8Array {
    this.#word(END);
    const structureAt = HEADER_BYTES + RESERVE_BYTES;
    const stringsAt = structureAt + this.#structure.length;
    const blob = new Uint8Array(Math.ceil((stringsAt + this.#strings.length) / 8) * 8);
    const view = new DataView(blob.buffer);
    [MAGIC, blob.length, structureAt, stringsAt, HEADER_BYTES, VERSION, COMPATIBLE_VERSION, 0, this.#strings.length, this.#structure.length]
      .forEach((word, i) => view.setUint32(4 * i, word));
    blob.set(this.#structure, structureAt);
    blob.set(this.#strings, stringsAt);
    return blob;
  }

  #property(name: string, value: FdtValue): void {
    const bytes = encode(value);
    this.#word(PROP);
    this.#word(bytes.length);
    this.#word(this.#string(name));
    this.#bytes(bytes);
  }

  #string(text: string): number {
    let at = this.#offsets.get(text);
    if (at === undefined) {
      at = this.#strings.length;
      this.#strings.push(...utf8Encode(text), 0);
      this.#offsets.set(text, at);
    }
    return at;
  }

  #word(w: number): void { this.#structure.push(w >>> 24, (w >>> 16) & 255, (w >>> 8) & 255, w & 255); }
  #bytes(bytes: readonly number[]): void {
    this.#structure.push(...bytes);
    while (this.#structure.length % 4 !== 0) this.#structure.push(0);
  }
}

/** Cells (32-bit), a string, a list of strings, or nothing but the name. */
export type FdtValue = readonly number[] | string | readonly string[] | 'empty';

/** A 64-bit value as two cells. */
export const cells64 = (value: number): [number, number] => [Math.floor(value / 2 ** 32), value >>> 0];

function encode(value: FdtValue): number[] {
  if (value === 'empty') return [];
  if (typeof value === 'string') return [...utf8Encode(value), 0];
  return value.flatMap((v: number | string) => typeof v === 'string' ? [...utf8Encode(v), 0] : [(v >>> 24) & 255, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]);
}
