// Netlink sockets (netlink(7)): datagrams to the kernel and its answers, and multicasts of the kernel. Of the protocols there are NETLINK_ROUTE, where
// the group of links speaks and all others are silent because nothing there ever changes, and NETLINK_KOBJECT_UEVENT (kernel/device/uevent.ts), which only talks.
import { type Errno, type Fallible, EADDRINUSE, EAGAIN, ECONNREFUSED, EINVAL, ENOBUFS, EOPNOTSUPP, EPERM, isErr } from '../../../abi/errno.ts';
import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../../../abi/poll.ts';
import { NETLINK_ADD_MEMBERSHIP, NETLINK_DROP_MEMBERSHIP } from '../../../abi/rtnetlink.ts';
import { AF_NETLINK, MSG_OOB, SOL_NETLINK, SockaddrNl } from '../../../abi/socket.ts';
import type { Task } from '../../task/task.ts';
import { type IoBuffer, KernelBuffer } from '../../vfs/io-buffer.ts';
import { PacketInbox, type TakeMode } from '../inbox.ts';
import { type Outgoing, PLAIN, type Received } from '../message.ts';
import { Socket } from '../socket.ts';
import { NETLINK_KOBJECT_UEVENT } from '../../device/uevent.ts';
import { parseRequests } from './message.ts';
import { answerRoute } from './route.ts';

/** Longest request we read. */
const MAX_REQUEST = 65536;
/** RTNLGRP_MAX, rounded up. */
const MAX_GROUP = 64;
/** Ids of sockets after the first of a process count down from here, as on Linux. */
const FIRST_EXTRA_PORT = -4097;

/** Protocols have port numbers of their own. */
const keyOf = (protocol: number, port: number): number => protocol * 2 ** 32 + port;

/** Port ids in use; part of kernel.net. */
export class NetlinkPorts {
  private readonly bound = new Map<number, NetlinkSocket>();
  private nextExtra = FIRST_EXTRA_PORT;

  /** Port 0: the process id if it is free, else something large. */
  bind(s: NetlinkSocket, t: Task, port: number): 0 | Errno {
    let chosen = port;
    if (port === 0) {
      chosen = t.process.pid;
      while (this.bound.has(keyOf(s.protocol, chosen))) chosen = this.nextExtra-- >>> 0;
    } else if (this.bound.has(keyOf(s.protocol, port))) {
      return EADDRINUSE;
    }
    this.bound.set(keyOf(s.protocol, chosen), s);
    s.port = chosen;
    return 0;
  }
  release(s: NetlinkSocket): void { if (this.bound.get(keyOf(s.protocol, s.port)) === s) this.bound.delete(keyOf(s.protocol, s.port)); }

  hasListeners(protocol: number, group: number): boolean {
    for (const s of this.bound.values()) if (s.protocol === protocol && (s.groups & group) !== 0) return true;
    return false;
  }

  /** A message of the kernel to all who joined `group`. */
  multicast(protocol: number, group: number, message: Uint8Array): void {
    for (const s of this.bound.values()) if (s.protocol === protocol && (s.groups & group) !== 0) s.deliver(message, group);
  }
}

export class NetlinkSocket extends Socket {
  readonly inbox: PacketInbox;
  readonly isStream = false;
  /** nl_pid; 0: not bound yet. */
  port = 0;
  /** nl_groups, a bit each. */
  groups = 0;

  constructor(t: Task, type: number, protocol: number) {
    super(t, AF_NETLINK, type, protocol);
    this.inbox = new PacketInbox(t.kernel.ipc.buffers);
  }

  override bind(t: Task, address: Uint8Array): 0 | Errno {
    const to = parse(address);
    if (isErr(to)) return to;
    if (this.port !== 0 && to.port !== 0 && to.port !== this.port) return EINVAL;
    const r = this.port === 0 ? t.kernel.net.netlink.bind(this, t, to.port) : 0;
    if (r === 0) this.groups = to.groups;
    return r;
  }

