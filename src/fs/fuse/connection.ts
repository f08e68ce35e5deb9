// One conversation with a FUSE server: builds requests, understands replies. A call either has its reply when it returns, or answers BLOCKED: the
// system call runs again later, and a request that was sent before takes its recorded reply instead of being sent once more.
import { BLOCKED, EAGAIN, ECONNREFUSED, EIO, ENOSYS, ENOTCONN, ERESTARTSYS, type Errno, isErr } from '../../abi/errno.ts';
import {
  FUSE_BATCH_FORGET, FUSE_CREATE, FUSE_FORGET, FUSE_GETATTR, FUSE_GETLK, FUSE_GETXATTR, FUSE_LINK, FUSE_LISTXATTR, FUSE_LOOKUP, FUSE_MKDIR, FUSE_MKNOD,
  FUSE_OPEN, FUSE_OPENDIR, FUSE_POLL, FUSE_READDIR, FUSE_READDIRPLUS, FUSE_READLINK, FUSE_RELEASE, FUSE_RELEASEDIR, FUSE_STATFS, FUSE_SYMLINK,
  FuseBatchForgetIn, FuseEntryOut, FuseForgetIn, FuseForgetOne, FuseInHeader, FuseOutHeader, FuseReleaseIn,
} from '../../abi/fuse.ts';
import { latin1Into } from '../../lib/utf8.ts';
import { ExchangeHome, FuseExchange, type FusePages, type FuseTransport } from '../../kernel/device/fuse-transport.ts';
import { KIND_KERNEL } from '../../kernel/mm/frame-kinds.ts';
import type { Frames } from '../../kernel/mm/frames.ts';
import { isDying } from '../../kernel/ptrace/stop.ts';
import { WaitQueue } from '../../kernel/sched/wait-queue.ts';
import type { RestartRecord, Task } from '../../kernel/task/task.ts';
import { nodesIn } from './dir-plus.ts';
import { requestViews, replyViews } from './messages.ts';

const IN = FuseInHeader.size, OUT = FuseOutHeader.size;
/** What answers to everything but attributes fit into; those may be 64 KiB more. */
const BUFFER = 8192;
const MOST = BUFFER + 65536;
/** Requests without effects: a re-run may take their answer any number of times. */
const QUESTIONS = new Set([
  FUSE_LOOKUP, FUSE_GETATTR, FUSE_READLINK, FUSE_STATFS, FUSE_READDIR, FUSE_READDIRPLUS, FUSE_GETXATTR, FUSE_LISTXATTR, FUSE_GETLK, FUSE_POLL,
]);
/** Requests whose answer counts as a lookup of the node in it. */
const COUNTED = new Set([FUSE_LOOKUP, FUSE_CREATE, FUSE_MKNOD, FUSE_MKDIR, FUSE_SYMLINK, FUSE_LINK]);
/** Forgotten nodes are told to the server together. */
const FORGET_BATCH = 64;
const BOUNCE_ORDER = 4;
export const BOUNCE_PAGES = 1 << BOUNCE_ORDER;

/** Before FUSE_INIT is answered, in use, refused by what the server said, or at its end. */
export type ConnectionState = 'starting' | 'live' | 'refused' | 'gone';

export class FuseConnection extends ExchangeHome {
  readonly transport: FuseTransport;
  state: ConnectionState = 'starting';
  /** Woken when `state` changes. */
  readonly changes = new WaitQueue();
  /** FUSE_INIT flags that both sides know. */
  features = 0;
  /** Bytes of one FUSE_WRITE. */
  maxWrite = 4096;
  /** Bytes of one FUSE_READ. */
  maxRead = 131_072;
  maxBackground = 12;
  congestionThreshold = 9;
  /** Operations that the server has answered ENOSYS: not asked again. */
  readonly missing = new Set<number>();
  private readonly request = new Uint8Array(MOST);
  /** The last reply; where `in` shows results. */
  readonly reply = new Uint8Array(MOST);
  /** The last reply is new: a re-run that takes an answer again must not count its lookup again. */
  isFresh = true;
  /** The recorded exchange that the last reply came from; null: it came at once. */
  source: FuseExchange | null = null;
  private exchange: FuseExchange;
  private unique = 0;
  private lockOwners = 0;
  /** First frame of the bounce buffer, -1: none yet. */
  private bounce = -1;
  private readonly forgotten: number[] = [];
  /** Windows on request arguments. */
  readonly out;
  /** Windows on results. */
  readonly in;
  private readonly header = FuseInHeader.view(this.request);
  private readonly replyHeader = FuseOutHeader.view(this.reply);

