// PNG files (ISO/IEC 15948): pictures of red, green and blue bytes. What is compressed is the caller's business, because hosts compress in their own ways.
import { crc32 } from './crc32.ts';

/** A picture: four bytes a pixel, red, green, blue, opacity. */
export interface Picture { readonly width: number; readonly height: number; readonly rgba: Uint8Array }

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Colour type 2: red, green, blue. Filter 2: the difference to the line above, which is mostly nothing on screens. */
const RGB = 2, FILTER_UP = 2;

/** The lines of the picture, filtered: what a PNG file holds compressed in the zlib format. Opacity is left out. */
export function pngLines({ width, height, rgba }: Picture): Uint8Array {
  const line = 1 + 3 * width;
  const out = new Uint8Array(line * height);
  for (let y = 0, from = 0; y < height; y++) {
    let to = y * line;
    out[to++] = FILTER_UP;
    for (let x = 0; x < width; x++, from += 4) {
      for (let channel = 0; channel < 3; channel++) out[to++] = rgba[from + channel]! - (y === 0 ? 0 : rgba[from + channel - 4 * width]!);
    }
  }
  return out;
}

/** The file, of the compressed lines. */
export function pngFile(width: number, height: number, compressed: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8);
  header.setUint8(9, RGB);
  const chunks = [Uint8Array.from(SIGNATURE), chunk('IHDR', new Uint8Array(header.buffer)), chunk('IDAT', compressed), chunk('IEND', new Uint8Array(0))];
  const out = new Uint8Array(chunks.reduce((n, c) => n + c.length, 0));
  let at = 0;
  for (const c of chunks) {
    out.set(c, at);
    at += c.length;
  }
  return out;
}

/** Length, type, data, checksum of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}
