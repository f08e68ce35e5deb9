// Packet sockets (packet(7)): whole frames, SOCK_RAW with and SOCK_DGRAM without their link header, in and out of interfaces. A socket hears the protocol it is
// bound to, with ETH_P_ALL also what leaves; what no filter lets through is not for it, what no buffer has room for is counted; nobody waits.
// With a ring (ring.ts) frames go there instead of into the inbox. Gaps: no PACKET_TX_RING, no fanout, no VLAN tags beside the bytes, no SOCK_PACKET.
import { type Errno, EAGAIN, EINVAL, EMSGSIZE, ENETDOWN, ENODEV, ENOBUFS, ENOENT, ENXIO, EOPNOTSUPP, type Fallible } from '../../../abi/errno.ts';
import {
  ETH_ALEN, ETH_HLEN, ETH_P_ALL, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING, PACKET_OUTGOING, SIOCGSTAMPNS_NEW, SIOCGSTAMPNS_OLD, SIOCGSTAMP_NEW, SIOCGSTAMP_OLD, SockaddrLl,
  SOL_PACKET, TP_STATUS_USER, TPACKET_V1, TpacketAuxdata,
} from '../../../abi/packet.ts';
import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../../../abi/poll.ts';
import { AF_PACKET, MSG_OOB, SOCK_RAW, SOL_SOCKET, SO_TIMESTAMP, SO_TIMESTAMPNS } from '../../../abi/socket.ts';
import { Timespec, Timeval } from '../../../abi/time.ts';
import type { Vma } from '../../mm/vma.ts';
import type { Task } from '../../task/task.ts';
import type { IoBuffer } from '../../vfs/io-buffer.ts';
import type { Timestamp } from '../../vfs/inode.ts';
import type { FrameTap, NetDevices } from '../device/net-devices.ts';
import type { Frame } from '../device/frame.ts';
import type { NetDevice } from '../device/net-device.ts';
import { runPacketFilter } from '../filter.ts';
import type { TakeMode } from '../inbox.ts';
import type { Outgoing, Received } from '../message.ts';
import { Socket } from '../socket.ts';
import { FrameInbox, type HeardFrame } from './inbox.ts';
import { Memberships } from './memberships.ts';
import { getPacketOption, setPacketOption } from './options.ts';
import type { PacketRing } from './ring.ts';

const READABLE = POLLIN | POLLRDNORM, WRITABLE = POLLOUT | POLLWRNORM | POLLWRBAND;
/** struct sockaddr_ll up to its address. */
const NAME_HEAD = 12;
/** Network order to the host's, and back. */
const swap = (protocol: number): number => ((protocol & 255) << 8) | ((protocol >> 8) & 255);

/** Where a packet is to go. */
interface Destination { readonly device: NetDevice | undefined; readonly protocol: number; readonly address: Uint8Array | null }

export class PacketSocket extends Socket implements FrameTap {
  readonly inbox: FrameInbox;
  readonly isStream = false;
  readonly memberships: Memberships;
  /** What it is bound to: ETH_P_* in host order, 0: nothing; and the interface, 0: all, -1: one that is gone. */
  tapProtocol: number;
  ifindex = 0;
  /** Compiled SO_ATTACH_FILTER (net/filter.ts), or null; SO_LOCK_FILTER. */
  filter: Int32Array | null = null;
  filterLock: 'open' | 'locked' = 'open';
  /** PACKET_STATISTICS, since it was last looked at. */
  heard = 0;
  dropped = 0;
  private readonly devices: NetDevices;
  /** PACKET_RX_RING, PACKET_VERSION, PACKET_RESERVE. */
  ring: PacketRing | null = null;
  ringVersion = TPACKET_V1;
  ringReserve = 0;
  /** SIOCGSTAMP: of the last packet that was read. */
  private stamp: Timestamp | null = null;

  /** `protocol` in network order; 0: nothing is heard before bind(2). */
  constructor(t: Task, type: number, protocol: number) {
    super(t, AF_PACKET, type, 0);
    this.inbox = new FrameInbox(t.kernel.ipc.buffers);
    this.devices = t.kernel.net.devices;
    this.memberships = new Memberships(this.devices);
    this.tapProtocol = swap(protocol);
    this.devices.sockets.add(this);
    this.hookUp();
  }

  /** Listens, if it is bound to something that is there and up; false: to an interface that is down or gone. */
  private hookUp(): boolean {
    const { taps } = this.devices;
    taps.delete(this);
    if (this.tapProtocol === 0) return true;
    if (this.ifindex !== 0 && this.devices.get(this.ifindex)?.isUp !== true) return false;
    taps.add(this);
    return true;
  }

  // --- names ---------------------------------------------------------------------------------------------------------------------------

