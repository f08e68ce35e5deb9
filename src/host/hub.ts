// Wires for network cards: a hub that joins cards of one or several machines of this process, and a wire that leads nowhere.
import type { NetBackend, NetListener } from './host.ts';

export const ETHERNET_MTU = 1500;

/** A segment: what one card sends, all others get. */
export class Hub {
  readonly mtu: number;
  readonly #ports = new Set<HubPort>();
  #made = 0;

  constructor(mtu = ETHERNET_MTU) {
    if (!(Number.isInteger(mtu) && mtu >= 68 && mtu <= 65535)) throw new RangeError(`no wire has an MTU of ${mtu}`);
    this.mtu = mtu;
  }

  /** A socket for one card. Without an address of its own it gets 02:6b:73:70:00:01 and so on (locally administered). */
  port(mac = numbered(++this.#made)): NetBackend {
    const port = new HubPort(this, mac);
    this.#ports.add(port);
    return port;
  }

  /** From outside any machine: to every card. */
  send(frame: Uint8Array): void { this.carry(null, frame); }

  carry(from: HubPort | null, frame: Uint8Array): void {
    if (frame.length > this.mtu + 18) return;
    for (const port of this.#ports) if (port !== from) port.listener?.received(frame);
  }
  unplug(port: HubPort): void { this.#ports.delete(port); }
}

/** A segment of Ethernet; `mtu`: 68 to 65535, 1500 unless said otherwise. */
export function createHub(mtu = ETHERNET_MTU): Hub { return new Hub(mtu); }

/** Nothing comes, and what is sent is lost; the link is up. */
export class NullWire implements NetBackend {
  readonly mac: Uint8Array = numbered(1);
  readonly mtu = ETHERNET_MTU;
  readonly isLinkUp = true;
  send(): void {}
  attach(): void {}
  close(): void {}
}

class HubPort implements NetBackend {
  readonly mac: Uint8Array;
  listener: NetListener | null = null;
  readonly #hub: Hub;

  constructor(hub: Hub, mac: Uint8Array) {
    if (mac.length !== 6 || (mac[0]! & 1) !== 0) throw new RangeError('the address of a card is six bytes, and no multicast address');
    this.#hub = hub;
    this.mac = mac;
  }
  get mtu(): number { return this.#hub.mtu; }
  get isLinkUp(): boolean { return true; }
  send(frame: Uint8Array): void { this.#hub.carry(this, frame); }
  attach(listener: NetListener | null): void { this.listener = listener; }
  close(): void {
    this.listener = null;
    this.#hub.unplug(this);
  }
}

const numbered = (n: number): Uint8Array => new Uint8Array([0x02, 0x6b, 0x73, 0x70, (n >> 8) & 255, n & 255]);
