// BusyBox carries the names of its applets in its read-only data: a sorted table of C strings that begins with "[", "[[" and ends with an
// empty one. Reading it there makes the links right for whatever BusyBox the suite has, without running it.
import { S_IFLNK } from '../host/image-tree.ts';
import type { ImageTree } from '../host/image-tree.ts';

/** Applets that administrators expect in /usr/sbin (`busybox --list-full`); all others go to /usr/bin. */
const SBIN = new Set(`acpid adjtimex arp arping blockdev brctl chroot crond depmod devmem fdisk findfs freeramdisk fsfreeze fstrim getty halt httpd
  hwclock i2cdetect i2cdump i2cget i2cset i2ctransfer ifconfig ifdown ifup init insmod ip klogd loadfont loadkmap logread losetup lsmod mdev mim
  mkdosfs mke2fs mkswap modinfo modprobe nameif nbd-client nologin partprobe pivot_root poweroff rdate reboot rmmod route run-init
  start-stop-daemon sulogin swapoff swapon switch_root sysctl syslogd tc telnetd tunctl ubirename udhcpc udhcpd uevent vconfig watchdog`.split(/\s+/));

/** The applets of the BusyBox program `elf`; empty when it has no such table. */
export function appletNames(elf: Uint8Array): string[] {
  const bytes = Buffer.from(elf.buffer, elf.byteOffset, elf.byteLength);
  for (let at = bytes.indexOf('[\0[[\0', 0, 'latin1'); at >= 0; at = bytes.indexOf('[\0[[\0', at + 1, 'latin1')) {
    const end = bytes.indexOf('\0\0', at, 'latin1');
    const names = bytes.toString('latin1', at, end < 0 ? at : end).split('\0');
    if (names.includes('sh') && names.includes('ls')) return names;
  }
  return [];
}

/** Links for every applet whose name nothing else in the tree has taken. */
export function linkApplets(tree: ImageTree, names: readonly string[]): void {
  for (const name of names) {
    if (name === 'linuxrc' || name === 'busybox') continue;
    if (['bin', 'sbin'].some(d => tree.find(`/usr/${d}/${name}`) !== undefined)) continue;
    const sbin = SBIN.has(name);
    tree.put(`/usr/${sbin ? 'sbin' : 'bin'}/${name}`, { mode: S_IFLNK | 0o777, target: sbin ? '../bin/busybox' : 'busybox' });
  }
}
