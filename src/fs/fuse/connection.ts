// One conversation with a FUSE server: builds requests, understands replies. A call either has its reply when it returns, or answers BLOCKED: the
// system call runs again later, and a request that was sent before takes its recorded reply instead of being sent once more.
import { BLOCKED, EAGAIN, EIO, type Errno, isErr } from '../../abi/errno.ts';
import {
  FUSE_BATCH_FORGET, FUSE_BIG_WRITES, FUSE_CACHE_SYMLINKS, FUSE_DO_READDIRPLUS, FUSE_GETATTR, FUSE_INIT, FUSE_KERNEL_MINOR_VERSION,
  FUSE_KERNEL_VERSION, FUSE_LOOKUP, FUSE_MAX_PAGES, FUSE_READDIR, FUSE_READLINK, FUSE_STATFS, FuseAttrOut, FuseBatchForgetIn, FuseCreateIn, FuseDirent, FuseEntryOut, FuseForgetOne, FuseFsyncIn, FuseGetattrIn,
  FuseInHeader, FuseInitIn, FuseInitOut, FuseLinkIn, FuseMkdirIn, FuseMknodIn, FuseOpenIn, FuseOpenOut, FuseOutHeader, FuseReadIn, FuseReleaseIn,
  FuseRename2In, FuseSetattrIn, FuseStatfsOut, FuseWriteIn, FuseWriteOut,
} from '../../abi/fuse.ts';
import { latin1Into } from '../../lib/utf8.ts';
import { FuseExchange, type FusePages, type FuseTransport } from '../../kernel/device/fuse-transport.ts';
import { KIND_KERNEL } from '../../kernel/mm/frame-kinds.ts';
import type { Frames } from '../../kernel/mm/frames.ts';
import type { WaitQueue } from '../../kernel/sched/wait-queue.ts';
import type { RestartRecord, Task } from '../../kernel/task/task.ts';

const IN = FuseInHeader.size, OUT = FuseOutHeader.size;
const BUFFER = 8192;
/** Requests without effects: a re-run may take their answer any number of times. */
const QUESTIONS = new Set([FUSE_LOOKUP, FUSE_GETATTR, FUSE_READLINK, FUSE_STATFS, FUSE_READDIR]);
/** Forgotten nodes are told to the server together. */
const FORGET_BATCH = 64;
const READ_AHEAD = 131_072;
const BOUNCE_ORDER = 4;
export const BOUNCE_PAGES = 1 << BOUNCE_ORDER;

