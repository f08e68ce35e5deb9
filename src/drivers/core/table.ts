// All cores by name: what `--driver NAME=isolated` may say, and what a worker can be asked to run.
import type { DevicePort, DriverCore } from './core.ts';
import { VirtioBlkCore } from './virtio-blk.ts';
import { VirtioRngCore } from './virtio-rng.ts';

export type CoreClass = new (port: DevicePort) => DriverCore;
export type CoreTable = Readonly<Record<string, CoreClass>>;

export const CORES = {
  'virtio-blk': VirtioBlkCore,
  'virtio-rng': VirtioRngCore,
} as const satisfies CoreTable;

export type CoreName = keyof typeof CORES;
