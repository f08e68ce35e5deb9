// `import { boot } from 'kspace'`: the library for Node. Images of the store and host directories by name; everything else as in machine.ts.
import type { DiskBackend, FsBackend, NetBackend } from '../host/host.ts';
import type { CaptureSink } from '../host/pcap.ts';
import type { InputKind } from '../machine/devices/input-kinds.ts';
import type { DisplaySize } from '../machine/peripherals.ts';
import { openDisk } from './node/disks.ts';
import { openRoot } from './node/root.ts';
import { loadModules } from './node/modules.ts';
import { bootOnNode } from './node/boot.ts';
import { hostMounts, type HostMount } from './node/mounts.ts';
import { type Hardening, hardenRealm } from './hardening/realm.ts';
import { Machine } from './machine.ts';
import { placements } from './placements.ts';
import { displaySize, memorySize, swapSize } from './size.ts';

export { GuestError, Machine, Process } from './machine.ts';
export type { BalloonState, ExitStatus, RunResult, SpawnOptions } from './machine.ts';
export type { HostMount } from './node/mounts.ts';
export type { InputKind } from '../machine/devices/input-kinds.ts';
export type { DisplaySize } from '../machine/peripherals.ts';
export type { KeyAction } from './input.ts';
export type { DiskBackend, FsBackend, NetBackend, NetListener } from '../host/host.ts';
export { createHub, Hub } from '../host/hub.ts';
export type { CaptureSink } from '../host/pcap.ts';

export interface BootOptions {
  /** An image of the store, a host directory, or a file system back end. Default: 'busybox', which builds itself on first use. */
  image?: string | FsBackend;
  /** The image must be sealed (kspace image seal) and have this root hash; its kernel checks every page that it reads. */
  rootHash?: string;
  /** RAM: bytes, or '64M', '1G'. Default 512 MiB. */
  memory?: number | string;
  /** Default 'kspace'. */
  hostname?: string;
  /** Repeatable run: time, random numbers and scheduling follow from it. */
  seed?: number;
  /** The root file system cannot be written to (by default changes go to memory). */
  readOnly?: boolean;
  /** Host directories to show, by path in the guest. */
  mounts?: Readonly<Record<string, HostMount>>;
  /** Disks, /dev/vda and so on: what --disk takes ('FILE[,ro][,cow]', 'mem:64M', an http(s) address), or back ends. */
  disks?: readonly (string | DiskBackend)[];
  /** Where drivers run: inside the kernel (default), or each in a worker of its own ... */
  drivers?: 'monolithic' | 'hybrid';
  /** ... and those that are different, by name: { 'virtio-blk': 'isolated' }. */
  driver?: Readonly<Record<string, 'kernel' | 'isolated'>>;
  /** A display, /dev/fb0: `machine.screenshot()` shows what is on it. */
  display?: DisplaySize;
  /** Input devices, /dev/input/event0 and so on in this order: `machine.input` moves them. */
  input?: readonly InputKind[];
  /** Network cards, eth0 and so on, by their wires: ports of a `createHub()`, which joins machines of this program, or back ends of one's own. */
  network?: readonly (NetBackend | { readonly wire: NetBackend; readonly capture: CaptureSink })[];
  /**
   * 'realm': before anything else the objects of the language are made unchangeable in the whole realm of this program, for good, and no text becomes code
   * (SECURITY.md). Default 'none': the realm is yours. A worker of your own (examples/own-worker.mjs) has a realm of its own.
   */
  hardening?: Hardening;
  /** Modules of the kernel, by file, and the trust lists that vouch for them (kspace module). One that nobody vouches for taints the kernel; under lockdown it is refused. */
  modules?: readonly string[];
  trust?: readonly string[];
  /** What even root may not do to the kernel (kernel_lockdown(7)). */
  lockdown?: 'integrity' | 'confidentiality';
  /** Swap space, in this program's memory: bytes, or '512M'. */
  swap?: number | string;
}

/** Switches a machine on and mounts its root file system. */
export async function boot(options: BootOptions = {}): Promise<Machine> {
  if (options.hardening === 'realm') hardenRealm();
  const { rootHash } = options;
  const root = typeof options.image === 'object' ? { fs: options.image } : await openRoot(options.image, 'read-only', rootHash === undefined ? undefined : { rootHash });
  const sealed = 'sealed' in root ? root.sealed : undefined;
  const loaded = await loadModules(options.modules ?? [], options.trust ?? [], options.lockdown !== undefined);
  return new Machine(bootOnNode({
    memoryBytes: memorySize(options.memory), hostname: options.hostname ?? 'kspace', seed: options.seed, root: sealed?.fs ?? root.fs, rootHash: sealed?.rootHash,
    measured: [...'measured' in root ? [root.measured] : [], ...loaded.measured], modules: loaded.modules, sandbox: { lockdown: options.lockdown },
    rootAccess: options.readOnly === true ? 'read-only' : 'overlay', mounts: await hostMounts(options.mounts ?? {}),
    disks: await Promise.all((options.disks ?? []).map((d, i) => (typeof d === 'string' ? openDisk(d) : { id: `disk${i}`, backend: d }))),
    nets: options.network?.map((n, i) => ({ id: `net${i}`, ...('wire' in n ? n : { wire: n }) })), display: displaySize(options.display), inputs: options.input, swapBytes: swapSize(options.swap), drivers: placements(options.drivers, options.driver),
    console: undefined, trace: undefined,
  }));
}
