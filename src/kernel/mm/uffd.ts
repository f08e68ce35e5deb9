// userfaultfd(2): a file that hears of page faults and resolves them from user space. A fault that it is to resolve parks its task and becomes a
// message; the task tries again when the page was put there (uffd-ioctl.ts) or somebody woke it.
// Events of the non-cooperative mode are queued behind the faults that came before them, in order, and hold nobody up; while one is unread, pages
// cannot be put (EAGAIN), so that a monitor never acts on a layout that is gone.
import { type Errno, EAGAIN, EFAULT, EINVAL, isErr } from '../../abi/errno.ts';
import { O_NONBLOCK, O_RDWR } from '../../abi/fcntl.ts';
import { POLLERR, POLLIN, POLLRDNORM } from '../../abi/poll.ts';
import { BUS_ADRERR, SIGBUS } from '../../abi/signal.ts';
import {
  UFFD_EVENT_FORK, UFFD_EVENT_PAGEFAULT, UFFD_EVENT_REMAP, UFFD_EVENT_REMOVE, UFFD_EVENT_UNMAP, UFFD_FEATURE_EVENT_FORK, UFFD_FEATURE_EVENT_REMAP,
  UFFD_FEATURE_EVENT_REMOVE, UFFD_FEATURE_EVENT_UNMAP, UFFD_FEATURE_EXACT_ADDRESS, UFFD_FEATURE_SIGBUS, UFFD_FEATURE_THREAD_ID,
  UFFD_PAGEFAULT_FLAG_WP, UFFD_PAGEFAULT_FLAG_WRITE, UffdMsg,
} from '../../abi/userfaultfd.ts';
import { ACCESS_WRITE, type Access, PAGE_SIZE } from '../../machine/machine.ts';
import { WaitQueue } from '../sched/wait-queue.ts';
import type { Task } from '../task/task.ts';
import { anonInode } from '../vfs/anon-inode.ts';
import type { IoBuffer } from '../vfs/io-buffer.ts';
import { OpenFile } from '../vfs/open-file.ts';
import type { AddressSpace } from './address-space.ts';
import { pageDown, vpnOf } from './layout.ts';
import { uffdIoctl } from './uffd-ioctl.ts';
import { VM_UFFD, VM_UFFD_MISSING, VM_UFFD_WP, type Vma } from './vma.ts';

const msg = UffdMsg.view();
const words = new DataView(msg.bytes.buffer, msg.bytes.byteOffset);
/** The three words of a message's argument. */
const ARG = 8;

/** A message that waits to be read; `task` of a page fault, `child` of a fork. */
interface Message { event: number; a: number; b: number; c: number; task: Task | null; child: Userfaultfd | null }

export class Userfaultfd extends OpenFile {
  /** Whose memory it watches. */
  readonly mm: AddressSpace;
  /** UFFD_FEATURE_* agreed on by UFFDIO_API; -1 before. */
  features = -1;
  /** Only faults of user mode are reported (UFFD_USER_MODE_ONLY). */
  private readonly userModeOnly: boolean;
  private messages: Message[] = [];
  /** Tasks that wait for a page, and where: until they are woken they are not reported again. */
  private readonly faults = new Map<Task, number>();
  private readonly sleepers = new WaitQueue();
  private readonly readers = new WaitQueue();
  /** What fork made last: all mappings of one child share one. */
  private lastChild: Userfaultfd | null = null;

  constructor(t: Task, mm: AddressSpace, flags: number, scope: 'all faults' | 'user mode only') {
    super(anonInode(t.kernel, 0o600), (flags & O_NONBLOCK) | O_RDWR);
    this.mm = mm;
    this.userModeOnly = scope === 'user mode only';
  }

  override get anonName(): string { return 'anon_inode:[userfaultfd]'; }
  override get waiters(): WaitQueue { return this.readers; }
  override ioctl(t: Task, cmd: number, arg: number): number | Errno { return uffdIoctl(this, t, cmd, arg); }

  override poll(): number {
    if (this.features < 0 || (this.flags & O_NONBLOCK) === 0) return POLLERR;
    return this.hasMessage() ? POLLIN | POLLRDNORM : 0;
  }

  /** Whole messages, as many as fit. */
  override read(t: Task, io: IoBuffer): number | Errno {
    if (this.features < 0 || io.remaining < UffdMsg.size) return EINVAL;
    let done = 0;
    while (io.remaining >= UffdMsg.size && this.hasMessage()) {
      const m = this.messages[0]!;
      const r = this.write1(t, m, io);
      if (isErr(r)) return done > 0 ? done : r;
      this.messages.shift();
      done += UffdMsg.size;
    }
    return done > 0 ? done : EAGAIN;
  }

  /** Nothing waits for us any more. */
  override release(): void {
    if (this.mm.users > 0) for (let v = this.mm.list.first; v !== null; v = v.next) if (v.uffd === this) unwatch(v);
    for (const m of this.messages) m.child?.put();
    this.messages = [];
    this.wakeAll();
  }

  // --- faults --------------------------------------------------------------------------------------------------------------------------------

  /** Is the access to the page at `addr` ours? 0: no. Else what the fault answers: the task is parked, or gets a signal. */
  check(t: Task, v: Vma, addr: number, pte: number, access: Access): 0 | Errno {
    const isWrite = access === ACCESS_WRITE;
    if (isWrite && (v.vmFlags & VM_UFFD_WP) !== 0 && this.mm.isWriteProtected(vpnOf(addr))) {
      return this.fault(t, addr, UFFD_PAGEFAULT_FLAG_WP | UFFD_PAGEFAULT_FLAG_WRITE);
    }
    if (pte !== 0 || (v.vmFlags & VM_UFFD_MISSING) === 0 || !isMissing(v, addr)) return 0;
    return this.fault(t, addr, isWrite ? UFFD_PAGEFAULT_FLAG_WRITE : 0);
  }

