// Core of the virtio network card (virtio 1.2, 5.1): buffers for frames both ways and commands about what the card is to hear. The front reads received frames
// where they lie and gives the buffers back in one go (NET_REFILL); it writes frames to be sent into a slot's buffer. The device is not trusted: what it
// uses without having been given it is its ruin, what it says about lengths is bounded.
import { EAGAIN, EIO, EOPNOTSUPP, ENOMEM, type Errno, isErr } from '../../abi/errno.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import {
  ETHER_HEADER_BYTES, ETHER_OVERHEAD_BYTES, NET_CFG_MAC, NET_CFG_MTU, NET_CFG_STATUS, NET_CTRL_MAC, NET_CTRL_MAC_ADDR_SET, NET_CTRL_MAC_TABLE_SET, NET_CTRL_RX,
  NET_CTRL_RX_ALLMULTI, NET_CTRL_RX_PROMISC, NET_F_CTRL_MAC_ADDR, NET_F_CTRL_RX, NET_F_CTRL_VQ, NET_F_MAC, NET_F_MTU, NET_F_STATUS, NET_HEADER_BYTES, NET_OK,
  NET_QUEUE_CTRL, NET_QUEUE_RX, NET_QUEUE_TX, NET_S_LINK_UP,
} from '../../machine/registers.ts';
import { VirtioCore } from './virtio.ts';
import type { VirtQueue } from './virtqueue.ts';

/** info(): what the card is, into `args` at the NET_INFO_* words; from NET_INFO_TX on where each slot's frame goes. */
export const NET_INFO = 0;
/** send(slot, length): the frame in the slot's buffer. EAGAIN: no room. NET_SENT comes when the slot is free again. */
export const NET_SEND = 1;
/** The front has looked at all frames it was told of: their buffers may be filled again. */
export const NET_REFILL = 2;
/** filter(promiscuous, all multicasts, u, m): addresses in `args`, u of one station and then m of groups. EOPNOTSUPP: the card hears everything anyway. */
export const NET_FILTER = 3;
/** address(number): the card's own. */
export const NET_SET_ADDRESS = 4;
/** Events: (address, length) a frame has come; (): those were all for now; (slot) it is free; (1 up, 0 down). */
export const NET_FRAME = 0, NET_FRAMES = 1, NET_SENT = 2, NET_LINK = 3;
export const NET_INFO_ADDRESS = 0, NET_INFO_MTU = 1, NET_INFO_LINK = 2, NET_INFO_TX = 3;
/** Frames that can be on their way out. */
export const NET_SLOTS = 16;
/** Addresses of each kind that a filter can have. */
export const NET_FILTER_MAX = 64;

const QUEUE_SIZE = 128, CTRL_QUEUE_SIZE = 2, ETHERNET_MTU = 1500, MIN_MTU = 68, ADDRESS_BYTES = 6;
/** Buffers for frames that come: fewer where they are large. */
const RX_BUFFERS = 64, RX_LARGE_BUFFERS = 16;
/** Of the command page: where the device acknowledges. */
const ACK_AT = PAGE_SIZE - 4;
const WANTED = NET_F_MAC | NET_F_MTU | NET_F_STATUS | NET_F_CTRL_VQ | NET_F_CTRL_RX | NET_F_CTRL_MAC_ADDR;

export class VirtioNetCore extends VirtioCore {
  private rx: VirtQueue | null = null;
  private tx: VirtQueue | null = null;
  private ctrl: VirtQueue | null = null;
  private mtu = ETHERNET_MTU;
  /** DMA addresses of buffers, `bufferBytes` each; those of `sendAt` begin with a header that stays zero. */
  private bufferBytes = 0;
  private readonly receiveAt: number[] = [];
  private readonly sendAt: number[] = [];
  /** Receive buffers that the front looks at. */
  private readonly lent: number[] = [];
  private command = 0;

