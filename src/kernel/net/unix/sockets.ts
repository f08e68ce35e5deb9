// UNIX sockets (unix(7)): SOCK_STREAM and SOCK_SEQPACKET on connections, SOCK_DGRAM on datagrams. Reliable: senders wait for room.
import {
  type Errno, type Fallible, EAGAIN, ECONNREFUSED, ECONNRESET, EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP, EPERM, EPIPE, isErr,
} from '../../../abi/errno.ts';
import { POLLERR } from '../../../abi/poll.ts';
import { AF_UNIX, AF_UNSPEC, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, SO_PASSCRED } from '../../../abi/socket.ts';
import type { Task } from '../../task/task.ts';
import type { IoBuffer } from '../../vfs/io-buffer.ts';
import { ConnectionSocket, connectError, pair } from '../connection.ts';
import { DatagramSocket } from '../datagram.ts';
import { credsOf, type Outgoing, type Received } from '../message.ts';
import type { TakeMode } from '../inbox.ts';
import type { Socket } from '../socket.ts';
import { leftFlight, tookFlight, collectGarbage } from './gc.ts';
import { UnixName, type UnixNames } from './names.ts';

/** /proc/sys/net/unix/max_dgram_qlen. */
const MAX_DGRAM_QLEN = 10;
/** What Linux charges the sender for a small packet beside its bytes, roughly. */
const PACKET_COST = 768;

const namesOf = (s: Socket): UnixNames => s.inode.sb.kernel.net.unix;
const familyOf = (address: Uint8Array): number => (address.length >= 2 ? address[0]! | (address[1]! << 8) : -1);

export class UnixConnection extends ConnectionSocket {
  readonly name = new UnixName();
  protected readonly closeEnds = 'both';

  constructor(t: Task, type: number) {
    super(t, AF_UNIX, type, 0);
    namesOf(this).all.add(this);
  }

  protected get unconnectedError(): Errno { return this.type === SOCK_STREAM ? EINVAL : ENOTCONN; }
  protected addressedSend(): Errno | 0 {
    if (this.type !== SOCK_STREAM) return 0;
    return this.state === 'connected' ? EISCONN : EOPNOTSUPP;
  }

  override bind(t: Task, address: Uint8Array): 0 | Errno { return namesOf(this).bind(t, this, this.name, address); }

  override listen(t: Task, backlog: number): 0 | Errno { return this.name.isBound ? super.listen(t, backlog) : EINVAL; }

  override connect(t: Task, address: Uint8Array): 0 | Errno {
    const listener = namesOf(this).find(t, address, this.type);
    const e = connectError(this);
    if (isErr(listener) || e !== 0) return isErr(listener) ? listener : e;
    if (!(listener instanceof UnixConnection) || !listener.isListening || listener.receiveShut) return ECONNREFUSED;
    if (this.option(SOL_SOCKET, SO_PASSCRED, 0) !== 0 && !this.name.isBound) namesOf(this).bind(t, this, this.name, new Uint8Array([AF_UNIX, 0]));
    return this.join(t, listener);
  }

  protected override makeChild(t: Task, _client: ConnectionSocket): UnixConnection {
    const child = new UnixConnection(t, this.type);
    child.resetsAtClose = true;
    child.name.bytes = this.name.bytes;
    child.name.abstract = null;
    for (const [key, value] of this.options) child.options.set(key, value);
    return child;
  }

  override accept(t: Task): Fallible<Socket> {
    const child = super.accept(t);
    if (!isErr(child)) (child as UnixConnection).resetsAtClose = false;
    return child;
  }

  protected override shutSendError(): Errno { return this.isStream ? EPIPE : super.shutSendError(); }
  /** The sum, also of packets. */
  override get readableBytes(): number { return this.inbox.used; }

  override localName(): Uint8Array { return this.name.bytes; }
  override peerName(): Fallible<Uint8Array> {
    if (this.state !== 'connected') return ENOTCONN;
    return this.peer === null ? new Uint8Array([AF_UNIX, 0]) : (this.peer as UnixConnection).name.bytes;
  }

  override send(t: Task, io: IoBuffer, msg: Outgoing): number | Errno {
    const n = super.send(t, io, msg);
    if ((n > 0 || (n === 0 && !this.isStream)) && msg.files !== null) tookFlight(namesOf(this), msg.files);
    return n;
  }

  override receive(t: Task, io: IoBuffer, mode: TakeMode, into: Received): number | Errno {
    const n = super.receive(t, io, mode, into);
    if (into.files !== null && mode === 'consume') leftFlight(namesOf(this), into.files);
    return n;
  }

