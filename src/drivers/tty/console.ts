// The console: port 0 of the virtio console as a terminal. Input goes through the line discipline, what it refuses stays in the port's buffer.
import type { TtyDrivers } from './devices.ts';
import { TerminalSink, type VirtioConsoleDriver } from '../virtio-console.ts';
import { PortClient, type VirtioPort } from '../virtio-port.ts';
import { receive } from './ldisc.ts';
import { type Tty, TtyPort } from './tty.ts';

/** Waits for the console port and gives it to the terminal drivers. */
export class ConsoleTerminal extends TerminalSink {
  private readonly drivers: TtyDrivers;
  private tty: Tty | null = null;

  constructor(drivers: TtyDrivers) {
    super();
    this.drivers = drivers;
  }

  attach(driver: VirtioConsoleDriver, port: VirtioPort): void {
    const line = new ConsoleLine(driver, port);
    const tty = this.drivers.addConsole(line);
    line.tty = tty;
    port.client = line.client;
    this.tty = tty;
    driver.openPort(port, 'both');
    line.unthrottle();
  }

  resized(columns: number, rows: number): void {
    this.tty?.resize({ rows, columns, xpixel: 0, ypixel: 0 });
  }
}

class ConsoleLine extends TtyPort {
  private readonly driver: VirtioConsoleDriver;
  private readonly port: VirtioPort;
  readonly client: PortClient;
  tty!: Tty;

  constructor(driver: VirtioConsoleDriver, port: VirtioPort) {
    super();
    this.driver = driver;
    this.port = port;
    this.client = new LineClient(this);
  }

  override get isGone(): boolean { return this.driver.link.state === 'ended'; }
  send(bytes: Uint8Array): number { return this.port.hostOpen ? this.port.put(bytes, 0, bytes.length) : bytes.length; }

  /** Offers what has come to the line discipline; the host's end of input hangs the line up. */
  unthrottle(): void {
    const bytes = this.port.peek();
    if (bytes.length > 0) this.port.consume(receive(this.tty, bytes.slice()));
    if (!this.port.hostOpen && this.port.available === 0 && !this.tty.hungUp) this.tty.hangup();
  }
}

class LineClient extends PortClient {
  private readonly line: ConsoleLine;
  constructor(line: ConsoleLine) {
    super();
    this.line = line;
  }
  input(): void { this.line.unthrottle(); }
  output(): void { this.line.tty.writable(); }
}
