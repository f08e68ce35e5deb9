// What the ipc subsystem keeps per machine: the name spaces of its objects. `new Ipc()` goes into kernel.ipc.
import { FutexTable } from './futex.ts';

export class Ipc {
  readonly futexes = new FutexTable();
}