  override put(): void {
    super.put();
    if (this.refs > 0) collectGarbage(namesOf(this), this);
  }

  override release(): void {
    namesOf(this).release(this);
    leftFlight(namesOf(this), this.inbox.files());
    super.release();
  }
}

export class UnixDatagram extends DatagramSocket {
  readonly name = new UnixName();
  peer: UnixDatagram | null = null;
  private closed = false;

  constructor(t: Task) {
    super(t, AF_UNIX, SOCK_DGRAM, 0);
    namesOf(this).all.add(this);
  }

  override get raisesSigpipe(): boolean { return false; }
  protected get maxLength(): number { return this.sendBufferSize - 32; }
  /** Two that are connected to each other are bounded by the sender's buffer, everybody else by the length of the queue. */
  override isFullFor(sender: DatagramSocket): boolean {
    return this.peer === sender ? this.cost >= sender.sendBufferSize : this.inbox.count > MAX_DGRAM_QLEN;
  }
  private get cost(): number { return this.inbox.used + this.inbox.count * PACKET_COST; }
  override whenFull(): Errno { return EAGAIN; }

  override bind(t: Task, address: Uint8Array): 0 | Errno { return namesOf(this).bind(t, this, this.name, address); }

  override connect(t: Task, address: Uint8Array): 0 | Errno {
    if (familyOf(address) === AF_UNSPEC) {
      this.forgetPeer();
      return 0;
    }
    const other = this.find(t, address);
    if (isErr(other)) return other;
    if (this.peer !== other) this.forgetPeer();
    this.peer = other;
    this.peerCreds = credsOf(t);
    return 0;
  }

  /** What came from the peer of before is lost, and a peer that still sends to us learns of it by ECONNRESET. */
  private forgetPeer(): void {
    const { peer } = this;
    this.peer = null;
    if (peer === null || this.inbox.isEmpty) return;
    leftFlight(namesOf(this), this.inbox.files());
    this.inbox.dropAll();
    this.wakeSenders();
    if (peer.closed || peer.peer !== this) return;
    peer.error = ECONNRESET;
    peer.queue.wake(POLLERR);
  }

  private find(t: Task, address: Uint8Array): Fallible<UnixDatagram> {
    const other = namesOf(this).find(t, address, SOCK_DGRAM);
    if (isErr(other)) return other;
    if (!(other instanceof UnixDatagram)) return ECONNREFUSED;
    return other.peer !== null && other.peer !== this ? EPERM : other;
  }

  protected override receiverOf(t: Task, address: Uint8Array | null): Fallible<UnixDatagram> {
    if (address !== null) return this.find(t, address);
    if (this.peer === null) return ENOTCONN;
    if (!this.peer.closed) return this.peer;
    this.forgetPeer();
    return ECONNREFUSED;
  }

  protected override canSend(): boolean {
    const { peer } = this;
    if (peer === null) return true;
    if (peer.peer === this ? peer.cost * 4 <= this.sendBufferSize : !peer.isFullFor(this)) return true;
    this.tellOfRoom(peer);
    return false;
  }

  override localName(): Uint8Array { return this.name.bytes; }
  protected override nameFor(): Uint8Array | null { return this.name.isBound ? this.name.bytes : null; }
  override peerName(): Fallible<Uint8Array> { return this.peer === null ? ENOTCONN : this.peer.name.bytes; }

  override send(t: Task, io: IoBuffer, msg: Outgoing): number | Errno {
    const n = super.send(t, io, msg);
    if (n >= 0 && msg.files !== null) tookFlight(namesOf(this), msg.files);
    return n;
  }

  override receive(t: Task, io: IoBuffer, mode: TakeMode, into: Received): number | Errno {
    const n = super.receive(t, io, mode, into);
    if (into.files !== null && mode === 'consume') leftFlight(namesOf(this), into.files);
    return n;
  }

  override put(): void {
    super.put();
    if (this.refs > 0) collectGarbage(namesOf(this), this);
  }

  override release(): void {
    this.closed = true;
    this.peer = null;
    namesOf(this).release(this);
    leftFlight(namesOf(this), this.inbox.files());
    super.release();
  }
}

/** socketpair(2). */
export function unixPair(t: Task, type: number): [Socket, Socket] {
  if (type === SOCK_DGRAM) {
    const a = new UnixDatagram(t), b = new UnixDatagram(t);
    a.peer = b;
    b.peer = a;
    a.peerCreds = b.peerCreds = credsOf(t);
    return [a, b];
  }
  const a = new UnixConnection(t, type), b = new UnixConnection(t, type);
  pair(a, b);
  return [a, b];
}
