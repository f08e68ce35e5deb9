// The network of one machine: which families there are, and the names bound in them. Lives in kernel.net.
import { type Fallible, EAFNOSUPPORT, EOPNOTSUPP, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from '../../abi/errno.ts';
import { CAP_NET_RAW } from '../../abi/capability.ts';
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM,
} from '../../abi/socket.ts';
import { NETLINK_ROUTE } from '../../abi/rtnetlink.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { NetDevices } from './device/net-devices.ts';
import { Ports } from './inet/ports.ts';
import { TcpSocket } from './inet/tcp.ts';
import { UdpSocket } from './inet/udp.ts';
import { NETLINK_KOBJECT_UEVENT } from '../device/uevent.ts';
import { NetlinkPorts, NetlinkSocket } from './netlink/socket.ts';
import { PacketSocket } from './packet/socket.ts';
import type { Socket } from './socket.ts';
import { UnixNames } from './unix/names.ts';
import { UnixConnection, UnixDatagram, unixPair } from './unix/sockets.ts';

export class Network {
  readonly unix = new UnixNames();
  readonly tcp = new Ports();
  readonly udp = new Ports();
  readonly netlink = new NetlinkPorts();
  readonly devices: NetDevices;
  constructor(kernel: Kernel) { this.devices = new NetDevices(kernel); }
}

/** socket(2); `type` without its flags. */
export function createSocket(t: Task, family: number, type: number, protocol: number): Fallible<Socket> {
  switch (family) {
    case AF_UNIX:
      if (protocol !== 0 && protocol !== AF_UNIX) return EPROTONOSUPPORT;
      if (type === SOCK_STREAM || type === SOCK_SEQPACKET) return new UnixConnection(t, type);
      return type === SOCK_DGRAM || type === SOCK_RAW ? new UnixDatagram(t) : ESOCKTNOSUPPORT;
    case AF_INET: case AF_INET6:
      if (type === SOCK_STREAM) return protocol === IPPROTO_IP || protocol === IPPROTO_TCP ? new TcpSocket(t, family) : EPROTONOSUPPORT;
      if (type === SOCK_DGRAM) return protocol === IPPROTO_IP || protocol === IPPROTO_UDP ? new UdpSocket(t, family) : EPROTONOSUPPORT;
      if (type === SOCK_RAW) return t.cred.has(CAP_NET_RAW) ? EPROTONOSUPPORT : EPERM;
      return ESOCKTNOSUPPORT;
    case AF_NETLINK:
      if (type !== SOCK_RAW && type !== SOCK_DGRAM) return ESOCKTNOSUPPORT;
      return protocol === NETLINK_ROUTE || protocol === NETLINK_KOBJECT_UEVENT ? new NetlinkSocket(t, type, protocol) : EPROTONOSUPPORT;
    case AF_PACKET:
      if (!t.cred.has(CAP_NET_RAW)) return EPERM;
      return type === SOCK_RAW || type === SOCK_DGRAM ? new PacketSocket(t, type, protocol & 0xffff) : ESOCKTNOSUPPORT;
    default: return EAFNOSUPPORT;
  }
}

/** socketpair(2). */
export function createPair(t: Task, family: number, type: number, protocol: number): Fallible<[Socket, Socket]> {
  if (family === AF_INET || family === AF_INET6 || family === AF_NETLINK || family === AF_PACKET) return EOPNOTSUPP;
  if (family !== AF_UNIX) return EAFNOSUPPORT;
  if (protocol !== 0 && protocol !== AF_UNIX) return EPROTONOSUPPORT;
  if (type !== SOCK_STREAM && type !== SOCK_SEQPACKET && type !== SOCK_DGRAM && type !== SOCK_RAW) return ESOCKTNOSUPPORT;
  return unixPair(t, type === SOCK_RAW ? SOCK_DGRAM : type);
}
