// virtio network card (virtio 1.2, 5.1): frames of the driver go to the wire, frames of the wire into buffers that the driver has given; what does not fit,
// or has no buffer, is lost, as on any wire. No offloads. The card filters by address as the driver tells it through the control queue.
// The driver is not trusted: lengths, headers and commands are checked before anything is believed.
import type { NetBackend, NetListener } from '../../host/host.ts';
import type { Ram } from '../machine.ts';
import {
  ETHER_HEADER_BYTES, ETHER_OVERHEAD_BYTES, ID_NET, NET_CFG_BYTES, NET_CFG_MAC, NET_CFG_MTU, NET_CFG_STATUS, NET_CTRL_MAC, NET_CTRL_MAC_ADDR_SET,
  NET_CTRL_MAC_TABLE_SET, NET_CTRL_RX, NET_CTRL_RX_ALLMULTI, NET_CTRL_RX_PROMISC, NET_ERR, NET_F_CTRL_MAC_ADDR, NET_F_CTRL_RX, NET_F_CTRL_VQ, NET_F_MAC, NET_F_MTU,
  NET_F_STATUS, NET_HEADER_BYTES, NET_HEADER_NUM_BUFFERS, NET_OK, NET_QUEUE_CTRL, NET_QUEUE_RX, NET_QUEUE_TX, NET_S_LINK_UP,
} from '../registers.ts';
import type { IrqLine } from './mmio-bus.ts';
import { VirtioDevice } from './virtio/mmio.ts';
import { Chain } from './virtio/queue.ts';

const QUEUE_SIZE = 256, CTRL_QUEUE_SIZE = 16;
const ADDRESS_BYTES = 6;
/** Addresses in each of the filter's two tables; with more of them the card takes everything of the kind. */
const TABLE_SIZE = 64;
/** Longest command: class, command, two tables. */
const COMMAND_BYTES = 2 + 2 * (4 + 4096 * ADDRESS_BYTES);

export class VirtioNet extends VirtioDevice implements NetListener {
  readonly #wire: NetBackend;
  readonly #chain = new Chain();
  /** Of the frame that the wire is taking: `received` may run meanwhile. */
  readonly #sending = new Chain();
  /** A frame with its header, on its way through the card. */
  readonly #frame: Uint8Array;
  readonly #incoming: Uint8Array;
  #promiscuous = true;
  #allMulticast = false;
  /** Tables of addresses that are ours beside the card's own, six bytes each; null: all of the kind. */
  #unicast: Uint8Array | null = EMPTY;
  #multicast: Uint8Array | null = EMPTY;
  /** Frames that were lost: too long or short, or there was no buffer. */
  dropped = 0;

  constructor(ram: Ram, irq: IrqLine, wire: NetBackend) {
    super(ram, irq, {
      id: ID_NET, features: NET_F_MAC | NET_F_MTU | NET_F_STATUS | NET_F_CTRL_VQ | NET_F_CTRL_RX | NET_F_CTRL_MAC_ADDR, queueSizes: [QUEUE_SIZE, QUEUE_SIZE, CTRL_QUEUE_SIZE],
      configBytes: NET_CFG_BYTES,
    });
    this.#wire = wire;
    this.#frame = new Uint8Array(NET_HEADER_BYTES + wire.mtu + ETHER_OVERHEAD_BYTES);
    this.#incoming = new Uint8Array(this.#frame.length);
    this.config.setUint16(NET_CFG_MTU, wire.mtu, true);
    this.#setAddress(wire.mac);
    this.#showLink();
    wire.attach(this);
  }

  // --- the wire ------------------------------------------------------------------------------------------------------------------------

