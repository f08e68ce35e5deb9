// virtio file system device (virtio 1.2, 5.11): FUSE requests in, FUSE replies out, answered before the notifying store returns.
import type { FsBackend } from '../../host/host.ts';
import type { Ram } from '../machine.ts';
import { FS_TAG_BYTES, ID_FS } from '../registers.ts';
import { FuseServer } from './fuse-server.ts';
import type { IrqLine } from './mmio-bus.ts';
import { VirtioDevice } from './virtio/mmio.ts';
import { Chain } from './virtio/queue.ts';

const QUEUE_SIZE = 256;

export class VirtioFs extends VirtioDevice {
  readonly #server: FuseServer;
  readonly #chain = new Chain();

  /** `tag`: what the guest mounts; at most 36 bytes. */
  constructor(ram: Ram, irq: IrqLine, tag: string, backend: FsBackend) {
    super(ram, irq, { id: ID_FS, features: 0, queueSizes: [QUEUE_SIZE, QUEUE_SIZE], configBytes: FS_TAG_BYTES + 4 });
    if (tag.length === 0 || tag.length > FS_TAG_BYTES) throw new RangeError(`tag '${tag}' is not 1 to ${FS_TAG_BYTES} bytes long`);
    this.#server = new FuseServer(ram, backend);
    for (let i = 0; i < tag.length; i++) this.config.setUint8(i, tag.charCodeAt(i));
    this.config.setUint32(FS_TAG_BYTES, 1, true);
  }

  protected override notified(index: number): void {
    const c = this.#chain;
    while (this.next(index, c)) this.done(index, c, this.#server.answer(c));
  }
}
