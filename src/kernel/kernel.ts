// The kernel object: where the subsystems find each other. One per machine; all of it plain data.
import type { Machine, Hart } from '../machine/machine.ts';
import type { Xoshiro } from '../lib/rng.ts';
import type { Frames } from './mm/frames.ts';
import type { UserMemory } from './mm/user.ts';
import type { Scheduler } from './sched/scheduler.ts';
import type { Timers } from './time/timers.ts';
import type { WallClock } from './time/wall-clock.ts';
import type { FileSystemType } from './vfs/super-block.ts';
import type { MountTable } from './vfs/mount-table.ts';
import type { DeviceTable } from './vfs/devices.ts';
import type { PidTable } from './task/pid-table.ts';
import type { KernelLog } from './trace/log.ts';
import type { Task } from './task/task.ts';
import type { Ipc } from './ipc/ipc.ts';
import type { Network } from './net/network.ts';
import type { Timestamp } from './vfs/inode.ts';

export interface Kernel {
  readonly machine: Machine;
  readonly hart: Hart;
  readonly frames: Frames;
  /** User memory of the current task. */
  readonly user: UserMemory;
  readonly sched: Scheduler;
  readonly timers: Timers;
  readonly clock: WallClock;
  readonly pids: PidTable;
  readonly mounts: MountTable;
  /** Character and block device drivers by number. */
  readonly devices: DeviceTable;
  readonly filesystems: Map<string, FileSystemType>;
  /** Kernel entropy (seeded from virtio-rng, or from --seed). */
  readonly rng: Xoshiro;
  readonly log: KernelLog;
  /** Futexes, System V objects, ... by key: `new Ipc()`. */
  readonly ipc: Ipc;
  /** Socket families and their name spaces: `new Network()`. */
  readonly net: Network;
  hostname: string;
  domainname: string;
  /** The task that runs, or ran last; system calls are always by it. */
  current: Task;

  /** CLOCK_MONOTONIC in ns: exact integer. */
  now(): number;
  /** CLOCK_REALTIME, for file times. A fresh object. */
  realtime(): Timestamp;
  /** Makes a parked task runnable (spurious wake-ups are legal). */
  wakeTask(t: Task): void;
  /** Wakes `t` at `deadlineNs` unless it wakes before. */
  armSleep(t: Task, deadlineNs: number): void;
  /** A device number for an anonymous super block (major 0). */
  nextDev(): number;
  /** An inode number for anonymous inodes (pipes, sockets, ...). */
  nextIno(): number;
}
