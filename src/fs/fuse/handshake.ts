// FUSE_INIT: what both sides agree on. A device answers at once; a process answers when it gets to it, and whoever comes before that waits.
import { EIO, ENODEV, EPROTO, type Errno } from '../../abi/errno.ts';
import {
  FUSE_ABORT_ERROR, FUSE_ASYNC_READ, FUSE_ATOMIC_O_TRUNC, FUSE_AUTO_INVAL_DATA, FUSE_BIG_WRITES, FUSE_CACHE_SYMLINKS, FUSE_DO_READDIRPLUS, FUSE_DONT_MASK,
  FUSE_EXPLICIT_INVAL_DATA, FUSE_FLOCK_LOCKS, FUSE_HAS_IOCTL_DIR, FUSE_INIT, FUSE_KERNEL_MINOR_VERSION, FUSE_KERNEL_VERSION, FUSE_MAX_PAGES, FUSE_NO_OPEN_SUPPORT,
  FUSE_NO_OPENDIR_SUPPORT, FUSE_PARALLEL_DIROPS, FUSE_POSIX_LOCKS, FUSE_READDIRPLUS_AUTO, FUSE_SPLICE_MOVE, FUSE_SPLICE_READ, FUSE_SPLICE_WRITE, FuseInitIn,
  FuseInitOut, FuseOutHeader,
} from '../../abi/fuse.ts';
import { FuseExchange } from '../../kernel/device/fuse-transport.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { FuseConnection } from './connection.ts';

const READ_AHEAD = 131_072;
const DEVICE_FEATURES = FUSE_BIG_WRITES | FUSE_MAX_PAGES | FUSE_CACHE_SYMLINKS | FUSE_DO_READDIRPLUS;
/** What this kernel does when the server asks for it. What is not here is not done: ACLs of the server, write-back caching, handles for export, DAX. */
const PROCESS_FEATURES = FUSE_ASYNC_READ | FUSE_ATOMIC_O_TRUNC | FUSE_BIG_WRITES | FUSE_SPLICE_WRITE | FUSE_SPLICE_MOVE | FUSE_SPLICE_READ | FUSE_HAS_IOCTL_DIR
  | FUSE_AUTO_INVAL_DATA | FUSE_EXPLICIT_INVAL_DATA | FUSE_NO_OPEN_SUPPORT | FUSE_NO_OPENDIR_SUPPORT | FUSE_PARALLEL_DIROPS | FUSE_ABORT_ERROR | FUSE_MAX_PAGES
  | FUSE_CACHE_SYMLINKS | FUSE_DONT_MASK | FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO
  | FUSE_POSIX_LOCKS | FUSE_FLOCK_LOCKS;
/** The first version with all that we rely on: batched forgets, 64-bit cursors, sizes of today. */
const OLDEST_MINOR = 16;

/** FUSE_INIT to who answers before the call returns. */
export function shakeHands(t: Task, c: FuseConnection): 0 | Errno {
  ask(c, DEVICE_FEATURES);
  const n = c.call(t, FUSE_INIT, 0, FuseInitIn.size);
  if (n < 0) return n as Errno;
  const r = agree(c, n, DEVICE_FEATURES);
  if (r === 0) c.become('live');
  return r;
}

/** FUSE_INIT to a process: mount(2) does not wait for it, because often the very process that mounts will answer. */
export function offerHand(c: FuseConnection, maxRead: number): void {
  ask(c, PROCESS_FEATURES);
  c.postTo(new HandShake(c, maxRead), FUSE_INIT, 0, FuseInitIn.size);
}

class HandShake extends FuseExchange {
  private readonly connection: FuseConnection;
  private readonly maxRead: number;

  constructor(connection: FuseConnection, maxRead: number) {
    super(0);
    this.connection = connection;
    this.maxRead = maxRead;
  }

  override finish(length: number): void {
    const { connection: c } = this;
    if (c.state !== 'starting') return;
    c.reply.set(this.reply.subarray(0, Math.min(length, 256)));
    const failed = length < FuseOutHeader.size || FuseOutHeader.view(c.reply).error !== 0;
    const r = failed ? ENODEV : agree(c, length - FuseOutHeader.size, PROCESS_FEATURES);
    c.maxRead = Math.min(c.maxRead, this.maxRead);
    c.become(r === 0 ? 'live' : 'refused');
  }
}

function ask(c: FuseConnection, features: number): void {
  const i = c.out.init.zero();
  i.major = FUSE_KERNEL_VERSION;
  i.minor = FUSE_KERNEL_MINOR_VERSION;
  i.max_readahead = READ_AHEAD;
  i.flags = features;
}

/** `n` bytes of results lie in the reply buffer. */
function agree(c: FuseConnection, n: number, offered: number): 0 | Errno {
  const o = c.in.init;
  if (n < 24 || o.major !== FUSE_KERNEL_VERSION) return EIO;
  if (o.minor < OLDEST_MINOR) return EPROTO;
  c.features = o.flags & offered;
  const pages = n >= FuseInitOut.size && c.has(FUSE_MAX_PAGES) ? Math.max(1, o.max_pages) : 32;
  const most = Math.min(c.isLate ? pages : c.transport.maxPages, c.transport.maxPages) * 4096;
  c.maxWrite = Math.max(4096, Math.min(o.max_write, most, READ_AHEAD));
  c.maxRead = Math.min(most, READ_AHEAD);
  if (o.max_background > 0) c.maxBackground = o.max_background;
  c.congestionThreshold = o.congestion_threshold > 0 ? o.congestion_threshold : Math.floor(c.maxBackground * 3 / 4);
  return 0;
}
