// The driver model: devices are what the device tree names, drivers say which `compatible` strings they serve, and `DeviceManager` brings the two
// together, interrupt controllers before the devices that need them.
import { type Errno, ENODEV, isErr } from '../../abi/errno.ts';
import { InterruptHandler, type Kernel } from '../kernel.ts';
import { type FdtNode, parseFdt } from './fdt.ts';

/** Served when a device raises its interrupt. */
export abstract class IrqHandler {
  abstract irq(): void;
}

/** An interrupt controller: dispatches what it claims to the handlers connected to it. */
export abstract class IrqController extends InterruptHandler {
  abstract connect(source: number, handler: IrqHandler): void;
}

/** A device found in the tree: its registers and its interrupt. */
export class PlatformDevice {
  readonly kernel: Kernel;
  readonly manager: DeviceManager;
  readonly node: FdtNode;
  /** Physical address of the first register window. */
  readonly base: number;
  /** Interrupt source, 0: none. */
  readonly irq: number;

  constructor(manager: DeviceManager, node: FdtNode) {
    this.kernel = manager.kernel;
    this.manager = manager;
    this.node = node;
    this.base = node.reg()[0]?.base ?? 0;
    this.irq = node.cell('interrupts', 0);
  }
  get name(): string { return this.node.name; }
  /** Below /sys: 'devices/platform/soc/10001000.virtio_mmio'. */
  get sysPath(): string { return `devices/platform/soc/${this.name.replace(/^(.*)@(.*)$/, '$2.$1')}`; }

  read32(offset: number): number { return this.kernel.machine.bus.read32(this.base + offset); }
  write32(offset: number, value: number): void { this.kernel.machine.bus.write32(this.base + offset, value); }
  /** From now on `handler` serves the interrupt. */
  connect(handler: IrqHandler): void {
    if (this.irq !== 0) this.manager.controllers.get(this.node.inherited('interrupt-parent'))?.connect(this.irq, handler);
  }
  log(text: string): void { this.kernel.log.add(6, this.kernel.now(), `${this.name}: ${text}`); }
}

export abstract class Driver {
  abstract readonly compatible: readonly string[];
  /** Takes the device into service; ENODEV: not one of ours after all. */
  abstract probe(device: PlatformDevice): 0 | Errno;
}

export class DeviceManager {
  readonly kernel: Kernel;
  readonly root: FdtNode | null;
  /** By phandle. */
  readonly controllers = new Map<number, IrqController>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    const { paddr, size } = kernel.machine.dtb;
    this.root = parseFdt(kernel.machine.ram.u8.subarray(paddr, paddr + size));
  }

  /** chosen/bootargs. */
  get bootargs(): string { return this.root?.child('chosen')?.text('bootargs') ?? ''; }

  /** Probes every device that a driver knows. */
  probe(drivers: readonly Driver[]): void {
    let waiting = this.devices(drivers);
    while (waiting.length > 0) {
      const later = waiting.filter(d => !this.mayProbe(d));
      if (later.length === waiting.length) break;
      for (const d of waiting) if (!later.includes(d)) this.probeOne(d, drivers);
      waiting = later;
    }
    for (const d of waiting) d.log('its interrupt controller is missing');
  }

  /** An interrupt controller announces itself. */
  addController(device: PlatformDevice, controller: IrqController): void {
    this.controllers.set(device.node.cell('phandle', 0), controller);
    this.kernel.interrupts = controller;
  }

  private devices(drivers: readonly Driver[]): PlatformDevice[] {
    const out: PlatformDevice[] = [];
    const stack = this.root === null ? [] : [this.root];
    for (let n = stack.pop(); n !== undefined; n = stack.pop()) {
      stack.push(...n.children.toReversed());
      if (n.text('status') !== 'disabled' && drivers.some(d => serves(d, n))) out.push(new PlatformDevice(this, n));
    }
    return out;
  }

  private mayProbe(d: PlatformDevice): boolean { return d.irq === 0 || this.controllers.has(d.node.inherited('interrupt-parent')); }

  private probeOne(device: PlatformDevice, drivers: readonly Driver[]): void {
    for (const driver of drivers) {
      if (!serves(driver, device.node)) continue;
      const r = driver.probe(device);
      if (isErr(r) && r !== ENODEV) device.log(`the driver failed with errno ${-r}`);
      if (r !== ENODEV) return;
    }
  }
}

function serves(driver: Driver, node: FdtNode): boolean {
  return node.strings('compatible').some(c => driver.compatible.includes(c));
}
