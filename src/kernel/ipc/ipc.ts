// What the ipc subsystem keeps per machine: the name spaces of its objects. `new Ipc()` goes into kernel.ipc.
import { FutexTable } from './futex.ts';
import type { MessageQueue } from './mqueue.ts';
import { MsgTable } from './msg.ts';
import { SemTable } from './sem.ts';
import { ShmTable } from './shm.ts';

export class Ipc {
  readonly futexes = new FutexTable();
  readonly semaphores = new SemTable();
  readonly queues = new MsgTable();
  readonly segments = new ShmTable();
  /** POSIX message queues that have a name. */
  readonly mqueues = new Map<string, MessageQueue>();
}
