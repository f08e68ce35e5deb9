// Frames that a packet socket has heard and nobody has read yet. Their bytes are shared with all who heard them.
import type { Errno } from '../../../abi/errno.ts';
import { EOPNOTSUPP } from '../../../abi/errno.ts';
import { MSG_TRUNC } from '../../../abi/socket.ts';
import type { BufferBudget } from '../../ipc/buffer-budget.ts';
import type { IoBuffer } from '../../vfs/io-buffer.ts';
import type { OpenFile } from '../../vfs/open-file.ts';
import type { Timestamp } from '../../vfs/inode.ts';
import { Inbox, type TakeMode } from '../inbox.ts';
import type { Received } from '../message.ts';

/** What a frame costs beside its bytes. */
const OVERHEAD = 768;

export interface HeardFrame {
  /** As much of it as the filter kept, from where the socket sees it. */
  readonly bytes: Uint8Array;
  /** Before the filter cut it. */
  readonly fullLength: number;
  /** Where its network header begins in `bytes`. */
  readonly networkAt: number;
  /** struct sockaddr_ll. */
  readonly from: Uint8Array;
  readonly time: Timestamp;
}

export class FrameInbox extends Inbox {
  private readonly frames: HeardFrame[] = [];
  private readonly budget: BufferBudget;
  private head = 0;
  used = 0;

  constructor(budget: BufferBudget) {
    super();
    this.budget = budget;
  }

  get isEmpty(): boolean { return this.head === this.frames.length; }
  get nextLength(): number { return this.isEmpty ? 0 : this.frames[this.head]!.bytes.length; }
  get next(): HeardFrame | null { return this.isEmpty ? null : this.frames[this.head]!; }

  /** False: more than `limit` bytes would wait. */
  add(frame: HeardFrame, limit: number): boolean {
    const cost = frame.bytes.length + OVERHEAD;
    if (this.used >= limit || !this.budget.charge(cost)) return false;
    this.used += cost;
    this.frames.push(frame);
    return true;
  }

  /** Nobody sends here by hand. */
  push(): Errno { return EOPNOTSUPP; }

  take(io: IoBuffer, mode: TakeMode, into: Received): number | Errno {
    const { bytes, from } = this.frames[this.head]!;
    const want = Math.min(bytes.length, io.remaining);
    const n = want === 0 ? 0 : io.put(bytes, 0, want);
    if (n < 0) return n;
    into.fullLength = bytes.length;
    if (want < bytes.length) into.flags |= MSG_TRUNC;
    into.address = from;
    if (mode === 'consume') this.shift();
    return n;
  }

  files(): OpenFile[] { return []; }

  dropAll(): void {
    this.budget.release(this.used);
    this.frames.length = this.head = this.used = 0;
  }

  private shift(): void {
    const cost = this.frames[this.head]!.bytes.length + OVERHEAD;
    this.used -= cost;
    this.budget.release(cost);
    this.head++;
    if (this.head === this.frames.length) this.frames.length = this.head = 0;
    else if (this.head >= 64) {
      this.frames.splice(0, this.head);
      this.head = 0;
    }
  }
}
