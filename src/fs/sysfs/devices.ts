// The device model in sysfs: platform devices and what sits behind them, buses with their devices and drivers, disks with their queues and partitions
// (Linux: Documentation/admin-guide/sysfs-rules.rst, Documentation/ABI/stable/sysfs-block). Paths and links are those that udev and lsblk look for.
import { major, minor } from '../../abi/stat.ts';
import type { BlockDevice } from '../../kernel/block/disk.ts';
import { ueventLines } from '../../kernel/block/block-layer.ts';
import type { PlatformDevice } from '../../kernel/device/platform.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { addDirectory, addText, linkTo, type SysNode } from './nodes.ts';

type Tree = Map<string, SysNode>;

/** /sys/devices/platform and /sys/bus. */
export function addPlatform(tree: Tree, k: Kernel): void {
  for (const bus of ['platform', 'virtio']) {
    addDirectory(tree, `bus/${bus}/devices`);
    addDirectory(tree, `bus/${bus}/drivers`);
  }
  const { hardware } = k;
  for (const driver of hardware?.drivers ?? []) {
    const home = `bus/platform/drivers/${driver.name}`;
    addText(tree, `${home}/bind`, '', { action: 'bind', name: driver.name });
    addText(tree, `${home}/unbind`, '', { action: 'unbind', name: driver.name });
  }
  for (const d of hardware?.devices ?? []) addPlatformDevice(tree, d);
}

/** /sys/block, /sys/class/block and what they lead to. */
export function addBlocks(tree: Tree, k: Kernel): void {
  for (const d of k.block.devices()) addBlockDevice(tree, d, k.now());
}

function addPlatformDevice(tree: Tree, d: PlatformDevice): void {
  const home = d.sysPath;
  const compatible = d.node.strings('compatible');
  const lines = [...(d.driver === null ? [] : [`DRIVER=${d.driver.name}`]), `OF_NAME=${d.node.name.replace(/@.*/, '')}`, `OF_FULLNAME=/soc/${d.node.name}`,
    ...compatible.map((c, i) => `OF_COMPATIBLE_${i}=${c}`), `OF_COMPATIBLE_N=${compatible.length}`];
  addText(tree, `${home}/uevent`, lines.join('\n'), { action: 'uevent', name: home });
  addText(tree, `${home}/modalias`, `of:N${d.node.name.replace(/@.*/, '')}T(null)${compatible.map(c => `C${c}`).join('')}`);
  linkTo(tree, `${home}/subsystem`, 'bus/platform');
  linkTo(tree, `bus/platform/devices/${d.busName}`, home);
  if (d.driver !== null) {
    linkTo(tree, `${home}/driver`, `bus/platform/drivers/${d.driver.name}`);
    linkTo(tree, `bus/platform/drivers/${d.driver.name}/${d.busName}`, home);
  }
  const { child } = d;
  for (const [name, text] of Object.entries(d.handler?.attributes ?? {})) addText(tree, `${child === null ? home : `${home}/${child.name}`}/${name}`, text);
  if (child === null) return;
  const inner = `${home}/${child.name}`;
  addText(tree, `${inner}/uevent`, `DRIVER=${child.driver}\nMODALIAS=${child.modalias}`, { action: 'uevent', name: inner });
  addText(tree, `${inner}/modalias`, child.modalias);
  for (const [name, text] of Object.entries(child.attributes)) addText(tree, `${inner}/${name}`, text);
  linkTo(tree, `${inner}/subsystem`, `bus/${child.bus}`);
  linkTo(tree, `${inner}/driver`, `bus/${child.bus}/drivers/${child.driver}`);
  linkTo(tree, `bus/${child.bus}/devices/${child.name}`, inner);
  linkTo(tree, `bus/${child.bus}/drivers/${child.driver}/${child.name}`, inner);
}

function addBlockDevice(tree: Tree, d: BlockDevice, now: number): void {
  const home = d.sysPath;
  const number = `${major(d.rdev)}:${minor(d.rdev)}`;
  const { disk } = d;
  const rows: Record<string, string> = {
    dev: number, size: String(d.sectors), ro: d.isReadOnly ? '1' : '0', stat: ` ${d.stats.columns(now).map(n => String(n).padStart(8)).join(' ')}`,
    inflight: `${String(0).padStart(8)} ${String(d.stats.inFlight).padStart(8)}`, alignment_offset: '0', discard_alignment: '0',
  };
  for (const [name, text] of Object.entries(rows)) addText(tree, `${home}/${name}`, text);
  addText(tree, `${home}/uevent`, ueventLines(d).join('\n'), { action: 'uevent', name: home });
  linkTo(tree, `${home}/subsystem`, 'class/block');
  linkTo(tree, `class/block/${d.name}`, home);
  linkTo(tree, `dev/block/${number}`, home);
  addDirectory(tree, `${home}/holders`);
  if (d.partition !== 0) {
    addText(tree, `${home}/partition`, String(d.partition));
    addText(tree, `${home}/start`, String(d.start));
    return;
  }
  linkTo(tree, `block/${d.name}`, home);
  addDirectory(tree, `${home}/slaves`);
  if (disk.parentPath !== '') linkTo(tree, `${home}/device`, disk.parentPath);
  if (disk.serial !== '') addText(tree, `${home}/serial`, disk.serial);
  if (disk.driver.backingFile !== '') addText(tree, `${home}/loop/backing_file`, disk.driver.backingFile);
  addText(tree, `${home}/removable`, '0');
  addText(tree, `${home}/hidden`, '0');
  addText(tree, `${home}/capability`, '0');
  addText(tree, `${home}/range`, String(disk.minors));
  addText(tree, `${home}/ext_range`, '256');
  addText(tree, `${home}/diskseq`, String(disk.seq));
  addQueue(tree, `${home}/queue`, d);
}

function addQueue(tree: Tree, home: string, { disk }: BlockDevice): void {
  const { limits } = disk;
  const rows: Record<string, string | number> = {
    scheduler: '[mq-deadline]', rotational: 0, logical_block_size: limits.logicalBlock, hw_sector_size: limits.logicalBlock, physical_block_size: limits.physicalBlock,
    minimum_io_size: limits.physicalBlock, optimal_io_size: 0, max_sectors_kb: limits.maxSectors / 2, max_hw_sectors_kb: limits.maxSectors / 2,
    max_segments: limits.maxSegments,
    discard_granularity: limits.maxDiscardSectors > 0 ? 4096 : 0, discard_max_bytes: limits.maxDiscardSectors * 512, discard_zeroes_data: 0,
    write_zeroes_max_bytes: limits.maxZeroSectors * 512, write_cache: limits.cache.replace('-', ' '), fua: 0, read_ahead_kb: 128, nr_requests: 128, nomerges: 0,
    add_random: 0, iostats: 1, zoned: 'none', dax: 0,
  };
  for (const [name, value] of Object.entries(rows)) addText(tree, `${home}/${name}`, String(value));
  addText(tree, `${home}/io_timeout`, String(disk.watch.timeoutNs / 1e6), { action: 'io-timeout', name: disk.name });
}
