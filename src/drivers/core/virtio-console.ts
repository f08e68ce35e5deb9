// Core of the virtio console (virtio 1.2, 5.3): ports that come and go, one buffer a direction for each that is open. What the bytes mean is the front's
// business. A receive buffer is with the device, or with the front; so is a transmit buffer.
import { EIO, ENODEV, ENOMEM, type Errno, isErr } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import {
  CONSOLE_CONTROL_RX, CONSOLE_CONTROL_TX, CONSOLE_DEVICE_ADD, CONSOLE_DEVICE_READY, CONSOLE_DEVICE_REMOVE, CONSOLE_F_MULTIPORT, CONSOLE_F_SIZE,
  CONSOLE_PORT_OPEN, CONSOLE_PORT_READY, CONSOLE_RESIZE, consoleRxQueue,
} from '../../machine/registers.ts';
import { VirtioCore } from './virtio.ts';
import type { VirtQueue } from './virtqueue.ts';

/** open(port, directions): the guest opens it. `args`: DMA addresses of receive and transmit buffer. ENOMEM: it was closed again at once. */
export const CONSOLE_OPEN = 0;
/** close(port): what is on its way out gets there, then the device takes the port away. */
export const CONSOLE_CLOSE = 1;
/** receive(port): the receive buffer goes to the device, which may fill it at once. */
export const CONSOLE_RECEIVE = 2;
/** transmit(port, length): so many bytes of the transmit buffer. */
export const CONSOLE_TRANSMIT = 3;
/** Directions of `open`. */
export const CONSOLE_IN = 1, CONSOLE_OUT = 2;
/** Events (port, ...): it is there; it is gone; the host has it open (1) or not (0); `length` bytes received; all bytes transmitted. */
export const CONSOLE_ADDED = 0, CONSOLE_REMOVED = 1, CONSOLE_HOST = 2, CONSOLE_RECEIVED = 3, CONSOLE_TRANSMITTED = 4;
/** Events: the terminal is (columns, rows) big; all ports that there are have been announced. */
export const CONSOLE_SIZE = 5, CONSOLE_ALL = 6;
/** Bytes of a port's buffer. */
export const CONSOLE_BUFFER_ORDER = 2;
export const CONSOLE_BUFFER = PAGE_SIZE << CONSOLE_BUFFER_ORDER;

const CONTROL_BUFFERS = 16;
const CONTROL_BYTES = PAGE_SIZE / CONTROL_BUFFERS / 2;
const PORT_QUEUE_SIZE = 2;

class Port {
  readonly rx: VirtQueue;
  readonly tx: VirtQueue;
  isThere = true;
  /** Buffers; -1: none. An output stream never gives the device a receive buffer. */
  input = -1;
  output = -1;
  isReceiving = false;
  isTransmitting = false;

  constructor(rx: VirtQueue, tx: VirtQueue) {
    this.rx = rx;
    this.tx = tx;
  }
}

export class VirtioConsoleCore extends VirtioCore {
  private rx: VirtQueue | null = null;
  private tx: VirtQueue | null = null;
  /** Lower half of a page: control messages from the device; the rest: to it. */
  private control = 0;
  /** By number. A port that comes again has its queues already. */
  private readonly ports = new Map<number, Port>();

  override start(): 0 | Errno {
    const { virtio, port } = this;
    const r = virtio.start(CONSOLE_F_SIZE | CONSOLE_F_MULTIPORT);
    if (r !== 0) return r;
    if ((virtio.features & CONSOLE_F_MULTIPORT) === 0) return virtio.give(ENODEV);
    const rx = virtio.queue(CONSOLE_CONTROL_RX, CONTROL_BUFFERS);
    if (isErr(rx)) return virtio.give(rx);
    const tx = virtio.queue(CONSOLE_CONTROL_TX, CONTROL_BUFFERS);
    if (isErr(tx)) return virtio.give(tx);
    this.control = port.allocDma(0);
    if (this.control < 0) return virtio.give(ENOMEM);
    this.rx = rx;
    this.tx = tx;
    virtio.ready();
    for (let i = 0; i < CONTROL_BUFFERS; i++) this.postControl(i);
    rx.notify();
    this.send(0, CONSOLE_DEVICE_READY, 1);
    this.used();
    port.event(CONSOLE_ALL, 0, 0, 0, 0);
    return 0;
  }

  override call(op: typeof CONSOLE_OPEN | typeof CONSOLE_CLOSE | typeof CONSOLE_RECEIVE | typeof CONSOLE_TRANSMIT, id: number, a: number): number {
    const port = this.ports.get(id);
    if (port === undefined || !port.isThere) return ENODEV;
    switch (op) {
      case CONSOLE_OPEN: return this.open(id, port, a);
      case CONSOLE_CLOSE: return this.close(id);
      case CONSOLE_RECEIVE: return this.receive(id, port);
      case CONSOLE_TRANSMIT: return this.transmit(id, port, a);
    }
  }

  protected override used(): void {
    this.reapControl();
    for (const [id, port] of this.ports) if (port.isThere) this.reap(id, port);
  }

  // --- data ----------------------------------------------------------------------------------------------------------------------------

