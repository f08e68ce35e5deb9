// NETLINK_ROUTE (rtnetlink(7)), as far as looking goes: the one link lo, its addresses 127.0.0.1/8 and ::1/128, and no routes. Requests to
// change anything answer EPERM or EOPNOTSUPP.
import { type Errno, ENODEV, EOPNOTSUPP, EPERM } from '../../../abi/errno.ts';
import { CAP_NET_ADMIN } from '../../../abi/capability.ts';
import { AF_INET, AF_INET6, AF_UNSPEC, IFF_LOOPBACK, IFF_RUNNING, IFF_UP } from '../../../abi/socket.ts';
import type { Task } from '../../task/task.ts';
import { MessageWriter, NLMSG_DONE, NLMSG_ERROR, NLM_F_ACK, NLM_F_DUMP, NLM_F_MULTI, type Request } from './message.ts';

const RTM_BASE = 16, RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_GETADDR = 22;
const IFLA_ADDRESS = 1, IFLA_BROADCAST = 2, IFLA_IFNAME = 3, IFLA_MTU = 4, IFLA_QDISC = 6, IFLA_TXQLEN = 13, IFLA_OPERSTATE = 16, IFLA_LINKMODE = 17, IFLA_GROUP = 27;
const IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_LABEL = 3, IFA_CACHEINFO = 6, IFA_FLAGS = 8;
const ARPHRD_LOOPBACK = 772, IFF_LOWER_UP = 0x10000, IFA_F_PERMANENT = 0x80, RT_SCOPE_HOST = 254;
const LO = 1, IFINFO_SIZE = 16;
const HARDWARE = [0, 0, 0, 0, 0, 0];
const FOREVER = [255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0];
const LOOPBACK4 = [127, 0, 0, 1], LOOPBACK6 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/** Answers one request with datagrams for `pid`. */
export function answerRoute(t: Task, request: Request, pid: number): Uint8Array[] {
  const { type, flags, seq } = request;
  if (type < RTM_BASE) return [];
  const w = new MessageWriter();
  // Of each group of four (NEW, DEL, GET, SET) only GET looks.
  if (type % 4 !== RTM_GETLINK % 4) return [failure(w, request, pid, t.cred.has(CAP_NET_ADMIN) ? EOPNOTSUPP : EPERM)];
  if ((flags & NLM_F_DUMP) !== 0) {
    if (type === RTM_GETLINK) link(w, seq, pid, NLM_F_MULTI);
    if (type === RTM_GETADDR) addresses(w, request, pid);
    const dump = w.take();
    w.begin(NLMSG_DONE, NLM_F_MULTI, seq, pid);
    w.u32(0);
    w.end();
    return dump.length === 0 ? [w.take()] : [dump, w.take()];
  }
  if (type !== RTM_GETLINK) return [failure(w, request, pid, EOPNOTSUPP)];
  if (!namesLo(request.body)) return [failure(w, request, pid, ENODEV)];
  link(w, seq, pid, 0);
  const out = [w.take()];
  if ((flags & NLM_F_ACK) !== 0) out.push(failure(w, request, pid, 0));
  return out;
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

/** RTM_GETLINK of one: by index, or by IFLA_IFNAME behind struct ifinfomsg. */
function namesLo(body: DataView): boolean {
  if (body.byteLength < IFINFO_SIZE) return false;
  const index = body.getInt32(4, true);
  if (index !== 0) return index === LO;
  for (let at = IFINFO_SIZE; at + 4 <= body.byteLength;) {
    const length = body.getUint16(at, true);
    if (length < 4 || at + length > body.byteLength) return false;
    if (body.getUint16(at + 2, true) === IFLA_IFNAME) return length >= 6 && body.getUint8(at + 4) === 108 && body.getUint8(at + 5) === 111 && (length === 6 || body.getUint8(at + 6) === 0);
    at += (length + 3) & ~3;
  }
  return false;
}

/** struct ifinfomsg: u8 family, pad, u16 type, i32 index, u32 flags, u32 change. */
function link(w: MessageWriter, seq: number, pid: number, flags: number): void {
  w.begin(RTM_NEWLINK, flags, seq, pid);
  w.u16(AF_UNSPEC);
  w.u16(ARPHRD_LOOPBACK);
  w.u32(LO);
  w.u32(IFF_UP | IFF_LOOPBACK | IFF_RUNNING | IFF_LOWER_UP);
  w.u32(0);
  w.attributeText(IFLA_IFNAME, 'lo');
  w.attributeU32(IFLA_TXQLEN, 1000);
  w.attribute(IFLA_OPERSTATE, [0]);
  w.attribute(IFLA_LINKMODE, [0]);
  w.attributeU32(IFLA_MTU, 65536);
  w.attributeU32(IFLA_GROUP, 0);
  w.attribute(IFLA_ADDRESS, HARDWARE);
  w.attribute(IFLA_BROADCAST, HARDWARE);
  w.attributeText(IFLA_QDISC, 'noqueue');
  w.end();
}

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
