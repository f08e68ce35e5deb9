// Sockets through their system calls: UNIX families, descriptors and credentials in messages, TCP and UDP within the machine.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import {
  EADDRINUSE, EAGAIN, EBADF, ECONNABORTED, ECONNREFUSED, ECONNRESET, EDESTADDRREQ, EINPROGRESS, EISCONN, EMSGSIZE, ENETUNREACH, ENOMEM, ENOTCONN, ENOTSOCK, EPIPE,
} from '../../abi/errno.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP } from '../../abi/poll.ts';
import { SIGPIPE } from '../../abi/signal.ts';
import {
  AF_INET, AF_INET6, AF_UNIX, MSG_CTRUNC, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, SCM_CREDENTIALS, SCM_RIGHTS, SHUT_WR, SOCK_DGRAM,
  SOCK_NONBLOCK, SOCK_SEQPACKET, SOCK_STREAM, SOL_SOCKET, SO_ERROR, SO_PASSCRED, SO_PEERCRED, SO_RCVTIMEO,
} from '../../abi/socket.ts';
import { call, FakeKernel } from '../ipc/test-util.ts';
import { createPipe, type PipeFile } from '../ipc/pipe.ts';
import {
  sys_accept4, sys_bind, sys_connect, sys_getpeername, sys_getsockname, sys_listen, sys_shutdown, sys_socket, sys_socketpair,
} from '../syscall/socket-create.ts';
import { sys_getsockopt, sys_setsockopt } from '../syscall/socket-options.ts';
import { sys_recvfrom, sys_recvmsg, sys_sendmsg, sys_sendto } from '../syscall/socket-transfer.ts';
import type { Task } from '../task/task.ts';
import type { Socket } from './socket.ts';

const ADDR = 0x1000, LEN = 0x1100, BUF = 0x2000, OUT = 0x40000, MSG = 0x1200, IOV = 0x1300, CTL = 0x1400;
const user = (t: Task): FakeKernel['user'] => (t.kernel as unknown as FakeKernel).user;
const sock = (t: Task, fd: number): Socket => t.files.get(fd) as Socket;

function pairOf(t: Task, type: number): [number, number] {
  assert.equal(call(t, sys_socketpair, AF_UNIX, type, 0, ADDR), 0);
  return [user(t).i32(ADDR), user(t).i32(ADDR + 4)];
}
function send(t: Task, fd: number, s: string, flags = 0): number | 'parked' {
  user(t).write(BUF, s);
  return call(t, sys_sendto, fd, BUF, s.length, flags, 0, 0);
}
function recv(t: Task, fd: number, n: number, flags = 0): string | number {
  const r = call(t, sys_recvfrom, fd, OUT, n, flags, 0, 0);
  return typeof r === 'number' && r >= 0 ? user(t).text(OUT, Math.min(r, n)) : r as number;
}
function abstractName(t: Task, name: string): number {
  user(t).storeU16(ADDR, AF_UNIX);
  user(t).write(ADDR + 2, `\0${name}`);
  return 3 + name.length;
}
function inet(t: Task, port: number, host = [127, 0, 0, 1]): number {
  const u = user(t);
  u.storeU16(ADDR, AF_INET);
  u.bytes.set([port >> 8, port & 255, ...host, 0, 0, 0, 0, 0, 0, 0, 0], ADDR + 2);
  return 16;
}

test('unix stream: both ways, peek, half close, end of file, SIGPIPE', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [a, b] = pairOf(t, SOCK_STREAM);
  assert.equal(recv(t, b, 5, MSG_DONTWAIT), EAGAIN);
  assert.equal(send(t, a, 'hello'), 5);
  assert.equal(send(t, a, 'world'), 5);
  assert.equal(recv(t, b, 7, MSG_PEEK), 'hellowo');
  assert.equal(recv(t, b, 100), 'helloworld');
  assert.equal(call(t, sys_shutdown, a, SHUT_WR), 0);
  assert.equal(recv(t, b, 5), '');
  assert.equal(sock(t, b).poll(t) & (POLLIN | POLLHUP | POLLRDHUP), POLLIN | POLLRDHUP);
  assert.equal(send(t, b, 'back'), 4);
  assert.equal(recv(t, a, 9), 'back');
  assert.equal(send(t, a, 'x', MSG_NOSIGNAL), EPIPE);
  assert.equal(t.process.pending.infos.length + t.pending.infos.length, 0);
  assert.equal(send(t, a, 'x'), EPIPE);
  assert.deepEqual(t.pending.infos.map(i => i.signo), [SIGPIPE]);
  assert.equal(call(t, sys_sendto, 99, BUF, 1, 0), EBADF);
});

