// The interfaces of the machine, and who listens to them. Frames pass here in both directions; until there is a protocol stack the listeners are
// packet sockets only. Part of the network: `kernel.net.devices`.
import type { Errno } from '../../../abi/errno.ts';
import { ETH_HLEN, ETH_P_ALL, IFNAMSIZ } from '../../../abi/packet.ts';
import { NETLINK_ROUTE, RTMGRP_LINK, RTM_DELLINK, RTM_NEWLINK } from '../../../abi/rtnetlink.ts';
import type { Kernel } from '../../kernel.ts';
import { linkMessage } from '../netlink/link-message.ts';
import { Frame } from './frame.ts';
import { Loopback } from './loopback.ts';
import type { NetDevice } from './net-device.ts';

/** Who hears frames: a packet socket. */
export interface FrameTap {
  /** ETH_P_* in host order, ETH_P_ALL for everything, what leaves included; 0: nothing. */
  readonly tapProtocol: number;
  /** 0: every interface. */
  readonly ifindex: number;
  /** The frame is shared: nobody writes to it. */
  hear(frame: Frame): void;
  /** An interface went down, came up, or is no more. */
  deviceChanged(device: NetDevice, how: 'up' | 'down' | 'gone'): void;
}

export class NetDevices {
  private readonly kernel: Kernel;
  private readonly byIndex = new Map<number, NetDevice>();
  /** Taps that hear something now. */
  readonly taps = new Set<FrameTap>();
  /** All there are: told of interfaces. */
  readonly sockets = new Set<FrameTap>();
  private lastIndex = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.register(new Loopback(this), 'lo');
  }

  /** In order of their indexes. */
  all(): IterableIterator<NetDevice> { return this.byIndex.values(); }
  get(index: number): NetDevice | undefined { return this.byIndex.get(index); }
  find(name: string): NetDevice | undefined {
    for (const d of this.byIndex.values()) if (d.name === name) return d;
    return undefined;
  }

  // --- coming and going ----------------------------------------------------------------------------------------------------------------

  /** `name` may end in %d: the lowest free number. */
  add(device: NetDevice, name: string): void {
    this.register(device, name);
    this.kernel.uevents.emit('add', device.sysPath, 'net', ueventLines(device));
    this.announce(device, RTM_NEWLINK, -1);
  }

  remove(device: NetDevice): void {
    if (this.byIndex.get(device.index) !== device) return;
    this.byIndex.delete(device.index);
    for (const s of this.sockets) s.deviceChanged(device, 'gone');
    this.announce(device, RTM_DELLINK, -1);
    this.kernel.uevents.emit('remove', device.sysPath, 'net', ueventLines(device));
  }

  private register(device: NetDevice, name: string): void {
    device.index = ++this.lastIndex;
    device.name = name.endsWith('%d') ? this.freeName(name.slice(0, -2)) : name;
    this.byIndex.set(device.index, device);
  }

  freeName(prefix: string): string {
    for (let n = 0; ; n++) if (this.find(`${prefix}${n}`) === undefined) return `${prefix}${n}`;
  }

  /** Tells who listens to links (rtnetlink(7)) that one has changed; `changed`: the flags that did. */
  announce(device: NetDevice, type: typeof RTM_NEWLINK | typeof RTM_DELLINK, changed: number): void {
    const { netlink } = this.kernel.net;
    if (netlink.hasListeners(NETLINK_ROUTE, RTMGRP_LINK)) netlink.multicast(NETLINK_ROUTE, RTMGRP_LINK, linkMessage(device, type, changed));
  }

  // --- frames --------------------------------------------------------------------------------------------------------------------------

  /** Sends a whole frame; who sent it does not hear it leave. */
  transmit(device: NetDevice, frame: Uint8Array, protocol: number, sender: FrameTap | null): 0 | Errno {
    if (this.taps.size > 0) this.show(Frame.outgoing(frame, device, protocol), sender, 'whole taps');
    return device.transmit(frame);
  }

  /** Is there anybody for whom a received frame is to be copied? */
  get hasListeners(): boolean { return this.taps.size > 0; }

  /** A frame has come; it is the kernel's now. */
  receive(device: NetDevice, bytes: Uint8Array): void {
    if (!device.isUp || bytes.length < ETH_HLEN) return;
    if (this.taps.size > 0) this.show(Frame.incoming(bytes, device), null, 'all taps');
  }

  private show(frame: Frame, except: FrameTap | null, whom: 'whole taps' | 'all taps'): void {
    for (const tap of this.taps) {
      if (tap === except || (tap.ifindex !== 0 && tap.ifindex !== frame.device.index)) continue;
      if (tap.tapProtocol === ETH_P_ALL || (whom === 'all taps' && tap.tapProtocol === frame.protocol)) tap.hear(frame);
    }
  }
}

/** Of `uevent` in /sys. */
export function ueventLines(device: NetDevice): string[] { return [`INTERFACE=${device.name}`, `IFINDEX=${device.index}`]; }

/** May an interface be called so? (Linux: dev_valid_name.) */
export function isValidName(name: string): boolean {
  return name !== '' && name.length < IFNAMSIZ && name !== '.' && name !== '..' && !/[/:\s%]/.test(name);
}
