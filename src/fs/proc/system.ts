// Global files of /proc about CPU, time and the kernel as a whole (proc(5), proc_stat(5), proc_cpuinfo(5), proc_loadavg(5)).
import type { Kernel } from '../../kernel/kernel.ts';
import { KERNEL_RELEASE, KERNEL_VERSION } from '../../kernel/version.ts';
import type { Entries } from '../pseudo/entry.ts';
import { seconds, ticks } from './format.ts';
import { showDiskstats, showPartitions } from './disks.ts';
import { showLocks } from './locks.ts';

/** What the hart executes, in canonical order, as /proc/cpuinfo and the device tree of Linux machines spell it. */
const ISA = 'rv64imafdc_zicond_zicsr_zifencei_zihintpause_zba_zbb_zbs';

export const SYSTEM_FILES: Entries<Kernel> = {
  cgroups: { mode: 0o444, show: () => '#subsys_name\thierarchy\tnum_cgroups\tenabled\n' },
  cmdline: { mode: 0o444, show: () => '\n' },
  consoles: { mode: 0o444, show: (_t, k) => (k.devices.nodes.has('console') ? 'hvc0                 -W- (EC  p  )  229:0\n' : '') },
  cpuinfo: { mode: 0o444, show: showCpuinfo },
  devices: { mode: 0o444, show: (_t, k) => showDevices(k) },
  diskstats: { mode: 0o444, show: (_t, k) => showDiskstats(k) },
  execdomains: { mode: 0o444, show: () => '0-0\tLinux           \t[kernel]\n' },
  modules: { mode: 0o444, show: (_t, k) => k.modules.text },
  filesystems: { mode: 0o444, show: (_t, k) => [...k.filesystems.values()].map(f => `${f.nodev ? 'nodev' : ''}\t${f.name}\n`).join('') },
  interrupts: { mode: 0o444, show: () => '           CPU0       \n' },
  loadavg: { mode: 0o444, show: (_t, k) => showLoadavg(k) },
  locks: { mode: 0o444, show: (_t, k) => showLocks(k) },
  misc: { mode: 0o444, show: () => '' },
  mounts: { readlink: () => 'self/mounts' },
  net: { readlink: () => 'self/net' },
  partitions: { mode: 0o444, show: (_t, k) => showPartitions(k) },
  self: { readlink: t => String(t.process.pid) },
  stat: { mode: 0o444, show: (_t, k) => showStat(k) },
  'thread-self': { readlink: t => `${t.process.pid}/task/${t.tid}` },
  'tty/drivers': { mode: 0o444, show: (_t, k) => showTtyDrivers(k) },
  uptime: { mode: 0o444, show: (_t, k) => `${seconds(k.now())} ${seconds(cpuTimes(k).idle)}\n` },
  version: {
    mode: 0o444,
    show: () => `Linux version ${KERNEL_RELEASE} (kspace@kspace) (TypeScript) ${KERNEL_VERSION}\n`,
  },
};

function showCpuinfo(_t: unknown, k: Kernel): string {
  return k.machine.harts.map(hart => `processor\t: ${hart.id}\nhart\t\t: ${hart.id}\nisa\t\t: ${ISA}\nmmu\t\t: sv39\nuarch\t\t: kspace\n`
    + `mvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\nhart isa\t: ${ISA}\n\n`).join('');
}

function showDevices(k: Kernel): string {
  const rows = (kind: 'character' | 'block'): string => {
    const seen = new Set<string>();
    for (const range of k.devices.ranges) if (range.kind === kind) seen.add(`${String(range.major).padStart(3)} ${range.name}\n`);
    return [...seen].sort().join('');
  };
  return `Character devices:\n${rows('character')}\nBlock devices:\n${rows('block')}`;
}

/** ps(1) turns terminal numbers into names with this: prefix of the node, major, minors, type. */
function showTtyDrivers(k: Kernel): string {
  const rows: string[] = [];
  for (const { kind, major, firstMinor, count } of k.devices.ranges) {
    const tty = kind === 'character' ? TTY_DRIVERS[major] : undefined;
    if (tty === undefined) continue;
    const last = firstMinor + count - 1;
    const [name, node, type] = major === 5 ? ['/dev/tty', '/dev/tty', 'system:/dev/tty'] : tty;
    rows.push(`${name.padEnd(20)} ${node.padEnd(13)} ${String(major).padStart(3)} ${last > firstMinor ? `${firstMinor}-${last}` : firstMinor} ${type}\n`);
  }
  return rows.join('');
}

/** Majors of terminals (Documentation/admin-guide/devices.txt): driver, prefix of the node, type. */
const TTY_DRIVERS: Readonly<Record<number, readonly [name: string, node: string, type: string]>> = {
  4: ['serial', '/dev/ttyS', 'serial'],
  5: ['/dev/tty', '/dev/tty', 'system:/dev/tty'],
  136: ['pty_slave', '/dev/pts', 'pty:slave'],
  229: ['hvc', '/dev/hvc', 'system'],
};

function showLoadavg(k: Kernel): string {
  const running = k.sched.runnable + 1;
  return `${k.loadAverages.map(load => load.toFixed(2)).join(' ')} ${running}/${k.pids.tasks.size} ${k.pids.last}\n`;
}

/** One hart, so the line of all CPUs and that of the first are alike. */
function showStat(k: Kernel): string {
  const { user, system, idle } = cpuTimes(k);
  const cpu = `${ticks(user)} 0 ${ticks(system)} ${ticks(idle)} 0 0 0 0 0 0`;
  let blocked = 0;
  for (const task of k.pids.tasks.values()) if (task.state === 'D') blocked++;
  return `cpu  ${cpu}\ncpu0 ${cpu}\nintr 0\nctxt ${k.sched.switches}\nbtime ${k.clock.bootSeconds}\nprocesses ${k.pids.forks}\n`
    + `procs_running ${k.sched.runnable + 1}\nprocs_blocked ${blocked}\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n`;
}

/** Where the machine's time went: what processes used, their waited-for children included, and the rest. */
function cpuTimes(k: Kernel): { user: number; system: number; idle: number } {
  const { cpuUserNs: user, cpuSystemNs: system } = k;
  return { user, system, idle: Math.max(0, k.now() - user - system) };
}
