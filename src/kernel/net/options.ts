// Socket options (socket(7), ip(7), ipv6(7), tcp(7)) as one table: what may be set, its default and its bounds. Most are only remembered:
// on a wire of zero length there is nothing to delay, keep alive or route.
import { type Errno, type Fallible, EACCES, EINVAL, ENOPROTOOPT, EOPNOTSUPP, EPERM } from '../../abi/errno.ts';
import { CAP_NET_ADMIN, CAP_NET_RAW } from '../../abi/capability.ts';
import * as abi from '../../abi/socket.ts';
import type { Task } from '../task/task.ts';
import { BUFFER_SIZE, type Socket } from './socket.ts';

const { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SOL_IP, SOL_IPV6, SOL_NETLINK, SOL_SOCKET, SOL_TCP } = abi;

/** bool: 0 or 1; int: within bounds; buffer: doubled, within the limits of socket(7), or `of` another beyond them; admin: CAP_NET_ADMIN (or, for SO_MARK, CAP_NET_RAW). */
interface Row { readonly kind: 'bool' | 'int' | 'buffer' | 'admin'; readonly initial: number; readonly min?: number; readonly max?: number; readonly of?: number }
const bool = (initial = 0): Row => ({ kind: 'bool', initial });
const int = (initial: number, min: number, max: number): Row => ({ kind: 'int', initial, min, max });
const INT_MAX = 0x7fff_ffff;

/** Remembered options with an int value, by level. */
const ROWS: Readonly<Record<number, Readonly<Record<number, Row>>>> = {
  [SOL_SOCKET]: {
    [abi.SO_DEBUG]: { kind: 'admin', initial: 0 }, [abi.SO_REUSEADDR]: bool(), [abi.SO_REUSEPORT]: bool(), [abi.SO_DONTROUTE]: bool(),
    [abi.SO_BROADCAST]: bool(), [abi.SO_KEEPALIVE]: bool(), [abi.SO_OOBINLINE]: bool(), [abi.SO_NO_CHECK]: bool(), [abi.SO_PRIORITY]: int(0, 0, 6),
    [abi.SO_SNDBUF]: { kind: 'buffer', initial: BUFFER_SIZE, min: 4608 }, [abi.SO_RCVBUF]: { kind: 'buffer', initial: BUFFER_SIZE, min: 2304 },
    [abi.SO_SNDBUFFORCE]: { kind: 'buffer', initial: 0, min: 4608, of: abi.SO_SNDBUF }, [abi.SO_RCVBUFFORCE]: { kind: 'buffer', initial: 0, min: 2304, of: abi.SO_RCVBUF },
    [abi.SO_PASSCRED]: bool(), [abi.SO_RCVLOWAT]: int(1, 0, INT_MAX), [abi.SO_MARK]: { kind: 'admin', initial: 0 },
    [abi.SO_BUSY_POLL]: { kind: 'admin', initial: 0 }, [abi.SO_INCOMING_CPU]: int(0, 0, INT_MAX), [abi.SO_RXQ_OVFL]: bool(),
  },
  [SOL_IP]: {
    [abi.IP_TOS]: int(0, 0, 255), [abi.IP_TTL]: int(64, 1, 255), [abi.IP_MTU_DISCOVER]: int(1, 0, 5), [abi.IP_RECVERR]: bool(),
    [abi.IP_FREEBIND]: bool(), [abi.IP_BIND_ADDRESS_NO_PORT]: bool(), [abi.IP_MULTICAST_TTL]: int(1, 0, 255), [abi.IP_MULTICAST_LOOP]: bool(1),
  },
  [SOL_IPV6]: {
    [abi.IPV6_V6ONLY]: bool(), [abi.IPV6_UNICAST_HOPS]: int(64, -1, 255), [abi.IPV6_MULTICAST_HOPS]: int(1, -1, 255), [abi.IPV6_MULTICAST_LOOP]: bool(1),
    [abi.IPV6_RECVERR]: bool(), [abi.IPV6_TCLASS]: int(0, -1, 255),
  },
  // NETLINK_PKTINFO, _BROADCAST_ERROR, _NO_ENOBUFS, _CAP_ACK, _EXT_ACK, _GET_STRICT_CHK
  [SOL_NETLINK]: { 3: bool(), 4: bool(), 5: bool(), 10: bool(), 11: bool(), 12: bool() },
  [SOL_TCP]: {
    [abi.TCP_NODELAY]: bool(), [abi.TCP_CORK]: bool(), [abi.TCP_KEEPIDLE]: int(7200, 1, 32767), [abi.TCP_KEEPINTVL]: int(75, 1, 32767),
    [abi.TCP_KEEPCNT]: int(9, 1, 127), [abi.TCP_SYNCNT]: int(6, 1, 127), [abi.TCP_LINGER2]: int(60, -1, INT_MAX), [abi.TCP_DEFER_ACCEPT]: int(0, 0, INT_MAX),
    [abi.TCP_QUICKACK]: bool(1), [abi.TCP_USER_TIMEOUT]: int(0, 0, INT_MAX), [abi.TCP_MAXSEG]: int(32768, 88, 32767),
    [abi.TCP_NOTSENT_LOWAT]: int(0, 0, INT_MAX), [abi.TCP_FASTOPEN]: int(0, 0, INT_MAX),
  },
};