  override bind(_t: Task, address: Uint8Array): 0 | Errno {
    if (address.length < SockaddrLl.size) return EINVAL;
    const a = SockaddrLl.view(address);
    if (a.sll_family !== AF_PACKET) return EINVAL;
    const protocol = a.sll_protocol === 0 ? this.tapProtocol : swap(a.sll_protocol);
    if (a.sll_ifindex !== 0 && this.devices.get(a.sll_ifindex) === undefined) return ENODEV;
    if (protocol === this.tapProtocol && a.sll_ifindex === this.ifindex) return 0;
    this.tapProtocol = protocol;
    this.ifindex = a.sll_ifindex;
    if (!this.hookUp()) this.fail(ENETDOWN);
    return 0;
  }

  override connect(): Errno { return EOPNOTSUPP; }
  override peerName(): Errno { return EOPNOTSUPP; }
  override shutdown(): Errno { return EOPNOTSUPP; }

  override localName(): Uint8Array {
    const a = SockaddrLl.view();
    const device = this.devices.get(this.ifindex);
    a.sll_family = AF_PACKET;
    a.sll_protocol = swap(this.tapProtocol);
    a.sll_ifindex = this.ifindex;
    if (device === undefined) return a.bytes.subarray(0, NAME_HEAD);
    a.sll_hatype = device.info.type;
    a.sll_halen = ETH_ALEN;
    a.bytes.set(device.address, NAME_HEAD);
    return a.bytes.subarray(0, NAME_HEAD + ETH_ALEN);
  }

  // --- sending -------------------------------------------------------------------------------------------------------------------------

