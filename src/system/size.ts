// Sizes as people write them, and how much RAM a machine may have.

import type { DisplaySize } from '../machine/peripherals.ts';

const UNITS = 'bkmg';
const DEFAULT_MEMORY = 512 * 2 ** 20;
const MIN_MEMORY = 16 * 2 ** 20, MAX_MEMORY = 4 * 2 ** 30;
/** The kernel's swap slots number 16 GiB in all. */
const MIN_SWAP = 2 ** 20, MAX_SWAP = 8 * 2 ** 30;
/** WebAssembly has 65536 pages; the last one stays outside so that sizes fit in 32 bits. */
const WASM_PAGE = 65_536;

/** RAM in bytes, whole frames, from a number of bytes or from '64M', '1.5g', '1073741824' as docker's --memory reads them. Throws RangeError. */
export function memorySize(size: number | string = DEFAULT_MEMORY): number {
  const bytes = typeof size === 'number' ? size : parseSize(size);
  if (!(bytes >= MIN_MEMORY && bytes <= MAX_MEMORY)) throw new RangeError(`memory must be between ${MIN_MEMORY / 2 ** 20}M and ${MAX_MEMORY / 2 ** 30}G`);
  return Math.min(MAX_MEMORY - WASM_PAGE, Math.floor(bytes / 4096) * 4096);
}

/** Bytes of a swap disk, or undefined for none. Throws RangeError. */
export function swapSize(size: number | string | undefined): number | undefined {
  if (size === undefined) return undefined;
  const bytes = Math.floor((typeof size === 'number' ? size : parseSize(size)) / 4096) * 4096;
  if (!(bytes >= MIN_SWAP && bytes <= MAX_SWAP)) throw new RangeError(`swap must be between ${MIN_SWAP / 2 ** 20}M and ${MAX_SWAP / 2 ** 30}G`);
  return bytes;
}

const MIN_SIDE = 64, MAX_SIDE = 8192;

/** A display's size, or undefined for none. Throws RangeError. */
export function displaySize(size: DisplaySize | undefined): DisplaySize | undefined {
  if (size === undefined) return undefined;
  for (const side of [size.width, size.height]) {
    if (!(Number.isInteger(side) && side >= MIN_SIDE && side <= MAX_SIDE)) throw new RangeError(`a display has between ${MIN_SIDE} and ${MAX_SIDE} pixels a side`);
  }
  return size;
}

/** '64M', '1.5g', '1073741824': bytes. Throws RangeError. */
export function parseSize(text: string): number {
  const m = /^(\d+(?:\.\d+)?)([bkmg]?)(?:i?b)?$/i.exec(text);
  if (m === null) throw new RangeError(`'${text}' is no size: say 64M or 1G`);
  return Number(m[1]) * 1024 ** Math.max(0, UNITS.indexOf(m[2]!.toLowerCase()));
}
