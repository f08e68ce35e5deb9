// Driver of the virtio console (virtio 1.2, 5.3): port 0 becomes the terminal /dev/hvc0, the other ports are byte streams of the host that the
// system layer hands to processes as standard streams.
import { ENODEV, ENOMEM, type Errno, type Fallible, isErr } from '../abi/errno.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import type { OpenFile } from '../kernel/vfs/open-file.ts';
import { latin1Decode } from '../lib/utf8.ts';
import { PAGE_SIZE } from '../machine/machine.ts';
import {
  CONSOLE_CONTROL_RX, CONSOLE_CONTROL_TX, CONSOLE_DEVICE_ADD, CONSOLE_DEVICE_READY, CONSOLE_DEVICE_REMOVE, CONSOLE_F_MULTIPORT, CONSOLE_F_SIZE,
  CONSOLE_PORT_NAME, CONSOLE_PORT_OPEN, CONSOLE_PORT_READY, CONSOLE_RESIZE, consoleRxQueue,
} from '../machine/registers.ts';
import { hostInput, hostOutput } from './host-stream.ts';
import type { VirtioMmio } from './core/virtio.ts';
import { VirtioDriverState } from './virtio/device.ts';
import { type Use, VirtioPort } from './virtio/port.ts';
import type { VirtQueue } from './core/virtqueue.ts';

const CONTROL_BUFFERS = 16;
const CONTROL_BYTES = PAGE_SIZE / CONTROL_BUFFERS / 2;
const PORT_QUEUE_SIZE = 2;

/** Takes the device into service. */
export function startVirtioConsole(device: PlatformDevice, virtio: VirtioMmio): VirtioConsoleDriver | Errno {
  const r = virtio.start(CONSOLE_F_SIZE | CONSOLE_F_MULTIPORT);
  if (r !== 0) return r;
  if ((virtio.features & CONSOLE_F_MULTIPORT) === 0) return virtio.give(ENODEV);
  const rx = virtio.queue(CONSOLE_CONTROL_RX, CONTROL_BUFFERS);
  if (isErr(rx)) return virtio.give(rx);
  const tx = virtio.queue(CONSOLE_CONTROL_TX, CONTROL_BUFFERS);
  if (isErr(tx)) return virtio.give(tx);
  const buffers = device.allocDma(0);
  if (buffers < 0) return virtio.give(ENOMEM);
  const driver = new VirtioConsoleDriver(device, virtio, rx, tx, buffers);
  device.connect(driver);
  virtio.ready();
  driver.start();
  return driver;
}

/** Who gets the terminal port. */
export abstract class TerminalSink {
  abstract attach(driver: VirtioConsoleDriver, port: VirtioPort): void;
  abstract resized(columns: number, rows: number): void;
}

export class VirtioConsoleDriver extends VirtioDriverState {
  readonly ports = new Map<number, VirtioPort>();
  private readonly device: PlatformDevice;
  private readonly rx: VirtQueue;
  private readonly tx: VirtQueue;
  /** Lower half of a frame: control messages from the device; the rest: to it. */
  private readonly buffers: number;
  /** Queues of ports that existed once; a port that comes again reuses them. */
  private readonly queues = new Map<number, { rx: VirtQueue; tx: VirtQueue }>();
  private isGone = false;
  private terminal: TerminalSink | null = null;
  private size = { columns: 0, rows: 0 };

  constructor(device: PlatformDevice, virtio: VirtioMmio, rx: VirtQueue, tx: VirtQueue, buffers: number) {
    super(virtio);
    this.device = device;
    this.rx = rx;
    this.tx = tx;
    this.buffers = buffers;
  }

  start(): void {
    for (let i = 0; i < CONTROL_BUFFERS; i++) this.postControl(i);
    this.rx.notify();
    this.send(0, CONSOLE_DEVICE_READY, 1);
    this.used();
  }

  /** The terminal port, present or to come, belongs to `sink`. */
  setTerminal(sink: TerminalSink): void {
    this.terminal = sink;
    const port = this.ports.get(0);
    if (port !== undefined) this.attachTerminal(port);
  }

  /** The stream of port `id` as an open file: what a process gets as its standard input or output. The port is the caller's from now on. */
  openStream(id: number, direction: 'input' | 'output'): Fallible<OpenFile> {
    const port = this.ports.get(id);
    if (port === undefined || port.guestOpen || id === 0) return ENODEV;
    const r = this.openPort(port, direction === 'input' ? 'read' : 'write');
    if (isErr(r)) return r;
    const { kernel } = this.device;
    return direction === 'input' ? hostInput(kernel, this, port) : hostOutput(kernel, this, port);
  }

