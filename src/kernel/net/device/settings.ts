// Changing an interface (netdevice(7), rtnetlink(7)): the same rules whether an ioctl, a netlink message or a write to /sys asks. Who asks has been
// checked already (CAP_NET_ADMIN).
import { type Errno, EADDRNOTAVAIL, EEXIST, EINVAL } from '../../../abi/errno.ts';
import { IFF_ALLMULTI, IFF_AUTOMEDIA, IFF_DEBUG, IFF_DYNAMIC, IFF_NOTRAILERS, IFF_PORTSEL, IFF_PROMISC } from '../../../abi/packet.ts';
import { RTM_NEWLINK } from '../../../abi/rtnetlink.ts';
import { IFF_MULTICAST, IFF_NOARP, IFF_UP } from '../../../abi/socket.ts';
import type { Kernel } from '../../kernel.ts';
import type { NetDevice } from './net-device.ts';
import { isValidName } from './net-devices.ts';

/** Flags that whoever may, sets at will; all others say how things are. */
const FREE_FLAGS = IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP | IFF_DYNAMIC | IFF_MULTICAST | IFF_PORTSEL | IFF_AUTOMEDIA;

/** SIOCSIFFLAGS: brings the interface up or down, and makes it promiscuous. */
export function setFlags(k: Kernel, d: NetDevice, flags: number): 0 | Errno {
  const before = d.flags;
  const r = (flags & IFF_UP) === 0 ? bringDown(k, d) : bringUp(k, d);
  if (r !== 0) return r;
  if (((flags ^ d.flags) & IFF_PROMISC) !== 0) d.adjust('promiscuity', (flags & IFF_PROMISC) !== 0 ? 1 : -1);
  if (((flags ^ d.flags) & IFF_ALLMULTI) !== 0) d.adjust('allMulticast', (flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
  const settable = FREE_FLAGS | IFF_PROMISC | IFF_ALLMULTI;
  d.flags = (d.flags & ~settable) | (flags & settable);
  changed(k, d, before ^ d.flags);
  return 0;
}

function bringUp(k: Kernel, d: NetDevice): 0 | Errno {
  if (d.isUp) return 0;
  const r = d.open();
  if (r !== 0) return r;
  d.flags |= IFF_UP;
  d.wasUp = true;
  for (const s of k.net.devices.sockets) s.deviceChanged(d, 'up');
  return 0;
}

function bringDown(k: Kernel, d: NetDevice): 0 {
  if (!d.isUp) return 0;
  d.flags &= ~IFF_UP;
  d.close();
  for (const s of k.net.devices.sockets) s.deviceChanged(d, 'down');
  return 0;
}

export function setMtu(k: Kernel, d: NetDevice, mtu: number): 0 | Errno {
  if (mtu === d.mtu) return 0;
  if (mtu < d.info.minMtu || (d.info.maxMtu > 0 && mtu > d.info.maxMtu)) return EINVAL;
  d.mtu = mtu;
  changed(k, d, 0);
  return 0;
}

export function setTxQueueLength(k: Kernel, d: NetDevice, length: number): 0 | Errno {
  if (length < 0) return EINVAL;
  if (d.txQueueLength === length) return 0;
  d.txQueueLength = length;
  changed(k, d, 0);
  return 0;
}

/** A hardware address of six bytes, which may not be a group's or nobody's: the device decides whether it can have it. */
export function setAddress(k: Kernel, d: NetDevice, address: Uint8Array): 0 | Errno {
  if (d.address.every((b, i) => b === address[i])) return 0;
  if ((address[0]! & 1) !== 0 || address.every(b => b === 0)) return EADDRNOTAVAIL;
  const r = d.setAddress(address);
  if (r !== 0) return r;
  d.address.set(address);
  changed(k, d, 0);
  return 0;
}

export function rename(k: Kernel, d: NetDevice, name: string): 0 | Errno {
  if (name === d.name) return 0;
  if (!isValidName(name)) return EINVAL;
  if (k.net.devices.find(name) !== undefined) return EEXIST;
  const from = d.sysPath;
  d.name = name;
  k.uevents.emit('move', d.sysPath, 'net', [`DEVPATH_OLD=/${from}`, `INTERFACE=${name}`, `IFINDEX=${d.index}`]);
  changed(k, d, 0);
  return 0;
}

/** The wire behind the interface works, or does not. */
export function setCarrier(k: Kernel, d: NetDevice, carrier: 'on' | 'off'): void {
  if (d.carrier === carrier) return;
  d.carrier = carrier;
  d.carrierChanges++;
  changed(k, d, 0);
}

const changed = (k: Kernel, d: NetDevice, flags: number): void => k.net.devices.announce(d, RTM_NEWLINK, flags);