test('unix stream: a closed peer with unread data resets; blocked senders go on when there is room', () => {
  const k = new FakeKernel(), t = k.spawn(), u = k.spawn();
  const [a, b] = pairOf(t, SOCK_STREAM);
  u.files = t.files;
  const big = 300_000;
  assert.equal(call(t, sys_sendto, a, BUF, big, 0), 'parked');
  assert.equal(t.restart!.progress, 212_992);
  assert.equal(sock(t, a).poll(t) & POLLOUT, 0);
  assert.equal((recv(u, b, 200_000) as string).length, 200_000);
  assert.equal(t.state, 'R');
  assert.equal(call(t, sys_sendto, a, BUF, big, 0), big);
  send(t, a, 'unread');
  const bs = sock(t, b);
  t.files.remove(b);
  bs.put();
  assert.equal(sock(t, a).poll(t) & (POLLERR | POLLHUP), POLLERR | POLLHUP);
  assert.equal(recv(t, a, 1), ECONNRESET);
  assert.equal(recv(t, a, 1), '');
});

test('unix stream: MSG_WAITALL and SO_RCVTIMEO', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [a, b] = pairOf(t, SOCK_STREAM);
  send(t, a, 'abc');
  assert.equal(call(t, sys_recvfrom, b, OUT, 6, MSG_WAITALL), 'parked');
  const other = k.spawn();
  other.files = t.files;
  send(other, a, 'defg');
  assert.equal(t.state, 'R');
  assert.equal(call(t, sys_recvfrom, b, OUT, 6, MSG_WAITALL), 6);
  assert.equal(k.user.text(OUT, 6), 'abcdef');
  recv(t, b, 1);
  k.user.storeI64(ADDR, 0);
  k.user.storeI64(ADDR + 8, 5000);
  assert.equal(call(t, sys_setsockopt, b, SOL_SOCKET, SO_RCVTIMEO, ADDR, 16), 0);
  assert.equal(call(t, sys_recvfrom, b, OUT, 1, 0), 'parked');
  k.advance(5_000_000);
  assert.equal(call(t, sys_recvfrom, b, OUT, 1, 0), EAGAIN);
});