  override start(): 0 | Errno {
    const { virtio, port } = this;
    const r = virtio.start(WANTED);
    if (r !== 0) return r;
    if ((virtio.features & NET_F_MAC) === 0) return virtio.give(EIO);
    this.mtu = this.has(NET_F_MTU) ? Math.max(MIN_MTU, virtio.config32(NET_CFG_MTU - 2) >>> 16) : ETHERNET_MTU;
    const rx = virtio.queue(NET_QUEUE_RX, QUEUE_SIZE), tx = virtio.queue(NET_QUEUE_TX, NET_SLOTS);
    if (isErr(rx)) return virtio.give(rx);
    if (isErr(tx)) return virtio.give(tx);
    const ctrl = this.has(NET_F_CTRL_VQ) ? virtio.queue(NET_QUEUE_CTRL, CTRL_QUEUE_SIZE) : null;
    if (isErr(ctrl)) return virtio.give(ctrl);
    this.command = port.allocDma(0);
    this.bufferBytes = Math.ceil((NET_HEADER_BYTES + this.mtu + ETHER_OVERHEAD_BYTES) / 64) * 64;
    const buffers = Math.min(rx.size, this.mtu > 4096 ? RX_LARGE_BUFFERS : RX_BUFFERS);
    if (this.command < 0 || !this.allocate(this.receiveAt, buffers) || !this.allocate(this.sendAt, tx.size)) return virtio.give(ENOMEM);
    ctrl?.interrupts('off');
    this.rx = rx;
    this.tx = tx;
    this.ctrl = ctrl;
    virtio.ready();
    for (let i = 0; i < buffers; i++) this.lent.push(i);
    this.refill();
    return 0;
  }

  override call(op: typeof NET_INFO | typeof NET_SEND | typeof NET_REFILL | typeof NET_FILTER | typeof NET_SET_ADDRESS, a: number, b: number, c: number, d: number): number {
    switch (op) {
      case NET_INFO: return this.info();
      case NET_SEND: return this.send(a, b);
      case NET_REFILL: return this.refill();
      case NET_FILTER: return this.filter(a, b, c, d);
      case NET_SET_ADDRESS: return this.setAddress(a);
    }
  }

  private has(feature: number): boolean { return (this.virtio.features & feature) !== 0; }

  /** `count` buffers, several in each block of pages. */
  private allocate(into: number[], count: number): boolean {
    const order = Math.max(2, Math.ceil(Math.log2(this.bufferBytes / PAGE_SIZE)));
    while (into.length < count) {
      const block = this.port.allocDma(order);
      if (block < 0) return false;
      for (let at = 0; at + this.bufferBytes <= PAGE_SIZE << order && into.length < count; at += this.bufferBytes) into.push(block + at);
    }
    return true;
  }

  private info(): number {
    const { virtio } = this;
    const { args } = this.port;
    args[NET_INFO_ADDRESS] = addressNumber(virtio.configBytes(NET_CFG_MAC, 8));
    args[NET_INFO_MTU] = this.mtu;
    args[NET_INFO_LINK] = this.link;
    for (let i = 0; i < NET_SLOTS; i++) args[NET_INFO_TX + i] = i < this.sendAt.length ? this.sendAt[i]! + NET_HEADER_BYTES : -1;
    return 0;
  }

  private get link(): 0 | 1 { return this.has(NET_F_STATUS) && ((this.virtio.config32(NET_CFG_STATUS - 2) >>> 16) & NET_S_LINK_UP) === 0 ? 0 : 1; }
  protected override configChanged(): void { this.port.event(NET_LINK, this.link, 0, 0, 0); }

  // --- frames --------------------------------------------------------------------------------------------------------------------------

  protected override used(): void {
    this.reapSent();
    this.reapReceived();
  }

  private send(slot: number, length: number): number {
    const tx = this.tx!;
    if (tx.freeCount === 0 || length > this.bufferBytes - NET_HEADER_BYTES) return EAGAIN;
    tx.add(this.sendAt[slot]!, NET_HEADER_BYTES + length, 'out');
    tx.submit(slot);
    tx.interrupts('off');
    tx.notify();
    this.reapSent();
    tx.interrupts('on');
    this.reapSent();
    return 0;
  }

  private reapSent(): void {
    const tx = this.tx!;
    for (let slot = tx.poll(); slot >= 0; slot = tx.poll()) this.port.event(NET_SENT, slot, 0, 0, 0);
    if (tx.badUsed > 0) this.port.broken('the device used what it was not given');
  }

