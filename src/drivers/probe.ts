// All drivers of this kernel, and what they found: the one place that the system layer calls to bring the machine's devices up.
import { ENODEV, type Errno, isErr } from '../abi/errno.ts';
import { DeviceManager, type Placements } from '../kernel/device/manager.ts';
import { type ChildDevice, Driver, type PlatformDevice } from '../kernel/device/platform.ts';
import type { FuseTransport } from '../kernel/device/fuse-transport.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { ID_BALLOON, ID_BLOCK, ID_CONSOLE, ID_ENTROPY, ID_FS, ID_GPU, ID_INPUT, ID_NET, MMIO_VENDOR_ID } from '../machine/registers.ts';
import { GoldfishRtcDriver } from './goldfish-rtc.ts';
import { virtioId } from './core/virtio.ts';
import { CoreLink } from './placement/link.ts';
import { PlicDriver } from './plic.ts';
import { startVirtioBalloon } from './virtio-balloon.ts';
import { startVirtioBlock } from './virtio-blk.ts';
import { startVirtioConsole, type TerminalSink, type VirtioConsoleDriver } from './virtio-console.ts';
import { startVirtioFs } from './virtio-fs.ts';
import { startVirtioGpu } from './virtio-gpu.ts';
import { startVirtioInput } from './virtio-input.ts';
import { startVirtioNet } from './virtio-net.ts';
import { SlotsDriver } from './slots.ts';
import { seedFromVirtio } from './virtio-rng.ts';

/** What the devices offer to the rest of the system. */
export class Devices {
  readonly manager: DeviceManager;
  /** Terminal and host streams; null: no console device. */
  console: VirtioConsoleDriver | null = null;
  private terminal: TerminalSink | null = null;
  /** virtio-fs devices by tag: for fs/fuse. */
  readonly fuse = new Map<string, FuseTransport>();
  /** And where they sit. */
  readonly fuseDevices = new Map<string, PlatformDevice>();
  constructor(manager: DeviceManager) { this.manager = manager; }
  /** chosen/bootargs. */
  get bootargs(): string { return this.manager.bootargs; }

  /** The console's terminal port, present or to come, belongs to `sink`. */
  setTerminal(sink: TerminalSink): void {
    this.terminal = sink;
    this.console?.setTerminal(sink);
  }

  /** The first console device, or one that takes the place of it. */
  found(driver: VirtioConsoleDriver): void {
    if (this.console !== null && this.console.link.state !== 'ended') return;
    this.console = driver;
    if (this.terminal !== null) driver.setTerminal(this.terminal);
  }
}

/** Parses the device tree and starts a driver for each device: interrupts, wall clock, entropy, console, disks, file systems. */
export function probeDevices(kernel: Kernel, placements?: Placements): Devices {
  const manager = new DeviceManager(kernel, placements);
  const devices = new Devices(manager);
  manager.probe([new PlicDriver(), new GoldfishRtcDriver(), new VirtioMmioDriver(devices), new SlotsDriver()]);
  return devices;
}

/** Drivers of the virtio bus by device id, as Linux names them. */
const NAMES: Readonly<Record<number, string>> = {
  [ID_BLOCK]: 'virtio_blk', [ID_CONSOLE]: 'virtio_console', [ID_ENTROPY]: 'virtio_rng', [ID_FS]: 'virtiofs', [ID_GPU]: 'virtio_gpu', [ID_INPUT]: 'virtio_input', [ID_BALLOON]: 'virtio_balloon',
  [ID_NET]: 'virtio_net',
};

/** Every window speaks virtio; the device id tells the type. An empty window has id 0. */
class VirtioMmioDriver extends Driver {
  override readonly name = 'virtio-mmio';
  override readonly compatible = ['virtio,mmio'];
  private readonly devices: Devices;
  constructor(devices: Devices) {
    super();
    this.devices = devices;
  }

  override probe(device: PlatformDevice): 0 | Errno {
    const id = virtioId(device);
    const driver = NAMES[id];
    if (driver === undefined) return ENODEV;
    device.addChild(childOf(device, id, driver));
    const r = this.start(device, id);
    if (!isErr(r)) return 0;
    // A core that runs, or would be started again, has nobody to work for.
    if (device.handler instanceof CoreLink) device.handler.remove('unbound');
    return r;
  }

  override remove(device: PlatformDevice, how: 'unbound' | 'gone'): void {
    if (device.handler instanceof CoreLink) device.handler.remove(how);
    for (const [tag, at] of this.devices.fuseDevices) if (at === device) this.devices.fuse.delete(tag);
  }

  private start(device: PlatformDevice, id: number): object | 0 | Errno {
    switch (id) {
      case ID_BLOCK: return startVirtioBlock(device);
      case ID_CONSOLE: return this.startConsole(device);
      case ID_ENTROPY: return seedFromVirtio(device);
      case ID_BALLOON: return startVirtioBalloon(device);
      case ID_GPU: return startVirtioGpu(device);
      case ID_INPUT: return startVirtioInput(device);
      case ID_NET: return startVirtioNet(device);
      default: return this.fs(device);
    }
  }

  private startConsole(device: PlatformDevice): 0 | Errno {
    const driver = startVirtioConsole(device);
    if (isErr(driver)) return driver;
    this.devices.found(driver);
    return 0;
  }

  private fs(device: PlatformDevice): 0 | Errno {
    const transport = startVirtioFs(device);
    if (isErr(transport)) return transport;
    this.devices.fuse.set(transport.tag, transport);
    this.devices.fuseDevices.set(transport.tag, device);
    return 0;
  }
}

function childOf(device: PlatformDevice, id: number, driver: string): ChildDevice {
  const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');
  const vendor = device.read32(MMIO_VENDOR_ID);
  return {
    name: device.manager.freeChildName('virtio'), bus: 'virtio', driver, modalias: `virtio:d${hex(id, 8).toUpperCase()}v${hex(vendor, 8).toUpperCase()}`,
    attributes: { device: `0x${hex(id, 4)}`, vendor: `0x${hex(vendor, 4)}`, status: '0x0000000f' },
  };
}
