// Front of the virtio entropy device: reads seed material once, at boot. Under --seed the host's bytes are a fixed sequence.
import { EIO, type Errno } from '../abi/errno.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import type { DevicePort, DriverCore } from './core/core.ts';
import { RNG_FILL, VirtioRngCore } from './core/virtio-rng.ts';
import { DriverFront } from './placement/front.ts';

const SEED_BYTES = 32;

/** Mixes the device's bytes into the kernel's generator. */
export function seedFromVirtio(device: PlatformDevice): 0 | Errno {
  const front = new VirtioRng(device);
  const r = front.link.start();
  return r !== 0 ? r : front.seed();
}

class VirtioRng extends DriverFront {
  override readonly name = 'virtio-rng';
  override createCore(port: DevicePort): DriverCore { return new VirtioRngCore(port); }

  seed(): 0 | Errno {
    const { link, device } = this;
    const n = link.call(RNG_FILL, SEED_BYTES, 0, 0, 0);
    const at = link.args[0]!;
    if (n !== SEED_BYTES || !(at % 4 === 0 && at >= 0 && at + SEED_BYTES <= link.memory.size)) return EIO;
    device.kernel.random.reseed(link.memory.u32.slice(at >>> 2, (at + SEED_BYTES) >>> 2));
    return 0;
  }

  override event(): void {}
  override restarted(): 0 { return 0; }
  override gone(): void {}
}
