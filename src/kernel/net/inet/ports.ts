// Who is bound to which port (bind(2), ip(7)), for one protocol. A wildcard address overlaps with every address of its family, and '::' with
// those of IPv4 too unless IPV6_V6ONLY is set.
import { type Errno, EADDRINUSE } from '../../../abi/errno.ts';
import { IPV6_V6ONLY, SOL_IPV6, SOL_SOCKET, SO_REUSEADDR, SO_REUSEPORT } from '../../../abi/socket.ts';
import type { Socket } from '../socket.ts';
import { ANY4, ANY6, type Endpoint, isIpv4 } from './address.ts';

/** net.ipv4.ip_local_port_range. */
const FIRST_EPHEMERAL = 32768, LAST_EPHEMERAL = 60999;

/** A socket with an internet address. */
export type InetSocket = Socket & { local: Endpoint; remote: Endpoint | null };

export class Ports {
  private readonly byPort = new Map<number, Set<InetSocket>>();
  private next = FIRST_EPHEMERAL;

  /** Gives `socket` the address, port 0 meaning any free one. */
  bind(socket: InetSocket, host: string, port: number): 0 | Errno {
    const chosen = port === 0 ? this.ephemeral(socket, host) : port;
    if (chosen === 0 || !this.isFree(socket, host, chosen)) return EADDRINUSE;
    let there = this.byPort.get(chosen);
    if (there === undefined) this.byPort.set(chosen, (there = new Set()));
    there.add(socket);
    socket.local = { host, port: chosen };
    return 0;
  }

  release(socket: InetSocket): void {
    const there = this.byPort.get(socket.local.port);
    if (there?.delete(socket) === true && there.size === 0) this.byPort.delete(socket.local.port);
  }

  /** Candidates for a packet to `host`:`port`, the most specific ones first. */
  find(host: string, port: number): InetSocket[] {
    const there = this.byPort.get(port);
    if (there === undefined) return [];
    return [...there].filter(s => accepts(s, host)).sort((a, b) => rank(b, host) - rank(a, host));
  }

  *all(): IterableIterator<InetSocket> {
    for (const there of this.byPort.values()) yield* there;
  }

  private ephemeral(socket: InetSocket, host: string): number {
    for (let i = FIRST_EPHEMERAL; i <= LAST_EPHEMERAL; i++) {
      const port = this.next;
      this.next = port === LAST_EPHEMERAL ? FIRST_EPHEMERAL : port + 1;
      if (!this.byPort.has(port) && this.isFree(socket, host, port)) return port;
    }
    return 0;
  }

  private isFree(socket: InetSocket, host: string, port: number): boolean {
    for (const other of this.byPort.get(port) ?? []) {
      if (other === socket || !overlap(socket, host, other)) continue;
      const bothReuse = isSet(socket, SO_REUSEADDR) && isSet(other, SO_REUSEADDR) && !other.isListening;
      if (!bothReuse && !(isSet(socket, SO_REUSEPORT) && isSet(other, SO_REUSEPORT))) return false;
    }
    return true;
  }
}

const isSet = (s: Socket, option: number): boolean => s.option(SOL_SOCKET, option, 0) !== 0;
const isV6Only = (s: Socket): boolean => s.option(SOL_IPV6, IPV6_V6ONLY, 0) !== 0;
const accepts = (s: InetSocket, host: string): boolean =>
  s.local.host === host || (s.local.host === ANY4 ? isIpv4(host) : s.local.host === ANY6 && !(isIpv4(host) && isV6Only(s)));
const rank = (s: InetSocket, host: string): number => (s.remote !== null ? 2 : 0) + (s.local.host === host ? 1 : 0);

function overlap(a: InetSocket, hostA: string, b: InetSocket): boolean {
  const hostB = b.local.host;
  if (hostA === hostB) return true;
  if (hostA === ANY6 || hostB === ANY6) {
    const other = hostA === ANY6 ? hostB : hostA;
    return !isIpv4(other) || !isV6Only(hostA === ANY6 ? a : b);
  }
  return (hostA === ANY4 || hostB === ANY4) && isIpv4(hostA) && isIpv4(hostB);
}
