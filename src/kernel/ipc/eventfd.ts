// Event counters (eventfd(2)): a 64-bit number that writes add to and reads take away, as two words. EAGAIN keeps it below 2^64 - 1.
import { type Errno, EAGAIN, EINVAL } from '../../abi/errno.ts';
import { EFD_SEMAPHORE } from '../../abi/eventfd.ts';
import { O_RDWR } from '../../abi/fcntl.ts';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';

const MAX_WORD = 0xffff_ffff;
const scratch = new Uint8Array(8);
const words = new Uint32Array(scratch.buffer);

export class EventFile extends OpenFile {
  private lo: number;
  private hi = 0;
  private readonly semaphore: boolean;
  private readonly queue = new WaitQueue();

  /** `flags`: EFD_SEMAPHORE and O_NONBLOCK. */
  constructor(t: Task, initial: number, flags: number) {
    super(anonInode(t.kernel, 0o600), (flags & ~EFD_SEMAPHORE) | O_RDWR);
    this.lo = initial;
    this.semaphore = (flags & EFD_SEMAPHORE) !== 0;
  }

  override get anonName(): string { return 'anon_inode:[eventfd]'; }
  override get waiters(): WaitQueue { return this.queue; }
  /** Moves nothing, and is no error. */
  override seek(): number { return 0; }

  override read(_t: Task, io: IoBuffer): number | Errno {
    if (io.remaining < 8) return EINVAL;
    if (this.lo === 0 && this.hi === 0) return EAGAIN;
    words[0] = this.semaphore ? 1 : this.lo;
    words[1] = this.semaphore ? 0 : this.hi;
    const n = io.put(scratch, 0, 8);
    if (n < 0) return n;
    if (this.semaphore) {
      if (this.lo === 0) this.hi--;
      this.lo = (this.lo - 1) >>> 0;
    } else {
      this.lo = this.hi = 0;
    }
    this.queue.wake(POLLOUT | POLLWRNORM);
    return 8;
  }

  override write(_t: Task, io: IoBuffer): number | Errno {
    if (io.remaining < 8) return EINVAL;
    const n = io.take(scratch, 0, 8);
    if (n < 0) return n;
    const lo = words[0]!, hi = words[1]!;
    if (lo === MAX_WORD && hi === MAX_WORD) return EINVAL;
    const sum = this.lo + lo;
    const sumHi = this.hi + hi + (sum > MAX_WORD ? 1 : 0);
    if (sumHi > MAX_WORD || (sumHi === MAX_WORD && sum >>> 0 === MAX_WORD)) {
      io.rewind(8);
      return EAGAIN;
    }
    this.lo = sum >>> 0;
    this.hi = sumHi;
    this.queue.wake(POLLIN | POLLRDNORM);
    return 8;
  }

  override poll(): number {
    const empty = this.lo === 0 && this.hi === 0;
    const full = this.hi === MAX_WORD && this.lo >= MAX_WORD - 1;
    return (empty ? 0 : POLLIN | POLLRDNORM) | (full ? 0 : POLLOUT | POLLWRNORM);
  }
}