  /** The default destination, which only the kernel may be. */
  override connect(t: Task, address: Uint8Array): 0 | Errno {
    const to = parse(address);
    if (isErr(to)) return to;
    if (to.port !== 0) return EPERM;
    return this.port === 0 ? t.kernel.net.netlink.bind(this, t, 0) : 0;
  }

  override localName(): Uint8Array { return sockaddr(this.port, this.groups); }
  override peerName(): Uint8Array { return sockaddr(0, 0); }

  override send(t: Task, io: IoBuffer, msg: Outgoing): number | Errno {
    if ((msg.flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    const to = msg.address === null ? { port: 0, groups: 0 } : parse(msg.address);
    if (isErr(to)) return to;
    if (to.groups !== 0) return EPERM;
    if (to.port !== 0 || this.protocol === NETLINK_KOBJECT_UEVENT) return ECONNREFUSED;
    const e = this.port === 0 ? t.kernel.net.netlink.bind(this, t, 0) : 0;
    if (e !== 0) return e;
    const length = io.remaining;
    if (length > MAX_REQUEST) return ENOBUFS;
    const bytes = new Uint8Array(length);
    const n = length === 0 ? 0 : io.take(bytes, 0, length);
    if (n < 0) return n;
    for (const request of parseRequests(bytes.subarray(0, n))) {
      for (const answer of answerRoute(t, request, this.port)) this.deliver(answer);
    }
    return n;
  }

  /** An answer that does not fit is lost, and the reader is told. */
  deliver(answer: Uint8Array, group = 0): void {
    const fits = this.inbox.used < this.receiveBufferSize && this.inbox.push(new KernelBuffer(answer), 0, PLAIN, null, sockaddr(0, group)) >= 0;
    if (!fits) this.error = ENOBUFS;
    this.queue.wake(POLLIN | POLLRDNORM | (fits ? 0 : POLLERR));
  }

  override receive(_t: Task, io: IoBuffer, mode: TakeMode, into: Received): number | Errno {
    if (this.error !== 0) return this.takeError();
    return this.inbox.isEmpty ? EAGAIN : this.inbox.take(io, mode, into);
  }

  /** Groups joined by number (netlink(7)); a socket hears them once it is bound. All but the first 32 are silent anyway. */
  override setOption(t: Task, level: number, name: number, at: number, length: number): 0 | Errno | null {
    if (level !== SOL_NETLINK || (name !== NETLINK_ADD_MEMBERSHIP && name !== NETLINK_DROP_MEMBERSHIP)) return null;
    if (length < 4) return EINVAL;
    const e = t.user.loadI32(at);
    if (e !== 0) return e;
    const group = t.user.value;
    if (group < 1 || group > MAX_GROUP) return EINVAL;
    const bit = group <= 32 ? 1 << (group - 1) : 0;
    this.groups = (name === NETLINK_ADD_MEMBERSHIP ? this.groups | bit : this.groups & ~bit) >>> 0;
    return 0;
  }

  override shutdown(): Errno { return EOPNOTSUPP; }

  override poll(): number {
    return (this.error !== 0 ? POLLERR : 0) | (this.inbox.isEmpty ? 0 : POLLIN | POLLRDNORM) | POLLOUT | POLLWRNORM | POLLWRBAND;
  }

  override release(): void {
    this.inode.sb.kernel.net.netlink.release(this);
    this.inbox.dropAll();
  }
}

function parse(address: Uint8Array): Fallible<{ port: number; groups: number }> {
  if (address.length < SockaddrNl.size) return EINVAL;
  const a = SockaddrNl.view(address);
  return a.nl_family === AF_NETLINK ? { port: a.nl_pid, groups: a.nl_groups } : EINVAL;
}

function sockaddr(port: number, groups: number): Uint8Array {
  const a = SockaddrNl.view();
  a.nl_family = AF_NETLINK;
  a.nl_pid = port;
  a.nl_groups = groups;
  return a.bytes;
}