test('unix: abstract names, listen, backlog, accept, peer credentials, refusal', () => {
  const k = new FakeKernel(), s = k.spawn(7), c = k.spawn(8);
  const listener = call(s, sys_socket, AF_UNIX, SOCK_STREAM, 0) as number;
  assert.equal(call(s, sys_bind, listener, ADDR, abstractName(s, 'srv')), 0);
  const c1 = call(c, sys_socket, AF_UNIX, SOCK_STREAM, 0) as number;
  assert.equal(call(c, sys_connect, c1, ADDR, abstractName(c, 'srv')), ECONNREFUSED);
  assert.equal(call(s, sys_listen, listener, 0), 0);
  assert.equal(call(s, sys_accept4, listener, 0, 0, 0), 'parked');
  assert.equal(call(c, sys_connect, c1, ADDR, abstractName(c, 'srv')), 0);
  assert.equal(call(c, sys_connect, c1, ADDR, abstractName(c, 'srv')), EISCONN);
  assert.equal(s.state, 'R');
  assert.equal(send(c, c1, 'early'), 5);
  k.user.storeU32(LEN, 64);
  const a1 = call(s, sys_accept4, listener, ADDR, LEN, 0) as number;
  assert.equal(k.user.u32(LEN), 2);
  assert.equal(recv(s, a1, 9), 'early');
  k.user.storeU32(LEN, 12);
  call(s, sys_getsockopt, a1, SOL_SOCKET, SO_PEERCRED, OUT, LEN);
  assert.deepEqual([k.user.u32(OUT), k.user.u32(OUT + 4)], [c.process.pid, 8]);
  k.user.storeU32(LEN, 64);
  assert.equal(call(c, sys_getpeername, c1, ADDR, LEN), 0);
  assert.equal(k.user.text(ADDR + 2, k.user.u32(LEN) - 2), '\0srv');

  const c2 = call(c, sys_socket, AF_UNIX, SOCK_STREAM, 0) as number, c3 = call(c, sys_socket, AF_UNIX, SOCK_STREAM, 0) as number;
  assert.equal(call(c, sys_connect, c2, ADDR, abstractName(c, 'srv')), 0);
  assert.equal(call(c, sys_connect, c3, ADDR, abstractName(c, 'srv')), 'parked');
  call(s, sys_accept4, listener, 0, 0, 0);
  assert.equal(c.state, 'R');
  assert.equal(call(c, sys_connect, c3, ADDR, abstractName(c, 'srv')), 0);
  const l = sock(s, listener);
  s.files.remove(listener);
  l.put();
  assert.equal(recv(c, c3, 1), ECONNRESET);
  assert.equal(call(c, sys_bind, c3, ADDR, abstractName(c, 'srv')), 0);
  assert.equal(k.net.unix.abstract.size, 1);
});

test('unix datagrams: borders, truncation, reply addresses, full queues, dead peers', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [a, b] = pairOf(t, SOCK_DGRAM);
  send(t, a, 'one');
  send(t, a, 'two');
  assert.equal(recv(t, b, 2), 'on');
  assert.equal(call(t, sys_recvfrom, b, OUT, 2, MSG_TRUNC), 3);
  assert.equal(send(t, a, ''), 0);
  assert.equal(recv(t, b, 5), '');
  let queued = 0, answer: unknown;
  while ((answer = send(t, a, 'x')) === 1) queued++;
  assert.equal(answer, 'parked');
  assert.ok(queued > 11, 'a connected pair is bounded by the buffer, not by max_dgram_qlen');
  assert.equal(sock(t, a).poll(t) & POLLOUT, 0);
  const other = k.spawn();
  other.files = t.files;
  recv(other, b, 1);
  assert.equal(t.state, 'R');
  assert.equal(send(t, a, 'x'), 1);
  assert.equal(send(t, a, 'y'.repeat(213_000)), EMSGSIZE);

  const s = call(t, sys_socket, AF_UNIX, SOCK_DGRAM, 0) as number, c = call(t, sys_socket, AF_UNIX, SOCK_DGRAM, 0) as number;
  call(t, sys_bind, s, ADDR, abstractName(t, 'S'));
  assert.equal(call(t, sys_bind, c, ADDR, abstractName(t, 'S')), EADDRINUSE);
  call(t, sys_bind, c, ADDR, abstractName(t, 'C'));
  assert.equal(send(t, c, 'hi'), ENOTCONN);
  assert.equal(call(t, sys_sendto, c, BUF, 2, 0, ADDR, abstractName(t, 'S')), 2);
  k.user.storeU32(LEN, 64);
  assert.equal(call(t, sys_recvfrom, s, OUT, 9, 0, ADDR, LEN), 2);
  assert.equal(k.user.text(ADDR + 2, k.user.u32(LEN) - 2), '\0C');
  call(t, sys_connect, c, ADDR, abstractName(t, 'S'));
  const dead = sock(t, s);
  t.files.remove(s);
  dead.put();
  assert.equal(send(t, c, 'x'), ECONNREFUSED);
});

function message(t: Task, bytes: string, control: number[], controlLength: number): void {
  const u = user(t);
  u.write(BUF, bytes);
  u.storeI64(IOV, BUF);
  u.storeI64(IOV + 8, bytes.length);
  u.bytes.fill(0, MSG, MSG + 56);
  u.storeI64(MSG + 16, IOV);
  u.storeI64(MSG + 24, 1);
  u.storeI64(MSG + 32, CTL);
  u.storeI64(MSG + 40, controlLength);
  control.forEach((w, i) => u.storeU32(CTL + 4 * i, w));
}
const rights = (...fds: number[]): number[] => [16 + 4 * fds.length, 0, SOL_SOCKET, SCM_RIGHTS, ...fds];

