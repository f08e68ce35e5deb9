// TCP within the machine (tcp(7)): connections to 127.0.0.1 and ::1, without a wire and so without the protocol's states. What a program can
// tell is kept: refusal, half close, reset when unread data is lost, EINPROGRESS of non-blocking connects, the grace of one write after a close.
import {
  type Errno, type Fallible, ECONNABORTED, ECONNREFUSED, EINPROGRESS, EISCONN, ENETUNREACH, ENOTCONN, EPIPE, isErr,
} from '../../../abi/errno.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '../../../abi/poll.ts';
import { IPPROTO_TCP, SIOCATMARK, SOCK_STREAM, SOL_SOCKET, SO_LINGER } from '../../../abi/socket.ts';
import type { Task } from '../../task/task.ts';
import type { IoBuffer } from '../../vfs/io-buffer.ts';
import { ConnectionSocket, connectError } from '../connection.ts';
import { LINGER_ON, type Socket } from '../socket.ts';
import { anyOf, destinationOf, encodeEndpoint, type Endpoint, isLocal, parseEndpoint, sourceFor } from './address.ts';
import { bindInet } from './bind.ts';
import type { Ports } from './ports.ts';

const portsOf = (s: Socket): Ports => s.inode.sb.kernel.net.tcp;

export class TcpSocket extends ConnectionSocket {
  local: Endpoint;
  remote: Endpoint | null = null;
  /** A non-blocking connect has answered EINPROGRESS, and its success was not yet reported by another connect. */
  private connectUnreported = false;
  /** Another non-blocking connect has failed: the next one reports that, and only then the socket is as new. */
  private connectFailed = false;
  protected readonly closeEnds = 'one';
  protected readonly unconnectedError = ENOTCONN;

  constructor(t: Task, family: number) {
    super(t, family, SOCK_STREAM, IPPROTO_TCP);
    this.local = anyOf(family);
  }

  protected override addressedSend(): 0 { return 0; }
  protected override get unconnectedSendError(): Errno { return EPIPE; }

  override bind(t: Task, address: Uint8Array): 0 | Errno { return bindInet(t, portsOf(this), this, address); }

  override listen(t: Task, backlog: number): 0 | Errno {
    const e = this.autobind(this.local.host);
    return e !== 0 ? e : super.listen(t, backlog);
  }

  override connect(t: Task, address: Uint8Array): 0 | Errno {
    const to = parseEndpoint(this.family, address);
    if (isErr(to)) return to;
    if (this.connectFailed) {
      this.connectFailed = this.receiveShut = this.sendShut = false;
      return this.takeError() || ECONNABORTED;
    }
    const e = connectError(this);
    if (e === EISCONN && this.connectUnreported) {
      this.connectUnreported = false;
      return 0;
    }
    if (e !== 0) return e;
    const host = destinationOf(to.host);
    if (!isLocal(host)) return ENETUNREACH;
    const bound = this.autobind(sourceFor(host));
    if (bound !== 0) return bound;
    const listener = portsOf(this).find(host, to.port).find(s => s.isListening && !s.receiveShut) as TcpSocket | undefined;
    if (listener === undefined) return this.finish(ECONNREFUSED);
    this.remote = { host, port: to.port };
    this.local = { host: sourceFor(host), port: this.local.port };
    const joined = this.join(t, listener);
    if (joined !== 0) this.remote = null;
    return joined !== 0 ? joined : this.finish(0);
  }

  /** The result now, or through poll and SO_ERROR for who does not wait. */
  private finish(result: 0 | Errno): 0 | Errno {
    if (!this.isNonBlocking) return result;
    if (result === 0) this.connectUnreported = true;
    else {
      this.error = result;
      this.connectFailed = this.receiveShut = this.sendShut = true;
    }
    this.queue.wake(POLLIN | POLLOUT | (result === 0 ? 0 : POLLERR | POLLHUP));
    return EINPROGRESS;
  }

  protected override makeChild(t: Task, client: ConnectionSocket): TcpSocket {
    const from = client as TcpSocket;
    const child = new TcpSocket(t, this.family);
    child.resetsAtClose = true;
    child.local = { host: from.remote!.host, port: this.local.port };
    child.remote = from.local;
    for (const [key, value] of this.options) child.options.set(key, value);
    return child;
  }

  override accept(t: Task): Fallible<Socket> {
    const child = super.accept(t);
    if (!isErr(child)) (child as TcpSocket).resetsAtClose = false;
    return child;
  }

  private autobind(host: string): 0 | Errno {
    return this.local.port !== 0 ? 0 : portsOf(this).bind(this, host, 0);
  }

  override localName(): Uint8Array { return encodeEndpoint(this.family, this.local); }
  override peerName(): Fallible<Uint8Array> {
    return this.state !== 'connected' || this.remote === null ? ENOTCONN : encodeEndpoint(this.family, this.remote);
  }

  /** Both sides keep buffers. */
  protected override limitTo(peer: ConnectionSocket): number { return peer.receiveBufferSize + this.sendBufferSize; }

  /** The other end is closed but has not said so: the data is lost, and the reset that comes back ends our side too. */
  protected override sendToGone(io: IoBuffer): number {
    this.sendShut = true;
    this.error = EPIPE;
    this.queue.wake(POLLIN | POLLOUT | POLLERR | POLLHUP);
    return io.remaining;
  }

  override shutdown(t: Task, receive: boolean, send: boolean): 0 | Errno {
    const e = super.shutdown(t, receive, send); // the bits stay even where there is nothing to shut
    return this.state === 'unconnected' ? ENOTCONN : e;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    return cmd === SIOCATMARK ? t.user.storeU32(arg, 0) : super.ioctl(t, cmd, arg);
  }

  override release(): void {
    if (this.option(SOL_SOCKET, SO_LINGER, 0) === LINGER_ON) this.resetsAtClose = true;
    portsOf(this).release(this);
    super.release();
  }
}
