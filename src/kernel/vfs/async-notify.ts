// Signal-driven I/O (fcntl(2), F_SETOWN, F_SETSIG, O_ASYNC): a waiter on the file's queue that turns readiness into a signal for the owner.
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../../abi/poll.ts';
import { FASYNC } from '../../abi/fcntl.ts';
import { POLL_ERR, POLL_HUP, POLL_IN, POLL_OUT, POLL_PRI, SI_KERNEL, SIGIO } from '../../abi/signal.ts';
import { Waiter, type WaitQueue } from '../sched/wait-queue.ts';
import { sendToProcess, sendToTask } from '../signal/send.ts';
import type { SigInfo } from '../signal/state.ts';
import type { Process } from '../task/process.ts';
import type { OpenFile } from './open-file.ts';

/** What F_SETOWN was given: a process, one thread, or a group; and whose word that was. */
export interface FileOwner { readonly kind: 'thread' | 'process' | 'group'; readonly id: number; readonly uid: number; readonly euid: number }

/** si_code and si_band by event, the most telling first. */
const KINDS: readonly (readonly [events: number, code: number, band: number])[] = [
  [POLLIN | POLLRDNORM, POLL_IN, POLLIN | POLLRDNORM], [POLLOUT | POLLWRNORM, POLL_OUT, POLLOUT | POLLWRNORM | POLLWRBAND],
  [POLLHUP, POLL_HUP, POLLHUP | POLLERR], [POLLERR, POLL_ERR, POLLERR], [POLLPRI, POLL_PRI, POLLPRI | POLLRDBAND],
];

export class AsyncNotifier extends Waiter {
  private readonly file: OpenFile;
  private readonly queue: WaitQueue;
  /** The descriptor that asked: si_fd. */
  private readonly fd: number;

  constructor(file: OpenFile, queue: WaitQueue, fd: number) {
    super();
    this.file = file;
    this.queue = queue;
    this.fd = fd;
    queue.add(this);
  }
  stop(): void { this.queue.remove(this); }

  /** A wake-up without events means "look": the file says what is true. */
  notify(events: number): void {
    const file = this.file;
    if (file.owner === null) return;
    const now = events === 0 ? file.poll(file.inode.sb.kernel.current) : events;
    const kind = KINDS.find(([bits]) => (now & bits) !== 0);
    if (kind === undefined) return;
    const [, code, band] = kind;
    const info: SigInfo = file.ownerSignal === 0 ? { signo: SIGIO, code: SI_KERNEL } : { signo: file.ownerSignal, code, band, fd: this.fd };
    send(file, file.owner, info);
  }
}

/** F_SETFL or FIOASYNC may have switched O_ASYNC. */
export function updateAsync(file: OpenFile, fd: number): void {
  const wanted = (file.flags & FASYNC) !== 0;
  if (wanted && file.notifier === null && file.waiters !== null) file.notifier = new AsyncNotifier(file, file.waiters, fd);
  if (wanted || file.notifier === null) return;
  file.notifier.stop();
  file.notifier = null;
}

function send(file: OpenFile, owner: FileOwner, info: SigInfo): void {
  const { pids } = file.inode.sb.kernel;
  switch (owner.kind) {
    case 'thread': {
      const t = pids.tasks.get(owner.id);
      if (t !== undefined && mayReach(owner, t.process)) sendToTask(t, info);
      return;
    }
    case 'process': {
      const p = pids.processes.get(owner.id);
      if (p !== undefined && mayReach(owner, p)) sendToProcess(p, info);
      return;
    }
    case 'group':
      for (const p of [...pids.groups.get(owner.id)?.members ?? []]) if (mayReach(owner, p)) sendToProcess(p, { ...info });
  }
}

/** As kill(2) by the one who set the owner. */
function mayReach(owner: FileOwner, p: Process): boolean {
  const { uid, suid } = p.leader.cred;
  return owner.euid === 0 || owner.euid === uid || owner.euid === suid || owner.uid === uid || owner.uid === suid;
}
