// All drivers of this kernel, and what they found: the one place that the system layer calls to bring the machine's devices up.
import { ENODEV, type Errno, isErr } from '../abi/errno.ts';
import { DeviceManager, Driver, type PlatformDevice } from '../kernel/device/platform.ts';
import type { FuseTransport } from '../kernel/device/fuse-transport.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { ID_BLOCK, ID_CONSOLE, ID_ENTROPY, ID_FS } from '../machine/registers.ts';
import { GoldfishRtcDriver } from './goldfish-rtc.ts';
import { PlicDriver } from './plic.ts';
import { startVirtioBlock } from './virtio-blk.ts';
import { startVirtioConsole, type VirtioConsoleDriver } from './virtio-console.ts';
import { startVirtioFs } from './virtio-fs.ts';
import { seedFromVirtio } from './virtio-rng.ts';
import { VirtioMmio } from './virtio/device.ts';

/** What the devices offer to the rest of the system. */
export class Devices {
  readonly manager: DeviceManager;
  /** Terminal and host streams; null: no console device. */
  console: VirtioConsoleDriver | null = null;
  /** virtio-fs devices by tag: for fs/fuse. */
  readonly fuse = new Map<string, FuseTransport>();
  constructor(manager: DeviceManager) { this.manager = manager; }
  /** chosen/bootargs. */
  get bootargs(): string { return this.manager.bootargs; }
}

/** Parses the device tree and starts a driver for each device: interrupts, wall clock, entropy, console, disks, file systems. */
export function probeDevices(kernel: Kernel): Devices {
  const manager = new DeviceManager(kernel);
  const devices = new Devices(manager);
  manager.probe([new PlicDriver(), new GoldfishRtcDriver(), new VirtioMmioDriver(devices)]);
  return devices;
}

/** Every window speaks virtio; the device id tells the type. */
class VirtioMmioDriver extends Driver {
  override readonly compatible = ['virtio,mmio'];
  private readonly devices: Devices;
  constructor(devices: Devices) {
    super();
    this.devices = devices;
  }

  override probe(device: PlatformDevice): 0 | Errno {
    const virtio = new VirtioMmio(device);
    switch (virtio.id) {
      case ID_BLOCK: return this.startBlock(device, virtio);
      case ID_CONSOLE: return this.startConsole(device, virtio);
      case ID_ENTROPY: return seedFromVirtio(device, virtio);
      case ID_FS: return this.fs(device, virtio);
      default: return ENODEV;
    }
  }

  private startBlock(device: PlatformDevice, virtio: VirtioMmio): 0 | Errno {
    const driver = startVirtioBlock(device, virtio);
    return isErr(driver) ? driver : 0;
  }

  private startConsole(device: PlatformDevice, virtio: VirtioMmio): 0 | Errno {
    const driver = startVirtioConsole(device, virtio);
    if (isErr(driver)) return driver;
    this.devices.console ??= driver;
    return 0;
  }

  private fs(device: PlatformDevice, virtio: VirtioMmio): 0 | Errno {
    const transport = startVirtioFs(device, virtio);
    if (isErr(transport)) return transport;
    this.devices.fuse.set(transport.tag, transport);
    return 0;
  }
}
