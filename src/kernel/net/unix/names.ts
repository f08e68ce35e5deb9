// Names of UNIX sockets (unix(7)): path names live in the file system (the inode knows its socket), abstract ones in a table here.
import { type Errno, type Fallible, EADDRINUSE, ECONNREFUSED, EEXIST, EINVAL, EPROTOTYPE, isErr } from '../../../abi/errno.ts';
import { AT_FDCWD } from '../../../abi/fcntl.ts';
import { AF_UNIX } from '../../../abi/socket.ts';
import { isSocket, S_IFSOCK } from '../../../abi/stat.ts';
import { inodePermission, MAY_WRITE } from '../../security/access.ts';
import type { Task } from '../../task/task.ts';
import { makeNodeAt } from '../../vfs/make.ts';
import type { Path } from '../../vfs/mount.ts';
import { LOOKUP_FOLLOW, lookupPath } from '../../vfs/walk.ts';
import type { Socket } from '../socket.ts';

const MAX_LENGTH = 110;
const UNNAMED = new Uint8Array([AF_UNIX, 0]);

/** A parsed struct sockaddr_un. */
type Name = { readonly kind: 'unnamed' } | { readonly kind: 'path' | 'abstract'; readonly text: string };

/** What a UNIX socket is called; one of these in each of them. */
export class UnixName {
  /** struct sockaddr_un as getsockname shows it. */
  bytes = UNNAMED;
  /** Abstract name without the leading NUL; null: none. */
  abstract: string | null = null;
  path: Path | null = null;
  get isBound(): boolean { return this.bytes !== UNNAMED; }
  /** As in /proc/net/unix. */
  get text(): string {
    if (!this.isBound) return '';
    return this.abstract !== null ? `@${this.abstract.replaceAll('\0', '@')}` : binaryString(this.bytes.subarray(2, this.bytes.length - 1));
  }
}

/** Sockets that can be found, and all there are for /proc/net/unix. `new UnixNames()` is part of kernel.net. */
export class UnixNames {
  /** Every type has a name space of its own. */
  readonly abstract = new Map<string, Socket>();
  readonly all = new Set<Socket & { readonly name: UnixName }>();
  /** Counts sockets that lie in messages; see gc.ts. */
  readonly inFlight = new Map<Socket, number>();
  /** All descriptions that lie in messages. */
  filesInFlight = 0;
  closesSinceGc = 0;
  private nextAuto = 0;

  /** bind(2). */
  bind(t: Task, socket: Socket, name: UnixName, address: Uint8Array): 0 | Errno {
    const wanted = parse(address);
    if (isErr(wanted)) return wanted;
    if (name.isBound) return wanted.kind === 'unnamed' ? 0 : EINVAL;
    switch (wanted.kind) {
      case 'unnamed': {
        let text: string;
        do text = (this.nextAuto++ & 0xfffff).toString(16).padStart(5, '0'); while (this.abstract.has(abstractKey(socket.type, text)));
        return this.bindAbstract(socket, name, text);
      }
      case 'abstract': return this.bindAbstract(socket, name, wanted.text);
      case 'path': return bindPath(t, socket, name, wanted.text);
    }
  }

  private bindAbstract(socket: Socket, name: UnixName, text: string): 0 | Errno {
    const key = abstractKey(socket.type, text);
    if (this.abstract.has(key)) return EADDRINUSE;
    this.abstract.set(key, socket);
    name.abstract = text;
    name.bytes = sockaddr(`\0${text}`);
    return 0;
  }

  /** The socket of that name and type: ECONNREFUSED if nobody listens on what is there. */
  find(t: Task, address: Uint8Array, type: number): Fallible<Socket> {
    const wanted = parse(address);
    if (isErr(wanted)) return wanted;
    if (wanted.kind === 'unnamed') return EINVAL;
    const found = wanted.kind === 'abstract' ? this.abstract.get(abstractKey(type, wanted.text)) ?? ECONNREFUSED : findPath(t, wanted.text);
    if (isErr(found)) return found;
    if (found.type !== type) return EPROTOTYPE;
    return (wanted.kind === 'abstract' ? t.kernel.security.unixAbstract(t, found) : 0) || found;
  }

  release(socket: Socket & { readonly name: UnixName }): void {
    const { name } = socket;
    this.all.delete(socket);
    if (name.abstract !== null) this.abstract.delete(abstractKey(socket.type, name.abstract));
    if (name.path === null) return;
    const inode = name.path.dentry.inode;
    if (inode !== null && inode.ipc === socket) inode.ipc = null;
    name.path.put();
    name.path = null;
  }
}

const abstractKey = (type: number, text: string): string => `${type}:${text}`;

function bindPath(t: Task, socket: Socket, name: UnixName, text: string): 0 | Errno {
  const path = makeNodeAt(t, AT_FDCWD, text, S_IFSOCK | (0o777 & ~t.fs.umask), 0);
  if (isErr(path)) return path === EEXIST ? EADDRINUSE : path;
  path.dentry.inode!.ipc = socket;
  name.path = path;
  name.bytes = sockaddr(`${text}\0`);
  return 0;
}

function findPath(t: Task, text: string): Fallible<Socket> {
  const path = lookupPath(t, AT_FDCWD, text, LOOKUP_FOLLOW);
  if (isErr(path)) return path;
  const inode = path.dentry.inode!;
  const allowed = inodePermission(t.cred, inode, MAY_WRITE);
  const socket = inode.ipc;
  path.put();
  if (allowed !== 0) return allowed;
  return isSocket(inode.mode) && socket !== null ? socket as Socket : ECONNREFUSED;
}

/** unix(7), "Address format": a path ends at its NUL, an abstract name is as long as the address says. */
function parse(address: Uint8Array): Fallible<Name> {
  if (address.length < 2 || address.length > MAX_LENGTH || (address[0]! | (address[1]! << 8)) !== AF_UNIX) return EINVAL;
  if (address.length === 2) return { kind: 'unnamed' };
  if (address[2] === 0) return { kind: 'abstract', text: binaryString(address.subarray(3)) };
  const nul = address.indexOf(0, 2);
  return { kind: 'path', text: binaryString(address.subarray(2, nul < 0 ? address.length : nul)) };
}

function sockaddr(path: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 + path.length);
  bytes[0] = AF_UNIX;
  for (let i = 0; i < path.length; i++) bytes[2 + i] = path.charCodeAt(i);
  return bytes;
}

function binaryString(bytes: Uint8Array): string {
  let s = '';
  for (const b of bytes) s += String.fromCharCode(b);
  return s;
}
