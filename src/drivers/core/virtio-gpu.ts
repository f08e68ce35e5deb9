// Core of the virtio GPU (virtio 1.2, 5.7), as much of it as a frame buffer needs: one picture, a part of which is shown. Its memory is given to the device for the time of
// an update only, so that an isolated driver needs no more pages than one update has. One operation is under way at a time; its end is an event.
import { EBUSY, EIO, EINVAL, ENOMEM, type Errno, isErr } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import {
  GPU_CMD_GET_DISPLAY_INFO, GPU_CMD_RESOURCE_ATTACH_BACKING, GPU_CMD_RESOURCE_CREATE_2D, GPU_CMD_RESOURCE_DETACH_BACKING, GPU_CMD_RESOURCE_FLUSH, GPU_CMD_SET_SCANOUT,
  GPU_CMD_TRANSFER_TO_HOST_2D, GPU_CONTROL, GPU_DISPLAY_BYTES, GPU_ENTRY_BYTES, GPU_FORMAT_B8G8R8X8, GPU_HEADER_BYTES, GPU_MAX_SCANOUTS, GPU_RESP_OK_DISPLAY_INFO,
  GPU_RESP_OK_NODATA,
} from '../../machine/registers.ts';
import { VirtioCore } from './virtio.ts';
import type { VirtQueue } from './virtqueue.ts';

/** info(): the display's preferred width and height into args[0] and args[1]; EIO: there is none, or it does not answer at once. */
export const GPU_INFO = 0;
/** create(width, height): the picture, black. */
export const GPU_CREATE = 1;
/** show(x, y, width, height): this part of the picture is on the display; width 0: nothing is. */
export const GPU_SHOW = 2;
/** update(first line, lines, line bytes, entries): new contents of whole lines; address and length of each piece in `args`. */
export const GPU_UPDATE = 3;
/** Event (0 or EIO): the operation has ended. */
export const GPU_DONE = 0;
/** Pieces of memory that an update can have. */
export const GPU_MAX_ENTRIES = 120;

const RESOURCE = 1;
const QUEUE_SIZE = 16;
/** Commands of an operation; each has so much room for itself, and so much for its answer. The one with entries is the first. */
const MAX_COMMANDS = 4;
const FIRST_BYTES = 32 + GPU_MAX_ENTRIES * GPU_ENTRY_BYTES, COMMAND_BYTES = 64, ANSWER_BYTES = 64;
const INFO_BYTES = GPU_HEADER_BYTES + GPU_MAX_SCANOUTS * GPU_DISPLAY_BYTES;
const OTHERS_AT = Math.ceil(FIRST_BYTES / 64) * 64, ANSWERS_AT = OTHERS_AT + (MAX_COMMANDS - 1) * COMMAND_BYTES, INFO_AT = ANSWERS_AT + MAX_COMMANDS * ANSWER_BYTES;
const ENTRIES_AT = 32, RECTANGLE_AT = GPU_HEADER_BYTES;

export class VirtioGpuCore extends VirtioCore {
  private queue: VirtQueue | null = null;
  private buffer = 0;
  /** Commands of the operation under way: prepared, and not answered yet. */
  private prepared = 0;
  private waiting = 0;
  private isWrong = false;

  override start(): 0 | Errno {
    const { virtio, port } = this;
    const r = virtio.start(0);
    if (r !== 0) return r;
    const queue = virtio.queue(GPU_CONTROL, QUEUE_SIZE);
    if (isErr(queue)) return virtio.give(queue);
    this.buffer = INFO_AT + INFO_BYTES <= PAGE_SIZE ? port.allocDma(0) : -1;
    if (this.buffer < 0) return virtio.give(ENOMEM);
    this.queue = queue;
    virtio.ready();
    return 0;
  }

  override call(op: typeof GPU_INFO | typeof GPU_CREATE | typeof GPU_SHOW | typeof GPU_UPDATE, a: number, b: number, c: number, d: number): number {
    if (this.waiting > 0) return EBUSY;
    this.prepared = 0;
    this.isWrong = false;
    switch (op) {
      case GPU_INFO: return this.info();
      case GPU_CREATE:
        this.words(this.command(GPU_CMD_RESOURCE_CREATE_2D), RESOURCE, GPU_FORMAT_B8G8R8X8, a, b);
        break;
      case GPU_SHOW:
        this.words(this.command(GPU_CMD_SET_SCANOUT), a, b, c, d, 0, c === 0 ? 0 : RESOURCE);
        if (c > 0) this.words(this.command(GPU_CMD_RESOURCE_FLUSH), a, b, c, d, RESOURCE, 0);
        break;
      case GPU_UPDATE:
        if (!(d > 0 && d <= GPU_MAX_ENTRIES)) return EINVAL;
        this.update(a, b, c, d);
    }
    this.run();
    return 0;
  }