  constructor(transport: FuseTransport) {
    super();
    this.transport = transport;
    this.exchange = new FuseExchange(transport.replyBytes);
    this.out = requestViews(this.request);
    this.in = replyViews(this.reply);
  }

  /** The server is a process of this machine: answers come late, and may never come. */
  get isLate(): boolean { return this.transport.replyBytes === 0; }

  has(feature: number): boolean { return (this.features & feature) !== 0; }

  become(state: ConnectionState): void {
    this.state = state;
    this.changes.wake();
  }

  /** Puts names behind `args` bytes of arguments, NUL-terminated: the length of both. They fit: the VFS has limited them. */
  names(args: number, a: string, b: string | null = null): number {
    let at = IN + args;
    at += latin1Into(a, this.request, at);
    this.request[at++] = 0;
    if (b === null) return at - IN;
    at += latin1Into(b, this.request, at);
    this.request[at++] = 0;
    return at - IN;
  }

  /** Puts bytes behind the first `length` of the arguments: the length of all. */
  bytes(length: number, value: Uint8Array): number {
    this.request.set(value, IN + length);
    return length + value.length;
  }

  /** One request with `length` bytes of arguments, already in place: bytes of results, or a negative errno (BLOCKED included). */
  call(t: Task, opcode: number, nodeid: number, length: number, gid = t.cred.fsgid): number {
    return this.run(t, opcode, nodeid, length, null, 'in', gid);
  }

  /** The same for operations that not every server has: ENOSYS, and nothing is sent, once it has said so. */
  tryCall(t: Task, opcode: number, nodeid: number, length: number): number {
    if (this.missing.has(opcode)) return ENOSYS;
    const n = this.run(t, opcode, nodeid, length, null, 'in', t.cred.fsgid);
    if (n === ENOSYS) this.missing.add(opcode);
    return n;
  }

  /** The same with file pages: 'in' fills them (FUSE_READ), 'out' sends them (FUSE_WRITE). */
  transfer(t: Task, opcode: number, nodeid: number, length: number, pages: FusePages, direction: 'in' | 'out'): number {
    return this.run(t, opcode, nodeid, length, pages, direction, t.cred.fsgid);
  }

  /** A number for an open description that wants locks; processes have theirs below 2^32. */
  newLockOwner(): number { return 2 ** 32 + ++this.lockOwners; }

  /** A request whose reply nobody waits for (FUSE_RELEASE). */
  post(opcode: number, nodeid: number, length: number): void { this.postTo(new FuseExchange(OUT), opcode, nodeid, length); }

  /** The same; `x` hears of the reply by itself. */
  postTo(x: FuseExchange, opcode: number, nodeid: number, length: number): void {
    this.head(opcode, nodeid, length, 0, 0, 0, 0);
    const r = this.transport.send(x, this.request, IN + length, null, 'in');
    if (r === EAGAIN) this.transport.send(null, this.request, IN + length, null, 'in');
  }

  /**
   * BOUNCE_PAGES frames in a row for data on its way to the server; -1: no memory. Kept from one write to the next, so that writing works when memory is
   * short or in pieces; a second one is made while a parked write still has the first. To be given back with `releaseBounce`.
   */
  takeBounce(frames: Frames): number {
    if (this.bounce >= 0 && frames.refs[this.bounce] === 1) {
      this.holdBounce(frames, this.bounce);
      return this.bounce;
    }
    const first = allocBounce(frames);
    if (first < 0 || this.bounce >= 0) return first;
    this.bounce = first;
    this.holdBounce(frames, first);
    return first;
  }

  releaseBounce(frames: Frames, first: number): void {
    for (let i = 0; i < BOUNCE_PAGES; i++) frames.put(first + i);
  }

  private holdBounce(frames: Frames, first: number): void {
    for (let i = 0; i < BOUNCE_PAGES; i++) frames.get(first + i);
  }

  /** The end: what is kept goes. */
  close(frames: Frames): void {
    this.flushForgets();
    if (this.bounce >= 0) this.releaseBounce(frames, this.bounce);
    this.bounce = -1;
    this.transport.disconnect();
    this.become('gone');
  }

