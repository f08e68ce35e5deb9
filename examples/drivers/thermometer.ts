// A complete driver: a thermometer that interrupts when it has measured. /dev/thermometer gives one line for each measurement, and sleeps until there is one.
import { EAGAIN, EIO, ENOMEM, ENXIO, type Errno, type Fallible } from '../../src/abi/errno.ts';
import { POLLERR, POLLIN, POLLRDNORM } from '../../src/abi/poll.ts';
import { Driver, IrqHandler, type PlatformDevice } from '../../src/kernel/device/platform.ts';
import { WaitQueue } from '../../src/kernel/sched/wait-queue.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { DeviceDriver } from '../../src/kernel/vfs/devices.ts';
import type { Inode } from '../../src/kernel/vfs/inode.ts';
import type { IoBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { OpenFile } from '../../src/kernel/vfs/open-file.ts';
import { latin1Encode } from '../../src/lib/utf8.ts';

/** Registers: what the "data sheet" says. Samples go by DMA into a ring of 1024 words that the driver provides. */
const CONTROL = 0x0, RING = 0x4, PRODUCED = 0x8, ACKNOWLEDGE = 0xc;
const RING_ENTRIES = 1024;
const MAJOR = 240;

export class ThermometerDriver extends Driver {
  override readonly name = 'thermometer';
  override readonly compatible = ['example,thermometer'];

  override probe(device: PlatformDevice): 0 | Errno {
    const ring = device.allocDma(0);
    if (ring < 0) return ENOMEM;
    const state = new Thermometer(device, ring);
    device.connect(state);
    device.write32(RING, ring);
    device.write32(CONTROL, 1);
    device.kernel.devices.register('character', MAJOR, 0, 1, 'thermometer', state.nodes);
    device.kernel.devices.addNode('thermometer', 'character', MAJOR, 0, 0o444);
    return 0;
  }

  override remove(device: PlatformDevice): void {
    if (device.handler instanceof Thermometer) device.handler.gone();
  }
}

class Thermometer extends IrqHandler {
  readonly waiters = new WaitQueue();
  readonly nodes = new ThermometerNodes(this);
  isGone = false;
  private readonly device: PlatformDevice;
  private readonly ring: number;
  /** Measurements that were read; the device counts those it made. Both only grow. */
  private taken = 0;

  constructor(device: PlatformDevice, ring: number) {
    super();
    this.device = device;
    this.ring = ring;
  }

  override irq(): void {
    this.device.write32(ACKNOWLEDGE, 1);
    this.waiters.wake(POLLIN | POLLRDNORM);
  }

  /** The device is not trusted: a count that runs backwards or ahead of the ring means what the ring can hold. */
  get available(): number {
    if (this.isGone) return 0;
    const ahead = (this.device.read32(PRODUCED) - this.taken) >>> 0;
    return ahead > RING_ENTRIES ? RING_ENTRIES : ahead;
  }

  next(): number {
    const { i32 } = this.device.kernel.machine.ram;
    const value = i32[(this.ring >>> 2) + this.taken % RING_ENTRIES]!;
    this.taken = (this.taken + 1) >>> 0;
    return value;
  }

  gone(): void {
    this.isGone = true;
    this.device.write32(CONTROL, 0);
    this.device.kernel.devices.removeNode('thermometer');
    this.waiters.wake(POLLERR);
  }
}

class ThermometerNodes extends DeviceDriver {
  private readonly thermometer: Thermometer;
  constructor(thermometer: Thermometer) {
    super();
    this.thermometer = thermometer;
  }
  override open(_t: Task, inode: Inode, flags: number): Fallible<OpenFile> {
    return this.thermometer.isGone ? ENXIO : new ThermometerFile(inode, flags, this.thermometer);
  }
}

class ThermometerFile extends OpenFile {
  private readonly thermometer: Thermometer;
  constructor(inode: Inode, flags: number, thermometer: Thermometer) {
    super(inode, flags);
    this.thermometer = thermometer;
  }
  override get waiters(): WaitQueue { return this.thermometer.waiters; }
  override poll(): number { return this.thermometer.isGone ? POLLERR : this.thermometer.available > 0 ? POLLIN | POLLRDNORM : 0; }
  /** Try, do not sleep: EAGAIN says "ask again when the queue wakes you". */
  override read(_t: Task, io: IoBuffer): number | Errno {
    if (this.thermometer.isGone) return EIO;
    if (this.thermometer.available === 0) return EAGAIN;
    const line = latin1Encode(`${this.thermometer.next() / 1000}\n`);
    return io.put(line, 0, line.length);
  }
}