  openPort(port: VirtioPort, use: Use): 0 | Errno {
    const r = port.open(use);
    if (isErr(r)) {
      this.device.log(`no memory for port ${port.id}`);
      this.send(port.id, CONSOLE_PORT_OPEN, 1); // and at once closed again: the device takes it away
      this.send(port.id, CONSOLE_PORT_OPEN, 0);
      return r;
    }
    this.send(port.id, CONSOLE_PORT_OPEN, 1);
    port.post();
    return 0;
  }

  /** The guest is done with it. What is still on its way out gets there; then the device removes the port. */
  closePort(port: VirtioPort): void {
    port.guestOpen = false;
    if (this.isGone) return;
    this.send(port.id, CONSOLE_PORT_OPEN, 0);
    this.used();
  }

  /** Every port hangs up; who has one open reads the end and writes EPIPE. */
  override removed(): void {
    this.isGone = true;
    this.virtio.reset();
    for (const port of this.ports.values()) port.setHostOpen(false);
    this.ports.clear();
  }

  protected override used(): void {
    this.reapControl();
    for (const port of this.ports.values()) port.used();
  }

  // --- control -------------------------------------------------------------------------------------------------------------------------

  private reapControl(): void {
    const { u8 } = this.device.kernel.machine.ram;
    let any = false;
    for (let i = this.rx.poll(); i >= 0; i = this.rx.poll()) {
      const at = this.buffers + i * CONTROL_BYTES;
      const message = u8.slice(at, at + this.rx.usedLength);
      this.postControl(i);
      any = true;
      if (message.length >= 8) this.receive(message);
    }
    if (any) this.rx.notify();
  }

  private receive(message: Uint8Array): void {
    const view = new DataView(message.buffer);
    const id = view.getUint32(0, true), event = view.getUint16(4, true), value = view.getUint16(6, true);
    const port = this.ports.get(id);
    if (event === CONSOLE_DEVICE_ADD) {
      if (port === undefined) this.add(id);
    } else if (port === undefined) {
      return;
    } else if (event === CONSOLE_DEVICE_REMOVE) {
      this.ports.delete(id);
      port.free();
    } else if (event === CONSOLE_PORT_OPEN) {
      port.setHostOpen(value === 1);
    } else if (event === CONSOLE_PORT_NAME) {
      port.name = latin1Decode(message, 8);
    } else if (event === CONSOLE_RESIZE && id === 0 && message.length >= 12) {
      this.size = { columns: view.getUint16(8, true), rows: view.getUint16(10, true) };
      this.terminal?.resized(this.size.columns, this.size.rows);
    }
  }

  private add(id: number): void {
    const port = this.makePort(id);
    this.send(id, CONSOLE_PORT_READY, isErr(port) ? 0 : 1);
    if (isErr(port)) {
      this.device.log(`no memory for port ${id}`);
      return;
    }
    if (id === 0 && this.terminal !== null) this.attachTerminal(port);
  }

  private makePort(id: number): Fallible<VirtioPort> {
    let queues = this.queues.get(id);
    if (queues === undefined) {
      const rx = this.virtio.queue(consoleRxQueue(id), PORT_QUEUE_SIZE);
      if (isErr(rx)) return rx;
      const tx = this.virtio.queue(consoleRxQueue(id) + 1, PORT_QUEUE_SIZE);
      if (isErr(tx)) return tx;
      this.queues.set(id, (queues = { rx, tx }));
    }
    const port = new VirtioPort(id, this.device.kernel.frames, queues.rx, queues.tx);
    this.ports.set(id, port);
    return port;
  }

  private attachTerminal(port: VirtioPort): void {
    this.terminal!.attach(this, port);
    this.terminal!.resized(this.size.columns, this.size.rows);
  }

  private send(id: number, event: number, value: number): void {
    const { u16, u32 } = this.device.kernel.machine.ram;
    const at = this.buffers + PAGE_SIZE / 2;
    u32[at >>> 2] = id;
    u16[(at + 4) >>> 1] = event;
    u16[(at + 6) >>> 1] = value;
    this.tx.add(at, 8, 'out');
    this.tx.submit(0);
    this.tx.notify();
    if (this.tx.poll() < 0) this.device.log('a control message was not taken');
  }

  private postControl(i: number): void {
    this.rx.add(this.buffers + i * CONTROL_BYTES, CONTROL_BYTES, 'in');
    this.rx.submit(i);
  }
}
