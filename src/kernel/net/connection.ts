// Sockets that connect: streams and sequenced packets of every family. A connection is two sockets that know each other; what one sends lies
// in the other's inbox at once. A connect makes the server's half and puts it into the listener's backlog.
import {
  type Errno, type Fallible, EAGAIN, ECONNRESET, EINVAL, EISCONN, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPIPE,
} from '../../abi/errno.ts';
import {
  POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM,
} from '../../abi/poll.ts';
import { MSG_OOB, SOCK_STREAM, SOL_SOCKET, SOMAXCONN, SO_PASSCRED } from '../../abi/socket.ts';
import type { Task } from '../task/task.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { type Inbox, PacketInbox, StreamInbox, type TakeMode } from './inbox.ts';
import { credsOf, senderOf, type Outgoing, type Received, type Ucreds } from './message.ts';
import { Socket } from './socket.ts';

const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM | POLLWRBAND;
const CLOSED = READABLE | WRITABLE | POLLERR | POLLHUP | POLLRDHUP;

export type ConnectionState = 'unconnected' | 'listening' | 'connected';

export abstract class ConnectionSocket extends Socket {
  state: ConnectionState = 'unconnected';
  /** The other half; null once it is closed, too. */
  peer: ConnectionSocket | null = null;
  readonly inbox: Inbox;
  readonly isStream: boolean;
  /** Who made this half: the other's SO_PEERCRED. */
  ownCreds: Ucreds;
  private backlog: ConnectionSocket[] = [];
  private backlogMax = 0;

  constructor(t: Task, family: number, type: number, protocol: number) {
    super(t, family, type, protocol);
    this.isStream = type === SOCK_STREAM;
    this.inbox = this.isStream ? new StreamInbox(t.kernel.ipc.buffers) : new PacketInbox(t.kernel.ipc.buffers);
    this.ownCreds = credsOf(t);
  }

  override get isListening(): boolean { return this.state === 'listening'; }

  /** Makes the server's half of a connection to this listener. */
  protected abstract makeChild(t: Task, client: ConnectionSocket): ConnectionSocket;
  /** A send with a destination: what to say, 0 to ignore it. */
  protected abstract addressedSend(): Errno | 0;
  protected abstract readonly unconnectedError: Errno;
  protected get unconnectedSendError(): Errno { return ENOTCONN; }
  /** What our close means for the other half: both directions end (UNIX), or only ours (TCP). */
  protected abstract readonly closeEnds: 'both' | 'one';

  // --- establishing ---------------------------------------------------------------------------------------------------------------------------

  override listen(t: Task, backlog: number): 0 | Errno {
    if (this.state === 'connected') return EINVAL;
    this.state = 'listening';
    this.backlogMax = Math.min(backlog >>> 0, SOMAXCONN);
    this.ownCreds = credsOf(t);
    return 0;
  }

  override accept(_t: Task): Fallible<Socket> {
    if (this.state !== 'listening') return EINVAL;
    if (this.receiveShut) return EINVAL;
    const child = this.backlog.shift();
    if (child === undefined) return EAGAIN;
    this.queue.wake(POLLOUT); // connects that found the backlog full
    return child;
  }

  override embryos(): readonly Socket[] { return this.backlog; }
  get isBacklogFull(): boolean { return this.backlog.length > this.backlogMax; }

  /** Connects to a listener that was found; EAGAIN while its backlog is full. */
  protected join(t: Task, listener: ConnectionSocket): 0 | Errno {
    // A non-blocking TCP connect could not be told later: it finds a place always.
    if (listener.isBacklogFull && !(this.isNonBlocking && this.closeEnds === 'one')) {
      this.blockedOn = listener.queue;
      return EAGAIN;
    }
    this.ownCreds = credsOf(t);
    const child = listener.makeChild(t, this);
    child.ownCreds = listener.ownCreds;
    pair(this, child);
    listener.backlog.push(child);
    listener.queue.wake(READABLE);
    this.queue.wake(WRITABLE);
    return 0;
  }

  // --- transferring ---------------------------------------------------------------------------------------------------------------------------

