// Open regular files over FUSE: reads come from the page cache, writes go through to the server at once and then into the pages that are cached.
import { EFBIG, EIO, ENOMEM, EOPNOTSUPP, type Errno, isErr } from '../../abi/errno.ts';
import { O_APPEND } from '../../abi/fcntl.ts';
import { FUSE_RELEASE, FuseReleaseIn } from '../../abi/fuse.ts';
import { CAP_FSETID } from '../../abi/capability.ts';
import { PAGE_SIZE } from '../../machine/machine.ts';
import { withoutSetIds } from '../../kernel/security/access.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import { RegularFile } from '../../kernel/vfs/regular-file.ts';
import { fileSizeLimit, MAX_FILE_SIZE } from '../../kernel/vfs/setattr.ts';
import { BOUNCE_PAGES } from './connection.ts';
import type { FuseInode } from './inode.ts';

export class FuseFile extends RegularFile {
  declare readonly inode: FuseInode;
  /** The server's handle. */
  readonly fh: number;

  constructor(inode: FuseInode, flags: number, fh: number) {
    super(inode, flags);
    this.fh = fh;
    inode.handles.add(this);
  }

  override write(t: Task, io: IoBuffer, start: number): number | Errno {
    const { inode } = this;
    const pos = (this.flags & O_APPEND) !== 0 ? inode.size : start;
    if (io.remaining === 0) return 0;
    const room = Math.min(MAX_FILE_SIZE, fileSizeLimit(t)) - pos;
    if (room <= 0) return EFBIG;
    const n = this.writeThrough(t, io, pos, Math.min(room, io.remaining));
    if (n <= 0) return n;
    this.writeEnd = pos + n;
    inode.wrote(t, pos + n);
    if ((inode.mode & 0o6000) !== 0 && !t.cred.has(CAP_FSETID)) inode.mode = withoutSetIds(inode.mode);
    return n;
  }

  private writeThrough(t: Task, io: IoBuffer, pos: number, wanted: number): number | Errno {
    const { frames } = t.kernel;
    const { connection } = this.inode.sb;
    const first = connection.takeBounce(frames);
    if (first < 0) return ENOMEM;
    const pfns = Array.from({ length: BOUNCE_PAGES }, (_, i) => first + i);
    let done = 0, result = 0;
    while (done < wanted) {
      const chunk = Math.min(wanted - done, BOUNCE_PAGES * PAGE_SIZE, connection.maxWrite);
      const got = io.take(frames.ram.u8, first * PAGE_SIZE, chunk);
      result = got > 0 ? this.send(t, io, pfns, got, pos + done) : got;
      if (result <= 0) break;
      done += result;
      if (result < chunk) break;
    }
    connection.releaseBounce(frames, first);
    return done > 0 ? done : result === 0 ? EIO : result;
  }

  /** One FUSE_WRITE; what the server did not take stays with the caller. */
  private send(t: Task, io: IoBuffer, pfns: readonly number[], length: number, pos: number): number {
    const pages = this.inode.pages!;
    const n = pages.send(t, pfns, 0, length, pos);
    if (n < length) io.rewind(length - Math.max(0, n));
    if (n > 0) pages.update(pos, pfns[0]! * PAGE_SIZE, n);
    return n;
  }

  /** The server knows how to make holes; we do not ask it (FUSE_FALLOCATE): only what a size change can do is offered. */
  override fallocate(t: Task, mode: number, offset: number, length: number): 0 | Errno {
    if (mode !== 0) return EOPNOTSUPP;
    const { inode } = this;
    return offset + length > inode.size ? inode.setattr(t, { size: offset + length }) : 0;
  }

  /** close(2): what mappings made dirty goes out now, so that errors can be told. */
  override flush(t: Task): 0 | Errno {
    const r = this.inode.pages!.dirtyCount > 0 ? this.inode.pages!.sync(t) : 0;
    return isErr(r) ? r : 0;
  }

  override release(): void {
    const { inode } = this;
    const { connection, kernel } = inode.sb;
    if (this.isWritable && inode.pages!.dirtyCount > 0) inode.pages!.sync(kernel.current);
    inode.handles.delete(this);
    const r = connection.out.release.zero();
    r.fh = this.fh;
    r.flags = this.flags;
    connection.post(FUSE_RELEASE, inode.nodeid, FuseReleaseIn.size);
  }
}
