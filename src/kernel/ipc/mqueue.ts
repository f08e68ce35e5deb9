// POSIX message queues (mq_overview(7)): messages by priority, oldest first among equals. Open queues are files, names a flat table.
import { type Errno, EAGAIN, EINVAL, EMSGSIZE } from '../../abi/errno.ts';
import { SEEK_CUR, SEEK_SET } from '../../abi/fcntl.ts';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import { SI_MESGQ, SIGEV_NONE, SIGEV_SIGNAL } from '../../abi/signal.ts';
import { S_IFREG } from '../../abi/stat.ts';
import { latin1Encode } from '../../lib/utf8.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import { sendToProcess } from '../signal/send.ts';
import type { Process } from '../task/process.ts';
import type { Task } from '../task/task.ts';
import type { UserCounts } from '../task/user-counts.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import type { Inode } from '../vfs/inode.ts';
import { OpenFile } from '../vfs/open-file.ts';

/** /proc/sys/fs/mqueue: what an unprivileged process may ask for, and gets by default. */
export const MQ_MSG_MAX = 10, MQ_MSGSIZE_MAX = 8192, MQ_QUEUES_MAX = 256;
export const MQ_PRIO_MAX = 32768;

/** What RLIMIT_MSGQUEUE counts (getrlimit(2)): room for all messages, and their heads. */
export const mqueueBytes = (max: number, size: number): number => max * size + Math.min(max, MQ_PRIO_MAX) * 48 + max * 48;

interface Queued { readonly priority: number; readonly bytes: Uint8Array }

/** mq_notify(3): who is told once of a message in an empty queue. signo 0: only registered (SIGEV_NONE). */
export interface MqNotify { readonly process: Process; readonly file: MqFile; readonly signo: number; readonly valueLo: number; readonly valueHi: number }

/** st_size of a queue: room for its status line. */
const STATUS_SIZE = 80;

export class MessageQueue {
  /** Whose RLIMIT_MSGQUEUE it counts against, and with how much. */
  private readonly owner: UserCounts;
  private readonly charged: number;
  /** Its name, and each open description. */
  private users = 0;
  /** Mode, owner and group, which fchmod(2) and fchown(2) change; the same for all descriptors. */
  readonly inode: Inode;
  readonly maxMessages: number;
  readonly maxSize: number;
  readonly messages: Queued[] = [];
  readonly waiters = new WaitQueue();
  notify: MqNotify | null = null;

  constructor(t: Task, mode: number, maxMessages: number, maxSize: number) {
    this.owner = t.kernel.users.of(t.cred.uid);
    this.charged = mqueueBytes(maxMessages, maxSize);
    this.owner.messageBytes += this.charged;
    t.kernel.ipc.mqueueCount++;
    this.inode = anonInode(t.kernel, S_IFREG | mode);
    this.inode.size = STATUS_SIZE;
    this.maxMessages = maxMessages;
    this.maxSize = maxSize;
  }

  hold(): void { this.users++; }
  /** After the last one the queue is gone, and counts no more. */
  drop(): void {
    if (--this.users > 0) return;
    this.owner.messageBytes -= this.charged;
    this.inode.sb.kernel.ipc.mqueueCount--;
  }

  send(t: Task, io: IoBuffer, priority: number): 0 | Errno {
    if (io.remaining > this.maxSize) return EMSGSIZE;
    if (this.messages.length >= this.maxMessages) return EAGAIN;
    const bytes = new Uint8Array(io.remaining);
    const n = bytes.length === 0 ? 0 : io.take(bytes, 0, bytes.length);
    if (n < 0) return n as Errno;
    const wasEmpty = this.messages.length === 0;
    let at = this.messages.length;
    while (at > 0 && this.messages[at - 1]!.priority < priority) at--;
    this.messages.splice(at, 0, { priority, bytes });
    const awaited = [...this.waiters.waiters].some(w => (w as Partial<Task>).waitReason === RECEIVING);
    this.waiters.wake(POLLIN | POLLRDNORM);
    if (wasEmpty && !awaited) this.tell(t);
    return 0;
  }

  private tell(t: Task): void {
    const n = this.notify;
    this.notify = null;
    if (n === null || n.signo === 0) return;
    sendToProcess(n.process, { signo: n.signo, code: SI_MESGQ, pid: t.process.pid, uid: t.cred.uid, valueLo: n.valueLo, valueHi: n.valueHi });
  }

  /** The message is received. */
  shift(): void {
    this.messages.shift();
    this.waiters.wake(POLLOUT | POLLWRNORM);
  }
}

/** `waitReason` of tasks in mq_timedreceive. */
export const RECEIVING = 'mq_receive';

export class MqFile extends OpenFile {
  readonly mq: MessageQueue;
  readonly name: string;
  constructor(mq: MessageQueue, name: string, flags: number) {
    super(mq.inode, flags);
    this.mq = mq;
    this.name = name;
    mq.hold();
  }
  override release(): void { this.mq.drop(); }
  override get anonName(): string { return `/${this.name}`; }
  override get waiters(): WaitQueue { return this.mq.waiters; }
  override poll(): number {
    const { messages, maxMessages } = this.mq;
    return (messages.length > 0 ? POLLIN | POLLRDNORM : 0) | (messages.length < maxMessages ? POLLOUT | POLLWRNORM : 0);
  }
  override get isSeekable(): boolean { return true; }
  override seek(_t: Task, offset: number, whence: number): number | Errno {
    const to = whence === SEEK_SET ? offset : whence === SEEK_CUR ? this.pos + offset : -1;
    return to < 0 ? EINVAL : (this.pos = to);
  }
  /** The status line of mq_overview(7), "Mounting the message queue filesystem". */
  override read(_t: Task, io: IoBuffer, pos: number): number | Errno {
    const { messages, notify } = this.mq;
    let bytes = 0;
    for (const m of messages) bytes += m.bytes.length;
    const field = (value: number, width: number): string => String(value).padEnd(width);
    const how = notify !== null && notify.signo === 0 ? SIGEV_NONE : SIGEV_SIGNAL;
    const line = latin1Encode(`QSIZE:${field(bytes, 10)} NOTIFY:${field(notify === null ? 0 : how, 5)} SIGNO:${field(notify?.signo ?? 0, 5)} NOTIFY_PID:${field(notify?.process.pid ?? 0, 6)}\n`);
    return pos >= line.length ? 0 : io.put(line, pos, Math.min(io.remaining, line.length - pos));
  }
  /** Any close by the registered process ends its registration. */
  override flush(t: Task): 0 {
    if (this.mq.notify?.process === t.process && this.mq.notify.file === this) this.mq.notify = null;
    return 0;
  }
}
