// What a module is given: the classes that drivers are made of, and the kernel. A module is kernel code with all its rights; this is a face, not a fence.
import * as errno from '../../abi/errno.ts';
import * as poll from '../../abi/poll.ts';
import { Driver, IrqHandler } from '../../kernel/device/platform.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { WaitQueue } from '../../kernel/sched/wait-queue.ts';
import { TimerTarget } from '../../kernel/time/timers.ts';
import { DeviceDriver } from '../../kernel/vfs/devices.ts';
import { Inode } from '../../kernel/vfs/inode.ts';
import { OpenFile } from '../../kernel/vfs/open-file.ts';
import { FileSystemType, SuperBlock } from '../../kernel/vfs/super-block.ts';
import type { ModuleRecord } from '../../kernel/integrity/modules.ts';

export interface ModuleApi {
  readonly kernel: Kernel;
  readonly errno: typeof errno;
  readonly poll: typeof poll;
  readonly Driver: typeof Driver;
  readonly IrqHandler: typeof IrqHandler;
  readonly DeviceDriver: typeof DeviceDriver;
  readonly OpenFile: typeof OpenFile;
  readonly Inode: typeof Inode;
  readonly SuperBlock: typeof SuperBlock;
  readonly FileSystemType: typeof FileSystemType;
  readonly TimerTarget: typeof TimerTarget;
  readonly WaitQueue: typeof WaitQueue;
  readonly log: (text: string) => void;
}

/** A module as the host has loaded it: `init` registers what it brings and answers drivers for devices of the tree, if it has any. */
export interface KernelModule extends ModuleRecord { readonly init: (api: ModuleApi) => readonly Driver[] | Driver | void }

/** Admits and starts a module; 0 or why not (kernel log). What `init` throws is the module's bug: the log says so, and the module stays in the list. */
export function insertModule(kernel: Kernel, m: KernelModule): 0 | errno.Errno {
  const { name, bytes, sha256, trust } = m;
  const r = kernel.modules.admit(kernel, { name, bytes, sha256, trust });
  if (r !== 0) return r;
  try {
    const drivers = m.init(apiOf(kernel, name)) ?? [];
    const list = Array.isArray(drivers) ? drivers as readonly Driver[] : [drivers as Driver];
    if (list.length > 0) kernel.hardware?.probe(list);
    return 0;
  } catch (e) {
    kernel.log.add(3, kernel.now(), `${name}: init failed: ${e instanceof Error ? e.stack ?? e.message : String(e)}`);
    return errno.EIO;
  }
}

function apiOf(kernel: Kernel, name: string): ModuleApi {
  return Object.freeze({
    kernel, errno, poll, Driver, IrqHandler, DeviceDriver, OpenFile, Inode, SuperBlock, FileSystemType, TimerTarget, WaitQueue,
    log: (text: string) => kernel.log.add(6, kernel.now(), `${name}: ${text}`),
  });
}
