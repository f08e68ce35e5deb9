// Front of the virtio input device: a keyboard, mouse or tablet of the kernel's input layer, /dev/input/eventN.
import { EIO, ENODEV, type Errno } from '../abi/errno.ts';
import { ABS_CNT, EV_ABS, EV_CNT, EV_LED, EV_SYN, SYN_REPORT } from '../abi/input.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import { InputDevice, InputDriver } from '../kernel/input/input-device.ts';
import { bitsOf } from '../lib/bits.ts';
import { latin1Decode } from '../lib/utf8.ts';
import { INPUT_CFG_ABS_INFO, INPUT_CFG_EV_BITS, INPUT_CFG_ID_DEVIDS, INPUT_CFG_ID_NAME, INPUT_CFG_ID_SERIAL, INPUT_CFG_PROP_BITS } from '../machine/registers.ts';
import type { DevicePort, DriverCore } from './core/core.ts';
import { INPUT_CONFIG, INPUT_EVENT, INPUT_SEND, VirtioInputCore } from './core/virtio-input.ts';
import { DriverFront } from './placement/front.ts';

/** Takes the device into service: an input device more in the kernel. */
export function startVirtioInput(device: PlatformDevice): VirtioInputFront | Errno {
  const front = new VirtioInputFront(device);
  const r = front.link.start();
  if (r !== 0) return r;
  const input = front.describe();
  if (input === null) return EIO;
  if (!device.kernel.input.add(input)) return ENODEV;
  front.input = input;
  device.kernel.log.add(6, device.kernel.now(), `input: ${input.name} as /${input.parentPath}/input/input${input.number}`);
  return front;
}

export class VirtioInputFront extends DriverFront {
  override readonly name = 'virtio-input';
  input: InputDevice | null = null;

  override createCore(port: DevicePort): DriverCore { return new VirtioInputCore(port); }

  /** What the device says of itself; null: it says nothing. */
  describe(): InputDevice | null {
    const { device } = this;
    const name = this.config(INPUT_CFG_ID_NAME, 0), ids = new DataView(this.config(INPUT_CFG_ID_DEVIDS, 0, 8).buffer);
    if (name.length === 0) return null;
    const id = (at: number): number => ids.getUint16(at, true);
    const child = device.child?.name ?? 'virtio';
    const input = new InputDevice(device.kernel, new Driver(this), {
      name: latin1Decode(name), phys: `${child}/input0`, uniq: latin1Decode(this.config(INPUT_CFG_ID_SERIAL, 0)), parentPath: `${device.sysPath}/${child}`,
      ids: { bustype: id(0), vendor: id(2), product: id(4), version: id(6) },
    });
    input.properties.set(this.config(INPUT_CFG_PROP_BITS, 0).subarray(0, input.properties.length));
    for (let type = EV_SYN + 1; type < EV_CNT; type++) {
      const codes = this.config(INPUT_CFG_EV_BITS, type);
      if (codes.length > 0) input.addCodes(type, codes);
    }
    for (const axis of bitsOf(input.codes.get(EV_ABS) ?? new Uint8Array(0))) if (axis < ABS_CNT) this.readAxis(input, axis);
    return input;
  }

  private readAxis(input: InputDevice, axis: number): void {
    const view = new DataView(this.config(INPUT_CFG_ABS_INFO, axis, 20).buffer);
    const word = (i: number): number => view.getInt32(4 * i, true);
    input.abs.set(axis, { value: 0, minimum: word(0), maximum: word(1), fuzz: word(2), flat: word(3), resolution: word(4) });
  }

  /** A configuration item, with zeros up to `atLeast` bytes. */
  private config(select: number, subsel: number, atLeast = 0): Uint8Array {
    const n = Math.max(0, Math.min(128, this.link.call(INPUT_CONFIG, select, subsel, 0, 0)));
    const bytes = new Uint8Array(Math.max(n, atLeast));
    for (let i = 0; i < n; i++) bytes[i] = this.link.args[i]!;
    return bytes;
  }

  override event(kind: number, type: number, code: number, value: number): void {
    if (kind !== INPUT_EVENT || this.input === null || !(type < EV_CNT)) return;
    this.input.event(type, code, value | 0);
  }

  /** What is pressed while nobody listens is never heard of: keys go up. LEDs are told again. */
  override restarted(): 0 {
    const { input } = this;
    if (input === null) return 0;
    input.releaseKeys();
    const leds = input.state.get(EV_LED)!;
    for (const code of bitsOf(leds)) this.send(EV_LED, code, 1);
    return 0;
  }

  override gone(): void {
    const { input } = this;
    this.input = null;
    if (input !== null) this.device.kernel.input.remove(input);
  }

  /** A device that takes no more loses it: LEDs are no data. */
  send(type: number, code: number, value: number): void {
    if (this.link.call(INPUT_SEND, type, code, value, 0) !== 0) return;
    this.link.call(INPUT_SEND, EV_SYN, SYN_REPORT, 0, 0);
  }
}

/** What the input layer calls. */
class Driver extends InputDriver {
  private readonly front: VirtioInputFront;
  constructor(front: VirtioInputFront) {
    super();
    this.front = front;
  }
  override send(type: number, code: number, value: number): void { this.front.send(type, code, value); }
}
