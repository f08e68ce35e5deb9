// System V message queues (msgop(2)): typed messages in order of arrival.
import { type Errno, type Fallible, EINVAL } from '../../abi/errno.ts';
import { MSG_EXCEPT } from '../../abi/ipc.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import { SysvObject, SysvTable } from './sysv.ts';

/** Longest message, default bytes of a queue, queues. */
export const MSGMAX = 8192, MSGMNB = 16384, MSGMNI = 32000;

/** What a message costs beside its text. */
const MESSAGE_OVERHEAD = 128;

export interface Message { readonly type: number; readonly bytes: Uint8Array }

export class MsgQueue extends SysvObject {
  readonly messages: Message[] = [];
  /** Senders and receivers: they want different things, but never both at once for long. */
  readonly waiters = new WaitQueue();
  bytesUsed = 0;
  maxBytes = MSGMNB;
  stime = 0;
  rtime = 0;
  lastSender = 0;
  lastReceiver = 0;

  hasRoomFor(length: number): boolean {
    return this.bytesUsed + length <= this.maxBytes && this.messages.length + 1 <= this.maxBytes;
  }

  /** False: no memory. */
  send(t: Task, type: number, bytes: Uint8Array): boolean {
    if (!t.kernel.ipc.buffers.charge(bytes.length + MESSAGE_OVERHEAD)) return false;
    this.messages.push({ type, bytes });
    this.bytesUsed += bytes.length;
    this.stime = t.kernel.realtime().sec;
    this.lastSender = t.process.pid;
    this.waiters.wake();
    return true;
  }

  /** Which message msgrcv(2) means: 0 the first, n the first of type n (with MSG_EXCEPT of any other), -n the lowest type up to n. -1: none. */
  choose(type: number, flags: number): number {
    if (type === 0) return this.messages.length > 0 ? 0 : -1;
    if (type > 0) return this.messages.findIndex(m => (m.type === type) !== ((flags & MSG_EXCEPT) !== 0));
    let best = -1;
    this.messages.forEach((m, i) => {
      if (m.type <= -type && (best < 0 || m.type < this.messages[best]!.type)) best = i;
    });
    return best;
  }

  /** IPC_RMID: the messages go. */
  dropAll(t: Task): void { while (this.messages.length > 0) this.take(t, 0); }

  /** The chosen message is received. */
  take(t: Task, index: number): void {
    const [m] = this.messages.splice(index, 1);
    this.bytesUsed -= m!.bytes.length;
    t.kernel.ipc.buffers.release(m!.bytes.length + MESSAGE_OVERHEAD);
    this.rtime = t.kernel.realtime().sec;
    this.lastReceiver = t.process.pid;
    this.waiters.wake();
  }
}

/** `kernel.ipc.queues`. */
export class MsgTable extends SysvTable<MsgQueue> {
  constructor() { super(MSGMNI); }
  protected make(t: Task, id: number, key: number, mode: number): Fallible<MsgQueue> { return new MsgQueue(t, id, key, mode); }
  protected checkSize(): 0 | Errno { return 0; }
}

export const checkMessage = (type: number, length: number): 0 | Errno => (type < 1 || length > MSGMAX ? EINVAL : 0);
