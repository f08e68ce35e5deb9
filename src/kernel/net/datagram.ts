// Sockets that send packets to whom they please (udp(7), unix(7) SOCK_DGRAM). A connected one has a default peer and hears only from it.
import { type Errno, EAGAIN, EMSGSIZE, EOPNOTSUPP, EPIPE, isErr, type Fallible } from '../../abi/errno.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../../abi/poll.ts';
import { MSG_OOB, SOL_SOCKET, SO_PASSCRED } from '../../abi/socket.ts';
import type { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { PacketInbox, type TakeMode } from './inbox.ts';
import { senderOf, type Outgoing, type Received } from './message.ts';
import { Socket } from './socket.ts';

const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM | POLLWRBAND;

export abstract class DatagramSocket extends Socket {
  readonly inbox: PacketInbox;
  readonly isStream = false;
  /** Senders that found this inbox full. */
  private readonly blockedSenders = new Set<WaitQueue>();

  constructor(t: Task, family: number, type: number, protocol: number) {
    super(t, family, type, protocol);
    this.inbox = new PacketInbox(t.kernel.ipc.buffers);
  }

  /** Who gets a packet to `address` (null: the default peer); null: nobody, and the sender does not learn of it. */
  protected abstract receiverOf(t: Task, address: Uint8Array | null): Fallible<DatagramSocket | null>;
  /** The longest packet. */
  protected abstract readonly maxLength: number;
  /** A packet from `from` does not fit: EAGAIN lets the sender wait, 0 loses the packet. */
  abstract whenFull(): Errno | 0;
  /** Is there no room for a packet from `sender`? */
  abstract isFullFor(sender: DatagramSocket): boolean;

  override send(t: Task, io: IoBuffer, msg: Outgoing): number | Errno {
    if ((msg.flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    if (this.error !== 0) return this.takeError();
    if (this.sendShut) return EPIPE;
    if (io.remaining > this.maxLength) return EMSGSIZE;
    const to = this.receiverOf(t, msg.address);
    if (isErr(to)) return to;
    const length = io.remaining;
    if (to === null) return length;
    if (to.receiveShut) return EPIPE;
    if (to.isFullFor(this)) {
      const e = to.whenFull();
      if (e === 0) return length;
      to.blockedSenders.add(this.queue);
      return e;
    }
    const creds = msg.creds ?? (to.option(SOL_SOCKET, SO_PASSCRED, 0) !== 0 ? senderOf(t) : null);
    const n = to.inbox.push(io, length, msg, creds, this.nameFor(to));
    if (n >= 0) to.queue.wake(READABLE);
    return n;
  }

  override receive(_t: Task, io: IoBuffer, mode: TakeMode, into: Received): number | Errno {
    if (this.error !== 0) return this.takeError();
    if (this.inbox.isEmpty) return this.receiveShut && !this.isNonBlocking ? 0 : EAGAIN; // as Linux does: no end of file without blocking
    const n = this.inbox.take(io, mode, into);
    if (mode === 'consume') this.wakeSenders();
    return n;
  }

  override shutdown(_t: Task, receive: boolean, send: boolean): 0 | Errno {
    if (receive) this.receiveShut = true;
    if (send) this.sendShut = true;
    this.queue.wake(READABLE | WRITABLE | POLLHUP | POLLRDHUP);
    return 0;
  }

  override poll(): number {
    let events = this.error !== 0 ? POLLERR : 0;
    if (!this.inbox.isEmpty) events |= READABLE;
    if (this.receiveShut) events |= READABLE | POLLRDHUP;
    if (this.receiveShut && this.sendShut) events |= POLLHUP;
    if (this.canSend()) events |= WRITABLE;
    return events;
  }

  /** Our name as `to` shall see it. */
  protected nameFor(_to: DatagramSocket): Uint8Array | null { return this.localName(); }

  /** Room at the default peer, as far as there is one. A look that says no also asks to be told of room. */
  protected canSend(): boolean { return true; }
  protected tellOfRoom(at: DatagramSocket): void { at.blockedSenders.add(this.queue); }

  override release(): void {
    this.inbox.dropAll();
    this.wakeSenders();
  }

  protected wakeSenders(): void {
    if (this.blockedSenders.size === 0) return;
    const waiting = [...this.blockedSenders];
    this.blockedSenders.clear();
    for (const q of waiting) q.wake(WRITABLE);
  }
}

