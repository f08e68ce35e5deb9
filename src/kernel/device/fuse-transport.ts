// What carries FUSE messages between fs/fuse and a server: virtio-fs, or a process behind /dev/fuse. A transport copies the request at once, so that
// the caller may reuse its buffers; an answer may be there when `send` returns, or come later, when the call that asked may be over.
import type { Errno } from '../../abi/errno.ts';
import type { Frames } from '../mm/frames.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import { LateReply } from '../task/late-reply.ts';

/** Frames that travel in place: file contents. `offset` counts from the start of the first frame. */
export interface FusePages { readonly pfns: readonly number[]; readonly offset: number; readonly length: number }

const NOTHING = new Uint8Array(0);

/** Who undoes what a request has done whose answer nobody wants any more. */
export abstract class ExchangeHome {
  /** The answer has come. */
  abstract orphaned(x: FuseExchange): void;
  /** It has not come yet. */
  abstract abandoned(x: FuseExchange): void;
}

/** A request on its way, and its reply. Plain data: a parked system call holds it. */
export class FuseExchange extends LateReply {
  /** Header and results, without what went into pages. */
  reply: Uint8Array;
  /** Bytes of the whole reply, pages included; below a header's length: the server broke the protocol. */
  replyLength = 0;
  isDone = false;
  readonly waiters = new WaitQueue();
  /** The request, header and arguments: a re-run finds its answer by what it asks. Set once the call that sent it is parked. */
  request = NOTHING;
  /** A run has the answer. */
  isTaken = false;
  /** Runs that had it, those that gave it back included. */
  timesTaken = 0;
  /** The server was told that a signal is waiting. */
  isInterrupted = false;
  /** Where an answer goes that comes after its call; set when the call is parked. */
  home: ExchangeHome | null = null;
  private isAbandoned = false;
  /** Frames that the server may still use although the call that sent them is parked. */
  pinned: readonly number[] = [];
  private frames: Frames | null = null;

  constructor(replyBytes: number) {
    super();
    this.reply = replyBytes === 0 ? NOTHING : new Uint8Array(replyBytes);
  }

  finish(replyLength: number): void {
    this.replyLength = replyLength;
    this.isDone = true;
    if (this.isAbandoned) this.home?.orphaned(this);
    else this.waiters.wake();
  }

  override abandon(): void {
    if (this.isTaken || this.isAbandoned) return;
    this.isAbandoned = true;
    if (this.isDone) this.home?.orphaned(this);
    else this.home?.abandoned(this);
  }

  pin(frames: Frames, pfns: readonly number[]): void {
    this.frames = frames;
    this.pinned = pfns.slice();
    for (const pfn of pfns) frames.get(pfn);
  }
  unpin(): void {
    for (const pfn of this.pinned) this.frames!.put(pfn);
    this.pinned = [];
  }
}

export abstract class FuseTransport {
  /** What the guest mounts. */
  abstract readonly tag: string;
  /** Pages that fit into one request. */
  abstract readonly maxPages: number;
  /** Woken when `send` has answered EAGAIN and may work now. */
  readonly waiters = new WaitQueue();
  /** Bytes that a reply buffer must offer in advance: 0 where the transport brings its own when the reply is there. */
  get replyBytes(): number { return 8192; }
  /**
   * Sends `length` bytes of `request`; `pages` follow it ('out', FUSE_WRITE) or take the end of the reply ('in', FUSE_READ). `exchange` null: no reply
   * is expected, and the request is never refused. EAGAIN: too many are out.
   */
  abstract send(exchange: FuseExchange | null, request: Uint8Array, length: number, pages: FusePages | null, direction: 'in' | 'out'): 0 | Errno;
  /** A signal waits for the task that waits for this: the server may answer EINTR. False: it cannot be told. */
  interrupt(_x: FuseExchange): boolean { return false; }
  /** Nobody waits for this one any more; what the server has not seen yet it need not see. */
  cancel(_x: FuseExchange): void {}
  /** No more requests: the file system is gone. */
  disconnect(): void {}
}
