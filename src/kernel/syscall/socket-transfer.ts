// send(2) and recv(2) in all their forms. A blocking send on a stream takes everything, MSG_WAITALL receives everything: what has gone
// through already is the call's progress, and a failure or signal after that reports the progress instead.
import { BLOCKED, EAGAIN, EFAULT, EINVAL, EMSGSIZE, EPIPE, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { UIO_MAXIOV } from '../../abi/limits.ts';
import { SIGPIPE } from '../../abi/signal.ts';
import {
  Mmsghdr, MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_DONTWAIT, MSG_EOR, MSG_ERRQUEUE, MSG_MORE, MSG_NOSIGNAL, MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_WAITFORONE,
  Msghdr,
} from '../../abi/socket.ts';
import { Outgoing, PLAIN, Received, releaseFiles } from '../net/message.ts';
import type { Socket } from '../net/socket.ts';
import type { Task } from '../task/task.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { fd, flags, inBuffer, inStruct, int, outBuffer, ptr, size, sockaddr, syscall, uint } from './define.ts';
import { raise } from './fs-transfer.ts';
import { callDeadline } from './ipc-time.ts';
import { getSocket, loadAddress, storeAddress, waitOnSocket } from './socket-common.ts';
import { loadControl, storeControl } from './socket-control.ts';

const FLAGS = {
  MSG_OOB, MSG_PEEK, MSG_CTRUNC, MSG_TRUNC, MSG_DONTWAIT, MSG_EOR, MSG_WAITALL, MSG_ERRQUEUE, MSG_NOSIGNAL, MSG_MORE, MSG_WAITFORONE, MSG_CMSG_CLOEXEC,
};
const GAPS = 'no MSG_OOB and MSG_ERRQUEUE; MSG_MORE sends at once';
const got = new Received();
const scratch = new Uint8Array(4096);

/** sendto(2), send(2). */
export const sys_sendto = syscall({
  name: 'sendto',
  args: [fd('sockfd'), inBuffer('buf', 2), size('len'), flags('flags', FLAGS), sockaddr('dest_addr', 5), int('addrlen')],
  gaps: GAPS,
  run(t, fd, buf, len, flags, addr, addrlen) {
    const s = getSocket(t, fd);
    if (isErr(s)) return s;
    let msg = PLAIN;
    if (addr !== 0 || flags !== 0) {
      msg = new Outgoing();
      msg.flags = flags;
      const address = addr === 0 ? null : loadAddress(t, addr, addrlen);
      if (isErr(address)) return address;
      msg.address = address;
    }
    const before = t.restart?.progress ?? 0;
    return sendAll(t, s, t.user.buffer(buf + before, len - before), msg, flags, before);
  },
});

/** recvfrom(2), recv(2). */
export const sys_recvfrom = syscall({
  name: 'recvfrom',
  args: [fd('sockfd'), outBuffer('buf', 2), size('len'), flags('flags', FLAGS), ptr('src_addr'), ptr('addrlen')],
  gaps: GAPS,
  run(t, fd, buf, len, flags, addr, lengthPtr) {
    const s = getSocket(t, fd);
    if (isErr(s)) return s;
    const before = t.restart?.progress ?? 0;
    const n = receiveAll(t, s, t.user.buffer(buf + before, len - before), flags, before);
    if (n < 0) return n;
    releaseFiles(got.files); // nobody asked for them
    if (addr === 0) return n;
    const e = got.address === null ? t.user.storeU32(lengthPtr, 0) : storeAddress(t, got.address, addr, lengthPtr);
    return e !== 0 ? e : n;
  },
});

/** sendmsg(2). */
export const sys_sendmsg = syscall({
  name: 'sendmsg',
  args: [fd('sockfd'), inStruct('msg', Msghdr), flags('flags', FLAGS)],
  gaps: GAPS,
  run(t, fd, at, flags) {
    const s = getSocket(t, fd);
    return isErr(s) ? s : sendMessage(t, s, at, flags);
  },
});

/** recvmsg(2). */
export const sys_recvmsg = syscall({
  name: 'recvmsg',
  args: [fd('sockfd'), ptr('msg'), flags('flags', FLAGS)],
  gaps: GAPS,
  run(t, fd, at, flags) {
    const s = getSocket(t, fd);
    return isErr(s) ? s : receiveMessage(t, s, at, flags);
  },
});

/** sendmmsg(2): the number of messages sent; a failure counts only if it hits the first. */
export const sys_sendmmsg = syscall({
  name: 'sendmmsg',
  args: [fd('sockfd'), ptr('msgvec'), uint('vlen'), flags('flags', FLAGS)],
  gaps: GAPS,
  run(t, fd, vec, vlen, flags) {
    const s = getSocket(t, fd);
    if (isErr(s)) return s;
    const count = Math.min(vlen, UIO_MAXIOV);
    // Only the first may sleep: a restarted call must not send what was sent.
    for (let i = 0; i < count; i++) {
      const at = vec + i * Mmsghdr.size;
      const n = sendMessage(t, s, at, i === 0 ? flags : flags | MSG_DONTWAIT);
      if (n < 0) return i > 0 ? i : n;
      const e = t.user.storeU32(at + Mmsghdr.offsets.msg_len, n);
      if (e !== 0) return i > 0 ? i : e;
    }
    return count;
  },
});

/** recvmmsg(2): as many messages as are there, at least one; without MSG_WAITFORONE and MSG_DONTWAIT until all or the timeout. */
export const sys_recvmmsg = syscall({
  name: 'recvmmsg',
  args: [fd('sockfd'), ptr('msgvec'), uint('vlen'), flags('flags', FLAGS), ptr('timeout')],
  gaps: GAPS,
  run(t, fd, vec, vlen, flags, timeout) {
    const s = getSocket(t, fd);
    if (isErr(s)) return s;
    const deadline = callDeadline(t, timeout, 'relative');
    if (deadline < 0) return deadline;
    const count = Math.min(vlen, UIO_MAXIOV);
    let done = t.restart?.progress ?? 0;
    while (done < count) {
      const at = vec + done * Mmsghdr.size;
      const mayWait = done === 0 || (flags & MSG_WAITFORONE) === 0;
      const n = receiveMessage(t, s, at, (mayWait ? flags : flags | MSG_DONTWAIT) & ~MSG_WAITFORONE);
      if (n === BLOCKED && done > 0) t.record().progress = done;
      if (n < 0) return done > 0 && n !== BLOCKED ? done : n;
      const e = t.user.storeU32(at + Mmsghdr.offsets.msg_len, n);
      if (e !== 0) return done > 0 ? done : e;
      done++;
      if (deadline <= t.kernel.now()) break; // looked at after each message only, as on Linux
    }
    return done;
  },
});

function sendMessage(t: Task, s: Socket, at: number, flags: number): number {
  const h = Msghdr.view();
  const e = t.user.copyIn(at, h.bytes);
  if (e !== 0) return e;
  const io = vectorOf(t, h.msg_iov, h.msg_iovlen);
  if (isErr(io)) return io;
  const before = t.restart?.progress ?? 0;
  const msg = new Outgoing();
  msg.flags = flags;
  if (before === 0) {
    const address = h.msg_name === 0 || h.msg_namelen === 0 ? null : loadAddress(t, h.msg_name, Math.min(h.msg_namelen | 0, 128));
    if (isErr(address)) return address;
    msg.address = address;
    const f = h.msg_control === 0 ? 0 : loadControl(t, s, h.msg_control, h.msg_controllen, msg);
    if (f !== 0) return f;
  } else {
    const f = passOver(io, before);
    if (f !== 0) return before;
  }
  return sendAll(t, s, io, msg, flags, before);
}

function receiveMessage(t: Task, s: Socket, at: number, flags: number): number {
  const h = Msghdr.view();
  const e = t.user.copyIn(at, h.bytes);
  if (e !== 0) return e;
  const io = vectorOf(t, h.msg_iov, h.msg_iovlen);
  if (isErr(io)) return io;
  const before = t.restart?.progress ?? 0;
  // A stream's earlier runs have filled the front; for recvmmsg progress counts messages, and those sockets are no streams.
  if (before > 0 && s.isStream && passOver(io, before) !== 0) return before;
  const n = receiveAll(t, s, io, flags, s.isStream ? before : 0);
  if (n < 0) return n;
  if (h.msg_name !== 0) {
    const name = got.address ?? new Uint8Array(0);
    const f = t.user.copyOut(h.msg_name, name, 0, Math.min(name.length, h.msg_namelen)) || t.user.storeU32(at + Msghdr.offsets.msg_namelen, name.length);
    if (f !== 0) {
      releaseFiles(got.files);
      return f;
    }
  }
  const used = storeControl(t, s, got, flags, h.msg_control, h.msg_control === 0 ? 0 : h.msg_controllen);
  if (isErr(used)) return used;
  const f = t.user.storeI64(at + Msghdr.offsets.msg_controllen, used) || t.user.storeU32(at + Msghdr.offsets.msg_flags, got.flags | (flags & MSG_CMSG_CLOEXEC));
  return f !== 0 ? f : n;
}

function vectorOf(t: Task, iov: number, count: number): Fallible<IoBuffer> {
  return count > UIO_MAXIOV ? EMSGSIZE : t.user.vector(iov, count);
}

/** Skips what earlier runs of this call have transferred. */
function passOver(io: IoBuffer, count: number): 0 | Errno {
  for (let left = count; left > 0;) {
    const n = io.take(scratch, 0, Math.min(left, scratch.length));
    if (n <= 0) return EFAULT;
    left -= n;
  }
  return 0;
}

/** `before` bytes have been sent by earlier runs, `io` is the rest. */
function sendAll(t: Task, s: Socket, io: IoBuffer, msg: Outgoing, flags: number, before: number): number {
  const rest = io.remaining;
  let done = 0;
  for (;;) {
    const n = s.send(t, io, msg);
    const queued = n > 0 || (n === 0 && !s.isStream);
    if (!queued) releaseFiles(msg.files);
    if (queued) msg.files = null;
    if (n >= 0) {
      done += n;
      if (!s.isStream || done >= rest || n === 0) return before + done;
      continue;
    }
    const total = before + done;
    if (n === BLOCKED) {
      t.record().progress = total;
      return BLOCKED;
    }
    if (n === EAGAIN) {
      if (s.isNonBlocking || (flags & MSG_DONTWAIT) !== 0) return total > 0 ? total : EAGAIN;
      const parked = waitOnSocket(t, s, s.queue, 'write', 'send');
      if (parked === BLOCKED) t.record().progress = total;
      return parked === BLOCKED || total === 0 ? parked : total;
    }
    if (total > 0) return total;
    if (n === EPIPE && s.raisesSigpipe && (flags & MSG_NOSIGNAL) === 0) raise(t, SIGPIPE);
    return n;
  }
}

/** As sendAll. What came besides the bytes is in `got`. */
function receiveAll(t: Task, s: Socket, io: IoBuffer, flags: number, before: number): number {
  if ((flags & (MSG_OOB | MSG_ERRQUEUE)) !== 0) return (flags & MSG_OOB) !== 0 ? EINVAL : EAGAIN;
  const rest = io.remaining, peek = (flags & MSG_PEEK) !== 0;
  const wantsAll = (flags & MSG_WAITALL) !== 0 && s.isStream && !peek;
  let done = 0;
  for (;;) {
    const n = s.receive(t, io, peek ? 'peek' : 'consume', got.reset());
    const total = before + done + Math.max(n, 0);
    if (n > 0 && wantsAll && done + n < rest && got.files === null) {
      done += n;
      continue;
    }
    if (n >= 0) return s.isStream ? total : packetResult(n, flags);
    if (n === BLOCKED || (n === EAGAIN && !s.isNonBlocking && (flags & MSG_DONTWAIT) === 0)) {
      const parked = n === BLOCKED ? BLOCKED : waitOnSocket(t, s, s.queue, 'read', 'recv');
      if (parked === BLOCKED) t.record().progress = total;
      return parked === BLOCKED || total === 0 ? parked : total;
    }
    if (total > 0 && n !== EAGAIN) s.error = n as Errno; // for the next call
    return total > 0 ? total : n;
  }
}

/** MSG_TRUNC asks for the length of the whole packet. */
function packetResult(n: number, flags: number): number {
  return (flags & MSG_TRUNC) !== 0 ? Math.max(n, got.fullLength) : n;
}