/** The options of `level` that a socket of this kind knows. */
function rowsOf(s: Socket, level: number): Readonly<Record<number, Row>> | null {
  const inet = s.family === AF_INET || s.family === AF_INET6;
  if (level === SOL_NETLINK) return s.family === AF_NETLINK ? ROWS[level]! : null;
  if (level === SOL_SOCKET || (level === SOL_IP && inet) || (level === SOL_IPV6 && s.family === AF_INET6)) return ROWS[level]!;
  return level === SOL_TCP && inet && s.type === SOCK_STREAM ? ROWS[level]! : null;
}

/** Credentials travel with UNIX sockets only. */
const isForeign = (s: Socket, level: number, name: number): boolean => level === SOL_SOCKET && name === abi.SO_PASSCRED && s.family !== AF_UNIX && s.family !== AF_NETLINK;

/** setsockopt(2) of an int option. */
export function setIntOption(t: Task, s: Socket, level: number, name: number, value: number): 0 | Errno {
  if (isForeign(s, level, name)) return EOPNOTSUPP;
  const rows = rowsOf(s, level);
  if (rows === null) return s.family === AF_UNIX ? EOPNOTSUPP : ENOPROTOOPT;
  const row = rows[name];
  if (row === undefined) return ENOPROTOOPT;
  const key = level * 65536 + name;
  switch (row.kind) {
    case 'admin':
      if (value !== 0 && !t.cred.has(CAP_NET_ADMIN) && !(name === abi.SO_MARK && t.cred.has(CAP_NET_RAW))) return name === abi.SO_DEBUG ? EACCES : EPERM;
      s.options.set(key, value);
      return 0;
    case 'bool':
      s.options.set(key, value !== 0 ? 1 : 0);
      return 0;
    case 'int':
      if ((value < row.min! || value > row.max!) && !(name === abi.SO_PRIORITY && (t.cred.has(CAP_NET_ADMIN) || t.cred.has(CAP_NET_RAW)))) return name === abi.SO_PRIORITY ? EPERM : EINVAL;
      s.options.set(key, value);
      return 0;
    case 'buffer': {
      const { of } = row;
      if (of !== undefined && !t.cred.has(CAP_NET_ADMIN)) return EPERM;
      s.options.set(level * 65536 + (of ?? name), Math.max(row.min!, Math.min(value >>> 0, of === undefined ? BUFFER_SIZE : INT_MAX >> 1) * 2));
      return 0;
    }
  }
}

/** getsockopt(2) of an int option, the read-only ones too. In a box: some values are negative. */
export function getIntOption(s: Socket, level: number, name: number): Fallible<{ readonly value: number }> {
  if (isForeign(s, level, name)) return EOPNOTSUPP;
  if (level === SOL_SOCKET) {
    switch (name) {
      case abi.SO_TYPE: return { value: s.type };
      case abi.SO_DOMAIN: return { value: s.family };
      case abi.SO_PROTOCOL: return { value: s.protocol };
      case abi.SO_ERROR: return { value: -s.takeError() };
      case abi.SO_ACCEPTCONN: return { value: s.isListening ? 1 : 0 };
      case abi.SO_SNDLOWAT: return { value: 1 };
    }
  }
  if (level === SOL_IP && name === abi.IP_MTU && s.type === SOCK_DGRAM) return { value: 65536 };
  const rows = rowsOf(s, level);
  if (rows === null) return EOPNOTSUPP;
  const row = rows[name];
  return row === undefined || row.of !== undefined ? ENOPROTOOPT : { value: s.options.get(level * 65536 + name) ?? row.initial };
}
