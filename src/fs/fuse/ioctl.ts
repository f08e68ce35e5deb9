// ioctl(2) on files of a FUSE server, the restricted kind (fuse_lowlevel_ops, ioctl): what is copied in and out is what the command's number says.
import { EINVAL, EIO, ENOSYS, ENOTTY, type Errno } from '../../abi/errno.ts';
import { FUSE_HAS_IOCTL_DIR, FUSE_IOCTL, FUSE_IOCTL_DIR, FuseIoctlIn, FuseIoctlOut } from '../../abi/fuse.ts';
import { isDirectory } from '../../abi/stat.ts';
import type { Task } from '../../kernel/task/task.ts';
import { RESULT } from './connection.ts';
import type { FuseInode } from './inode.ts';

// asm-generic/ioctl.h: direction in bits 30 and 31 (1: the program writes, 2: it reads), size in bits 16 to 29.
const WRITES = 1, READS = 2;

export function controlServer(t: Task, inode: FuseInode, fh: number, cmd: number, arg: number): number | Errno {
  const { connection } = inode.sb;
  const isDir = isDirectory(inode.mode);
  if (isDir && !connection.has(FUSE_HAS_IOCTL_DIR)) return ENOTTY;
  const direction = cmd >>> 30, size = (cmd >>> 16) & 0x3fff;
  const input = new Uint8Array((direction & WRITES) !== 0 ? size : 0);
  const fault = input.length > 0 ? t.user.copyIn(arg, input) : 0;
  if (fault !== 0) return fault;
  const i = connection.out.ioctl.zero();
  i.fh = fh;
  i.flags = isDir ? FUSE_IOCTL_DIR : 0;
  i.cmd = cmd;
  i.arg = arg;
  i.in_size = input.length;
  i.out_size = (direction & READS) !== 0 ? size : 0;
  const n = connection.tryCall(t, FUSE_IOCTL, inode.nodeid, connection.bytes(FuseIoctlIn.size, input));
  if (n === ENOSYS) return ENOTTY;
  if (n < FuseIoctlOut.size) return n < 0 ? (n as Errno) : EIO;
  const { result, flags } = connection.in.ioctl;
  if (flags !== 0) return EINVAL;                       // it wants to look elsewhere in memory: for unrestricted servers (CUSE) only
  const output = n - FuseIoctlOut.size;
  if (output > ((direction & READS) !== 0 ? size : 0)) return EIO;
  const r = output > 0 ? t.user.copyOut(arg, connection.reply, RESULT + FuseIoctlOut.size, output) : 0;
  return r === 0 ? result : r;
}
