// Named pipes (fifo(7)): opening rendezvous. An opener shows itself at once, so that what the other side writes meanwhile is not lost on it,
// and keeps its half-open end in the restart record until the other side has come.
import { type Fallible, ENOMEM, ENXIO, isErr } from '../../abi/errno.ts';
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR } from '../../abi/fcntl.ts';
import { type Task, Unfinished } from '../task/task.ts';
import { AnonInode } from '../vfs/anon-inode.ts';
import type { Inode } from '../vfs/inode.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { makePipe, type Pipe, PipeFile } from './pipe.ts';

/** open(2) of a FIFO: waits for a partner unless O_NONBLOCK or O_RDWR; ENXIO for a non-blocking writer without readers. */
export function openFifo(t: Task, inode: Inode, flags: number): Fallible<OpenFile> {
  const half = t.restart?.data;
  if (half instanceof HalfOpen) return half.meet(t);

  const there = inode.ipc as Pipe | null;
  const access = flags & O_ACCMODE;
  // A pipe(2) opened again through /proc/PID/fd meets nobody: its ends need not be there any more.
  const named = !(inode instanceof AnonInode);
  const blocks = named && (flags & O_NONBLOCK) === 0 && access !== O_RDWR;
  if (named && !blocks && access !== O_RDONLY && access !== O_RDWR && (there?.readers ?? 0) === 0) return ENXIO;
  const pipe = there ?? makePipe(t);
  if (pipe === null) return ENOMEM;
  inode.ipc = pipe;
  const file = new PipeFile(inode, flags, pipe);
  pipe.waiters.wake(); // whoever waits for a partner looks again
  if (!blocks || (access === O_RDONLY ? pipe.writers : pipe.readers) > 0) return file;

  const waiting = new HalfOpen(file, access === O_RDONLY ? pipe.writerOpens : pipe.readerOpens);
  t.record().data = waiting;
  return waiting.meet(t);
}

/** An end whose open(2) has not returned yet. */
class HalfOpen extends Unfinished {
  readonly file: PipeFile;
  private readonly opensSeen: number;

  constructor(file: PipeFile, opensSeen: number) {
    super();
    this.file = file;
    this.opensSeen = opensSeen;
  }

  /** The file once the partner has come, even if it has left again. */
  meet(t: Task): Fallible<OpenFile> {
    const { pipe } = this.file;
    if ((this.file.isReadable ? pipe.writerOpens : pipe.readerOpens) !== this.opensSeen) {
      t.record().data = null;
      return this.file;
    }
    const parked = t.waitOn(pipe.waiters, 'fifo open');
    if (isErr(parked) && t.signalPending) {
      t.record().data = null;
      this.abandon();
    }
    return parked;
  }

  /** Nobody comes back to this open(2): the task was killed while it waited, or sent elsewhere. */
  override abandon(): void { this.file.put(); }
}
