// A frame on its way through the kernel: bytes that nobody changes any more, and what was found out about them when it came or left.
import {
  ETH_ALEN, ETH_HLEN, ETH_P_802_2, ETH_P_802_3, ETH_P_802_3_MIN, PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, PACKET_OUTGOING,
} from '../../../abi/packet.ts';
import type { NetDevice } from './net-device.ts';

export class Frame {
  readonly bytes: Uint8Array;
  readonly device: NetDevice;
  /** ETH_P_*, in host order. */
  readonly protocol: number;
  /** PACKET_HOST and so on, packet(7). */
  readonly packetType: number;

  constructor(bytes: Uint8Array, device: NetDevice, protocol: number, packetType: number) {
    this.bytes = bytes;
    this.device = device;
    this.protocol = protocol;
    this.packetType = packetType;
  }

  /** One that came in: at least a link header. */
  static incoming(bytes: Uint8Array, device: NetDevice): Frame { return new Frame(bytes, device, protocolOf(bytes), typeOf(bytes, device)); }
  static outgoing(bytes: Uint8Array, device: NetDevice, protocol: number): Frame { return new Frame(bytes, device, protocol, PACKET_OUTGOING); }
}

/** What the type field says; a length there means IEEE 802.3, with or without an LLC header. */
function protocolOf(bytes: Uint8Array): number {
  const field = (bytes[12]! << 8) | bytes[13]!;
  if (field >= ETH_P_802_3_MIN) return field;
  return bytes.length >= ETH_HLEN + 2 && bytes[14] === 255 && bytes[15] === 255 ? ETH_P_802_3 : ETH_P_802_2;
}

function typeOf(bytes: Uint8Array, device: NetDevice): number {
  if (isAt(bytes, device.address)) return PACKET_HOST;
  if ((bytes[0]! & 1) === 0) return PACKET_OTHERHOST;
  return isAt(bytes, device.info.broadcast) ? PACKET_BROADCAST : PACKET_MULTICAST;
}

function isAt(bytes: Uint8Array, address: Uint8Array): boolean {
  for (let i = 0; i < ETH_ALEN; i++) if (bytes[i] !== address[i]) return false;
  return true;
}
