// What carries FUSE messages between fs/fuse and a server: virtio-fs now. A transport copies the request at once, so that the caller may reuse its
// buffers; an answer may be there when `send` returns, or come later.
import type { Errno } from '../../abi/errno.ts';
import type { Frames } from '../mm/frames.ts';
import { WaitQueue } from '../sched/wait-queue.ts';

/** Frames that travel in place: file contents. `offset` counts from the start of the first frame. */
export interface FusePages { readonly pfns: readonly number[]; readonly offset: number; readonly length: number }

const NOTHING = new Uint8Array(0);

/** A request on its way, and its reply. Plain data: a parked system call holds it. */
export class FuseExchange {
  /** Header and results, without what went into pages. */
  readonly reply: Uint8Array;
  /** Bytes of the whole reply, pages included; below a header's length: the server broke the protocol. */
  replyLength = 0;
  isDone = false;
  readonly waiters = new WaitQueue();
  /** The request, header and arguments: a re-run finds its answer by what it asks. Set once the call that sent it is parked. */
  request = NOTHING;
  /** The answer was used by a run already. */
  isTaken = false;
  /** Frames that the device may still use although the call that sent them is parked. */
  pinned: readonly number[] = [];
  constructor(replyBytes: number) { this.reply = new Uint8Array(replyBytes); }

  finish(replyLength: number): void {
    this.replyLength = replyLength;
    this.isDone = true;
    this.waiters.wake();
  }

  pin(frames: Frames, pfns: readonly number[]): void {
    this.pinned = pfns.slice();
    for (const pfn of pfns) frames.get(pfn);
  }
  unpin(frames: Frames): void {
    for (const pfn of this.pinned) frames.put(pfn);
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
  /**
   * Sends `length` bytes of `request`; `pages` follow it ('out', FUSE_WRITE) or take the end of the reply ('in', FUSE_READ). `exchange` null: no reply
   * is expected, and the request is never refused. EAGAIN: too many are out.
   */
  abstract send(exchange: FuseExchange | null, request: Uint8Array, length: number, pages: FusePages | null, direction: 'in' | 'out'): 0 | Errno;
}
