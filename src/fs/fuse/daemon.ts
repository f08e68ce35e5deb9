// The transport to a process that serves a file system over /dev/fuse (fuse(4); linux: Documentation/filesystems/fuse.rst): requests wait in a queue until they are
// read, then for their answer by `unique`. The connection lives as long as somebody has the device open and the file system is mounted.
import { ECONNABORTED, EIO, ENODEV, ENOTCONN, type Errno } from '../../abi/errno.ts';
import { FUSE_BATCH_FORGET, FUSE_FORGET, FUSE_INTERRUPT, FuseInHeader, FuseInterruptIn, FuseOutHeader } from '../../abi/fuse.ts';
import { POLLERR, POLLIN, POLLRDNORM } from '../../abi/poll.ts';
import { type FuseExchange, type FusePages, FuseTransport } from '../../kernel/device/fuse-transport.ts';
import { WaitQueue } from '../../kernel/sched/wait-queue.ts';

/** After so many requests a forget goes first, so that a busy server forgets, too. */
const REQUESTS_PER_FORGET = 8;
/** `unique` of an interrupt is that of the request it is about, plus this. */
export const INTERRUPT_BIT = 1;

/** A request as the server will read it. */
export class DaemonRequest {
  readonly unique: number;
  readonly opcode: number;
  readonly bytes: Uint8Array;
  readonly pages: FusePages | null;
  readonly direction: 'in' | 'out';
  /** null: no answer is expected. */
  readonly exchange: FuseExchange | null;
  /** The description it was read through: only there its answer is taken. */
  reader: object | null = null;

  constructor(bytes: Uint8Array, pages: FusePages | null, direction: 'in' | 'out', exchange: FuseExchange | null) {
    const head = FuseInHeader.view(bytes);
    this.unique = head.unique;
    this.opcode = head.opcode;
    this.bytes = bytes;
    this.pages = pages;
    this.direction = direction;
    this.exchange = exchange;
  }

  /** Bytes of the whole message. */
  get length(): number { return this.bytes.length + (this.pages !== null && this.direction === 'out' ? this.pages.length : 0); }
}

export class DaemonTransport extends FuseTransport {
  override readonly tag = '';
  override readonly maxPages = 256;
  /** Where reads of the device wait. */
  readonly readers = new WaitQueue();
  private readonly pending: DaemonRequest[] = [];
  private readonly forgets: DaemonRequest[] = [];
  private readonly interrupts: DaemonRequest[] = [];
  /** Read and not answered. */
  private readonly processing = new Map<number, DaemonRequest>();
  /** Why there is no connection any more; 0: there is. */
  private ended: 0 | typeof ENODEV | typeof ECONNABORTED = 0;
  /** Open descriptions of the device. */
  private servers = 0;
  private sinceForget = 0;
  /** The server has said that it knows no interrupts. */
  private knowsInterrupts = true;

  override get replyBytes(): number { return 0; }
  get isConnected(): boolean { return this.ended === 0; }
  /** What a read answers when there is nothing any more. */
  get readError(): Errno { return this.ended === 0 ? ENODEV : this.ended; }
  /** Requests that are not answered yet. */
  get waiting(): number {
    let n = 0;
    for (const q of this.pending) if (q.exchange !== null) n++;
    return n + this.processing.size;
  }

  // --- the kernel's side ---------------------------------------------------------------------------------------------------------------------

  override send(exchange: FuseExchange | null, request: Uint8Array, length: number, pages: FusePages | null, direction: 'in' | 'out'): 0 | Errno {
    if (this.ended !== 0) return ENOTCONN;
    const q = new DaemonRequest(request.slice(0, length), pages, direction, exchange);
    (q.opcode === FUSE_FORGET || q.opcode === FUSE_BATCH_FORGET ? this.forgets : this.pending).push(q);
    this.readers.wake(POLLIN | POLLRDNORM);
    return 0;
  }

  override interrupt(x: FuseExchange): boolean {
    for (const q of this.processing.values()) if (q.exchange === x) this.sendInterrupt(q.unique);
    // One that is still in the queue: the interrupt follows when it has been read.
    return true;
  }

  override cancel(x: FuseExchange): void {
    const at = this.pending.findIndex(q => q.exchange === x);
    if (at >= 0) {
      this.pending.splice(at, 1);
      x.unpin();
      return;
    }
    this.interrupt(x);
  }

  /** The file system was unmounted: readers get ENODEV, which tells the server to go. */
  override disconnect(): void { this.end(ENODEV); }

  /** The connection is cut (fusectl, umount -f, the server is gone): everything that is out fails. */
  abort(readError: typeof ENODEV | typeof ECONNABORTED): void { this.end(readError); }

