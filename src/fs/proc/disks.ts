// /proc/diskstats and /proc/partitions (proc_diskstats(5), proc_partitions(5)).
import type { Kernel } from '../../kernel/kernel.ts';
import { major, minor } from '../../abi/stat.ts';

export function showDiskstats(k: Kernel): string {
  const now = k.now();
  let text = '';
  for (const d of k.block.devices()) text += `${String(major(d.rdev)).padStart(4)} ${String(minor(d.rdev)).padStart(7)} ${d.name} ${d.stats.columns(now).join(' ')}\n`;
  return text;
}

/** Disks without a medium (free loop devices) are left out, as on Linux. */
export function showPartitions(k: Kernel): string {
  let text = 'major minor  #blocks  name\n\n';
  for (const d of k.block.devices()) {
    if (d.sectors > 0) text += `${String(major(d.rdev)).padStart(4)}  ${String(minor(d.rdev)).padStart(7)} ${String(Math.floor(d.sectors / 2)).padStart(10)} ${d.name}\n`;
  }
  return text;
}
