// The ioctls of netdevice(7) that every socket answers: looking at interfaces, and changing them with CAP_NET_ADMIN. Internet addresses are those of lo,
// which never change; other interfaces have none until there is a protocol stack.
import { type Errno, EADDRNOTAVAIL, EINVAL, ENODEV, EOPNOTSUPP, EPERM, isErr } from '../../abi/errno.ts';
import { CAP_NET_ADMIN } from '../../abi/capability.ts';
import {
  ETH_ALEN, IFNAMSIZ, SIOCADDMULTI, SIOCDELMULTI, SIOCETHTOOL, SIOCGIFMAP, SIOCSIFHWADDR, SIOCSIFMTU, SIOCSIFNAME, SIOCSIFTXQLEN,
} from '../../abi/packet.ts';
import {
  AF_INET, AF_UNSPEC, SIOCGIFADDR, SIOCGIFBRDADDR, SIOCGIFCONF, SIOCGIFDSTADDR, SIOCGIFFLAGS, SIOCGIFHWADDR, SIOCGIFINDEX, SIOCGIFMETRIC, SIOCGIFMTU, SIOCGIFNAME,
  SIOCGIFNETMASK, SIOCGIFTXQLEN, SIOCSIFADDR, SIOCSIFFLAGS,
} from '../../abi/socket.ts';
import { latin1Encode } from '../../lib/utf8.ts';
import type { Task } from '../task/task.ts';
import type { NetDevice } from './device/net-device.ts';
import { rename, setAddress, setFlags, setMtu, setTxQueueLength } from './device/settings.ts';

/** struct ifreq: 16 bytes of name, then a union of 24. */
const IFREQ_SIZE = 40;
const UNION = IFNAMSIZ;

/** The result, or null if `cmd` is none of these. */
export function interfaceIoctl(t: Task, cmd: number, arg: number): number | Errno | null {
  switch (cmd) {
    case SIOCGIFCONF: return listInterfaces(t, arg);
    case SIOCGIFNAME: {
      const e = t.user.loadI32(arg + UNION);
      if (e !== 0) return e;
      const device = t.kernel.net.devices.get(t.user.value);
      return device === undefined ? ENODEV : t.user.copyOut(arg, nameBytes(device));
    }
    case SIOCGIFADDR: case SIOCGIFDSTADDR: return internetAddress(t, arg, 127, 1);
    case SIOCGIFNETMASK: return internetAddress(t, arg, 255, 0);
    case SIOCGIFBRDADDR: return internetAddress(t, arg, 0, 0);
    case SIOCGIFFLAGS: return answer(t, arg, d => [2, d.visibleFlags & 0xffff]);
    case SIOCGIFINDEX: return answer(t, arg, d => [4, d.index]);
    case SIOCGIFMTU: return answer(t, arg, d => [4, d.mtu]);
    case SIOCGIFMETRIC: return answer(t, arg, () => [4, 0]);
    case SIOCGIFTXQLEN: return answer(t, arg, d => [4, d.txQueueLength]);
    case SIOCGIFHWADDR: return hardwareAddress(t, arg);
    case SIOCGIFMAP: {
      const d = named(t, arg);
      return isErr(d) ? d : t.user.copyOut(arg + UNION, new Uint8Array(24));
    }
    case SIOCSIFFLAGS: case SIOCSIFMTU: case SIOCSIFTXQLEN: case SIOCSIFHWADDR: case SIOCSIFNAME:
      return t.cred.has(CAP_NET_ADMIN) ? change(t, cmd, arg) : EPERM;
    case SIOCSIFADDR: case SIOCADDMULTI: case SIOCDELMULTI: return t.cred.has(CAP_NET_ADMIN) ? EOPNOTSUPP : EPERM;
    case SIOCETHTOOL: return ethtool(t, arg);
    default: return null;
  }
}