  /** `count` lookups of a node are no longer held here. */
  forget(nodeid: number, count: number): void {
    this.forgotten.push(nodeid, count);
    if (this.isLate || this.forgotten.length >= 2 * FORGET_BATCH) this.flushForgets();
  }

  flushForgets(): void {
    const list = this.forgotten;
    if (list.length === 0 || this.state === 'gone') return;
    if (list.length === 2) {
      this.out.forget.nlookup = list[1]!;
      this.head(FUSE_FORGET, list[0]!, FuseForgetIn.size, 0, 0, 0, 0);
      list.length = 0;
      this.transport.send(null, this.request, IN + FuseForgetIn.size, null, 'in');
      return;
    }
    let at = IN + FuseBatchForgetIn.size;
    this.out.batch.count = list.length / 2;
    for (let i = 0; i < list.length; i += 2) {
      const one = this.out.one.at(at);
      one.nodeid = list[i]!;
      one.nlookup = list[i + 1]!;
      at += FuseForgetOne.size;
    }
    list.length = 0;
    this.head(FUSE_BATCH_FORGET, 0, at - IN, 0, 0, 0, 0);
    this.transport.send(null, this.request, at, null, 'in');
  }

  /** ExchangeHome: an answer that nobody took: what it has brought goes back. */
  override orphaned(x: FuseExchange): void {
    x.unpin();
    const view = new DataView(x.request.buffer, x.request.byteOffset, x.request.byteLength);
    if (x.request.length < IN || x.replyLength < OUT || x.reply.length < OUT) return;
    const opcode = view.getUint32(4, true);
    const head = FuseOutHeader.view(x.reply);
    if (head.error !== 0) return;
    const nodeid = FuseInHeader.view(x.request).nodeid;
    if (COUNTED.has(opcode) && x.timesTaken === 0 && x.reply.length >= OUT + FuseEntryOut.size) {
      const made = this.in.entry.over(x.reply, OUT).nodeid;
      this.in.entry.over(this.reply, OUT);
      if (made !== 0) this.forget(made, 1);
    }
    if (opcode === FUSE_READDIRPLUS && x.timesTaken === 0) for (const node of nodesIn(x.reply.subarray(0, x.replyLength))) this.forget(node, 1);
    const opened = opcode === FUSE_OPEN || opcode === FUSE_OPENDIR ? OUT : opcode === FUSE_CREATE && x.timesTaken === 0 ? CREATED_OPEN : 0;
    if (opened > 0 && x.reply.length >= opened + 8) {
      const fh = this.in.open.over(x.reply, opened).fh;
      this.in.open.over(this.reply, OUT);
      this.out.release.zero().fh = fh;
      this.post(opcode === FUSE_OPENDIR ? FUSE_RELEASEDIR : FUSE_RELEASE, nodeid, FuseReleaseIn.size);
    }
  }

  override abandoned(x: FuseExchange): void { this.transport.cancel(x); }

  private run(t: Task, opcode: number, nodeid: number, length: number, pages: FusePages | null, direction: 'in' | 'out', gid: number): number {
    this.head(opcode, nodeid, length, pages !== null && direction === 'out' ? pages.length : 0, t.cred.fsuid, gid, t.process.pid);
    const inPages = pages !== null && direction === 'in' ? pages.length : 0;
    const recorded = t.restart === null || t.restart.replies.length === 0 ? null : this.recorded(t.restart, opcode, length);
    if (recorded !== null) return this.replay(t, recorded, direction === 'in' ? pages : null);
    if (this.state !== 'live') {
      if (this.state === 'gone') return ENOTCONN;
      if (this.state === 'refused') return ECONNREFUSED;
      if (this.isLate) return park(t, this.changes, 'S');
    }
    const x = this.exchange;
    x.isDone = false;
    const r = this.transport.send(x, this.request, IN + length, pages, direction);
    if (r === EAGAIN) return park(t, this.transport.waiters, 'D');
    if (isErr(r)) return r;
    this.isFresh = true;
    this.source = null;
    if (x.isDone) return this.settle(x, inPages);
    this.exchange = new FuseExchange(this.transport.replyBytes);
    x.request = this.request.slice(0, IN + length);
    x.home = this;
    t.record().replies.push(x);
    if (pages !== null) x.pin(t.kernel.frames, pages.pfns);
    return this.wait(t, x);
  }