test('SCM_RIGHTS: descriptors travel, are dropped with the socket, stop a read at their message, MSG_CTRUNC', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [a, b] = pairOf(t, SOCK_STREAM);
  const { reader } = createPipe(t, 0) as { reader: PipeFile };
  const r = t.files.install(t, reader, 'keep');
  send(t, a, 'plain');
  message(t, 'with', rights(r, r), 24);
  assert.equal(call(t, sys_sendmsg, a, MSG, 0), 4);
  send(t, a, 'after');
  assert.equal(reader.refs, 3);
  assert.equal(recv(t, b, 100), 'plain');
  message(t, ' '.repeat(50), [], 64);
  assert.equal(call(t, sys_recvmsg, b, MSG, 0), 4);
  assert.equal(k.user.u32(MSG + 40), 24);
  const got = k.user.u32(CTL + 16);
  assert.equal(t.files.get(got), reader);
  assert.equal(recv(t, b, 100), 'after');

  message(t, 'x', rights(r, r), 24);
  call(t, sys_sendmsg, a, MSG, 0);
  message(t, ' ', [], 20);
  assert.equal(call(t, sys_recvmsg, b, MSG, 0), 1);
  assert.equal(k.user.u32(MSG + 48) & MSG_CTRUNC, MSG_CTRUNC);
  assert.equal(reader.refs, 4);
  message(t, 'x', rights(r), 20);
  call(t, sys_sendmsg, a, MSG, 0);
  assert.equal(reader.refs, 5);
  assert.equal(recv(t, b, 9), 'x'); // read away by who does not care
  assert.equal(reader.refs, 4);
  message(t, 'x', rights(r), 20);
  call(t, sys_sendmsg, a, MSG, 0);
  const bs = sock(t, b);
  t.files.remove(b);
  bs.put();
  assert.equal(reader.refs, 4);
  message(t, 'x', rights(77), 20);
  assert.equal(call(t, sys_sendmsg, a, MSG, 0), EBADF);
  assert.equal(k.net.unix.inFlight.size, 0);
});

test('SCM_RIGHTS: sockets that hold each other in flight are collected', () => {
  const k = new FakeKernel(), t = k.spawn();
  const [a, b] = pairOf(t, SOCK_STREAM);
  const { reader } = createPipe(t, 0) as { reader: PipeFile };
  const r = t.files.install(t, reader, 'keep');
  message(t, 'x', rights(a, b, r), 28);
  assert.equal(call(t, sys_sendmsg, a, MSG, 0), 1);
  assert.equal(reader.refs, 2);
  const [as, bs] = [sock(t, a), sock(t, b)];
  t.files.remove(a);
  as.put();
  assert.equal(reader.refs, 2); // b can still receive
  t.files.remove(b);
  bs.put();
  assert.equal(reader.refs, 1);
  assert.deepEqual([as.refs, bs.refs, k.net.unix.inFlight.size, k.net.unix.all.size], [0, 0, 0, 0]);
});

test('SCM_CREDENTIALS with SO_PASSCRED', () => {
  const k = new FakeKernel(), t = k.spawn(5);
  const [a, b] = pairOf(t, SOCK_SEQPACKET);
  k.user.storeU32(ADDR, 1);
  call(t, sys_setsockopt, b, SOL_SOCKET, SO_PASSCRED, ADDR, 4);
  send(t, a, 'hi');
  message(t, '  ', [], 64);
  assert.equal(call(t, sys_recvmsg, b, MSG, 0), 2);
  assert.deepEqual([0, 2, 3, 4, 5].map(i => k.user.u32(CTL + 4 * i)), [28, SOL_SOCKET, SCM_CREDENTIALS, t.process.pid, 5].map((v, i) => (i === 1 ? SOL_SOCKET : v)));
});

