// All input devices of the machine (Linux: input core and evdev): numbers, nodes in /dev/input, events for udev. Part of the kernel: `kernel.input`.
import { type Fallible, ENODEV } from '../../abi/errno.ts';
import { minor } from '../../abi/stat.ts';
import { bitsOf } from '../../lib/bits.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { DeviceDriver } from '../vfs/devices.ts';
import type { Inode } from '../vfs/inode.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { EvdevFile } from './evdev-file.ts';
import type { InputDevice } from './input-device.ts';

/** Documentation/admin-guide/devices.txt: /dev/input/event0 and on are 13, 64 and on. */
export const INPUT_MAJOR = 13;
const EVDEV_MINOR = 64, EVDEV_MINORS = 32;
const MODE = 0o660;

export class InputLayer {
  private readonly kernel: Kernel;
  readonly devices: InputDevice[] = [];
  private readonly nodes: EvdevNodes;
  private isRegistered = false;
  private count = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.nodes = new EvdevNodes(this);
  }

  /** False: all numbers are in use. */
  add(device: InputDevice): boolean {
    let index = 0;
    while (this.devices.some(d => d.minor === EVDEV_MINOR + index)) index++;
    if (index >= EVDEV_MINORS) return false;
    device.number = this.count++;
    device.minor = EVDEV_MINOR + index;
    this.devices.push(device);
    const { devices, uevents } = this.kernel;
    if (!this.isRegistered) devices.register('character', INPUT_MAJOR, EVDEV_MINOR, EVDEV_MINORS, 'input', this.nodes);
    this.isRegistered = true;
    devices.addNode(`input/event${index}`, 'character', INPUT_MAJOR, device.minor, MODE);
    uevents.emit('add', inputPath(device), 'input', inputEnvironment(device));
    uevents.emit('add', `${inputPath(device)}/${eventName(device)}`, 'input', nodeEnvironment(device));
    return true;
  }

  remove(device: InputDevice): void {
    const at = this.devices.indexOf(device);
    if (at < 0) return;
    this.devices.splice(at, 1);
    device.gone();
    const { devices, uevents } = this.kernel;
    devices.removeNode(`input/${eventName(device)}`);
    uevents.emit('remove', `${inputPath(device)}/${eventName(device)}`, 'input', nodeEnvironment(device));
    uevents.emit('remove', inputPath(device), 'input', inputEnvironment(device));
  }

  byMinor(n: number): InputDevice | undefined { return this.devices.find(d => d.minor === n); }
}

export const eventName = (d: InputDevice): string => `event${d.minor - EVDEV_MINOR}`;
/** Below /sys. */
export const inputPath = (d: InputDevice): string => `${d.parentPath}/input/input${d.number}`;

/** Numbers of a bitmap as Linux prints it: longs in hexadecimal, the highest first, without leading zero ones. */
export function hexLongs(map: Uint8Array): string {
  const words: string[] = [];
  for (let at = map.length - 8; at >= 0; at -= 8) {
    let hex = '';
    for (let i = 7; i >= 0; i--) hex += map[at + i]!.toString(16).padStart(2, '0');
    const word = hex.replace(/^0+/, '');
    if (words.length > 0 || word !== '') words.push(word === '' ? '0' : word);
  }
  return words.length === 0 ? '0' : words.join(' ');
}

/** Capabilities in Linux' order: name in /sys, letter of /proc/bus/input/devices, event type. */
export const CAPABILITIES: readonly (readonly [name: string, key: string, type: number])[] = [
  ['ev', 'EV', 0], ['key', 'KEY', 1], ['rel', 'REL', 2], ['abs', 'ABS', 3], ['msc', 'MSC', 4], ['led', 'LED', 0x11], ['snd', 'SND', 0x12], ['ff', 'FF', 0x15], ['sw', 'SW', 5],
];

/** input:bVVVV...: what modules would be matched by. Codes below 0x71 are not told of keys. */
export function modalias({ ids, codes }: InputDevice): string {
  const hex = (n: number): string => n.toString(16).toUpperCase().padStart(4, '0');
  const list = (letter: string, type: number, from = 0): string =>
    letter + bitsOf(codes.get(type) ?? new Uint8Array(0)).filter(n => n >= from).map(n => `${n.toString(16).toUpperCase()},`).join('');
  return `input:b${hex(ids.bustype)}v${hex(ids.vendor)}p${hex(ids.product)}e${hex(ids.version)}-${list('e', 0)}${list('k', 1, 0x71)}${list('r', 2)}${list('a', 3)}${list('m', 4)}`
    + `${list('l', 0x11)}${list('s', 0x12)}${list('f', 0x15)}${list('w', 5)}`;
}

export function inputEnvironment(d: InputDevice): string[] {
  const { ids } = d, hex = (n: number): string => n.toString(16);
  const lines = [`PRODUCT=${hex(ids.bustype)}/${hex(ids.vendor)}/${hex(ids.product)}/${hex(ids.version)}`, `NAME="${d.name}"`];
  if (d.phys !== '') lines.push(`PHYS="${d.phys}"`);
  if (d.uniq !== '') lines.push(`UNIQ="${d.uniq}"`);
  lines.push(`PROP=${hexLongs(d.properties)}`);
  for (const [, key, type] of CAPABILITIES) if (type === 0 || d.has(type)) lines.push(`${key}=${hexLongs(d.codes.get(type) ?? new Uint8Array(8))}`);
  lines.push(`MODALIAS=${modalias(d)}`);
  return lines;
}

export const nodeEnvironment = (d: InputDevice): string[] => [`MAJOR=${INPUT_MAJOR}`, `MINOR=${d.minor}`, `DEVNAME=input/${eventName(d)}`];

class EvdevNodes extends DeviceDriver {
  private readonly layer: InputLayer;
  constructor(layer: InputLayer) {
    super();
    this.layer = layer;
  }
  open(_t: Task, inode: Inode, flags: number): Fallible<OpenFile> {
    const device = this.layer.byMinor(minor(inode.rdev));
    return device === undefined ? ENODEV : new EvdevFile(inode, flags, device);
  }
}
