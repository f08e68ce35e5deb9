// Front of the virtio network card: eth0 and so on among the kernel's interfaces. Frames that are on their way when the core fails are lost, as on any wire;
// address, filter and link are told to the next one.
import { EIO, ENOBUFS, ENODEV, type Errno } from '../abi/errno.ts';
import { ARPHRD_ETHER, ETH_HLEN } from '../abi/packet.ts';
import { IFF_BROADCAST, IFF_MULTICAST } from '../abi/socket.ts';
import type { PlatformDevice } from '../kernel/device/platform.ts';
import { NetDevice, type NetDeviceInfo } from '../kernel/net/device/net-device.ts';
import { setCarrier } from '../kernel/net/device/settings.ts';
import { ETHER_OVERHEAD_BYTES } from '../machine/registers.ts';
import type { DevicePort, DriverCore } from './core/core.ts';
import {
  addressNumber, NET_FILTER, NET_FILTER_MAX, NET_FRAME, NET_FRAMES, NET_INFO, NET_INFO_ADDRESS, NET_INFO_LINK, NET_INFO_MTU, NET_INFO_TX, NET_LINK, NET_REFILL, NET_SEND,
  NET_SENT, NET_SET_ADDRESS, NET_SLOTS, VirtioNetCore,
} from './core/virtio-net.ts';
import { DriverFront } from './placement/front.ts';
import { NO_CORE } from './placement/link.ts';

const MIN_MTU = 68, MAX_MTU = 65535;
const BROADCAST = new Uint8Array([255, 255, 255, 255, 255, 255]);

/** Takes the card into service: an interface more. */
export function startVirtioNet(device: PlatformDevice): VirtioNet | Errno {
  const front = new VirtioNet(device);
  const r = front.link.start() || front.register();
  return r === 0 ? front : r;
}

export class VirtioNet extends DriverFront {
  override readonly name = 'virtio-net';
  /** Null until the card has said what it is. */
  private card: EthernetCard | null = null;
  /** Slots that carry nothing, and where the frame of each goes. */
  private free: number[] = [];
  private readonly sendAt = new Float64Array(NET_SLOTS);
  private linkUp = true;

  override createCore(port: DevicePort): DriverCore { return new VirtioNetCore(port); }

  register(): 0 | Errno {
    const { device, link } = this;
    const { kernel } = device;
    if (link.call(NET_INFO, 0, 0, 0, 0) < 0) return EIO;
    const mtu = link.args[NET_INFO_MTU]!;
    const address = addressBytes(link.args[NET_INFO_ADDRESS]!);
    if (!(mtu >= MIN_MTU && mtu <= MAX_MTU) || (address[0]! & 1) !== 0 || !this.learn(mtu)) {
      link.remove('unbound');
      return EIO;
    }
    this.card = new EthernetCard(this, {
      type: ARPHRD_ETHER, address, broadcast: BROADCAST, mtu, minMtu: MIN_MTU, maxMtu: mtu, flags: IFF_BROADCAST | IFF_MULTICAST,
      parentPath: `${device.sysPath}/${device.child?.name ?? 'virtio'}`, qdisc: 'pfifo_fast',
    });
    this.card.carrier = this.linkUp ? 'on' : 'off';
    kernel.net.devices.add(this.card, 'eth%d');
    this.filter();
    return 0;
  }

  /** What NET_INFO has answered. False: nobody could send with that. */
  private learn(mtu: number): boolean {
    const { args, memory } = this.link;
    this.free = [];
    for (let slot = 0; slot < NET_SLOTS; slot++) {
      const at = args[NET_INFO_TX + slot]!;
      this.sendAt[slot] = at;
      if (at >= 0 && at + mtu + ETHER_OVERHEAD_BYTES <= memory.size) this.free.push(slot);
    }
    this.linkUp = args[NET_INFO_LINK] !== 0;
    return this.free.length > 0;
  }

  // --- for the interface ---------------------------------------------------------------------------------------------------------------

  get isGone(): boolean { return this.link.state === 'ended'; }

  transmit(frame: Uint8Array): 0 | Errno {
    const { link } = this;
    const { stats } = this.card!;
    const slot = link.state === 'up' ? this.free.pop() : undefined;
    if (slot === undefined) {
      stats.txDropped++;
      return this.isGone ? ENODEV : ENOBUFS;
    }
    link.memory.u8.set(frame, this.sendAt[slot]!);
    const r = link.call(NET_SEND, slot, frame.length, 0, 0);
    if (r === 0) {
      stats.txPackets++;
      stats.txBytes += frame.length;
      return 0;
    }
    stats.txErrors++;
    if (r !== NO_CORE) this.free.push(slot);
    return ENOBUFS;
  }

