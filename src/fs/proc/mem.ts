// /proc/PID/mem (proc_pid_mem(5)): the memory of a process by address. What is not mapped answers EIO.
import { type Errno, type Fallible, EINVAL, EIO, isErr } from '../../abi/errno.ts';
import { SEEK_CUR, SEEK_SET } from '../../abi/fcntl.ts';
import { S_IFREG } from '../../abi/stat.ts';
import type { AddressSpace } from '../../kernel/mm/address-space.ts';
import type { Task } from '../../kernel/task/task.ts';
import type { IoBuffer } from '../../kernel/vfs/io-buffer.ts';
import { OpenFile } from '../../kernel/vfs/open-file.ts';
import type { SuperBlock } from '../../kernel/vfs/super-block.ts';
import { PseudoInode } from '../pseudo/node.ts';
import { mayInspect } from './access.ts';
import { refreshOwner } from './owner.ts';

const CHUNK = 65536;

export class MemInode extends PseudoInode {
  private readonly of: Task;
  constructor(sb: SuperBlock, ino: number, mode: number, of: Task) {
    super(sb, ino, S_IFREG | mode);
    this.of = of;
    refreshOwner(this, of);
  }
  override refresh(): 0 | Errno { return refreshOwner(this, this.of); }
  override open(t: Task, flags: number): Fallible<OpenFile> {
    const denied = mayInspect(t, this.of);
    return denied !== 0 ? denied : new MemFile(this, flags, this.of.mm);
  }
}

/** Stays with the address space of the moment of opening, without keeping it alive: once it is gone, there is nothing to read. */
class MemFile extends OpenFile {
  private readonly mm: AddressSpace | null;
  constructor(inode: MemInode, flags: number, mm: AddressSpace | null) {
    super(inode, flags);
    this.mm = mm;
  }
  override get isSeekable(): boolean { return true; }

  override read(t: Task, io: IoBuffer, pos: number): number | Errno {
    if (this.mm === null || this.mm.users === 0) return 0;
    const bytes = new Uint8Array(Math.min(io.remaining, CHUNK));
    const n = this.mm.readRemote(t, pos, bytes, 'as a debugger');
    if (n <= 0) return n < 0 ? n as Errno : bytes.length === 0 ? 0 : EIO;
    return io.put(bytes, 0, n);
  }

  override write(t: Task, io: IoBuffer, pos: number): number | Errno {
    if (this.mm === null || this.mm.users === 0) return 0;
    const bytes = new Uint8Array(Math.min(io.remaining, CHUNK));
    const taken = io.take(bytes, 0, bytes.length);
    if (isErr(taken)) return taken;
    const n = this.mm.writeRemote(t, pos, bytes.subarray(0, taken), 'as a debugger');
    if (n <= 0) {
      io.rewind(taken);
      return n < 0 ? n as Errno : EIO;
    }
    io.rewind(taken - n);
    this.writeEnd = pos + n;
    return n;
  }

  override seek(_t: Task, offset: number, whence: number): number | Errno { return seekIn(this, offset, whence); }
}

/** lseek(2) in files that stand for an address space: they have no end. */
export function seekIn(file: OpenFile, offset: number, whence: number): number | Errno {
  if (whence !== SEEK_SET && whence !== SEEK_CUR) return EINVAL;
  file.pos = whence === SEEK_CUR ? file.pos + offset : offset;
  return file.pos;
}
