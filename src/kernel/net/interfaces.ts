// The ioctls of netdevice(7), for the one interface there is: lo. Sockets of all families answer them.
import { type Errno, EINVAL, ENODEV } from '../../abi/errno.ts';
import {
  AF_INET, IFF_LOOPBACK, IFF_RUNNING, IFF_UP, SIOCGIFADDR, SIOCGIFCONF, SIOCGIFFLAGS, SIOCGIFHWADDR, SIOCGIFINDEX, SIOCGIFMETRIC, SIOCGIFMTU,
  SIOCGIFNAME, SIOCGIFNETMASK, SIOCGIFTXQLEN,
} from '../../abi/socket.ts';
import type { Task } from '../task/task.ts';

/** struct ifreq: 16 bytes of name, then a union of 24. */
const IFREQ_SIZE = 40, NAME_SIZE = 16;
const LO_INDEX = 1, LO_MTU = 65536, LO_QUEUE = 1000, ARPHRD_LOOPBACK = 772;

/** The result, or null if `cmd` is none of these. */
export function interfaceIoctl(t: Task, cmd: number, arg: number): number | Errno | null {
  switch (cmd) {
    case SIOCGIFCONF: return listInterfaces(t, arg);
    case SIOCGIFNAME: {
      const e = t.user.loadI32(arg + NAME_SIZE);
      if (e !== 0) return e;
      return t.user.value === LO_INDEX ? t.user.copyOut(arg, loName()) : ENODEV;
    }
    case SIOCGIFFLAGS: return answer(t, arg, at => t.user.storeU16(at, IFF_UP | IFF_LOOPBACK | IFF_RUNNING));
    case SIOCGIFINDEX: return answer(t, arg, at => t.user.storeU32(at, LO_INDEX));
    case SIOCGIFMTU: return answer(t, arg, at => t.user.storeU32(at, LO_MTU));
    case SIOCGIFMETRIC: return answer(t, arg, at => t.user.storeU32(at, 0));
    case SIOCGIFTXQLEN: return answer(t, arg, at => t.user.storeU32(at, LO_QUEUE));
    case SIOCGIFADDR: return answer(t, arg, at => t.user.copyOut(at, inet(127, 0, 0, 1)));
    case SIOCGIFNETMASK: return answer(t, arg, at => t.user.copyOut(at, inet(255, 0, 0, 0)));
    case SIOCGIFHWADDR: return answer(t, arg, at => t.user.copyOut(at, hardware()));
    default: return null;
  }
}

/** The interface named at `arg` is lo: writes behind the name. */
function answer(t: Task, arg: number, write: (at: number) => 0 | Errno): 0 | Errno {
  const name = t.user.string(arg, NAME_SIZE, EINVAL);
  if (typeof name === 'number') return name;
  return name === 'lo' ? write(arg + NAME_SIZE) : ENODEV;
}

/** struct ifconf { int len; struct ifreq *req }. A null pointer asks for the size. */
function listInterfaces(t: Task, arg: number): 0 | Errno {
  const e = t.user.loadI32(arg);
  if (e !== 0) return e;
  const room = t.user.value;
  const f = t.user.loadU64(arg + 8);
  if (f !== 0) return f;
  const at = t.user.value;
  if (at === 0) return t.user.storeU32(arg, IFREQ_SIZE);
  if (room < IFREQ_SIZE) return t.user.storeU32(arg, 0);
  const req = new Uint8Array(IFREQ_SIZE);
  req.set(loName());
  req.set(inet(127, 0, 0, 1), NAME_SIZE);
  const g = t.user.copyOut(at, req);
  return g !== 0 ? g : t.user.storeU32(arg, IFREQ_SIZE);
}

function loName(): Uint8Array {
  const name = new Uint8Array(NAME_SIZE);
  name.set([108, 111]);
  return name;
}

const inet = (a: number, b: number, c: number, d: number): Uint8Array => new Uint8Array([AF_INET, 0, 0, 0, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0]);

function hardware(): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes[0] = ARPHRD_LOOPBACK & 255;
  bytes[1] = ARPHRD_LOOPBACK >> 8;
  return bytes;
}
