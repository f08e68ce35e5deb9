// Isolated driver cores in Node: a worker thread for each, with memory limits and without arguments, environment and standard streams. A worker that fails
// by itself is noticed at the next call; one that does not answer is ended by its caller.
import { Worker } from 'node:worker_threads';
import { Isolate } from '../isolate.ts';
import { IsolateSeats } from '../isolate-seats.ts';

/** Loading a worker on a busy machine takes its time. */
const START_MS = 20_000;
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8, codeRangeSizeMb: 16, stackSizeMb: 2 };

export class NodeIsolates extends IsolateSeats<Worker> {
  readonly #entry: URL;

  /** `entry`: the worker's module; `names`: the cores it knows; `timeoutMs`: how long an operation may take. */
  constructor(entry: URL, names: readonly string[], timeoutMs = 1000) {
    super(names, START_MS, timeoutMs);
    this.#entry = entry;
  }

  open(core: string): number {
    if (!this.names.includes(core)) return -1;
    const isolate = new Isolate();
    const worker = new Worker(this.#entry, {
      name: core, argv: [], execArgv: [], env: {}, stdin: false, stdout: true, stderr: true, resourceLimits: LIMITS, trackUnmanagedFds: false,
      workerData: { core, mailbox: isolate.mailbox, aperture: isolate.aperture },
    });
    worker.on('error', e => { isolate.deadBecause ||= `its worker failed: ${e.message}`; });
    worker.on('exit', code => { isolate.deadBecause ||= `its worker ended with code ${code}`; });
    worker.unref();
    return this.seat({ isolate, worker });
  }
}