  private reapReceived(): void {
    const rx = this.rx!;
    let any = false;
    for (let i = rx.poll(); i >= 0; i = rx.poll()) {
      this.lent.push(i);
      any = true;
      const length = rx.usedLength - NET_HEADER_BYTES;
      if (length >= ETHER_HEADER_BYTES) this.port.event(NET_FRAME, this.receiveAt[i]! + NET_HEADER_BYTES, length, 0, 0);
    }
    if (any) this.port.event(NET_FRAMES, 0, 0, 0, 0);
    if (rx.badUsed > 0) this.port.broken('the device used what it was not given');
  }

  private refill(): 0 {
    const rx = this.rx!;
    for (const i of this.lent) {
      rx.add(this.receiveAt[i]!, this.bufferBytes, 'in');
      rx.submit(i);
    }
    this.lent.length = 0;
    rx.notify();
    return 0;
  }

  // --- commands (5.1.6.5) --------------------------------------------------------------------------------------------------------------

  private filter(promiscuous: number, allMulticast: number, unicasts: number, multicasts: number): number {
    if (this.ctrl === null || !this.has(NET_F_CTRL_RX)) return EOPNOTSUPP;
    const { args, memory: { u8, u32 } } = this.port;
    const table = this.command + 4; // aligned: the two bytes before it are class and command
    u32[table >>> 2] = unicasts;
    for (let i = 0; i < unicasts; i++) writeAddress(u8, table + 4 + i * ADDRESS_BYTES, args[i]!);
    const second = table + 4 + unicasts * ADDRESS_BYTES;
    u8.set([multicasts, 0, 0, 0], second);
    for (let i = 0; i < multicasts; i++) writeAddress(u8, second + 4 + i * ADDRESS_BYTES, args[unicasts + i]!);
    const length = second + 4 + multicasts * ADDRESS_BYTES - table;
    return this.ask(NET_CTRL_MAC, NET_CTRL_MAC_TABLE_SET, length) || this.askByte(NET_CTRL_RX_PROMISC, promiscuous) || this.askByte(NET_CTRL_RX_ALLMULTI, allMulticast);
  }

  private setAddress(address: number): number {
    if (this.ctrl === null || !this.has(NET_F_CTRL_MAC_ADDR)) return EOPNOTSUPP;
    writeAddress(this.port.memory.u8, this.command + 4, address);
    return this.ask(NET_CTRL_MAC, NET_CTRL_MAC_ADDR_SET, ADDRESS_BYTES);
  }

  private askByte(command: number, value: number): number {
    this.port.memory.u8[this.command + 4] = value;
    return this.ask(NET_CTRL_RX, command, 1);
  }

  /** A command with `length` bytes at the fourth of its page. EIO: refused. A device that does not answer at once leaves nobody knowing what it does. */
  private ask(kind: number, command: number, length: number): 0 | Errno {
    const ctrl = this.ctrl!;
    const { u8 } = this.port.memory;
    u8[this.command + 2] = kind;
    u8[this.command + 3] = command;
    u8[this.command + ACK_AT] = 0xff;
    ctrl.add(this.command + 2, 2 + length, 'out');
    ctrl.add(this.command + ACK_AT, 1, 'in');
    ctrl.submit(0);
    ctrl.notify();
    if (ctrl.poll() >= 0 && ctrl.badUsed === 0) return u8[this.command + ACK_AT] === NET_OK ? 0 : EIO;
    this.port.broken('a command was not answered');
    return EIO;
  }
}

/** A hardware address as a number, its first byte the highest. */
export function addressNumber(bytes: Uint8Array): number {
  let n = 0;
  for (let i = 0; i < ADDRESS_BYTES; i++) n = n * 256 + bytes[i]!;
  return n;
}

function writeAddress(u8: Uint8Array, at: number, address: number): void {
  let n = address;
  for (let i = ADDRESS_BYTES - 1; i >= 0; i--) {
    u8[at + i] = n % 256;
    n = Math.floor(n / 256);
  }
}
