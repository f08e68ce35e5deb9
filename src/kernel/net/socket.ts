// A socket is an open file (socket(2)): what all families and types have in common. Protocols subclass it; like every file they answer
// EAGAIN and wake `queue`, and the calls in syscall/socket-* decide about sleep.
import {
  type Errno, type Fallible, EINVAL, ENOTCONN, ENOTTY, EOPNOTSUPP,
} from '../../abi/errno.ts';
import { O_NONBLOCK, O_RDWR } from '../../abi/fcntl.ts';
import { FIONREAD } from '../../abi/ioctl.ts';
import { SIOCOUTQ, SOL_SOCKET, SO_RCVBUF, SO_RCVTIMEO, SO_SNDBUF, SO_SNDTIMEO } from '../../abi/socket.ts';
import { S_IFSOCK } from '../../abi/stat.ts';
import type { Credentials } from '../security/credentials.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';
import type { Inbox, TakeMode } from './inbox.ts';
import { interfaceIoctl } from './interfaces.ts';
import { NOBODY, type Outgoing, PLAIN, Received, releaseFiles, type Ucreds } from './message.ts';

const ignored = new Received();

export abstract class Socket extends OpenFile {
  /** AF_*, SOCK_* and protocol: SO_DOMAIN, SO_TYPE, SO_PROTOCOL. */
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  readonly queue = new WaitQueue();
  /** Options that were set, by level * 65536 + name; see net/options.ts for what is known and the defaults. */
  readonly options = new Map<number, number>();
  /** Asynchronous error to be reported once (SO_ERROR), 0: none. */
  error: Errno | 0 = 0;
  /** shutdown(2), by us or by the other side. */
  receiveShut = false;
  sendShut = false;
  /** Where a connect that answered EAGAIN is to wait. */
  blockedOn: WaitQueue | null = null;
  /** SO_PEERCRED. */
  peerCreds: Ucreds = NOBODY;
  /** Whoever made it: what security modules compare with. */
  readonly creator: Credentials;
  abstract readonly inbox: Inbox;

  constructor(t: Task, family: number, type: number, protocol: number) {
    super(anonInode(t.kernel, S_IFSOCK | 0o777), O_RDWR);
    this.creator = t.cred;
    this.family = family;
    this.type = type;
    this.protocol = protocol;
  }

  override get anonName(): string { return `socket:[${this.inode.ino}]`; }
  override get waiters(): WaitQueue { return this.queue; }
  get isNonBlocking(): boolean { return (this.flags & O_NONBLOCK) !== 0; }
  get isListening(): boolean { return false; }

  // --- protocol operations: addresses are struct sockaddr bytes, family included -----------------------------------------------------------
  abstract bind(t: Task, address: Uint8Array): 0 | Errno;
  listen(_t: Task, _backlog: number): 0 | Errno { return EOPNOTSUPP; }
  /** The oldest waiting connection, with its reference; EAGAIN. */
  accept(_t: Task): Fallible<Socket> { return EOPNOTSUPP; }
  /** EAGAIN: wait on `blockedOn` and try again. */
  abstract connect(t: Task, address: Uint8Array): 0 | Errno;
  abstract localName(): Uint8Array;
  peerName(): Fallible<Uint8Array> { return ENOTCONN; }
  abstract send(t: Task, io: IoBuffer, msg: Outgoing): number | Errno;
  abstract receive(t: Task, io: IoBuffer, mode: TakeMode, into: Received): number | Errno;
  abstract shutdown(t: Task, receive: boolean, send: boolean): 0 | Errno;
  /** What FIONREAD says. */
  get readableBytes(): number { return this.inbox.nextLength; }
  /** Bytes sent that the other side has not read (SIOCOUTQ). */
  get unsentBytes(): number { return 0; }
  /** Connections in the backlog. */
  embryos(): readonly Socket[] { return []; }
  /** setsockopt(2) and getsockopt(2) of what only this family has, or has in its own way; null: nothing of the kind. */
  setOption(_t: Task, _level: number, _name: number, _at: number, _length: number): 0 | Errno | null { return null; }
  getOption(_t: Task, _level: number, _name: number, _at: number): Fallible<Uint8Array> | null { return null; }
  /** Is a stream: sends may be partial, receives glue. */
  abstract readonly isStream: boolean;

  // --- as a file ----------------------------------------------------------------------------------------------------------------------------
  override read(t: Task, io: IoBuffer): number | Errno {
    if (io.remaining === 0) return 0; // unlike recv(2), which takes an empty packet
    const n = this.receive(t, io, 'consume', ignored.reset());
    if (ignored.files !== null) releaseFiles(ignored.files);
    return n;
  }
  override write(t: Task, io: IoBuffer): number | Errno { return this.send(t, io, PLAIN); }
  abstract override poll(t: Task): number;
  override patienceNs(what: 'read' | 'write'): number {
    const us = this.option(SOL_SOCKET, what === 'read' ? SO_RCVTIMEO : SO_SNDTIMEO, 0);
    return us === 0 ? Infinity : us * 1000;
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    switch (cmd) {
      case FIONREAD: return this.isListening ? EINVAL : t.user.storeU32(arg, this.readableBytes); // SIOCINQ
      case SIOCOUTQ: return this.isListening ? EINVAL : t.user.storeU32(arg, this.unsentBytes);
      default: return interfaceIoctl(t, cmd, arg) ?? ENOTTY;
    }
  }

  // --- for subclasses -----------------------------------------------------------------------------------------------------------------------
  option(level: number, name: number, fallback: number): number { return this.options.get(level * 65536 + name) ?? fallback; }
  get sendBufferSize(): number { return this.option(SOL_SOCKET, SO_SNDBUF, BUFFER_SIZE); }
  get receiveBufferSize(): number { return this.option(SOL_SOCKET, SO_RCVBUF, BUFFER_SIZE); }

  /** Reports and forgets the pending error. */
  takeError(): Errno | 0 {
    const e = this.error;
    this.error = 0;
    return e;
  }
}

/** SO_LINGER as it is kept in `options`: this for l_onoff, plus l_linger. */
export const LINGER_ON = 2 ** 32;
/** /proc/sys/net/core/{r,w}mem_default. */
export const BUFFER_SIZE = 212992;
