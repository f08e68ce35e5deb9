// A complete driver: a thermometer that interrupts when it has measured. /dev/thermometer gives one line for each measurement, and sleeps until there is one.
import { EAGAIN, EIO, ENXIO, type Errno, type Fallible } from '../../src/abi/errno.ts';
import { POLLERR, POLLIN, POLLRDNORM } from '../../src/abi/poll.ts';
import type { DevicePort, DriverCore } from '../../src/drivers/core/core.ts';
import { DriverFront } from '../../src/drivers/placement/front.ts';
import { CoreLink } from '../../src/drivers/placement/link.ts';
import { Driver, type PlatformDevice } from '../../src/kernel/device/platform.ts';
import { WaitQueue } from '../../src/kernel/sched/wait-queue.ts';
import type { Task } from '../../src/kernel/task/task.ts';
import { DeviceDriver } from '../../src/kernel/vfs/devices.ts';
import type { Inode } from '../../src/kernel/vfs/inode.ts';
import type { IoBuffer } from '../../src/kernel/vfs/io-buffer.ts';
import { OpenFile } from '../../src/kernel/vfs/open-file.ts';
import { latin1Encode } from '../../src/lib/utf8.ts';
import { TAKE, ThermometerCore } from './thermometer-core.ts';

const CONTROL = 0x0;
const MAJOR = 240;

export class ThermometerDriver extends Driver {
  override readonly name = 'thermometer';
  override readonly compatible = ['example,thermometer'];

  override probe(device: PlatformDevice): 0 | Errno {
    const front = new Thermometer(device);
    const r = front.link.start();
    if (r !== 0) return r;
    const { devices } = device.kernel;
    devices.register('character', MAJOR, 0, 1, 'thermometer', new ThermometerNodes(front));
    devices.addNode('thermometer', 'character', MAJOR, 0, 0o444);
    return 0;
  }

  override remove(device: PlatformDevice, how: 'unbound' | 'gone'): void {
    if (device.handler instanceof CoreLink) device.handler.remove(how);
  }
}

class Thermometer extends DriverFront {
  override readonly name = 'thermometer';
  readonly waiters = new WaitQueue();
  isGone = false;
  /** There is a measurement. */
  hasNews = false;

  override createCore(port: DevicePort): DriverCore { return new ThermometerCore(port); }

  /** MEASURED, the only event. */
  override event(): void {
    this.hasNews = true;
    this.waiters.wake(POLLIN | POLLRDNORM);
  }

  /** Thousandths of a degree; EAGAIN: none yet. */
  next(): { readonly milli: number } | Errno {
    const available = this.link.call(TAKE, 0, 0, 0, 0);
    this.hasNews = available > 1;
    return available > 0 ? { milli: this.link.args[0]! } : EAGAIN;
  }

  /** Nothing was under way: the new core measures from now on. */
  override restarted(): 0 { return 0; }

  override gone(): void {
    this.isGone = true;
    this.device.kernel.devices.removeNode('thermometer');
    this.waiters.wake(POLLERR);
  }

  override reset(): void { this.device.write32(CONTROL, 0); }
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
  override poll(): number { return this.thermometer.isGone ? POLLERR : this.thermometer.hasNews ? POLLIN | POLLRDNORM : 0; }
  /** Try, do not sleep: EAGAIN says "ask again when the queue wakes you". */
  override read(_t: Task, io: IoBuffer): number | Errno {
    if (this.thermometer.isGone) return EIO;
    const next = this.thermometer.next();
    if (typeof next === 'number') return next;
    const line = latin1Encode(`${next.milli / 1000}\n`);
    return io.put(line, 0, line.length);
  }
}
