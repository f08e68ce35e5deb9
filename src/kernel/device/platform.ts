// Devices that the device tree names, and what a driver may ask of one: its registers, its interrupt, memory for DMA. That is all a driver sees of the
// machine; whatever it was given is taken back by the core when the two part (manager.ts).
import type { Errno } from '../../abi/errno.ts';
import { InterruptHandler, type Kernel } from '../kernel.ts';
import { KIND_KERNEL } from '../mm/frame-kinds.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { FdtNode } from './fdt.ts';
import type { DeviceManager } from './manager.ts';

/** A driver's answer: something it needs is not there yet; it is asked again when another device has found its driver. */
export const EPROBE_DEFER = -517 as Errno;

/** Served when a device raises its interrupt. */
export abstract class IrqHandler {
  abstract irq(): void;
  /** The device would not lower its line, however often it was served: it is not listened to any more. */
  stuck(): void {}
  /** Files of the device in /sys that tell of its driver. */
  get attributes(): Readonly<Record<string, string>> { return {}; }
}

/** An interrupt controller: dispatches what it claims to the handlers connected to it. */
export abstract class IrqController extends InterruptHandler {
  abstract connect(source: number, handler: IrqHandler): void;
  abstract disconnect(source: number): void;
}

/** What sits behind a platform device on a bus of its own: virtio0 behind a virtio-mmio window. */
export interface ChildDevice {
  readonly name: string;
  readonly bus: string;
  readonly driver: string;
  readonly modalias: string;
  /** Files of its directory in /sys. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A device found in the tree: its registers and its interrupt. */
export class PlatformDevice {
  readonly kernel: Kernel;
  readonly manager: DeviceManager;
  readonly node: FdtNode;
  /** Physical address of the first register window. */
  readonly base: number;
  /** And its bytes. */
  readonly size: number;
  /** Interrupt source, 0: none. */
  readonly irq: number;
  /** Who has it in service. */
  driver: Driver | null = null;
  /** The driver's state: serves the interrupt, hears of removal. */
  handler: IrqHandler | null = null;
  child: ChildDevice | null = null;
  /** Memory that the device may write to: blocks by address, and their order. */
  private readonly dma = new Map<number, number>();

  constructor(manager: DeviceManager, node: FdtNode) {
    this.kernel = manager.kernel;
    this.manager = manager;
    this.node = node;
    this.base = node.reg()[0]?.base ?? 0;
    this.size = node.reg()[0]?.size ?? 0;
    this.irq = node.cell('interrupts', 0);
  }
  get name(): string { return this.node.name; }
  /** Below /sys: 'devices/platform/soc/10001000.virtio_mmio'. */
  get sysPath(): string { return `devices/platform/soc/${this.busName}`; }
  /** As Linux names platform devices: '110000000.virtio_mmio'. */
  get busName(): string { return this.name.replace(/^(.*)@(.*)$/, '$2.$1'); }

  read32(offset: number): number { return this.kernel.machine.bus.read32(this.base + offset); }
  write32(offset: number, value: number): void { this.kernel.machine.bus.write32(this.base + offset, value); }
  /** From now on `handler` serves the interrupt. */
  connect(handler: IrqHandler): void {
    this.handler = handler;
    this.controller?.connect(this.irq, handler);
  }
  /** What is behind it becomes a device of its own bus. */
  addChild(child: ChildDevice): void {
    this.child = child;
    this.kernel.uevents.emit('add', `${this.sysPath}/${child.name}`, child.bus, [`MODALIAS=${child.modalias}`]);
  }
  private removeChild(): void {
    if (this.child === null) return;
    this.kernel.uevents.emit('remove', `${this.sysPath}/${this.child.name}`, this.child.bus, [`MODALIAS=${this.child.modalias}`]);
    this.child = null;
  }
  /** 2^order frames in a row that the device may use, zeroed: their physical address, or -1. */
  allocDma(order: number): number {
    const { frames } = this.kernel;
    for (let tries = 0; tries < 4; tries++) {
      const pfn = frames.allocBlock(KIND_KERNEL, order);
      if (pfn >= 0) {
        this.dma.set(pfn * PAGE_SIZE, order);
        return pfn * PAGE_SIZE;
      }
      frames.reclaimer.direct(256);
    }
    return -1;
  }
  /** A block comes back before the end. The device must not know it any more. */
  freeDmaBlock(addr: number): void {
    const order = this.dma.get(addr);
    if (order === undefined) return;
    this.dma.delete(addr);
    for (let i = 0; i < 1 << order; i++) this.kernel.frames.put(addr / PAGE_SIZE + i);
  }
  /** Everything the driver was given comes back. The device must be quiet: it was reset, or it is gone. */
  takeBack(): void {
    this.controller?.disconnect(this.irq);
    this.handler = null;
    this.removeChild();
    this.freeDma();
  }
  /** Memory for DMA comes back. The device must be quiet. */
  freeDma(): void {
    for (const addr of this.dma.keys()) this.freeDmaBlock(addr);
  }
  private get controller(): IrqController | undefined {
    return this.irq === 0 ? undefined : this.manager.controllers.get(this.node.inherited('interrupt-parent'));
  }
  log(text: string): void { this.kernel.log.add(6, this.kernel.now(), `${this.name}: ${text}`); }
}

/** A driver: plain data and methods, one for all its devices. */
export abstract class Driver {
  /** As in /sys/bus/platform/drivers. */
  abstract readonly name: string;
  abstract readonly compatible: readonly string[];
  /** Takes the device into service; ENODEV: not one of ours after all; EPROBE_DEFER: not yet. */
  abstract probe(device: PlatformDevice): 0 | Errno;
  /** The device is taken away ('gone': it was pulled out and does not answer any more). Its users get errors from now on. */
  remove(_device: PlatformDevice, _how: 'unbound' | 'gone'): void {}
}
