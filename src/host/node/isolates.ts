// Isolated driver cores in Node: a worker thread for each, with memory limits and without arguments, environment and standard streams. A worker that fails
// by itself is noticed at the next call; one that does not answer is ended by its caller.
import { Worker } from 'node:worker_threads';
import { CALL, IRQ, START } from '../../lib/mailbox.ts';
import type { DmaMemory, IsolateClient, Isolates } from '../../machine/machine.ts';
import { Isolate } from '../isolate.ts';

/** Loading a worker on a busy machine takes its time. */
const START_MS = 20_000;
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8, codeRangeSizeMb: 16, stackSizeMb: 2 };

interface Seat { readonly isolate: Isolate; readonly worker: Worker }

export class NodeIsolates implements Isolates {
  readonly #entry: URL;
  readonly #names: readonly string[];
  readonly #timeoutMs: number;
  readonly #seats = new Map<number, Seat>();
  #nextId = 0;

  /** `entry`: the worker's module; `names`: the cores it knows; `timeoutMs`: how long an operation may take. */
  constructor(entry: URL, names: readonly string[], timeoutMs = 1000) {
    this.#entry = entry;
    this.#names = names;
    this.#timeoutMs = timeoutMs;
  }

  open(core: string): number {
    if (!this.#names.includes(core)) return -1;
    const isolate = new Isolate();
    const worker = new Worker(this.#entry, {
      name: core, argv: [], execArgv: [], env: {}, stdin: false, stdout: true, stderr: true, resourceLimits: LIMITS, trackUnmanagedFds: false,
      workerData: { core, mailbox: isolate.mailbox, aperture: isolate.aperture },
    });
    worker.on('error', e => { isolate.deadBecause ||= `its worker failed: ${e.message}`; });
    worker.on('exit', code => { isolate.deadBecause ||= `its worker ended with code ${code}`; });
    worker.unref();
    const id = this.#nextId++;
    this.#seats.set(id, { isolate, worker });
    return id;
  }

  memory(id: number): DmaMemory { return this.#at(id).memory; }
  args(id: number): Float64Array { return this.#at(id).args; }
  start(id: number, client: IsolateClient): number { return this.#at(id).perform(START, client, 0, 0, 0, 0, 0, START_MS); }
  irq(id: number, client: IsolateClient): number { return this.#at(id).perform(IRQ, client, 0, 0, 0, 0, 0, this.#timeoutMs); }
  call(id: number, client: IsolateClient, op: number, a: number, b: number, c: number, d: number): number {
    return this.#at(id).perform(CALL, client, op, a, b, c, d, this.#timeoutMs);
  }

  close(id: number): void {
    const seat = this.#seats.get(id);
    this.#seats.delete(id);
    if (seat === undefined) return;
    seat.isolate.deadBecause = 'it was closed';
    void seat.worker.terminate();
  }

  /** The machine is switched off. */
  closeAll(): void { for (const id of [...this.#seats.keys()]) this.close(id); }

  /** The worker of a core, for those who want to see it die. */
  workerOf(id: number): Worker | undefined { return this.#seats.get(id)?.worker; }

  #at(id: number): Isolate { return this.#seats.get(id)!.isolate; }
}
