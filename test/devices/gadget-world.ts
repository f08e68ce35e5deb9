// A machine with a display, a keyboard and a balloon, its kernel probed: for tests of their drivers where cores and devices misbehave.
import type { Bus, Isolates, Machine } from '../../src/machine/machine.ts';
import { probeDevices } from '../../src/drivers/probe.ts';
import { CoreLink } from '../../src/drivers/placement/link.ts';
import type { Placement } from '../../src/kernel/device/manager.ts';
import type { FrameBuffer } from '../../src/kernel/fb/frame-buffer.ts';
import type { InputDevice } from '../../src/kernel/input/input-device.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { createInit } from '../../src/kernel/task/init.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { KernelBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { type Board, createBoard } from '../../src/machine/board.ts';
import { createHart } from '../../src/machine/hart/hart.ts';
import { createRam } from '../../src/machine/ram.ts';

export const WIDTH = 200, HEIGHT = 64;
export type Gadget = 'virtio_gpu' | 'virtio_input' | 'virtio_balloon';
/** Their windows. */
export const BASES: Readonly<Record<Gadget, number>> = { virtio_gpu: 0x1_1000_2000, virtio_input: 0x1_1000_3000, virtio_balloon: 0x1_1000_4000 };

export class GadgetWorld {
  readonly kernel: Kernel;
  readonly board: Board;
  readonly t: Task;
  now = 1_000_000_000;

  /** `machineOf`: what the kernel sees instead of the board. */
  constructor(placement: Placement = 'kernel', { isolates, machineOf, balloon = 'deflate on oom' }: {
    isolates?: Isolates | undefined; machineOf?: ((board: Board) => Machine) | undefined; balloon?: 'deflate on oom' | 'strict';
  } = {}) {
    const ram = createRam(24 << 20);
    const clock = { monotonicNs: () => (this.now += 1000) };
    this.board = createBoard({
      ram, hart: createHart(ram, clock), clock, boot: { sec: 1_767_225_600, nsec: 0 }, entropy: { fill: b => { b.fill(9); } }, console: null, bootargs: '', fs: [], isolates,
      display: { width: WIDTH, height: HEIGHT }, inputs: ['keyboard'],
    });
    this.board.peripherals.plugBalloon(balloon);
    this.kernel = new Kernel(machineOf?.(this.board) ?? this.board, 1);
    this.t = createInit(this.kernel);
    probeDevices(this.kernel, { otherwise: placement, byName: {} });
    this.settle();
  }

  get bus(): Bus { return this.board.bus; }
  get screen(): FrameBuffer { return this.kernel.fb.screens[0]!; }
  get keyboard(): InputDevice { return this.kernel.input.devices[0]!; }

  /** The link of a driver; null: it has been given up. */
  link(driver: Gadget): CoreLink | null {
    const handler = this.kernel.hardware!.devices.find(d => d.child?.driver === driver)?.handler;
    return handler instanceof CoreLink && handler.state !== 'ended' ? handler : null;
  }

  draw(at: number, bytes: Uint8Array): void { this.screen.pages.write(this.t, new KernelBuffer(bytes), at); }

  /** The picture that the display shows, as the driver's memory has it. */
  shown(): Uint8Array {
    const { rgba } = this.board.peripherals.display!.screen.compose(WIDTH, HEIGHT);
    const out = new Uint8Array(rgba.length);
    for (let i = 0; i < rgba.length; i += 4) out.set([rgba[i + 2]!, rgba[i + 1]!, rgba[i]!], i);
    return out;
  }

  /** Interrupts and timers, until nothing is under way or `limit` timers have fired. */
  settle(limit = 200): void {
    for (let i = 0; i < limit; i++) {
      for (let k = 0; k < 1000 && this.board.interruptPending; k++) this.kernel.interrupts!.dispatch();
      const next = this.kernel.timers.nextDeadline;
      if (next === Infinity && !this.board.interruptPending) return;
      if (next !== Infinity) {
        this.now = Math.max(this.now, next);
        this.kernel.timers.run(this.now);
      }
    }
  }
}
