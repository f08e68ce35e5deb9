// The pages of a block device itself: what reads and writes of /dev/vda see, and the buffers that hold a file system's metadata.
import type { Task } from '../task/task.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Frames } from '../mm/frames.ts';
import { BlockCache, type PagePlan } from './block-cache.ts';
import type { BlockDevice } from './disk.ts';

export class DeviceCache extends BlockCache {
  constructor(frames: Frames, device: BlockDevice) { super(frames, null, device); }

  override get size(): number { return this.device.bytes; }

  protected override plan(_t: Task, index: number, into: PagePlan): 0 {
    const at = index * PAGE_SIZE;
    const bytes = Math.min(PAGE_SIZE, this.size - at);
    if (bytes > 0) into.add(0, bytes, at / 512);
    return 0;
  }
}