test('tcp: listen, connect, names, half close, refused, reset on write after close', () => {
  const k = new FakeKernel(), s = k.spawn(), c = k.spawn();
  const l = call(s, sys_socket, AF_INET, SOCK_STREAM, 0) as number;
  assert.equal(call(s, sys_bind, l, ADDR, inet(s, 0)), 0);
  assert.equal(call(s, sys_listen, l, 5), 0);
  k.user.storeU32(LEN, 64);
  call(s, sys_getsockname, l, ADDR, LEN);
  const port = (k.user.bytes[ADDR + 2]! << 8) | k.user.bytes[ADDR + 3]!;
  assert.ok(port >= 32768);
  const again = call(s, sys_socket, AF_INET, SOCK_STREAM, 0) as number;
  assert.equal(call(s, sys_bind, again, ADDR, inet(s, port, [0, 0, 0, 0])), EADDRINUSE);

  const c1 = call(c, sys_socket, AF_INET, SOCK_STREAM, 0) as number;
  assert.equal(send(c, c1, 'x', MSG_NOSIGNAL), EPIPE);
  assert.equal(call(c, sys_connect, c1, ADDR, inet(c, port)), 0);
  k.user.storeU32(LEN, 64);
  const a1 = call(s, sys_accept4, l, ADDR, LEN, 0) as number;
  assert.deepEqual([...k.user.bytes.subarray(ADDR + 4, ADDR + 8)], [127, 0, 0, 1]);
  send(c, c1, 'ping');
  assert.equal(recv(s, a1, 9), 'ping');
  call(c, sys_shutdown, c1, SHUT_WR);
  assert.equal(recv(s, a1, 9), '');
  assert.equal(sock(s, a1).poll(s) & (POLLIN | POLLRDHUP | POLLHUP), POLLIN | POLLRDHUP);
  assert.equal(send(s, a1, 'pong'), 4);
  assert.equal(recv(c, c1, 9), 'pong');

  const nb = call(c, sys_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0) as number;
  assert.equal(call(c, sys_connect, nb, ADDR, inet(c, port)), EINPROGRESS);
  assert.equal(sock(c, nb).poll(c) & (POLLOUT | POLLERR | POLLHUP), POLLOUT);
  assert.equal(call(c, sys_connect, nb, ADDR, inet(c, port)), 0);
  assert.equal(call(c, sys_connect, nb, ADDR, inet(c, port)), EISCONN);
  const a2 = call(s, sys_accept4, l, 0, 0, 0) as number;
  const srv = sock(s, a2);
  s.files.remove(a2);
  srv.put();
  assert.equal(recv(c, nb, 5), '');
  assert.equal(send(c, nb, 'lost'), 4);
  assert.equal(send(c, nb, 'lost', MSG_NOSIGNAL), EPIPE);

  const ref = call(c, sys_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0) as number;
  assert.equal(call(c, sys_connect, ref, ADDR, inet(c, 1)), EINPROGRESS);
  assert.equal(sock(c, ref).poll(c) & POLLERR, POLLERR);
  k.user.storeU32(LEN, 4);
  call(c, sys_getsockopt, ref, SOL_SOCKET, SO_ERROR, OUT, LEN);
  assert.equal(k.user.i32(OUT), -ECONNREFUSED);
  assert.equal(call(c, sys_connect, ref, ADDR, inet(c, port)), ECONNABORTED);
  assert.equal(call(c, sys_connect, ref, ADDR, inet(c, 80, [10, 0, 0, 1])), ENETUNREACH);
});

test('tcp: a dual-stack listener gets IPv4 clients with mapped names', () => {
  const k = new FakeKernel(), t = k.spawn();
  const l = call(t, sys_socket, AF_INET6, SOCK_STREAM, 0) as number;
  assert.equal(call(t, sys_listen, l, 5), 0);
  const port = (sock(t, l) as unknown as { local: { port: number } }).local.port;
  const c = call(t, sys_socket, AF_INET, SOCK_STREAM, 0) as number;
  assert.equal(call(t, sys_connect, c, ADDR, inet(t, port)), 0);
  k.user.storeU32(LEN, 64);
  call(t, sys_accept4, l, ADDR, LEN, 0);
  assert.equal(k.user.u32(LEN), 28);
  assert.deepEqual([...k.user.bytes.subarray(ADDR + 18, ADDR + 24)], [255, 255, 127, 0, 0, 1]);
});

