// The lower half of a driver, its core: registers, queues, interrupts. A core sees a device port and nothing of the kernel, so that it runs inside it
// or alone in a worker (docs/drivers.md). Numbers go in and out: exact integers and DMA addresses; what does not fit in four of them lies in `args`.
import type { Errno } from '../../abi/errno.ts';
import type { DmaMemory } from '../../machine/machine.ts';

/** Words of `args`. */
export const ARG_WORDS = 512;

/** Registers in a device's window, by byte offset. */
export interface Registers {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

/** All that a core has: its device, memory that the device sees too, and a way to tell the front. */
export interface DevicePort extends Registers {
  /** What the device can reach, indexed by DMA address: RAM, or the isolated driver's own pages. */
  readonly memory: DmaMemory;
  /** Shared with the front: more arguments and results of the call under way. */
  readonly args: Float64Array;
  /** 2^order pages in a row for the device, zeroed: their DMA address, or -1. */
  allocDma(order: number): number;
  /** Gives back what `allocDma` gave: the device does not know it any more. */
  freeDma(addr: number, order: number): void;
  log(text: string): void;
  /** Tells the front, which hears of it when the call under way has returned: a core is never entered again from inside. */
  event(kind: number, a: number, b: number, c: number, d: number): void;
  /** The device does what no device may. Everything is torn down, reset and started again. */
  broken(why: string): void;
}

export abstract class DriverCore {
  protected readonly port: DevicePort;
  constructor(port: DevicePort) { this.port = port; }
  /** Takes the device, which is in reset, into service. */
  abstract start(): 0 | Errno;
  /** An operation of the front. */
  abstract call(op: number, a: number, b: number, c: number, d: number): number;
  /** The device interrupts: make it lower its line. */
  abstract irq(): void;
  /** The device will not be used any more: after this it touches no memory. */
  stop(): void {}
}
