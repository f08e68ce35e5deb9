// Writes to sysfs: a device's `uevent` repeats its event, a driver's `bind` and `unbind` bring it together with a device or part them.
import { EINVAL, ENODEV, type Errno } from '../../abi/errno.ts';
import { ueventLines } from '../../kernel/block/block-layer.ts';
import { UEVENT_ACTIONS } from '../../kernel/device/uevent.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { gadgetEvent } from './gadgets.ts';
import type { SysWrite } from './nodes.ts';

/** What was written, carried out. */
export function carryOut(k: Kernel, { action, name }: SysWrite, text: string): 0 | Errno {
  const word = text.trim();
  return action === 'uevent' ? repeatEvent(k, name, word.split(' ')[0]!) : setDriver(k, action, name, word);
}

function repeatEvent(k: Kernel, path: string, word: string): 0 | Errno {
  const action = UEVENT_ACTIONS.find(a => a === word);
  if (action === undefined) return EINVAL;
  for (const d of k.block.devices()) {
    if (d.sysPath !== path) continue;
    k.uevents.emit(action, path, 'block', [...ueventLines(d), 'SYNTH_UUID=0']);
    return 0;
  }
  const gadget = gadgetEvent(k, path);
  if (gadget !== null) {
    k.uevents.emit(action, path, gadget.subsystem, [...gadget.lines, 'SYNTH_UUID=0']);
    return 0;
  }
  const isChild = k.hardware?.devices.some(d => d.child !== null && path === `${d.sysPath}/${d.child.name}`) === true;
  k.uevents.emit(action, path, isChild ? 'virtio' : 'platform', ['SYNTH_UUID=0']);
  return 0;
}

function setDriver(k: Kernel, action: 'bind' | 'unbind', name: string, device: string): 0 | Errno {
  const { hardware } = k;
  const driver = hardware?.drivers.find(d => d.name === name);
  const found = hardware?.devices.find(d => d.busName === device);
  if (hardware === null || driver === undefined || found === undefined) return ENODEV;
  if (action === 'bind') return hardware.bind(found, driver);
  if (found.driver !== driver) return ENODEV;
  hardware.unbind(found, 'unbound');
  return 0;
}
