// virtio GPU (virtio 1.2, 5.7) with 2D commands and one scanout: pictures ("resources") on the host's side, filled from the driver's memory on its order, one of
// them shown. Every rectangle, size and address of the driver is checked before anything is touched; a wrong command gets its error and changes nothing.
import type { Ram } from '../machine.ts';
import {
  GPU_CFG_BYTES, GPU_CFG_NUM_SCANOUTS, GPU_CMD_GET_DISPLAY_INFO, GPU_CMD_MOVE_CURSOR, GPU_CMD_RESOURCE_ATTACH_BACKING, GPU_CMD_RESOURCE_CREATE_2D,
  GPU_CMD_RESOURCE_DETACH_BACKING, GPU_CMD_RESOURCE_FLUSH, GPU_CMD_RESOURCE_UNREF, GPU_CMD_SET_SCANOUT, GPU_CMD_TRANSFER_TO_HOST_2D, GPU_CMD_UPDATE_CURSOR, GPU_CONTROL,
  GPU_DISPLAY_BYTES, GPU_ENTRY_BYTES, GPU_FLAG_FENCE, GPU_HEADER_BYTES, GPU_MAX_SCANOUTS, GPU_RESP_ERR_INVALID_PARAMETER, GPU_RESP_ERR_INVALID_RESOURCE_ID,
  GPU_RESP_ERR_INVALID_SCANOUT_ID, GPU_RESP_ERR_OUT_OF_MEMORY, GPU_RESP_ERR_UNSPEC, GPU_RESP_OK_DISPLAY_INFO, GPU_RESP_OK_NODATA, ID_GPU,
} from '../registers.ts';
import { channelsOf, Picture, type Rectangle, Resource } from './gpu-resource.ts';
import type { IrqLine } from './mmio-bus.ts';
import { VirtioDevice } from './virtio/mmio.ts';
import { Chain } from './virtio/queue.ts';

/** Longest command: ATTACH_BACKING with this many entries. */
const MAX_ENTRIES = 16_384;
const MAX_COMMAND = 32 + MAX_ENTRIES * GPU_ENTRY_BYTES;
const CURSOR_COMMAND = 56;
/** Bytes of all pictures together. */
const MAX_BYTES = 256 << 20;
const MAX_SIDE = 16_384;

export class VirtioGpu extends VirtioDevice {
  /** The mode that the display prefers. */
  readonly width: number;
  readonly height: number;
  /** What is shown: `picture()` composes it. */
  readonly screen = new Picture();
  /** Flushes of what is shown: a viewer looks whether it has moved. */
  frames = 0;
  readonly #resources = new Map<number, Resource>();
  #bytes = 0;
  readonly #chain = new Chain();

  constructor(ram: Ram, irq: IrqLine, size: { readonly width: number; readonly height: number }) {
    super(ram, irq, { id: ID_GPU, features: 0, queueSizes: [64, 16], configBytes: GPU_CFG_BYTES });
    this.width = size.width;
    this.height = size.height;
    this.config.setUint32(GPU_CFG_NUM_SCANOUTS, 1, true);
  }

  protected override notified(index: number): void {
    const c = this.#chain;
    while (this.isLive && this.next(index, c)) {
      const command = new Uint8Array(Math.min(c.readBytes, index === GPU_CONTROL ? MAX_COMMAND : CURSOR_COMMAND));
      const n = c.copyFrom(this.ram, command);
      if (n < GPU_HEADER_BYTES) return this.fail();
      const view = new DataView(command.buffer);
      if (index !== GPU_CONTROL) {
        this.#cursor(view);
        this.done(index, c, 0);
        continue;
      }
      const answer = this.#control(view);
      if (answer.length > c.writeBytes) return this.fail();
      this.done(index, c, c.copyTo(this.ram, answer));
    }
  }

  protected override onReset(): void {
    this.#resources.clear();
    this.#bytes = 0;
    this.screen.blank();
  }

