// setsockopt(2), getsockopt(2). Int options are a table in net/options.ts; here are those with a shape of their own.
import { type Errno, EDOM, EINVAL, ENOPROTOOPT, isErr } from '../../abi/errno.ts';
import {
  Linger, SOL_IP, SOL_IPV6, SOL_SOCKET, SOL_TCP, SOL_UDP, SO_BINDTODEVICE, SO_LINGER, SO_PEERCRED, SO_PEERGROUPS, SO_RCVTIMEO, SO_SNDTIMEO,
  TCP_CONGESTION, TCP_INFO, Ucred,
} from '../../abi/socket.ts';
import { SOL_PACKET } from '../../abi/packet.ts';
import { Timeval } from '../../abi/time.ts';
import { getIntOption, setIntOption } from '../net/options.ts';
import { LINGER_ON, type Socket } from '../net/socket.ts';
import type { Task } from '../task/task.ts';
import { fd, int, oneOf, ptr, syscall } from './define.ts';
import { getSocket } from './socket-common.ts';

const LEVELS = { SOL_SOCKET, SOL_IP, SOL_IPV6, SOL_TCP, SOL_UDP, SOL_PACKET };
const GAPS = 'options that shape traffic on a wire are remembered and have no effect; no packet information or multicast groups; time stamps and filters on packet sockets only';

/** setsockopt(2). */
export const sys_setsockopt = syscall({
  name: 'setsockopt',
  args: [fd('sockfd'), oneOf('level', LEVELS), int('optname'), ptr('optval'), int('optlen')],
  gaps: GAPS,
  run(t, fd, level, name, at, length) {
    const s = getSocket(t, fd);
    if (isErr(s)) return s;
    if (length < 0) return EINVAL;
    const own = s.setOption(t, level, name, at, length);
    if (own !== null) return own;
    if (level === SOL_SOCKET) {
      switch (name) {
        case SO_RCVTIMEO: case SO_SNDTIMEO: return setTimeout(t, s, name, at, length);
        case SO_LINGER: return setLinger(t, s, at, length);
        case SO_BINDTODEVICE: return ENOPROTOOPT;
      }
    }
    if (level === SOL_TCP && name === TCP_CONGESTION) return ENOPROTOOPT;
    if (length < 4) {
      // IP options come as single bytes from old programs.
      if (level !== SOL_IP || length < 1) return EINVAL;
      const e = t.user.loadU8(at);
      return e !== 0 ? e : setIntOption(t, s, level, name, t.user.value);
    }
    const e = t.user.loadI32(at);
    return e !== 0 ? e : setIntOption(t, s, level, name, t.user.value);
  },
});

/** Microseconds, 0: none. */
function setTimeout(t: Task, s: Socket, name: number, at: number, length: number): 0 | Errno {
  if (length < Timeval.size) return EINVAL;
  const tv = Timeval.view();
  const e = t.user.copyIn(at, tv.bytes);
  if (e !== 0) return e;
  if (tv.tv_usec < 0 || tv.tv_usec >= 1_000_000) return EDOM;
  // A negative time is "at once": the shortest wait there is.
  s.options.set(SOL_SOCKET * 65536 + name, tv.tv_sec < 0 ? 1 : tv.tv_sec * 1_000_000 + tv.tv_usec);
  return 0;
}

function setLinger(t: Task, s: Socket, at: number, length: number): 0 | Errno {
  if (length < Linger.size) return EINVAL;
  const e = t.user.loadI32(at);
  if (e !== 0) return e;
  const on = t.user.value !== 0;
  const f = t.user.loadI32(at + Linger.offsets.l_linger);
  if (f !== 0) return f;
  s.options.set(SOL_SOCKET * 65536 + SO_LINGER, (on ? LINGER_ON : 0) + (t.user.value >>> 0));
  return 0;
}

/** getsockopt(2). */
export const sys_getsockopt = syscall({
  name: 'getsockopt',
  args: [fd('sockfd'), oneOf('level', LEVELS), int('optname'), ptr('optval'), ptr('optlen')],
  gaps: GAPS,
  run(t, fd, level, name, at, lengthPtr) {
    const s = getSocket(t, fd);
    if (isErr(s)) return s;
    const e = t.user.loadI32(lengthPtr);
    if (e !== 0) return e;
    const room = t.user.value;
    if (room < 0) return EINVAL;
    const own = s.getOption(t, level, name, at);
    if (own !== null) return isErr(own) ? own : store(t, own, at, lengthPtr, room);
    const shaped = level === SOL_SOCKET ? shapedOption(s, name) : level === SOL_TCP && name === TCP_CONGESTION ? congestion() : null;
    if (shaped !== null) return typeof shaped === 'number' ? shaped : store(t, shaped, at, lengthPtr, room);
    if (level === SOL_TCP && name === TCP_INFO) return ENOPROTOOPT;
    const option = getIntOption(s, level, name);
    if (isErr(option)) return option;
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, option.value, true);
    return store(t, bytes, at, lengthPtr, room);
  },
});

function store(t: Task, bytes: Uint8Array, at: number, lengthPtr: number, room: number): 0 | Errno {
  const n = Math.min(room, bytes.length);
  const e = t.user.copyOut(at, bytes, 0, n);
  return e !== 0 ? e : t.user.storeU32(lengthPtr, n);
}

function shapedOption(s: Socket, name: number): Uint8Array | Errno | null {
  switch (name) {
    case SO_RCVTIMEO: case SO_SNDTIMEO: {
      const us = s.option(SOL_SOCKET, name, 0), tv = Timeval.view();
      tv.tv_sec = Math.floor(us / 1_000_000);
      tv.tv_usec = us % 1_000_000;
      return tv.bytes;
    }
    case SO_LINGER: {
      const v = s.option(SOL_SOCKET, name, 0), linger = Linger.view();
      linger.l_onoff = v >= LINGER_ON ? 1 : 0;
      linger.l_linger = v % LINGER_ON;
      return linger.bytes;
    }
    case SO_PEERCRED: {
      const cred = Ucred.view();
      cred.pid = s.peerCreds.pid;
      cred.uid = s.peerCreds.uid;
      cred.gid = s.peerCreds.gid;
      return cred.bytes;
    }
    case SO_PEERGROUPS: return ENOPROTOOPT;
    default: return null;
  }
}

function congestion(): Uint8Array {
  const name = new Uint8Array(16); // TCP_CA_NAME_MAX
  for (let i = 0; i < 5; i++) name[i] = 'cubic'.charCodeAt(i);
  return name;
}
