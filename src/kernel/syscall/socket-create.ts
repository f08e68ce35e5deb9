// socket(2), socketpair(2), bind(2), listen(2), accept(2), connect(2), getsockname(2), getpeername(2), shutdown(2).
import { EAGAIN, EINVAL, ENOTCONN, isErr } from '../../abi/errno.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../abi/fcntl.ts';
import {
  AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, SHUT_RD, SHUT_RDWR, SHUT_WR, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_RAW, SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../../abi/socket.ts';
import { createPair, createSocket } from '../net/network.ts';
import type { Task } from '../task/task.ts';
import { fd, flags, int, oneOf, outInts, ptr, sockaddr, syscall } from './define.ts';
import { installFile } from './eventfd.ts';
import { freePair, installPair } from './ipc-pipe.ts';
import { getSocket, loadAddress, storeAddress, waitOnSocket } from './socket-common.ts';

const FAMILIES = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET };
/** A type with its flags: printed as flags, for lack of anything better. */
const TYPES = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_CLOEXEC, SOCK_NONBLOCK };
const TYPE_MASK = 15;
const FAMILY_GAPS = 'AF_UNIX, TCP and UDP over AF_INET and AF_INET6 within the machine, NETLINK_ROUTE for links and for looking at addresses, NETLINK_KOBJECT_UEVENT, AF_PACKET without transmit rings and fanout; no other families, raw or ICMP sockets';

/** socket(2). */
export const sys_socket = syscall({
  name: 'socket',
  args: [oneOf('domain', FAMILIES), flags('type', TYPES), int('protocol')],
  gaps: FAMILY_GAPS,
  run(t, family, type, protocol) {
    if ((type & ~(TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return EINVAL;
    const s = createSocket(t, family, type & TYPE_MASK, protocol);
    if (isErr(s)) return s;
    s.flags |= type & SOCK_NONBLOCK;
    return installFile(t, s, (type & SOCK_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
  },
});

/** socketpair(2). */
export const sys_socketpair = syscall({
  name: 'socketpair',
  args: [oneOf('domain', FAMILIES), flags('type', TYPES), int('protocol'), outInts('sv', 2)],
  run(t, family, type, protocol, sv) {
    if ((type & ~(TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return EINVAL;
    const fds = freePair(t, sv);
    if (typeof fds === 'number') return fds;
    const pair = createPair(t, family, type & TYPE_MASK, protocol);
    if (isErr(pair)) return pair;
    for (const s of pair) s.flags |= type & SOCK_NONBLOCK;
    return installPair(t, fds, pair[0], pair[1], (type & SOCK_CLOEXEC) !== 0 ? O_CLOEXEC : 0);
  },
});

/** bind(2). */
export const sys_bind = syscall({
  name: 'bind',
  args: [fd('sockfd'), sockaddr('addr', 2), int('addrlen')],
  run(t, fd, addr, length) {
    const s = getSocket(t, fd);
    if (isErr(s)) return s;
    const address = loadAddress(t, addr, length);
    return isErr(address) ? address : t.kernel.security.socketBind(t, s, address) || s.bind(t, address);
  },
});

/** listen(2). */
export const sys_listen = syscall({
  name: 'listen',
  args: [fd('sockfd'), int('backlog')],
  run(t, fd, backlog) {
    const s = getSocket(t, fd);
    return isErr(s) ? s : s.listen(t, backlog);
  },
});

/** accept(2). */
export const sys_accept = syscall({
  name: 'accept',
  args: [fd('sockfd'), ptr('addr'), ptr('addrlen')],
  run: (t, fd, addr, lengthPtr) => accept(t, fd, addr, lengthPtr, 0),
});

/** accept4(2). */
export const sys_accept4 = syscall({
  name: 'accept4',
  args: [fd('sockfd'), ptr('addr'), ptr('addrlen'), flags('flags', { SOCK_CLOEXEC, SOCK_NONBLOCK })],
  run: (t, fd, addr, lengthPtr, flags) => accept(t, fd, addr, lengthPtr, flags),
});

function accept(t: Task, fd: number, addr: number, lengthPtr: number, flags: number): number {
  if ((flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return EINVAL;
  const s = getSocket(t, fd);
  if (isErr(s)) return s;
  const child = s.accept(t);
  if (child === EAGAIN) return s.isNonBlocking ? EAGAIN : waitOnSocket(t, s, s.queue, 'read', 'accept');
  if (isErr(child)) return child;
  child.flags = (child.flags & ~O_NONBLOCK) | (flags & SOCK_NONBLOCK);
  const name = addr === 0 ? ENOTCONN : child.peerName();
  const e = isErr(name) ? 0 : storeAddress(t, name, addr, lengthPtr);
  if (e !== 0) {
    child.put(); // as on Linux the connection is lost
    return e;
  }
  return installFile(t, child, (flags & SOCK_CLOEXEC) !== 0 ? 'cloexec' : 'keep');
}

/** connect(2). */
export const sys_connect = syscall({
  name: 'connect',
  args: [fd('sockfd'), sockaddr('addr', 2), int('addrlen')],
  gaps: 'destinations outside the machine answer ENETUNREACH',
  run(t, fd, addr, length) {
    const s = getSocket(t, fd);
    if (isErr(s)) return s;
    const address = loadAddress(t, addr, length);
    if (isErr(address)) return address;
    const e = t.kernel.security.socketConnect(t, s, address) || s.connect(t, address);
    if (e !== EAGAIN || s.isNonBlocking || s.blockedOn === null) return e;
    const queue = s.blockedOn;
    s.blockedOn = null;
    return waitOnSocket(t, s, queue, 'write', 'connect');
  },
});

/** getsockname(2). */
export const sys_getsockname = syscall({
  name: 'getsockname',
  args: [fd('sockfd'), ptr('addr'), ptr('addrlen')],
  run(t, fd, addr, lengthPtr) {
    const s = getSocket(t, fd);
    return isErr(s) ? s : storeAddress(t, s.localName(), addr, lengthPtr);
  },
});

/** getpeername(2). */
export const sys_getpeername = syscall({
  name: 'getpeername',
  args: [fd('sockfd'), ptr('addr'), ptr('addrlen')],
  run(t, fd, addr, lengthPtr) {
    const s = getSocket(t, fd);
    if (isErr(s)) return s;
    const name = s.peerName();
    return isErr(name) ? name : storeAddress(t, name, addr, lengthPtr);
  },
});

/** shutdown(2). */
export const sys_shutdown = syscall({
  name: 'shutdown',
  args: [fd('sockfd'), oneOf('how', { SHUT_RD, SHUT_WR, SHUT_RDWR })],
  run(t, fd, how) {
    const s = getSocket(t, fd);
    if (isErr(s)) return s;
    if (how < SHUT_RD || how > SHUT_RDWR) return EINVAL;
    return s.shutdown(t, how !== SHUT_WR, how !== SHUT_RD);
  },
});
