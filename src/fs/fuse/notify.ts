// What a server tells without being asked (linux/fuse.h, FUSE_NOTIFY_*; fuse_lowlevel_notify_inval_inode(3) and its kin): that what it said before holds no longer,
// contents for the cache, or a wish for cached contents.
import { EINVAL, ENOENT, ENOTEMPTY, EBUSY, type Errno } from '../../abi/errno.ts';
import {
  FUSE_NOTIFY_DELETE, FUSE_NOTIFY_INVAL_ENTRY, FUSE_NOTIFY_INVAL_INODE, FUSE_NOTIFY_POLL, FUSE_NOTIFY_REPLY, FUSE_NOTIFY_RETRIEVE, FUSE_NOTIFY_STORE,
  FuseInHeader, FuseNotifyDeleteOut, FuseNotifyInvalEntryOut, FuseNotifyInvalInodeOut, FuseNotifyPollWakeupOut, FuseNotifyRetrieveIn, FuseNotifyRetrieveOut,
  FuseNotifyStoreOut,
} from '../../abi/fuse.ts';
import { isDirectory } from '../../abi/stat.ts';
import { latin1Decode } from '../../lib/utf8.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import type { Dentry } from '../../kernel/vfs/dentry.ts';
import { dropName } from '../../kernel/vfs/dentry-cache.ts';
import type { FuseInode } from './inode.ts';
import type { FuseSuperBlock } from './super.ts';

/** `body`: what follows the header. 0, or what the server's write(2) answers. */
export function notified(sb: FuseSuperBlock, code: number, body: Uint8Array): 0 | Errno {
  switch (code) {
    case FUSE_NOTIFY_INVAL_INODE: return body.length === FuseNotifyInvalInodeOut.size ? invalidateInode(sb, body) : EINVAL;
    case FUSE_NOTIFY_INVAL_ENTRY: return invalidateEntry(sb, body);
    case FUSE_NOTIFY_DELETE: return deleted(sb, body);
    case FUSE_NOTIFY_STORE: return store(sb, body);
    case FUSE_NOTIFY_RETRIEVE: return body.length === FuseNotifyRetrieveOut.size ? retrieve(sb, body) : EINVAL;
    case FUSE_NOTIFY_POLL: return body.length === FuseNotifyPollWakeupOut.size ? 0 : EINVAL;   // nobody waits: FUSE_POLL is not sent
    default: return EINVAL;
  }
}

/** Attributes; and with a range cached pages, too (`off` < 0: attributes only; `len` 0: to the end). */
function invalidateInode(sb: FuseSuperBlock, body: Uint8Array): 0 | Errno {
  const { ino, off, len } = FuseNotifyInvalInodeOut.view(body);
  const inode = sb.inodes.get(ino);
  if (inode === undefined) return ENOENT;
  inode.validUntil = 0;
  if (off >= 0) inode.pages?.invalidate(Math.floor(off / PAGE_SIZE), len <= 0 ? Infinity : Math.ceil((off + len) / PAGE_SIZE));
  return 0;
}

/** The name of `length` bytes behind `at`; '' if it is none. */
function nameIn(body: Uint8Array, at: number, length: number): string {
  return length === 0 || length > 255 || body.length !== at + length + 1 || body[at + length] !== 0 ? '' : latin1Decode(body, at, at + length);
}

/** The cached name; null: there is none. */
function cachedName(sb: FuseSuperBlock, parent: number, name: string): Dentry | null {
  const dir = sb.inodes.get(parent);
  if (dir === undefined) return null;
  for (const d of sb.dentries.names) if (d.name === name && d.parent?.inode === dir) return d;
  return null;
}

function invalidateEntry(sb: FuseSuperBlock, body: Uint8Array): 0 | Errno {
  if (body.length < FuseNotifyInvalEntryOut.size) return EINVAL;
  const { parent, namelen } = FuseNotifyInvalEntryOut.view(body);
  const name = nameIn(body, FuseNotifyInvalEntryOut.size, namelen);
  if (name === '') return EINVAL;
  const dir = sb.inodes.get(parent);
  if (dir === undefined) return ENOENT;
  dir.validUntil = 0;
  const d = cachedName(sb, parent, name);
  if (d === null || d.inode === null) return ENOENT;
  (d.inode as FuseInode).namedUntil = 0;
  return 0;
}

/** The name is gone at the server; a mount point or a directory with names below it stays. */
function deleted(sb: FuseSuperBlock, body: Uint8Array): 0 | Errno {
  if (body.length < FuseNotifyDeleteOut.size) return EINVAL;
  const { parent, child, namelen } = FuseNotifyDeleteOut.view(body);
  const name = nameIn(body, FuseNotifyDeleteOut.size, namelen);
  if (name === '') return EINVAL;
  const dir = sb.inodes.get(parent);
  const d = cachedName(sb, parent, name);
  if (dir === undefined || d === null || d.inode === null) return ENOENT;
  dir.validUntil = 0;
  if (sb.inodes.get(child) !== d.inode) return ENOENT;
  if (d.mountCount > 0) return EBUSY;
  if (isDirectory(d.inode.mode) && d.children !== null && d.children.size > 0) return ENOTEMPTY;
  d.inode.nlink = isDirectory(d.inode.mode) ? 0 : Math.max(0, d.inode.nlink - 1);
  dropName(d);
  return 0;
}

/** Contents for the cache: pages that are written whole enter it, others are brought up to date. */
function store(sb: FuseSuperBlock, body: Uint8Array): 0 | Errno {
  if (body.length < FuseNotifyStoreOut.size) return EINVAL;
  const { nodeid, off, size } = FuseNotifyStoreOut.view(body);
  if (body.length - FuseNotifyStoreOut.size !== size) return EINVAL;
  const inode = sb.inodes.get(nodeid);
  if (inode === undefined || inode.pages === null) return ENOENT;
  return inode.pages.storeClean(off, body.subarray(FuseNotifyStoreOut.size));
}

/** The server wants to know what is cached from `off` on: it comes as FUSE_NOTIFY_REPLY, a request without an answer. */
function retrieve(sb: FuseSuperBlock, body: Uint8Array): 0 | Errno {
  const { notify_unique, nodeid, off, size } = FuseNotifyRetrieveOut.view(body);
  const inode = sb.inodes.get(nodeid);
  if (inode === undefined || inode.pages === null) return ENOENT;
  const bytes = inode.pages.cachedBytes(off, Math.min(size, sb.connection.maxWrite));
  const message = new Uint8Array(FuseInHeader.size + FuseNotifyRetrieveIn.size + bytes.length);
  const head = FuseInHeader.view(message);
  head.len = message.length;
  head.opcode = FUSE_NOTIFY_REPLY;
  head.unique = notify_unique;
  head.nodeid = nodeid;
  const args = FuseNotifyRetrieveIn.view(message, FuseInHeader.size);
  args.off = off;
  args.size = bytes.length;
  message.set(bytes, FuseInHeader.size + FuseNotifyRetrieveIn.size);
  return sb.connection.transport.send(null, message, message.length, null, 'out');
}