  /** The whole packet or nothing; what the interface has no room for is lost with ENOBUFS. */
  override send(_t: Task, io: IoBuffer, msg: Outgoing): number | Errno {
    if ((msg.flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    const to = this.destination(msg.address);
    if (typeof to === 'number') return to;
    const { device } = to;
    if (device === undefined) return ENXIO;
    if (!device.isUp) return ENETDOWN;
    const isRaw = this.type === SOCK_RAW;
    const length = io.remaining, header = isRaw ? 0 : ETH_HLEN;
    if (length > device.mtu + (isRaw ? ETH_HLEN : 0)) return EMSGSIZE;
    if (isRaw && length < ETH_HLEN) return EINVAL;
    const frame = new Uint8Array(header + length);
    const n = takeAll(io, frame, header);
    if (n < 0) return n;
    if (!isRaw) writeHeader(frame, to.address ?? device.info.broadcast, device.address, to.protocol);
    const protocol = isRaw && (to.protocol === 0 || to.protocol === ETH_P_ALL) ? (frame[12]! << 8) | frame[13]! : to.protocol;
    const r = this.devices.transmit(device, frame, protocol, this);
    return r === 0 ? length : r;
  }

  private destination(address: Uint8Array | null): Destination | Errno {
    if (address === null) return { device: this.devices.get(this.ifindex), protocol: this.tapProtocol, address: null };
    if (address.length < SockaddrLl.size) return EINVAL;
    const a = SockaddrLl.view(address);
    if (address.length < NAME_HEAD + a.sll_halen) return EINVAL;
    const device = this.devices.get(a.sll_ifindex);
    return { device, protocol: swap(a.sll_protocol), address: address.subarray(NAME_HEAD, NAME_HEAD + ETH_ALEN) };
  }

  // --- hearing -------------------------------------------------------------------------------------------------------------------------

  hear(frame: Frame): void {
    if (frame.packetType === PACKET_OUTGOING && this.option(SOL_PACKET, PACKET_IGNORE_OUTGOING, 0) !== 0) return;
    const { device } = frame;
    const start = this.type === SOCK_RAW ? 0 : ETH_HLEN;
    const { kernel } = this.inode.sb;
    const fullLength = frame.bytes.length - start;
    const keep = this.filter === null ? fullLength : runPacketFilter(this.filter, {
      bytes: frame.bytes, start, networkAt: ETH_HLEN, protocol: frame.protocol, packetType: frame.packetType, ifindex: device.index, hardwareType: device.info.type,
    }, kernel.random);
    if (keep === 0) return;
    const bytes = frame.bytes.subarray(start, start + Math.min(keep, fullLength));
    const heard: HeardFrame = { bytes, fullLength, networkAt: ETH_HLEN - start, from: sender(frame), time: kernel.realtime() };
    if (this.ring !== null) return this.hearIntoRing(this.ring, heard);
    if (this.inbox.add(heard, this.receiveBufferSize)) this.heard++;
    else this.dropped++;
    this.queue.wake(READABLE);
  }

  private hearIntoRing(ring: PacketRing, frame: HeardFrame): void {
    const r = ring.add(frame, this.dropped > 0);
    if (r === 'full') this.dropped++;
    else this.heard++;
    if (r !== 'added') this.ringReady();
  }
  /** A part of the ring is the program's. */
  ringReady(): void { this.queue.wake(READABLE); }

  /** The whole ring, from its beginning (packet(7)). */
  override mmap(_t: Task, vma: Vma): 0 | Errno {
    if (this.ring === null || vma.offset !== 0 || vma.length !== this.ring.memory.bytes) return EINVAL;
    vma.pages = this.ring.memory.pages;
    return 0;
  }

  override receive(_t: Task, io: IoBuffer, mode: TakeMode, into: Received): number | Errno {
    if (this.error !== 0) return this.takeError();
    const { next } = this.inbox;
    if (next === null) return EAGAIN;
    const n = this.inbox.take(io, mode, into);
    if (n < 0) return n;
    this.stamp = next.time;
    this.describe(next, into);
    return n;
  }

  /** Ancillary data, as the options ask for it. */
  private describe({ bytes, fullLength, networkAt, time }: HeardFrame, into: Received): void {
    if (this.option(SOL_SOCKET, SO_TIMESTAMPNS, 0) !== 0) into.note(SOL_SOCKET, SO_TIMESTAMPNS, timespec(time));
    else if (this.option(SOL_SOCKET, SO_TIMESTAMP, 0) !== 0) into.note(SOL_SOCKET, SO_TIMESTAMP, timeval(time));
    if (this.option(SOL_PACKET, PACKET_AUXDATA, 0) === 0) return;
    const aux = TpacketAuxdata.view();
    aux.tp_status = TP_STATUS_USER;
    aux.tp_len = fullLength;
    aux.tp_snaplen = bytes.length;
    aux.tp_net = networkAt;
    into.note(SOL_PACKET, PACKET_AUXDATA, aux.bytes);
  }

  override poll(): number {
    const isReadable = !this.inbox.isEmpty || (this.ring !== null && this.ring.isReadable);
    return (this.error !== 0 ? POLLERR : 0) | (isReadable ? READABLE : 0) | WRITABLE;
  }

  // --- options, interfaces, the end ----------------------------------------------------------------------------------------------------

  override setOption(t: Task, level: number, name: number, at: number, length: number): 0 | Errno | null { return setPacketOption(t, this, level, name, at, length); }
  override getOption(t: Task, level: number, name: number, at: number): Fallible<Uint8Array> | null { return getPacketOption(t, this, level, name, at); }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    switch (cmd >>> 0) {
      case SIOCGSTAMP_OLD: case SIOCGSTAMP_NEW: return this.stamp === null ? ENOENT : t.user.copyOut(arg, timeval(this.stamp));
      case SIOCGSTAMPNS_OLD: case SIOCGSTAMPNS_NEW: return this.stamp === null ? ENOENT : t.user.copyOut(arg, timespec(this.stamp));
      default: return super.ioctl(t, cmd, arg);
    }
  }

  deviceChanged(device: NetDevice, how: 'up' | 'down' | 'gone'): void {
    if (how === 'gone') this.memberships.dropAll(device);
    if (this.ifindex !== device.index) return;
    const wasListening = this.devices.taps.has(this);
    if (how === 'gone') this.ifindex = -1;
    this.hookUp();
    if (how !== 'up' && wasListening) this.fail(ENETDOWN);
  }

  private fail(error: Errno): void {
    this.error = error;
    this.queue.wake(POLLERR | POLLIN | POLLOUT);
  }

  override release(): void {
    this.devices.sockets.delete(this);
    this.devices.taps.delete(this);
    this.memberships.dropAll(null);
    this.inbox.dropAll();
    this.ring?.release();
    this.ring = null;
  }
}

function takeAll(io: IoBuffer, into: Uint8Array, at: number): number {
  for (let done = at; done < into.length;) {
    const n = io.take(into, done, into.length - done);
    if (n <= 0) return n < 0 ? n : ENOBUFS;
    done += n;
  }
  return 0;
}

function writeHeader(frame: Uint8Array, to: Uint8Array, from: Uint8Array, protocol: number): void {
  frame.set(to);
  frame.set(from, ETH_ALEN);
  frame[12] = protocol >> 8;
  frame[13] = protocol & 255;
}

/** struct sockaddr_ll of where a frame came from. */
function sender({ bytes, device, protocol, packetType }: Frame): Uint8Array {
  const a = SockaddrLl.view();
  a.sll_family = AF_PACKET;
  a.sll_protocol = swap(protocol);
  a.sll_ifindex = device.index;
  a.sll_hatype = device.info.type;
  a.sll_pkttype = packetType;
  a.sll_halen = ETH_ALEN;
  a.bytes.set(bytes.subarray(ETH_ALEN, 2 * ETH_ALEN), NAME_HEAD);
  return a.bytes;
}

function timespec({ sec, nsec }: Timestamp): Uint8Array {
  const v = Timespec.view();
  v.tv_sec = sec;
  v.tv_nsec = nsec;
  return v.bytes;
}

function timeval({ sec, nsec }: Timestamp): Uint8Array {
  const v = Timeval.view();
  v.tv_sec = sec;
  v.tv_usec = Math.floor(nsec / 1000);
  return v.bytes;
}
