// Brings up the devices of a machine: drivers probe, the console port becomes a terminal, and host streams can be opened for processes.
import { isErr } from '../abi/errno.ts';
import { probeDevices as probe, type Devices as Found } from '../drivers/probe.ts';
import { ConsoleTerminal } from '../drivers/tty/console.ts';
import { TtyDrivers } from '../drivers/tty/devices.ts';
import type { BytePort } from '../host/host.ts';
import type { FuseTransport } from '../kernel/device/fuse-transport.ts';
import type { Placements } from '../kernel/device/manager.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { OpenFile } from '../kernel/vfs/open-file.ts';
import type { Board } from '../machine/board.ts';

/** How often a stopping machine looks whether its output has been taken. */
const FLUSH_POLL_MS = 2;
const FLUSH_POLLS = 1000;

export class Devices {
  readonly #kernel: Kernel;
  readonly #found: Found;

  constructor(kernel: Kernel, found: Found) {
    this.#kernel = kernel;
    this.#found = found;
  }

  /** virtio-fs devices by tag. */
  get fuse(): ReadonlyMap<string, FuseTransport> { return this.#found.fuse; }

  /** Plugs a host stream into the console device and opens what appears in the guest; null when all ports are in use. */
  openPort(board: Board, name: string, port: BytePort, use: 'read' | 'write'): OpenFile | null {
    const id = board.console.addPort(name, port);
    if (id < 0) return null;
    this.#kernel.interrupts?.dispatch();
    const file = this.#found.console?.openStream(id, use === 'read' ? 'input' : 'output');
    return file === undefined || isErr(file) ? null : file;
  }

  /** Waits, within reason, until the host has taken all output of closed streams. */
  async flush(board: Board): Promise<void> {
    for (let i = 0; i < FLUSH_POLLS && board.console.streamCount > 0; i++) {
      if (board.interruptPending) this.#kernel.interrupts?.dispatch();
      if (board.console.streamCount === 0) return;
      await new Promise(resolve => { setTimeout(resolve, FLUSH_POLL_MS); });
    }
  }
}

export function probeDevices(kernel: Kernel, placements: Placements | undefined): Devices {
  const terminals = new TtyDrivers(kernel);
  const found = probe(kernel, placements);
  found.setTerminal(new ConsoleTerminal(terminals));
  return new Devices(kernel, found);
}
