// Isolated driver cores where a worker takes its time to come up and nobody may wait for it: pages. Workers are started ahead and kept in reserve; a core
// takes one that is ready, and another is started for the next. Pages must be cross-origin isolated (SharedArrayBuffer).
import { Isolate } from './isolate.ts';
import { IsolateSeats, type Seat } from './isolate-seats.ts';
import { UserError } from './user-error.ts';

/** As much of a DOM Worker as is needed. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
}

const START_MS = 5000;

export class IsolatePool extends IsolateSeats<WorkerLike> {
  readonly #make: () => WorkerLike;
  readonly #ready: Seat<WorkerLike>[] = [];
  #isClosed = false;

  private constructor(make: () => WorkerLike, names: readonly string[], timeoutMs: number) {
    super(names, START_MS, timeoutMs);
    this.#make = make;
  }

  /** A pool with `reserve` workers that are ready. `make` starts one (system/browser/driver-worker.ts is its module). */
  static async create(make: () => WorkerLike, names: readonly string[], reserve: number, timeoutMs = 1000): Promise<IsolatePool> {
    if (typeof SharedArrayBuffer === 'undefined' || (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === false) {
      throw new UserError('isolated drivers need a page that is cross-origin isolated (headers Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy)');
    }
    const pool = new IsolatePool(make, names, timeoutMs);
    await Promise.all(Array.from({ length: reserve }, () => pool.#prepare()));
    return pool;
  }

  /** Resolves when the worker waits for a core. */
  #prepare(): Promise<void> {
    return new Promise((resolve, reject) => {
      const isolate = new Isolate();
      const worker = this.#make();
      worker.onmessage = () => {
        if (this.#isClosed) return worker.terminate();
        this.#ready.push({ isolate, worker });
        resolve();
      };
      worker.onerror = e => {
        isolate.deadBecause ||= `its worker failed: ${e.message ?? ''}`;
        reject(new UserError(`the worker of a driver did not start: ${e.message ?? ''}`));
      };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin.
      worker.postMessage({ core: '', mailbox: isolate.mailbox, aperture: isolate.aperture });
    });
  }

  /** -1 also while no worker is ready: the driver is started again later. */
  open(core: string): number {
    if (!this.names.includes(core)) return -1;
    const seat = this.#ready.shift();
    void this.#prepare().catch(() => {});
    if (seat === undefined) return -1;
    const { args } = seat.isolate;
    args[0] = core.length;
    for (let i = 0; i < core.length; i++) args[1 + i] = core.charCodeAt(i);
    return this.seat(seat);
  }

  /** The machine is switched off. */
  override closeAll(): void {
    this.#isClosed = true;
    super.closeAll();
    for (const { worker } of this.#ready.splice(0)) worker.terminate();
  }
}
