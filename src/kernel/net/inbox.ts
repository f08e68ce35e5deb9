// What a socket has received and nobody has read yet: a stream of bytes with marks where descriptors or credentials lie, or a row of packets.
// Descriptions in flight are held by references here and released when the inbox goes.
import { type Errno, EFAULT, ENOMEM } from '../../abi/errno.ts';
import { MSG_TRUNC } from '../../abi/socket.ts';
import type { BufferBudget } from '../ipc/buffer-budget.ts';
import { ByteQueue } from '../ipc/byte-queue.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { type Outgoing, type Received, releaseFiles, type Ucreds } from './message.ts';

export type TakeMode = 'consume' | 'peek';

export abstract class Inbox {
  /** Bytes inside. */
  abstract readonly used: number;
  abstract readonly isEmpty: boolean;
  /** What FIONREAD says. */
  abstract readonly nextLength: number;
  /** Takes up to `limit` bytes of a stream, or one whole packet, out of `io`. `creds`: the sender, if the receiver wants to know. */
  abstract push(io: IoBuffer, limit: number, msg: Outgoing, creds: Ucreds | null, from: Uint8Array | null): number | Errno;
  abstract take(io: IoBuffer, mode: TakeMode, into: Received): number | Errno;
  /** Descriptions in flight here. */
  abstract files(): OpenFile[];
  abstract dropAll(): void;
}

/** A stretch of a stream that came with descriptors or credentials; reads do not run across its borders. */
interface Mark { start: number; end: number; files: OpenFile[] | null; creds: Ucreds | null }

export class StreamInbox extends Inbox {
  private readonly data: ByteQueue;
  /** Bytes ever read: marks are positions in the whole stream. */
  private readPos = 0;
  private readonly marks: Mark[] = [];

  constructor(budget: BufferBudget) {
    super();
    this.data = new ByteQueue(budget, Infinity);
  }

  get used(): number { return this.data.length; }
  get isEmpty(): boolean { return this.data.length === 0; }
  get nextLength(): number { return this.data.length; }

  push(io: IoBuffer, limit: number, msg: Outgoing, creds: Ucreds | null): number | Errno {
    const start = this.readPos + this.data.length;
    const n = this.data.fill(io, Math.min(io.remaining, limit));
    if (n > 0 && (msg.files !== null || creds !== null)) this.mark(start, start + n, msg.files, creds);
    return n;
  }

  take(io: IoBuffer, mode: TakeMode, into: Received): number | Errno {
    if (this.marks.length === 0) return mode === 'peek' ? this.data.peek(io, io.remaining, 0) : this.drain(io, io.remaining);
    const mark = this.marks[0]!;
    if (mark.start > this.readPos) {
      const plain = Math.min(io.remaining, mark.start - this.readPos);
      return mode === 'peek' ? this.data.peek(io, plain, 0) : this.drain(io, plain);
    }
    const length = Math.min(io.remaining, mark.end - this.readPos);
    const n = mode === 'peek' ? this.data.peek(io, length, 0) : this.drain(io, length);
    if (n < 0) return n;
    into.creds = mark.creds;
    into.files = mark.files;
    if (mode === 'peek') {
      for (const f of mark.files ?? []) f.get();
    } else {
      mark.files = null;
      if (this.readPos >= mark.end) this.marks.shift();
    }
    return n;
  }

  files(): OpenFile[] { return this.marks.flatMap(m => m.files ?? []); }

  dropAll(): void {
    const marks = this.marks.splice(0); // emptied first: a socket may lie in its own inbox
    this.data.clear();
    for (const m of marks) releaseFiles(m.files);
  }

  private drain(io: IoBuffer, n: number): number | Errno {
    const done = this.data.drain(io, n);
    if (done > 0) this.readPos += done;
    return done;
  }

  private mark(start: number, end: number, files: OpenFile[] | null, creds: Ucreds | null): void {
    const last = this.marks[this.marks.length - 1];
    const continues = last !== undefined && last.end === start && files === null && sameCreds(last.creds, creds);
    if (continues && last.files === null) last.end = end;
    else this.marks.push({ start, end, files, creds });
  }
}

function sameCreds(a: Ucreds | null, b: Ucreds | null): boolean {
  return a === b || (a !== null && b !== null && a.pid === b.pid && a.uid === b.uid && a.gid === b.gid);
}

/** What a packet costs beside its bytes. */
const PACKET_OVERHEAD = 256;

interface Packet { readonly bytes: Uint8Array; readonly from: Uint8Array | null; readonly files: OpenFile[] | null; readonly creds: Ucreds | null }

export class PacketInbox extends Inbox {
  private readonly packets: Packet[] = [];
  private readonly budget: BufferBudget;
  private head = 0;
  used = 0;

  constructor(budget: BufferBudget) {
    super();
    this.budget = budget;
  }

  get isEmpty(): boolean { return this.head === this.packets.length; }
  get count(): number { return this.packets.length - this.head; }
  get nextLength(): number { return this.isEmpty ? 0 : this.packets[this.head]!.bytes.length; }

  push(io: IoBuffer, _limit: number, msg: Outgoing, creds: Ucreds | null, from: Uint8Array | null): number | Errno {
    const length = io.remaining;
    if (!this.budget.charge(length + PACKET_OVERHEAD)) return ENOMEM;
    const bytes = new Uint8Array(length);
    const e = takeAll(io, bytes);
    if (e !== 0) {
      this.budget.release(length + PACKET_OVERHEAD);
      return e;
    }
    this.packets.push({ bytes, from, files: msg.files, creds });
    this.used += length;
    return length;
  }

  take(io: IoBuffer, mode: TakeMode, into: Received): number | Errno {
    const packet = this.packets[this.head]!;
    const { bytes } = packet;
    const want = Math.min(bytes.length, io.remaining);
    const n = want === 0 ? 0 : io.put(bytes, 0, want);
    if (n < 0) return n;
    into.fullLength = bytes.length;
    if (want < bytes.length) into.flags |= MSG_TRUNC;
    into.address = packet.from;
    into.creds = packet.creds;
    into.files = packet.files;
    if (mode === 'peek') for (const f of packet.files ?? []) f.get();
    else this.shift();
    return n;
  }

  files(): OpenFile[] { return this.packets.slice(this.head).flatMap(p => p.files ?? []); }

  dropAll(): void {
    const packets = this.packets.splice(this.head);
    this.budget.release(this.used + packets.length * PACKET_OVERHEAD);
    this.packets.length = this.head = this.used = 0;
    for (const p of packets) releaseFiles(p.files);
  }

  private shift(): void {
    const { length } = this.packets[this.head]!.bytes;
    this.used -= length;
    this.budget.release(length + PACKET_OVERHEAD);
    this.head++;
    if (this.head === this.packets.length) this.packets.length = this.head = 0;
    else if (this.head >= 64) {
      this.packets.splice(0, this.head);
      this.head = 0;
    }
  }
}

function takeAll(io: IoBuffer, bytes: Uint8Array): 0 | Errno {
  for (let at = 0; at < bytes.length;) {
    const n = io.take(bytes, at, bytes.length - at);
    if (n <= 0) return n < 0 ? n as Errno : EFAULT;
    at += n;
  }
  return 0;
}