  /** Tells the card what to hear. One that cannot choose hears everything. */
  filter(): void {
    const { link, card } = this;
    if (card === null || link.state !== 'up') return;
    const addresses = [...card.wanted.keys()].map(numberOf);
    const unicasts = addresses.filter(a => !isGroup(a)), groups = addresses.filter(isGroup);
    const all = card.promiscuity > 0 || unicasts.length > NET_FILTER_MAX, allGroups = card.allMulticast > 0 || groups.length > NET_FILTER_MAX;
    const told = [...(all ? [] : unicasts), ...(allGroups ? [] : groups)];
    told.forEach((a, i) => { link.args[i] = a; });
    link.call(NET_FILTER, all ? 1 : 0, allGroups ? 1 : 0, all ? 0 : unicasts.length, allGroups ? 0 : groups.length);
  }

  setAddress(address: Uint8Array): 0 | Errno {
    const r = this.link.call(NET_SET_ADDRESS, addressNumber(address), 0, 0, 0);
    return r === 0 ? 0 : r === NO_CORE ? EIO : r as Errno;
  }

  // --- from the core -------------------------------------------------------------------------------------------------------------------

  override event(kind: number, a: number, b: number): void {
    const { card } = this;
    switch (kind) {
      case NET_FRAME: return card === null ? undefined : this.received(card, a, b);
      case NET_FRAMES: this.link.call(NET_REFILL, 0, 0, 0, 0); return;
      case NET_SENT:
        if (Number.isInteger(a) && a >= 0 && a < NET_SLOTS && !this.free.includes(a)) this.free.push(a);
        return;
      case NET_LINK:
        this.linkUp = a !== 0;
        if (card !== null) setCarrier(this.device.kernel, card, this.linkUp ? 'on' : 'off');
        return;
      default:
    }
  }

  /** A frame lies at `at` of the driver's memory: copied if anybody wants it. */
  private received(card: EthernetCard, at: number, length: number): void {
    const { memory } = this.link;
    const { stats } = card;
    const isSane = Number.isInteger(at) && Number.isInteger(length) && at >= 0 && length >= ETH_HLEN && length <= card.info.maxMtu + ETHER_OVERHEAD_BYTES
      && at + length <= memory.size;
    if (!isSane) {
      stats.rxErrors++;
      return;
    }
    if (!card.isUp) return;
    stats.rxPackets++;
    stats.rxBytes += length;
    if ((memory.u8[at]! & 1) !== 0) stats.multicast++;
    const { devices } = this.device.kernel.net;
    if (devices.hasListeners) devices.receive(card, memory.u8.slice(at, at + length));
  }

  override restarted(): 0 | Errno {
    const { card, link } = this;
    if (card === null) return 0;
    if (link.call(NET_INFO, 0, 0, 0, 0) < 0) return 0;      // it failed again, and will be back
    if (!this.learn(card.info.maxMtu)) return EIO;
    if (addressNumber(card.address) !== addressNumber(card.info.address)) this.setAddress(card.address);
    this.filter();
    setCarrier(this.device.kernel, card, this.linkUp ? 'on' : 'off');
    return 0;
  }

  override gone(): void {
    if (this.card !== null) this.device.kernel.net.devices.remove(this.card);
  }
}

/** The interface. */
class EthernetCard extends NetDevice {
  private readonly front: VirtioNet;
  constructor(front: VirtioNet, info: NetDeviceInfo) {
    super(info);
    this.front = front;
  }
  override open(): 0 | Errno { return this.front.isGone ? ENODEV : 0; }
  override transmit(frame: Uint8Array): 0 | Errno { return this.front.transmit(frame); }
  override setAddress(address: Uint8Array): 0 | Errno { return this.front.setAddress(address); }
  override filterChanged(): void { this.front.filter(); }
}

/** The first byte of the number's six is the highest. */
function addressBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(6);
  let n = number;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = n % 256;
    n = Math.floor(n / 256);
  }
  return bytes;
}

const numberOf = (text: string): number => Number.parseInt(text.replaceAll(':', ''), 16);
const isGroup = (address: number): boolean => Math.floor(address / 2 ** 40) % 2 === 1;
