// bind(2) of internet sockets, shared by TCP and UDP.
import { type Errno, EACCES, EADDRNOTAVAIL, EINVAL, isErr } from '../../../abi/errno.ts';
import { CAP_NET_BIND_SERVICE } from '../../../abi/capability.ts';
import type { Task } from '../../task/task.ts';
import { isAny, isLocal, parseEndpoint } from './address.ts';
import type { InetSocket, Ports } from './ports.ts';

/** net.ipv4.ip_unprivileged_port_start. */
const FIRST_UNPRIVILEGED = 1024;

export function bindInet(t: Task, ports: Ports, socket: InetSocket, address: Uint8Array): 0 | Errno {
  const wanted = parseEndpoint(socket.family, address);
  if (isErr(wanted)) return wanted;
  const { host, port } = wanted;
  if (!isAny(host) && !isLocal(host)) return EADDRNOTAVAIL;
  if (port > 0 && port < FIRST_UNPRIVILEGED && !t.cred.has(CAP_NET_BIND_SERVICE)) return EACCES;
  if (socket.local.port !== 0) return EINVAL;
  return ports.bind(socket, host, port);
}
