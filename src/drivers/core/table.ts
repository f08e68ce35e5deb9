// All cores by name: what `--driver NAME=isolated` may say, and what a worker can be asked to run.
import type { DevicePort, DriverCore } from './core.ts';
import { VirtioBalloonCore } from './virtio-balloon.ts';
import { VirtioBlkCore } from './virtio-blk.ts';
import { VirtioConsoleCore } from './virtio-console.ts';
import { VirtioFsCore } from './virtio-fs.ts';
import { VirtioGpuCore } from './virtio-gpu.ts';
import { VirtioInputCore } from './virtio-input.ts';
import { VirtioNetCore } from './virtio-net.ts';
import { VirtioRngCore } from './virtio-rng.ts';

export type CoreClass = new (port: DevicePort) => DriverCore;
export type CoreTable = Readonly<Record<string, CoreClass>>;

export const CORES = {
  'virtio-balloon': VirtioBalloonCore,
  'virtio-blk': VirtioBlkCore,
  'virtio-console': VirtioConsoleCore,
  'virtio-fs': VirtioFsCore,
  'virtio-gpu': VirtioGpuCore,
  'virtio-input': VirtioInputCore,
  'virtio-net': VirtioNetCore,
  'virtio-rng': VirtioRngCore,
} as const satisfies CoreTable;

export type CoreName = keyof typeof CORES;
