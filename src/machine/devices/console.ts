// virtio console (virtio 1.2, 5.3) with ports: port 0 is the terminal, the others are byte streams that come and go (a process' standard streams).
// Flow control both ways: input is asked of the host only when the driver has given a buffer; output that the host does not take stays in the
// queue. The end of an input, and an output that nobody reads any more, are told with PORT_OPEN 0.
import type { BytePort, ConsolePort, PortListener } from '../../host/host.ts';
import { EAGAIN } from '../../abi/errno.ts';
import type { Ram } from '../machine.ts';
import {
  CONSOLE_CONSOLE_PORT, CONSOLE_CONTROL_RX, CONSOLE_CONTROL_TX, CONSOLE_DEVICE_ADD, CONSOLE_DEVICE_READY, CONSOLE_DEVICE_REMOVE,
  CONSOLE_F_MULTIPORT, CONSOLE_F_SIZE, CONSOLE_PORT_NAME, CONSOLE_PORT_OPEN, CONSOLE_PORT_READY, CONSOLE_RESIZE, consoleRxQueue, ID_CONSOLE,
} from '../registers.ts';
import type { IrqLine } from './mmio-bus.ts';
import { VirtioDevice } from './virtio/mmio.ts';
import { Chain } from './virtio/queue.ts';

/** Ports, the terminal included: three for each process that the host starts with streams. */
export const MAX_PORTS = 1024;
const QUEUE_SIZE = 16;
const CONTROL_QUEUE_SIZE = 32;
/** Control messages kept for a driver that gives no buffers but asks on. */
const MAX_MESSAGES = 8 * MAX_PORTS;

export class VirtioConsole extends VirtioDevice {
  readonly #ports: (Port | null)[] = new Array(MAX_PORTS).fill(null);
  readonly #terminal: ConsolePort | null;
  readonly #chain = new Chain();
  /** Control messages that wait for buffers of the driver. */
  readonly #messages: Uint8Array[] = [];
  #driverReady = false;

  /** `terminal`: what stands behind port 0; null: the machine has no terminal, and port 0 does not exist. */
  constructor(ram: Ram, irq: IrqLine, terminal: ConsolePort | null) {
    const queueSizes = new Array<number>(2 + 2 * MAX_PORTS).fill(QUEUE_SIZE);
    queueSizes[CONSOLE_CONTROL_RX] = queueSizes[CONSOLE_CONTROL_TX] = CONTROL_QUEUE_SIZE;
    super(ram, irq, { id: ID_CONSOLE, features: CONSOLE_F_SIZE | CONSOLE_F_MULTIPORT, configBytes: 12, queueSizes });
    this.#terminal = terminal;
    this.config.setUint32(4, MAX_PORTS, true);
    if (terminal !== null) this.#ports[0] = new Port(this, 0, 'console', terminal);
    this.#readSize();
  }

  /** Plugs a stream in: its port number, or -1 when all are in use. It is unplugged once the guest has closed it and its output is written. */
  addPort(name: string, port: BytePort): number {
    const id = this.#ports.indexOf(null, 1);
    if (id < 0) return -1;
    this.#ports[id] = new Port(this, id, name, port);
    if (this.#driverReady) this.#announce(id);
    return id;
  }

  /** Ports in use, without the terminal. */
  get streamCount(): number { return this.#ports.filter((p, i) => p !== null && i > 0).length; }

  protected override notified(index: number): void {
    if (index === CONSOLE_CONTROL_RX) return this.#sendMessages();
    if (index === CONSOLE_CONTROL_TX) return this.#receiveMessages();
    const id = index < 2 ? 0 : (index >>> 1) - 1;
    const port = this.#ports[id] ?? null;
    if (port === null) return;
    if ((index & 1) === 0) this.fillInput(port);
    else this.drainOutput(port);
  }

  protected override onReset(): void {
    this.#driverReady = false;
    this.#messages.length = 0;
    for (const p of this.#ports) p?.reset();
  }

  // --- data ----------------------------------------------------------------------------------------------------------------------------

  /** Moves bytes of the host into the buffers that the driver has given, until one of both runs out. */
  fillInput(port: Port): void {
    const queue = consoleRxQueue(port.id);
    const c = this.#chain;
    while (this.isLive && port.input === 'open' && this.peek(queue, c)) {
      const room = this.ram.u8.subarray(c.writeAddr[0] ?? 0, (c.writeAddr[0] ?? 0) + (c.writeLength[0] ?? 0));
      if (room.length === 0) return this.fail();
      const n = port.host.read(room);
      if (n === EAGAIN) return;
      if (n <= 0) {
        port.input = 'ended';
        if (port.guestOpen) this.#event(port.id, CONSOLE_PORT_OPEN, 0);
        return;
      }
      this.queues[queue]!.take();
      this.done(queue, c, n);
    }
  }

  /** Offers queued output to the host. What it does not take stays, and `writable` comes later. */
  drainOutput(port: Port): void {
    const queue = consoleRxQueue(port.id) + 1;
    const c = this.#chain;
    while (this.isLive && this.peek(queue, c)) {
      const total = c.readBytes;
      while (port.output === 'open' && port.sent < total) {
        const n = port.host.write(this.#unsent(c, port.sent));
        if (n === EAGAIN || n === 0) return;
        if (n < 0) this.#outputBroken(port);
        else port.sent += n;
      }
      port.sent = 0;
      this.queues[queue]!.take();
      this.done(queue, c, 0);
    }
    if (port.closing) this.#unplug(port);
  }

  /** The first stretch of a request that is not written yet. */
  #unsent(c: Chain, sent: number): Uint8Array {
    let skip = sent, i = 0;
    while (skip >= c.readLength[i]!) skip -= c.readLength[i++]!;
    return this.ram.u8.subarray(c.readAddr[i]! + skip, c.readAddr[i]! + c.readLength[i]!);
  }

  #outputBroken(port: Port): void {
    port.output = 'broken';
    if (port.guestOpen && port.id !== 0) this.#event(port.id, CONSOLE_PORT_OPEN, 0);
  }

  // --- control -------------------------------------------------------------------------------------------------------------------------

  #receiveMessages(): void {
    const c = this.#chain;
    const bytes = new Uint8Array(8);
    while (this.next(CONSOLE_CONTROL_TX, c)) {
      const n = c.copyFrom(this.ram, bytes);
      this.done(CONSOLE_CONTROL_TX, c, 0);
      if (n < 8) return this.fail();
      const view = new DataView(bytes.buffer);
      this.#receive(view.getUint32(0, true), view.getUint16(4, true), view.getUint16(6, true));
    }
  }

  #receive(id: number, event: number, value: number): void {
    const port = this.#ports[id] ?? null;
    if (event === CONSOLE_DEVICE_READY) {
      this.#driverReady = value === 1;
      if (this.#driverReady) for (const p of this.#ports) if (p !== null) this.#announce(p.id);
    } else if (port === null) {
      return;
    } else if (event === CONSOLE_PORT_READY && value === 1) {
      if (id === 0) {
        this.#event(0, CONSOLE_CONSOLE_PORT, 1);
        this.#sendSize();
      }
      this.#send(id, CONSOLE_PORT_NAME, 1, port.name);
      this.#event(id, CONSOLE_PORT_OPEN, port.input === 'open' ? 1 : 0);
    } else if (event === CONSOLE_PORT_OPEN) {
      this.#guestOpened(port, value === 1);
    }
  }

  #guestOpened(port: Port, open: boolean): void {
    if (open) {
      port.guestOpen = true;
      port.host.attach(port);
      this.fillInput(port);
    } else if (port.guestOpen && port.id !== 0) {
      port.guestOpen = false;
      port.input = 'ended';
      port.closing = true;
      this.drainOutput(port);
    }
  }

