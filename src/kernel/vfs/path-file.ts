// O_PATH descriptors (open(2)): a place in the tree, not a way to its contents. Only the calls that take a place accept them.
import { EBADF, type Errno } from '../../abi/errno.ts';
import { OpenFile } from './open-file.ts';

export class PathFile extends OpenFile {
  override get isReadable(): boolean { return false; }
  override get isWritable(): boolean { return false; }
  override seek(): number | Errno { return EBADF; }
  override ioctl(): number | Errno { return EBADF; }
  override mmap(): Errno { return EBADF; }
  override truncate(): Errno { return EBADF; }
  override fsync(): Errno { return EBADF; }
  override setFlags(): Errno { return EBADF; }
  override readdir(): Errno { return EBADF; }
  override poll(): number { return 0; }
}

/** True for O_PATH descriptions; the calls that need contents answer EBADF for them. */
export const isPathOnly = (file: OpenFile): file is PathFile => file instanceof PathFile;
