// PACKET_ADD_MEMBERSHIP (packet(7)): what a packet socket makes interfaces hear, counted, and given back when it is closed or the interface goes.
import { type Errno, EINVAL, ENODEV } from '../../../abi/errno.ts';
import { ETH_ALEN, PACKET_MR_ALLMULTI, PACKET_MR_MULTICAST, PACKET_MR_PROMISC, PACKET_MR_UNICAST } from '../../../abi/packet.ts';
import { type NetDevice, formatAddress } from '../device/net-device.ts';
import type { NetDevices } from '../device/net-devices.ts';

interface Membership { readonly device: NetDevice; readonly type: number; readonly address: string; count: number }

export class Memberships {
  private readonly devices: NetDevices;
  private readonly all: Membership[] = [];
  constructor(devices: NetDevices) { this.devices = devices; }

  add(ifindex: number, type: number, address: Uint8Array): 0 | Errno {
    const device = this.devices.get(ifindex);
    if (device === undefined) return ENODEV;
    if (address.length > ETH_ALEN) return EINVAL;
    const there = this.find(device, type, address);
    if (there !== undefined) {
      there.count++;
      return 0;
    }
    if ((type === PACKET_MR_MULTICAST || type === PACKET_MR_UNICAST) && address.length !== ETH_ALEN) return EINVAL;
    const m = { device, type, address: textOf(address), count: 1 };
    this.all.push(m);
    apply(m, 1);
    return 0;
  }

  /** Nothing happens if there is none. */
  drop(ifindex: number, type: number, address: Uint8Array): 0 {
    const device = this.devices.get(ifindex);
    const m = device === undefined ? undefined : this.find(device, type, address);
    if (m !== undefined && --m.count === 0) this.release(x => x === m);
    return 0;
  }

  /** Those on `device`, or all. */
  dropAll(device: NetDevice | null): void { this.release(m => device === null || m.device === device); }

  private find(device: NetDevice, type: number, address: Uint8Array): Membership | undefined {
    const text = textOf(address);
    return this.all.find(m => m.device === device && m.type === type && m.address === text);
  }

  private release(which: (m: Membership) => boolean): void {
    for (let i = this.all.length - 1; i >= 0; i--) if (which(this.all[i]!)) apply(this.all.splice(i, 1)[0]!, -1);
  }
}

const textOf = (address: Uint8Array): string => (address.length === ETH_ALEN ? formatAddress(address) : address.join(':'));

function apply({ device, type, address }: Membership, by: 1 | -1): void {
  switch (type) {
    case PACKET_MR_MULTICAST: case PACKET_MR_UNICAST: return device.want(address, by);
    case PACKET_MR_PROMISC: return device.adjust('promiscuity', by);
    case PACKET_MR_ALLMULTI: return device.adjust('allMulticast', by);
    default: // other types are accepted, and mean nothing
  }
}
