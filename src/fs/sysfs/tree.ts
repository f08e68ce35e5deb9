// What sysfs shows (sysfs(5)), computed from kernel data: CPUs, devices by class and by number, a few settings of the kernel, mount points.
// Every file is a line or a few; writing means something for a few of them (control.ts).
import { FB_MAJOR } from '../../kernel/fb/fb-layer.ts';
import { addBlocks, addPlatform } from './devices.ts';
import { addGadgets } from './gadgets.ts';
import { MEM_MAJOR, TTY_MAJORS } from './majors.ts';
import { addInterfaces } from './net.ts';
import { addDirectory, addLink, addText, type SysNode } from './nodes.ts';
import { major, minor } from '../../abi/stat.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { DeviceNode } from '../../kernel/vfs/devices.ts';

type Tree = Map<string, SysNode>;

/** Pieces of the tree that can be made by themselves. */
export const PARTS: readonly ((tree: Tree, k: Kernel) => void)[] = [addFixed, addChanging, addDevices, addPlatform, addBlocks, addGadgets, addInterfaces];

/** The whole tree, parents before children; paths without a leading slash. */
export function sysTree(k: Kernel): Tree {
  const tree: Tree = new Map([['', 'directory']]);
  for (const add of PARTS) add(tree, k);
  return tree;
}

function addFixed(tree: Tree, k: Kernel): void {
  for (const path of MOUNT_POINTS) addDirectory(tree, path);
  for (const [path, text] of Object.entries(SETTINGS)) addText(tree, path, text);
  addCpus(tree, k.machine.harts.length);
}

function addChanging(tree: Tree, k: Kernel): void { addText(tree, 'kernel/uevent_seqnum', String(k.uevents.seqnum)); }

function addDevices(tree: Tree, k: Kernel): void {
  for (const node of k.devices.nodes.values()) if (!node.name.includes('/') && node.kind === 'character' && major(node.rdev) !== FB_MAJOR) addDevice(tree, node);
}

/** Directories that stand empty, or wait for something to be mounted on them. */
const MOUNT_POINTS = [
  'block', 'bus', 'class', 'dev/block', 'dev/char', 'devices', 'firmware', 'fs/bpf', 'fs/cgroup', 'fs/fuse/connections', 'fs/pstore',
  'kernel/config', 'kernel/debug', 'kernel/security', 'kernel/tracing', 'module', 'power',
];

const FIXED: ReadonlySet<string> = fixedPaths();

/** A directory of every machine, whatever its devices. */
export const isFixed = (path: string): boolean => FIXED.has(path);

function fixedPaths(): ReadonlySet<string> {
  const tree = new Map<string, SysNode>([['', 'directory']]);
  for (const path of MOUNT_POINTS) addDirectory(tree, path);
  return new Set(tree.keys());
}

/** What exists in one form only. No huge pages, one node of memory, one clock. */
const SETTINGS: Readonly<Record<string, string>> = {
  'devices/system/clocksource/clocksource0/available_clocksource': 'riscv_clocksource',
  'devices/system/clocksource/clocksource0/current_clocksource': 'riscv_clocksource',
  'devices/system/node/has_cpu': '0',
  'devices/system/node/has_memory': '0',
  'devices/system/node/online': '0',
  'devices/system/node/possible': '0',
  'kernel/address_bits': '64',
  'kernel/cpu_byteorder': 'little',
  'kernel/kexec_crash_loaded': '0',
  'kernel/kexec_loaded': '0',
  'kernel/mm/transparent_hugepage/defrag': 'always defer defer+madvise madvise [never]',
  'kernel/mm/transparent_hugepage/enabled': 'always madvise [never]',
  'kernel/mm/transparent_hugepage/hpage_pmd_size': '2097152',
  'kernel/mm/transparent_hugepage/shmem_enabled': 'always within_size advise [never] deny force',
  'kernel/mm/transparent_hugepage/use_zero_page': '0',
  'kernel/profiling': '0',
};

/** /sys/devices/system/cpu: ranges, and a directory for each hart (cputopology.rst). Every hart is a core of its own in one package. */
function addCpus(tree: Map<string, SysNode>, count: number): void {
  const base = 'devices/system/cpu';
  const all = count === 1 ? '0' : `0-${count - 1}`;
  const mask = ((2 ** Math.min(count, 32)) - 1).toString(16);
  for (const name of ['online', 'possible', 'present']) addText(tree, `${base}/${name}`, all);
  addText(tree, `${base}/offline`, '');
  addText(tree, `${base}/isolated`, '');
  addText(tree, `${base}/kernel_max`, String(count - 1));
  for (let cpu = 0; cpu < count; cpu++) {
    const topology = `${base}/cpu${cpu}/topology`;
    const own = (1 << cpu).toString(16);
    const rows: Record<string, string> = {
      core_cpus: own, core_cpus_list: String(cpu), core_id: String(cpu), core_siblings: mask, core_siblings_list: all, package_cpus: mask,
      package_cpus_list: all, physical_package_id: '0', thread_siblings: own, thread_siblings_list: String(cpu),
    };
    for (const [name, text] of Object.entries(rows)) addText(tree, `${topology}/${name}`, text);
  }
  addText(tree, 'devices/system/node/node0/cpulist', all);
  addText(tree, 'devices/system/node/node0/cpumap', mask);
}

/** A device: its directory under devices/virtual, and links to it by class and by number. */
function addDevice(tree: Map<string, SysNode>, node: DeviceNode): void {
  const [ma, mi] = [major(node.rdev), minor(node.rdev)];
  const group = classOf(node);
  const home = `devices/virtual/${group}/${node.name}`;
  addText(tree, `${home}/dev`, `${ma}:${mi}`);
  addText(tree, `${home}/uevent`, `MAJOR=${ma}\nMINOR=${mi}\nDEVNAME=${node.name}`);
  addLink(tree, `${home}/subsystem`, `../../../../class/${group}`);
  addLink(tree, `class/${group}/${node.name}`, `../../${home}`);
  addLink(tree, `dev/char/${ma}:${mi}`, `../../${home}`);
}

function classOf(node: DeviceNode): string {
  const ma = major(node.rdev);
  if (ma === MEM_MAJOR) return 'mem';
  return TTY_MAJORS.includes(ma) ? 'tty' : 'misc';
}
