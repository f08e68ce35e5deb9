// Extended attributes of files of a FUSE server (xattr(7)); one that has none says ENOSYS once.
import { EIO, ENOSYS, EOPNOTSUPP, type Errno, type Fallible, isErr } from '../../abi/errno.ts';
import {
  FUSE_GETXATTR, FUSE_LISTXATTR, FUSE_REMOVEXATTR, FUSE_SETXATTR, FuseGetxattrIn, FuseSetxattrIn,
} from '../../abi/fuse.ts';
import { latin1Decode } from '../../lib/utf8.ts';
import type { Task } from '../../kernel/task/task.ts';
import { RESULT } from './connection.ts';
import type { FuseInode } from './inode.ts';

const MOST = 65536;

export function getAttribute(t: Task, { sb: { connection }, nodeid }: FuseInode, name: string): Fallible<Uint8Array> {
  connection.out.getxattr.zero().size = MOST;
  const n = connection.tryCall(t, FUSE_GETXATTR, nodeid, connection.names(FuseGetxattrIn.size, name));
  return n < 0 ? unsupported(n) : connection.reply.slice(RESULT, RESULT + n);
}

export function listAttributes(t: Task, { sb: { connection }, nodeid }: FuseInode): Fallible<string[]> {
  connection.out.getxattr.zero().size = MOST;
  const n = connection.tryCall(t, FUSE_LISTXATTR, nodeid, FuseGetxattrIn.size);
  if (n < 0) return unsupported(n);
  const text = latin1Decode(connection.reply, RESULT, RESULT + n);
  return text === '' ? [] : text.endsWith('\0') ? text.slice(0, -1).split('\0') : EIO;
}

export function setAttribute(t: Task, { sb: { connection }, nodeid }: FuseInode, name: string, value: Uint8Array, flags: number): 0 | Errno {
  const s = connection.out.setxattr.zero();
  s.size = value.length;
  s.flags = flags;
  const n = connection.tryCall(t, FUSE_SETXATTR, nodeid, connection.bytes(connection.names(FuseSetxattrIn.size, name), value));
  return isErr(n) ? unsupported(n) : 0;
}

export function removeAttribute(t: Task, { sb: { connection }, nodeid }: FuseInode, name: string): 0 | Errno {
  const n = connection.tryCall(t, FUSE_REMOVEXATTR, nodeid, connection.names(0, name));
  return isErr(n) ? unsupported(n) : 0;
}

const unsupported = (n: number): Errno => n === ENOSYS ? EOPNOTSUPP : (n as Errno);
