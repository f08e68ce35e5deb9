// A screen (Linux: struct fb_info): geometry, what part is shown, and its memory. Pixels are 32 bits, X8R8G8B8. What was drawn goes to the driver a moment later, in
// bands of whole lines, however many programs draw.
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Kernel } from '../kernel.ts';
import { TimerTarget } from '../time/timers.ts';
import { FbPages } from './fb-pages.ts';

/** From the first store to the screen: 50 pictures a second. */
const FLUSH_DELAY_NS = 20_000_000;
const PIXEL_BYTES = 4;
/** Memory for this many pictures: a program draws one while another is shown (FBIOPAN_DISPLAY). */
const PICTURES = 2;
/** Entries of the colour map. Pixels do not go through it; programs may keep colours there. */
const COLOURS = 256;

/** The driver's end. */
export abstract class FbDriver {
  /** There is damage, or another part is to be shown. */
  abstract changed(): void;
}

/** Lines [first, end) of the screen's memory. */
export interface Band { readonly first: number; readonly end: number }

export class FrameBuffer {
  readonly kernel: Kernel;
  readonly driver: FbDriver;
  /** fb_fix_screeninfo.id. */
  readonly id: string;
  readonly parentPath: string;
  /** What the display can show at most. */
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly virtualHeight: number;
  /** Of its memory, whole pages. */
  readonly bytes: number;
  readonly pages: FbPages;
  /** What is shown: size and place in the memory. */
  xres: number;
  yres: number;
  xoffset = 0;
  yoffset = 0;
  isBlank = false;
  isGone = false;
  /** fbN; given by the layer. */
  minor = -1;
  /** Red, green, blue. */
  readonly colours: readonly Uint16Array[] = [4, 2, 1].map(vgaColours);
  /** Pages that the driver has not sent yet. */
  private readonly damage = new Set<number>();
  private timer = 0;

  constructor(kernel: Kernel, driver: FbDriver, what: { id: string; parentPath: string; width: number; height: number }) {
    this.kernel = kernel;
    this.driver = driver;
    this.id = what.id;
    this.parentPath = what.parentPath;
    this.width = this.xres = what.width;
    this.height = this.yres = what.height;
    this.stride = what.width * PIXEL_BYTES;
    this.virtualHeight = PICTURES * what.height;
    this.bytes = Math.ceil(this.stride * this.virtualHeight / PAGE_SIZE) * PAGE_SIZE;
    this.pages = new FbPages(this, this.bytes);
  }

  /** A page was written to. */
  touched(): void {
    if (this.timer === 0 && !this.isGone) this.timer = this.kernel.timers.add(this.kernel.now() + FLUSH_DELAY_NS, new FlushTimer(this));
  }

  /** What was drawn goes to the driver now. */
  flush(): void {
    if (this.timer !== 0) this.kernel.timers.cancel(this.timer);
    this.timer = 0;
    if (this.isGone) return;
    this.pages.collect(this.damage);
    if (this.damage.size > 0) this.driver.changed();
  }

  /** The driver's device has forgotten everything. */
  damageAll(): void { for (const [index] of this.pages.cachedPages()) this.damage.add(index); }

  /** These lines could not be sent. */
  damageLines({ first, end }: Band): void {
    for (let page = Math.floor(first * this.stride / PAGE_SIZE); page * PAGE_SIZE < end * this.stride; page++) if (this.pages.has(page)) this.damage.add(page);
  }

  /** Takes damaged lines, neighbours together, that touch at most `maxPages` pages; null: everything was sent. */
  takeBand(maxPages: number): Band | null {
    let first = Infinity;
    for (const index of this.damage) if (index < first) first = index;
    if (first === Infinity) return null;
    let end = first;
    while (end - first < maxPages && this.damage.delete(end)) end++;
    const lines = { first: Math.floor(first * PAGE_SIZE / this.stride), end: Math.min(this.virtualHeight, Math.ceil(end * PAGE_SIZE / this.stride)) };
    return lines.first < lines.end ? lines : this.takeBand(maxPages);
  }

  /** Another part is shown. */
  show(xres: number, yres: number, xoffset: number, yoffset: number): void {
    this.xres = xres;
    this.yres = yres;
    this.xoffset = xoffset;
    this.yoffset = yoffset;
    this.pages.collect(this.damage);
    if (!this.isGone) this.driver.changed();
  }

  blank(isBlank: boolean): void {
    if (this.isBlank === isBlank || this.isGone) return;
    this.isBlank = isBlank;
    this.driver.changed();
  }

  /** The display is pulled out: who has it open gets ENODEV; mappings keep their memory. */
  gone(): void {
    if (this.isGone) return;
    if (this.timer !== 0) this.kernel.timers.cancel(this.timer);
    this.timer = 0;
    this.isGone = true;
    this.pages.release();
  }
}

class FlushTimer extends TimerTarget {
  private readonly screen: FrameBuffer;
  constructor(screen: FrameBuffer) {
    super();
    this.screen = screen;
  }
  expire(): void { this.screen.flush(); }
}

/** One channel (red 4, green 2, blue 1) of the sixteen colours of VGA, brown instead of dark yellow; the rest is black. */
function vgaColours(channel: number): Uint16Array {
  return Uint16Array.from({ length: COLOURS }, (_, i) => {
    if (i > 15) return 0;
    if (i === 6 && channel === 2) return 0x5555;
    const bright = i >= 8 ? 0x5555 : 0;
    return (i & channel) !== 0 ? 0xaaaa + bright : bright;
  });
}
