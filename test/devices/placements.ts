// Both places of a driver's core, for tests that every driver has to pass in each.
import { after } from 'node:test';
import { CORES } from '../../src/drivers/core/table.ts';
import { NodeIsolates } from '../../src/host/node/isolates.ts';
import type { Placement, Placements } from '../../src/kernel/device/manager.ts';
import type { Rng } from '../../src/lib/rng.ts';
import { workerModule } from '../../src/system/node/isolates.ts';
import { SEED_WORD, THROWS_AT } from './faulty-core.ts';

export const PLACEMENTS: readonly Placement[] = ['kernel', 'isolated'];

const NAMES = [...Object.keys(CORES), 'thermometer'];

/** Workers for tests: all cores, and the guide's. They end with the tests of the file. */
export function testIsolates(): NodeIsolates { return closed(new NodeIsolates(workerModule('test-driver-worker'), NAMES, 5000)); }

/** Where drivers run in tests that do not say: KSPACE_DRIVERS=hybrid npm test ..., and hybrid.test.ts. */
export const placementsOfRun = (): Placements => ({ otherwise: process.env['KSPACE_DRIVERS'] === 'hybrid' ? 'isolated' : 'kernel', byName: {} });
export const isolatesOfRun = (): NodeIsolates | undefined => (process.env['KSPACE_DRIVERS'] === 'hybrid' ? testIsolates() : undefined);

/** How long one of those may take. */
export const PATIENCE_MS = 60;

/** Cores that fail, each in its own way (faulty-core.ts), or are killed from outside, while `faults` are left. */
export class SickIsolates extends NodeIsolates {
  faults: number;
  /** What every core does at once. */
  bootFailure: 'throw' | 'hang' | 'nothing' = 'nothing';
  /** They fail at their first accesses to the device, not at any of the first thousand. */
  isHasty = false;
  /** When the next cores are to throw, one after the other. */
  readonly orders: number[] = [];
  /** Cores that have a worker, and the last that got one. */
  inUse = 0;
  latest = -1;
  private readonly rng: Rng;
  constructor(rng: Rng, faults: number) {
    super(workerModule('test-driver-worker'), NAMES, PATIENCE_MS);
    this.rng = rng;
    this.faults = faults;
    closed(this);
  }
  override open(core: string): number {
    const id = super.open(core);
    this.inUse++;
    this.latest = id;
    if (this.bootFailure !== 'nothing') this.args(id)[SEED_WORD] = this.bootFailure === 'throw' ? -1 : -2;
    const at = this.orders.shift();
    if (at !== undefined) this.args(id)[SEED_WORD] = THROWS_AT - at;
    if (at !== undefined || this.faults-- <= 0) return id;
    if (this.rng.below(8) === 0) setTimeout(() => { void this.workerOf(id)?.terminate(); }, this.rng.below(30));
    else this.args(id)[SEED_WORD] = (1 + this.rng.below(2 ** 30)) * 2 + (this.isHasty ? 1 : 0);
    return id;
  }
  override close(id: number): void {
    super.close(id);
    this.inUse--;
  }
}

function closed<I extends NodeIsolates>(isolates: I): I {
  after(() => isolates.closeAll());
  return isolates;
}