  /** The guest has closed a stream and the host has all of its output. */
  #unplug(port: Port): void {
    if (this.#ports[port.id] !== port) return;
    this.#ports[port.id] = null;
    const queue = consoleRxQueue(port.id);
    while (this.next(queue, this.#chain)) this.done(queue, this.#chain, 0);    // the driver gets its empty buffers back
    port.host.attach(null);
    port.host.close();
    this.#event(port.id, CONSOLE_DEVICE_REMOVE, 1);
  }

  #announce(id: number): void { this.#event(id, CONSOLE_DEVICE_ADD, 1); }

  // --- size ----------------------------------------------------------------------------------------------------------------------------

  sizeChanged(): void {
    this.#readSize();
    this.configChanged();
    if (this.#ports[0]?.guestOpen === true) this.#sendSize();
  }

  #readSize(): void {
    this.config.setUint16(0, this.#terminal?.columns ?? 0, true);
    this.config.setUint16(2, this.#terminal?.rows ?? 0, true);
  }

  #sendSize(): void {
    const { columns, rows } = this.#terminal!;
    this.#send(0, CONSOLE_RESIZE, 0, String.fromCharCode(columns & 255, columns >>> 8 & 255, rows & 255, rows >>> 8 & 255));
  }

  #event(id: number, event: number, value: number): void { this.#send(id, event, value, ''); }

  /** struct virtio_console_control, with what follows it as a binary string. */
  #send(id: number, event: number, value: number, rest: string): void {
    const bytes = new Uint8Array(8 + rest.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, id, true);
    view.setUint16(4, event, true);
    view.setUint16(6, value, true);
    for (let i = 0; i < rest.length; i++) bytes[8 + i] = rest.charCodeAt(i);
    this.#messages.push(bytes);
    if (this.#messages.length > MAX_MESSAGES) return this.fail();
    this.#sendMessages();
  }

  #sendMessages(): void {
    const c = new Chain();
    while (this.isLive && this.#messages.length > 0 && this.next(CONSOLE_CONTROL_RX, c)) {
      this.done(CONSOLE_CONTROL_RX, c, c.copyTo(this.ram, this.#messages.shift()!));
    }
  }
}

/** One port of the device; hears of the host's events between two runs of the hart. */
class Port implements PortListener {
  readonly #device: VirtioConsole;
  readonly id: number;
  readonly name: string;
  readonly host: BytePort;
  guestOpen = false;
  closing = false;
  input: 'open' | 'ended' = 'open';
  output: 'open' | 'broken' = 'open';
  /** Bytes of the first queued output request that the host has taken. */
  sent = 0;

  constructor(device: VirtioConsole, id: number, name: string, host: BytePort) {
    this.#device = device;
    this.id = id;
    this.name = name;
    this.host = host;
  }

  reset(): void {
    this.guestOpen = this.closing = false;
    this.sent = 0;
  }

  readable(): void { this.#device.fillInput(this); }
  writable(): void { this.#device.drainOutput(this); }
  resized(): void { this.#device.sizeChanged(); }
}
