// The upper half of a driver, its front: what the kernel's subsystems talk to. It validates, copies, and keeps every request that is out, so that a core
// that was started again can be given them once more.
import type { Errno } from '../../abi/errno.ts';
import type { PlatformDevice } from '../../kernel/device/platform.ts';
import { MMIO_STATUS } from '../../machine/registers.ts';
import type { DevicePort, DriverCore } from '../core/core.ts';
import { IsolatedLink } from './isolated-link.ts';
import { KernelLink } from './kernel-link.ts';
import type { CoreLink } from './link.ts';

export abstract class DriverFront {
  /** Of the core, as in `--driver NAME=PLACEMENT` and in core/table.ts. */
  abstract readonly name: string;
  readonly device: PlatformDevice;
  private chosen: CoreLink | null = null;

  constructor(device: PlatformDevice) { this.device = device; }

  /** The way to the core. */
  get link(): CoreLink { return (this.chosen ??= this.device.manager.placementOf(this.name) === 'isolated' ? new IsolatedLink(this) : new KernelLink(this)); }

  /** The core, for the kernel's own address space. */
  abstract createCore(port: DevicePort): DriverCore;
  /** An event of the core. What it says is an allegation: a slot may not be out, a length too big. */
  abstract event(kind: number, a: number, b: number, c: number, d: number): void;
  /** The core ends, because it failed or the device goes. Its memory is there for the last time; the device is in reset, or gone. */
  coreEnds(): void {}
  /** The core writes a register, before the device sees it. */
  registerWritten(_offset: number, _value: number): void {}
  /** The core failed and its device was reset; another runs now. What was under way is sent again; an errno: it cannot go on with this device. */
  abstract restarted(): 0 | Errno;
  /** Nothing will be answered any more: the device was pulled out or unbound, or its driver was given up. Users get errors from now on. */
  abstract gone(): void;
  /** Makes the device touch no memory and lower its interrupt, without the core's help: a virtio device's way. */
  reset(): void { this.device.write32(MMIO_STATUS, 0); }
}
