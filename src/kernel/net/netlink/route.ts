// NETLINK_ROUTE (rtnetlink(7)): looking at links and changing them, and looking at addresses: those of lo, 127.0.0.1/8 and ::1/128. There are no routes.
// Other requests to change anything answer EPERM or EOPNOTSUPP.
import { type Errno, EEXIST, EINVAL, ENODEV, EOPNOTSUPP, EPERM } from '../../../abi/errno.ts';
import { CAP_NET_ADMIN } from '../../../abi/capability.ts';
import { ETH_ALEN } from '../../../abi/packet.ts';
import {
  IFA_ADDRESS, IFA_CACHEINFO, IFA_FLAGS, IFA_F_PERMANENT, IFA_LABEL, IFA_LOCAL, IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU, IFLA_TXQLEN, NLMSG_DONE, NLMSG_ERROR, NLM_F_ACK,
  NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_MULTI, RTM_BASE, RTM_GETADDR, RTM_GETLINK, RTM_NEWADDR, RTM_NEWLINK, RTM_SETLINK, RT_SCOPE_HOST,
} from '../../../abi/rtnetlink.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../abi/socket.ts';
import type { Task } from '../../task/task.ts';
import type { NetDevice } from '../device/net-device.ts';
import { rename, setAddress, setFlags, setMtu, setTxQueueLength } from '../device/settings.ts';
import { writeLink } from './link-message.ts';
import { attributes, MessageWriter, type Request } from './message.ts';

const LO = 1, IFINFO_SIZE = 16;
const FOREVER = [255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0];
const LOOPBACK4 = [127, 0, 0, 1], LOOPBACK6 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/** Answers one request with datagrams for `pid`. */
export function answerRoute(t: Task, request: Request, pid: number): Uint8Array[] {
  const { type, flags, seq } = request;
  if (type < RTM_BASE) return [];
  const w = new MessageWriter();
  // Of each group of four (NEW, DEL, GET, SET) only GET looks.
  if (type % 4 !== RTM_GETLINK % 4) {
    const r = !t.cred.has(CAP_NET_ADMIN) ? EPERM : type === RTM_NEWLINK || type === RTM_SETLINK ? changeLink(t, request) : EOPNOTSUPP;
    return r !== 0 || (flags & NLM_F_ACK) !== 0 ? [failure(w, request, pid, r)] : [];
  }
  if ((flags & NLM_F_DUMP) !== 0) return dump(t, w, request, pid);
  if (type !== RTM_GETLINK) return [failure(w, request, pid, EOPNOTSUPP)];
  const device = namedIn(t, request.body);
  if (device === undefined) return [failure(w, request, pid, ENODEV)];
  writeLink(w, device, RTM_NEWLINK, 0, seq, pid, 0);
  const out = [w.take()];
  if ((flags & NLM_F_ACK) !== 0) out.push(failure(w, request, pid, 0));
  return out;
}

function dump(t: Task, w: MessageWriter, request: Request, pid: number): Uint8Array[] {
  const { type, seq } = request;
  const out: Uint8Array[] = [];
  if (type === RTM_GETLINK) for (const d of t.kernel.net.devices.all()) {
    writeLink(w, d, RTM_NEWLINK, NLM_F_MULTI, seq, pid, 0);
    out.push(w.take());
  }
  if (type === RTM_GETADDR) addresses(w, request, pid);
  const rest = w.take();
  if (rest.length > 0) out.push(rest);
  w.begin(NLMSG_DONE, NLM_F_MULTI, seq, pid);
  w.u32(0);
  w.end();
  return [...out, w.take()];
}

/** struct nlmsgerr: the errno, 0 for an acknowledgement, and the header it is about. */
function failure(w: MessageWriter, { type, flags, seq, body }: Request, pid: number, error: Errno | 0): Uint8Array {
  w.begin(NLMSG_ERROR, 0, seq, pid);
  w.u32(error);
  w.u32(16 + body.byteLength);
  w.u16(type);
  w.u16(flags);
  w.u32(seq);
  w.u32(pid);
  w.end();
  return w.take();
}

// --- links -----------------------------------------------------------------------------------------------------------------------------

/** The link that struct ifinfomsg names by its index, or IFLA_IFNAME behind it. */
function namedIn(t: Task, body: DataView): NetDevice | undefined {
  if (body.byteLength < IFINFO_SIZE) return undefined;
  const { devices } = t.kernel.net;
  const index = body.getInt32(4, true);
  if (index > 0) return devices.get(index);
  const name = attributes(body, IFINFO_SIZE).get(IFLA_IFNAME);
  return name === undefined ? undefined : devices.find(text(name));
}

/** RTM_NEWLINK of a link that exists, and RTM_SETLINK: what the attributes say, then the flags that ifi_change names. */
function changeLink(t: Task, { type, flags, body }: Request): 0 | Errno {
  if (body.byteLength < IFINFO_SIZE) return EINVAL;
  const device = namedIn(t, body);
  if (device === undefined) return type === RTM_NEWLINK && (flags & NLM_F_CREATE) !== 0 && body.getInt32(4, true) <= 0 ? EOPNOTSUPP : ENODEV;
  if (type === RTM_NEWLINK && (flags & NLM_F_EXCL) !== 0) return EEXIST;
  const k = t.kernel;
  for (const [kind, value] of attributes(body, IFINFO_SIZE)) {
    const r = kind === IFLA_ADDRESS ? (value.length < ETH_ALEN ? EINVAL : setAddress(k, device, value.subarray(0, ETH_ALEN)))
      : kind === IFLA_MTU ? setMtu(k, device, number(value))
      : kind === IFLA_TXQLEN ? setTxQueueLength(k, device, number(value))
      : kind === IFLA_IFNAME ? rename(k, device, text(value)) : 0;
    if (r !== 0) return r;
  }
  const wanted = body.getUint32(8, true), mask = body.getUint32(12, true);
  return wanted === 0 && mask === 0 ? 0 : setFlags(k, device, mask === 0 ? wanted : (wanted & mask) | (device.flags & ~mask));
}

const number = (value: Uint8Array): number => (value.length < 4 ? -1 : new DataView(value.buffer, value.byteOffset).getInt32(0, true));

function text(value: Uint8Array): string {
  const end = value.indexOf(0);
  return String.fromCharCode(...value.subarray(0, end < 0 ? value.length : end));
}

// --- addresses -------------------------------------------------------------------------------------------------------------------------

function addresses(w: MessageWriter, { seq, body }: Request, pid: number): void {
  const family = body.byteLength > 0 ? body.getUint8(0) : AF_UNSPEC;
  if (family === AF_UNSPEC || family === AF_INET) address(w, seq, pid, AF_INET, 8, LOOPBACK4);
  if (family === AF_UNSPEC || family === AF_INET6) address(w, seq, pid, AF_INET6, 128, LOOPBACK6);
}

/** struct ifaddrmsg: u8 family, prefix length, flags, scope, u32 index. */
function address(w: MessageWriter, seq: number, pid: number, family: number, prefix: number, host: readonly number[]): void {
  w.begin(RTM_NEWADDR, NLM_F_MULTI, seq, pid);
  w.raw([family, prefix, IFA_F_PERMANENT, RT_SCOPE_HOST]);
  w.u32(LO);
  w.attribute(IFA_ADDRESS, host);
  if (family === AF_INET) {
    w.attribute(IFA_LOCAL, host);
    w.attributeText(IFA_LABEL, 'lo');
  }
  w.attributeU32(IFA_FLAGS, IFA_F_PERMANENT);
  w.attribute(IFA_CACHEINFO, FOREVER);
  w.end();
}
