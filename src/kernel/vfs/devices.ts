// Character and block devices by number (mknod(2), null(4)): drivers register a range of minors, open(2) of a special file finds them here.
// The nodes that /dev shows are registered beside; devtmpfs listens.
import { type Fallible, ENXIO } from '../../abi/errno.ts';
import { major, makedev, minor } from '../../abi/stat.ts';
import type { Task } from '../task/task.ts';
import type { Inode } from './inode.ts';
import type { OpenFile } from './open-file.ts';

/** What stands behind a device number. State is in the object, not in closures. */
export abstract class DeviceDriver {
  /** A description for this special file; `minor(inode.rdev)` says which of the driver's devices. EAGAIN, EBUSY, EIO, ENXIO, BLOCKED ... */
  abstract open(t: Task, inode: Inode, flags: number): Fallible<OpenFile>;
}

export type DeviceKind = 'character' | 'block';

/** A row of /proc/devices. */
export interface DeviceRange {
  readonly kind: DeviceKind; readonly major: number; readonly firstMinor: number; readonly count: number;
  readonly name: string; readonly driver: DeviceDriver;
}

/** A node that /dev should have: 'null', 'pts/ptmx'. `mode`: permission bits. */
export interface DeviceNode {
  readonly name: string; readonly kind: DeviceKind; readonly rdev: number; readonly mode: number; readonly uid: number; readonly gid: number;
}

/** Hears of nodes that come and go (devtmpfs). */
export abstract class NodeListener {
  abstract added(node: DeviceNode): void;
  abstract removed(node: DeviceNode): void;
}

export class DeviceTable {
  readonly ranges: DeviceRange[] = [];
  readonly nodes = new Map<string, DeviceNode>();
  readonly listeners = new Set<NodeListener>();
  /** Counts nodes that came and went. */
  generation = 0;

  /** Minors [firstMinor, firstMinor + count) of a major belong to `driver`. */
  register(kind: DeviceKind, major: number, firstMinor: number, count: number, name: string, driver: DeviceDriver): void {
    this.ranges.push({ kind, major, firstMinor, count, name, driver });
  }

  /** /dev shall have a node. */
  addNode(name: string, kind: DeviceKind, major: number, minor: number, mode: number, owner: { uid: number; gid: number } = { uid: 0, gid: 0 }): void {
    const node: DeviceNode = { name, kind, rdev: makedev(major, minor), mode, uid: owner.uid, gid: owner.gid };
    this.nodes.set(name, node);
    this.generation++;
    for (const l of this.listeners) l.added(node);
  }

  removeNode(name: string): void {
    const node = this.nodes.get(name);
    if (node === undefined) return;
    this.nodes.delete(name);
    this.generation++;
    for (const l of this.listeners) l.removed(node);
  }

  find(kind: DeviceKind, rdev: number): DeviceDriver | null {
    const [ma, mi] = [major(rdev), minor(rdev)];
    for (const r of this.ranges) if (r.kind === kind && r.major === ma && mi >= r.firstMinor && mi < r.firstMinor + r.count) return r.driver;
    return null;
  }

  /** open(2) of a special file. */
  open(t: Task, kind: DeviceKind, inode: Inode, flags: number): Fallible<OpenFile> {
    return this.find(kind, inode.rdev)?.open(t, inode, flags) ?? ENXIO;
  }
}
