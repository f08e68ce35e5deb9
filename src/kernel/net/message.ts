// What travels with the bytes of a socket: addresses, descriptors (SCM_RIGHTS), credentials (SCM_CREDENTIALS), flags (recvmsg(2), unix(7)).
import type { Task } from '../task/task.ts';
import type { OpenFile } from '../vfs/open-file.ts';

/** struct ucred: who somebody was at a certain moment. */
export interface Ucreds { readonly pid: number; readonly uid: number; readonly gid: number }

export const NOBODY: Ucreds = { pid: 0, uid: -1, gid: -1 };
/** As SO_PEERCRED shows a partner. */
export const credsOf = (t: Task): Ucreds => ({ pid: t.process.pid, uid: t.cred.euid, gid: t.cred.egid });
/** As SCM_CREDENTIALS shows a sender: the real ids. */
export const senderOf = (t: Task): Ucreds => ({ pid: t.process.pid, uid: t.cred.uid, gid: t.cred.gid });

/** One send: everything but the bytes. */
export class Outgoing {
  /** Destination as struct sockaddr bytes; null: the peer. */
  address: Uint8Array | null = null;
  /** MSG_*. */
  flags = 0;
  /** Descriptions to hand over, each with a reference that passes to the message once it is queued. */
  files: OpenFile[] | null = null;
  /** Credentials given in an SCM_CREDENTIALS message, already checked. */
  creds: Ucreds | null = null;
  /** Whether it carries more than bytes and an address. */
  get isPlain(): boolean { return this.files === null && this.creds === null; }
}

/** A piece of ancillary data as it goes to the receiver (cmsg(3)). */
export interface Note { readonly level: number; readonly type: number; readonly data: Uint8Array }

/** One receive: what came besides the bytes. Reused by the calls. */
export class Received {
  /** MSG_TRUNC, MSG_EOR, ... to report. */
  flags = 0;
  /** Sender; null: unknown, or the peer of a connection. */
  address: Uint8Array | null = null;
  files: OpenFile[] | null = null;
  creds: Ucreds | null = null;
  /** Length of the whole packet, for MSG_TRUNC. */
  fullLength = 0;
  /** More ancillary data: time stamps, facts about a packet. */
  notes: Note[] | null = null;

  reset(): this {
    this.flags = 0;
    this.address = null;
    this.files = null;
    this.creds = null;
    this.fullLength = 0;
    this.notes = null;
    return this;
  }

  note(level: number, type: number, data: Uint8Array): void { (this.notes ??= []).push({ level, type, data }); }
}

/** For read(2) and write(2): nothing but bytes. */
export const PLAIN = new Outgoing();

/** Drops references. What a dropped socket holds in its messages is put off instead of nested: such chains can be very long. */
export function releaseFiles(files: readonly OpenFile[] | null): void {
  if (files === null) return;
  putOff.push(...files);
  if (isReleasing) return;
  isReleasing = true;
  for (let f = putOff.pop(); f !== undefined; f = putOff.pop()) f.put();
  isReleasing = false;
}
const putOff: OpenFile[] = [];
let isReleasing = false;