  /** A signal is told to the server once; after that, and where it cannot be told, only SIGKILL disturbs: the request may have effects. */
  private wait(t: Task, x: FuseExchange): Errno {
    const isNews = t.signalPending && !x.isInterrupted;
    if (isNews) x.isInterrupted = this.transport.interrupt(x);
    return park(t, x.waiters, this.isLate && !t.signalPending ? 'S' : 'D');
  }

  /**
   * The answer to the request at hand, if an earlier run of this system call has sent it already. Runs need not ask the same: what an earlier
   * run learned may be cached now. Questions can be answered again; what changes something or brings a handle counts once.
   */
  private recorded(record: RestartRecord, opcode: number, length: number): FuseExchange | null {
    for (let i = record.replayed; i < record.replies.length; i++) {
      const x = record.replies[i]!;
      if (!(x instanceof FuseExchange) || x.home !== this) continue;
      if ((x.isTaken && !QUESTIONS.has(opcode)) || !this.isRequest(x.request, IN + length)) continue;
      record.replayed = i + 1;
      return x;
    }
    return null;
  }

  /** Same operation, node and arguments as the request being built? The header's first words and `unique` do not count. */
  private isRequest(other: Uint8Array, length: number): boolean {
    if (other.length !== length) return false;
    for (let i = 4; i < length; i++) if (other[i] !== this.request[i] && (i < 8 || i >= 16)) return false;
    return true;
  }

  /** The reply may have come meanwhile; what it brought for frames of the first run goes to those of this run. */
  private replay(t: Task, x: FuseExchange, pages: FusePages | null): number {
    if (!x.isDone) return this.wait(t, x);
    if (pages !== null) for (let i = 0; i < pages.pfns.length && i < x.pinned.length; i++) t.kernel.frames.copy(x.pinned[i]!, pages.pfns[i]!);
    x.unpin();
    this.isFresh = x.timesTaken === 0;
    this.source = x;
    x.isTaken = true;
    x.timesTaken++;
    return this.settle(x, pages?.length ?? 0);
  }

  /** Checks a reply and shows it in `reply`; `inPages`: bytes that may have gone elsewhere. The server is not trusted. */
  private settle(x: FuseExchange, inPages: number): number {
    if (x.replyLength < OUT) return EIO;
    this.reply.set(x.reply.subarray(0, Math.min(x.replyLength, MOST)));
    const { error, len } = this.replyHeader;
    if (error < 0) return error > -512 ? error : EIO;
    const most = inPages > 0 ? OUT + inPages : this.isLate ? MOST : BUFFER;
    if (error > 0 || len > x.replyLength || len < OUT || len > most) return EIO;
    return len - OUT;
  }

  private head(opcode: number, nodeid: number, length: number, extra: number, uid: number, gid: number, pid: number): void {
    const h = this.header;
    h.len = IN + length + extra;
    h.opcode = opcode;
    h.unique = this.unique += 2;
    h.nodeid = nodeid;
    h.uid = uid;
    h.gid = gid;
    h.pid = pid;
    h.total_extlen = 0;
  }
}

/** Contiguous memory may take some reclaim to come together. */
function allocBounce(frames: Frames): number {
  for (let tries = 0; tries < 4; tries++) {
    const first = frames.allocBlock(KIND_KERNEL, BOUNCE_ORDER);
    if (first >= 0) return first;
    frames.reclaimer.direct(256);
  }
  return -1;
}

/** Waits like for a disk ('D'), or until a signal comes ('S'): the re-run then says what to do about it. */
export function park(t: Task, queue: WaitQueue, state: 'S' | 'D'): Errno {
  if (t.signalPending && isDying(t)) return ERESTARTSYS;
  t.record().replayed = 0;
  queue.add(t);
  t.parkedOn.push(queue);
  t.parkState = state;
  t.waitReason = 'fuse';
  return BLOCKED;
}

/** Where results begin in `FuseConnection.reply`. */
export const RESULT = OUT;
/** Bytes of directory entries that one reply can carry. */
export const DIR_BYTES = BUFFER - OUT;
/** FUSE_CREATE answers an entry and an open result. */
export const CREATED_OPEN = OUT + FuseEntryOut.size;
