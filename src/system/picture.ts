// Pictures of the display: taken from a running machine at once, at a time of its own, or when it stops; and as PNG files.
import type { Kernel } from '../kernel/kernel.ts';
import { TimerTarget } from '../kernel/time/timers.ts';
import { type Picture, pngFile, pngLines } from '../lib/png.ts';
import type { Board } from '../machine/board.ts';
import type { ScreenshotRequest } from './contract.ts';

/** What the display shows, with everything that programs have drawn so far; null: there is no display. */
export function pictureOf(kernel: Kernel, board: Board): Picture | null {
  const { display } = board.peripherals;
  if (display === null) return null;
  kernel.fb.flush();
  return display.screen.compose(display.width, display.height);
}

/** The picture as a PNG file. Every host compresses: CompressionStream is in Node and in browsers. */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  const stream = new Blob([pngLines(picture) as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('deflate'));
  return pngFile(picture.width, picture.height, new Uint8Array(await new Response(stream).arrayBuffer()));
}

/** One picture that was asked for in advance. */
export class Screenshot {
  readonly #request: ScreenshotRequest;
  readonly #alarm: Alarm | null;
  #isTaken = false;

  constructor(request: ScreenshotRequest, kernel: Kernel) {
    this.#request = request;
    this.#alarm = request.at === 'end' ? null : new Alarm();
    if (this.#alarm !== null) kernel.timers.add((request.at as number) * 1e9, this.#alarm);
  }

  /** Between two slices of the machine, and when it stops. */
  take(kernel: Kernel, board: Board, when: 'running' | 'end'): void {
    if (this.#isTaken || (when === 'running' && this.#alarm?.hasRung !== true)) return;
    this.#isTaken = true;
    this.#request.done(pictureOf(kernel, board));
  }
}

/** The moment has come, in the machine's time. */
class Alarm extends TimerTarget {
  hasRung = false;
  expire(): void { this.hasRung = true; }
}
