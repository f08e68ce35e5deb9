// Front of the virtio GPU: a screen of the kernel's frame buffer layer, /dev/fb0. What is to be on the display (the part that is shown, damaged lines) is brought there step by
// step, an operation of the core at a time; a core that was started again gets the whole picture once more.
import { EIO, ENODEV, type Errno } from '../abi/errno.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import { type Band, FbDriver, FrameBuffer } from '../kernel/fb/frame-buffer.ts';
import { PAGE_SIZE } from '../machine/machine.ts';
import type { DevicePort, DriverCore } from './core/core.ts';
import { GPU_CREATE, GPU_DONE, GPU_INFO, GPU_MAX_ENTRIES, GPU_SHOW, GPU_UPDATE, VirtioGpuCore } from './core/virtio-gpu.ts';
import { DriverFront } from './placement/front.ts';

/** What a display may say of itself. */
const MIN_SIDE = 16, MAX_SIDE = 8192;
/** Pages of one update: with whole lines at both ends two more. */
const BAND_PAGES = GPU_MAX_ENTRIES - 2;

/** Takes the device into service: a screen more in the kernel. */
export function startVirtioGpu(device: PlatformDevice): VirtioGpuFront | Errno {
  const front = new VirtioGpuFront(device);
  const r = front.link.start();
  if (r !== 0) return r;
  const { link } = front, { kernel } = device;
  if (link.call(GPU_INFO, 0, 0, 0, 0) !== 0) return EIO;
  const width = link.args[0]!, height = link.args[1]!;
  if (!(width >= MIN_SIDE && width <= MAX_SIDE && height >= MIN_SIDE && height <= MAX_SIDE)) return EIO;
  const screen = new FrameBuffer(kernel, new Screen(front), { id: 'virtio_gpudrmfb', parentPath: `${device.sysPath}/${device.child?.name ?? 'virtio'}`, width, height });
  if (!kernel.fb.add(screen)) return ENODEV;
  front.open(screen);
  kernel.log.add(6, kernel.now(), `virtio_gpu ${device.name}: [fb${screen.minor}] ${width}x${height}, 32 bits a pixel`);
  return front;
}

type Mapped = { readonly addr: number; readonly paddr: number; readonly length: number };

export class VirtioGpuFront extends DriverFront {
  override readonly name = 'virtio-gpu';
  screen: FrameBuffer | null = null;
  /** What the device has: nothing, the picture. */
  private hasPicture = false;
  /** The part that is shown, as xres, yres, xoffset, yoffset; 'off': nothing. */
  private shown = 'off';
  /** What the operation under way will have done. */
  private doing: 'nothing' | 'create' | 'show' | 'update' = 'nothing';
  private willShow = 'off';
  private readonly mapped: Mapped[] = [];
  private isStepping = false;

  override createCore(port: DevicePort): DriverCore { return new VirtioGpuCore(port); }

  open(screen: FrameBuffer): void {
    this.screen = screen;
    this.step();
  }

  /** The next thing that makes display and screen alike, until an operation takes longer or there is nothing to do. */
  step(): void {
    if (this.isStepping) return;
    this.isStepping = true;
    while (this.screen !== null && this.doing === 'nothing' && this.link.state === 'up' && this.begin(this.screen));
    this.isStepping = false;
  }

  /** False: nothing to do, or it cannot be done now. */
  private begin(screen: FrameBuffer): boolean {
    if (!this.hasPicture) return this.operate('create', GPU_CREATE, screen.width, screen.virtualHeight, 0, 0);
    const part = screen.isBlank ? 'off' : [screen.xres, screen.yres, screen.xoffset, screen.yoffset].join();
    if (part !== this.shown) {
      this.willShow = part;
      return this.operate('show', GPU_SHOW, screen.xoffset, screen.yoffset, part === 'off' ? 0 : screen.xres, screen.yres);
    }
    const band = screen.takeBand(BAND_PAGES);
    if (band === null) return false;
    const entries = this.map(screen, band);
    if (entries > 0 && this.operate('update', GPU_UPDATE, band.first, band.end - band.first, screen.stride, entries)) return true;
    this.unmap();
    screen.damageLines(band);
    return false;
  }

  private operate(doing: 'create' | 'show' | 'update', op: number, a: number, b: number, c: number, d: number): boolean {
    this.doing = doing;
    if (this.link.call(op, a, b, c, d) === 0) return true;
    this.doing = 'nothing';
    return false;
  }

  override event(kind: number, status: number): void {
    const { doing } = this;
    if (kind !== GPU_DONE || doing === 'nothing') return;
    this.doing = 'nothing';
    this.unmap();
    if (status !== 0) this.device.log(`the display refused to ${doing}`);
    if (doing === 'create') this.hasPicture = status === 0;
    if (doing === 'show') this.shown = this.willShow;
    if (doing === 'create' && status !== 0) this.screen = null;      // and never again
    this.step();
  }

  override restarted(): 0 | Errno {
    this.forget();
    this.screen?.damageAll();
    this.step();
    return 0;
  }

  override gone(): void {
    this.forget();
    const { screen } = this;
    this.screen = null;
    if (screen !== null) this.device.kernel.fb.remove(screen);
  }

  private forget(): void {
    this.unmap();
    this.hasPicture = false;
    this.shown = 'off';
    this.doing = 'nothing';
  }

  // --- memory of an update ---------------------------------------------------------------------------------------------------------------

  /** Pieces of the band into `args`; pages that nobody touched are zeros. How many, or 0: there is no room. */
  private map(screen: FrameBuffer, { first, end }: Band): number {
    const { link } = this, { frames } = this.device.kernel;
    const to = end * screen.stride;
    let n = 0;
    for (let at = first * screen.stride; at < to;) {
      const offset = at % PAGE_SIZE, length = Math.min(PAGE_SIZE - offset, to - at);
      const pfn = screen.pages.peek(Math.floor(at / PAGE_SIZE));
      const paddr = (pfn < 0 ? frames.zeroPfn : pfn) * PAGE_SIZE + offset;
      const addr = link.map(paddr, length, 'out');
      if (addr < 0) return 0;
      this.mapped.push({ addr, paddr, length });
      link.args[2 * n] = addr;
      link.args[2 * n + 1] = length;
      n++;
      at += length;
    }
    return n;
  }

  private unmap(): void {
    for (const { addr, length, paddr } of this.mapped) this.link.unmap(addr, length, paddr, 0);
    this.mapped.length = 0;
  }
}

/** What the frame buffer layer calls. */
class Screen extends FbDriver {
  private readonly front: VirtioGpuFront;
  constructor(front: VirtioGpuFront) {
    super();
    this.front = front;
  }
  override changed(): void { this.front.step(); }
}
