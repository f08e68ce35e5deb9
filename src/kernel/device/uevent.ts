// Kernel events (Linux: lib/kobject_uevent, netlink(7) NETLINK_KOBJECT_UEVENT): devices that come, go and change, told to whoever listens on multicast
// group 1. A message is the action and path, then NUL-separated KEY=VALUE.
import type { Kernel } from '../kernel.ts';
import { latin1Encode } from '../../lib/utf8.ts';

export type UeventAction = 'add' | 'remove' | 'change' | 'bind' | 'unbind' | 'move' | 'online' | 'offline';
export const UEVENT_ACTIONS: readonly UeventAction[] = ['add', 'remove', 'change', 'bind', 'unbind', 'move', 'online', 'offline'];

export const NETLINK_KOBJECT_UEVENT = 15;
const GROUP_KERNEL = 1;

/** Part of the kernel: `kernel.uevents`. */
export class Uevents {
  private readonly kernel: Kernel;
  /** /sys/kernel/uevent_seqnum. */
  seqnum = 0;
  constructor(kernel: Kernel) { this.kernel = kernel; }

  /** `path`: below /sys, without a leading slash. */
  emit(action: UeventAction, path: string, subsystem: string, more: readonly string[]): void {
    const seq = ++this.seqnum;
    const { netlink } = this.kernel.net;
    if (!netlink.hasListeners(NETLINK_KOBJECT_UEVENT, GROUP_KERNEL)) return;
    const lines = [`${action}@/${path}`, `ACTION=${action}`, `DEVPATH=/${path}`, `SUBSYSTEM=${subsystem}`, ...more, `SEQNUM=${seq}`];
    netlink.multicast(NETLINK_KOBJECT_UEVENT, GROUP_KERNEL, latin1Encode(lines.map(l => `${l}\0`).join('')));
  }
}
