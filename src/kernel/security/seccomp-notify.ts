// User notification (seccomp_unotify(2)): a call that a filter sends to a supervisor waits, as plain data, for the answer that comes through the
// listener's descriptor. The supervisor may look at the target's memory meanwhile, but what it reads can change: it must not decide on it alone.
import {
  type Errno, EBADF, EINPROGRESS, EINVAL, ENOENT, ENOSYS, ERESTARTSYS, EMFILE, isErr,
} from '../../abi/errno.ts';
import { O_CLOEXEC, O_RDWR } from '../../abi/fcntl.ts';
import { POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/poll.ts';
import { RLIMIT_NOFILE } from '../../abi/resource.ts';
import * as abi from '../../abi/seccomp.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import { isDoomed } from '../signal/send.ts';
import type { Task } from '../task/task.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import { OpenFile } from '../vfs/open-file.ts';
import type { CallFate, SeccompFilter } from './seccomp.ts';

/** One call that waits. */
export class Notice {
  readonly id: number;
  readonly task: Task;
  readonly listener: SeccompListener;
  readonly filter: SeccompFilter;
  /** The words of its struct seccomp_data. */
  readonly data: Int32Array;
  state: 'new' | 'sent' | 'replied' = 'new';
  result = 0;
  goesOn = false;
  /** The task that waits. */
  readonly queue = new WaitQueue();

  constructor(id: number, task: Task, listener: SeccompListener, filter: SeccompFilter, data: Int32Array) {
    this.id = id;
    this.task = task;
    this.listener = listener;
    this.filter = filter;
    this.data = data;
  }

  /** The waiting task runs: has it been answered? A signal takes the question back, unless the supervisor has it and wants to keep it. */
  resume(t: Task): CallFate {
    if (this.state === 'replied') {
      this.withdraw();
      t.notice = null;
      t.restart = null;
      if (this.goesOn) return 'runs';
      t.verdict = this.result;
      return 'answered';
    }
    if (t.signalPending && !(this.filter.waitKillable && this.state === 'sent' && !isDoomed(t))) {
      this.withdraw();
      t.notice = null;
      t.verdict = ERESTARTSYS;
      return 'waits';
    }
    return this.wait(t);
  }

  wait(t: Task): CallFate {
    if (this.filter.waitKillable && this.state === 'sent') {
      t.alsoWaitOn(this.queue);
      t.verdict = t.waitKillable('seccomp');
    } else {
      t.verdict = t.waitOn(this.queue, 'seccomp');
    }
    return 'waits';
  }

  /** The question is void: its id is unknown from now on. */
  withdraw(): void { this.listener.notices.delete(this.id); }

  reply(result: number, how: 'answer' | 'continue'): void {
    this.state = 'replied';
    this.result = result;
    this.goesOn = how === 'continue';
    this.queue.wake();
  }
}

/** The descriptor that SECCOMP_FILTER_FLAG_NEW_LISTENER gives. */
export class SeccompListener extends OpenFile {
  filter: SeccompFilter | null = null;
  readonly notices = new Map<number, Notice>();
  private readonly queue = new WaitQueue();
  private nextId: number;

  constructor(t: Task) {
    super(anonInode(t.kernel, 0o600), O_RDWR);
    this.nextId = t.kernel.random.below(2 ** 31) * 2 ** 20;
  }

  override get anonName(): string { return 'anon_inode:seccomp notify'; }
  override get waiters(): WaitQueue { return this.queue; }

  /** Sends a call of the current task to the supervisor. */
  ask(t: Task, filter: SeccompFilter, data: Int32Array): CallFate {
    const notice = new Notice(++this.nextId, t, this, filter, data.slice());
    if (t.signalPending) {
      t.verdict = ERESTARTSYS;
      return 'waits';
    }
    this.notices.set(notice.id, notice);
    t.notice = notice;
    this.queue.wake(POLLIN | POLLRDNORM);
    return notice.wait(t);
  }

  /** No task obeys the filter any more. */
  hangUp(): void { this.queue.wake(POLLHUP); }

  override poll(): number {
    let events = this.filter === null || this.filter.users === 0 ? POLLHUP : 0;
    for (const n of this.notices.values()) events |= n.state === 'new' ? POLLIN | POLLRDNORM : n.state === 'sent' ? POLLOUT | POLLWRNORM : 0;
    return events;
  }

  override release(): void {
    if (this.filter !== null) this.filter.listener = null;
    for (const n of this.notices.values()) if (n.state !== 'replied') n.reply(ENOSYS, 'answer');
  }

  override ioctl(t: Task, cmd: number, arg: number): number | Errno {
    switch (cmd) {
      case abi.SECCOMP_IOCTL_NOTIF_RECV: return this.receive(t, arg);
      case abi.SECCOMP_IOCTL_NOTIF_SEND: return this.send(t, arg);
      case abi.SECCOMP_IOCTL_NOTIF_ID_VALID: case ID_VALID_WRONG_DIR: {
        const r = t.user.loadU64(arg);
        if (isErr(r)) return r;
        return this.notices.get(t.user.value)?.state === 'sent' ? 0 : ENOENT;
      }
      case abi.SECCOMP_IOCTL_NOTIF_ADDFD: return this.addFd(t, arg);
      case abi.SECCOMP_IOCTL_NOTIF_SET_FLAGS: return (arg & ~abi.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) === 0 ? 0 : EINVAL; // a hint to the scheduler
      default: return EINVAL;
    }
  }

  private receive(t: Task, arg: number): number | Errno {
    const out = abi.SeccompNotif.view();
    const { bytes } = out;
    const r = t.user.copyIn(arg, bytes);
    if (isErr(r)) return r;
    if (bytes.some(b => b !== 0)) return EINVAL;
    let notice: Notice | undefined;
    for (const n of this.notices.values()) if (n.state === 'new') { notice = n; break; }
    if (notice === undefined) return this.filter === null || this.filter.users === 0 ? ENOENT : t.waitOn(this.queue, 'seccomp notification');
    out.id = notice.id;
    out.pid = notice.task.tid;
    bytes.set(new Uint8Array(notice.data.buffer), abi.SeccompNotif.offsets.data);
    const w = t.user.copyOut(arg, bytes);
    if (isErr(w)) return w;
    notice.state = 'sent';
    this.queue.wake(POLLOUT | POLLWRNORM);
    // It waits on, but from now on only a fatal signal may disturb it.
    if (notice.filter.waitKillable && notice.task.state === 'S') notice.task.state = 'D';
    return 0;
  }

  private send(t: Task, arg: number): number | Errno {
    const resp = abi.SeccompNotifResp.view();
    const r = t.user.copyIn(arg, resp.bytes);
    if (isErr(r)) return r;
    if ((resp.flags & ~abi.SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0) return EINVAL;
    const goesOn = (resp.flags & abi.SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0;
    if (goesOn && (resp.error !== 0 || resp.val !== 0)) return EINVAL;
    const notice = this.notices.get(resp.id);
    if (notice === undefined) return ENOENT;
    if (notice.state !== 'sent') return EINPROGRESS;
    notice.reply(resp.error !== 0 ? resp.error : resp.val, goesOn ? 'continue' : 'answer');
    return 0;
  }

  /** SECCOMP_IOCTL_NOTIF_ADDFD: one of the supervisor's files becomes a descriptor of the target. */
  private addFd(t: Task, arg: number): number | Errno {
    const q = abi.SeccompNotifAddfd.view();
    const r = t.user.copyIn(arg, q.bytes);
    if (isErr(r)) return r;
    const { flags, newfd } = q;
    if ((q.newfd_flags & ~O_CLOEXEC) !== 0 || (flags & ~(abi.SECCOMP_ADDFD_FLAG_SETFD | abi.SECCOMP_ADDFD_FLAG_SEND)) !== 0) return EINVAL;
    const placed = (flags & abi.SECCOMP_ADDFD_FLAG_SETFD) !== 0;
    if (newfd !== 0 && !placed) return EINVAL;
    const file = t.files.get(q.srcfd | 0);
    if (isErr(file)) return file;
    const notice = this.notices.get(q.id);
    if (notice === undefined) return ENOENT;
    if (notice.state !== 'sent') return EINPROGRESS;
    const target = notice.task;
    const cloexec = (q.newfd_flags & O_CLOEXEC) !== 0 ? 'cloexec' : 'keep';
    if (placed && newfd >= target.process.rlimits[RLIMIT_NOFILE]!.soft) return EBADF;
    const fd = placed ? newfd : target.files.lowestFree();
    if (fd >= target.process.rlimits[RLIMIT_NOFILE]!.soft) return EMFILE;
    file.get();
    const old = target.files.remove(fd);
    target.files.set(fd, file, cloexec);
    if (!isErr(old)) old.put();
    if ((flags & abi.SECCOMP_ADDFD_FLAG_SEND) !== 0) notice.reply(fd, 'answer');
    return fd;
  }
}

/** The number that early headers gave SECCOMP_IOCTL_NOTIF_ID_VALID. */
const ID_VALID_WRONG_DIR = 0x80082102;
