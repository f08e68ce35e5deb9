// Brings devices and drivers together: by `compatible`, interrupt controllers before the devices that need them, again for who had to defer; and apart,
// when somebody says so in /sys or the device is pulled out. Part of the kernel: `kernel.hardware`.
import { EBUSY, ENODEV, type Errno } from '../../abi/errno.ts';
import type { Kernel } from '../kernel.ts';
import { type FdtNode, parseFdt } from './fdt.ts';
import { type Driver, EPROBE_DEFER, type IrqController, PlatformDevice } from './platform.ts';

/** Where the core of a driver runs. */
export type Placement = 'kernel' | 'isolated';

/** Placement by name of the core (drivers/core/table.ts). */
export interface Placements { readonly otherwise: Placement; readonly byName: Readonly<Record<string, Placement>> }

export class DeviceManager {
  readonly kernel: Kernel;
  private readonly placements: Placements;
  readonly root: FdtNode | null;
  /** By phandle. */
  readonly controllers = new Map<number, IrqController>();
  /** Everything in the tree that a driver could match, in its order. */
  readonly devices: PlatformDevice[] = [];
  readonly drivers: Driver[] = [];

  constructor(kernel: Kernel, placements: Placements = { otherwise: 'kernel', byName: {} }) {
    this.kernel = kernel;
    this.placements = placements;
    const { paddr, size } = kernel.machine.dtb;
    this.root = parseFdt(kernel.machine.ram.u8.subarray(paddr, paddr + size));
    kernel.hardware = this;
    this.findDevices();
  }

  /** chosen/bootargs. */
  get bootargs(): string { return this.root?.child('chosen')?.text('bootargs') ?? ''; }

  placementOf(core: string): Placement { return this.placements.byName[core] ?? this.placements.otherwise; }

  /** Registers drivers and probes what they know. */
  probe(drivers: readonly Driver[]): void {
    this.drivers.push(...drivers);
    this.probeAll();
    for (const d of this.devices) if (d.driver === null && !this.mayProbe(d) && this.candidates(d).length > 0) d.log('its interrupt controller is missing');
  }

  /** An interrupt controller announces itself. */
  addController(device: PlatformDevice, controller: IrqController): void {
    this.controllers.set(device.node.cell('phandle', 0), controller);
    this.kernel.interrupts = controller;
  }

  /** Finds the device a driver, any or this one; ENODEV, EBUSY. */
  bind(device: PlatformDevice, driver: Driver | null = null): 0 | Errno {
    if (device.driver !== null) return EBUSY;
    for (const candidate of this.candidates(device)) {
      if (driver !== null && candidate !== driver) continue;
      const r = candidate.probe(device);
      if (r === 0) {
        this.bound(device, candidate);
        return 0;
      }
      device.takeBack();
      if (r === ENODEV) continue;
      if (r !== EPROBE_DEFER) device.log(`the driver failed with errno ${-r}`);
      return r;
    }
    return ENODEV;
  }

  /** Parts device and driver: users get errors, registers are quiet, memory comes back. */
  unbind(device: PlatformDevice, how: 'unbound' | 'gone'): void {
    const { driver } = device;
    if (driver === null) return;
    driver.remove(device, how);
    device.driver = null;
    device.takeBack();
    this.kernel.uevents.emit('unbind', device.sysPath, 'platform', []);
  }

  /** Something was plugged into the window at `base`, or pulled out. */
  slotChanged(base: number): void {
    const device = this.devices.find(d => d.base === base);
    if (device === undefined) return;
    this.unbind(device, 'gone');
    const r = this.bind(device);
    if (r === 0) this.probeAll();
  }

  /** The lowest free number of a kind of child: virtio0, virtio1 ... */
  freeChildName(prefix: string): string {
    for (let n = 0; ; n++) if (!this.devices.some(d => d.child?.name === `${prefix}${n}`)) return `${prefix}${n}`;
  }

  /** Passes over the devices until one of them changes nothing. */
  private probeAll(): void {
    for (let progress = true; progress;) {
      progress = false;
      for (const d of this.devices) if (d.driver === null && this.mayProbe(d) && this.bind(d) === 0) progress = true;
    }
  }

  private bound(device: PlatformDevice, driver: Driver): void {
    device.driver = driver;
    const { uevents } = this.kernel;
    const { child } = device;
    if (child !== null) uevents.emit('bind', `${device.sysPath}/${child.name}`, child.bus, [`DRIVER=${child.driver}`, `MODALIAS=${child.modalias}`]);
    uevents.emit('bind', device.sysPath, 'platform', [`DRIVER=${driver.name}`]);
  }

  private candidates(device: PlatformDevice): Driver[] {
    const names = device.node.strings('compatible');
    return this.drivers.filter(driver => driver.compatible.some(c => names.includes(c)));
  }

  private findDevices(): void {
    const stack = this.root === null ? [] : [this.root];
    for (let n = stack.pop(); n !== undefined; n = stack.pop()) {
      stack.push(...n.children.toReversed());
      const isDevice = n.properties.has('compatible') && n.properties.has('reg') && n.text('device_type') === '';
      if (isDevice && n.text('status') !== 'disabled') this.devices.push(new PlatformDevice(this, n));
    }
  }

  private mayProbe(d: PlatformDevice): boolean { return d.irq === 0 || this.controllers.has(d.node.inherited('interrupt-parent')); }
}
