// Network interfaces in sysfs (Linux: Documentation/ABI/testing/sysfs-class-net): a directory for each, below its device or devices/virtual, and links to
// them in class/net. What can be written: mtu, flags, tx_queue_len (control.ts).
import { EINVAL } from '../../abi/errno.ts';
import { ETH_ALEN } from '../../abi/packet.ts';
import { IF_OPER_DOWN, IF_OPER_UP } from '../../abi/rtnetlink.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { formatAddress, type NetDevice } from '../../kernel/net/device/net-device.ts';
import { ueventLines } from '../../kernel/net/device/net-devices.ts';
import { addDirectory, addError, addLink, addText, linkTo, type SysNode } from './nodes.ts';

type Tree = Map<string, SysNode>;

/** What of struct rtnl_link_stats64 is never counted up. */
const ZEROS = [
  'collisions', 'rx_compressed', 'rx_crc_errors', 'rx_fifo_errors', 'rx_frame_errors', 'rx_length_errors', 'rx_missed_errors', 'rx_nohandler', 'rx_over_errors',
  'tx_aborted_errors', 'tx_carrier_errors', 'tx_compressed', 'tx_fifo_errors', 'tx_heartbeat_errors', 'tx_window_errors',
];

export function addInterfaces(tree: Tree, { net }: Kernel): void {
  addDirectory(tree, 'class/net');
  for (const d of net.devices.all()) addInterface(tree, d);
}

function addInterface(tree: Tree, d: NetDevice): void {
  const home = d.sysPath;
  const rows: Record<string, string | number> = {
    addr_assign_type: 0, addr_len: ETH_ALEN, address: formatAddress(d.address), broadcast: formatAddress(d.info.broadcast), carrier_changes: d.carrierChanges, dev_id: '0x0',
    dev_port: 0, ifalias: '', ifindex: d.index, iflink: d.index, link_mode: 0, netdev_group: 0, operstate: operstate(d), type: d.info.type,
    name_assign_type: d.isLoopback ? 2 : 1,
  };
  for (const [name, value] of Object.entries(rows)) addText(tree, `${home}/${name}`, String(value));
  // What only an interface that is up can say; lo has no speed at all.
  for (const [name, value] of [['carrier', d.carrier === 'on' ? '1' : '0'], ['dormant', '0'], ['speed', '-1'], ['duplex', 'unknown']] as const) {
    const isKnown = d.isUp && (name === 'carrier' || name === 'dormant' || !d.isLoopback);
    if (isKnown) addText(tree, `${home}/${name}`, value);
    else addError(tree, `${home}/${name}`, EINVAL);
  }
  addText(tree, `${home}/flags`, `0x${(d.flags & 0xffff).toString(16)}`, { action: 'net-flags', name: d.name });
  addText(tree, `${home}/mtu`, String(d.mtu), { action: 'net-mtu', name: d.name });
  addText(tree, `${home}/tx_queue_len`, String(d.txQueueLength), { action: 'net-queue', name: d.name });
  addText(tree, `${home}/uevent`, ueventLines(d).join('\n'), { action: 'uevent', name: home });
  addStatistics(tree, `${home}/statistics`, d);
  linkTo(tree, `${home}/subsystem`, 'class/net');
  if (d.info.parentPath !== '') addLink(tree, `${home}/device`, `../../../${d.info.parentPath.replace(/.*\//, '')}`);
  linkTo(tree, `class/net/${d.name}`, home);
}

function addStatistics(tree: Tree, home: string, { stats: s }: NetDevice): void {
  const rows: Record<string, number> = {
    multicast: s.multicast, rx_bytes: s.rxBytes, rx_dropped: s.rxDropped, rx_errors: s.rxErrors, rx_packets: s.rxPackets, tx_bytes: s.txBytes, tx_dropped: s.txDropped,
    tx_errors: s.txErrors, tx_packets: s.txPackets,
  };
  for (const name of ZEROS) rows[name] = 0;
  for (const [name, value] of Object.entries(rows)) addText(tree, `${home}/${name}`, String(value));
}

const operstate = ({ operstate: state }: NetDevice): string => (state === IF_OPER_UP ? 'up' : state === IF_OPER_DOWN ? 'down' : 'unknown');
