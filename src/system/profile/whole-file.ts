// A file of the guest as bytes, for its symbols.
import { isErr } from '../../abi/errno.ts';
import { AT_FDCWD, O_RDONLY } from '../../abi/fcntl.ts';
import type { Task } from '../../kernel/task/task.ts';
import { KernelBuffer } from '../../kernel/vfs/io-buffer.ts';
import { openAt } from '../../kernel/vfs/open.ts';

/** Null where it cannot be read now: gone, or on a host that answers later. */
export function readWhole(t: Task, path: string): Uint8Array | null {
  const file = openAt(t, AT_FDCWD, path, O_RDONLY, 0);
  if (isErr(file)) return null;
  try {
    const bytes = new Uint8Array(file.inode.size);
    for (let done = 0; done < bytes.length;) {
      const buffer = new KernelBuffer(bytes.subarray(done, done + 65_536)), n = file.read(t, buffer, done);
      if (isErr(n)) return null;
      if (n === 0) return bytes.subarray(0, done);
      done += n;
    }
    return bytes;
  } finally {
    file.put();
  }
}