  /** Pieces of memory are the picture for a moment, from the first line on. */
  private update(first: number, lines: number, lineBytes: number, entries: number): void {
    const { args, memory: { u32 } } = this.port;
    const width = lineBytes / 4;
    const at = this.command(GPU_CMD_RESOURCE_ATTACH_BACKING);
    this.words(at, RESOURCE, entries);
    for (let i = 0, w = (at + ENTRIES_AT) >>> 2; i < entries; i++, w += GPU_ENTRY_BYTES / 4) {
      u32[w] = args[2 * i]!;
      u32[w + 1] = 0;
      u32[w + 2] = args[2 * i + 1]!;
      u32[w + 3] = 0;
    }
    // The pieces begin with that line: its place in the backing is 0.
    this.words(this.command(GPU_CMD_TRANSFER_TO_HOST_2D), 0, first, width, lines, 0, 0, RESOURCE, 0);
    this.words(this.command(GPU_CMD_RESOURCE_DETACH_BACKING), RESOURCE, 0);
    this.words(this.command(GPU_CMD_RESOURCE_FLUSH), 0, first, width, lines, RESOURCE, 0);
  }

  private info(): number {
    const { args, memory: { u32 } } = this.port;
    const queue = this.queue!;
    const at = this.command(GPU_CMD_GET_DISPLAY_INFO), answer = this.buffer + INFO_AT;
    queue.add(at, GPU_HEADER_BYTES, 'out');
    queue.add(answer, INFO_BYTES, 'in');
    queue.submit(0);
    queue.notify();
    if (queue.poll() < 0 || queue.usedLength < INFO_BYTES || u32[answer >>> 2] !== GPU_RESP_OK_DISPLAY_INFO || u32[(answer + RECTANGLE_AT + 16) >>> 2] === 0) return EIO;
    args[0] = u32[(answer + RECTANGLE_AT + 8) >>> 2]!;
    args[1] = u32[(answer + RECTANGLE_AT + 12) >>> 2]!;
    return 0;
  }

  // --- commands --------------------------------------------------------------------------------------------------------------------------

  /** The header of the next command: its address. */
  private command(type: number): number {
    const { u32 } = this.port.memory;
    const at = this.buffer + (this.prepared === 0 ? 0 : OTHERS_AT + (this.prepared - 1) * COMMAND_BYTES);
    u32.fill(0, at >>> 2, (at + GPU_HEADER_BYTES) >>> 2);
    u32[at >>> 2] = type;
    this.prepared++;
    return at;
  }

  private words(command: number, ...values: readonly number[]): void { this.port.memory.u32.set(values, (command + GPU_HEADER_BYTES) >>> 2); }

  /** All that was prepared goes to the device. */
  private run(): void {
    const queue = this.queue!;
    const { u32 } = this.port.memory;
    for (let i = 0; i < this.prepared; i++) {
      const answer = this.buffer + ANSWERS_AT + i * ANSWER_BYTES;
      u32[answer >>> 2] = 0;
      queue.add(this.buffer + (i === 0 ? 0 : OTHERS_AT + (i - 1) * COMMAND_BYTES), i === 0 ? FIRST_BYTES : COMMAND_BYTES, 'out');
      queue.add(answer, GPU_HEADER_BYTES, 'in');
      queue.submit(i);
    }
    this.waiting = this.prepared;
    queue.interrupts('off');
    queue.notify();
    this.used();
    queue.interrupts('on');
    this.used();
  }

  protected override used(): void {
    const queue = this.queue!;
    if (this.waiting === 0) return;
    for (let i = queue.poll(); i >= 0; i = queue.poll()) {
      if (this.port.memory.u32[(this.buffer + ANSWERS_AT + i * ANSWER_BYTES) >>> 2] !== GPU_RESP_OK_NODATA) this.isWrong = true;
      this.waiting--;
    }
    if (queue.badUsed > 0) this.port.broken('the device used what it was not given');
    else if (this.waiting === 0) this.port.event(GPU_DONE, this.isWrong ? EIO : 0, 0, 0, 0);
  }
}