  // --- the server's side ---------------------------------------------------------------------------------------------------------------------

  attach(): void { this.servers++; }

  /** A description of the device is gone, and with it the answers it owed; with the last one the connection. */
  detach(reader: object): void {
    if (--this.servers === 0) return this.end(ENODEV);
    for (const q of [...this.processing.values()]) if (q.reader === reader) this.fail(q);
  }

  get hasNews(): boolean { return this.pending.length > 0 || this.forgets.length > 0 || this.interrupts.length > 0; }

  /** What a read takes next; null: nothing. It stays until `taken`. */
  next(): DaemonRequest | null {
    const interrupt = this.interrupts[0];
    if (interrupt !== undefined) return interrupt;
    const forget = this.forgets[0];
    if (forget !== undefined && (this.pending.length === 0 || this.sinceForget >= REQUESTS_PER_FORGET)) return forget;
    return this.pending[0] ?? null;
  }

  /** The server has read it. */
  taken(q: DaemonRequest, reader: object): void {
    for (const list of [this.interrupts, this.forgets, this.pending]) if (list[0] === q) list.shift();
    this.sinceForget = this.forgets.length === 0 || q.opcode === FUSE_FORGET || q.opcode === FUSE_BATCH_FORGET ? 0 : this.sinceForget + 1;
    if (q.exchange === null) return;
    q.reader = reader;
    this.processing.set(q.unique, q);
    if (q.exchange.isInterrupted) this.sendInterrupt(q.unique);
  }

  /** It could not be read: it does not fit into the server's buffer. */
  refuse(q: DaemonRequest, error: Errno): void {
    for (const list of [this.interrupts, this.forgets, this.pending]) if (list[0] === q) list.shift();
    if (q.exchange !== null) finishWith(q.exchange, error);
  }

  /** The request that an answer is for. */
  awaiting(unique: number, reader: object): DaemonRequest | null {
    const q = this.processing.get(unique);
    return q !== undefined && q.reader === reader ? q : null;
  }

  /** The whole answer is here, `length` bytes of it with what went into pages. */
  answered(q: DaemonRequest, reply: Uint8Array, length: number): void {
    this.processing.delete(q.unique);
    const x = q.exchange!;
    x.reply = reply;
    x.finish(length);
  }

  /** An answer came that nobody can use: there will be no other one. */
  spoiled(q: DaemonRequest): void {
    this.processing.delete(q.unique);
    finishWith(q.exchange!, EIO);
  }

  /** The answer to an interrupt: 'again' if the server has not seen the request yet, 'never' if it knows no interrupts. */
  interruptAnswered(unique: number, what: 'again' | 'never'): void {
    if (what === 'never') this.knowsInterrupts = false;
    else if (this.processing.has(unique)) this.sendInterrupt(unique);
  }

  poll(): number { return this.ended !== 0 ? POLLERR : this.hasNews ? POLLIN | POLLRDNORM : 0; }

  private sendInterrupt(unique: number): void {
    if (!this.knowsInterrupts || this.ended !== 0) return;
    const bytes = new Uint8Array(FuseInHeader.size + FuseInterruptIn.size);
    const head = FuseInHeader.view(bytes);
    head.len = bytes.length;
    head.opcode = FUSE_INTERRUPT;
    head.unique = unique + INTERRUPT_BIT;
    FuseInterruptIn.view(bytes, FuseInHeader.size).unique = unique;
    this.interrupts.push(new DaemonRequest(bytes, null, 'out', null));
    this.readers.wake(POLLIN | POLLRDNORM);
  }

  private end(readError: typeof ENODEV | typeof ECONNABORTED): void {
    if (this.ended !== 0) return;
    this.ended = readError;
    this.forgets.length = this.interrupts.length = 0;
    const lost = [...this.pending.splice(0), ...this.processing.values()];
    this.processing.clear();
    for (const q of lost) if (q.exchange !== null) finishWith(q.exchange, ECONNABORTED);
    this.readers.wake(POLLERR | POLLIN | POLLRDNORM);
    this.waiters.wake();
    this.onEnd?.ended();
  }

  /** Who has to know. */
  onEnd: TransportListener | null = null;

  private fail(q: DaemonRequest): void {
    this.processing.delete(q.unique);
    finishWith(q.exchange!, ECONNABORTED);
  }
}

/** Hears that the connection is cut. */
export interface TransportListener { ended(): void }

/** The answer that the server did not give. */
function finishWith(x: FuseExchange, error: Errno): void {
  const reply = new Uint8Array(FuseOutHeader.size);
  const head = FuseOutHeader.view(reply);
  head.len = reply.length;
  head.error = error;
  x.reply = reply;
  x.finish(reply.length);
}