test('udp: packets, reply addresses, connected sockets hear only their peer and learn of refusal', () => {
  const k = new FakeKernel(), t = k.spawn();
  const s = call(t, sys_socket, AF_INET, SOCK_DGRAM, 0) as number, c = call(t, sys_socket, AF_INET, SOCK_DGRAM, 0) as number;
  assert.equal(call(t, sys_bind, s, ADDR, inet(t, 5353, [0, 0, 0, 0])), 0);
  assert.equal(send(t, c, 'x'), EDESTADDRREQ);
  k.user.write(BUF, 'query');
  assert.equal(call(t, sys_sendto, c, BUF, 5, 0, ADDR, inet(t, 5353)), 5);
  k.user.storeU32(LEN, 64);
  assert.equal(call(t, sys_recvfrom, s, OUT, 3, 0, ADDR, LEN), 3);
  assert.equal(call(t, sys_sendto, s, BUF, 5, 0, ADDR, 16), 5); // back to where it came from
  assert.equal(recv(t, c, 9), 'query');
  call(t, sys_connect, c, ADDR, inet(t, 5353));
  const third = call(t, sys_socket, AF_INET, SOCK_DGRAM, 0) as number;
  k.user.storeU32(LEN, 64);
  call(t, sys_getsockname, c, ADDR, LEN);
  assert.equal(call(t, sys_sendto, third, BUF, 5, 0, ADDR, 16), 5);
  assert.equal(recv(t, c, 9, MSG_DONTWAIT), EAGAIN);
  const dead = sock(t, s);
  t.files.remove(s);
  dead.put();
  assert.equal(send(t, c, 'x'), 1);
  assert.equal(recv(t, c, 1), ECONNREFUSED);
  assert.equal(call(t, sys_sendto, c, BUF, 1, 0, ADDR, inet(t, 9, [8, 8, 8, 8])), ENETUNREACH);
});

test('calls on files that are no sockets', () => {
  const k = new FakeKernel(), t = k.spawn();
  const { reader } = createPipe(t, 0) as { reader: PipeFile };
  const fd = t.files.install(t, reader, 'keep');
  assert.equal(call(t, sys_listen, fd, 1), ENOTSOCK);
});

test('buffers: what lies in pipes and sockets is bounded, and given back', () => {
  const k = new FakeKernel(), t = k.spawn();
  const before = k.ipc.buffers.used;
  (k.ipc.buffers as { limit: number }).limit = 1 << 20;
  let failed: number | 'parked' = 0;
  const made: number[] = [];
  while (failed === 0) {
    const [a, b] = pairOf(t, SOCK_STREAM);
    made.push(a, b);
    const n = call(t, sys_sendto, a, BUF, 200_000, MSG_DONTWAIT);
    if (n === ENOMEM) failed = n;
  }
  assert.equal(failed, ENOMEM);
  for (const fd of made) (t.files.remove(fd) as Socket).put();
  assert.equal(k.ipc.buffers.used, before);
});

test('SCM_RIGHTS: a long chain of sockets in sockets is released without deep recursion', () => {
  const k = new FakeKernel(), t = k.spawn();
  t.process.rlimits[7]!.soft = 1e9;
  let [a, b] = pairOf(t, SOCK_DGRAM);
  for (let i = 0; i < 5000; i++) {
    const [c, d] = pairOf(t, SOCK_DGRAM);
    message(t, 'x', rights(a, b), 24);
    assert.equal(call(t, sys_sendmsg, c, MSG, 0), 1);
    (t.files.remove(a) as Socket).put();
    (t.files.remove(b) as Socket).put();
    [a, b] = [c, d];
  }
  (t.files.remove(a) as Socket).put();
  (t.files.remove(b) as Socket).put();
  assert.equal(k.net.unix.all.size, 0);
});