  private fault(t: Task, addr: number, flags: number): Errno {
    if ((this.features & UFFD_FEATURE_SIGBUS) !== 0 || (this.userModeOnly && t.syscallNr >= 0)) {
      Object.assign(this.mm.lastFault, { signo: SIGBUS, code: BUS_ADRERR, addr });
      return EFAULT;
    }
    const page = pageDown(addr);
    const r = t.waitOn(this.sleepers, 'userfaultfd');
    if (this.faults.get(t) === page) return r;      // woken by something else
    this.faults.set(t, page);
    const at = (this.features & UFFD_FEATURE_EXACT_ADDRESS) !== 0 ? addr : page;
    this.tell({ event: UFFD_EVENT_PAGEFAULT, a: flags, b: at, c: (this.features & UFFD_FEATURE_THREAD_ID) !== 0 ? t.tid : 0, task: t, child: null });
    return r;
  }

  /** Tasks that wait for a page of [start, end) try again. */
  wake(start: number, end: number): void {
    let any = false;
    for (const [t, page] of this.faults) {
      if (page < start || page >= end) continue;
      this.faults.delete(t);
      any = true;
    }
    if (any) this.sleepers.wake();
  }
  private wakeAll(): void { this.wake(0, Infinity); }

  // --- events --------------------------------------------------------------------------------------------------------------------------------

  /** An event is unread: the memory is not as the monitor believes. */
  get isChanging(): boolean { return this.messages.some(m => m.event !== UFFD_EVENT_PAGEFAULT); }

  /** fork(2): who watches the child's copy of a mapping; null: nobody. */
  forChild(t: Task, to: AddressSpace): Userfaultfd | null {
    if ((this.features & UFFD_FEATURE_EVENT_FORK) === 0) return null;
    if (this.lastChild?.mm === to) return this.lastChild;
    const child = new Userfaultfd(t, to, this.flags, this.userModeOnly ? 'user mode only' : 'all faults');
    child.features = this.features;
    this.lastChild = child;
    this.tell({ event: UFFD_EVENT_FORK, a: 0, b: 0, c: 0, task: null, child });
    return child;
  }

  /** mremap(2): does the mapping stay ours at its new place? */
  moved(from: number, to: number, length: number): 'watched' | 'left alone' {
    if ((this.features & UFFD_FEATURE_EVENT_REMAP) === 0) return 'left alone';
    this.tell({ event: UFFD_EVENT_REMAP, a: from, b: to, c: length, task: null, child: null });
    return 'watched';
  }

  /** madvise(2) takes pages away. */
  removed(start: number, end: number): void { this.tellRange(UFFD_FEATURE_EVENT_REMOVE, UFFD_EVENT_REMOVE, start, end); }

  /** The mapping of [start, end) is gone. */
  unmapped(start: number, end: number): void {
    this.tellRange(UFFD_FEATURE_EVENT_UNMAP, UFFD_EVENT_UNMAP, start, end);
    this.wake(start, end);
  }

  private tellRange(feature: number, event: number, start: number, end: number): void {
    if ((this.features & feature) !== 0) this.tell({ event, a: start, b: end, c: 0, task: null, child: null });
  }

  private tell(m: Message): void {
    this.messages.push(m);
    this.readers.wake(POLLIN | POLLRDNORM);
  }

  /** Faults whose task has died or was woken meanwhile are not news. */
  private hasMessage(): boolean {
    while (this.messages.length > 0) {
      const m = this.messages[0]!;
      if (m.task === null || this.faults.has(m.task)) return true;
      this.messages.shift();
    }
    return false;
  }

  private write1(t: Task, m: Message, io: IoBuffer): number | Errno {
    msg.zero();
    msg.event = m.event;
    const fd = m.child === null ? -1 : installChild(t, m.child);
    if (isErr(fd) && m.child !== null) return fd;
    [m.child === null ? m.a : fd, m.b, m.c].forEach((x, i) => {
      words.setUint32(ARG + 8 * i, x >>> 0, true);
      words.setUint32(ARG + 8 * i + 4, Math.floor(x / 2 ** 32), true);
    });
    const n = io.put(msg.bytes, 0, UffdMsg.size);
    if (n < UffdMsg.size && m.child !== null) {
      const file = t.files.remove(fd);
      if (!isErr(file)) file.get().put();
    }
    return isErr(n) ? n : n < UffdMsg.size ? EFAULT : n;
  }
}

/** The reader of a fork event gets the child's descriptor; the message's reference goes with it. */
function installChild(t: Task, child: Userfaultfd): number | Errno { return t.files.install(t, child, 'cloexec'); }

/** No page there, neither here nor swapped out, though there could be one. */
function isMissing(v: Vma, addr: number): boolean {
  if (v.pages === null) return true;
  const index = v.indexOf(addr);
  return index * PAGE_SIZE < v.pages.size && !v.pages.has(index);
}

/** The mapping is nobody's any more. */
export function unwatch(v: Vma): void {
  if ((v.vmFlags & VM_UFFD_WP) !== 0) v.mm.forgetWriteProtection(v.start, v.end);
  v.uffd = null;
  v.vmFlags &= ~VM_UFFD;
}
