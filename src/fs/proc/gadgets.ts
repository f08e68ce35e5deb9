// /proc/bus/input and /proc/fb: input devices and screens as tools of old find them.
import type { InputDevice } from '../../kernel/input/input-device.ts';
import { CAPABILITIES, eventName, hexLongs, inputPath } from '../../kernel/input/input-layer.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Entries } from '../pseudo/entry.ts';

export const GADGET_FILES: Entries<Kernel> = {
  'bus/input/devices': { mode: 0o444, show: (_t, k) => k.input.devices.map(showInput).join('') },
  'bus/input/handlers': { mode: 0o444, show: () => 'N: Number=0 Name=evdev Minor=64\n' },
  fb: { mode: 0o444, show: (_t, k) => k.fb.screens.map(s => `${s.minor} ${s.id}\n`).join('') },
};

function showInput(d: InputDevice): string {
  const hex = (n: number): string => n.toString(16).padStart(4, '0');
  const bitmaps = CAPABILITIES.filter(([, , type]) => type === 0 || d.has(type)).map(([, key, type]) => `B: ${key}=${hexLongs(d.codes.get(type) ?? new Uint8Array(8))}\n`);
  return `I: Bus=${hex(d.ids.bustype)} Vendor=${hex(d.ids.vendor)} Product=${hex(d.ids.product)} Version=${hex(d.ids.version)}\nN: Name="${d.name}"\nP: Phys=${d.phys}\n`
    + `S: Sysfs=/${inputPath(d)}\nU: Uniq=${d.uniq}\nH: Handlers=${eventName(d)} \nB: PROP=${hexLongs(d.properties)}\n${bitmaps.join('')}\n`;
}
