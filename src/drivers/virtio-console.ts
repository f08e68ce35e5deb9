// Front of the virtio console: port 0 becomes the terminal /dev/hvc0, the other ports are byte streams of the host that the system layer hands to processes
// as standard streams. The core (core/virtio-console.ts) moves buffers; a core that was started again finds the ports that were open.
import { ENODEV, type Errno, type Fallible, isErr } from '../abi/errno.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import type { OpenFile } from '../kernel/vfs/open-file.ts';
import { consoleRxQueue } from '../machine/registers.ts';
import type { DevicePort, DriverCore } from './core/core.ts';
import {
  CONSOLE_ADDED, CONSOLE_ALL, CONSOLE_HOST, CONSOLE_RECEIVED, CONSOLE_REMOVED, CONSOLE_SIZE, CONSOLE_TRANSMITTED, VirtioConsoleCore,
} from './core/virtio-console.ts';
import { hostInput, hostOutput } from './host-stream.ts';
import { DriverFront } from './placement/front.ts';
import { QueueShadow } from './placement/queue-shadow.ts';
import { type Use, VirtioPort } from './virtio-port.ts';

/** Takes the device into service. */
export function startVirtioConsole(device: PlatformDevice): VirtioConsoleDriver | Errno {
  const front = new VirtioConsoleDriver(device);
  const r = front.link.start();
  return r !== 0 ? r : front;
}

/** Who gets the terminal port. */
export abstract class TerminalSink {
  abstract attach(driver: VirtioConsoleDriver, port: VirtioPort): void;
  abstract resized(columns: number, rows: number): void;
}

/** More ports than this are no console's. */
const MAX_PORTS = 65_536;

export class VirtioConsoleDriver extends DriverFront {
  override readonly name = 'virtio-console';
  readonly ports = new Map<number, VirtioPort>();
  private readonly shadow = new QueueShadow();
  private terminal: TerminalSink | null = null;
  private size = { columns: 0, rows: 0 };

  override createCore(port: DevicePort): DriverCore { return new VirtioConsoleCore(port); }

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
    return direction === 'input' ? hostInput(kernel, port) : hostOutput(kernel, port);
  }

  openPort(port: VirtioPort, use: Use): 0 | Errno {
    const r = port.open(use);
    if (isErr(r)) this.device.log(`no memory for port ${port.id}`);
    return r;
  }

  override event(kind: number, id: number, value: number): void {
    const port = this.ports.get(id);
    switch (kind) {
      case CONSOLE_ADDED: this.added(id, port); break;
      case CONSOLE_REMOVED: if (port !== undefined) this.remove(port); break;
      case CONSOLE_HOST: port?.setHostOpen(value === 1); break;
      case CONSOLE_RECEIVED:
        this.shadow.told(consoleRxQueue(id));
        port?.received(value);
        break;
      case CONSOLE_TRANSMITTED:
        this.shadow.told(consoleRxQueue(id) + 1);
        port?.transmitted();
        break;
      case CONSOLE_SIZE: this.resized(id & 0xffff, value & 0xffff); break;
      case CONSOLE_ALL: for (const p of this.ports.values()) if (!p.isThere) this.remove(p); break;
      default:
    }
  }

  // --- failure and removal -------------------------------------------------------------------------------------------------------------

  override registerWritten(offset: number, value: number): void { this.shadow.written(offset, value); }

  override coreEnds(): void {
    for (const port of this.ports.values()) port.coreEnds();
    this.shadow.clear();
  }

  /** The core has asked for the ports already: CONSOLE_ADDED comes for each. */
  override restarted(): 0 { return 0; }

  /** Every port hangs up; who has one open reads what had come, then the end, and writes EPIPE. */
  override gone(): void {
    for (const port of this.ports.values()) port.setHostOpen(false);
    this.ports.clear();
  }

  // --- ports ---------------------------------------------------------------------------------------------------------------------------

  private added(id: number, known: VirtioPort | undefined): void {
    if (known !== undefined) return known.found();
    if (!(Number.isInteger(id) && id >= 0 && id < MAX_PORTS)) return;
    const port = new VirtioPort(id, this.link, this.shadow);
    this.ports.set(id, port);
    if (id === 0 && this.terminal !== null) this.attachTerminal(port);
  }

  private remove(port: VirtioPort): void {
    this.ports.delete(port.id);
    port.removed();
  }

  private resized(columns: number, rows: number): void {
    this.size = { columns, rows };
    this.terminal?.resized(columns, rows);
  }

  private attachTerminal(port: VirtioPort): void {
    this.terminal!.attach(this, port);
    this.terminal!.resized(this.size.columns, this.size.rows);
  }
}
