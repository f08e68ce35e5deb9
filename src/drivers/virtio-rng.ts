// Driver of the virtio entropy device (virtio 1.2, 5.4): reads seed material once, at boot. Under --seed the host's bytes are a fixed sequence.
import { type Errno, EIO, ENOMEM, isErr } from '../abi/errno.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import { KIND_KERNEL } from '../kernel/mm/frame-kinds.ts';
import { PAGE_SIZE } from '../machine/machine.ts';
import type { VirtioMmio } from './virtio/device.ts';

const SEED_BYTES = 32;

/** Mixes the device's bytes into the kernel's generator. */
export function seedFromVirtio(device: PlatformDevice, virtio: VirtioMmio): 0 | Errno {
  const r = virtio.start(0);
  if (r !== 0) return r;
  const queue = virtio.queue(0, 8);
  if (isErr(queue)) return virtio.give(queue);
  virtio.ready();
  const { frames, random, machine } = device.kernel;
  const pfn = frames.alloc(KIND_KERNEL);
  if (pfn < 0) return ENOMEM;
  queue.add(pfn * PAGE_SIZE, SEED_BYTES, 'in');
  queue.submit(0);
  queue.interrupts('off');
  queue.notify();
  const answered = queue.poll() === 0 && queue.usedLength === SEED_BYTES;
  const at = pfn * PAGE_SIZE >>> 2;
  if (answered) random.reseed(machine.ram.u32.subarray(at, at + SEED_BYTES / 4));
  frames.put(pfn);
  return answered ? 0 : EIO;
}
