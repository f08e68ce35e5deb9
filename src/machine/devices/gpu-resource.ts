// Pictures of the virtio GPU: a resource with the memory behind it, the part of one that is shown, the cursor over it (virtio 1.2, 5.7.6.8 and 5.7.6.10).
// Callers have checked rectangles with `holds`; addresses of the backing lie in RAM.
import type { Ram } from '../machine.ts';
import {
  GPU_CURSOR_SIZE, GPU_FORMAT_A8B8G8R8, GPU_FORMAT_A8R8G8B8, GPU_FORMAT_B8G8R8A8, GPU_FORMAT_B8G8R8X8, GPU_FORMAT_R8G8B8A8, GPU_FORMAT_R8G8B8X8, GPU_FORMAT_X8B8G8R8,
  GPU_FORMAT_X8R8G8B8,
} from '../registers.ts';

export interface Rectangle { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Offsets of red, green, blue and alpha in a pixel's four bytes; alpha -1: opaque. */
type Channels = readonly [red: number, green: number, blue: number, alpha: number];
const CHANNELS: Readonly<Record<number, Channels>> = {
  [GPU_FORMAT_B8G8R8A8]: [2, 1, 0, 3], [GPU_FORMAT_B8G8R8X8]: [2, 1, 0, -1], [GPU_FORMAT_A8R8G8B8]: [1, 2, 3, 0], [GPU_FORMAT_X8R8G8B8]: [1, 2, 3, -1],
  [GPU_FORMAT_R8G8B8A8]: [0, 1, 2, 3], [GPU_FORMAT_R8G8B8X8]: [0, 1, 2, -1], [GPU_FORMAT_A8B8G8R8]: [3, 2, 1, 0], [GPU_FORMAT_X8B8G8R8]: [3, 2, 1, -1],
};
export const channelsOf = (format: number): Channels | undefined => CHANNELS[format];

export class Resource {
  readonly id: number;
  readonly format: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  /** The driver's memory: addresses, lengths, and where each begins in the whole; none attached: empty. */
  #addresses: readonly number[] = [];
  #lengths: readonly number[] = [];
  #starts: readonly number[] = [];
  #size = 0;

  constructor(id: number, format: number, width: number, height: number) {
    this.id = id;
    this.format = format;
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height * 4);
  }

  holds({ x, y, width, height }: Rectangle): boolean {
    return width > 0 && height > 0 && x + width <= this.width && y + height <= this.height;
  }

  /** False: there is a backing already. */
  attach(addresses: readonly number[], lengths: readonly number[]): boolean {
    if (this.#addresses.length > 0) return false;
    const starts: number[] = [];
    let at = 0;
    for (const length of lengths) {
      starts.push(at);
      at += length;
    }
    this.#addresses = addresses;
    this.#lengths = lengths;
    this.#starts = starts;
    this.#size = at;
    return true;
  }

  /** False: there was none. */
  detach(): boolean {
    const had = this.#addresses.length > 0;
    this.#addresses = this.#lengths = this.#starts = [];
    this.#size = 0;
    return had;
  }

  /** TRANSFER_TO_HOST_2D: `offset` is where the rectangle's first pixel is in the backing, whose lines are as long as the picture's. False: that is not all there. */
  fill(ram: Ram, { x, y, width, height }: Rectangle, offset: number): boolean {
    const stride = this.width * 4, bytes = width * 4;
    if (offset + (height - 1) * stride + bytes > this.#size) return false;
    if (width === this.width) {
      this.#copy(ram, offset, y * stride, height * stride);
      return true;
    }
    for (let row = 0; row < height; row++) this.#copy(ram, offset + row * stride, (y + row) * stride + x * 4, bytes);
    return true;
  }

  #copy(ram: Ram, from: number, to: number, length: number): void {
    let i = this.#entryAt(from);
    for (let done = 0; done < length; i++) {
      const skip = from + done - this.#starts[i]!;
      const n = Math.min(this.#lengths[i]! - skip, length - done);
      const addr = this.#addresses[i]! + skip;
      this.pixels.set(ram.u8.subarray(addr, addr + n), to + done);
      done += n;
    }
  }

  /** The entry that holds byte `offset`, which is there: the last that begins at or before it. */
  #entryAt(offset: number): number {
    let low = 0, high = this.#starts.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >>> 1;
      if (this.#starts[mid]! <= offset) low = mid;
      else high = mid - 1;
    }
    return low;
  }
}

/** A cursor's picture and place. */
class Cursor {
  x = 0;
  y = 0;
  #hotX = 0;
  #hotY = 0;
  /** Its own copy; null: no cursor is shown. */
  #resource: Resource | null = null;

