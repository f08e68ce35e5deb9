// What the ipc subsystem keeps per machine: the name spaces of its objects. Lives in kernel.ipc.
import { BufferBudget } from './buffer-budget.ts';
import { FutexTable } from './futex.ts';
import type { PiLock } from './futex-pi.ts';
import type { MessageQueue } from './mqueue.ts';
import { MsgTable } from './msg.ts';
import { SemTable } from './sem.ts';
import { ShmTable } from './shm.ts';

/** The share of RAM that buffers outside of it may match. */
const BUFFER_SHARE = 1 / 4;

export class Ipc {
  /** Contents of pipes, sockets and message queues. */
  readonly buffers: BufferBudget;
  readonly futexes = new FutexTable();
  /** PI locks that somebody waits for. */
  readonly piLocks = new Map<string, PiLock>();
  readonly semaphores = new SemTable();
  readonly queues = new MsgTable();
  readonly segments = new ShmTable();
  /** POSIX message queues that have a name. */
  readonly mqueues = new Map<string, MessageQueue>();
  /** All POSIX message queues: those that are only open, too. */
  mqueueCount = 0;

  constructor(ramBytes: number) {
    this.buffers = new BufferBudget(ramBytes * BUFFER_SHARE);
  }
}