  private open(id: number, port: Port, directions: number): number {
    const { args } = this.port;
    if ((directions & CONSOLE_IN) !== 0 && port.input < 0) port.input = this.port.allocDma(CONSOLE_BUFFER_ORDER);
    if ((directions & CONSOLE_OUT) !== 0 && port.output < 0) port.output = this.port.allocDma(CONSOLE_BUFFER_ORDER);
    const isShort = ((directions & CONSOLE_IN) !== 0 && port.input < 0) || ((directions & CONSOLE_OUT) !== 0 && port.output < 0);
    this.send(id, CONSOLE_PORT_OPEN, 1);
    if (isShort) this.send(id, CONSOLE_PORT_OPEN, 0);
    args[0] = port.input;
    args[1] = port.output;
    return isShort ? ENOMEM : 0;
  }

  private close(id: number): number {
    this.send(id, CONSOLE_PORT_OPEN, 0);
    this.used();
    return 0;
  }

  private receive(id: number, port: Port): number {
    if (port.input < 0 || port.isReceiving) return EIO;
    port.isReceiving = true;
    port.rx.add(port.input, CONSOLE_BUFFER, 'in');
    port.rx.submit(0);
    port.rx.notify();
    this.reap(id, port);
    return 0;
  }

  private transmit(id: number, port: Port, length: number): number {
    if (port.output < 0 || port.isTransmitting || !(length > 0 && length <= CONSOLE_BUFFER)) return EIO;
    port.isTransmitting = true;
    port.tx.add(port.output, length, 'out');
    port.tx.submit(0);
    port.tx.notify();
    this.reap(id, port);
    return 0;
  }

  private reap(id: number, port: Port): void {
    if (port.rx.poll() >= 0) {
      port.isReceiving = false;
      this.port.event(CONSOLE_RECEIVED, id, port.rx.usedLength, 0, 0);
    }
    if (port.tx.poll() >= 0) {
      port.isTransmitting = false;
      this.port.event(CONSOLE_TRANSMITTED, id, 0, 0, 0);
    }
    if (port.rx.badUsed + port.tx.badUsed > 0) this.port.broken('the device used what it was not given');
  }

  // --- control -------------------------------------------------------------------------------------------------------------------------

  private reapControl(): void {
    const rx = this.rx!;
    let any = false;
    for (let i = rx.poll(); i >= 0; i = rx.poll()) {
      const at = this.control + i * CONTROL_BYTES, length = rx.usedLength;
      if (length >= 8) this.message(at, length);
      this.postControl(i);
      any = true;
    }
    if (any) rx.notify();
    if (rx.badUsed > 0) this.port.broken('the device used what it was not given');
    // The notification may have brought more.
    if (any) this.reapControl();
  }

  /** struct virtio_console_control: le32 id, le16 event, le16 value, and what the event adds. */
  private message(at: number, length: number): void {
    const { u16, u32 } = this.port.memory;
    const id = u32[at >>> 2]!, event = u16[(at + 4) >>> 1]!, value = u16[(at + 6) >>> 1]!;
    const port = this.ports.get(id);
    if (event === CONSOLE_DEVICE_ADD) {
      if (port?.isThere !== true) this.add(id, port);
    } else if (port?.isThere !== true) {
      return;
    } else if (event === CONSOLE_DEVICE_REMOVE) {
      this.remove(id, port);
    } else if (event === CONSOLE_PORT_OPEN) {
      this.reap(id, port);
      this.port.event(CONSOLE_HOST, id, value === 1 ? 1 : 0, 0, 0);
    } else if (event === CONSOLE_RESIZE && id === 0 && length >= 12) {
      this.port.event(CONSOLE_SIZE, u16[(at + 8) >>> 1]!, u16[(at + 10) >>> 1]!, 0, 0);
    }
  }

  private add(id: number, known: Port | undefined): void {
    const port = known ?? this.makePort(id);
    if (isErr(port)) {
      this.port.log(`no memory for port ${id}`);
      this.send(id, CONSOLE_PORT_READY, 0);
      return;
    }
    port.isThere = true;
    this.port.event(CONSOLE_ADDED, id, 0, 0, 0);
    this.send(id, CONSOLE_PORT_READY, 1);
  }

  private makePort(id: number): Port | Errno {
    const rx = this.virtio.queue(consoleRxQueue(id), PORT_QUEUE_SIZE);
    if (isErr(rx)) return rx;
    const tx = this.virtio.queue(consoleRxQueue(id) + 1, PORT_QUEUE_SIZE);
    if (isErr(tx)) return tx;
    const port = new Port(rx, tx);
    this.ports.set(id, port);
    return port;
  }

  /** The device has given its buffers back. */
  private remove(id: number, port: Port): void {
    this.reap(id, port);
    port.isThere = false;
    // A buffer that the device keeps is never used again.
    if (port.input >= 0 && !port.isReceiving) this.port.freeDma(port.input, CONSOLE_BUFFER_ORDER);
    if (port.output >= 0 && !port.isTransmitting) this.port.freeDma(port.output, CONSOLE_BUFFER_ORDER);
    port.input = port.output = -1;
    this.port.event(CONSOLE_REMOVED, id, 0, 0, 0);
  }

  private send(id: number, event: number, value: number): void {
    const { u16, u32 } = this.port.memory;
    const tx = this.tx!;
    const at = this.control + PAGE_SIZE / 2;
    u32[at >>> 2] = id;
    u16[(at + 4) >>> 1] = event;
    u16[(at + 6) >>> 1] = value;
    tx.add(at, 8, 'out');
    tx.submit(0);
    tx.notify();
    if (tx.poll() < 0) this.port.broken('a control message was not taken');
  }

  private postControl(i: number): void {
    this.rx!.add(this.control + i * CONTROL_BYTES, CONTROL_BYTES, 'in');
    this.rx!.submit(i);
  }
}