  /** The picture is copied: the resource may go. One of another size than cursors have hides the cursor. */
  take(from: Resource | undefined, hotX: number, hotY: number): void {
    this.#resource = null;
    if (from === undefined || from.width !== GPU_CURSOR_SIZE || from.height !== GPU_CURSOR_SIZE) return;
    this.#resource = new Resource(from.id, from.format, from.width, from.height);
    this.#resource.pixels.set(from.pixels);
    this.#hotX = Math.min(hotX, GPU_CURSOR_SIZE - 1);
    this.#hotY = Math.min(hotY, GPU_CURSOR_SIZE - 1);
  }
  move(x: number, y: number): void {
    this.x = x;
    this.y = y;
  }
  hide(): void { this.#resource = null; }

  /** Laid over the picture by its alpha. */
  drawOn(rgba: Uint8Array, width: number, height: number): void {
    const r = this.#resource;
    if (r === null) return;
    const [red, green, blue, alpha] = channelsOf(r.format)!;
    for (let i = 0; i < GPU_CURSOR_SIZE * GPU_CURSOR_SIZE; i++) {
      const x = this.x - this.#hotX + i % GPU_CURSOR_SIZE, y = this.y - this.#hotY + Math.floor(i / GPU_CURSOR_SIZE);
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const a = alpha < 0 ? 255 : r.pixels[4 * i + alpha]!, to = 4 * (y * width + x);
      for (const [channel, from] of [red, green, blue].entries()) rgba[to + channel] = Math.round((r.pixels[4 * i + from]! * a + rgba[to + channel]! * (255 - a)) / 255);
    }
  }
}

/** What the display shows: a rectangle of a resource, or nothing. */
export class Picture {
  resource: Resource | null = null;
  readonly cursor = new Cursor();
  #rectangle: Rectangle = { x: 0, y: 0, width: 0, height: 0 };

  show(resource: Resource, r: Rectangle): void {
    this.resource = resource;
    this.#rectangle = r;
  }

  blank(): void {
    this.resource = null;
    this.cursor.hide();
  }

  /** Size and RGBA bytes, cursor included; black in the given size when nothing is shown. */
  compose(width: number, height: number): { readonly width: number; readonly height: number; readonly rgba: Uint8Array } {
    const { resource } = this, r = resource === null ? { x: 0, y: 0, width, height } : this.#rectangle;
    const rgba = new Uint8Array(r.width * r.height * 4);
    if (resource === null) {
      for (let at = 3; at < rgba.length; at += 4) rgba[at] = 255;
      return { width, height, rgba };
    }
    const [red, green, blue] = channelsOf(resource.format)!, { pixels } = resource;
    for (let y = 0, to = 0; y < r.height; y++) {
      let from = ((r.y + y) * resource.width + r.x) * 4;
      for (let x = 0; x < r.width; x++, from += 4, to += 4) {
        rgba[to] = pixels[from + red]!;
        rgba[to + 1] = pixels[from + green]!;
        rgba[to + 2] = pixels[from + blue]!;
        rgba[to + 3] = 255;
      }
    }
    this.cursor.drawOn(rgba, r.width, r.height);
    return { width: r.width, height: r.height, rgba };
  }
}