  override send(t: Task, io: IoBuffer, msg: Outgoing): number | Errno {
    if (msg.address !== null) {
      const e = this.addressedSend();
      if (e !== 0) return e;
    }
    if ((msg.flags & MSG_OOB) !== 0) return EOPNOTSUPP;
    if (this.sendShut) return this.shutSendError();
    const { peer } = this;
    if (peer === null) return this.state === 'connected' ? this.sendToGone(io) : this.unconnectedSendError;
    const limit = this.limitTo(peer);
    if (!this.isStream && io.remaining > this.sendBufferSize) return EMSGSIZE;
    if (peer.inbox.used >= limit) return EAGAIN;
    const creds = msg.creds ?? (peer.option(SOL_SOCKET, SO_PASSCRED, 0) !== 0 ? senderOf(t) : null);
    const n = peer.inbox.push(io, limit - peer.inbox.used, msg, creds, null);
    if (n >= 0) peer.queue.wake(READABLE);
    return n;
  }

  /** A reset is told to the one who sends (TCP, sequenced packets) or kept for the next reader. */
  protected shutSendError(): Errno { return this.takeError() === ECONNRESET ? ECONNRESET : EPIPE; }

  /** The other half is closed without having told us to stop. */
  protected sendToGone(_io: IoBuffer): number | Errno { return EPIPE; }

  override receive(_t: Task, io: IoBuffer, mode: TakeMode, into: Received): number | Errno {
    const { inbox } = this;
    if (this.error !== 0 && !this.isStream) return this.takeError(); // streams give what has come first
    if (inbox.isEmpty) {
      if (this.error !== 0) return this.takeError();
      if (this.state !== 'connected') return this.unconnectedError;
      if (this.receiveShut) return 0;
      return EAGAIN;
    }
    const { peer } = this;
    const wasTight = peer !== null && !peer.hasRoomIn(this);
    const n = inbox.take(io, mode, into);
    if (wasTight && peer.hasRoomIn(this)) peer.queue.wake(WRITABLE);
    return n;
  }

  /** Bytes of ours that may lie unread in the other's inbox. */
  protected limitTo(_peer: ConnectionSocket): number { return this.sendBufferSize; }
  protected hasRoomIn(peer: ConnectionSocket): boolean { return peer.inbox.used * 2 <= this.limitTo(peer); }

  override get unsentBytes(): number { return this.peer?.inbox.used ?? 0; }

  // --- ending ---------------------------------------------------------------------------------------------------------------------------------

  override shutdown(_t: Task, receive: boolean, send: boolean): 0 | Errno {
    if (receive) this.receiveShut = true;
    if (send) this.sendShut = true;
    this.queue.wake(CLOSED);
    const { peer } = this;
    if (peer === null) return 0;
    if (send) peer.receiveShut = true;
    if (receive && this.closeEnds === 'both') peer.sendShut = true;
    peer.queue.wake(CLOSED);
    return 0;
  }

  override release(): void {
    const children = this.backlog;
    this.backlog = [];
    for (const child of children) child.put(); // with their clients' data unread: those get a reset
    if (this.state === 'listening') this.queue.wake(CLOSED);
    const { peer } = this;
    if (peer !== null) {
      this.peer = peer.peer = null;
      peer.peerClosed(this, !this.inbox.isEmpty || this.resetsAtClose);
    }
    this.inbox.dropAll();
  }

  /** The other half gets ECONNRESET when this one is closed: waiting in a backlog, or SO_LINGER with no time. */
  resetsAtClose = false;

  /** The other half was closed; `reset` if it had not read everything. */
  protected peerClosed(_peer: ConnectionSocket, reset: boolean): void {
    this.receiveShut = true;
    if (this.closeEnds === 'both' || reset) this.sendShut = true;
    if (reset) this.error = ECONNRESET;
    this.queue.wake(CLOSED);
  }

  override poll(): number {
    if (this.state === 'listening') return this.backlog.length > 0 ? READABLE : 0;
    let events = this.error !== 0 ? POLLERR : 0;
    if (!this.inbox.isEmpty) events |= READABLE;
    if (this.receiveShut) events |= READABLE | POLLRDHUP;
    if (this.state === 'unconnected' || (this.receiveShut && this.sendShut)) events |= POLLHUP;
    if (this.sendShut || this.peer === null || this.hasRoomIn(this.peer)) events |= WRITABLE;
    return events;
  }
}

/** Two fresh sockets become the two halves of a connection. */
export function pair(a: ConnectionSocket, b: ConnectionSocket): void {
  a.peer = b;
  b.peer = a;
  a.state = b.state = 'connected';
  a.peerCreds = b.ownCreds;
  b.peerCreds = a.ownCreds;
}

/** connect(2) on a socket that cannot: 0 if it can. */
export function connectError(s: ConnectionSocket): Errno | 0 {
  if (s.state === 'connected') return EISCONN;
  return s.state === 'listening' ? EINVAL : 0;
}