/** The interface that the name at `arg` says. A label of an address ('lo:1') means its interface. */
function named(t: Task, arg: number): NetDevice | Errno {
  const name = t.user.string(arg, IFNAMSIZ, EINVAL);
  if (typeof name === 'number') return name;
  return t.kernel.net.devices.find(name.replace(/:.*/, '')) ?? ENODEV;
}

/** Writes a number of 2 or 4 bytes behind the name. */
function answer(t: Task, arg: number, of: (d: NetDevice) => readonly [2 | 4, number]): 0 | Errno {
  const d = named(t, arg);
  if (isErr(d)) return d;
  const [size, value] = of(d);
  return size === 2 ? t.user.storeU16(arg + UNION, value) : t.user.storeU32(arg + UNION, value);
}

/** `first`.0.0.`last` if it is lo's. */
function internetAddress(t: Task, arg: number, first: number, last: number): 0 | Errno {
  const d = named(t, arg);
  if (isErr(d)) return d;
  return d.isLoopback ? t.user.copyOut(arg + UNION, inet(first, last)) : EADDRNOTAVAIL;
}

function hardwareAddress(t: Task, arg: number): 0 | Errno {
  const d = named(t, arg);
  if (isErr(d)) return d;
  const bytes = new Uint8Array(16);
  bytes.set([d.info.type & 255, d.info.type >> 8, ...d.address]);
  return t.user.copyOut(arg + UNION, bytes);
}

function change(t: Task, cmd: number, arg: number): 0 | Errno {
  const d = named(t, arg);
  if (isErr(d)) return d;
  const k = t.kernel;
  const union = new Uint8Array(16);
  const e = t.user.copyIn(arg + UNION, union);
  if (e !== 0) return e;
  const v = new DataView(union.buffer);
  switch (cmd) {
    case SIOCSIFFLAGS: return setFlags(k, d, (d.flags & ~0xffff) | v.getUint16(0, true));
    case SIOCSIFMTU: return setMtu(k, d, v.getInt32(0, true));
    case SIOCSIFTXQLEN: return setTxQueueLength(k, d, v.getInt32(0, true));
    case SIOCSIFNAME: return rename(k, d, String.fromCharCode(...union.subarray(0, (union.indexOf(0) + 17) % 17)));
    default: {
      const family = v.getUint16(0, true);
      return family !== d.info.type && family !== AF_UNSPEC ? EINVAL : setAddress(k, d, union.subarray(2, 2 + ETH_ALEN));
    }
  }
}

/** A pointer to a request that begins with its command; none of them is known. */
function ethtool(t: Task, arg: number): Errno {
  const e = t.user.loadU64(arg + UNION) || t.user.loadU32(t.user.value);
  if (e !== 0) return e;
  const d = named(t, arg);
  return isErr(d) ? d : EOPNOTSUPP;
}

/** struct ifconf { int len; struct ifreq *req }: interfaces that have an internet address, which is lo. A null pointer asks for the size. */
function listInterfaces(t: Task, arg: number): 0 | Errno {
  const e = t.user.loadI32(arg);
  if (e !== 0) return e;
  const room = t.user.value;
  const f = t.user.loadU64(arg + 8);
  if (f !== 0) return f;
  const at = t.user.value;
  const lo = [...t.kernel.net.devices.all()].find(d => d.isLoopback)!;
  if (at === 0) return t.user.storeU32(arg, IFREQ_SIZE);
  if (room < IFREQ_SIZE) return t.user.storeU32(arg, 0);
  const req = new Uint8Array(IFREQ_SIZE);
  req.set(nameBytes(lo));
  req.set(inet(127, 1), UNION);
  const g = t.user.copyOut(at, req);
  return g !== 0 ? g : t.user.storeU32(arg, IFREQ_SIZE);
}

function nameBytes(d: NetDevice): Uint8Array {
  const name = new Uint8Array(IFNAMSIZ);
  name.set(latin1Encode(d.name));
  return name;
}

const inet = (first: number, last: number): Uint8Array => new Uint8Array([AF_INET, 0, 0, 0, first, 0, 0, last, 0, 0, 0, 0, 0, 0, 0, 0]);
