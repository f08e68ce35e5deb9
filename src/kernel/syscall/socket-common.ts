// What all socket calls share: finding the socket, addresses in and out, waiting with SO_RCVTIMEO and SO_SNDTIMEO.
import { BLOCKED, EAGAIN, EINVAL, ENOTSOCK, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import { SOCKADDR_STORAGE_SIZE } from '../../abi/socket.ts';
import { Socket } from '../net/socket.ts';
import type { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';

export function getSocket(t: Task, fd: number): Fallible<Socket> {
  const file = t.files.get(fd);
  if (isErr(file)) return file;
  return file instanceof Socket ? file : ENOTSOCK;
}

/** A struct sockaddr of `length` bytes. */
export function loadAddress(t: Task, addr: number, length: number): Fallible<Uint8Array> {
  if (length < 0 || length > SOCKADDR_STORAGE_SIZE) return EINVAL;
  const bytes = new Uint8Array(length);
  const e = length === 0 ? 0 : t.user.copyIn(addr, bytes);
  return e === 0 ? bytes : e;
}

/** Stores as much of the address as the caller has room for, and its real length (accept(2)). */
export function storeAddress(t: Task, bytes: Uint8Array, addr: number, lengthPtr: number): 0 | Errno {
  const e = t.user.loadI32(lengthPtr);
  if (e !== 0) return e;
  const room = t.user.value;
  if (room < 0) return EINVAL;
  const n = Math.min(room, bytes.length);
  const f = n === 0 ? 0 : t.user.copyOut(addr, bytes, 0, n);
  return f !== 0 ? f : t.user.storeU32(lengthPtr, bytes.length);
}

/** Waits on `queue`, at most as long as SO_RCVTIMEO or SO_SNDTIMEO says: EAGAIN then. */
export function waitOnSocket(t: Task, s: Socket, queue: WaitQueue, what: 'read' | 'write', reason: string): Errno {
  const patience = s.patienceNs(what);
  if (patience === Infinity) return t.waitOn(queue, reason);
  const set = t.restart?.deadlineNs ?? Infinity;
  const deadline = set === Infinity ? t.kernel.now() + patience : set;
  const r = t.waitOnUntil(queue, deadline, reason, EAGAIN);
  return r === 0 ? BLOCKED : r;
}
