// /proc/PID/net: the network as the process sees it (proc_pid_net(5)). There is one network for all.
import { AF_INET, SOCK_STREAM } from '../../abi/socket.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { ConnectionSocket } from '../../kernel/net/connection.ts';
import { encodeEndpoint, type Endpoint } from '../../kernel/net/inet/address.ts';
import type { InetSocket } from '../../kernel/net/inet/ports.ts';
import { PacketSocket } from '../../kernel/net/packet/socket.ts';
import type { Socket } from '../../kernel/net/socket.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { Entries } from '../pseudo/entry.ts';

export const NET_FILES: Entries<Task> = {
  'net/arp': { mode: 0o444, show: () => 'IP address       HW type     Flags       HW address            Mask     Device\n' },
  'net/dev': { mode: 0o444, show: (_t, { kernel }) => showDev(kernel) },
  'net/if_inet6': { mode: 0o444, show: () => '00000000000000000000000000000001 01 80 10 80       lo\n' },
  'net/packet': { mode: 0o444, show: (_t, { kernel }) => showPacket(kernel) },
  'net/route': { mode: 0o444, show: () => 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'.padEnd(127) + '\n' },
  'net/sockstat': { mode: 0o444, show: (_t, { kernel }) => showSockstat(kernel) },
  'net/tcp': { mode: 0o444, show: (_t, { kernel: { net } }) => IPV4_HEAD.padEnd(149) + '\n' + rows(net.tcp.all(), 'ipv4', 4, 149) },
  'net/tcp6': { mode: 0o444, show: (_t, { kernel: { net } }) => `${IPV6_HEAD}\n${rows(net.tcp.all(), 'ipv6', 4, 0)}` },
  'net/udp': { mode: 0o444, show: (_t, { kernel: { net } }) => `${IPV4_HEAD} ref pointer drops`.padEnd(127) + '\n' + rows(net.udp.all(), 'ipv4', 5, 127) },
  'net/udp6': { mode: 0o444, show: (_t, { kernel: { net } }) => `${IPV6_HEAD} ref pointer drops\n${rows(net.udp.all(), 'ipv6', 5, 0)}` },
  'net/unix': { mode: 0o444, show: (_t, { kernel }) => showUnix(kernel) },
};

const IPV4_HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const IPV6_HEAD = '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt'
  + '   uid  timeout inode';
/** States of tcp(7) as numbers; UDP borrows two of them. */
const ESTABLISHED = 1, CLOSE = 7, LISTEN = 10;
/** Columns of `dev`. */
const DEV_WIDTHS = [7, 7, 4, 4, 4, 5, 10, 9, 8, 7, 4, 4, 4, 5, 7, 10];
/** States and flags of UNIX sockets. */
const SS_UNCONNECTED = 1, SS_CONNECTED = 3, SO_ACCEPTCON = 0x10000;

function showDev({ net }: Kernel): string {
  let out = 'Inter-|   Receive                                                |  Transmit\n'
    + ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';
  for (const { name, stats: s } of net.devices.all()) {
    const columns = [s.rxBytes, s.rxPackets, s.rxErrors, s.rxDropped, 0, 0, 0, s.multicast, s.txBytes, s.txPackets, s.txErrors, s.txDropped, 0, 0, 0, 0];
    out += `${name.padStart(6)}: ${columns.map((n, i) => String(n).padStart(DEV_WIDTHS[i]!)).join(' ')}\n`;
  }
  return out;
}

/** Packet sockets (packet(7)). */
function showPacket({ net }: Kernel): string {
  let out = 'sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n';
  for (const s of net.devices.sockets) {
    if (!(s instanceof PacketSocket)) continue;
    out += `0000000000000000 ${String(s.refs + 1).padEnd(6)} ${String(s.type).padEnd(4)} ${s.tapProtocol.toString(16).padStart(4, '0')}   ${String(s.ifindex).padEnd(5)} `
      + `${net.devices.taps.has(s) ? 1 : 0} ${String(s.inbox.used).padEnd(6)} ${String(s.inode.uid).padEnd(6)} ${String(s.inode.ino).padEnd(6)}\n`;
  }
  return out;
}

function showSockstat({ net }: Kernel): string {
  const [tcp, udp, unix] = [[...net.tcp.all()].length, [...net.udp.all()].length, net.unix.all.size];
  return `sockets: used ${tcp + udp + unix}\nTCP: inuse ${tcp} orphan 0 tw 0 alloc ${tcp} mem 0\nUDP: inuse ${udp} mem 0\nUDPLITE: inuse 0\n`
    + 'RAW: inuse 0\nFRAG: inuse 0 memory 0\n';
}

/** One line a socket of the family: addresses, state, queues, owner, inode. `width` is what the line is padded to. */
function rows(sockets: Iterable<InetSocket>, family: 'ipv4' | 'ipv6', indent: number, width: number): string {
  let out = '';
  let slot = 0;
  for (const s of sockets) {
    if ((s.family === AF_INET) !== (family === 'ipv4')) continue;
    const remote = s.remote ?? { host: family === 'ipv4' ? '0.0.0.0' : '::', port: 0 };
    const line = `${String(slot++).padStart(indent)}: ${endpoint(s, s.local)} ${endpoint(s, remote)} ${hex(stateOf(s), 2)} `
      + `${hex(s.unsentBytes, 8)}:${hex(s.isListening ? s.embryos().length : s.inbox.nextLength, 8)} 00:00000000 00000000 `
      + `${String(s.inode.uid).padStart(5)} ${'0'.padStart(8)} ${s.inode.ino} ${s.refs} 0000000000000000 ${s.type === SOCK_STREAM ? '100 0 0 10 0' : '0'}`;
    out += `${line.padEnd(width)}\n`;
  }
  return out;
}

function stateOf(s: InetSocket): number {
  if (s.isListening) return LISTEN;
  return s.remote === null ? CLOSE : ESTABLISHED;
}

/** Addresses are printed as words in machine order, ports as numbers. */
function endpoint(s: Socket, at: Endpoint): string {
  const bytes = encodeEndpoint(s.family, at);
  const [start, words] = s.family === AF_INET ? [4, 1] : [8, 4];
  const data = new DataView(bytes.buffer, bytes.byteOffset);
  let out = '';
  for (let i = 0; i < words; i++) out += hex(data.getUint32(start + 4 * i, true), 8);
  return `${out}:${hex(at.port, 4)}`;
}

function showUnix({ net }: Kernel): string {
  let out = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
  for (const s of net.unix.all) {
    const state = s instanceof ConnectionSocket && s.state === 'connected' ? SS_CONNECTED : SS_UNCONNECTED;
    out += `0000000000000000: ${hex(s.refs + 1, 8)} 00000000 ${hex(s.isListening ? SO_ACCEPTCON : 0, 8)} ${hex(s.type, 4)} ${hex(state, 2)} `
      + `${String(s.inode.ino).padStart(5)}${s.name.text === '' ? '' : ` ${s.name.text}`}\n`;
  }
  return out;
}

const hex = (n: number, digits: number): string => n.toString(16).toUpperCase().padStart(digits, '0');
