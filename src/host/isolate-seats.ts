// Isolated cores and their workers by number, and what is done with them: the same for every kind of worker. How one comes up is the host's (`open`).
import { CALL, IRQ, START } from '../lib/mailbox.ts';
import type { DmaMemory, IsolateClient, Isolates } from '../machine/machine.ts';
import type { Isolate } from './isolate.ts';

export interface Seat<W> { readonly isolate: Isolate; readonly worker: W }

export abstract class IsolateSeats<W extends { terminate(): unknown }> implements Isolates {
  protected readonly names: readonly string[];
  readonly #seats = new Map<number, Seat<W>>();
  readonly #startMs: number;
  readonly #timeoutMs: number;
  #nextId = 0;

  /** `names`: the cores that workers know; `startMs`, `timeoutMs`: how long a worker's coming up and any operation may take. */
  constructor(names: readonly string[], startMs: number, timeoutMs: number) {
    this.names = names;
    this.#startMs = startMs;
    this.#timeoutMs = timeoutMs;
  }

  abstract open(core: string): number;

  memory(id: number): DmaMemory { return this.#at(id).memory; }
  args(id: number): Float64Array { return this.#at(id).args; }
  start(id: number, client: IsolateClient): number { return this.#at(id).perform(START, client, 0, 0, 0, 0, 0, this.#timeoutMs, this.#startMs); }
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
  workerOf(id: number): W | undefined { return this.#seats.get(id)?.worker; }

  /** A core has its worker: its number. */
  protected seat(seat: Seat<W>): number {
    const id = this.#nextId++;
    this.#seats.set(id, seat);
    return id;
  }

  #at(id: number): Isolate { return this.#seats.get(id)!.isolate; }
}