export class FuseConnection {
  readonly transport: FuseTransport;
  /** Bytes of one FUSE_WRITE. */
  maxWrite = 4096;
  private readonly request = new Uint8Array(BUFFER);
  /** The last reply; where `in` shows results. */
  readonly reply = new Uint8Array(BUFFER);
  /** The last reply is new: a re-run that takes an answer again must not count its lookup again. */
  isFresh = true;
  private exchange = new FuseExchange(BUFFER);
  private unique = 0;
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
    this.transport = transport;
    this.out = requestViews(this.request);
    this.in = replyViews(this.reply);
  }

  /** FUSE_INIT: agrees on version and limits. */
  init(t: Task): 0 | Errno {
    const i = this.out.init.zero();
    i.major = FUSE_KERNEL_VERSION;
    i.minor = FUSE_KERNEL_MINOR_VERSION;
    i.max_readahead = READ_AHEAD;
    i.flags = FUSE_BIG_WRITES | FUSE_DO_READDIRPLUS | FUSE_MAX_PAGES | FUSE_CACHE_SYMLINKS;
    const n = this.call(t, FUSE_INIT, 0, FuseInitIn.size);
    if (n < 0) return n as Errno;
    const o = this.in.init;
    if (n < 24 || o.major !== FUSE_KERNEL_VERSION) return EIO;
    this.maxWrite = Math.max(4096, Math.min(o.max_write, this.transport.maxPages * 4096, READ_AHEAD));
    return 0;
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

  /** One request with `length` bytes of arguments, already in place: bytes of results, or a negative errno (BLOCKED included). */
  call(t: Task, opcode: number, nodeid: number, length: number, gid = t.cred.fsgid): number {
    return this.run(t, opcode, nodeid, length, null, 'in', gid);
  }

  /** The same with file pages: 'in' fills them (FUSE_READ), 'out' sends them (FUSE_WRITE). */
  transfer(t: Task, opcode: number, nodeid: number, length: number, pages: FusePages, direction: 'in' | 'out'): number {
    return this.run(t, opcode, nodeid, length, pages, direction, t.cred.fsgid);
  }

  /** A request whose reply nobody waits for (FUSE_RELEASE). */
  post(opcode: number, nodeid: number, length: number): void {
    this.head(opcode, nodeid, length, 0, 0, 0, 0);
    const r = this.transport.send(new FuseExchange(OUT), this.request, IN + length, null, 'in');
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
  }

  /** `count` lookups of a node are no longer held here. */
  forget(nodeid: number, count: number): void {
    this.forgotten.push(nodeid, count);
    if (this.forgotten.length >= 2 * FORGET_BATCH) this.flushForgets();
  }

  flushForgets(): void {
    const list = this.forgotten;
    if (list.length === 0) return;
    let at = IN + FuseBatchForgetIn.size;
    this.out.batch.count = list.length / 2;
    for (let i = 0; i < list.length; i += 2, at += FuseForgetOne.size) {
      const one = this.out.one.at(at);
      one.nodeid = list[i]!;
      one.nlookup = list[i + 1]!;
    }
    list.length = 0;
    this.head(FUSE_BATCH_FORGET, 0, at - IN, 0, 0, 0, 0);
    this.transport.send(null, this.request, at, null, 'in');
  }

  private run(t: Task, opcode: number, nodeid: number, length: number, pages: FusePages | null, direction: 'in' | 'out', gid: number): number {
    this.head(opcode, nodeid, length, pages !== null && direction === 'out' ? pages.length : 0, t.cred.fsuid, gid, t.process.pid);
    const inPages = pages !== null && direction === 'in' ? pages.length : 0;
    const recorded = t.restart === null || t.restart.replies.length === 0 ? null : this.recorded(t.restart, opcode, length);
    if (recorded !== null) return this.replay(t, recorded, direction === 'in' ? pages : null);
    const x = this.exchange;
    x.isDone = false;
    const r = this.transport.send(x, this.request, IN + length, pages, direction);
    if (r === EAGAIN) return park(t, this.transport.waiters);
    if (isErr(r)) return r;
    this.isFresh = true;
    if (x.isDone) return this.settle(x, inPages);
    this.exchange = new FuseExchange(BUFFER);
    x.request = this.request.slice(0, IN + length);
    t.record().replies.push(x);
    if (pages !== null) x.pin(t.kernel.frames, pages.pfns);
    return park(t, x.waiters);
  }

  /**
   * The answer to the request at hand, if an earlier run of this system call has sent it already. Runs need not ask the same: what an earlier
   * run learned may be cached now. Questions can be answered again; what changes something or brings a handle counts once.
   */
  private recorded(record: RestartRecord, opcode: number, length: number): FuseExchange | null {
    for (let i = record.replayed; i < record.replies.length; i++) {
      const x = record.replies[i] as FuseExchange;
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
    if (!x.isDone) return park(t, x.waiters);
    if (pages !== null) for (let i = 0; i < pages.pfns.length && i < x.pinned.length; i++) t.kernel.frames.copy(x.pinned[i]!, pages.pfns[i]!);
    x.unpin(t.kernel.frames);
    this.isFresh = !x.isTaken;
    x.isTaken = true;
    return this.settle(x, pages?.length ?? 0);
  }

  /** Checks a reply and shows it in `reply`; `inPages`: bytes that may have gone elsewhere. The server is not trusted. */
  private settle(x: FuseExchange, inPages: number): number {
    if (x.replyLength < OUT) return EIO;
    this.reply.set(x.reply.subarray(0, Math.min(x.replyLength, BUFFER)));
    const { error, len } = this.replyHeader;
    if (error < 0) return error > -512 ? error : EIO;
    if (error > 0 || len > x.replyLength || len < OUT || len > (inPages > 0 ? OUT + inPages : BUFFER)) return EIO;
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

/** Waits like for a disk: a request that is out may have effects, so only SIGKILL disturbs. */
function park(t: Task, queue: WaitQueue): Errno {
  queue.add(t);
  t.parkedOn.push(queue);
  t.parkState = 'D';
  t.waitReason = 'fuse';
  return BLOCKED;
}

function requestViews(b: Uint8Array) {
  return {
    init: FuseInitIn.view(b, IN), getattr: FuseGetattrIn.view(b, IN), setattr: FuseSetattrIn.view(b, IN), mknod: FuseMknodIn.view(b, IN),
    mkdir: FuseMkdirIn.view(b, IN), rename: FuseRename2In.view(b, IN), link: FuseLinkIn.view(b, IN), open: FuseOpenIn.view(b, IN),
    create: FuseCreateIn.view(b, IN), read: FuseReadIn.view(b, IN), write: FuseWriteIn.view(b, IN), release: FuseReleaseIn.view(b, IN),
    fsync: FuseFsyncIn.view(b, IN), batch: FuseBatchForgetIn.view(b, IN), one: FuseForgetOne.view(b, IN),
  };
}

function replyViews(b: Uint8Array) {
  return {
    init: FuseInitOut.view(b, OUT), entry: FuseEntryOut.view(b, OUT), attr: FuseAttrOut.view(b, OUT), open: FuseOpenOut.view(b, OUT),
    write: FuseWriteOut.view(b, OUT), statfs: FuseStatfsOut.view(b, OUT), dirent: FuseDirent.view(b, OUT),
  };
}

/** Where results begin in `FuseConnection.reply`. */
export const RESULT = OUT;
/** Bytes of directory entries that one reply can carry. */
export const DIR_BYTES = BUFFER - OUT;
/** FUSE_CREATE answers an entry and an open result. */
export const CREATED_OPEN = OUT + FuseEntryOut.size;