  #control(command: DataView): Uint8Array {
    const type = this.#execute(command);
    const answer = type === GPU_RESP_OK_DISPLAY_INFO ? this.#displayInfo() : new Uint8Array(GPU_HEADER_BYTES);
    const view = new DataView(answer.buffer);
    view.setUint32(0, type, true);
    // 5.7.6.7: a fence is answered when the command is done, which is now.
    if ((command.getUint32(4, true) & GPU_FLAG_FENCE) !== 0) {
      view.setUint32(4, GPU_FLAG_FENCE, true);
      for (let at = 8; at < 20; at += 4) view.setUint32(at, command.getUint32(at, true), true);
    }
    return answer;
  }

  /** Carries a command out: the type of its answer. Commands that are too short have no parameters. */
  #execute(command: DataView): number {
    const type = command.getUint32(0, true);
    if (type === GPU_CMD_GET_DISPLAY_INFO) return GPU_RESP_OK_DISPLAY_INFO;
    const need = COMMAND_BYTES[type];
    if (need === undefined) return GPU_RESP_ERR_UNSPEC;
    if (command.byteLength < need) return GPU_RESP_ERR_INVALID_PARAMETER;
    if (type === GPU_CMD_RESOURCE_CREATE_2D) return this.#create(command);
    const id = command.getUint32(type === GPU_CMD_SET_SCANOUT ? 44 : type === GPU_CMD_TRANSFER_TO_HOST_2D ? 48 : type === GPU_CMD_RESOURCE_FLUSH ? 40 : 24, true);
    if (type === GPU_CMD_SET_SCANOUT) return this.#setScanout(command, id);
    const resource = this.#resources.get(id);
    if (resource === undefined) return GPU_RESP_ERR_INVALID_RESOURCE_ID;
    switch (type) {
      case GPU_CMD_RESOURCE_UNREF: return this.#unref(resource);
      case GPU_CMD_RESOURCE_FLUSH: return this.#flush(resource, rectangleAt(command, 24));
      case GPU_CMD_TRANSFER_TO_HOST_2D: return this.#transfer(resource, rectangleAt(command, 24), command.getUint32(40, true) + command.getUint32(44, true) * 2 ** 32);
      case GPU_CMD_RESOURCE_ATTACH_BACKING: return this.#attach(resource, command);
      default: return resource.detach() ? GPU_RESP_OK_NODATA : GPU_RESP_ERR_UNSPEC;
    }
  }

  #create(command: DataView): number {
    const id = command.getUint32(24, true), format = command.getUint32(28, true), width = command.getUint32(32, true), height = command.getUint32(36, true);
    if (id === 0 || this.#resources.has(id)) return GPU_RESP_ERR_INVALID_RESOURCE_ID;
    if (channelsOf(format) === undefined || width === 0 || height === 0 || width > MAX_SIDE || height > MAX_SIDE) return GPU_RESP_ERR_INVALID_PARAMETER;
    const bytes = width * height * 4;
    if (this.#bytes + bytes > MAX_BYTES) return GPU_RESP_ERR_OUT_OF_MEMORY;
    this.#bytes += bytes;
    this.#resources.set(id, new Resource(id, format, width, height));
    return GPU_RESP_OK_NODATA;
  }

  #unref(resource: Resource): number {
    this.#resources.delete(resource.id);
    this.#bytes -= resource.pixels.length;
    if (this.screen.resource === resource) this.screen.blank();
    return GPU_RESP_OK_NODATA;
  }

  #setScanout(command: DataView, id: number): number {
    if (command.getUint32(40, true) !== 0) return GPU_RESP_ERR_INVALID_SCANOUT_ID;
    if (id === 0) {
      this.screen.blank();
      return GPU_RESP_OK_NODATA;
    }
    const resource = this.#resources.get(id), r = rectangleAt(command, 24);
    if (resource === undefined) return GPU_RESP_ERR_INVALID_RESOURCE_ID;
    if (!resource.holds(r)) return GPU_RESP_ERR_INVALID_PARAMETER;
    this.screen.show(resource, r);
    return GPU_RESP_OK_NODATA;
  }

  #flush(resource: Resource, r: Rectangle): number {
    if (!resource.holds(r)) return GPU_RESP_ERR_INVALID_PARAMETER;
    if (resource === this.screen.resource) this.frames++;
    return GPU_RESP_OK_NODATA;
  }

  #transfer(resource: Resource, r: Rectangle, offset: number): number {
    if (!resource.holds(r) || !resource.fill(this.ram, r, offset)) return GPU_RESP_ERR_INVALID_PARAMETER;
    return GPU_RESP_OK_NODATA;
  }

  #attach(resource: Resource, command: DataView): number {
    const count = command.getUint32(28, true);
    if (count === 0 || count > MAX_ENTRIES || command.byteLength < 32 + count * GPU_ENTRY_BYTES) return GPU_RESP_ERR_INVALID_PARAMETER;
    const addresses: number[] = [], lengths: number[] = [];
    for (let at = 32; addresses.length < count; at += GPU_ENTRY_BYTES) {
      const addr = command.getUint32(at, true) + command.getUint32(at + 4, true) * 2 ** 32, length = command.getUint32(at + 8, true);
      if (addr + length > this.ram.size) return GPU_RESP_ERR_INVALID_PARAMETER;
      addresses.push(addr);
      lengths.push(length);
    }
    return resource.attach(addresses, lengths) ? GPU_RESP_OK_NODATA : GPU_RESP_ERR_UNSPEC;
  }

  /** struct virtio_gpu_resp_display_info: one of sixteen displays is there. */
  #displayInfo(): Uint8Array {
    const answer = new Uint8Array(GPU_HEADER_BYTES + GPU_MAX_SCANOUTS * GPU_DISPLAY_BYTES);
    const view = new DataView(answer.buffer, GPU_HEADER_BYTES);
    view.setUint32(8, this.width, true);
    view.setUint32(12, this.height, true);
    view.setUint32(16, 1, true);
    return answer;
  }

  /** The cursor's queue has no answers: what is wrong has no effect. */
  #cursor(command: DataView): void {
    const type = command.getUint32(0, true);
    if (command.byteLength < CURSOR_COMMAND || command.getUint32(24, true) !== 0) return;
    const { cursor } = this.screen;
    if (type === GPU_CMD_UPDATE_CURSOR) cursor.take(this.#resources.get(command.getUint32(40, true)), command.getUint32(44, true), command.getUint32(48, true));
    if (type === GPU_CMD_UPDATE_CURSOR || type === GPU_CMD_MOVE_CURSOR) cursor.move(command.getInt32(28, true), command.getInt32(32, true));
  }
}

/** What a command must have at least. */
const COMMAND_BYTES: Readonly<Record<number, number>> = {
  [GPU_CMD_RESOURCE_CREATE_2D]: 40, [GPU_CMD_RESOURCE_UNREF]: 32, [GPU_CMD_SET_SCANOUT]: 48, [GPU_CMD_RESOURCE_FLUSH]: 48, [GPU_CMD_TRANSFER_TO_HOST_2D]: 56,
  [GPU_CMD_RESOURCE_ATTACH_BACKING]: 32, [GPU_CMD_RESOURCE_DETACH_BACKING]: 32,
};

const rectangleAt = (v: DataView, at: number): Rectangle =>
  ({ x: v.getUint32(at, true), y: v.getUint32(at + 4, true), width: v.getUint32(at + 8, true), height: v.getUint32(at + 12, true) });
