// The library for browsers: the root file system is given as a back end (memoryFs, or one of your own); nothing here needs Node.
import type { FsBackend, NetBackend } from '../../host/host.ts';
import type { InputKind } from '../../machine/devices/input-kinds.ts';
import type { DisplaySize } from '../../machine/peripherals.ts';
import { CORES } from '../../drivers/core/table.ts';
import { IsolatePool, type WorkerLike } from '../../host/isolate-pool.ts';
import { UserError } from '../../host/user-error.ts';
import { Computer } from '../computer.ts';
import { type Hardening, hardenRealm } from '../hardening/realm.ts';
import { Machine } from '../machine.ts';
import { placements, wantsIsolation } from '../placements.ts';
import { displaySize, memorySize } from '../size.ts';

export { memoryFs } from '../../host/memory-fs.ts';
export { GuestError, Machine, Process } from '../machine.ts';
export type { BalloonState, ExitStatus, RunResult, SpawnOptions } from '../machine.ts';
export type { FsBackend, NetBackend, NetListener } from '../../host/host.ts';
export { createHub, Hub } from '../../host/hub.ts';

export interface BootOptions {
  /** The root file system. What the guest changes goes to memory. */
  root: FsBackend;
  /** RAM in bytes; default 512 MiB. */
  memory?: number;
  hostname?: string;
  /** A display, /dev/fb0: `machine.screen()` shows what is on it. */
  display?: DisplaySize;
  /** Input devices, /dev/input/event0 and so on in this order: `machine.input` moves them. */
  input?: readonly InputKind[];
  /** Network cards, eth0 and so on, by their wires: ports of a `createHub()`, which joins machines of this page. */
  network?: readonly NetBackend[];
  /** As in Node: where drivers run, and those that are different. */
  drivers?: 'monolithic' | 'hybrid';
  driver?: Readonly<Record<string, 'kernel' | 'isolated'>>;
  /**
   * Starts a worker for an isolated driver: `() => new Worker(new URL('kspace/driver-worker', import.meta.url), { type: 'module' })`, the module being
   * src/system/browser/driver-worker.ts. The page must be cross-origin isolated.
   */
  driverWorker?: () => WorkerLike;
  /** As in Node: 'realm' makes the objects of the language unchangeable in the whole page, for good. Default 'none'. */
  hardening?: Hardening;
  /** Repeatable run: time, random numbers and scheduling follow from it. */
  seed?: number;
}

/** Workers that are ready before the machine is: a driver for each of its devices, and one that fails. */
const RESERVE = 8;

/** Switches a machine on. */
export async function boot(options: BootOptions): Promise<Machine> {
  if (options.hardening === 'realm') hardenRealm();
  const where = placements(options.drivers, options.driver);
  const isolates = where === undefined || options.driverWorker === undefined ? undefined
    : await IsolatePool.create(options.driverWorker, Object.keys(CORES), RESERVE);
  if (isolates === undefined && where !== undefined && wantsIsolation(where)) throw new UserError('isolated drivers need `driverWorker`');
  const seedSec = 1_767_225_600;
  const ms = options.seed === undefined ? Date.now() : seedSec * 1000;
  const start = performance.now();
  return new Machine(new Computer({
    memoryBytes: memorySize(options.memory), hostname: options.hostname ?? 'kspace', seed: options.seed, root: options.root, rootAccess: 'overlay',
    display: displaySize(options.display), inputs: options.input, nets: options.network?.map((wire, i) => ({ id: `net${i}`, wire })), mounts: [], console: undefined, trace: undefined, drivers: where,
  }, {
    isolates,
    clock: { nowNs: () => Math.floor((performance.now() - start) * 1e6), bootSec: Math.floor(ms / 1000), bootNsec: (ms % 1000) * 1e6 },
    entropy: { fill: bytes => { for (let i = 0; i < bytes.length; i += 65_536) crypto.getRandomValues(bytes.subarray(i, i + 65_536) as Uint8Array<ArrayBuffer>); } },
    report: line => { console.error(line); },
  }));
}
