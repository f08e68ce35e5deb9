// Signals as a file (signalfd(2)): reading takes signals of a set off the reader's pending queues.
import { type Errno, EAGAIN, EINVAL } from '../../abi/errno.ts';
import { SignalfdSiginfo } from '../../abi/eventfd.ts';
import { O_RDWR } from '../../abi/fcntl.ts';
import { POLLIN } from '../../abi/poll.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import { dequeue } from '../signal/send.ts';
import type { SigInfo } from '../signal/state.ts';
import type { Task } from '../task/task.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';

const record = SignalfdSiginfo.view();

export class SignalFile extends OpenFile {
  maskLo: number;
  maskHi: number;
  /** The thread group leader's: every signal for the process or one of its threads wakes it. */
  private readonly queue: WaitQueue;

  constructor(t: Task, flags: number, maskLo: number, maskHi: number) {
    super(anonInode(t.kernel, 0o600), flags | O_RDWR);
    this.maskLo = maskLo;
    this.maskHi = maskHi;
    this.queue = t.process.leader.signalWaiters ??= new WaitQueue();
  }

  override get anonName(): string { return 'anon_inode:[signalfd]'; }
  override get waiters(): WaitQueue { return this.queue; }
  /** Moves nothing, and is no error. */
  override seek(): number { return 0; }

  /** As many records as fit and are there. */
  override read(t: Task, io: IoBuffer): number | Errno {
    if (io.remaining < SignalfdSiginfo.size) return EINVAL;
    let done = 0;
    while (io.remaining >= SignalfdSiginfo.size && this.poll(t) !== 0) {
      const probe = io.putZeros(SignalfdSiginfo.size); // a fault must not cost the signal
      if (probe !== SignalfdSiginfo.size) return done > 0 ? done : probe;
      io.rewind(SignalfdSiginfo.size);
      encode(dequeue(t, this.maskLo, this.maskHi)!);
      io.put(record.bytes, 0, SignalfdSiginfo.size);
      done += SignalfdSiginfo.size;
    }
    return done > 0 ? done : EAGAIN;
  }

  override poll(t: Task): number {
    const { pending, process } = t;
    const lo = (pending.lo | process.pending.lo) & this.maskLo, hi = (pending.hi | process.pending.hi) & this.maskHi;
    return lo !== 0 || hi !== 0 ? POLLIN : 0;
  }
}

function encode(info: SigInfo): void {
  record.zero();
  record.ssi_signo = info.signo;
  record.ssi_errno = info.errno ?? 0;
  record.ssi_code = info.code;
  record.ssi_pid = info.pid ?? 0;
  record.ssi_uid = info.uid ?? 0;
  record.ssi_fd = info.fd ?? 0;
  record.ssi_band = info.band ?? 0;
  record.ssi_tid = info.timerId ?? 0;
  record.ssi_overrun = info.overrun ?? 0;
  record.ssi_status = info.status ?? 0;
  record.ssi_utime = info.utime ?? 0;
  record.ssi_stime = info.stime ?? 0;
  record.ssi_addr = info.addr ?? 0;
  record.ssi_int = info.valueLo ?? 0;
  record.ssi_ptr_lo = info.valueLo ?? 0;
  record.ssi_ptr_hi = info.valueHi ?? 0;
}
