// Writes to sysfs: a device's `uevent` repeats its event, a driver's `bind` and `unbind` bring it together with a device or part them, and a network interface
// has a few settings.
import { CAP_NET_ADMIN } from '../../abi/capability.ts';
import { EINVAL, ENODEV, EPERM, type Errno } from '../../abi/errno.ts';
import { ueventLines } from '../../kernel/block/block-layer.ts';
import { UEVENT_ACTIONS } from '../../kernel/device/uevent.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { gadgetEvent } from './gadgets.ts';
import { ueventLines as interfaceLines } from '../../kernel/net/device/net-devices.ts';
import { setFlags, setMtu, setTxQueueLength } from '../../kernel/net/device/settings.ts';
import type { SysWrite } from './nodes.ts';

/** What was written, carried out. */
export function carryOut(k: Kernel, { action, name }: SysWrite, text: string): 0 | Errno {
  const word = text.trim();
  switch (action) {
    case 'uevent': return repeatEvent(k, name, word.split(' ')[0]!);
    case 'bind': case 'unbind': return setDriver(k, action, name, word);
    case 'io-timeout': return setIoTimeout(k, name, word);
    default: return setInterface(k, action, name, word);
  }
}

function repeatEvent(k: Kernel, path: string, word: string): 0 | Errno {
  const action = UEVENT_ACTIONS.find(a => a === word);
  if (action === undefined) return EINVAL;
  for (const d of k.block.devices()) {
    if (d.sysPath !== path) continue;
    k.uevents.emit(action, path, 'block', [...ueventLines(d), 'SYNTH_UUID=0']);
    return 0;
  }
  for (const d of k.net.devices.all()) {
    if (d.sysPath !== path) continue;
    k.uevents.emit(action, path, 'net', [...interfaceLines(d), 'SYNTH_UUID=0']);
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

/** Milliseconds (Documentation/ABI/stable/sysfs-block). */
function setIoTimeout(k: Kernel, name: string, word: string): 0 | Errno {
  const disk = k.block.disks.get(name);
  if (disk === undefined) return ENODEV;
  const ms = /^\d+$/.test(word) ? Number(word) : 0;
  if (ms === 0 || ms >= 2 ** 32) return EINVAL;
  disk.watch.timeoutNs = ms * 1e6;
  return 0;
}

function setInterface(k: Kernel, action: 'net-flags' | 'net-mtu' | 'net-queue', name: string, word: string): 0 | Errno {
  const device = k.net.devices.find(name);
  if (device === undefined) return ENODEV;
  if (!k.current.cred.has(CAP_NET_ADMIN)) return EPERM;
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(word)) return EINVAL;
  const value = Number(word);
  if (value > 0x7fff_ffff) return EINVAL;
  switch (action) {
    case 'net-flags': return setFlags(k, device, value);
    case 'net-mtu': return setMtu(k, device, value);
    case 'net-queue': return setTxQueueLength(k, device, value);
  }
}