  received(frame: Uint8Array): void {
    if (!this.isLive || !this.#wire.isLinkUp || !this.#isForUs(frame)) return;
    if (frame.length < ETHER_HEADER_BYTES || frame.length > this.#incoming.length - NET_HEADER_BYTES || !this.#deliver(frame)) this.dropped++;
  }

  linkChanged(): void {
    this.#showLink();
    this.configChanged();
  }

  /** A buffer holds a whole frame (5.1.6.3.1); one that is too short is left alone. */
  #deliver(frame: Uint8Array): boolean {
    const c = this.#chain;
    const bytes = this.#incoming.subarray(0, NET_HEADER_BYTES + frame.length);
    if (!this.peek(NET_QUEUE_RX, c) || c.writeBytes < bytes.length) return false;
    bytes.fill(0, 0, NET_HEADER_BYTES);
    bytes[NET_HEADER_NUM_BUFFERS] = 1;
    bytes.set(frame, NET_HEADER_BYTES);
    this.queues[NET_QUEUE_RX]!.take();
    this.done(NET_QUEUE_RX, c, c.copyTo(this.ram, bytes));
    return true;
  }

  #isForUs(frame: Uint8Array): boolean {
    if (this.#promiscuous) return true;
    if ((frame[0]! & 1) === 0) return startsWith(frame, new Uint8Array(this.config.buffer, NET_CFG_MAC, ADDRESS_BYTES), 0) || isIn(frame, this.#unicast);
    return this.#allMulticast || startsWith(frame, BROADCAST, 0) || isIn(frame, this.#multicast);
  }

  // --- the driver ----------------------------------------------------------------------------------------------------------------------

  protected override notified(index: number): void {
    if (index === NET_QUEUE_TX) this.#transmit();
    else if (index === NET_QUEUE_CTRL) this.#control();
  }

  protected override onReset(): void {
    this.#promiscuous = true;
    this.#allMulticast = false;
    this.#unicast = this.#multicast = EMPTY;
    this.#setAddress(this.#wire.mac);
  }

  /** Without a filter that the driver could set, everything passes. */
  protected override onReady(): void { this.#promiscuous = (this.features & (NET_F_CTRL_VQ | NET_F_CTRL_RX)) !== (NET_F_CTRL_VQ | NET_F_CTRL_RX); }

  /** No offload was agreed on: a header that asks for one is a mistake, and the frame is lost (5.1.6.2). */
  #transmit(): void {
    const c = this.#sending;
    const bytes = this.#frame;
    while (this.isLive && this.next(NET_QUEUE_TX, c)) {
      const length = c.copyFrom(this.ram, bytes);
      const fits = c.readBytes <= bytes.length && length >= NET_HEADER_BYTES + ETHER_HEADER_BYTES;
      if (fits && bytes[0] === 0 && bytes[1] === 0 && this.#wire.isLinkUp) this.#wire.send(bytes.subarray(NET_HEADER_BYTES, length));
      else this.dropped++;
      this.done(NET_QUEUE_TX, c, 0);
    }
  }

  #control(): void {
    const c = this.#chain;
    while (this.isLive && this.next(NET_QUEUE_CTRL, c)) {
      const bytes = new Uint8Array(Math.min(c.readBytes, COMMAND_BYTES));
      const length = c.copyFrom(this.ram, bytes);
      const ack = length < 2 || c.readBytes > COMMAND_BYTES ? NET_ERR : this.#command(bytes[0]!, bytes[1]!, bytes.subarray(2, length));
      this.done(NET_QUEUE_CTRL, c, c.copyTo(this.ram, new Uint8Array([ack])));
    }
  }

  #command(kind: number, command: number, data: Uint8Array): number {
    if (kind === NET_CTRL_RX && data.length === 1 && (command === NET_CTRL_RX_PROMISC || command === NET_CTRL_RX_ALLMULTI)) {
      if (command === NET_CTRL_RX_PROMISC) this.#promiscuous = data[0] !== 0;
      else this.#allMulticast = data[0] !== 0;
      return NET_OK;
    }
    if (kind !== NET_CTRL_MAC) return NET_ERR;
    if (command === NET_CTRL_MAC_TABLE_SET) return this.#setTables(data);
    if (command !== NET_CTRL_MAC_ADDR_SET || data.length !== ADDRESS_BYTES) return NET_ERR;
    this.#setAddress(data);
    return NET_OK;
  }

  #setTables(data: Uint8Array): number {
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const tables: Uint8Array[] = [];
    let at = 0;
    for (let i = 0; i < 2; i++) {
      if (at + 4 > data.length) return NET_ERR;
      const end = at + 4 + view.getUint32(at, true) * ADDRESS_BYTES;
      if (end > data.length) return NET_ERR;
      tables.push(data.slice(at + 4, end));
      at = end;
    }
    const [unicast, multicast] = tables.map(t => (t.length > TABLE_SIZE * ADDRESS_BYTES ? null : t));
    this.#unicast = unicast!;
    this.#multicast = multicast!;
    return NET_OK;
  }

  #setAddress(mac: Uint8Array): void { new Uint8Array(this.config.buffer).set(mac.subarray(0, ADDRESS_BYTES), NET_CFG_MAC); }
  #showLink(): void { this.config.setUint16(NET_CFG_STATUS, this.#wire.isLinkUp ? NET_S_LINK_UP : 0, true); }
}

const EMPTY = new Uint8Array(0);
const BROADCAST = new Uint8Array([255, 255, 255, 255, 255, 255]);

function startsWith(frame: Uint8Array, table: Uint8Array, at: number): boolean {
  for (let i = 0; i < ADDRESS_BYTES; i++) if (frame[i] !== table[at + i]) return false;
  return true;
}

function isIn(frame: Uint8Array, table: Uint8Array | null): boolean {
  if (table === null) return true;
  for (let at = 0; at < table.length; at += ADDRESS_BYTES) if (startsWith(frame, table, at)) return true;
  return false;
}
