// All screens of the machine (Linux: fbmem.c): numbers, nodes in /dev, events for udev. Part of the kernel: `kernel.fb`.
import { type Fallible, ENODEV } from '../../abi/errno.ts';
import { minor } from '../../abi/stat.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../task/task.ts';
import { DeviceDriver } from '../vfs/devices.ts';
import type { Inode } from '../vfs/inode.ts';
import type { OpenFile } from '../vfs/open-file.ts';
import { FbFile } from './fb-file.ts';
import type { FrameBuffer } from './frame-buffer.ts';

/** Documentation/admin-guide/devices.txt. */
export const FB_MAJOR = 29;
const FB_MAX = 32;
/** The group "video" of Debian. */
const MODE = 0o660, VIDEO = 44;

export class FbLayer {
  private readonly kernel: Kernel;
  readonly screens: FrameBuffer[] = [];
  private readonly nodes: FbNodes;
  private isRegistered = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.nodes = new FbNodes(this);
  }

  /** False: all numbers are in use. */
  add(screen: FrameBuffer): boolean {
    let n = 0;
    while (this.screens.some(s => s.minor === n)) n++;
    if (n >= FB_MAX) return false;
    screen.minor = n;
    this.screens.push(screen);
    const { devices, uevents } = this.kernel;
    if (!this.isRegistered) devices.register('character', FB_MAJOR, 0, FB_MAX, 'fb', this.nodes);
    this.isRegistered = true;
    devices.addNode(`fb${n}`, 'character', FB_MAJOR, n, MODE, { uid: 0, gid: VIDEO });
    uevents.emit('add', fbPath(screen), 'graphics', fbEnvironment(screen));
    return true;
  }

  remove(screen: FrameBuffer): void {
    const at = this.screens.indexOf(screen);
    if (at < 0) return;
    this.screens.splice(at, 1);
    screen.gone();
    this.kernel.devices.removeNode(`fb${screen.minor}`);
    this.kernel.uevents.emit('remove', fbPath(screen), 'graphics', fbEnvironment(screen));
  }

  /** Whatever was drawn is on its way to the displays. */
  flush(): void { for (const screen of this.screens) screen.flush(); }

  byMinor(n: number): FrameBuffer | undefined { return this.screens.find(s => s.minor === n); }
}

/** Below /sys. */
export const fbPath = (s: FrameBuffer): string => `${s.parentPath}/graphics/fb${s.minor}`;
export const fbEnvironment = (s: FrameBuffer): string[] => [`MAJOR=${FB_MAJOR}`, `MINOR=${s.minor}`, `DEVNAME=fb${s.minor}`];

class FbNodes extends DeviceDriver {
  private readonly layer: FbLayer;
  constructor(layer: FbLayer) {
    super();
    this.layer = layer;
  }
  open(_t: Task, inode: Inode, flags: number): Fallible<OpenFile> {
    const screen = this.layer.byMinor(minor(inode.rdev));
    return screen === undefined ? ENODEV : new FbFile(inode, flags, screen);
  }
}
