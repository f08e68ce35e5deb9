// UDP within the machine (udp(7)): packets to 127.0.0.1 and ::1. Unreliable as ever: a full receiver loses them, and only a connected sender
// learns that nobody listens.
import {
  type Errno, type Fallible, EDESTADDRREQ, EINVAL, ECONNREFUSED, ENETUNREACH, ENOTCONN, isErr,
} from '../../../abi/errno.ts';
import { POLLERR } from '../../../abi/poll.ts';
import { AF_UNSPEC, IPPROTO_UDP, SOCK_DGRAM } from '../../../abi/socket.ts';
import type { Task } from '../../task/task.ts';
import { DatagramSocket } from '../datagram.ts';
import type { Socket } from '../socket.ts';
import { anyOf, destinationOf, encodeEndpoint, type Endpoint, isAny, isLocal, parseEndpoint, sourceFor } from './address.ts';
import { bindInet } from './bind.ts';
import type { Ports } from './ports.ts';

const portsOf = (s: Socket): Ports => s.inode.sb.kernel.net.udp;

export class UdpSocket extends DatagramSocket {
  local: Endpoint;
  remote: Endpoint | null = null;
  protected readonly maxLength = 65507;

  constructor(t: Task, family: number) {
    super(t, family, SOCK_DGRAM, IPPROTO_UDP);
    this.local = anyOf(family);
  }

  override get raisesSigpipe(): boolean { return false; }
  override isFullFor(): boolean { return this.inbox.used >= this.receiveBufferSize; }
  override whenFull(): 0 { return 0; }

  override bind(t: Task, address: Uint8Array): 0 | Errno { return bindInet(t, portsOf(this), this, address); }

  override connect(_t: Task, address: Uint8Array): 0 | Errno {
    if (address.length >= 2 && (address[0]! | (address[1]! << 8)) === AF_UNSPEC) {
      this.remote = null;
      return 0;
    }
    const to = this.reachable(address);
    if (isErr(to)) return to;
    const e = this.autobind(sourceFor(to.host));
    if (e !== 0) return e;
    this.remote = to;
    if (isAny(this.local.host)) this.local = { host: sourceFor(to.host), port: this.local.port };
    return 0;
  }

  private reachable(address: Uint8Array): Fallible<Endpoint> {
    const to = parseEndpoint(this.family, address);
    if (isErr(to)) return to;
    const host = destinationOf(to.host);
    return isLocal(host) ? { host, port: to.port } : ENETUNREACH;
  }

  private autobind(host: string): 0 | Errno { return this.local.port !== 0 ? 0 : portsOf(this).bind(this, host, 0); }

  protected override receiverOf(_t: Task, address: Uint8Array | null): Fallible<UdpSocket | null> {
    const to = address === null ? this.remote ?? EDESTADDRREQ : this.reachable(address);
    if (isErr(to)) return to;
    if (to.port === 0) return EINVAL;
    const e = this.autobind(anyOf(this.family).host);
    if (e !== 0) return e;
    const source = this.sourceTo(to.host);
    for (const s of portsOf(this).find(to.host, to.port) as UdpSocket[]) {
      if (s.remote === null || (s.remote.port === source.port && s.remote.host === source.host)) return s;
    }
    if (address === null) {
      this.error = ECONNREFUSED; // the ICMP message that comes back
      this.queue.wake(POLLERR);
    }
    return null;
  }

  private sourceTo(host: string): Endpoint { return { host: isAny(this.local.host) ? sourceFor(host) : this.local.host, port: this.local.port }; }

  protected override nameFor(to: DatagramSocket): Uint8Array {
    return encodeEndpoint(to.family, this.sourceTo((to as UdpSocket).local.host));
  }

  override localName(): Uint8Array { return encodeEndpoint(this.family, this.local); }
  override peerName(): Fallible<Uint8Array> { return this.remote === null ? ENOTCONN : encodeEndpoint(this.family, this.remote); }

  override shutdown(t: Task, receive: boolean, send: boolean): 0 | Errno {
    const e = super.shutdown(t, receive, send);
    return this.remote === null ? ENOTCONN : e;
  }

  override release(): void {
    portsOf(this).release(this);
    super.release();
  }
}
